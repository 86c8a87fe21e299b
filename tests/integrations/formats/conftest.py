"""Keys for the tests of PGP, made once: making one takes a while."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.integrations.formats.gpg_keys import PAST, KeyMaker


@dataclass
class Keys:
    maker: KeyMaker
    public: str
    primary: str  # fingerprint
    first: str  # two sound encryption subkeys
    second: str
    signing: str
    expired: str
    revoked: str


@pytest.fixture(scope="session")
def keys() -> Iterator[Keys]:
    maker = KeyMaker.make()
    try:
        primary = maker.primary("sound", now=PAST)
        first, second = maker.subkey(primary), maker.subkey(primary)
        signing = maker.subkey(primary, usage="sign")
        expired = maker.subkey(primary, expires="2021-01-01", now=PAST)
        revoked = maker.subkey(primary)
        maker.revoke_subkey(primary, 5)
        yield Keys(maker, maker.public(primary), primary, first, second, signing, expired, revoked)
    finally:
        maker.remove()
