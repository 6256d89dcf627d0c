# `make book` and `make test` work on a machine with only Python 3.11 or newer, make and git.
# Everything they install goes into .tools (the pinned installer) and .venv (the locked environment).
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= python3
UV_VERSION := 0.13.9
# Installing by hash leaves no choice to the index; the interpreter is the reader's own.
export UV_PYTHON_DOWNLOADS := never
export UV_NO_PROGRESS := 1
export PYTHONWARNINGS ?= ignore::DeprecationWarning
BIN := .venv/bin

.PHONY: help setup book test test-slow crosscheck notebooks bench checks lint lock clean

help: ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

.tools/uv-$(UV_VERSION):
	@rm -rf .tools && $(PYTHON) -m venv .tools
	@.tools/bin/pip install --quiet --disable-pip-version-check "uv==$(UV_VERSION)"
	@touch $@

.venv/.ok: .tools/uv-$(UV_VERSION) requirements.lock pyproject.toml
	@start=$$(date +%s); \
	.tools/bin/uv venv --quiet --clear --python "$(PYTHON)" .venv; \
	.tools/bin/uv pip sync --quiet --python $(BIN)/python --require-hashes requirements.lock; \
	.tools/bin/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .; \
	touch $@; echo "[setup] $$(( $$(date +%s) - start )) s"

setup: .venv/.ok ## create .venv from the lock

book: .venv/.ok ## build the book into _build/html
	@$(BIN)/lonely build

test: .venv/.ok ## unit tests, then every notebook against its stored outputs
	@$(BIN)/pytest -q -n 2 -m "not slow and not crosscheck" tests
	@$(BIN)/pytest -q -n 2 --dist loadfile --nbval --nbval-current-env --nbval-cell-timeout=120 chapters

test-slow: .venv/.ok ## coverage simulations and other long checks
	@$(BIN)/pytest -q -n 2 -m slow tests

# Other programs need a place of their own: the analyst's environment never holds them. Both locks agree on
# what they share, so that the versions compared are those of the book.
.tools/crosscheck/.ok: .tools/uv-$(UV_VERSION) requirements.lock requirements-crosscheck.lock pyproject.toml
	@start=$$(date +%s); \
	.tools/bin/uv venv --quiet --clear --python "$(PYTHON)" .tools/crosscheck; \
	.tools/bin/uv pip sync --quiet --python .tools/crosscheck/bin/python --require-hashes \
	  requirements.lock requirements-crosscheck.lock; \
	.tools/bin/uv pip install --quiet --python .tools/crosscheck/bin/python --no-deps --no-build-isolation \
	  --editable .; \
	touch $@; echo "[crosscheck] $$(( $$(date +%s) - start )) s"

crosscheck: .tools/crosscheck/.ok ## second opinions: the tests beside svy, and beside Spark where Java is present
	@.tools/crosscheck/bin/pytest -q -m crosscheck tests

notebooks: .venv/.ok ## re-execute the chapters and normalise their stored outputs
	@$(BIN)/python -m lonely_analysis.book.notebooks

bench: .venv/.ok ## side-by-side timings, printed as ratios
	@$(BIN)/python -m benchmarks --out data/checks/benchmarks.csv
	@$(BIN)/python -m lonely_analysis.files

checks: .venv/.ok ## measure agreement with other programs and the coverage of intervals (half an hour)
	@$(BIN)/python tests/record.py agreement
	@$(BIN)/python tests/record.py coverage
	@$(BIN)/python -m lonely_analysis.files

lint: .venv/.ok ## style and types of names
	@$(BIN)/ruff check src tests benchmarks && $(BIN)/ruff format --check src tests benchmarks

lock: .tools/uv-$(UV_VERSION) ## resolve requirements.lock anew
	@.tools/bin/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --no-header \
	  pyproject.toml --extra book --extra polars --extra duckdb --extra dask \
	  --group build --group test --group lint --output-file requirements.lock

clean: ## remove what was built; the environment stays
	@rm -rf _build out .pytest_cache .hypothesis .ruff_cache
