# Two commands: make demo, make test. Needs Python 3.11 or newer with venv, make and git.

PORT ?= 8000
DATA ?= $(or $(ASKARE_DATA),data)
# One more than the cores: a test that waits for its browser or for a lock leaves a core free.
JOBS ?= $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1)
VENV := .venv
PY := $(VENV)/bin/python
STAMP := $(VENV)/.askare-setup
BASE_PYTHON := $(shell for p in python3.11 python3.12 python3.13 python3; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)

.PHONY: help setup demo test test-long test-postgres lint browser ci messages

help:
	@echo "make demo [PORT=8000] [DATA=data]   the site with invented data on this machine"
	@echo "make test [JOBS=3] [ARGS=...]       all tests; browser tests when Chromium is found"
	@echo "make test-long                      races and random walks with all their rounds, both databases"
	@echo "make test-quick                     a third of them in a minute: no browsers, races, long ones"
	@echo "make test-postgres                  the same tests on PostgreSQL, without browser tests"
	@echo "make lint                           style, templates, types, layers, translations, dead code"
	@echo "make browser                        find or install Chromium for the browser tests"
	@echo "make messages                       collect the texts of the program into locale/"
	@echo "make ci                             what the build server runs"

setup: $(STAMP)

$(STAMP): pyproject.toml requirements/run.txt requirements/dev.txt requirements/uv.txt
	@test -n "$(BASE_PYTHON)" || { \
	  echo "STOP: Python 3.11 or newer was not found. On Debian: apt-get install python3 python3-venv"; exit 1; }
	@$(BASE_PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { \
	  echo "STOP: this Python has no venv. On Debian: apt-get install python3-venv"; exit 1; }
	@test -x $(PY) || $(BASE_PYTHON) -m venv $(VENV)
	@echo "Installing the packages …"
	@{ $(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt \
	   && $(VENV)/bin/uv pip install --quiet --system-certs --python $(PY) --require-hashes -r requirements/dev.txt; } \
	 || { echo "uv could not do it; trying pip, which is slower."; \
	      $(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt; }
	@$(PY) -m compileall -q -j 0 $(VENV)/lib >/dev/null 2>&1 || true
	@$(PY) tools/catalog.py --compile
	@touch $@

# Compiled texts are not in git; they follow the .po files.
CATALOGS := $(patsubst %.po,%.mo,$(wildcard locale/*/LC_MESSAGES/django.po))
$(CATALOGS): %.mo: %.po | $(STAMP)
	@$(PY) tools/catalog.py --compile

demo: $(STAMP) $(CATALOGS)
	@ASKARE_DATA="$(abspath $(DATA))" $(PY) manage.py demo --port $(PORT)

# Each test goes to the next worker that is free; tests/spread.py says which stay together.
SPREAD := -n $(JOBS) --dist loadgroup --durations=10

test: $(STAMP) $(CATALOGS)
	$(PY) -m pytest $(SPREAD) $(ARGS)

# One test at a time: each starts processes enough for all cores.
test-long: $(STAMP) $(CATALOGS)
	LONG=1 $(PY) -m pytest -n 0 --durations=10 -m long $(ARGS)
	LONG=1 $(PY) -m tests.postgres $(PY) -m pytest -n 0 --durations=10 -m "long and engine" $(ARGS)

# What --quick leaves out: tests/quick.py. MACHINE_CLOCK=2027-06-01T06:00+00:00 moves the date.
.PHONY: test-quick
test-quick: $(STAMP) $(CATALOGS)
	$(PY) -m pytest --quick $(SPREAD) $(ARGS)

test-postgres: $(STAMP) $(CATALOGS)
	$(PY) -m tests.postgres $(PY) -m pytest $(SPREAD) -m "not browser" $(ARGS)

# Separate goals, so that `make --keep-going lint` names everything that is wrong.
LINTS := lint-style lint-format lint-templates lint-styles lint-types lint-layers lint-texts lint-pins lint-docs lint-migrations lint-dead
.PHONY: $(LINTS)
lint: $(LINTS)
$(LINTS): $(STAMP)
lint-style: ; $(VENV)/bin/ruff check .
lint-format: ; $(VENV)/bin/ruff format --check --quiet . || { echo "Run: .venv/bin/ruff format ."; exit 1; }
lint-templates: ; $(VENV)/bin/djlint templates --lint --quiet && $(PY) tools/templates.py --check
lint-styles: ; $(PY) tools/styles.py --check
lint-types: ; $(VENV)/bin/mypy
lint-layers: ; $(VENV)/bin/lint-imports
lint-texts: ; $(PY) tools/catalog.py --check
lint-pins: ; $(PY) tools/requirements.py
lint-docs: ; $(PY) tools/guards_doc.py --check && $(PY) tools/data_model.py --check
lint-migrations: ; DJANGO_SETTINGS_MODULE=config.settings.test $(PY) manage.py makemigrations --check --dry-run
lint-dead: ; $(PY) tools/dead_code.py

messages: $(STAMP)
	$(PY) tools/catalog.py --update

browser: $(STAMP)
	@$(PY) -m tests.browser || { \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium; \
	  else $(VENV)/bin/playwright install chromium; fi; $(PY) -m tests.browser; }

ci:
	bash .ci/run
