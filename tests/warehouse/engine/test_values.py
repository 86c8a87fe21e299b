"""What the engine answers is what Trino and Hive answer."""

import re

import pytest

from console.warehouse.engine.functions import function_names
from console.warehouse.engine.interface import SqlError
from console.warehouse.engine.writing import Failed

from . import values_clauses, values_columns, values_hive, values_presto, values_presto_functions, values_td
from .conftest import Answer

ROW = "FROM kinds WHERE n = 7"
CASES = {
    "presto": values_presto.CASES + values_presto_functions.CASES + values_columns.PRESTO + values_td.CASES,
    "hive": values_hive.CASES + values_columns.HIVE + values_td.CASES,
}
WHOLE = {"presto": values_presto.QUERIES + values_clauses.PRESTO, "hive": values_hive.QUERIES}
EXPRESSIONS = [(type, *case) for type, cases in CASES.items() for case in cases]
QUERIES = [(type, *case) for type, cases in WHOLE.items() for case in cases]
_ERRORS = ("ConversionException", "InvalidInputException", "OutOfRangeException")


@pytest.mark.parametrize(
    ("type", "expression", "expected"), EXPRESSIONS, ids=[f"{a}: {b}" for a, b, _ in EXPRESSIONS]
)
def test_an_expression(type: str, expression: str, expected: object, answer: Answer) -> None:
    sql = f"SELECT {expression.replace(' @', f' {ROW}')}"
    if expected == values_presto.ERROR:
        with pytest.raises((Failed, SqlError)) as failed:
            answer(sql, type)
        assert not isinstance(failed.value, Failed) or failed.value.details["kind"] in _ERRORS
        return
    ((value,),) = answer(sql, type)
    assert value == pytest.approx(expected, rel=1e-12) if isinstance(expected, float) else value == expected
    assert isinstance(value, bool) == isinstance(expected, bool)
    assert isinstance(value, float) == isinstance(expected, float)


@pytest.mark.parametrize(("type", "sql", "expected"), QUERIES, ids=[f"{a}: {b}" for a, b, _ in QUERIES])
def test_a_query(type: str, sql: str, expected: list[tuple[object, ...]], answer: Answer) -> None:
    assert answer(sql, type) == expected


@pytest.mark.parametrize("type", ["presto", "hive"])
def test_every_function_has_a_case(type: str) -> None:
    """What the editor offers has been compared with what the dialect answers."""
    texts = [sql for sql, _ in CASES[type]] + [sql for sql, _ in WHOLE[type]]
    called = {name.lower() for text in texts for name in re.findall(r"(\w+)\s*\(", text)}
    assert {name.lower() for name in function_names(type)} - called == set()
