"""What every bench stands on: a console of its own in a folder that is thrown away, and figures as ratios."""

import os
import resource
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.request import urlopen

import psutil

ROOT = Path(__file__).resolve().parent.parent


def prepare_environment() -> Path:
    """Points this process and its children at a data folder of their own. Call before Django is set up."""
    folder = Path(tempfile.mkdtemp(prefix="sendoff-bench-"))
    port = free_port()
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "console.settings",
        "SENDOFF_DATA_DIR": str(folder),
        "SENDOFF_PORT": str(port),
        "SENDOFF_BASE_URL": f"http://127.0.0.1:{port}",
        "SENDOFF_SECRET_KEY": secrets.token_hex(32),
        "SENDOFF_ENCRYPTION_KEYS": urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        "SENDOFF_LOG_LEVEL": "WARNING",
    }
    os.environ.pop("DATABASE_URL", None)
    return folder


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Console:
    """A running console: the processes that `make run` starts, on data of their own."""

    url: str
    folder: Path
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def peak_mb(self, name: str) -> float:
        """The largest resident size any process of this kind has had, in MB (Linux keeps the mark)."""
        parent = psutil.Process(self.processes[name].pid)
        return max(_high_water(process.pid) for process in [parent, *parent.children(recursive=True)])


@contextmanager
def console() -> Iterator[Console]:
    """Call after `django.setup()`."""
    from console.operations import startup

    manage("migrate", "--verbosity", "0")
    manage("collectstatic", "--noinput", "--verbosity", "0")
    running = Console(os.environ["SENDOFF_BASE_URL"], Path(os.environ["SENDOFF_DATA_DIR"]))
    port = running.url.rpartition(":")[2]
    commands = startup.commands("127.0.0.1", int(port))
    try:
        with (running.folder / "processes.log").open("a") as log:
            for name, command in commands.items():
                running.processes[name] = subprocess.Popen(
                    command, cwd=ROOT, start_new_session=True, stdout=log, stderr=log
                )
        wait_for(lambda: _answers(running.url))
        yield running
    finally:
        for process in running.processes.values():
            process.terminate()
        for process in running.processes.values():
            process.wait()


def manage(*arguments: str) -> None:
    subprocess.run([sys.executable, "manage.py", *arguments], cwd=ROOT, check=True)


def discard(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)


def wait_for(condition: Callable[[], object], seconds: float = 300, step: float = 0.02) -> None:
    until = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > until:
            raise TimeoutError("waited in vain")
        time.sleep(step)


def timed(work: Callable[[], object]) -> float:
    """Wall seconds of one call."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def own_peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _answers(url: str) -> bool:
    try:
        with urlopen(f"{url}/v3/system/server_status") as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def _high_water(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return 0.0
