# Everything starts here. `make run` to try mailgate, `make test` to test it, `make check` before a commit.

# The Debian packages whose servers tests/real runs. Empty (make test REAL_PACKAGES=) installs none; their tests skip.
REAL_PACKAGES ?= postfix dovecot-imapd dovecot-pop3d swaks curl rspamd spamassassin spamd clamav-daemon chromium chromium-driver
# The programs that only the benchmark runs, beside mailgate.
BENCH_PACKAGES ?= getmail6 fetchmail isync
ifdef CI
REAL_PACKAGES += systemd # for systemd-analyze, which judges the units
endif

PYTHON ?= $(shell for p in python3 /usr/bin/python3 python3.14 python3.13 python3.12 python3.11; do \
	"$$p" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$p" && break; done)
BIN := .venv/bin
PIP := .ci/retry $(BIN)/python -m pip --disable-pip-version-check -q
WORKERS ?= 2
ROUNDS ?= 1000
ADDRESS ?= support@help.example.com

.DEFAULT_GOAL := help
.PHONY: help run install test check lint packages bench bench-packages torture docs lock audit clean

help:
	@echo "make run      set everything up and run the daemon on 127.0.0.1:2525, with its data in ./var/"
	@echo "make test     install what the tests need (as root Debian packages too) and run them all"
	@echo "make check    formatting, lint, types, house rules, documents, tests: what the build server runs"
	@echo "make bench    measure, beside other programs"
	@echo "make torture  kill the daemon ROUNDS times (now $(ROUNDS)) and look whether anything is lost"
	@echo "make docs     write what is made from code: config.example.toml, docs/configuration.md, docs/commands.md"
	@echo "make lock     choose the newest versions of all dependencies"
	@echo "make audit    look for known faults in the locked dependencies"
	@echo "make clean    remove .venv and what was built; ./var/ stays"

define NEXT

The daemon starts on 127.0.0.1:2525; Ctrl-C ends it. In another terminal, in this folder, type

1. to send a first mail:

   python3 -c "import smtplib; smtplib.SMTP('127.0.0.1', 2525).sendmail('you@example.com', '$(ADDRESS)', 'From: You <you@example.com>\nTo: $(ADDRESS)\nSubject: The printer is on fire\n\nPlease come.\n')"

2. to see the ticket, and to answer it:

   $(BIN)/mailgate --config var/config.toml ticket list
   $(BIN)/mailgate --config var/config.toml ticket show 1
   $(BIN)/mailgate --config var/config.toml ticket reply 1 -m "We are on our way."

3. to see why it became one, and to look around:

   $(BIN)/mailgate --config var/config.toml message why 1
   $(BIN)/mailgate --help

endef
export NEXT

run: .venv/.runtime
	@$(BIN)/mailgate init --dir var --address $(ADDRESS) --listen 127.0.0.1:2525 --no-input > /dev/null
	@printf '%s\n' "$$NEXT"
	@exec $(BIN)/mailgate --config var/config.toml serve

install: .venv/.runtime

test: .venv/.dev packages
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup $(PYTEST_ARGS)

check: lint test

lint: .venv/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

packages:
	@.ci/packages $(REAL_PACKAGES)

bench-packages:
	@.ci/packages $(BENCH_PACKAGES)

bench: .venv/.dev packages bench-packages
	$(BIN)/python -m bench $(BENCH_ARGS)

torture: .venv/.dev
	MAILGATE_TORTURE_ROUNDS=$(ROUNDS) $(BIN)/python -m pytest tests/promises --timeout 0 $(PYTEST_ARGS)

docs: .venv/.runtime
	$(BIN)/python -m mailgate.config.example > config.example.toml
	$(BIN)/python -m mailgate.config.example markdown > docs/configuration.md
	$(BIN)/python -m mailgate_cli.reference > docs/commands.md

# Three lock files: what builds (pip, setuptools), what runs, what tests. All with hashes, so nothing else is installed.
.venv/.made: requirements-build.lock
	@test -n "$(PYTHON)" || { echo "No Python 3.11 or later with venv was found. On Debian: apt-get install python3-venv"; exit 1; }
	$(PYTHON) -m venv .venv
	$(PIP) install --require-hashes -r requirements-build.lock
	@touch $@

# pip's editable install puts an import hook in the way of every start; two plain paths do the same for nothing.
.venv/.runtime: .venv/.made requirements.lock pyproject.toml
	$(PIP) install --no-build-isolation --require-hashes -r requirements.lock
	PYTHONWARNINGS=ignore $(PIP) install --no-build-isolation --no-deps -e .
	@$(BIN)/python -c "import pathlib, sysconfig; site = pathlib.Path(sysconfig.get_path('purelib')); \
		[hook.unlink() for hook in site.glob('__editable__*mailgate*')]; \
		(site / 'mailgate.pth').write_text('$(CURDIR)\n$(CURDIR)/cli\n')"
	@$(BIN)/python -m compileall -q mailgate cli
	@touch $@

.venv/.dev: .venv/.runtime requirements-dev.lock
	$(PIP) install --no-build-isolation --require-hashes -r requirements-dev.lock
	@touch $@

COMPILE = CUSTOM_COMPILE_COMMAND="make lock" build/lock/bin/pip-compile --quiet --upgrade --generate-hashes --strip-extras \
	--allow-unsafe --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-emit-options

lock:
	$(PYTHON) -m venv build/lock
	build/lock/bin/python -m pip --disable-pip-version-check -q install pip-tools
	printf 'pip\nsetuptools>=77\nwheel\n' | $(COMPILE) -o requirements-build.lock -
	$(COMPILE) --extra all -c requirements-build.lock -o requirements.lock pyproject.toml
	$(COMPILE) --extra all --extra dev -c requirements.lock -o requirements-dev.lock pyproject.toml

audit:
	$(PYTHON) -m venv build/audit
	build/audit/bin/python -m pip --disable-pip-version-check -q install pip-audit
	build/audit/bin/pip-audit --disable-pip --require-hashes -r requirements.lock -r requirements-dev.lock

clean:
	rm -rf .venv build dist *.egg-info cli/*.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find mailgate cli tests bench -name __pycache__ -type d -prune -exec rm -rf {} +
