# make serve    index corpus/ and serve it; prints the address
# make quick    ruff, mypy, and the tests that are neither slow nor need a browser
# make test     ruff, mypy, all tests that guard the product, and a check of the corpus's index
# make cluster  tests of an index in a cluster: three nodes of OpenSearch, started from its jars
# make nightly  all of these with many more random cases, other engines' faults and another Whoosh
# make semantic install the embedding model and PyTorch (6 GB) in build/semantic, and test with them
# make torture  attack an index for TORTURE minutes (60); prints each fault, and a table
# make lint     ruff, mypy, and bandit, which looks for weaknesses
# make lock     pin the versions that setup.cfg asks for, with hashes; versions pinned already stay
# make docs     the pages in docs/ as HTML, in build/docs
# make verify   index corpus/ in a temporary folder and check the index for errors
# make bench    Pilcrow beside SQLite FTS5; `python -m benchmarks` lists all benchmarks
# make clean    remove what make made (never the index: it holds the ids of issued links)
#
# Each target makes its own virtual environment and installs again only when setup.cfg or
# pyproject.toml has changed. Settings: PYTHON, HOST, PORT, and
#   TESTS=tests/search       only these tests
#   WORKERS=2                test processes; default: one more than cores, as tests of sites often
#                            wait
#   WHOOSH=whoosh3==3.54.0   another distribution of Whoosh, in an environment of its own; `make
#                            test` then runs only the tests that reach Whoosh

PYTHON ?= python3
HOST ?= 127.0.0.1
PORT ?= 8000
WORKERS ?= $(shell $(PYTHON) -c 'import os; print((os.cpu_count() or 1) + 1)')
WHOOSH ?=
TORTURE ?= 60
TESTS ?= $(if $(WHOOSH),$(WHOOSH_TESTS),)
WHOOSH_TESTS = $(addprefix tests/,store query segments search ingest)

VERSION := $(shell $(PYTHON) -c 'import sys; print("%d.%d" % sys.version_info[:2])')
VENV := .venv$(if $(WHOOSH),-$(firstword $(subst =, ,$(WHOOSH))))
BIN := $(VENV)/bin
RUNTIME := $(VENV)/runtime-$(VERSION)
TESTING := $(VENV)/testing-$(VERSION)
DOCUMENTING := $(VENV)/documenting-$(VERSION)
PYTEST = $(BIN)/python -m pytest --numprocesses $(WORKERS) --dist worksteal
AXE_CORE ?= node_modules/axe-core/axe.min.js
DAILY = not peers and not image and not cluster and not semantic
LOCKED := deploy/requirements.txt deploy/requirements-test.txt
METADATA := setup.cfg pyproject.toml $(LOCKED)
ALIKE := tests/cluster/test_equality.py tests/cluster/test_writing.py
PIP := $(BIN)/python -m pip -qq --disable-pip-version-check

# If set, each test process compiles every module again: a tenth of the time of `make test`.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help serve quick test cluster nightly torture semantic lint lock docs verify bench clean

help:
	@sed -n '/^$$/q;s/^# \{0,1\}//p' $(firstword $(MAKEFILE_LIST))

serve: $(RUNTIME)
	@exec $(BIN)/pilcrow serve --host $(HOST) --port $(PORT)

quick: lint
	@$(PYTEST) -m 'not slow and not browser and $(DAILY)' $(TESTS)

test: $(if $(WHOOSH),$(TESTING),lint $(AXE_CORE))
	@$(PYTEST) -m '$(DAILY)' $(TESTS)
	@$(check)
	@echo "tests on a cluster of OpenSearch were left out: make cluster" >&2

# One process, because all tests share three nodes. Needs a JDK and Maven.
cluster: $(TESTING)
	@$(BIN)/python -m pytest -m cluster tests/cluster

nightly: lint $(AXE_CORE)
	@NIGHTLY=1 $(PYTEST) -m 'not cluster and not semantic' $(TESTS)
	@$(check)
	@NIGHTLY=1 $(MAKE) --no-print-directory cluster
	@NIGHTLY=1 PILCROW_TEST_OPENSEARCH=3.9.0 $(BIN)/python -m pytest -m cluster $(ALIKE)
	@$(MAKE) --no-print-directory test WHOOSH=whoosh3==3.54.0
	@$(MAKE) --no-print-directory torture

torture: $(TESTING)
	@$(BIN)/python -m benchmarks.torture --minutes $(TORTURE)
	@NIGHTLY=1 $(BIN)/python -m pytest -q tests/webapp/test_crowd.py tests/webapp/test_jobs.py

semantic:
	@test -x build/semantic/bin/python || $(PYTHON) -m venv build/semantic
	@build/semantic/bin/pip install --quiet '.[semantic,test]'
	@build/semantic/bin/python -m pytest -q -m semantic tests/test_semantic_model.py

lint: $(TESTING)
	@{ $(bandit); } & bandit=$$!; $(BIN)/ruff check --quiet . && \
	$(BIN)/ruff format --check --quiet . && $(BIN)/mypy --no-error-summary && wait $$bandit

# Keeps pinned versions as long as setup.cfg allows them; delete the files first to get the newest.
lock:
	@$(PYTHON) -m venv --upgrade-deps $(VENV)-lock
	@$(VENV)-lock/bin/python -m pip -qq install uv
	@echo 'setuptools>=77' | $(call compile,deploy/requirements-test.txt,--extra test --extra cluster)
	@echo 'setuptools>=77' | $(call compile,deploy/requirements.txt,--constraints deploy/requirements-test.txt)
	@echo 'setuptools>=77' | $(call compile,deploy/requirements-cluster.txt,--extra cluster --constraints deploy/requirements-test.txt)

docs: $(DOCUMENTING)
	@$(BIN)/mkdocs build --quiet --config-file - < docs/mkdocs.yml
	@echo build/docs/index.html

verify: $(TESTING)
	@$(check)

# The accessibility rules that the tests check pages against, in a browser.
$(AXE_CORE):
	@npm install --prefix . --silent --no-save --no-audit --no-fund axe-core@4.14.1 >/dev/null || \
	echo "axe-core is missing, and the tests that need it are left out; install npm (on Debian:" \
	"apt install npm) or set AXE_CORE to the path of axe.min.js" >&2

bench: $(TESTING)
	@$(BIN)/python -m benchmarks.engines --engines pilcrow,fts5 --modes stem

clean:
	@rm -rf .venv .venv-* .opensearch node_modules build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Skipped: asserts (B101), which only help mypy and guard nothing, and random numbers (B311), which
# pick samples and waits, never secrets. bandit's output is shown only if it finds something.
define bandit
log=$$($(BIN)/bandit --quiet --skip B101,B311 --recursive indexer webapp 2>&1) || \
	{ echo "$$log" >&2; exit 1; }
endef

compile = $(VENV)-lock/bin/uv pip compile setup.cfg - $(2) --quiet --universal --python-version 3.10 \
	--generate-hashes --no-header --no-annotate --output-file $(1)

define check
folder=$$(mktemp -d) && trap 'rm -rf "$$folder"' EXIT && \
$(BIN)/pilcrow index corpus --index "$$folder" >/dev/null && $(BIN)/pilcrow verify --index "$$folder"
endef

# Makes the environment if there is none for this Python, then installs the versions pinned in file
# (2), with hashes. Without this file, or with another Whoosh, it installs the requirements of
# setup.cfg and its extra (1). They are read from setup.cfg so that the line that names Whoosh is
# replaced before installing: two distributions of Whoosh in one environment overwrite each other.
locked = $(if $(WHOOSH),,$(2))
define install
@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' || \
	{ echo "$(PYTHON) must be Python 3.10 or newer: make PYTHON=/path/to/python3" >&2; exit 1; }
@$(BIN)/python -c 'import pip, sys; sys.exit("%d.%d" % sys.version_info[:2] != "$(VERSION)")' \
	2>/dev/null || { \
	$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	echo "$(PYTHON) can't make environments; on Debian or Ubuntu: apt install python3-venv" >&2; \
	exit 1; }; \
	$(PYTHON) -m venv --clear $(VENV); }
@echo "installing into $(VENV) …" >&2
@$(if $(locked),:,$(PYTHON) .ci/requirements.py setup.cfg "$(WHOOSH)" $(1) > $(VENV)/requirements.txt)
@$(PIP) install $(if $(locked),--require-hashes --requirement $(2),--requirement $(VENV)/requirements.txt)
@$(PIP) install --no-deps $(if $(locked),--no-build-isolation) --editable .
@touch $(RUNTIME) $@
endef

$(RUNTIME): $(METADATA)
	$(call install,,deploy/requirements.txt)

$(TESTING): $(METADATA)
	$(call install,test,deploy/requirements-test.txt)

$(DOCUMENTING): $(METADATA)
	$(call install,docs)
