# Everything below needs Python 3.11 or newer, make and git; it brings the rest into .venv by itself.
# A stamp is named after what was installed, so it is done again exactly when the lock or the project changes.
wanted := $(shell cat requirements.lock pyproject.toml | cksum | cut -d ' ' -f 1)
demo_stamp := .venv/installed-demo-$(wanted)
dev_stamp := .venv/installed-dev-$(wanted)
bin := .venv/bin

.PHONY: help demo test battery bench soak fuzz check

help: ## Show this
	@echo "make demo                  run the logistics demo with its dashboard; Ctrl-C ends it"
	@echo "make demo ARGS=--headless  run its workload alone and print a summary"
	@echo "make test                  check, then run every test (ARGS='-k words' for some)"
	@echo "make battery               what is long or hard on the machine: minutes (ARGS='-k words' for some)"
	@echo "make bench                 how fast all is, beside its peers: half an hour (ROWS='events steps' for some)"
	@echo "make soak                  one trouble after the other, audited; SEED=7 for the same ones, MINUTES=5;"
	@echo "                           then MEMORY_MINUTES=12 of steady work, and what each process held"
	@echo "make fuzz                  nonsense for the collector, ten minutes of it; MINUTES=60, SEED=7 for the same"
	@echo "make check                 linter, formatter, types, import contracts"

demo: $(demo_stamp) ## Run the demo
	@CAUSELINE_DIE_WITH_PARENT=1 exec $(bin)/causeline demo $(ARGS)

# On two cores three processes: a third of a test is waiting. Hundreds of tests start servers, browsers and workers, and
# what else the machine does holds one of them up now and then: what fails is tried once more, and shown with what went
# wrong; five tests at most.
test: check ## Check, then run every test
	@scripts/test-tools
	@$(bin)/python -m pytest -q -n 3 --dist worksteal --reruns 1 --max-suite-reruns 5 --rerun-show-tracebacks $(ARGS)

battery: $(dev_stamp) ## What is long or hard on the machine; the model of the bus elsewhere each time
	@BATTERY=long $(bin)/python -m pytest -q -n 2 -m battery $(ARGS)

bench: $(dev_stamp) ## How fast all is, beside its peers and its limits; BEFORE=folder compares with another checkout
	@$(bin)/python -m benchmarks $(if $(ROWS),--rows '$(ROWS)') $(if $(BEFORE),--before $(BEFORE)) $(if $(STORE),--store $(STORE)) $(ARGS)

soak: $(dev_stamp) ## Shipments and troubles for some minutes, and audits; then steady work, and what it holds of memory
	@$(bin)/python -m tests.end_to_end.soak --minutes $(or $(MINUTES),5) $(if $(SEED),--seed $(SEED))
	@$(bin)/python -m tests.end_to_end.memory --minutes $(or $(MEMORY_MINUTES),12)

# Atheris leads it where there is a package of that; a checkout without one makes nonsense by chance, and says so.
fuzz: $(dev_stamp) ## Nonsense for the collector for some minutes
	@$(bin)/python -c 'import atheris' 2>/dev/null || $(bin)/python -m pip install --quiet --disable-pip-version-check \
		--root-user-action=ignore --only-binary=:all: --constraint requirements.lock --editable '.[fuzz]' || true
	@$(bin)/python -m tests.collector.fuzz --minutes $(or $(MINUTES),10) $(if $(SEED),--seed $(SEED))

check: $(dev_stamp) ## Linter, formatter, types, import contracts
	@$(bin)/ruff check --quiet .
	@$(bin)/ruff format --quiet --check .
	@$(bin)/mypy --no-error-summary
	@$(bin)/mypy --no-error-summary causeline.py
	@said=$$($(bin)/lint-imports --no-logo 2>&1) || { echo "$$said"; exit 1; }
	@said=$$($(bin)/python -m pytest -q tests/test_architecture.py -k circle 2>&1) || { echo "$$said"; exit 1; }

# With the development tools the demo has all it needs, so that one never installs after the other. Older stamps go:
# going back to an older lock must install again.
$(demo_stamp):
	@test -e $(dev_stamp) || { scripts/setup collector,dashboard,samples && rm -f .venv/installed-*; }
	@touch $@

$(dev_stamp):
	@scripts/setup collector,dashboard,samples,dev
	@rm -f .venv/installed-*
	@touch $@
