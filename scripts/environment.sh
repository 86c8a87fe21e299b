#!/bin/sh
# Makes .venv from the hashed lock file, once per lock. `environment.sh dev` adds what tests and checks need.
set -eu
cd "$(dirname "$0")/.."
lock=requirements.lock
[ "${1:-}" = dev ] && lock=requirements-dev.lock

stop() { printf '%s\n' "$@" >&2; exit 1; }

find_python() {
  for name in "${PYTHON:-}" python3.11 python3 python; do
    [ -n "$name" ] && "$name" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null || continue
    command -v "$name"
    return
  done
  stop "Sendoff needs Python 3.11, which is neither python3.11 nor python3 here." \
    "Install it, or name it: PYTHON=/path/to/python3.11 make run"
}

# One at a time, so that `make run` and `make test` may be started together.
if command -v flock >/dev/null; then
  exec 9<requirements.lock
  flock 9
fi

# Not only where .venv is missing: one that was left half-made, or whose Python is gone, is of no use.
if ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
  python=$(find_python)
  echo "Creating .venv with $python."
  "$python" -m venv --clear .venv || stop "Python's venv module failed. On Debian and Ubuntu: apt-get install python3.11-venv"
fi

stamp=".venv/$lock.installed"
if ! cmp -s "$lock" "$stamp"; then
  echo "Installing the packages of $lock. The first time takes a few minutes."
  .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps --only-binary :all: -r "$lock" ||
    stop "Installing the packages failed. What pip says is above."
  cp "$lock" "$stamp"
fi
