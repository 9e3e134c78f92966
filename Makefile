# Every task of the house. `make` alone lists them.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help install install-runtime run demo test test-fast test-browser test-kill test-demo screens lint format messages bench-core bench-law bench-web upgrade \
        services-start services-stop clean

# Some images of Python set it. Each of the many processes of the tests would compile every module anew.
unexport PYTHONDONTWRITEBYTECODE

PYTHON ?= python3
BIN := .venv/bin
MANAGE := $(BIN)/python manage.py
# For instance: make test-fast PYTEST_ARGS="tests/audit -x"
PYTEST_ARGS ?=
CATALOGUES := $(wildcard locale/*/LC_MESSAGES/*.po)

help:  ## List what can be made
	@awk -F ':.*## ' '/^[a-z][a-z-]*:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# --- Installing. A stamp says what is installed; nothing is done when nothing changed. ---

install: $(BIN)/.installed-development $(BIN)/.compiled  ## Install everything for development and tests into .venv

install-runtime: $(BIN)/.installed-runtime $(BIN)/.compiled  ## Install what an installation needs, without tests and lint

# Ordered after the interpreter only: the folder's own time changes with every installation.
$(BIN)/python:
	@bash .ci/system-libraries --python "$(PYTHON)"
	$(PYTHON) -m venv --clear .venv

$(BIN)/.installed-runtime: requirements.txt .ci/system-libraries | $(BIN)/python
	@bash .ci/system-libraries
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(BIN)/.installed-development: requirements.txt requirements-dev.txt .ci/system-libraries | $(BIN)/python
	@bash .ci/system-libraries
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@ $(BIN)/.installed-runtime

# Message catalogues, with babel: no gettext programs are needed.
$(BIN)/.compiled: $(CATALOGUES) | $(BIN)/python
	@if [ -n "$(CATALOGUES)" ]; then $(BIN)/pybabel -q compile --domain django --directory locale; fi
	@touch $@

# --- Using ---

# For instance: make run RUN_ARGS="--port 8001"
RUN_ARGS ?=

run: install-runtime  ## Run everything on this machine, with example cases to work on; Ctrl-C ends it
	@exec $(MANAGE) --demo run $(RUN_ARGS)

demo: install-runtime  ## Show the whole way of a request, between two States, on this machine
	$(MANAGE) --demo demo

services-start: install-runtime  ## Keep the embedded PostgreSQL and Redis-protocol servers running
	$(BIN)/python -m mla.services start

services-stop:  ## Stop them
	$(BIN)/python -m mla.services stop

# --- Checking ---

test: test-fast test-browser test-kill test-demo  ## Run all tests

test-fast: install  ## Run the tests that kill no process and start no demonstration
	$(BIN)/python -m pytest -n 2 --dist worksteal $(PYTEST_ARGS)

test-browser: install  ## Run the tests in a browser: every page, the keyboard, one letter on both sides
	@bash .ci/system-libraries --browser
	$(BIN)/python -m pytest -m browser $(PYTEST_ARGS)

# pytest ends with 5 where no test carries the mark.
test-kill: install  ## Run the tests that kill real processes
	$(BIN)/python -m pytest -m kill $(PYTEST_ARGS) || [ $$? -eq 5 ]

test-demo: install  ## Run the tests of whole demonstrations
	$(BIN)/python -m pytest -m demo $(PYTEST_ARGS) || [ $$? -eq 5 ]

lint: install  ## Check format, style, types, layers, templates, migrations and settings
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy mla workflows manage.py
	$(BIN)/lint-imports
	@if [ -n "$$(find templates -name '*.html' -print -quit 2>/dev/null)" ]; then $(BIN)/djlint --lint --quiet templates; fi
	$(MANAGE) makemigrations --check --dry-run
	$(MANAGE) check --fail-level WARNING

format: install  ## Rewrite the sources in the agreed format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# The texts for the translators of docs/languages.md. `make messages ADD=pt_BR` begins a new language.
ADD ?=
BABEL := $(BIN)/python -m babel.messages.frontend -q

messages: install  ## Bring every text of the sources into the catalogues of locale/; ADD=pt_BR begins one
	@mkdir -p var
	$(BABEL) extract -F babel.toml --ignore-dirs ".* var docs tests examples locale" --project MLA --sort-by-file -o var/django.pot .
	@if [ -n "$(ADD)" ] && [ ! -e "locale/$(ADD)/LC_MESSAGES/django.po" ]; then \
		$(BABEL) init -D django -i var/django.pot -d locale -l "$(ADD)"; fi
	@if [ -n "$$(find locale -name '*.po' -print -quit)" ]; then \
		$(BABEL) update -D django -i var/django.pot -d locale --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date; fi
	@if [ -n "$$(find locale -name '*.po' -print -quit)" ]; then $(BABEL) compile -D django -d locale --statistics; fi

screens: install  ## Take pictures of every screen into docs/screens
	@bash .ci/system-libraries --browser
	$(BIN)/python -m pytest -m browser tests/browser/screens.py

# For instance: make bench-web BENCH_ARGS="--rows 1000 --rounds 20"
BENCH_ARGS ?=

bench-core: install-runtime  ## Measure acts, jobs and the audit chain
	$(MANAGE) bench_core

bench-law: install-runtime  ## Measure the legal basis and the check of contents for every pair of States
	$(MANAGE) bench_law $(BENCH_ARGS)

bench-web: install-runtime  ## Measure every list, a section and a save over HTTP, with 10,000 rows in each list
	$(MANAGE) bench_web $(BENCH_ARGS)

upgrade: install  ## Pin the newest releases that fit, in both requirement files; run `make test` after it
	$(BIN)/python .ci/upgrade.py requirements.txt requirements-dev.txt

clean:  ## Remove caches and compiled catalogues; data and .venv stay
	rm -rf .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis $(BIN)/.compiled
	find . -path ./.venv -prune -o -name __pycache__ -type d -exec rm -rf {} +
	find locale -name '*.mo' -delete
