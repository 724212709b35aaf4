# Milepost: `make run` for a demo, `make test` and `make check` before a change goes in.
# PYTHON=python3.13 works in a virtual environment of its own, .venv-3.13.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

ifeq ($(origin PYTHON),undefined)
PYTHON := $(firstword $(foreach p,python3 python3.14 python3.13 python3.12 python3.11,$(shell \
  $(p) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $(p))) python3)
VENV ?= .venv
else
VENV ?= .venv-$(shell $(PYTHON) -c 'import sys; print("%d.%d" % sys.version_info[:2])')
endif
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
ARGS ?=

.PHONY: help
help: ## Show what there is to make
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1\t\2/p' Makefile | expand -t 14

.PHONY: run
run: $(VENV)/.installed ## Run the demo on http://localhost:8000 (PORT moves it); Ctrl-C stops it
	@exec $(BIN)/milepost demo $(ARGS)

.PHONY: fulfil
fulfil: $(VENV)/.installed ## Ship what the running demo owes, as a fulfilment house does
	@exec $(BIN)/python docs/examples/fulfilment/demo.py $(ARGS)

# The processes that tests start share compiled modules, whatever the caller thinks of those.
# Files go out as they are collected, whole: the longest are first, so no worker ends alone.
.PHONY: test
test: $(VENV)/.installed-dev ## Run every test, the browser's too (ARGS go to pytest)
	@CHROMIUM="$$(.ci/chromium)"; export CHROMIUM; unset PYTHONDONTWRITEBYTECODE; exec $(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder $(ARGS)

.PHONY: check
check: $(VENV)/.installed-dev ## Lint, format, types, import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

.PHONY: bench
bench: $(VENV)/.installed-dev ## Run the benchmarks; results go to bench/results/latest.json
	@exec $(BIN)/python -m bench $(ARGS)

.PHONY: reference
reference: $(VENV)/.installed-dev ## Remake docs/api.md from the API itself
	@WRITE_REFERENCE=1 $(BIN)/python -m pytest --quiet tests/web/api/test_reference.py

.PHONY: lock
lock: ## Remake both locks from pyproject.toml (ARGS=--upgrade takes the newest)
	@.ci/lock $(PYTHON) $(ARGS)

.PHONY: clean
clean: ## Remove virtual environments and caches; var/ with its database stays
	rm -rf .venv .venv-* dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(BIN)/python:
	@.ci/venv $(PYTHON) $(VENV)

# --no-compile: most modules of most libraries are never imported.
$(VENV)/.installed: requirements.lock pyproject.toml | $(BIN)/python
	@echo "Installing what Milepost needs into $(VENV) …"
	@$(PIP) install --no-compile --require-hashes -r requirements.lock
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.installed-dev: requirements-dev.lock $(VENV)/.installed
	@echo "Installing what its tests need into $(VENV) …"
	@$(PIP) install --no-compile --require-hashes -r requirements-dev.lock
	@touch $@
