"""The settings under test: a data folder that is thrown away, quick passwords, SQLite or PostgreSQL.

One test run owns `SENDOFF_TEST_DIR`; each xdist worker has its own folder in it, so two never meet.
"""

import os
import tempfile
from pathlib import Path

from tests import postgres

if "SENDOFF_TEST_DIR" not in os.environ:
    os.environ["SENDOFF_TEST_DIR"] = tempfile.mkdtemp(prefix="sendoff-tests-")
_data = Path(os.environ["SENDOFF_TEST_DIR"]) / os.environ.get("PYTEST_XDIST_WORKER", "main")
_data.mkdir(exist_ok=True)

# An operator's own settings must not steer the tests.
for _name in [name for name in os.environ if name.startswith("SENDOFF_") and "_TEST_" not in name]:
    del os.environ[_name]
os.environ.pop("DATABASE_URL", None)

_server: postgres.Server | None = None
if os.environ.get("SENDOFF_TEST_DATABASE") == "postgres":
    if (
        "SENDOFF_TEST_POSTGRES_URL" not in os.environ
    ):  # xdist workers find the one of the process that started them
        _server = postgres.start()
        os.environ["SENDOFF_TEST_POSTGRES_URL"] = _server.url
    os.environ["DATABASE_URL"] = os.environ["SENDOFF_TEST_POSTGRES_URL"]


def stop_postgres() -> None:
    if _server:
        _server.stop()


os.environ |= {"SENDOFF_DEBUG": "1", "SENDOFF_DATA_DIR": str(_data), "SENDOFF_LOG_LEVEL": "WARNING"}

from console.settings import *  # noqa: E402, F403

STATIC_ROOT = _data / "static"
STATIC_ROOT.mkdir(exist_ok=True)
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# A file, not memory: processes that a test starts must see the same rows.
if "DATABASE_URL" not in os.environ:
    DATABASES["default"]["TEST"] = {"NAME": str(_data / "test.sqlite3")}  # noqa: F405
