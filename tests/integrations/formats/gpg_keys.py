"""Keys made by the real gpg: sound ones, and every kind that must be refused."""

import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

PAST = "20200101T000000"


@dataclass
class KeyMaker:
    """A gpg home with the secret keys in it, so that what was encrypted can be read again."""

    home: Path

    @classmethod
    def make(cls) -> "KeyMaker":
        return cls(Path(tempfile.mkdtemp(prefix="keys-", dir="/tmp")))

    def gpg(self, *arguments: str, given: bytes = b"") -> bytes:
        command = ["gpg", "--homedir", str(self.home), "--batch", "--quiet", "--no-tty", "--pinentry-mode",
                   "loopback", "--passphrase", "", "--trust-model", "always", *arguments]  # fmt: skip
        return subprocess.run(command, input=given, capture_output=True, check=True).stdout

    def primary(self, name: str, *, usage: str = "sign", expires: str = "never", now: str = "") -> str:
        """Its fingerprint."""
        self.gpg(*_at(now), "--quick-generate-key", f"{name} <{name}@example.com>", "ed25519", usage, expires)
        return self._lines(name, "fpr")[0]

    def subkey(self, fingerprint: str, *, usage: str = "encr", expires: str = "never", now: str = "") -> str:
        """Its 16 digits."""
        algorithm = "cv25519" if usage == "encr" else "ed25519"
        self.gpg(*_at(now), "--quick-add-key", fingerprint, algorithm, usage, expires)
        return self._lines(fingerprint, "sub", 4)[-1]

    def revoke_subkey(self, fingerprint: str, number: int) -> None:
        answers = f"key {number}\nrevkey\ny\n0\n\ny\nsave\n".encode()
        self.gpg("--no-batch", "--command-fd", "0", "--edit-key", fingerprint, given=answers)

    def revoke(self, fingerprint: str) -> None:
        certificate = (self.home / "openpgp-revocs.d" / f"{fingerprint}.rev").read_text()
        self.gpg("--import", given=certificate.replace(":-----BEGIN", "-----BEGIN").encode())

    def public(self, *fingerprints: str) -> str:
        return self.gpg("--armor", "--export", *fingerprints).decode()

    def private(self, fingerprint: str) -> str:
        return self.gpg("--armor", "--export-secret-keys", fingerprint).decode()

    def decrypt(self, data: bytes) -> bytes:
        return self.gpg("--decrypt", given=data)

    def packets(self, data: bytes) -> str:
        return self.gpg("--list-packets", "--verbose", given=data).decode(errors="replace")

    def remove(self) -> None:
        subprocess.run(["gpgconf", "--homedir", str(self.home), "--kill", "gpg-agent"], check=False)
        shutil.rmtree(self.home, ignore_errors=True)

    def _lines(self, key: str, kind: str, field: int = 9) -> list[str]:
        listing = self.gpg("--with-colons", "--list-keys", key).decode()
        return [line.split(":")[field] for line in listing.splitlines() if line.startswith(f"{kind}:")]


def _at(now: str) -> list[str]:
    return ["--faked-system-time", now] if now else []
