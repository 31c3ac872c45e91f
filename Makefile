# `make` lists what there is to run. Every target sets up what it needs through .venv.
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ARGS ?=
FUZZ_SEED ?= $(shell date +%s)
IMAGES := workloads/images
LOCKS := requirements.txt lambda/requirements.txt tests/lambda/runtime/requirements.txt tests/workloads/images/aws/requirements.txt $(wildcard $(IMAGES)/*/requirements.txt $(IMAGES)/workstation/*/requirements.txt)
# Wheels alone, each by its hash: nothing that is installed runs code of its own on the way.
COMPILE = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --only-binary :all: \
  --custom-compile-command 'make lock'

.PHONY: help
help:  ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sort | sed 's/:[^#]*## /\t/' | expand -t 16

$(VENV)/.installed: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "PYTHON=$(PYTHON) is older than 3.11; run make PYTHON=python3.11 (or newer)"; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@# uv's own lines of the lock, hashes included
	@test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet --require-hashes \
	  --requirement <(sed -n '/^uv==/,/[^\\]$$/p' requirements.txt)
	$(BIN)/uv pip sync --quiet --require-hashes --only-binary :all: --compile-bytecode --python $(BIN)/python requirements.txt
	@# the wheels of the stacks' predictor, so that nothing after this needs a network
	@$(BIN)/python -c 'from components.streaming.lambda_package import *; \
	  [build_zip(LambdaPlatform(architecture=each, python_version="3.13")) for each in ("arm64", "x86_64")]'
	@# and for the predictor's tests what its runtime calls it with
	@[ "$$(uname)" != Linux ] || $(BIN)/uv pip install --quiet --require-hashes --only-binary :all: \
	  --python-version 3.13 --target build/lambda/runtime --requirements tests/lambda/runtime/requirements.txt
	@# and AWS's command line for those of the workstation's scripts, apart because it needs a botocore of its own
	@$(BIN)/uv pip install --quiet --require-hashes --only-binary :all: \
	  --python $(BIN)/python --target build/aws-cli --requirements tests/workloads/images/aws/requirements.txt
	@touch $@

.PHONY: sandbox
sandbox: $(VENV)/.installed  ## deploy to a local stand-in for AWS, train, stream, report; ARGS="--help" for the options
	@$(BIN)/python -m ops sandbox $(ARGS)

.PHONY: rehearse
rehearse: $(VENV)/.installed  ## run Airflow, MLflow and what they need in real containers, with faults; ARGS="--engine processes" without Docker
	@$(BIN)/python -m ops rehearse $(ARGS)

.PHONY: test
test: $(VENV)/.installed  ## run every test and check
	@$(MAKE) --no-print-directory check
	@$(BIN)/python -m pytest $(ARGS)

.PHONY: test-pages
test-pages: $(VENV)/.installed  ## test the admin GUI's pages in Chromium, which Debian's package chromium brings
	@TEST_PAGES=1 $(BIN)/python -m pytest -n 0 --timeout 900 tests/pages $(ARGS)

.PHONY: screenshots
screenshots: $(VENV)/.installed  ## make every page of the admin GUI in light and dark, into build/screenshots/
	@PYTHONPATH=.:lambda $(BIN)/python -m tests.pages.shots build/screenshots

.PHONY: fuzz
fuzz: $(VENV)/.installed  ## run the fuzz tests with inputs that no run had before; FUZZ_SEED=N repeats a run
	@echo "FUZZ_SEED=$(FUZZ_SEED)"
	@FUZZ_SEED=$(FUZZ_SEED) $(BIN)/python -m pytest --hypothesis-seed=$(FUZZ_SEED) $(ARGS) \
	  $$(grep -rl --include='test_*.py' FUZZ_SEED tests)

.PHONY: mutate
mutate: $(VENV)/.installed  ## change modules one place at a time, and see that a test notices; ARGS="lambda-s3 --sample 50" for less
	@$(BIN)/python -m tests.mutation $(ARGS)

.PHONY: check
check: $(VENV)/.installed  ## format, lint, types, imports and workflows
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo --no-cache
	@$(BIN)/zizmor --offline --quiet --strict-collection .github
	@$(BIN)/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml

.PHONY: bench
bench: $(VENV)/.installed  ## measure what the README claims
	@$(BIN)/python -m benchmarks.training $(ARGS)
	@$(BIN)/python -m benchmarks.predictor $(ARGS)

.PHONY: docs
docs: $(VENV)/.installed  ## generate Pulumi.yaml's schema, docs/configuration.md, docs/policies.md and the README's costs
	@$(BIN)/python -m ops config --write
	@$(BIN)/python -m ops policy --write
	@$(BIN)/python -m ops cost table --write

.PHONY: lock
lock: $(VENV)/.installed  ## resolve every requirements.in to its requirements.txt again; ARGS=--upgrade for newer versions
	@$(COMPILE) $(ARGS) requirements.in --output-file requirements.txt
	@$(COMPILE) $(ARGS) --no-annotate $(IMAGES)/airflow/requirements.in --output-file $(IMAGES)/airflow/requirements.txt
	@for image in admin automl mlflow workloads; do \
	  $(COMPILE) --no-annotate --constraint requirements.txt \
	    $(IMAGES)/$$image/requirements.in --output-file $(IMAGES)/$$image/requirements.txt; \
	done
	@$(COMPILE) --no-annotate --constraint requirements.txt \
	  $(IMAGES)/workstation/cpu/requirements.in --output-file $(IMAGES)/workstation/cpu/requirements.txt
	@# the others hold what comes on top of it
	@base=$(IMAGES)/workstation/cpu/requirements.txt; for each in torch tensorflow tensorflow-cuda; do \
	  $(COMPILE) $(ARGS) --no-annotate --constraint $$base $$(sed -nE 's/^([a-z0-9._-]+)==.*/--no-emit-package \1/p' $$base) \
	    $(IMAGES)/workstation/$$each/requirements.in --output-file $(IMAGES)/workstation/$$each/requirements.txt; \
	done
	@$(COMPILE) --no-annotate tests/lambda/runtime/requirements.in --output-file tests/lambda/runtime/requirements.txt
	@$(COMPILE) --no-annotate tests/workloads/images/aws/requirements.in --output-file tests/workloads/images/aws/requirements.txt
	@# without dependencies: of xgboost-cpu the predictor takes the native library alone
	@for folder in lambda $(IMAGES)/serving; do \
	  $(COMPILE) --no-annotate --no-deps --constraint requirements.txt $$folder/requirements.in --output-file $$folder/requirements.txt; \
	done

.PHONY: image-digests
image-digests:  ## write the digests that the base images' tags have now; needs docker buildx and the registries
	@ops/image-digests.sh

.PHONY: audit
audit: $(VENV)/.installed  ## look every locked package up in the OSV database of vulnerabilities
	@$(BIN)/python -c 'import httpx; httpx.get("https://api.osv.dev/v1/vulns/PYSEC-2014-14", timeout=20).raise_for_status()' 2> /dev/null \
	  || { echo "make audit: https://api.osv.dev cannot be reached from here; nothing was audited"; exit 3; }
	@found=0; for lock in $(LOCKS); do \
	  echo $$lock; PIP_AUDIT_LOGLEVEL=error $(BIN)/pip-audit --strict --vulnerability-service osv --disable-pip \
	    --require-hashes --requirement $$lock $(ARGS) || found=1; \
	done; exit $$found

.PHONY: sbom
sbom: $(VENV)/.installed  ## write a CycloneDX bill of materials of each lock to build/sbom/
	@mkdir -p build/sbom
	@for lock in $(LOCKS); do \
	  name=$$(basename $$(dirname $$lock)); [ $$name != . ] || name=program; \
	  PYTHONWARNINGS=ignore $(BIN)/cyclonedx-py requirements $$lock --pyproject pyproject.toml --output-reproducible \
	    --output-format JSON --output-file build/sbom/$$name.cdx.json; \
	done
	@ls build/sbom/*

.PHONY: clean
clean:  ## remove the environment, caches and everything built
	@rm -rf $(VENV) build .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
