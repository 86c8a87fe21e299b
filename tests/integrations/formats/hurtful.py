"""Rows that hurt, each with the text its values must have; and a plain second writer to make the golden files with.

`python -m tests.integrations.formats.hurtful` writes the golden files anew. They are read by people before they are
committed: this writer is as short as the rules are, and shares no code with the one under test.
"""

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa

GOLDEN = Path(__file__).parent / "golden"
NULL_STRINGS = {"empty": "", "backslash-N": "\\N", "NULL": "NULL", "null": "null"}
NEWLINES = {"CRLF": "\r\n", "LF": "\n", "CR": "\r"}
POLICIES = ("ALL", "MINIMAL", "NONE")
DELIMITERS = {"csv": ",", "tsv": "\t"}

TEXTS = [
    "plain", "", None, " blanks ", 'said "hello"', '"', "comma, comma", "tab\ttab", "pipe|pipe", "line\nfeed",
    "both\r\nof them", "return\rhere", "\n", "\\N", "NULL", "null", "back\\slash",
    "emoji 👩‍👩‍👧", "שלום, עולם", "é ü ß",
]  # fmt: skip
BIG = 2**63 - 1
NUMBERS = [BIG, -BIG - 1, 0, None, *range(1, 17)]
DECIMALS = [("9" * 28 + "." + "9" * 10), "-0.0000000001", "0.5000000000", None, *["1.2500000000"] * 16]
DOUBLES: list[tuple[float | None, str | None]] = [
    (1.0, "1.0"), (1e7, "1.0E7"), (9999999.5, "9999999.5"), (None, None), (0.001, "0.001"), (0.0001, "1.0E-4"),
    (-1.5e300, "-1.5E300"), (0.1, "0.1"), (float("nan"), "NaN"), (float("inf"), "Infinity"), *[(2.5, "2.5")] * 10,
]  # fmt: skip
DAYS = ["1969-12-31", "0001-01-01", None, "2026-02-28", *["2000-01-01"] * 16]
MOMENTS = ["1960-01-02 03:04:05.678", "1969-12-31 23:59:59.999", None, *["2026-01-01 00:00:00.000"] * 17]
FLAGS = [True, False, None, *[True] * 17]
REST: list[tuple[list[str | None] | None, str | None]] = [(["c"], '["c"]')] * 16
TAGS: list[tuple[list[str | None] | None, str | None]] = [
    (["a", "b"], '["a","b"]'), ([], "[]"), (None, None),
    (['say "x"', None], '["say \\"x\\"",null]'), *REST,
]  # fmt: skip
NAMES = ["text", "number", "exact", "double", "day", "moment", "flag", 'tags, "all"']


def table() -> pa.Table:
    columns = [
        pa.array(TEXTS, pa.string()),
        pa.array(NUMBERS, pa.int64()),
        pa.array([None if value is None else Decimal(value) for value in DECIMALS], pa.decimal128(38, 10)),
        pa.array([value for value, _ in DOUBLES], pa.float64()),
        pa.array([None if value is None else date.fromisoformat(value) for value in DAYS], pa.date32()),
        pa.array(
            [None if value is None else datetime.fromisoformat(value) for value in MOMENTS],
            pa.timestamp("us"),
        ),
        pa.array(FLAGS, pa.bool_()),
        pa.array([value for value, _ in TAGS], pa.list_(pa.string())),
    ]
    return pa.table(columns, names=NAMES)


def rows() -> list[tuple[str | None, ...]]:
    """The text of every value, None for NULL."""
    return list(
        zip(
            TEXTS,
            [None if value is None else str(value) for value in NUMBERS],
            DECIMALS,
            [text for _, text in DOUBLES],
            DAYS,
            MOMENTS,
            [None if value is None else str(value).lower() for value in FLAGS],
            [text for _, text in TAGS],
            strict=True,
        )
    )


def golden(format: str, newline: str, null: str, policy: str) -> Path:
    return GOLDEN / f"{null}.{policy}.{newline}.{format}"


def reference(format: str, newline: str, null: str, policy: str) -> bytes:
    lines = [
        DELIMITERS[format].join(
            _field(value, DELIMITERS[format], NULL_STRINGS[null], policy) for value in row
        )
        for row in [tuple(NAMES), *rows()]
    ]
    return "".join(line + NEWLINES[newline] for line in lines).encode()


def _field(value: str | None, delimiter: str, null_string: str, policy: str) -> str:
    if value is None:
        return null_string
    value = value.replace("\r\n", "\n").replace("\r", "\n")
    if policy == "NONE":
        return value.replace(delimiter, "\\" + delimiter).replace("\n", "\\\n")
    special = value == null_string or any(mark in value for mark in ('"', delimiter, "\n"))
    return '"' + value.replace('"', '""') + '"' if special or policy == "ALL" else value


def combinations() -> list[tuple[str, str, str, str]]:
    return [(f, n, s, p) for f in DELIMITERS for n in NEWLINES for s in NULL_STRINGS for p in POLICIES]


if __name__ == "__main__":
    for each in combinations():
        golden(*each).write_bytes(reference(*each))
