"""Msgpack bodies to columns: the fast walk and the careful path give the same; nothing bad gets in."""

import gzip
import os
from pathlib import Path
from typing import Any

import msgpack
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from console.warehouse.imports import lockstep, records
from console.warehouse.imports.decode import Decoded, Limits, decode
from console.warehouse.imports.errors import BadBody, CutOff, TooLarge
from console.warehouse.imports.values import array_of
from tests.api.conftest import packed

LIMITS = Limits(10**9, 512)


def read(folder: Path, body: bytes, limits: Limits = LIMITS) -> Decoded:
    source = folder / "body"
    source.write_bytes(body)
    return decode(source, folder / "out", default_time=99, limits=limits)


def rows(found: Decoded) -> list[dict[str, Any]]:
    return [row for path in found.files for row in pq.read_table(path).to_pylist()]


def errors(found: Decoded) -> list[dict[str, Any]]:
    with gzip.open(found.error_file) as stream:
        return list(msgpack.Unpacker(stream, raw=False))


scalar = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False),
    st.text(max_size=300),
    st.sampled_from(
        [0, 127, 128, -1, -32, -33, 255, 256, 65535, 65536, 2**32, 2**63 - 1, -(2**63), 1.5, "", "a" * 32]
    ),
)
typed = st.one_of(
    st.lists(st.one_of(st.none(), st.integers(-(2**63), 2**63 - 1)), min_size=1, max_size=30),
    st.lists(st.one_of(st.none(), st.floats(allow_nan=False)), min_size=1, max_size=30),
    st.lists(st.one_of(st.none(), st.text(max_size=80)), min_size=1, max_size=30),
    st.lists(st.one_of(st.none(), st.booleans()), min_size=1, max_size=30),
)


def generic(data: bytes) -> dict[str, pa.Array]:
    found, taken = records.unpack(data, 0)
    assert taken == len(data)
    (batch,) = records.batches(found, 0, 99)
    assert not batch.errors
    return batch.columns


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(typed, typed, st.text(alphabet="abc_é", min_size=1, max_size=20), st.booleans())
def test_the_walk_reads_what_the_careful_path_reads(one: Any, two: Any, name: str, timed: bool) -> None:
    count = min(len(one), len(two))
    start = {"time": 5} if timed else {}
    data = b"".join(
        msgpack.packb(start | {name: a, f"{name}2": b}, use_single_float=False)
        for a, b in zip(one[:count], two[:count], strict=True)
    )
    walked = lockstep.decode(data + lockstep.PADDING, 99)
    assert walked is not None
    batch, taken = walked
    assert (taken, batch.rows) == (len(data), count)
    careful = generic(data)
    assert {n: c.to_pylist() for n, c in batch.columns.items()} == {
        n: c.to_pylist() for n, c in careful.items()
    }
    assert {n: c.type for n, c in batch.columns.items()} == {n: c.type for n, c in careful.items()}


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.dictionaries(st.sampled_from(["a", "b", "c", "time2"]), scalar), max_size=20))
def test_any_rows_walk_right_or_not_at_all(some: list[dict[str, Any]]) -> None:
    data = b"".join(map(msgpack.packb, some))
    walked = lockstep.decode(data + lockstep.PADDING, 99)
    if walked is not None:
        batch, taken = walked
        careful = generic(data[:taken])
        assert {n: c.to_pylist() for n, c in batch.columns.items()} == {
            n: c.to_pylist() for n, c in careful.items()
        }


def test_text_that_looks_like_the_start_of_a_row_is_text() -> None:
    text = "\u30a1a"  # in UTF-8 e3 82 a1 61, and 82 a1 61 begins every row
    some = [{"a": text * (n % 4), "n": n} for n in range(200)]
    data = b"".join(map(msgpack.packb, some))
    assert data.count(b"\x82\xa1a") > len(some)
    walked = lockstep.decode(data + lockstep.PADDING, 99)
    if walked is not None:
        assert walked[0].columns["a"].to_pylist() == [row["a"] for row in some[: walked[0].rows]]
    few = data[: len(b"".join(map(msgpack.packb, some[:50])))]
    walked = lockstep.decode(few + lockstep.PADDING, 99)
    assert walked is not None
    assert walked[0].columns["a"].to_pylist() == [row["a"] for row in some[:50]]


@pytest.mark.parametrize("size", [1, 7, 100])
def test_every_cut_of_a_body_is_noticed(tmp_path: Path, size: int) -> None:
    whole = b"".join(msgpack.packb({"time": n, "s": "x" * n}) for n in range(size))
    for end in {*range(1, min(len(whole), 60)), len(whole) - 1}:
        if end in {
            len(b"".join(msgpack.packb({"time": n, "s": "x" * n}) for n in range(k))) for k in range(size + 1)
        }:
            continue  # a cut between two rows can't be seen in the msgpack; gzip's trailer sees it
        with pytest.raises(CutOff):
            read(tmp_path, gzip.compress(whole[:end]))
    body = gzip.compress(whole)
    for end in range(len(body) - 20, len(body)):
        if end > 0:
            with pytest.raises(BadBody):
                read(tmp_path, body[:end])


@pytest.mark.parametrize(
    "body", [b"", b"not gzip at all", os.urandom(500), gzip.compress(b"\xc1\xc1", mtime=0)]
)
def test_garbage_is_refused(tmp_path: Path, body: bytes) -> None:
    with pytest.raises(BadBody):
        read(tmp_path, body)


def test_an_empty_gzip_body_has_no_rows(tmp_path: Path) -> None:
    assert read(tmp_path, gzip.compress(b"")).rows == 0


def test_gzip_members_are_read_on(tmp_path: Path) -> None:
    assert rows(read(tmp_path, packed({"time": 1}) + packed({"time": 2}))) == [{"time": 1}, {"time": 2}]


def test_an_array_of_maps_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadBody, match="Row 0 is not a map"):
        read(tmp_path, packed([{"time": 1}]))


def test_a_bomb_stops_at_the_limit(tmp_path: Path) -> None:
    bomb = gzip.compress(msgpack.packb({"time": 1}) * 5_000_000)
    with pytest.raises(TooLarge):
        read(tmp_path, bomb, Limits(20_000_000, 512))


def test_too_many_columns_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadBody, match="more than 512 columns"):
        read(tmp_path, packed({"time": 1} | {f"c{n}": n for n in range(600)}))


def test_time_is_whole_seconds(tmp_path: Path) -> None:
    found = read(
        tmp_path, packed({"time": 1.9, "n": 1}, {"n": 2}, {"time": None, "n": 3}, {"time": "x", "n": 4})
    )
    assert rows(found) == [{"time": 1, "n": 1}, {"time": 99, "n": 2}, {"time": 99, "n": 3}]
    (error,) = errors(found)
    assert (error["row"], error["record"]) == (3, {"time": "x", "n": 4})
    assert error["error"] == "time is 'x'. It must be Unix seconds as a whole number."


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([1, 2.5], [1.0, 2.5]),
        ([True, 2], [1, 2]),
        ([1, "a", 2.5, True, None], ["1", "a", "2.5", "true", None]),
        ([2**63, 1], ["9223372036854775808", "1"]),
        ([-(2**63), 2**63 - 1], [-(2**63), 2**63 - 1]),
        ([b"raw", "text"], ["raw", "text"]),
        ([[1, 2], [], None], [[1, 2], [], None]),
        ([[1, "a"]], ['[1,"a"]']),
        ([[1], "a"], ["[1]", "a"]),
        ([{"k": [1, None]}, {"z": "ü"}], ['{"k":[1,null]}', '{"z":"ü"}']),
    ],
)
def test_values_of_several_kinds_widen(values: list[Any], expected: list[Any]) -> None:
    array, refused = array_of(values)
    assert (array.to_pylist(), refused) == (expected, {})


def test_bytes_that_are_no_text_are_an_error_record(tmp_path: Path) -> None:
    found = read(tmp_path, packed({"time": 1, "b": b"\xff\xfe"}, {"time": 2, "b": "ok"}))
    assert rows(found) == [{"time": 2, "b": "ok"}]
    assert errors(found)[0]["error"] == "Column b holds bytes that are not UTF-8 text."


def test_keys_become_column_names(tmp_path: Path) -> None:
    found = read(tmp_path, packed({"time": 1, "": 7, "Order ID": 2, "名前": 3}, {"time": 2, "A": 1, "a": 2}))
    assert rows(found) == [{"time": 1, "order_id": 2, "名前": 3}]
    assert errors(found)[0]["error"] == "Two keys of the record mean the column a."


def test_a_column_may_change_its_type_on_the_way(tmp_path: Path) -> None:
    many = 120_000  # more than one chunk
    body = packed(
        *({"time": n, "pad": "x" * 90, "v1": n} for n in range(many)), {"time": 0, "pad": "", "v1": "last"}
    )
    found = read(tmp_path, body)
    assert found.rows == many + 1
    assert len(found.files) == 2


def test_sparse_columns_are_turned_in_slices(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "CELLS", 1000)
    some = [{"time": n, f"c{n % 200}": n} for n in range(900)]
    found = rows(read(tmp_path, packed(*some)))
    assert [{k: v for k, v in row.items() if v is not None} for row in found] == some
