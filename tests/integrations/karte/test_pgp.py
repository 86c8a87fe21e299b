"""Encrypted files, which never come out the same twice: what arrives is what was spooled, and decrypts."""

import gzip
from collections.abc import Iterator
from typing import Any

import pytest

from integrations.connectors.karte.delivery import deliver
from integrations.connectors.karte.encoding import encode
from integrations.connectors.karte.export import ExportForm
from integrations.connectors.karte.resumable import UNIT
from tests.integrations.formats.gpg_keys import KeyMaker
from tests.integrations.karte.conftest import carry_out, make_file, make_rows, make_settings
from tests.integrations.ledger import Dead, Kept, MemoryLedger
from tests.standins.gcs import BUCKET, Fault, StandIn

NAME = "dir/example.csv.gz.pgp"


@pytest.fixture(scope="module")
def keys() -> Iterator[KeyMaker]:
    maker = KeyMaker.make()
    yield maker
    maker.remove()


@pytest.fixture(scope="module")
def encrypting(keys: KeyMaker) -> dict[str, Any]:
    """The settings as the form stores them."""
    primary = keys.primary("karte")
    subkey = keys.subkey(primary)
    form = ExportForm.from_keys({
        "bucket": BUCKET, "path_prefix": NAME, "compression": "encryption_pgp",
        "public_key": keys.public(primary), "key_identifier": subkey, "armor": True,
    })  # fmt: skip
    assert form.is_valid(), form.errors
    return form.settings()


def test_the_received_bytes_decrypt_to_the_compressed_file(
    service: StandIn, credentials: Any, keys: KeyMaker, encrypting: dict[str, Any]
) -> None:
    rows = make_rows(2_000)
    kept = carry_out(credentials, encrypting, rows)
    stored = service.buckets[BUCKET][NAME]
    assert stored.data.startswith(b"-----BEGIN PGP MESSAGE-----")
    assert stored.content_type == "application/pgp-encrypted"
    plain = make_file(rows, make_settings())
    assert gzip.decompress(keys.decrypt(stored.data)) == plain
    assert kept.delivered == 2_000


class DiesOfAFailure(MemoryLedger):
    def step(self) -> None:
        if self.kept.retries:
            raise Dead


@pytest.mark.usefixtures("small_fragments")
def test_a_killed_run_goes_on_with_the_same_encrypted_file(
    service: StandIn, credentials: Any, keys: KeyMaker, encrypting: dict[str, Any]
) -> None:
    settings, rows, kept = {**encrypting, "compression_type": ""}, make_rows(40_000), Kept()
    service.faults = [Fault(f"PUT .* bytes {2 * UNIT}-", cut="before")]
    ledger = DiesOfAFailure(kept, rows.total)
    with pytest.raises(Dead):
        deliver(credentials, settings, lambda: encode(settings, rows, 0), rows.columns, ledger)
    service.requests.clear()
    kept.retries.clear()
    carry_out(credentials, settings, rows, kept)
    data = service.object(NAME)
    assert data is not None
    assert keys.decrypt(data) == make_file(rows, make_settings())
    ranges = [
        request.rpartition("bytes ")[2].split("/")[0] for request in service.requests if "bytes" in request
    ]
    assert ranges[0] == "*"
    assert ranges[1].startswith(f"{2 * UNIT}-")
    assert len(service.written) == 1
