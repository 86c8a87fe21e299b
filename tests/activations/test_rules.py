"""Rules that can't be used are refused at the place, with what to do."""

from typing import Any

import pytest

from activations.rules import KnownSegment, RulesError, Vocabulary, operators_for, parse, resolve, to_json
from activations.rules.operators import MEASURES, NEGATIVE, operators_of_measure
from activations.sql import count, to_sql
from console.warehouse.engine.translate import translate
from tests.activations import shop

KINDS = {
    "region": "text",
    "age": "number",
    "born": "date",
    "joined": "timestamp",
    "vip": "boolean",
    "tags": "other",
}
VOCABULARY = Vocabulary(KINDS, {"Orders": {"quantity": "number", "store": "text"}})


def group(*rules: Any, match: str = "all") -> dict[str, Any]:
    return {"type": "group", "match": match, "rules": list(rules)}


def of(attribute: str, operator: str, *value: Any) -> dict[str, Any]:
    return {"type": "attribute", "attribute": attribute, "operator": operator} | (
        {"value": value[0]} if value else {}
    )


def orders(**fields: Any) -> dict[str, Any]:
    counted = {"measure": "count", "operator": "at_least", "value": 1}
    return {"type": "behavior", "behavior": "Orders"} | counted | fields


def including(number: int, *, include: bool = True) -> dict[str, Any]:
    return {"type": "segment", "segment": number, "include": include}


def problems(raw: Any, vocabulary: Vocabulary = VOCABULARY) -> list[tuple[str, str]]:
    with pytest.raises(RulesError) as error:
        resolve(parse(raw, vocabulary), vocabulary)
    return [(one.path, one.message) for one in error.value.problems]


def test_no_rules_are_everybody() -> None:
    assert to_json(parse({}, VOCABULARY)) == group()


def test_equal_rules_are_written_alike() -> None:
    loose = group(
        of("age", "in", ["1.50", 1.5, 2.0]),
        of("born", "on", " 2026-01-31 "),
        of("joined", "after", "2026-01-31T14:30"),
    )
    assert to_json(parse(loose, VOCABULARY))["rules"] == [
        of("age", "in", ["1.5", 2]), of("born", "on", "2026-01-31"), of("joined", "after", "2026-01-31 14:30:00"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "path", "words"),
    [
        (of("country", "equals", "x"), "attribute", "has no attribute country. Choose another one"),
        (of("age", "contains", "1"), "operator", "Choose one of equals, not_equals, greater"),
        (of("age", "equals", "many"), "value", "'many' is no number. Write digits"),
        (of("age", "equals", True), "value", "Give a number"),
        (of("age", "equals", 10**40), "value", "38 digits are the most"),
        (of("age", "equals", "1e-20"), "value", "15 decimals"),
        (of("age", "equals", "0." + "9" * 29), "value", "15 decimals"),
        (of("age", "equals", "0." + "9" * 200), "value", "15 decimals"),
        (of("age", "equals", "1e400000000"), "value", "too large"),
        (of("age", "equals", "NaN"), "value", "has an end"),
        (of("age", "between", [3, 2]), "value", "Exchange them"),
        (of("age", "between", [3]), "value", "from and to"),
        (of("region", "equals", ""), "value", "use “is not set”"),
        (of("region", "equals", "a\0b"), "value", "no table can hold"),
        (of("region", "in", []), "value", "Add a value"),
        (of("region", "is_set", "x"), "value", "takes no value"),
        (of("born", "on", "31.01.2026"), "value", "Write a date as 2026-01-31"),
        (of("born", "on", "2026-02-30"), "value", "There is no 2026-02-30"),
        (of("joined", "before", "2026-01-31 25:00"), "value", "There is no time 25:00"),
        (of("joined", "in_last_days", 0), "value", "from 1 to 36,500"),
        (of("tags", "equals", "x"), "operator", "Choose one of is_set, is_not_set"),
        (of("age", "equals", 1) | {"colour": 1}, "", "has no colour"),
        (orders(behavior="Visits"), "behavior", "no behavior Visits"),
        (orders(measure="median"), "measure", "Choose one of count, sum"),
        (orders(measure="sum"), "column", "A column is missing"),
        (orders(measure="sum", column="store"), "column", "can't be drawn from"),
        (orders(column="quantity"), "column", "takes no column"),
        (orders(value=-1), "value", "whole numbers from 0"),
        (orders(window={"days": 3}), "window", "Give last_days, or from and to"),
        (orders(window={"from": "2026-02-01", "to": "2026-01-01"}), "window", "Exchange them"),
        (orders(where=group()), "where", "The group is empty"),
        (orders(where=group(of("age", "equals", 1))), "where.rules.0", "only conditions on its columns"),
        (group(), "", "The group is empty"),
        (including(7), "segment", "no such segment"),
        ("text", "", "Give a rule of the type"),
        ({"type": "sql", "sql": "1=1"}, "", "Give a rule of the type"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_where_it_is(rule: Any, path: str, words: str) -> None:
    [(where, message)] = problems(group(of("age", "at_least", 1), rule))
    assert where == f"rules.1.{path}".rstrip(".")
    assert words in message


def test_every_problem_is_found_at_once() -> None:
    found = problems(
        group(of("age", "equals", "x"), group(of("nobody", "is_set"), of("born", "on", "x"), match="any"))
    )
    assert [path for path, _ in found] == [
        "rules.0.value",
        "rules.1.rules.0.attribute",
        "rules.1.rules.1.value",
    ]


def test_hostile_nesting_ends_in_words() -> None:
    deep: Any = of("age", "is_set")
    for _ in range(500):
        deep = group(deep)
    assert "nested more than 10 deep" in problems(deep)[0][1]


def test_a_day_is_a_whole_day_at_the_end_of_a_span() -> None:
    parse(group(of("joined", "between", ["2026-01-31 14:30", "2026-01-31"])), VOCABULARY)


def test_a_segment_is_never_part_of_itself() -> None:
    known = {
        1: KnownSegment("Gold", group(including(2))), 2: KnownSegment("Silver", group(including(3, include=False))),
        3: KnownSegment("Bronze", group(of("age", "is_set"))),
    }  # fmt: skip
    assert set(resolve(parse(group(including(1)), _with(known)), _with(known))) == {1, 2, 3}
    known[3] = KnownSegment("Bronze", group(including(1)))
    [(path, message)] = problems(group(of("age", "is_set"), group(including(1))), _with(known))
    assert path == "rules.1.rules.0.segment"
    assert "Gold → Silver → Bronze → Gold" in message
    [(_, message)] = problems(group(including(2)), _with(known, own=1))
    assert "Gold → Silver → Bronze → Gold" in message


def test_segments_that_include_segments_stay_within_bounds() -> None:
    leaf = of("age", "is_set")
    twice = {
        n: KnownSegment(f"s{n}", group(including(n + 1), including(n + 1, include=False)))
        for n in range(1, 30)
    }
    twice[30] = KnownSegment("last", group(leaf))
    assert "536,870,912 rules, 2,000 are the most" in problems(group(including(1)), _with(twice))[0][1]
    chain = {n: KnownSegment(f"s{n}", group(including(n + 1, include=False))) for n in range(1, 30)}
    chain[30] = KnownSegment("last", group(leaf))
    assert "nested 62 deep, 25 is the most" in problems(group(including(1)), _with(chain))[0][1]


def test_the_deepest_rules_that_are_allowed_can_run() -> None:
    """The engine's translator is recursive."""
    leaf = of("age", "not_equals", 1)
    chain = {
        n: KnownSegment(f"s{n}", group(group(including(n + 1, include=False), leaf, match="any"), leaf))
        for n in range(1, 8)
    }
    chain[8] = KnownSegment("last", group(leaf))
    vocabulary = Vocabulary(shop.VOCABULARY.attributes, {}, chain.get)
    read = parse(group(including(1)), vocabulary)
    sql = to_sql(count(shop.schema(), read, resolve(read, vocabulary)))
    assert translate(sql, "presto", database="shop", scheduled_time=shop.NOW).reads
    wide = parse(
        group(*(of("region", "not_contains", f"v{n}") for n in range(500)), match="any"), shop.VOCABULARY
    )
    assert translate(
        to_sql(count(shop.schema(), wide, {})), "presto", database="shop", scheduled_time=shop.NOW
    ).reads


def test_an_included_segment_that_is_broken_is_named() -> None:
    known = {1: KnownSegment("Gold", group(of("lost", "is_set")))}
    [(path, message)] = problems(group(including(1, include=False)), _with(known))
    assert (path, message[:30]) == ("rules.0.segment", "In segment Gold: The parent se")


def test_every_operator_says_what_it_is() -> None:
    for kind in (*KINDS.values(), "text"):
        operators = operators_for(kind)
        assert len({one.key for one in operators}) == len(operators)
        assert all(one.words for one in operators)
        negatives = [one for one in operators if one.key in NEGATIVE and one.key != "is_not_set"]
        assert all("Also matches customers without a value." in one.explains for one in negatives)
    assert [one.words for one in operators_of_measure("count", "number")][:3] == [
        "at least",
        "at most",
        "exactly",
    ]
    assert [measure.key for measure in MEASURES] == ["count", "sum", "avg", "min", "max", "last"]


def _with(known: dict[int, KnownSegment], own: int | None = None) -> Vocabulary:
    return Vocabulary(KINDS, {}, known.get, own)
