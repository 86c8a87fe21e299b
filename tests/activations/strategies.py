"""Customers and rules drawn at random, from values that have hurt somebody: quotes, signs of LIKE, limits of types,
the seconds around midnight in zones whose clocks change."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from activations.rules import MEASURES, Takes, operators_for, operators_of_measure
from tests.activations.shop import EVENT_KINDS, KINDS, NOW

ZONES = ("UTC", "Asia/Tokyo", "America/New_York", "America/Sao_Paulo", "Asia/Kathmandu")
TEXTS = (
    "a", "A", "ab", "it's", "''", '"', "50%", "5_", "!", "!%", "\\", "back\\slash", "\\n", "a\nb", " a", "é", "e\u0301",
    "日本", "\U0001f600", "--", "/*", ";", "NULL", "{}", "$1", "?", "\t",
)  # fmt: skip
INTEGERS = (0, 1, -1, 2, 3, 7, 2**31, 2**53 + 1, 2**63 - 1, -(2**63))
DECIMALS = tuple(map(Decimal, ("0.00", "0.10", "1.50", "-1.50", "9999999999.99", "2.00", "0.01")))
FLOATS = (0.0, 0.5, -1.5, 0.1, 1e300, 2.0**53, 3.0)
VALUES = (
    *INTEGERS,
    "0.1",
    "0.5",
    "1.5",
    "-1.5",
    "9999999999.99",
    str(10**30),
    str(-(10**30)),
    "0.000000000000001",
)
DAYS = tuple(
    date(2026, 3, 9) + timedelta(days=n) for n in (-400, -31, -30, -29, -8, -7, -2, -1, 0, 1, 2, 7, 8, 30)
)
TODAY = tuple(day.isoformat() for day in DAYS)


def seconds() -> list[int]:
    """Around the midnights of some days in every zone, and around now."""
    found = {NOW + n for n in (-1, 0, 1)}
    for zone in ZONES:
        for day in DAYS:
            midnight = int(datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)).timestamp())
            found |= {midnight - 1, midnight, midnight + 1}
    return sorted(found)


MOMENTS = seconds()
EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001  # a timestamp has no zone


def held(*values: Any) -> st.SearchStrategy[Any]:
    return st.none() | st.sampled_from(values)


_CUSTOMER = {
    "region": held("", *TEXTS), "age": held(*INTEGERS), "score": held(*FLOATS), "price": held(*DECIMALS),
    "vip": held(True, False), "born": held(*DAYS), "first": held("", "soon", "2026-02-30", *TODAY),
    "joined": held(*MOMENTS),
    "seen": held(*(EPOCH + timedelta(seconds=one, microseconds=n) for one in MOMENTS[::5] for n in (0, 1))),
}  # fmt: skip


@st.composite
def customers(draw: st.DrawFn) -> list[Any]:
    rows = draw(st.lists(st.fixed_dictionaries(_CUSTOMER), min_size=1, max_size=12))
    made = [row | {"id": number * 7 - 3} for number, row in enumerate(rows)]
    return [*made, made[0] | {"id": None}]  # nobody: a row without a key is no customer


@st.composite
def extra(draw: st.DrawFn) -> list[Any]:
    known = draw(st.lists(st.integers(0, 13), unique=True, max_size=10))
    row = st.fixed_dictionaries({"city": held("", *TEXTS), "level": held(0, 1, 2, 2**31 - 1)})
    return [draw(row) | {"cid": number * 7 - 3} for number in known] + [draw(row) | {"cid": None}] * 2


@st.composite
def orders(draw: st.DrawFn) -> list[Any]:
    event = st.fixed_dictionaries({
        "cid": st.none() | st.integers(0, 12).map(lambda number: number * 7 - 3), "time": held(*MOMENTS[::3]),
        "store": held("", *TEXTS[:8]), "quantity": held(0, 1, 2, 5, -3), "amount": held(*DECIMALS),
        "day": held(*DAYS), "returned": held(True, False),
    })  # fmt: skip
    return draw(st.lists(event, max_size=40))


_one = {
    "text": st.sampled_from(TEXTS),
    "number": st.sampled_from(VALUES),
    "date": st.sampled_from(TODAY),
    "timestamp": st.sampled_from(TODAY) | st.sampled_from(
        [f"{day} {hour}:00:{second}" for day in DAYS for hour in ("00", "02", "23") for second in ("00", "59")]
    ),
}  # fmt: skip


def value_for(kind: str, takes: Takes) -> st.SearchStrategy[Any]:
    if takes == Takes.NOTHING:
        return st.none()
    if takes == Takes.DAYS:
        return st.sampled_from((1, 2, 7, 30, 31, 400))
    if takes == Takes.LIST:
        return st.lists(_one[kind], min_size=1, max_size=4)
    if takes == Takes.TWO:
        key = (lambda one: Decimal(str(one))) if kind == "number" else str
        return st.tuples(_one[kind], _one[kind]).map(lambda two: sorted(two, key=key))
    return _one[kind]


@st.composite
def comparison(draw: st.DrawFn, operators: Any, kind: str, *, counts: bool = False) -> dict[str, Any]:
    operator = draw(st.sampled_from(operators))
    value = draw(value_for(kind, operator.takes))
    if counts:
        small = st.integers(0, 4)
        value = draw(st.tuples(small, small).map(sorted) if operator.takes == Takes.TWO else small)
    return {"operator": operator.key} | ({} if value is None else {"value": value})


@st.composite
def condition(draw: st.DrawFn, key: str, kinds: dict[str, str]) -> dict[str, Any]:
    name = draw(st.sampled_from(sorted(kinds)))
    return {"type": key, key: name} | draw(comparison(operators_for(kinds[name]), kinds[name]))


@st.composite
def behavior(draw: st.DrawFn) -> dict[str, Any]:
    measure = draw(st.sampled_from(MEASURES))
    made: dict[str, Any] = {"type": "behavior", "behavior": "Orders", "measure": measure.key}
    kind = "number"
    if measure.of:
        made["column"] = draw(
            st.sampled_from([name for name, kind in EVENT_KINDS.items() if kind in measure.of])
        )
        kind = "number" if measure.key == "avg" else EVENT_KINDS[made["column"]]
    made |= draw(comparison(operators_of_measure(measure.key, kind), kind, counts=measure.key == "count"))
    if draw(st.booleans()):
        made["where"] = draw(group(condition("column", EVENT_KINDS)))
    if draw(st.booleans()):
        two = sorted(draw(st.tuples(*[st.sampled_from(TODAY)] * 2)))
        days = st.sampled_from((1, 7, 30, 400)).map(lambda days: {"last_days": days})
        made["window"] = draw(st.just({"from": two[0], "to": two[1]}) | days)
    return made


def group(rule: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.fixed_dictionaries({
        "type": st.just("group"), "match": st.sampled_from(("all", "any")),
        "rules": st.lists(rule, min_size=1, max_size=3),
    })  # fmt: skip


membership = st.fixed_dictionaries(
    {"type": st.just("segment"), "segment": st.sampled_from((1, 2)), "include": st.booleans()}
)
leaf = condition("attribute", KINDS) | behavior()
simple = group(leaf)
rules = group(st.recursive(leaf | membership, group, max_leaves=6))
