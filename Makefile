# One command for each task of a developer or user. `make help` lists them.
.DEFAULT_GOAL := help
PYTEST := .venv/bin/python -m pytest
# Stories in real time that failed beside others, once more and alone: docs/decisions/0013-told-again-alone.md
AGAIN := $(PYTEST) --last-failed --last-failed-no-failures none

help: ## list these commands
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 26

run: ## install what is missing and start the hotline here (Ctrl-C ends it)
	@bin/setup
	@.venv/bin/hotline serve

demo: ## real SIP phones play an owner and two agents; then the console with two weeks of life to look at
	@bin/setup --test
	@.venv/bin/python -m phones.demo --look

check: ## format, lint, types, fast tests
	@bin/setup --test
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy
	$(PYTEST) -q tests/unit tests/flows

test: ## every test, on real Asterisk with real SIP phones and a real PostgreSQL
	@bin/setup --test
	$(PYTEST) -n 3 --dist loadfile tests/unit tests/flows tests/store tests/console
	$(PYTEST) -n 2 --dist loadfile tests/browser || $(AGAIN) tests/browser
	$(PYTEST) -n 5 --dist loadfile -m 'not crowd' tests/asterisk || $(AGAIN) -m 'not crowd' tests/asterisk
	$(PYTEST) -m crowd tests/asterisk || $(AGAIN) -m crowd tests/asterisk

bench: ## call rates and delays as ratios to pure dialplan; writes docs/performance.md
	@bin/setup --test
	.venv/bin/python -m tests.bench
	.venv/bin/python -m tests.bench.console

chaos: ## two hundred calls while programs are killed; first a build broken on purpose, which must fail
	@bin/setup --test
	.venv/bin/python -m tests.chaos --broken ticket-after-ringing --calls 40
	.venv/bin/python -m tests.chaos

reloads: ## fifty reloads while twenty talks go on; fails when one is dropped
	@bin/setup --test
	.venv/bin/python -m tests.chaos.reloads

attack: ## tries to get in and to call out, on loopback only; first builds with a door left open; writes docs/security.md
	@bin/setup --test
	.venv/bin/python -m tests.attack --broken all
	.venv/bin/python -m tests.attack --write

bench-store: ## scans and lists with a million closed tickets, compared with none; writes docs/performance.md
	@bin/setup --test
	.venv/bin/python -m tests.bench.store

storm: ## two schedulers killed at random over 5,000 due rows, then 10,000 in one minute; first broken builds
	@bin/setup --test
	.venv/bin/python -m tests.storm --broken no-compare-and-set --rows 600
	.venv/bin/python -m tests.storm --broken two-transactions --rows 600
	.venv/bin/python -m tests.storm
	.venv/bin/python -m tests.storm --rows 10000 --no-kills

bench-certainty: ## wake-ups while programs are killed; first builds broken on purpose; writes docs/performance.md
	@bin/setup --test
	.venv/bin/python -m tests.certainty --broken no-lease --wakeups 12 --kills 0
	.venv/bin/python -m tests.certainty --broken jobs-as-the-truth --wakeups 30 --kills 2 --seed 3
	.venv/bin/python -m tests.certainty --broken intent-after-dialling --wakeups 60 --kills 4 --seed 1
	.venv/bin/python -m tests.certainty --write
	.venv/bin/python -m tests.certainty --write --database postgresql
	.venv/bin/python -m tests.certainty --burst 300

lock: ## write both lock files from pyproject.toml (UPGRADE=--upgrade takes newer releases)
	.venv/bin/python -m pip install -q 'uv>=0.13'
	.venv/bin/uv pip compile $(LOCK) --extra setup -o requirements.lock
	.venv/bin/uv pip compile $(LOCK) --extra setup --extra test -c requirements.lock -o requirements-test.lock
LOCK := pyproject.toml -q $(UPGRADE) --generate-hashes --universal --python-version 3.11 --no-header --no-annotate \
	--no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock'

clean: ## delete .venv and var (configuration, recordings, tickets!) after asking
	@printf 'This deletes .venv and var, with all configuration, tickets and recordings. Type "yes": '; \
	read -r answer; [ "$$answer" = yes ] && rm -rf .venv var .mypy_cache .pytest_cache .ruff_cache || echo 'Nothing deleted.'

.PHONY: help run demo check test bench bench-store chaos reloads attack storm bench-certainty lock clean
