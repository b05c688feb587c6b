# The words people type. Each sets the environment up first, once: `make demo` and `make test` work on a fresh clone.
# Another interpreter: make test PYTHON=python3.12. Arguments for the command behind a target: make test ARGS="-k money".

PYTHON ?= python3
SHOP ?= shop
ARGS ?=

VENV := .venv
RUN := $(VENV)/bin/python
PIP := $(RUN) -m pip --disable-pip-version-check --no-input -qq
READY := $(VENV)/.ready

.DEFAULT_GOAL := help
.PHONY: help demo test test-long lint bench bench-mining bench-profiles bench-decide bench-serve bench-measure docs widget rows lock audit serve fmt clean

help:
	@echo "make demo        the demo shop: collected, learned, served; prints its links"
	@echo "make test        everything but the long tests"
	@echo "make test-long   the long tests, one suite at a time, resumable; results in benchmarks/results/long.tsv"
	@echo "make lint        ruff, mypy, import contracts, documentation tests"
	@echo "make bench       measure speed and memory on this machine"
	@echo "make bench-mining  pair counting beside other libraries, kept in a folder of their own (20 minutes)"
	@echo "make bench-decide    one decision and one page over a million relations, beside the array floor (20 minutes the first time)"
	@echo "make bench-serve     decisions and events over HTTP, recorded, beside bare servers and a service one writes oneself (5 minutes)"
	@echo "make bench-profiles  profiles of 60,000, 250,000 and 1,000,000 customers from their homes, one person whole (12 minutes)"
	@echo "make bench-measure   a report over 100,000, 1,000,000 and 10,000,000 decisions with the events beside (30 minutes the first time)"
	@echo "make docs        write the reference pages from the code"
	@echo "make widget      pack the browser's scripts for npm into dist/"
	@echo "make rows        all capabilities: shown, part, not yet"
	@echo "make serve       serve the shop in ./shop (another: SHOP=folder)"
	@echo "make fmt         format the code"
	@echo "make lock        resolve the dependencies again (newest: ARGS=--upgrade)"
	@echo "make audit       ask a public database about known holes in the locked dependencies (needs the network)"
	@echo "make clean       remove the environment and caches; shops stay"

# The stamp names the folder it was made in, is removed first and written last: an interrupted installation
# or a copied folder never looks ready, and is then built anew.
ifneq ($(shell cat $(READY) 2>/dev/null),$(CURDIR))
.PHONY: $(READY)
endif

$(READY): requirements/lock.txt pyproject.toml
	@$(PYTHON) -c '' 2>/dev/null || { \
	  echo "error: there is no '$(PYTHON)'. Run: apt-get install -y python3 python3-venv" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "error: crosslift needs Python 3.11 or newer and '$(PYTHON)' is $$($(PYTHON) --version 2>&1)." \
	       "Name a newer one: make PYTHON=python3.12 ..." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "error: '$(PYTHON)' cannot create environments. Run: apt-get install -y python3-venv" >&2; exit 1; }
	@if [ "$$(cat $@ 2>/dev/null)" = "$(CURDIR)" ]; then \
	  echo "[1/3] environment: keeping $(VENV)"; rm -f $@; \
	else \
	  echo "[1/3] environment: creating $(VENV) with $$($(PYTHON) --version)"; rm -f $@; $(PYTHON) -m venv --clear $(VENV); \
	fi
	@echo "[2/3] packages: installing those of requirements/lock.txt (a minute or two the first time)"
	@$(PIP) install --require-hashes -r requirements/lock.txt || { \
	  echo "error: the packages could not be installed; see above, then run the same command again" >&2; exit 1; }
	@echo "[3/3] crosslift: installing this folder"
	@$(PIP) install --no-deps --no-build-isolation -e .
	@printf '%s' "$(CURDIR)" > $@

demo: $(READY)
	@$(VENV)/bin/crosslift demo $(ARGS)

serve: $(READY)
	@$(VENV)/bin/crosslift --home $(SHOP) serve $(ARGS)

test: $(READY)
	@OPENBLAS_NUM_THREADS=1 $(RUN) -m pytest -m "not long" -n auto --dist worksteal $(ARGS)

test-long: $(READY)
	@$(RUN) tests/long.py $(ARGS)

lint: $(READY)
	$(RUN) -m ruff check .
	$(RUN) -m ruff format --check .
	$(RUN) -m mypy
	$(VENV)/bin/lint-imports
	$(if $(TESTED),,$(RUN) -m pytest tests/docs)

fmt: $(READY)
	@$(RUN) -m ruff check --fix --quiet . ; $(RUN) -m ruff format .

bench: $(READY)
	@$(RUN) -m benchmarks $(ARGS)

bench-mining: $(READY)
	@$(RUN) -m benchmarks mining --make-peers $(ARGS)

bench-profiles: $(READY)
	@$(RUN) -m benchmarks profiles $(ARGS)

bench-decide: $(READY)
	@$(RUN) -m benchmarks decide $(ARGS)

bench-measure: $(READY)
	@$(RUN) -m benchmarks measure $(ARGS)

bench-serve: $(READY)
	@$(RUN) -m benchmarks serve --make-peers $(ARGS)

docs: $(READY)
	@$(RUN) docs/generate.py
	@$(RUN) tests/acceptance/register.py --quiet --write docs/capabilities.md

widget:
	@$(PYTHON) widget/pack.py $(ARGS)

rows: $(READY)
	@$(RUN) tests/acceptance/register.py --write docs/capabilities.md

lock: $(READY)
	@$(PIP) install uv
	@$(RUN) -m uv pip compile --universal --python-version 3.11 --generate-hashes --group dev pyproject.toml \
	  --output-file requirements/lock.txt --quiet --no-emit-index-url --custom-compile-command 'make lock' $(ARGS)

audit: $(READY)
	@$(PIP) install pip-audit || { echo "error: pip-audit cannot be installed; it needs the network" >&2; exit 1; }
	@$(RUN) -m pip_audit --require-hashes --disable-pip --progress-spinner off -r requirements/lock.txt $(ARGS)

clean:
	@rm -rf $(VENV) .mypy_cache .ruff_cache .import_linter_cache .hypothesis build dist bench_tmp
	@find src tests benchmarks docs -name __pycache__ -type d -prune -exec rm -rf {} +
