"""The console's own keys, made once. Read before Django's settings are, so nothing here imports them."""

import base64
import os
import secrets
from pathlib import Path

NAMES = ("SENDOFF_SECRET_KEY", "SENDOFF_ENCRYPTION_KEYS")


def into_environment(data_dir: Path) -> None:
    """Puts the kept keys into the environment, except those the operator has set there; makes missing ones.

    Losing this file means that stored secrets can't be read again, so it is written whole or not at all.
    """
    path = data_dir / "secrets.env"
    kept = _read(path)
    missing = [name for name in NAMES if name not in kept and not _is_set(name)]
    if missing:
        kept |= {name: _new(name) for name in missing}
        _write(path, kept)
    for name, value in kept.items():
        if not _is_set(name):
            os.environ[name] = value


def _is_set(name: str) -> bool:
    return bool(os.environ.get(name) or os.environ.get(f"{name}_FILE"))


def _new(name: str) -> str:
    if name == "SENDOFF_ENCRYPTION_KEYS":  # one key of the ring, in Fernet's form
        return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
    return secrets.token_urlsafe(50)


def _read(path: Path) -> dict[str, str]:
    if not path.exists():
        return {}
    lines = path.read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))


def _write(path: Path, kept: dict[str, str]) -> None:
    text = "# Back this file up together with the database: without it the saved authentications can't be read.\n"
    text += "".join(f"{name}={value}\n" for name, value in kept.items())
    draft = path.with_suffix(".draft")
    draft.unlink(missing_ok=True)
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
