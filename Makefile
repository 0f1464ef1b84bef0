# The commands of the house. `make` alone lists them.
PORT ?= 8000
SECONDS ?= 60
VENV := .venv/bin
# The type checker reads Django's settings, which read a configuration: any will do.
SETTLED := RETROUVE_CONFIG=src/retrouve/demo RETROUVE_DATABASE_URL=sqlite:////nowhere/a.sqlite3 \
	RETROUVE_SMTP_URL=smtp://127.0.0.1:9 RETROUVE_BASE_URL=http://127.0.0.1:8000 \
	RETROUVE_SECRET_KEY=only-for-the-type-checker-kqzxwvjygb

.DEFAULT_GOAL := help
.PHONY: help demo demo-directories demo-reset test fuzz check format bench install

help: ## lists the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "make %-12s %s\n", $$1, $$2}'

demo: .venv/run.stamp ## serves the four portals on http://127.0.0.1:8000/ (PORT=… for another port)
	@$(VENV)/retrouve demo --port $(PORT)

demo-directories: .venv/run.stamp ## the same, with four populations in four directories: ours, a table, OpenLDAP, Samba AD (as root)
	@scripts/system-packages.sh directories
	@$(VENV)/retrouve demo --directories --port $(PORT)

demo-reset: ## forgets the demonstration's accounts and mails
	rm -rf .demo .demo-directories

test: .venv/dev.stamp ## runs every test, on SQLite then on PostgreSQL, then the four guides in Chromium
	@scripts/system-packages.sh
	@$(VENV)/python scripts/catalogue.py compile
	$(VENV)/python -m pytest -n 2 -m "not walk and not kill"
	RETROUVE_TEST_STORE=postgresql $(VENV)/python -m pytest -n 2 -m "store and not kill"
	$(VENV)/python -m pytest -n 2 -m "walk"
	RETROUVE_TEST_STORE=postgresql $(VENV)/python -m pytest -n 2 -m "walk and guide"
	$(VENV)/python -m pytest -m "kill"
	RETROUVE_TEST_STORE=postgresql $(VENV)/python -m pytest -m "kill"

fuzz: .venv/dev.stamp ## tries each reader of visitors' bytes for SECONDS (60), with atheris
	$(VENV)/python -m tests.fuzz.atheris -max_total_time=$(SECONDS)

check: .venv/dev.stamp ## formatter, linter, types, import contracts, templates, translations: no warning
	$(VENV)/ruff format --check .
	$(VENV)/ruff check .
	$(SETTLED) $(VENV)/mypy
	$(VENV)/lint-imports
	$(VENV)/djlint --check --lint --quiet src
	$(VENV)/python scripts/catalogue.py check
	$(VENV)/python scripts/configuration_page.py --check
	$(VENV)/python scripts/cases_page.py --check
	$(VENV)/python scripts/directories_page.py --check
	$(VENV)/python scripts/helpers_page.py --check
	$(VENV)/python scripts/certification_page.py --check

format: .venv/dev.stamp ## puts code and templates in their form
	$(VENV)/ruff format .
	$(VENV)/ruff check --fix .
	$(VENV)/djlint --reformat --quiet src

bench: .venv-bench/bench.stamp ## measures the CPU of a recovery, beside its hashes and django-allauth (ARGS=--json for a program)
	@.venv-bench/bin/python -m bench $(ARGS)

install: .venv/run.stamp ## installs the program into .venv

.venv/run.stamp: requirements/run.txt pyproject.toml
	@scripts/venv.sh run

.venv/dev.stamp: requirements/dev.txt pyproject.toml
	@scripts/venv.sh dev

.venv-bench/bench.stamp: requirements/bench.txt pyproject.toml
	@scripts/venv.sh bench .venv-bench
