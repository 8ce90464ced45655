# Every verb sets up what it needs: Python 3.11+ and make are all that a machine must have.

PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/.installed

export DAGSTER_DISABLE_TELEMETRY := 1

.DEFAULT_GOAL := help
.PHONY: help setup demo ui test truth soak faults lint format bench lock clean quota crashes older audit

help: ## Show what can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(INSTALLED) ## Create .venv and install the locked packages; does nothing if that is done

$(INSTALLED): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed, $(PYTHON) is %d.%d. Name another with: make PYTHON=python3.12 $(MAKECMDGOALS)" % sys.version_info[:2])'
	@echo "Installing the locked packages into .venv: a minute or two, once."
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
	@PYTHONWARNINGS=ignore $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

demo: setup ## Fill every table from the sandbox over HTTP, and ask DuckDB; a second time only what changed
	@$(BIN)/partner-assets demo

ui: setup ## Sandbox, Dagster's web UI and daemon on 127.0.0.1, until Ctrl-C
	@$(BIN)/partner-assets ui

test: setup ## Run every test
	@$(BIN)/python -m pytest

truth: setup ## The full-size comparison with the sandbox's truth: 30 days of 200 orders, a minute
	@$(BIN)/python -m pytest partner_assets_tests/test_truth.py -m campaign -n 0

soak: setup ## Twenty minutes of changes, outages and deaths of the daemon; then the lake against the truth
	@$(BIN)/python -m partner_assets_tests.soak

faults: setup ## Every fault at every endpoint, and all of them over a month of orders: half an hour, a table
	@$(BIN)/python -m partner_assets_tests.faults

crashes: setup ## Kill runs and writers beside a reader, 200 each, and replace files under it: an hour, tables
	@$(BIN)/python -m partner_assets_tests.crashes

lint: setup ## Check style and types
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

format: setup ## Rewrite the code in the project's style
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

quota: setup ## Four processes on one quota, and what disturbs them: six minutes, a table
	@$(BIN)/python -m partner_assets_tests.quota

older: setup ## Every view and macro asked with the oldest DuckDB that is promised, and compared
	@$(BIN)/python -m partner_assets_tests.older_duckdb

bench: setup ## Every benchmark, an hour; what came of them is in docs/performance.md
	@$(BIN)/python -m benchmarks

audit: setup ## Ask the Python advisory database about every locked package; the only verb that needs the network
	@$(BIN)/pip-audit --strict --disable-pip --require-hashes --requirement requirements.lock

lock: setup ## Pin anew what pyproject.toml allows, with hashes and without any index address
	@CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/pip-compile --quiet --extra dev --all-build-deps --upgrade \
		--output-file requirements.lock pyproject.toml

clean: ## Remove what was installed, the books of Dagster and the key of the sandbox; data/ stays
	rm -rf .venv .peers .older .bench .dagster .sandbox .hypothesis .mypy_cache .pytest_cache .ruff_cache
