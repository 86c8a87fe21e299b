"""What a console needs before its processes start. Each step can be done again, and says what to do where it fails."""

import contextlib
import fcntl
import hashlib
import io
import os
import traceback
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command

from console.operations.startup import Refused


def prepare(logs: Path) -> str:
    """Database, static files, first account, sample data. Returns what to tell of the account."""
    with _step("Bringing the database up to date", _database_advice(), logs):
        call_command("migrate", interactive=False, verbosity=0)
    with _step(
        "Collecting the static files", f"Make {settings.STATIC_ROOT} writable, with room in it.", logs
    ):
        collect_static()
    with _step("Making the first account", "Check SENDOFF_ADMIN_EMAIL and SENDOFF_ADMIN_PASSWORD.", logs):
        account = _first_account()
    advice = (
        f"Make {settings.WAREHOUSE_URL} writable, with room in it, or name another SENDOFF_WAREHOUSE_URL."
    )
    with _step("Loading the sample data", advice, logs):
        call_command("load_sample_data")
        call_command("load_sample_audience", stdout=io.StringIO())
        call_command("warehouse_maintenance", "--schedule", stdout=io.StringIO())
    return account


@contextlib.contextmanager
def _step(what: str, advice: str, logs: Path) -> Iterator[None]:
    try:
        yield
    except Exception as error:
        path = logs / "setup.log"
        with contextlib.suppress(OSError):  # a full disk is often the reason
            path.write_text("".join(traceback.format_exception(error)))
        reason = (str(error).strip() or type(error).__name__).splitlines()[0].rstrip(".")
        raise Refused(f"{what} failed: {reason}.\n{advice}\nThe whole error is in {path}.") from error


def _database_advice() -> str:
    database = settings.DATABASES["default"]
    if database["ENGINE"].endswith("sqlite3"):
        return f"{database['NAME']} has to be a database that this user can write, with room beside it."
    return (
        f"Check DATABASE_URL. The server at {database['HOST'] or 'localhost'}:{database['PORT'] or 5432} has to run, "
        f"have the database {database['NAME']}, and let its user create tables in it."
    )


def _first_account() -> str:
    """The e-mail and the password where it was just made up, else where they are kept."""
    told = io.StringIO()
    call_command("create_first_account", stdout=told)
    lines = told.getvalue().strip().replace("\n", "\n  ")
    kept = settings.DATA_DIR / "first-login.txt"
    if kept.exists():
        place = f"The first password is kept in {kept}." if "Password" not in lines else f"(kept in {kept})"
        return f"{lines}\n  {place}"
    return lines


def collect_static() -> None:
    """Fingerprints and compresses the static files, where any has changed since the last time."""
    root = Path(settings.STATIC_ROOT)
    root.mkdir(parents=True, exist_ok=True)
    stamp, fingerprint = root / "collected", _static_fingerprint()
    with open(root / "lock", "a") as lock:  # two consoles of one checkout may start together
        fcntl.flock(lock, fcntl.LOCK_EX)
        if stamp.exists() and stamp.read_text() == fingerprint:
            return
        call_command("collectstatic", interactive=False, verbosity=0)
        stamp.write_text(fingerprint)


def _static_fingerprint() -> str:
    digest = hashlib.sha256(settings.VERSION.encode())
    for finder in get_finders():
        for path, storage in finder.list([]):
            stat = os.stat(storage.path(path))
            digest.update(f"{path} {stat.st_size} {stat.st_mtime_ns}\n".encode())
    return digest.hexdigest()
