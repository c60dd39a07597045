"""The people room: who is it, and what is known of them."""
