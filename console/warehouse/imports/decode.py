"""A gzip stream of msgpack maps becomes Parquet files, in bounded memory and at one go or not at all."""

import gzip
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from isal import igzip, isal_zlib

from console.warehouse.imports import lockstep, records
from console.warehouse.imports.errors import BadBody, CutOff, TooLarge
from console.warehouse.imports.files import ErrorFile, PartWriter
from console.warehouse.imports.records import LONGEST_ROW, Batch

CHUNK = 8 * 2**20  # of msgpack, decoded at once
ENOUGH = 1000  # rows in lockstep that make it worth while, where it could not read the whole chunk


@dataclass(frozen=True)
class Limits:
    bytes: int  # of msgpack in one body
    columns: int


@dataclass(frozen=True)
class Decoded:
    rows: int
    errors: int  # records refused; they are in the error file
    files: tuple[Path, ...]  # Parquet; several where a column's type changed on the way
    error_file: Path


def decode(source: Path, folder: Path, *, default_time: int, limits: Limits) -> Decoded:
    """Writes the rows of `source` into `folder`. Raises BadBody where it is no such stream.

    `default_time` (Unix seconds) is the time of rows that have none.
    """
    writer, errors = PartWriter(folder), ErrorFile(folder / "errors.msgpack.gz")
    with writer, errors:
        for batch in batches(source, default_time, limits.bytes):
            writer.write(batch.columns, batch.rows)
            errors.write(batch.errors)
            if len(writer.types) > limits.columns:
                raise BadBody(f"The records have more than {limits.columns} columns. Send fewer.")
    return Decoded(writer.rows, errors.count, tuple(writer.files), errors.path)


def batches(source: Path, default_time: int, most: int) -> Iterator[Batch]:
    """The rows as columns, chunk by chunk."""
    left, row = b"", 0
    for chunk in inflate(source, most):
        data = b"".join((left, chunk, lockstep.PADDING))
        start = 0
        while start < len(data) - len(lockstep.PADDING):
            found, taken = _next(data[start:] if start else data, row, default_time)
            if not taken:
                break
            for batch in found:
                row += batch.rows + len(batch.errors)
                yield batch
            start += taken
        left = data[start : -len(lockstep.PADDING)]
        if len(left) > LONGEST_ROW:
            raise TooLarge(f"Row {row} is longer than {LONGEST_ROW >> 20} MB. Split it.")
    if left:
        raise CutOff(f"The body ends inside row {row}. Send it again, whole.")


def _next(data: bytes, row: int, default_time: int) -> tuple[Iterator[Batch], int]:
    fast = lockstep.decode(data, default_time)
    size = len(data) - len(lockstep.PADDING)
    if fast and (fast[0].rows >= ENOUGH or fast[1] == size):
        return iter([fast[0]]), fast[1]
    rows, taken = records.unpack(data[:size], row)
    return records.batches(rows, row, default_time), taken


def inflate(source: Path, most: int) -> Iterator[bytes]:
    """The gzip file's content. A bomb stops at `most` bytes."""
    total = 0
    with source.open("rb") as file:
        if file.read(2) != b"\x1f\x8b":
            raise BadBody("The body is not gzip. Send gzip-compressed msgpack maps.")
    try:
        with igzip.open(source, "rb") as stream:  # type: ignore[no-untyped-call]
            while chunk := stream.read(CHUNK):
                total += len(chunk)
                if total > most:
                    raise TooLarge(f"The body unpacks to more than {most} bytes. Send it in smaller parts.")
                yield chunk
    except EOFError as problem:
        raise CutOff("The gzip stream is cut off. Send it again, whole.") from problem
    except (gzip.BadGzipFile, isal_zlib.error, zlib.error) as problem:  # type: ignore[misc]
        raise BadBody("The body is not gzip. Send gzip-compressed msgpack maps.") from problem
