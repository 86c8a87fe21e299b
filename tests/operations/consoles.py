"""What tests do with a console that `make run` has started."""

import contextlib
import sqlite3

import psutil
import psycopg
import requests

from tests.console_process import EMAIL, ConsoleProcess

SUBMIT = """
from console.accounts.models import User
from console.workbench import jobs
job = jobs.submit_sql(user=User.objects.get(), database="sample_datasets", type="presto", sql=sys.argv[1])
print(job.pk)
"""
SLOW = """SELECT count(*) FROM www_access a CROSS JOIN www_access b CROSS JOIN (SELECT * FROM www_access LIMIT 8) c
    WHERE (a.code * b.size + c.size) % 7 = 3"""


def submit(console: ConsoleProcess, sql: str = SLOW) -> str:
    """The new job's id."""
    return console.run(SUBMIT, sql).strip()


def state(console: ConsoleProcess, job: str) -> list[str]:
    """Status, stage, the worker's process, claims, rows."""
    asked = (
        f"SELECT status, stage, worker, claims, coalesce(rows, 0) FROM workbench_job WHERE id = {int(job)}"
    )
    status, stage, worker, claims, rows = ask(console, asked)
    return [str(status), str(stage), str(worker).rpartition(":")[2] or "0", str(claims), str(rows)]


def ask(console: ConsoleProcess, sql: str) -> tuple[object, ...]:
    """The row that the console's database answers, asked from outside: a Python of the console's takes seconds."""
    if url := console.environment.get("DATABASE_URL"):
        with psycopg.connect(url) as server:
            return server.execute(sql).fetchone() or ()
    with contextlib.closing(sqlite3.connect(console.data_dir / "sendoff.sqlite3", timeout=180)) as file:
        return file.execute(sql).fetchone() or ()


def log_in(url: str, password: str, email: str = EMAIL) -> requests.Session:
    """A browser's session; `is_logged_in` tells whether the password was right."""
    session = requests.Session()
    session.get(f"{url}/login/", timeout=180)
    form = {"username": email, "password": password, "csrfmiddlewaretoken": session.cookies["csrftoken"]}
    session.post(f"{url}/login/", form, headers={"Referer": url}, timeout=180)
    return session


def is_logged_in(session: requests.Session, url: str) -> bool:
    return bool(session.get(f"{url}/workbench/jobs/", allow_redirects=False, timeout=180).status_code == 200)


def is_ready(console: ConsoleProcess) -> bool:
    try:
        return bool(requests.get(f"{console.url}/readyz", timeout=180).status_code == 200)
    except requests.RequestException:
        return False


def family(console: ConsoleProcess) -> list[psutil.Process]:
    """Everything that `make run` has started, without itself."""
    found: list[psutil.Process] = psutil.Process(console.process.pid).children(recursive=True)
    return found


def named(console: ConsoleProcess, words: str) -> list[psutil.Process]:
    """Of the family those with `words` in their command, parents first."""
    return [process for process in family(console) if words in command_of(process)]


def gone(processes: list[psutil.Process]) -> bool:
    return not any(_lives(process) for process in processes)


def _lives(process: psutil.Process) -> bool:
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def command_of(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""
