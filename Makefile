# Every target sets up what it needs by itself, once; `make help` lists them.
# ARGS goes to the command: make demo ARGS="--headless --out out/visit", make test ARGS="tests/kiosk -k config"
.DEFAULT_GOAL := help
.PHONY: help setup demo test faults check format backend bench fuzz lock clean

VENV := .venv/bin
ARGS ?=
# Two workers: the smallest machine this is run on has two cores. A file's tests stay on one worker, as devices do.
WORKERS ?= 2

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## /  make \1	/p' $(MAKEFILE_LIST) | expand -t 18

setup: ## system packages and .venv with the locked libraries; does nothing when all is there
	@deploy/setup.sh

demo: setup ## a whole visit on simulated devices, in a window (without a screen: pictures in out/demo)
	@if [ -n "$(ARGS)$$DISPLAY$$WAYLAND_DISPLAY" ]; then exec $(VENV)/kiosk demo $(ARGS); \
	else exec $(VENV)/kiosk demo --headless --out out/demo; fi

test: setup ## all tests
	@$(VENV)/python -m pytest -n $(WORKERS) --dist loadfile $(ARGS)

# Each is a kiosk that loses its power at one moment of a payment, and is started again: docs/payment.md.
# With fewer distinct ones than LEAST it fails; a part of the set (ARGS="-k decline") says LEAST=0.
CUTS ?= 29
LEAST ?= 2000
faults: setup ## more than two thousand power cuts in mid-payment, with every terminal there is (half an hour)
	@$(VENV)/python -m pytest -n $(WORKERS) --dist load tests/faults --power-cuts $(CUTS) --least-distinct $(LEAST) $(ARGS)

check: setup ## format, lint, types, the direction of imports, shell scripts
	@$(VENV)/ruff format --check .
	@$(VENV)/ruff check .
	@$(VENV)/mypy
	@$(VENV)/lint-imports
	@shellcheck -x .ci/run deploy/*.sh deploy/backend/*.sh deploy/backend/loket-backend && echo "shellcheck: no findings"

format: setup ## lay out the code as `make check` wants it
	@$(VENV)/ruff format .
	@$(VENV)/ruff check --fix .

backend: setup ## the municipal backend on this machine, with demo data
	@$(VENV)/python -m backend demo $(ARGS)

bench: setup ## measurements: a visit's machine time, reading a card beside eidenv, a payment, a ticket, the backend under load
	@$(VENV)/python -m tests.bench.visit
	@$(VENV)/python -m tests.bench.card
	@$(VENV)/python -m tests.bench.payment
	@$(VENV)/python -m tests.bench.ticket
	@$(VENV)/python -m tests.bench.backend
	@$(VENV)/python -m tests.bench.forecast
	@$(VENV)/python -m tests.bench.watch

fuzz: setup ## two million inputs for the card's decoder, guided by coverage (some minutes); ARGS="--runs N --seed N"
	@deploy/fuzz.sh $(ARGS)

lock: setup ## resolve pyproject.toml anew into requirements.lock
	@deploy/lock.sh

clean: ## remove all that was made here
	rm -rf .venv build out *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
