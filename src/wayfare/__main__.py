"""`python -m wayfare` is the `wayfare` command."""

from wayfare.cli import main

main()
