# `make book` and `make test` work on a machine with only Python 3.11 or newer, make and git.
# Everything they install goes into .tools (the pinned installer) and .venv (the locked environment).
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= python3
UV_VERSION := 0.13.9
PIP_AUDIT_VERSION := 2.10.1
# Installing by hash leaves no choice to the index; the interpreter is the reader's own.
export UV_PYTHON_DOWNLOADS := never
export UV_NO_PROGRESS := 1
export PYTHONWARNINGS ?= ignore::DeprecationWarning
BIN := .venv/bin

.PHONY: help setup book offline browser test test-slow crosscheck fuzz notebooks reproduce audit bench checks lint lock clean

help: ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

.tools/uv-$(UV_VERSION):
	@rm -rf .tools && $(PYTHON) -m venv .tools
	@.tools/bin/pip install --quiet --disable-pip-version-check "uv==$(UV_VERSION)"
	@touch $@

# $(call environment,interpreter,folder,locks): the locked packages and this one, editable, in a place of their own.
define environment
	start=$$(date +%s); \
	.tools/bin/uv venv --quiet --clear --python "$(1)" $(2); \
	.tools/bin/uv pip sync --quiet --python $(2)/bin/python --require-hashes $(3); \
	.tools/bin/uv pip install --quiet --python $(2)/bin/python --no-deps --no-build-isolation --editable .; \
	echo "[setup] $$(( $$(date +%s) - start )) s"
endef

.venv/.ok: .tools/uv-$(UV_VERSION) requirements.lock pyproject.toml
	@$(call environment,$(PYTHON),.venv,requirements.lock); touch $@

setup: .venv/.ok ## create .venv from the lock

book: .venv/.ok ## build the book into _build/html
	@$(BIN)/lonely build

offline: book ## the built book as one zip file, to read without a network
	@$(BIN)/lonely offline

# Node and Chromium are not ours to install. Where they are absent this says so and is skipped; in CI it fails.
export CHROMIUM ?= /usr/bin/chromium
browser: offline ## every page in Chromium with the network closed, also from the zip file (needs Node)
	@if ! command -v npm > /dev/null || ! command -v "$(CHROMIUM)" > /dev/null; then \
	  echo "[browser] skipped: there is no npm or no $(CHROMIUM) here"; [ -z "$${CI:-}" ]; exit; \
	fi; \
	npm ci --prefix tests/browser --silent --ignore-scripts --no-audit --no-fund; \
	$(BIN)/pytest -q -m browser tests/browser; \
	node tests/browser/run.js _build/html --toc _toc.yml; \
	rm -rf _build/offline; $(BIN)/python -m zipfile -e _build/loneliness-book.zip _build/offline; \
	node tests/browser/run.js _build/offline/loneliness-book --toc _toc.yml --disk

test: .venv/.ok ## unit tests, then every notebook against its stored outputs
	@$(BIN)/pytest -q -n 2 -m "not slow and not crosscheck and not browser" tests
	@$(BIN)/pytest -q -n 2 --dist loadfile --nbval --nbval-current-env --nbval-cell-timeout=120 chapters

test-slow: .venv/.ok ## coverage simulations and other long checks
	@$(BIN)/pytest -q -n 2 -m slow tests

# Other programs need a place of their own: the analyst's environment never holds them. Both locks agree on
# what they share, so that the versions compared are those of the book.
.tools/crosscheck/.ok: .tools/uv-$(UV_VERSION) requirements.lock requirements-crosscheck.lock pyproject.toml
	@$(call environment,$(PYTHON),.tools/crosscheck,requirements.lock requirements-crosscheck.lock); touch $@

crosscheck: .tools/crosscheck/.ok ## second opinions: the tests beside svy, and beside Spark where Java is present
	@.tools/crosscheck/bin/pytest -q -m crosscheck tests

# Guided by atheris where the crosscheck environment has it (Linux), else by seeded random changes.
FUZZ_SECONDS ?= 60
fuzz: .tools/crosscheck/.ok ## hostile bytes for the readers, YAML files, conditions and formulas (FUZZ_SECONDS each)
	@.tools/crosscheck/bin/python tests/fuzz --seconds $(FUZZ_SECONDS)

notebooks: .venv/.ok ## re-execute the chapters and normalise their stored outputs (ONLY="03 how_we" for some)
	@$(BIN)/python -m lonely_analysis.book.notebooks $(ONLY)

# Each interpreter gets the same lock and must give what is stored, to the byte. PLAIN=1 asks the same of them with
# the arithmetic of a much older processor.
PYTHONS ?= python3.11 python3.12 python3.13
reproduce: .venv/.ok ## the same notebooks, survey, real results and ledger on every Python that is installed
	@$(BIN)/lonely claims --format json > .tools/claims.json
	@for python in $(PYTHONS); do \
	  "$$python" -c "" 2> /dev/null || { echo "[reproduce] no $$python here: not checked"; continue; }; \
	  place=.tools/$$(basename $$python); \
	  $(call environment,$$python,$$place,requirements.lock); \
	  echo "[reproduce] $$python"; \
	  $$place/bin/python tests/reproduce.py --ledger .tools/claims.json $(if $(PLAIN),--plain); \
	done

# Asks the public advisory database; --strict, so that a package it cannot answer for is no pass.
audit: .tools/uv-$(UV_VERSION) ## look the locked packages up among known vulnerabilities
	@.tools/bin/pip install --quiet --disable-pip-version-check "pip-audit==$(PIP_AUDIT_VERSION)"
	@.tools/bin/pip-audit --strict --disable-pip --require-hashes --requirement requirements.lock \
	  || { echo "[audit] no pass: the line above names a vulnerable package, or one that the database did not answer for"; exit 1; }

bench: .venv/.ok ## side-by-side timings, printed as ratios
	@$(BIN)/python -m benchmarks --out data/checks/benchmarks.csv
	@$(BIN)/python -m lonely_analysis.files

checks: .venv/.ok ## measure agreement with other programs and the coverage of intervals (half an hour)
	@$(BIN)/python tests/record.py agreement
	@$(BIN)/python tests/record.py coverage
	@$(BIN)/python -m lonely_analysis.files

lint: .venv/.ok ## style and types of names
	@$(BIN)/ruff check --no-cache src tests benchmarks && $(BIN)/ruff format --no-cache --check src tests benchmarks

lock: .tools/uv-$(UV_VERSION) ## resolve requirements.lock anew
	@.tools/bin/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --no-header \
	  pyproject.toml --extra book --extra polars --extra duckdb --extra dask \
	  --group build --group test --group lint --output-file requirements.lock

clean: ## remove what was built; the environment stays
	@rm -rf _build out .pytest_cache .hypothesis .ruff_cache
