# Every verb does its own set-up, and is quick when there is nothing left to set up.
.DEFAULT_GOAL := verbs
.PHONY: verbs demo test check format bench soak ui map words clean

# the first Python that really runs and is new enough; set-up says so when there is none
PYTHON ?= $(or $(shell for p in python3 python3.13 python3.12 python3.11; do \
  $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done),python3)
SETUP := $(PYTHON) scripts/setup.py
BIN := .venv/bin
ARGS ?=

verbs:  ## list the verbs
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo:  ## set everything up and open the seeded demo (ARGS="--port 8701")
	@$(SETUP) run ui
	@$(BIN)/wayfare demo $(ARGS)

test:  ## set everything up and run all tests (ARGS="tests/journey -k step")
	@$(SETUP) dev ui system
	@$(BIN)/pytest $(ARGS)

check:  ## format, lint, types and the laws of the house, in seconds
	@$(SETUP) dev
	@$(BIN)/ruff format --check --output-format concise . || { echo "make format mends the format"; exit 1; }
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@$(BIN)/pytest tests/house
	@$(BIN)/python -c "from pathlib import Path; from tests.house.laws import long_files; print(*long_files(Path()), sep='\n')"

format:  ## let ruff write the format and the mendable lint
	@$(SETUP) dev
	@$(BIN)/ruff check --quiet --fix-only .
	@$(BIN)/ruff format --quiet .

bench:  ## run the benchmarks, one after the other (BENCH=collect for one)
	@$(SETUP) dev
	@for one in benchmarks/$(or $(BENCH),*).py; do \
	  test -e "$$one" || { echo "there is no benchmark $$one"; exit 1; }; \
	  echo "== $$one"; $(BIN)/python "$$one" $(ARGS) || exit 1; done

soak:  ## run the long tests that `make test` leaves out
	@$(SETUP) dev ui system
	@$(BIN)/pytest -m soak $(ARGS)

ui:  ## build the pages into the package
	@$(SETUP) run ui

map:  ## draw the map in ARCHITECTURE.md anew
	@$(PYTHON) scripts/map.py

words:  ## write the pages' part of the catalogue anew, then check all of it
	@$(SETUP) dev
	@PYTHONPATH=src $(BIN)/python ui/scripts/words.py
	@$(BIN)/pytest tests/house/test_laws.py -k "catalogue or codes or values or said or pages"

clean:  ## remove what was built and installed here
	@rm -rf .venv dist build ui/node_modules ui/dist src/wayfare/ui/static .mypy_cache .ruff_cache .pytest_cache
