"""One process that the supervisor keeps alive, with everything that it forks."""

import contextlib
import ctypes
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from console.operations.log_file import LogFile

SETTLED = 60.0  # seconds a process has to live until its earlier deaths are forgotten
LONGEST_DELAY = 30.0
LEVEL = re.compile(r"\b(DEBUG|INFO|WARNING|ERROR|CRITICAL)\b")
REPEAT = 60.0  # seconds in which the same warning is said once
LOUD = {"WARNING", "ERROR", "CRITICAL"}
Say = Callable[[str], None]


@dataclass
class Child:
    """`argv` in its own process group. Its output is in `log`; through `say` come its warnings, once a minute each."""

    name: str
    argv: Sequence[str]
    log: Path
    say: Say
    process: subprocess.Popen[str] | None = None
    deaths: int = 0
    due: float = 0.0  # monotonic; when it is to be started
    started: float = field(default=0.0, repr=False)
    said: dict[str, float] = field(default_factory=dict, repr=False)  # a warning -> when

    def start(self) -> None:
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            self.argv,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
            preexec_fn=_end_with_parent if sys.platform == "linux" else None,
        )
        threading.Thread(target=self._read, args=(self.process,), daemon=True).start()

    def tend(self) -> None:
        """Starts the process where it is due; where it has ended, ends its forks and sets a time."""
        if self.process is None:
            if time.monotonic() >= self.due:
                self.start()
        elif self.process.poll() is not None:
            self._bury(self.process)

    def ask_to_stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.terminate()

    def kill(self) -> None:
        """Ends the process and all that it forked, at once."""
        if self.process:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def age(self) -> float:
        """Seconds since it was last started."""
        return time.monotonic() - self.started

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def _bury(self, process: subprocess.Popen[str]) -> None:
        self.kill()
        self.deaths = 1 if self.age() > SETTLED else self.deaths + 1
        delay = min(2.0 ** (self.deaths - 1), LONGEST_DELAY)
        self.say(f"{self.name} ended ({_reason(process.returncode)}). Starting it again in {delay:g} s.")
        self.process, self.due = None, time.monotonic() + delay

    def _read(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        crashing = True  # what comes before the first log line; a traceback after one is only in the log
        file = LogFile(self.log)
        with contextlib.closing(file):
            for line in process.stdout:
                level = LEVEL.search(line[:80])
                crashing = crashing and not level
                if crashing or (level and level[0] in LOUD):
                    self._say_once(line.rstrip(), level.start() if level else 0)
                file.write(line)

    def _say_once(self, line: str, stamp: int) -> None:
        """Where the database is away, each process says so several times a second; `stamp` is the time's length."""
        now, text = time.monotonic(), line[stamp:]
        if now - self.said.get(text, -REPEAT) >= REPEAT:
            self.said = {old: at for old, at in self.said.items() if now - at < REPEAT} | {text: now}
            self.say(f"{self.name} | {line}")


def _reason(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"exit code {code}"


_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


def _end_with_parent() -> None:
    """Between fork and exec: the kernel sends TERM when the supervisor dies, however it dies."""
    assert _libc is not None
    _libc.prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG
