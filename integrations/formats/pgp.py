"""A stream encrypted by gpg while it flows. Compression came before; gpg's own stays off."""

import os
import shutil
import subprocess
import threading
from collections.abc import Generator, Iterator
from contextlib import closing, suppress
from pathlib import Path

from integrations.errors import RefusedError
from integrations.formats import gpg, pgp_keys
from integrations.formats.blocks import Block
from integrations.formats.options import PgpOptions

_READ = 1 << 20


def encrypted(options: PgpOptions, blocks: Iterator[Block]) -> Generator[Block]:
    """Raises `SettingsError` where the key can't be used: it may have expired since the form took it."""
    subkey = pgp_keys.encryption_subkey(options.public_key, options.key_identifier)
    with gpg.home() as home:
        gpg.run(home, "--import", given=pgp_keys.normal(options.public_key))
        with closing(_Encryption(home, subkey.fingerprint, options.armor, blocks)) as running:
            yield from running.output()


class _Encryption:
    """A gpg process, a thread that feeds it and one that listens to what it says."""

    def __init__(self, home: Path, fingerprint: str, armor: bool, blocks: Iterator[Block]) -> None:
        self.home = home
        self.blocks = blocks
        self.rows = 0  # whose bytes gpg has taken
        self.failure: BaseException | None = None
        self.said: list[str] = []
        self.started = threading.Event()
        self.process = subprocess.Popen(
            _command(home, fingerprint, armor),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            pipesize=_READ,
        )
        self.threads = [threading.Thread(target=work, daemon=True) for work in (self._feed, self._listen)]
        for thread in self.threads:
            thread.start()

    def output(self) -> Generator[Block]:
        assert self.process.stdout is not None
        counted = 0
        self.started.wait()
        while data := os.read(self.process.stdout.fileno(), _READ):
            taken = self.rows
            yield Block(data, taken - counted)
            counted = taken
        for thread in self.threads:
            thread.join()
        if self.failure:
            raise self.failure
        if self.process.wait():
            raise self._refusal()
        yield Block(b"", self.rows - counted)

    def close(self) -> None:
        """Ends gpg, whatever it is doing: what it has written so far is no file."""
        self.process.kill()
        self.process.wait()
        for thread in self.threads:
            thread.join()
        for pipe in (self.process.stdout, self.process.stderr):
            if pipe:
                pipe.close()

    def _feed(self) -> None:
        pipe = self.process.stdin
        assert pipe is not None
        try:
            for block in self.blocks:
                _write(pipe.fileno(), block.data)
                self.rows += block.rows
        except BrokenPipeError:
            pass  # gpg has ended; it said why
        except BaseException as error:  # it belongs to the thread that reads the output
            self.failure = error
            self.process.kill()
        finally:
            with suppress(BrokenPipeError):
                pipe.close()

    def _listen(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.said.append(line.decode(errors="replace"))
            if b"BEGIN_ENCRYPTION" in line:
                # The key is read: from here on a worker that is killed leaves no folder behind.
                shutil.rmtree(self.home, ignore_errors=True)
                self.started.set()
        self.started.set()

    def _refusal(self) -> RefusedError:
        said = [line.removeprefix("[GNUPG:] ").strip() for line in self.said if line.startswith("[GNUPG:]")]
        return RefusedError(
            "gpg did not encrypt the file.",
            action="Check Public Key and Key Identifier in the export settings.",
            response="; ".join(said[-4:]) or f"exit code {self.process.returncode}",
        )


def _command(home: Path, fingerprint: str, armor: bool) -> list[str]:
    """`!` forces exactly this subkey; without it gpg chooses one by itself."""
    return gpg.command(
        home,
        *("--trust-model", "always", "--no-auto-check-trustdb", "--no-random-seed-file"),
        *("--compress-algo", "none", "--status-fd", "2"),
        *(["--armor"] if armor else []),
        *("--recipient", f"{fingerprint}!", "--encrypt"),
    )


def _write(descriptor: int, data: bytes) -> None:
    left = memoryview(data)
    while left:
        left = left[os.write(descriptor, left) :]
