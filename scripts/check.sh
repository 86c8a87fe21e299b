#!/bin/sh
# Everything that can be told without running the product. Goes on after a failure, and says which failed.
cd "$(dirname "$0")/.."
PATH="$PWD/.venv/bin:$PATH"
failed=""

run() {
  name=$1
  shift
  echo "== $name"
  "$@" || failed="$failed $name;"
}

# Settings as in production; the keys are made up for this check and used for nothing.
production() {
  env -u SENDOFF_DEBUG DATABASE_URL=sqlite://:memory: SENDOFF_BASE_URL=https://sendoff.example \
    SENDOFF_SECRET_KEY="$(python -c 'import secrets; print(secrets.token_urlsafe(50))')" \
    SENDOFF_ENCRYPTION_KEYS="$(python -c 'from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())')" \
    "$@"
}

export SENDOFF_DEBUG=1
run "format" ruff format --check --quiet .
run "lint" ruff check --quiet .
run "types" mypy
run "import contracts" lint-imports
run "migrations" env DATABASE_URL=sqlite://:memory: python manage.py makemigrations --check --dry-run
run "deployment settings" production python manage.py check --deploy --fail-level WARNING

if [ -n "$failed" ]; then
  echo "make check failed:$failed" >&2
  exit 1
fi
echo "make check: all passed"
