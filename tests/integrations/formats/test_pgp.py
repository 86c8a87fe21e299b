"""PGP by the real gpg: the chosen subkey and no other; keys that can't be used are refused with the reason."""

import bz2
import gzip
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pyarrow as pa
import pytest

from integrations.errors import RefusedError, SettingsError
from integrations.formats import gpg, pgp_keys
from integrations.formats.files import encode
from integrations.formats.options import FileOptions, PgpOptions
from integrations.formats.pgp_keys import encryption_subkey
from tests.integrations.formats.conftest import Keys
from tests.integrations.formats.gpg_keys import PAST
from tests.integrations.formats.streams import stream, texts, written

ROWS = texts("x", None, 'a "quoted" one')
PLAIN = written(FileOptions(), ROWS)
UNPACK: dict[str, Callable[[bytes], bytes]] = {"": bytes, "gz": gzip.decompress, "bzip2": bz2.decompress}


@pytest.fixture
def homes(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where gpg's throw-away homes are made during the test: a short path, as gpg needs one."""
    with tempfile.TemporaryDirectory(prefix="h", dir="/tmp") as folder:
        monkeypatch.setattr(tempfile, "tempdir", folder)
        yield Path(folder)


def options(keys: Keys, **changes: object) -> FileOptions:
    return FileOptions(pgp=replace(PgpOptions(keys.public, keys.second), **changes))  # type: ignore[arg-type]


@pytest.mark.parametrize("compression", UNPACK)
@pytest.mark.parametrize("armor", [False, True])
def test_the_file_is_compressed_first_and_then_encrypted(
    keys: Keys, homes: Path, armor: bool, compression: str
) -> None:
    file = written(replace(options(keys, armor=armor), compression=compression), ROWS)
    assert file.startswith(b"-----BEGIN PGP MESSAGE-----") == armor
    assert UNPACK[compression](keys.maker.decrypt(file)) == PLAIN
    assert "compressed packet" not in keys.maker.packets(file)  # OpenPGP's own compression is off
    assert list(homes.iterdir()) == []


def test_exactly_the_named_subkey_is_used(keys: Keys) -> None:
    for subkey, other in ((keys.first, keys.second), (keys.second, keys.first)):
        for written_as in (subkey, f"0x{subkey.lower()}", f" {subkey[:8]} {subkey[8:]} "):
            packets = keys.maker.packets(written(options(keys, key_identifier=written_as), ROWS))
            assert f"keyid {subkey}" in packets
            assert other not in packets
            assert packets.count("pubkey enc packet") == 1


def test_a_fingerprint_names_a_subkey_too(keys: Keys) -> None:
    found = encryption_subkey(keys.public, keys.second)
    assert encryption_subkey(keys.public, found.fingerprint.lower()) == found
    assert found.id == keys.second


def test_the_message_is_protected_against_changes(keys: Keys) -> None:
    assert "mdc_method: 2" in keys.maker.packets(written(options(keys), ROWS))


def test_an_empty_file_can_be_encrypted(keys: Keys) -> None:
    file = written(replace(options(keys), header_line=False), texts())
    assert keys.maker.decrypt(file) == b""


def test_a_key_in_one_line_with_written_out_line_ends_is_read(keys: Keys) -> None:
    one_line = keys.public.strip().replace("\n", "\\n")
    assert keys.maker.decrypt(written(options(keys, public_key=one_line), ROWS)) == PLAIN
    assert (
        keys.maker.decrypt(written(options(keys, public_key=keys.public.replace("\n", "\r\n")), ROWS))
        == PLAIN
    )


def test_subkeys_that_cant_be_used_are_refused_with_the_reason(keys: Keys) -> None:
    usable = f"Encryption subkeys: {keys.first}, {keys.second}."
    cases = {
        keys.expired: f"Subkey {keys.expired} is expired.",
        keys.revoked: f"Subkey {keys.revoked} is revoked.",
        keys.signing: f"No encryption subkey {keys.signing} in this key.",
        "0123456789ABCDEF": "No encryption subkey 0123456789ABCDEF in this key.",
        keys.primary: f"{keys.primary} is the primary key; choose an encryption subkey.",
        keys.primary[-16:]: f"{keys.primary[-16:]} is the primary key; choose an encryption subkey.",
        keys.first[-8:]: "Enter the 16 hexadecimal digits of an encryption subkey.",
        "": "Enter the 16 hexadecimal digits of an encryption subkey.",
    }
    for identifier, message in cases.items():
        error = refused(keys.public, identifier)
        assert (str(error), error.action, error.field) == (message, usable, "key_identifier")
        with pytest.raises(SettingsError) as at_run_time:
            list(encode(options(keys, key_identifier=identifier), ROWS))
        assert str(at_run_time.value) == message


def test_texts_that_are_not_one_public_key_are_refused(keys: Keys) -> None:
    other = keys.maker.primary("other")
    body = keys.public.split("\n")
    cases = {
        keys.maker.private(keys.primary): pgp_keys.PRIVATE,
        keys.maker.private(keys.primary).replace("PRIVATE", "PUBLIC"): pgp_keys.PRIVATE,
        keys.maker.public(keys.primary, other): f"{pgp_keys.ONE_KEY} This text holds 2.",
        keys.public + keys.public: pgp_keys.ONE_KEY,
        "ssh-ed25519 AAAA": pgp_keys.ONE_KEY,
        "\n".join([*body[:3], "broken", *body[-2:]]): f"{pgp_keys.ONE_KEY} This text holds 0.",
    }
    for text, message in cases.items():
        error = refused(text, keys.first)
        assert (str(error), error.field) == (message, "public_key")
        with pytest.raises(SettingsError):
            list(encode(options(keys, public_key=text), ROWS))


def test_a_whole_key_that_cant_be_used_is_refused(keys: Keys) -> None:
    old = keys.maker.primary("old", expires="2021-06-01", now=PAST)
    old_subkey = keys.maker.subkey(old, expires="2021-06-01", now=PAST)
    assert str(refused(keys.maker.public(old), old_subkey)) == f"The key {old[-16:]} expired on 2021-06-01."
    withdrawn = keys.maker.primary("withdrawn")
    withdrawn_subkey = keys.maker.subkey(withdrawn)
    keys.maker.revoke(withdrawn)
    error = refused(keys.maker.public(withdrawn), withdrawn_subkey)
    assert (str(error), error.field) == (f"The key {withdrawn[-16:]} is revoked.", "public_key")
    bare = keys.maker.primary("bare")
    error = refused(keys.maker.public(bare), keys.first)
    assert error.action == "Encryption subkeys: none."


def test_a_key_that_expires_after_the_form_was_saved_is_refused_at_run_time(
    keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    brief = keys.maker.primary("brief")
    subkey = keys.maker.subkey(brief, expires="2d")
    public = keys.maker.public(brief)
    assert encryption_subkey(public, subkey).id == subkey
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 3 * 86_400)
    with pytest.raises(SettingsError, match=f"Subkey {subkey} is expired"):
        list(encode(FileOptions(pgp=PgpOptions(public, subkey)), ROWS))


def test_what_gpg_itself_refuses_is_an_error_and_no_file(
    keys: Keys, monkeypatch: pytest.MonkeyPatch, homes: Path
) -> None:
    """gpg is the last to judge: here our own look at the key is made to miss that it has expired."""
    monkeypatch.setattr(pgp_keys.Key, "is_expired", False)
    with pytest.raises(RefusedError, match="gpg did not encrypt the file") as caught:
        list(encode(options(keys, key_identifier=keys.expired), ROWS))
    assert "INV_RECP" in caught.value.response
    assert list(homes.iterdir()) == []


def test_without_gpg_the_sentence_says_what_to_do(keys: Keys, monkeypatch: pytest.MonkeyPatch) -> None:
    pgp_keys.read.cache_clear()
    monkeypatch.setenv("SENDOFF_GPG", "/nowhere/gpg")
    for attempt in (
        lambda: encryption_subkey(keys.public, keys.first),
        lambda: list(encode(options(keys), ROWS)),
    ):
        with pytest.raises(SettingsError, match="gpg is not installed on this server") as caught:
            attempt()
        assert "gnupg" in caught.value.action
        assert caught.value.field == "compression"


def test_a_long_temporary_folder_does_not_stop_gpg(
    keys: Keys, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    long = tmp_path / ("x" * 100)
    long.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(long))
    with gpg.home() as home:
        assert len(str(home)) < 60
        assert home.stat().st_mode & 0o777 == 0o700
    assert not home.exists()
    assert keys.maker.decrypt(written(options(keys), ROWS)) == PLAIN


BIG = pa.table({"a": pa.array([f"{number * 7919}" for number in range(400_000)])})


def test_stopping_early_ends_gpg_and_removes_its_home(
    keys: Keys, homes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("integrations.formats.files.PIECE_BYTES", 1_000)
    threads = threading.active_count()
    running = encode(options(keys), stream(pa.concat_tables([BIG] * 10)))
    next(running)
    assert len(children("gpg")) == 1
    running.close()
    assert children("gpg") == []
    assert threading.active_count() == threads
    assert list(homes.iterdir()) == []


def test_an_error_of_the_rows_ends_gpg_and_is_the_error_told(keys: Keys, homes: Path) -> None:
    table = pa.table({"a": pa.array(["fine"] * 100_000 + ["\0"])})
    with pytest.raises(RefusedError, match="Row 100,001, column a"):
        list(encode(options(keys), stream(table)))
    assert children("gpg") == []
    assert list(homes.iterdir()) == []


WORKER = """
import sys
from itertools import repeat
import pyarrow as pa
from integrations.formats import files
from integrations.formats.options import FileOptions, PgpOptions
from integrations.rows import Column, RowStream
files.PIECE_BYTES = 1
batch = pa.RecordBatch.from_pydict({"a": ["x" * 100] * 10_000})
rows = RowStream((Column("a", "varchar"),), 10**12, lambda: repeat(batch))
for piece in files.encode(FileOptions(pgp=PgpOptions(sys.stdin.read(), sys.argv[1])), rows):
    print("sent", flush=True)
"""


def test_a_killed_worker_leaves_no_gpg_and_no_home(keys: Keys, homes: Path) -> None:
    worker = subprocess.Popen(
        [sys.executable, "-c", WORKER, keys.first],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={"TMPDIR": str(homes), "PATH": "/usr/bin:/bin", "PYTHONPATH": str(Path(__file__).parents[3])},
    )
    assert worker.stdin is not None
    assert worker.stdout is not None
    worker.stdin.write(keys.public.encode())
    worker.stdin.close()
    assert worker.stdout.readline() == b"sent\n"
    [encrypting] = [each for each in psutil.Process(worker.pid).children() if each.name() == "gpg"]
    worker.send_signal(signal.SIGKILL)
    worker.stdout.close()
    worker.wait()
    encrypting.wait(timeout=60)
    assert list(homes.iterdir()) == []


def refused(public_key: str, identifier: str) -> SettingsError:
    with pytest.raises(SettingsError) as caught:
        encryption_subkey(public_key, identifier)
    return caught.value


def children(name: str) -> list[psutil.Process]:
    return [process for process in psutil.Process().children() if process.name() == name]
