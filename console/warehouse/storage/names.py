"""Which names are allowed, and the number that stands for a thing in the API."""

import hashlib

from console.warehouse.types import NAME, NAME_RULE, InvalidName


def check_name(name: str) -> None:
    if not NAME.fullmatch(name):
        raise InvalidName(f"{name!r} is not allowed as a name. {NAME_RULE}")


def number_of(identity: str) -> int:
    """A positive number below 2**53 that stands for a UUID: JavaScript can hold it exactly."""
    return int.from_bytes(hashlib.sha256(identity.encode()).digest()[:8], "big") >> 11 or 1
