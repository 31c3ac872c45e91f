# `make` lists what there is to run. Every target sets up what it needs through .venv.
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV_VERSION := $(shell sed -n 's/^uv==\([0-9.]*\).*/\1/p' requirements.txt)
ARGS ?=
IMAGES := workloads/images

.PHONY: help
help:  ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sort | sed 's/:[^#]*## /\t/' | expand -t 12

$(VENV)/.installed: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "PYTHON=$(PYTHON) is older than 3.11; run make PYTHON=python3.11 (or newer)"; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet uv==$(UV_VERSION)
	$(BIN)/uv pip sync --quiet --compile-bytecode --python $(BIN)/python requirements.txt
	@# the wheels of the stacks' predictor, so that nothing after this needs a network
	@$(BIN)/python -c 'from components.streaming.lambda_package import *; \
	  build_zip(LambdaPlatform(architecture="arm64", python_version="3.13"))'
	@touch $@

.PHONY: sandbox
sandbox: $(VENV)/.installed  ## deploy to a local stand-in for AWS, train, stream, report; ARGS="--help" for the options
	@$(BIN)/python -m ops sandbox $(ARGS)

.PHONY: rehearse
rehearse: $(VENV)/.installed  ## run Airflow, MLflow and what they need without Docker; needs Postgres and Redis
	@$(BIN)/python -m ops rehearse $(ARGS)

.PHONY: test
test: $(VENV)/.installed  ## run every test and check
	@$(MAKE) --no-print-directory check
	@$(BIN)/python -m pytest $(ARGS)

.PHONY: check
check: $(VENV)/.installed  ## format, lint, types and import boundaries
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/python -m pytest -n 0 tests/test_boundaries.py

.PHONY: bench
bench: $(VENV)/.installed  ## measure what the README claims
	@$(BIN)/python -m benchmarks.training $(ARGS)
	@$(BIN)/python -m benchmarks.predictor $(ARGS)

.PHONY: docs
docs: $(VENV)/.installed  ## write docs/configuration.md again
	@$(BIN)/python -m ops config --markdown > docs/configuration.md

.PHONY: lock
lock: $(VENV)/.installed  ## resolve requirements.in to requirements.txt again
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --custom-compile-command 'make lock' \
	  requirements.in --output-file requirements.txt
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --custom-compile-command 'make lock' \
	  --no-annotate $(IMAGES)/airflow/requirements.in --output-file $(IMAGES)/airflow/requirements.txt
	@for image in mlflow workloads; do \
	  $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --custom-compile-command 'make lock' \
	    --no-annotate --constraint requirements.txt \
	    $(IMAGES)/$$image/requirements.in --output-file $(IMAGES)/$$image/requirements.txt; \
	done

.PHONY: clean
clean:  ## remove the environment, caches and everything built
	@rm -rf $(VENV) build .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
