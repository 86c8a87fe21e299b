"""Values at the edges of types, compared exactly; and behavior tables whose time is a date or a timestamp."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from activations.rules import parse, resolve
from activations.sql import Field, Schema, profiles, to_sql
from tests.activations import shop as shops
from tests.activations.shop import VOCABULARY, Shop, schema


def moment(hour: int, minute: int) -> datetime:
    return datetime(2026, 3, 8, hour, minute)  # noqa: DTZ001  # a timestamp has no zone


CUSTOMERS = [
    {"id": 1, "age": 2**63 - 1, "score": 0.1, "price": Decimal("9999999999.99"), "joined": 1_772_928_000},
    {"id": 2, "age": -(2**63), "score": 2.0**53, "price": Decimal("0.10"), "seen": moment(4, 59)},
    {"id": 3, "age": None, "score": 1e300, "price": None, "seen": moment(5, 0)},
]  # fmt: skip
ORDERS = [
    {"cid": 1, "day": date(2026, 3, 2), "time": 1_772_928_000, "store": "a"},
    {"cid": 1, "day": date(2026, 3, 1), "time": 1_772_928_000, "store": "b"},
    {"cid": 2, "day": None, "time": None, "store": "c"},
]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    made = shops.make(Path(tmp_path_factory.mktemp("shop")), CUSTOMERS, [], ORDERS)
    yield made
    made.session.close()


def ids(shop: Shop, rule: Any, known: Schema | None = None) -> list[int]:
    read = parse({"type": "group", "match": "all", "rules": [rule]}, VOCABULARY)
    query = profiles(known or schema(), read, resolve(read, VOCABULARY))
    return [row[0] for row in shop.ask(to_sql(query))]


@pytest.mark.parametrize(
    ("attribute", "operator", "value", "found"),
    [
        ("age", "equals", 2**63 - 1, [1]),
        ("age", "equals", 2**63, []),
        ("age", "at_least", 2**63, []),
        ("age", "at_most", -(2**63), [2]),
        ("age", "not_in", [10**30], [1, 2, 3]),
        ("price", "less", 10**37, [1, 2]),
        ("price", "greater", 10**37, []),
        ("price", "not_equals", 10**10, [1, 2, 3]),
        ("age", "less", 10**37, [1, 2]),
        ("age", "greater", str(-(10**37)), [1, 2]),
        ("age", "in", [10**30, 2**63 - 1, "0.5"], [1]),
        ("age", "not_equals", 2**63 - 1, [2, 3]),
        ("age", "between", ["-0.000000000000001", "99999999999999999999"], [1]),
        ("score", "equals", "0.1", [1]),
        ("score", "equals", 2**53 + 1, [2]),  # a double holds no more
        ("score", "at_least", "1e37", [3]),
        ("price", "equals", "9999999999.99", [1]),
        ("price", "equals", "9999999999.990000000000001", []),
        ("price", "less", "0.100000000000001", [2]),
    ],
)
def test_numbers_are_exact(shop: Shop, attribute: str, operator: str, value: Any, found: list[int]) -> None:
    assert (
        ids(shop, {"type": "attribute", "attribute": attribute, "operator": operator, "value": value})
        == found
    )


def test_days_begin_in_the_parent_segment_s_zone(shop: Shop) -> None:
    """Midnight of March 8 in New York is 05:00 in UTC; its clocks go forward that night."""
    on = {"type": "attribute", "attribute": "seen", "operator": "on", "value": "2026-03-07"}
    assert ids(shop, on, schema("America/New_York")) == [2]
    assert ids(shop, on | {"value": "2026-03-08"}, schema("America/New_York")) == [3]
    assert ids(shop, on | {"value": "2026-03-08"}) == [2, 3]


@pytest.mark.parametrize(
    ("column", "kind", "stored"), [("day", "date", "date"), ("time", "timestamp", "long")]
)
def test_windows_and_the_last_event_go_by_the_behavior_s_own_time(
    shop: Shop, column: str, kind: str, stored: str
) -> None:
    known = schema()
    orders = replace(known.behaviors["Orders"], time=Field(column, kind, stored))
    known = replace(known, behaviors={"Orders": orders})
    counted = {"type": "behavior", "behavior": "Orders", "measure": "count", "operator": "equals", "value": 1}
    last = {
        "type": "behavior",
        "behavior": "Orders",
        "measure": "last",
        "column": "store",
        "operator": "equals",
    }
    if column == "day":  # from March 2, seven days before March 9
        assert ids(shop, counted | {"window": {"last_days": 7}}, known) == [1]
        assert ids(shop, last | {"value": "a"}, known) == [1]
    else:  # two at the same second: the larger
        assert ids(shop, counted | {"value": 2, "window": {"last_days": 2}}, known) == [1]
        assert ids(shop, last | {"value": "b"}, known) == [1]
    assert ids(shop, last | {"value": "c"}, known) == []
    assert ids(shop, counted | {"value": 0, "window": {"from": "2026-01-01", "to": "2026-12-31"}}, known) == [
        2,
        3,
    ]


@pytest.mark.parametrize(
    ("operator", "value", "found"),
    [
        ("equals", 0, [3]), ("not_equals", 0, [1, 2]), ("not_equals", 1, [1, 3]), ("at_most", 1, [2, 3]),
        ("at_least", 0, [1, 2, 3]), ("less", 1, [3]), ("greater", 0, [1, 2]), ("between", [0, 1], [2, 3]),
    ],
)  # fmt: skip
def test_customers_without_events_have_none_of_them(
    shop: Shop, operator: str, value: Any, found: list[int]
) -> None:
    counted = {
        "type": "behavior",
        "behavior": "Orders",
        "measure": "count",
        "operator": operator,
        "value": value,
    }
    assert ids(shop, counted) == found


def test_a_sample_and_a_run_agree_on_their_order(shop: Shop) -> None:
    read = parse({}, VOCABULARY)
    first = shop.ask(to_sql(profiles(schema(), read, {}, limit=2)))
    assert shop.ask(to_sql(profiles(schema(), read, {})))[:2] == first


def test_a_sum_may_be_larger_than_any_of_its_numbers(tmp_path: Path) -> None:
    large = [{"cid": 1, "quantity": 2**62} for _ in range(4)]
    made = shops.make(tmp_path, CUSTOMERS, [], large)
    summed = {"type": "behavior", "behavior": "Orders", "measure": "sum", "column": "quantity"}
    assert ids(made, summed | {"operator": "at_most", "value": 2**60}) == [2, 3]
    made.session.close()
