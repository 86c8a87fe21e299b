"""What the engine answers is what Trino and Hive answer."""

from pathlib import Path
from typing import Any

import duckdb
import pytest

from console.warehouse.engine import child
from console.warehouse.engine.embedded import specification
from console.warehouse.types import Snapshot, TableRef

from . import values_hive, values_presto
from .conftest import LIMITS, rows_of, translate


def answer(sql: str, type: str, snapshots: dict[TableRef, Snapshot], folder: Path) -> list[tuple[Any, ...]]:
    """The rows, by way of the child's own code, without the cost of a process for each of some hundred values."""
    spec = specification(translate(sql, type), snapshots, folder / "result", LIMITS)
    with child.open_session(spec) as con:
        child.run(con, spec)
    return rows_of(Path(str(spec["output"])))


EXPRESSIONS = [("presto", *case) for case in values_presto.CASES] + [
    ("hive", *case) for case in values_hive.CASES
]
QUERIES = [("presto", *case) for case in values_presto.QUERIES] + [
    ("hive", *case) for case in values_hive.QUERIES
]


@pytest.mark.parametrize(
    ("type", "expression", "expected"), EXPRESSIONS, ids=[f"{a}: {b}" for a, b, _ in EXPRESSIONS]
)
def test_an_expression(
    type: str, expression: str, expected: object, snapshots: dict[TableRef, Snapshot], tmp_path: Path
) -> None:
    if expected == values_presto.ERROR:
        with pytest.raises(
            (duckdb.ConversionException, duckdb.InvalidInputException, duckdb.OutOfRangeException)
        ):
            answer(f"SELECT {expression}", type, snapshots, tmp_path)
        return
    ((value,),) = answer(f"SELECT {expression}", type, snapshots, tmp_path)
    assert value == pytest.approx(expected, rel=1e-12) if isinstance(expected, float) else value == expected
    assert isinstance(value, bool) == isinstance(expected, bool)
    assert isinstance(value, float) == isinstance(expected, float)


@pytest.mark.parametrize(("type", "sql", "expected"), QUERIES, ids=[f"{a}: {b}" for a, b, _ in QUERIES])
def test_a_query(
    type: str,
    sql: str,
    expected: list[tuple[object, ...]],
    snapshots: dict[TableRef, Snapshot],
    tmp_path: Path,
) -> None:
    assert answer(sql, type, snapshots, tmp_path) == expected
