# Every task of the house. `make` alone lists them.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help install install-runtime run demo test test-fast test-browser test-kill test-demo long-play many-overdue screens lint format messages catalogues bench-core bench-law bench-web bench-pdf verapdf upgrade \
        services-start services-stop clean

# Some images of Python set it. Each of the many processes of the tests would compile every module anew.
unexport PYTHONDONTWRITEBYTECODE

PYTHON ?= python3
BIN := .venv/bin
MANAGE := $(BIN)/python manage.py
# For instance: make test-fast PYTEST_ARGS="tests/audit -x"
PYTEST_ARGS ?=
CATALOGUES := $(wildcard locale/*/LC_MESSAGES/*.po workflows/documents/locale/*/LC_MESSAGES/*.po)

help:  ## List what can be made
	@awk -F ':.*## ' '/^[a-z][a-z-]*:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# --- Installing. A stamp says what is installed; nothing is done when nothing changed. ---

install: $(BIN)/.installed-development var/.compiled  ## Install everything for development and tests into .venv

install-runtime: $(BIN)/.installed-runtime var/.compiled  ## Install what an installation needs, without tests and lint

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
	@bash .ci/system-libraries --checkers
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@ $(BIN)/.installed-runtime

# Message catalogues, with babel: no gettext programs are needed.
# Beside the sources, not in .venv: two checkouts may share one.
var/.compiled: $(CATALOGUES) | $(BIN)/python
	@for home in locale workflows/documents/locale; do \
		if [ -n "$$(find $$home -name '*.po' -print -quit)" ]; then $(BIN)/pybabel -q compile --domain django --directory $$home || exit 1; fi; done
	@mkdir -p var && touch $@

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
	$(BIN)/python -m pytest -m browser -n 2 --dist loadscope $(PYTEST_ARGS)

# pytest ends with 5 where no test carries the mark.
test-kill: install  ## Run the tests that kill real processes
	$(BIN)/python -m pytest -m kill $(PYTEST_ARGS) || [ $$? -eq 5 ]

test-demo: install  ## Run the tests of whole demonstrations
	$(BIN)/python -m pytest -m demo $(PYTEST_ARGS) || [ $$? -eq 5 ]

# For instance: make long-play PLAYS=2000
PLAYS ?= 300

long-play: install  ## Play both sides with random acts and faults, thousands of steps; prints what was done
	PLAYS=$(PLAYS) $(BIN)/python -m pytest -p no:xdist -s tests/play

many-overdue: install  ## Ten thousand missed deadlines in one sweep: each told once, killed in the middle, two beats
	OVERDUE=10000 $(BIN)/python -m pytest -p no:xdist --durations=8 tests/tracking/test_many_overdue.py

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
ADD_LETTER ?=
BABEL := $(BIN)/python -m babel.messages.frontend -q

messages: install  ## Bring every text of the sources into the catalogues of pages and letters; ADD=pt_BR begins one for the pages, ADD_LETTER=it one for letters
	@mkdir -p var
	@$(MAKE) --no-print-directory catalogues FROM=babel.toml HOME_OF=locale ADD=$(ADD)
	@$(MAKE) --no-print-directory catalogues FROM=babel-letters.toml HOME_OF=workflows/documents/locale ADD=$(ADD_LETTER)

catalogues:  ## (part of messages) Bring the texts of FROM into the catalogues of HOME_OF
	@$(BABEL) extract -F $(FROM) --ignore-dirs ".* var docs tests examples locale" --project MLA --sort-by-file -o var/$(FROM).pot .
	@if [ -n "$(ADD)" ] && [ ! -e "$(HOME_OF)/$(ADD)/LC_MESSAGES/django.po" ]; then \
		$(BABEL) init -D django -i var/$(FROM).pot -d $(HOME_OF) -l "$(ADD)"; fi
	@if [ -n "$$(find $(HOME_OF) -name '*.po' -print -quit)" ]; then \
		$(BABEL) update -D django -i var/$(FROM).pot -d $(HOME_OF) --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date \
		&& $(BABEL) compile -D django -d $(HOME_OF) --statistics; fi

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

bench-pdf: install-runtime  ## Measure a letter's PDF beside WeasyPrint alone, its signature, and its way through Celery
	$(MANAGE) bench_pdf $(BENCH_ARGS)

# The validator that archives use is in no registry: unpack it from verapdf.org and say where.
VERAPDF ?= verapdf
verapdf: install-runtime  ## Run a veraPDF that you have (VERAPDF=/path/to/verapdf) on letters in every language
	@command -v $(VERAPDF) >/dev/null || { echo "no $(VERAPDF) here: make verapdf VERAPDF=/path/to/verapdf" >&2; exit 1; }
	@rm -rf var/verapdf && $(MANAGE) pdf_samples var/verapdf >/dev/null
	$(VERAPDF) --flavour 3a --format text var/verapdf/*.pdf
	$(VERAPDF) --flavour ua1 --format text var/verapdf/*.pdf

upgrade: install  ## Pin the newest releases that fit, in both requirement files; run `make test` after it
	$(BIN)/python .ci/upgrade.py requirements.txt requirements-dev.txt

clean:  ## Remove caches and compiled catalogues; data and .venv stay
	rm -rf .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis var/.compiled
	find . -path ./.venv -prune -o -name __pycache__ -type d -exec rm -rf {} +
	find locale -name '*.mo' -delete
