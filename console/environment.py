"""Reads settings from the environment and fails loudly on a value it can't use."""

import os
from pathlib import Path
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured


def env(name: str, default: str = "") -> str:
    """The text of `name`; `NAME_FILE` may name a file that holds it, as containers mount secrets."""
    if path := os.environ.get(f"{name}_FILE"):
        return Path(path).read_text().strip()
    return os.environ.get(name, default)


def data_dir() -> Path:
    """SENDOFF_DATA_DIR, `var/` beside the code where it is not set."""
    return Path(env("SENDOFF_DATA_DIR", str(Path(__file__).resolve().parent.parent / "var"))).resolve()


def env_bool(name: str, default: bool = False) -> bool:
    value = env(name).strip().lower()
    if value == "":
        return default
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"0", "false", "no", "off"}:
        return False
    raise ImproperlyConfigured(f"{name} is {value!r}. Use 1 or 0.")


def env_int(name: str, default: int, *, minimum: int = 0) -> int:
    value = env(name).strip()
    if value == "":
        return default
    if not value.isdecimal() or int(value) < minimum:
        raise ImproperlyConfigured(f"{name} is {value!r}. Use a whole number from {minimum} up.")
    return int(value)


def env_list(name: str) -> list[str]:
    return [part.strip() for part in env(name).split(",") if part.strip()]


def env_url(name: str, default: str) -> str:
    """An address without a slash at its end; a bare host is meant as https."""
    value = env(name).strip().rstrip("/") or default
    url = value if "://" in value else f"https://{value}"
    if urlsplit(url).scheme not in {"http", "https"} or urlsplit(url).path:
        raise ImproperlyConfigured(f"{name} is {value!r}. Use an address such as {default}.")
    return url


def env_secret(name: str, *, debug_default: str, debug: bool) -> str:
    """A secret. Outside DEBUG there is no default: the process refuses to start without it."""
    value = env(name)
    if value:
        return value
    if debug:
        return debug_default
    raise ImproperlyConfigured(f"{name} is not set. `make run` makes one; in production set it yourself.")
