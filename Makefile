# Tocsin: what a person does with this repository. `make` alone says what there is.
PYTHON ?= python3
RUN = .venv/bin/python
unexport PYTHONDONTWRITEBYTECODE # hundreds of processes are started here: each would compile all that it imports
help: ## what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-14s %s\n", $$1, $$2 }' Makefile
setup: ## everything that the other verbs need; quick when nothing changed
	@$(READY) sh deploy/setup.sh $(PYTHON) requirements.lock
check: setup ## formatting, lint, import contracts, types
	.venv/bin/ruff format --check . && .venv/bin/ruff check . && .venv/bin/lint-imports
	@$(MAKE) --no-print-directory --jobs=2 READY=: mypy pyright
mypy pyright: setup
	PYRIGHT_PYTHON_GLOBAL_NODE=0 PYRIGHT_PYTHON_IGNORE_WARNINGS=1 .venv/bin/$@
test: check ## check, and every test, four parts at a time: those beside the others are shown when they are over
	@$(MAKE) --no-print-directory --jobs=4 READY=: beside-acceptance beside-kafka api beside-machines beside-rooms beside-people beside-detect
world: detect machines people api rooms ## the quick tests: all that need no Kafka
cluster: kafka acceptance ## the tests on the embedded Kafka
detect machines people api rooms kafka acceptance: setup
	$(if $(filter kafka acceptance,$@),,nice -n 3) $(RUN) -m pytest @tests/parts/$@ # who waits for others goes first
beside-%: setup
	@echo "$*: begun"; out=$$($(MAKE) --no-print-directory $* 2>&1); code=$$?; printf '%s\n' "$$out"; exit $$code
bench: setup ## measure; prints JSON
	$(RUN) -m tests.bench
bench-anomaly: setup ## measure the anomaly models against labelled series
	$(RUN) -m tests.bench anomaly
chaos: setup ## kill and pause everything under load, then compare with the World
	$(RUN) -m tests.chaos
happenings: setup ## make thirty things go wrong on a real gateway, and see which rule tells of each, and when
	$(RUN) -m tests.happenings
soak: setup ## the same for hours; goes on where it broke off
	$(RUN) -m tests.chaos --soak
up: ## Tocsin on this machine, with a demonstration; Ctrl-C ends it
	@sh deploy/setup.sh $(PYTHON) deploy/run.lock && $(RUN) -m api up
demo: ## the same, watching a real gateway that is installed for it
	@sh deploy/setup.sh $(PYTHON) deploy/run.lock && $(RUN) -m api demo
docs: setup ## draw the generated pages of docs/ anew
	$(RUN) -m tests.docs.drawing
lock: setup ## resolve all dependencies anew
	sh deploy/lock.sh
.PHONY: help setup check mypy pyright test world detect machines people api rooms kafka acceptance cluster bench bench-anomaly chaos happenings soak up demo docs lock
