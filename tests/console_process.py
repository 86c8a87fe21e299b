"""A real console for the tests: what `make run` starts, on a free port and its own data."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType

ROOT = Path(__file__).resolve().parent.parent
EMAIL = "admin@example.com"
PASSWORD = "correct horse battery staple"
START_WITHIN = 300  # seconds; only ends a test that would hang, on a machine that does much else


class ConsoleProcess:
    """Use as a context manager, again for the next start. `url` answers, `text` is what this start printed."""

    command: tuple[str, ...] = (sys.executable, str(ROOT / "scripts" / "run.py"))
    has_own_session = False

    def __init__(self, folder: Path, **environment: str) -> None:
        self.data_dir = folder / "data"
        self.printed = folder / "printed"
        self.printed_before = 0
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = _clean_environment() | {
            "SENDOFF_DATA_DIR": str(self.data_dir),
            "SENDOFF_PORT": str(self.port),
            "SENDOFF_ADMIN_EMAIL": EMAIL,
            "SENDOFF_ADMIN_PASSWORD": PASSWORD,
            "SENDOFF_TD_DEFAULT_HOST": self.url,  # a blank API Hostname leads to no real service
            **environment,
        }

    def launch(self) -> subprocess.Popen[bytes]:
        with self.printed.open("ab") as output:
            self.printed_before = output.tell()
            return subprocess.Popen(
                self.command,
                cwd=ROOT,
                env=self.environment,
                stdout=output,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                start_new_session=self.has_own_session,
            )

    def __enter__(self) -> "ConsoleProcess":
        self.process = self.launch()
        self.wait_for("Ctrl-C stops it")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self, number: int = signal.SIGINT) -> int:
        """Its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(timeout=180)

    def run(self, code: str, *arguments: str) -> str:
        """What Python prints that runs beside the console, on its data and with its keys."""
        prelude = (
            f"import os, sys, django; sys.path.insert(0, {str(ROOT)!r})\n"
            "from console.environment import data_dir; from console.operations import secret_keys\n"
            "secret_keys.into_environment(data_dir())\n"
            "os.environ['DJANGO_SETTINGS_MODULE'] = 'console.settings'; django.setup()\n"
        )
        command = [sys.executable, "-c", prelude + code, *arguments]
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    @property
    def text(self) -> str:
        return self.printed.read_bytes()[self.printed_before :].decode(errors="replace")

    def wait_for(self, words: str) -> None:
        until = time.monotonic() + START_WITHIN
        while words not in self.text:
            if self.process.poll() is not None or time.monotonic() > until:
                self.stop(signal.SIGTERM)
                raise AssertionError(f"The console never said {words!r}. It said:\n{self.text}")
            time.sleep(0.1)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _clean_environment() -> dict[str, str]:
    ours = ("SENDOFF_", "DJANGO_", "DATABASE_URL")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)}
