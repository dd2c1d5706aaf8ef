# What a person or a machine does with this checkout. `make` or `make help` lists it.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.NOTPARALLEL:

PYTHON ?= python3
CHROMIUM ?= /usr/bin/chromium
export CHROMIUM

BIN := .venv/bin
STAMP := .venv/.set-up
NEEDED := chromium fonts-noto-core libpango-1.0-0 libpangoft2-1.0-0 gcc libc6-dev
DOCUMENTATION_TESTS = $(wildcard tests/docs tests/test_*_documented.py tests/test_no_machine_traces.py)

.PHONY: help
help: ## List what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: setup
setup: $(STAMP) ## Make .venv and install everything (again only when a requirements file has changed)

$(STAMP): requirements.txt requirements-dev.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed. Name it: make setup PYTHON=python3.11")'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

.PHONY: demo
demo: setup ## Make a database with invented cases and start the server on this machine
	$(BIN)/sop-engine demo

.PHONY: test
test: machine-ready setup check ## Run all checks and all tests but the slow ones
	$(BIN)/pytest -n 2 --dist loadscope --no-loadscope-reorder -m 'not slow' $(addprefix --ignore=,$(DOCUMENTATION_TESTS))

.PHONY: check
check: setup ## Check format, style, types, layers, documentation and known vulnerabilities
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
ifneq ($(DOCUMENTATION_TESTS),)
	$(BIN)/pytest -q $(DOCUMENTATION_TESTS)
endif
	$(BIN)/python tools/audit.py requirements.txt

.PHONY: format
format: setup ## Put the code into the project's format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

.PHONY: words
words: setup ## Bring the Nepali catalogue up to date and list words without Nepali (FROM=catalogue, pairs as JSON, or revision)
	$(BIN)/python tools/words.py $(FROM)

.PHONY: mutants
mutants: setup ## Tell which faults in the rules of a case the oracle and the properties notice (ONLY=word of a name)
	$(BIN)/python -m tests.mutants $(ONLY)

.PHONY: bench
bench: setup ## Measure the figures that the documentation states
	@if [ -d bench ]; then $(BIN)/python -m bench; else echo 'There is no bench/ yet: nothing to measure.'; fi

.PHONY: nightly
nightly: machine-ready setup check ## Run everything, the slow tests and the figures too
	$(BIN)/bandit --quiet --configfile pyproject.toml --recursive sop_engine web
	$(BIN)/pytest -n 2
	$(MAKE) bench

.PHONY: release
release: setup ## Build the wheel and the list of all packages in it (CycloneDX, sbom.json) into dist/
	$(BIN)/python -m build --wheel --no-isolation --outdir $(DIST)
	$(BIN)/cyclonedx-py requirements --output-reproducible --pyproject pyproject.toml --output-file $(DIST)/sbom.json requirements.txt

DIST = dist

.PHONY: requirements
requirements: setup ## Write the requirements files anew from pyproject.toml (UPGRADE=--upgrade takes newer releases)
	$(BIN)/pip-compile $(COMPILE) --output-file requirements.txt pyproject.toml
	$(BIN)/pip-compile $(COMPILE) --extra dev --constraint requirements.txt --output-file requirements-dev.txt pyproject.toml
	$(MAKE) setup

COMPILE = --quiet --generate-hashes --allow-unsafe --strip-extras --no-header --no-emit-index-url \
	--no-emit-find-links --no-emit-trusted-host --no-emit-options $(UPGRADE)

.PHONY: clean
clean: ## Remove caches and built packages (keeps .venv and the data of the demo)
	rm -rf build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis screenshots
	find . -name .venv -prune -o -name __pycache__ -type d -prune -exec rm -rf {} +

.PHONY: machine-ready
machine-ready:
	@test -x "$(CHROMIUM)" || { echo 'The tests drive a real Chromium, and there is none at $(CHROMIUM). Install what they need:'; \
		echo '    sudo apt-get install $(NEEDED)'; \
		echo 'or name another Chromium: make test CHROMIUM=/path/to/chromium'; exit 1; } >&2
	@test -x /usr/bin/cc || { echo 'The tests of power losses compile a small C file, and there is no /usr/bin/cc. Install what the tests need:'; \
		echo '    sudo apt-get install $(NEEDED)'; exit 1; } >&2
