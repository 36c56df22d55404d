# The commands of a developer; `make` alone lists them.

PYTHON ?= python3
PY := .venv/bin/python

help: ## List the commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-6s %s\n", $$1, $$2 }' Makefile

run: export DEBUG := 1
run: ## Start the newsroom on http://127.0.0.1:8000 (elsewhere: make run PORT=8001)
	@$(call install,requirements.txt)
	@$(PY) manage.py run

test: export DEBUG := 1
test: lint ## Check and test everything
	@$(PY) manage.py makemigrations --check --dry-run
	@$(in_production) $(PY) manage.py check --deploy --fail-level WARNING
	@$(PY) -m tests.browser.chromium
	@$(PY) -m pytest --numprocesses auto --maxprocesses 8

lint: ## Check the style of code and templates
	@$(call install,requirements-dev.txt)
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m djlint --lint --quiet templates
	@$(PY) -m djlint --check --quiet templates

bench: export DEBUG := 1
bench: ## Measure what is promised about speed
	@$(call install,requirements-dev.txt)
	@$(PY) -m bench

.PHONY: help run test lint bench

random = $$($(PY) -c 'import secrets; print(secrets.token_urlsafe(50))')
in_production = DEBUG=0 SECRET_KEY=$(random) CONFIDENTIAL_KEY=$(random) SUPPRESSION_KEY=$(random) \
	DATABASE_URL=postgres://localhost/newsroom SITE_URL=https://newsroom.example ALLOWED_HOSTS=newsroom.example

# Brings .venv up to what the file $(1) lists; does nothing if the file is the one installed last.
define install
want=$$(cat requirements.txt $(1) | cksum); \
if [ ! -x $(PY) ] || [ "$$(cat .venv/$(1).installed 2>&1)" != "$$want" ]; then \
	if [ ! -w . ] || { [ -e .venv ] && [ ! -w .venv ]; }; then \
		echo "This checkout belongs to another user. Use one of your own, or take it over with sudo chown -R." >&2; \
		exit 1; \
	fi; \
	if ! $(PY) -m pip --version >/dev/null 2>&1; then \
		"$(PYTHON)" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || \
			{ echo "Python 3.11, 3.12 or 3.13 is needed. Name one: make $@ PYTHON=python3.12" >&2; exit 1; }; \
		"$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null || \
			{ echo "Python's venv is missing. On Debian, as root: apt-get install python3-venv" >&2; exit 1; }; \
		echo "Making .venv ..."; \
		"$(PYTHON)" -m venv --clear .venv || exit 1; \
	fi; \
	echo "Installing what $(1) lists ..."; \
	$(PY) -m pip install --disable-pip-version-check -r $(1) || \
		{ echo "pip could not install $(1); its reason stands above." >&2; exit 1; }; \
	echo "$$want" > .venv/$(1).installed; \
fi
endef
