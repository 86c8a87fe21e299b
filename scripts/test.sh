#!/bin/sh
# Installs what only the tests need, then runs them: all on SQLite, those of the database again on PostgreSQL.
set -eu
cd "$(dirname "$0")/.."

has_postgres() { command -v postgres >/dev/null || ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1; }
has_chromium() { command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null; }

missing=""
has_chromium || missing="$missing chromium"
command -v gpg >/dev/null || missing="$missing gnupg"
command -v bzip2 >/dev/null || missing="$missing bzip2"
has_postgres || missing="$missing postgresql"

if [ -n "$missing" ]; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing$missing for the tests."
    # The tests start their own PostgreSQL server; the package must not start one.
    mkdir -p /etc/postgresql-common
    [ -e /etc/postgresql-common/createcluster.conf ] || echo "create_main_cluster = false" >/etc/postgresql-common/createcluster.conf
    apt-get update -qq
    # shellcheck disable=SC2086
    DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $missing fonts-dejavu-core >/dev/null
  else
    echo "The tests need these, and only root can install them with apt-get:$missing" >&2
    exit 1
  fi
fi

status=0
.venv/bin/python -m pytest -n 2 --dist loadgroup -q "$@" || status=$?
[ $# -eq 0 ] || exit $status
SENDOFF_TEST_DATABASE=postgres .venv/bin/python -m pytest -n 2 --dist loadgroup -q -m "both_databases" || status=$?
exit $status
