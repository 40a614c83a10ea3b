# The README's commands. A fresh machine with Python alone is enough: each sets up what it needs.
PYTHON ?= python3
BIN := .venv/bin
EXPLORER := $(wildcard explorer/*.js* explorer/src/* explorer/src/*/*)
# MKL rounds by where an array begins in memory, unless it is told not to; tests compare bits.
PYTEST := OMP_NUM_THREADS=1 MKL_CBWR=AUTO,STRICT $(BIN)/python -m pytest -n auto --dist worksteal

# Threads that wait must not spin: beside other work that takes a core from those who compute.
export OMP_WAIT_POLICY := passive

.PHONY: demo test check check-all reproduce bench docs clean

demo: .venv/user        ## set up, fit the digits, show the result
	$(BIN)/narrows fit digits --latent-dim 8 --out runs/demo-$$(date +%Y%m%d-%H%M%S) | tee runs/demo.txt
	@$(PYTHON) -m webbrowser -t "file://$$(pwd)/$$(tail -n 1 runs/demo.txt)" >/dev/null 2>&1 || true

test: check             ## what must pass before a change goes in: lint, types, tests and doctests
	$(PYTEST) -m "not slow" --doctest-modules tests src/narrows

check: .venv/dev        ## lint, format and types
	$(BIN)/ruff check src tests benchmarks examples docs/*.py
	$(BIN)/ruff format --check src tests benchmarks examples docs/*.py
	$(BIN)/mypy

check-all: test         ## and the full products of the contract test
	$(PYTEST) -m slow

reproduce: .venv/user   ## the lectures' quick table, in a few minutes
	rm -rf .venv/reproduce
	$(BIN)/narrows reproduce --quick --out .venv/reproduce

bench: .venv/bench      ## ours beside the others, in one run
	$(BIN)/python benchmarks/speed.py --rows 12800

docs: .venv/docs        ## build the documentation, warnings as errors
	$(BIN)/sphinx-build -W -q docs docs/_build

.venv/user: pyproject.toml constraints.txt hatch_build.py $(EXPLORER)
	$(PYTHON) -m venv .venv
	$(BIN)/pip install -q --disable-pip-version-check -c constraints.txt -e .
	@test -e src/narrows/explorer/explorer.js || echo "The live part of report.html is left out: npm could not be reached to build it."
	mkdir -p runs
	touch $@

.venv/%: .venv/user
	$(BIN)/pip install -q --disable-pip-version-check -c constraints.txt -e ".[$*]"
	touch $@

clean:
	rm -rf .venv explorer/node_modules src/narrows/explorer docs/_build dist build .mypy_cache .ruff_cache .pytest_cache
