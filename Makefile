# The commands of this project. `make` alone lists them.
#
# Everything is installed into .venv; nothing outside the project folder is changed. Stamps in .venv remember what
# is done, so that a second run starts at once.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

# Some machines forbid bytecode; every start of the program would then read all of its sources anew.
unexport PYTHONDONTWRITEBYTECODE

VENV ?= .venv
# The interpreter: the first of these that has a version with pinned wheels and can make environments. Override: make PYTHON=…
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python3.14 python; do \
	$$p -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info < (3, 15))' 2>/dev/null \
	&& command -v $$p && break; done)
# Options of the demonstration, for example: make demo DEMO_ARGS="--region kursk --role supervisor"
DEMO_ARGS ?=
# Options of pytest, for example: make test PYTEST_ARGS="tests/domain -x"
PYTEST_ARGS ?=
# QUICK=1 shortens the benchmarks to a check that they run; FRESH=1 makes anew what they keep between runs.
QUICK ?=
FRESH ?=
# Options of the benchmarks, for example: make bench BENCH_ARGS="--sizes 1000,1000000 keys search"
BENCH_ARGS ?=
# Test processes: two for each core, since they wait for half of their time; eight at most, for their memory.
WORKERS ?= $(shell n=$$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2); echo $$(( n < 4 ? 2 * n : 8 )))

BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -qq
SAY := @printf '\033[1m==>\033[0m %s\n'
CODE := cur_tui storage screens widgets regional_api tools tests bench setup.py
OIDC := tests/server/oidc
OPEN311 := tests/server/open311
PO := $(wildcard cur_tui/locale/*/*.po)

.PHONY: help demo test soak lint format bench bench-peers catalogues requirements install dev oidc open311 clean

help: ## list the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' \
	| while IFS=$$'\t' read -r name text; do printf '  make %-13s %s\n' "$$name" "$$text"; done

demo: install ## open the workstation on a living region (server and data included)
	$(SAY) "starting the demonstration: a regional server with invented data and the workstation beside it"
	@exec $(BIN)/cur demo $(DEMO_ARGS)

test: dev ## run the whole test suite
	$(SAY) "tests: domain, contract, cache, sync, server (SQLite; PostgreSQL where initdb is found), interface"
	$(SAY) "$(WORKERS) processes, usually 4 to 6 minutes; narrow with PYTEST_ARGS=\"tests/domain -x\""
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder $(PYTEST_ARGS)

soak: dev ## run the long forms of the tests that have one: thousands of simulated days, hundreds of kills
	$(SAY) "soak: simulation, kills, power cuts, hostile input; about an hour; narrow with PYTEST_ARGS=\"-k agrees\""
	@CUR_SOAK=1 $(BIN)/python -m pytest -n $(WORKERS) --dist load $(PYTEST_ARGS) \
		$$(grep -rlw --include='test_*.py' -e CUR_SOAK -e SOAK tests)

lint: dev ## check format, style and types (about a minute)
	$(SAY) "format of the code (ruff)"
	@$(BIN)/ruff format --check $(wildcard $(CODE))
	$(SAY) "style and likely bugs (ruff)"
	@$(BIN)/ruff check $(wildcard $(CODE))
	$(SAY) "types (mypy --strict), about a minute the first time"
	@$(BIN)/mypy

format: dev ## rewrite the code in the project's format
	@$(BIN)/ruff format $(wildcard $(CODE))
	@$(BIN)/ruff check --fix $(wildcard $(CODE))

bench: dev ## measure speed against the budgets (QUICK=1: three minutes; FRESH=1: prepare everything anew)
	$(SAY) "benchmarks$(if $(QUICK), (quick pass),: about forty minutes, and half an hour more the first time; keep the machine idle)"
	@$(if $(FRESH),rm -rf bench/kept,:)
	@QUICK=$(QUICK) $(BIN)/python -m bench $(BENCH_ARGS)

bench-peers: dev ## install the programs that the benchmarks compare with, into bench/installed
	$(SAY) "programs to compare with: several minutes; neomutt, aerc and wrk by apt-get, as root only"
	@$(BIN)/python -m bench.peers.install

oidc: $(OIDC)/node_modules/.stamp ## install the OpenID provider for the tests of single sign-on (node, npm; seconds)

open311: $(OPEN311)/node_modules/.stamp ## install the foreign Open311 client for its tests (node, npm; seconds)

catalogues: dev ## check and compile the translations (seconds)
	@$(BIN)/python -m tools.catalogue compile
	@$(BIN)/python -m tools.catalogue check

requirements: dev ## pin the dependencies anew with hashes (UPGRADE=1: newest allowed; minutes)
	$(SAY) "pinning requirements.txt and requirements-dev.txt: two to five minutes"
	@$(PIP) install 'pip-tools==7.6.2'
	@tools/requirements.sh $(BIN)/python

clean: ## remove the environment and everything that was built
	rm -rf $(VENV) $(OIDC)/node_modules $(OPEN311)/node_modules bench/kept bench/installed bench/out build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
	find cur_tui/locale -name '*.mo' -delete

# -- steps -------------------------------------------------------------------------------------------------

install: $(VENV)/.stamp-project $(VENV)/.stamp-catalogues
dev: $(VENV)/.stamp-dev install $(if $(shell command -v node && command -v npm),$(OIDC)/node_modules/.stamp $(OPEN311)/node_modules/.stamp)

$(BIN)/python:
	@if [ -z "$(PYTHON)" ]; then \
		echo "Python 3.11 to 3.14 with its venv module is needed, and none was found." >&2; \
		echo "Debian, Ubuntu: apt install python3-venv. Another interpreter: make PYTHON=/path/to/python3.11" >&2; \
		exit 1; fi
	$(SAY) "making the environment $(VENV) with $(PYTHON): a few seconds"
	@"$(PYTHON)" -m venv $(VENV)

$(VENV)/.stamp-requirements: requirements.txt | $(BIN)/python
	$(SAY) "installing the libraries by requirements.txt, hashes checked: usually about a minute"
	@$(PIP) install --require-hashes -r requirements.txt
	@touch $@

$(VENV)/.stamp-dev: requirements-dev.txt $(VENV)/.stamp-requirements
	$(SAY) "installing the tools for tests and checks: usually about a minute"
	@$(PIP) install --require-hashes -r requirements-dev.txt
	@touch $@

# A plain path entry ("compat") instead of the import hook: the hook costs every start of `cur` 10 ms.
$(VENV)/.stamp-project: pyproject.toml setup.py $(VENV)/.stamp-requirements
	$(SAY) "installing the project into the environment: a few seconds"
	@$(PIP) install --no-deps --no-build-isolation --no-index --config-settings editable_mode=compat --editable .
	@touch $@

# By the exact version in package.json; npm uses the registry that it is configured for, and nothing runs.
# Without it the tests of single sign-on are skipped, so that a machine without that registry can run the others.
$(OIDC)/node_modules/.stamp: $(OIDC)/package.json
	$(SAY) "installing the OpenID provider for the tests of single sign-on: usually seconds"
	@npm install --prefix $(OIDC) --no-package-lock --ignore-scripts --no-audit --no-fund --fetch-retries=1 --fetch-timeout=20000 --loglevel=error >/dev/null \
		&& touch $@ || echo "it could not be installed: the tests of single sign-on will be skipped" >&2

# In the same way; two dependencies of the client that cannot be installed lie beside it.
$(OPEN311)/node_modules/.stamp: $(OPEN311)/package.json
	$(SAY) "installing the Open311 client for its tests: usually seconds"
	@npm install --prefix $(OPEN311) --no-package-lock --ignore-scripts --no-audit --no-fund --fetch-retries=1 --fetch-timeout=20000 --loglevel=error >/dev/null \
		&& touch $@ || echo "it could not be installed: the tests with a foreign client of Open311 will be skipped" >&2

# A removed fragment changes the folder, not a file.
$(VENV)/.stamp-catalogues: $(PO) $(wildcard cur_tui/locale/*) $(VENV)/.stamp-requirements
	@$(BIN)/python -m tools.catalogue compile
	@touch $@
