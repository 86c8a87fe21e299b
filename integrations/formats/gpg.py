"""The real gpg, each time with a home folder of its own that is thrown away.

`--no-autostart`: without it every new home would leave a gpg-agent behind.
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from integrations.errors import SettingsError

_ALWAYS = ("--no-options", "--no-autostart", "--batch", "--quiet", "--no-tty")
_LONGEST_FOLDER = 60  # gpg refuses a home whose sockets' paths would pass about 100 characters


def program() -> str | None:
    """Where gpg is; None where it is not installed."""
    return shutil.which(os.environ.get("SENDOFF_GPG", "gpg"))


def command(home: Path, *arguments: str) -> list[str]:
    """Raises `SettingsError` where there is no gpg."""
    found = program()
    if found is None:
        raise SettingsError(
            "gpg is not installed on this server, so no file can be encrypted.",
            action="Ask the operator to install the package gnupg, or choose another value in Encoders.",
            field="compression",
        )
    return [found, "--homedir", str(home), *_ALWAYS, *arguments]


@contextmanager
def home() -> Iterator[Path]:
    usual = tempfile.gettempdir()
    folder = tempfile.mkdtemp(prefix="gpg-", dir=usual if len(usual) <= _LONGEST_FOLDER else "/tmp")
    try:
        yield Path(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def run(home: Path, *arguments: str, given: str) -> "subprocess.CompletedProcess[str]":
    """Runs to its end with `given` on stdin. The exit code is the caller's to judge."""
    return subprocess.run(
        command(home, *arguments),
        input=given,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
