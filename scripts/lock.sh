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
