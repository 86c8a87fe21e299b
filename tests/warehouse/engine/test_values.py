"""What the engine answers is what Trino and Hive answer."""

import pytest

from console.warehouse.engine.writing import Failed

from . import values_hive, values_presto
from .conftest import Answer

EXPRESSIONS = [("presto", *case) for case in values_presto.CASES] + [
    ("hive", *case) for case in values_hive.CASES
]
QUERIES = [("presto", *case) for case in values_presto.QUERIES] + [
    ("hive", *case) for case in values_hive.QUERIES
]
_ERRORS = ("ConversionException", "InvalidInputException", "OutOfRangeException")


@pytest.mark.parametrize(
    ("type", "expression", "expected"), EXPRESSIONS, ids=[f"{a}: {b}" for a, b, _ in EXPRESSIONS]
)
def test_an_expression(type: str, expression: str, expected: object, answer: Answer) -> None:
    if expected == values_presto.ERROR:
        with pytest.raises(Failed) as failed:
            answer(f"SELECT {expression}", type)
        assert failed.value.details["kind"] in _ERRORS
        return
    ((value,),) = answer(f"SELECT {expression}", type)
    assert value == pytest.approx(expected, rel=1e-12) if isinstance(expected, float) else value == expected
    assert isinstance(value, bool) == isinstance(expected, bool)
    assert isinstance(value, float) == isinstance(expected, float)


@pytest.mark.parametrize(("type", "sql", "expected"), QUERIES, ids=[f"{a}: {b}" for a, b, _ in QUERIES])
def test_a_query(type: str, sql: str, expected: list[tuple[object, ...]], answer: Answer) -> None:
    assert answer(sql, type) == expected
