"""Rules mean in SQL what they mean in plain words, on any data."""

import tempfile
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from activations.mapping import Written
from activations.rules import KnownSegment, Vocabulary, parse, resolve, to_json
from activations.sql import count, profiles, to_sql
from tests.activations import strategies
from tests.activations.reference import Reference
from tests.activations.shop import EVENT_KINDS, KINDS, NOW, make, schema

Rows = list[dict[str, Any]]
outputs = (Written("Region", "region"), Written("city", "city"), Written("batch", value="it's “1”"))


@settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    customers=strategies.customers(), extra=strategies.extra(), orders=strategies.orders(),
    zone=st.sampled_from(strategies.ZONES), others=st.tuples(strategies.simple, strategies.simple),
    trees=st.lists(strategies.rules, min_size=5, max_size=5),
)  # fmt: skip
def test_the_sql_finds_whom_the_rules_describe(
    customers: Rows, extra: Rows, orders: Rows, zone: str, others: Any, trees: list[Any]
) -> None:
    known = {1: KnownSegment("one", others[0]), 2: KnownSegment("two", others[1])}
    vocabulary = Vocabulary(KINDS, {"Orders": EVENT_KINDS}, known.get)
    reference = Reference(KINDS, EVENT_KINDS, orders, zone, NOW)
    reference.segments = {number: one.rules for number, one in known.items()}
    with tempfile.TemporaryDirectory() as folder:
        shop = make(Path(folder), customers, extra, orders)
        cities = {row["cid"]: row for row in extra if row["cid"] is not None}
        whole = [row | {"city": None, "level": None} | cities.get(row["id"], {}) for row in customers]
        for tree in trees:
            rules = parse(tree, vocabulary)
            assert parse(to_json(rules), vocabulary) == rules
            included = resolve(rules, vocabulary)
            sql = to_sql(profiles(schema(zone), rules, included, outputs))
            wanted = [
                (row["region"], row["city"], "it's “1”", row["id"])
                for row in whole
                if row["id"] is not None and reference.matches(tree, row)
            ]
            assert shop.ask(sql) == wanted, sql
            assert shop.ask(to_sql(count(schema(zone), rules, included))) == [(len(wanted),) * 2]
        shop.session.close()
