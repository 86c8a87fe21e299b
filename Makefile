# make run      everything, on a machine with only Python 3.11
# make sandbox  the same beside stand-ins of the outside services, with data that is thrown away
# make test     all tests, on SQLite and PostgreSQL, in a real browser
# make check    format, lint, types, import contracts, migrations, deployment settings
# make bench    the numbers of the README, as ratios

MAKEFLAGS += --no-print-directory
.PHONY: run sandbox test check bench

run:
	@sh scripts/environment.sh
	@exec .venv/bin/python scripts/run.py

sandbox:
	@sh scripts/environment.sh
	@exec .venv/bin/python scripts/sandbox.py

test:
	@sh scripts/environment.sh dev
	@sh scripts/test.sh

check:
	@sh scripts/environment.sh dev
	@sh scripts/check.sh

bench:
	@sh scripts/environment.sh dev
	@.venv/bin/python -m bench
