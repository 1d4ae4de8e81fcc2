# Needs GNU make 3.81 (the one that macOS ships) or newer.
PYTHON := .venv/bin/python
LOCK := pip compile pyproject.toml --quiet --universal --generate-hashes --no-header --no-annotate \
	--no-emit-index-url --python-version 3.11

UNITS := tests/domain tests/views tests/operations tests/storage tests/effects tests/intake tests/worker
# What coverage leaves out, in addition to random examples: long walks, long waits, and the other database.
UNCOVERED := postgresql or no_click or no_input or every_state or poolers or killed or heaps or backups or hosts
PACKAGES := bot/domain bot/views bot/operations bot/effects bot/intake bot/listeners bot/settings_file bot/worker storage

.PHONY: help sandbox sandbox-reset setup run test check coverage mutants bench chaos transcript guide pictures lock manifest migration

help:
	@echo "make sandbox        run a local Slack workspace with the bot in it (PORT=… sets the port)"
	@echo "make sandbox-reset  delete everything in the sandbox"
	@echo "make setup          connect a real workspace: asks for its tokens, checks them and saves them in .env (URL=https://… for HTTP mode)"
	@echo "make run            run Muster in the workspace that .env or the environment names (see docs/settings.md)"
	@echo "make test           run every test; ARGS goes to pytest, e.g. ARGS='-k sqlite'"
	@echo "make check          run the linters, and check types, the direction of imports and the deployment files"
	@echo "make bench          measure performance against its goals, e.g. with ARGS='--only acks --rounds 1'"
	@echo "make chaos          break things and write the results to docs/faults.md, e.g. with ARGS='--only 429 --dry'"
	@echo "make transcript     write docs/transcript.md: a whole incident, as its channel shows it"
	@echo "make guide          build the guide from docs/ in .guide; fails if a link leads nowhere"
	@echo "make pictures       take every picture of the guide again, from the sandbox"
	@echo "make coverage       run the unit tests and show how much of each package they cover"
	@echo "make mutants        change the rules that matter most in small ways, and list the changes that no test notices: up to an hour, ARGS=bot/domain/outbox/retry.py tries one file"
	@echo "make manifest       write manifest.yml, the link in README.md, and docs/slack-app.md from the tables in the code"
	@echo "make migration      draft the next revision of the database, named by m='what it does'"
	@echo "make lock           pin the dependencies of pyproject.toml; ARGS=--upgrade updates them"

sandbox:
	@.ci/environment requirements-sandbox.txt
	@exec $(PYTHON) app.py --sandbox

sandbox-reset:
	@rm -rf .sandbox

setup:
	@.ci/environment requirements.txt
	@exec $(PYTHON) app.py --setup $(URL)

run:
	@.ci/environment requirements.txt
	@exec $(PYTHON) app.py

test:
	@.ci/environment requirements-dev.txt
	@$(PYTHON) -m tests.support.chromium
	@$(PYTHON) -m tests.support.pgbouncer
	@$(PYTHON) -m pytest $(ARGS)

coverage:
	@.ci/environment requirements-dev.txt
	@$(PYTHON) -m pytest -q $(UNITS) -m "not hypothesis" -k "not ($(UNCOVERED))" --cov=bot --cov=storage --cov-branch --cov-report=
	@for package in $(PACKAGES); do \
		printf '%-20s %3s %%\n' $$package \
			"$$($(PYTHON) -m coverage report --format=total --include="$$package/*")"; \
	done

# Nothing waits for this, so it runs at the lowest priority.
mutants:
	@.ci/environment requirements-dev.txt
	@nice -n 19 $(PYTHON) -m tests.mutants $(ARGS)

check:
	@.ci/environment requirements-dev.txt
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m mypy
	.venv/bin/lint-imports --no-cache
	.venv/bin/hadolint Dockerfile
	.venv/bin/yamllint --strict --config-file deploy/yamllint.yaml .github compose.yaml deploy manifest.yml
	.venv/bin/kubernetes-validate --strict --quiet deploy/kubernetes/*.yaml

bench:
	@.ci/environment requirements-dev.txt
	@$(PYTHON) -m tests.bench $(ARGS)

chaos:
	@.ci/environment requirements-dev.txt
	@$(PYTHON) -m tests.chaos $(ARGS)

transcript:
	@.ci/environment requirements-dev.txt
	@$(PYTHON) -m tests.transcript

guide:
	@.ci/environment requirements-dev.txt
	@$(PYTHON) -m sphinx -E -n -W --keep-going -q docs .guide
	@echo "Open .guide/index.html."

pictures:
	@.ci/environment requirements-dev.txt
	@$(PYTHON) -m tests.support.chromium
	@$(PYTHON) -m tests.browser.pictures

manifest:
	@.ci/environment requirements.txt
	@$(PYTHON) -m bot.cli.manifest manifest.yml README.md docs/slack-app.md

migration:
	@test -n "$(m)" || { echo "make migration needs m='what it does'." >&2; exit 2; }
	@.ci/environment requirements.txt
	@$(PYTHON) -m storage.migrations "$(m)"

# Each lock file includes the previous one with the same versions, so all of them fit into one environment.
lock:
	@command -v uv >/dev/null || { echo "make lock needs uv on the PATH." >&2; exit 1; }
	uv $(LOCK) $(ARGS) --output-file requirements.txt
	uv $(LOCK) $(ARGS) --extra sandbox --constraint requirements.txt --output-file requirements-sandbox.txt
	uv $(LOCK) $(ARGS) --extra sandbox --extra dev --constraint requirements-sandbox.txt \
		--output-file requirements-dev.txt
