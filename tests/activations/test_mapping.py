"""Output Mapping: exactly the columns in order, names refused in place, a lost column never left out."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from activations.mapping import MappingError, Written, parse, to_json, written
from activations.string_builder import Facts, timestamp

AVAILABLE = ["email", "first_name", "Region"]
FACTS = Facts(
    610288, "Gold “tier”, EMEA", 40127, datetime(2026, 11, 23, 1, 0, 0, 999_999, ZoneInfo("Europe/Berlin"))
)


def problems(raw: Any, available: list[str] = AVAILABLE) -> list[tuple[str, str]]:
    with pytest.raises(MappingError) as error:
        parse(raw, available)
    return [(one.path, one.message) for one in error.value.problems]


def columns(*pairs: tuple[str, str], strings: Any = ()) -> dict[str, Any]:
    made = [{"source": source, "name": name} for source, name in pairs]
    return {"all_columns": False, "columns": made, "strings": list(strings)}


def test_columns_come_in_order_and_attributes_first() -> None:
    strings = [
        {"type": "timestamp", "name": "exported_at"}, {"type": "segment_name", "name": "segment"},
        {"type": "segment_id", "name": "segment_id"}, {"type": "audience_id", "name": "audience"},
        {"type": "string", "value": " winter 'x' ", "name": "campaign"},
    ]  # fmt: skip
    mapping = parse(
        columns(("Region", "region"), ("email", " mail "), ("email", "again"), strings=strings), AVAILABLE
    )
    assert written(mapping, AVAILABLE, FACTS) == [
        Written("region", "Region"), Written("mail", "email"), Written("again", "email"),
        Written("exported_at", value="2026-11-23T01:00:00+01:00"), Written("segment", value="Gold “tier”, EMEA"),
        Written("segment_id", value="610288"), Written("audience", value="40127"),
        Written("campaign", value=" winter 'x' "),
    ]  # fmt: skip
    assert parse(to_json(mapping), AVAILABLE) == mapping


def test_all_columns_are_all_and_unchanged() -> None:
    mapping = parse(
        {"all_columns": True, "strings": [{"type": "string", "value": "1", "name": "batch"}]}, AVAILABLE
    )
    assert [one.name for one in written(mapping, AVAILABLE, FACTS)] == [*AVAILABLE, "batch"]
    assert to_json(mapping)["known"] == AVAILABLE


def test_a_column_that_is_new_is_among_all_and_one_that_is_lost_stops() -> None:
    kept = to_json(parse({"all_columns": True}, AVAILABLE))
    assert [one.name for one in written(parse(kept, [*AVAILABLE, "new"]), [*AVAILABLE, "new"], FACTS)][
        -1
    ] == "new"
    [(path, message)] = problems(kept, ["email", "Region"])
    assert (path, message.split(". ")[0]) == (
        "all_columns",
        "The parent segment has no column first_name any more",
    )
    [(path, message)] = problems(columns(("email", "a"), ("age", "b")))
    assert (path, message) == (
        "columns.1.source",
        "The parent segment has no column age any more. Choose another column, or remove this one.",
    )


def test_a_mapping_read_before_the_loss_stops_too() -> None:
    mapping = parse(columns(("email", "email")), AVAILABLE)
    with pytest.raises(MappingError, match="no column email"):
        written(mapping, ["Region"], FACTS)


@pytest.mark.parametrize(
    ("raw", "path", "words"),
    [
        (columns(("email", "x"), ("Region", "X")), "columns.1.name", "Already used by column 1. Use another name."),
        (columns(("email", "x"), strings=[{"type": "segment_id", "name": "x"}]), "strings.0.name", "by column 1"),
        ({"all_columns": True, "strings": [{"type": "segment_id", "name": "region"}]}, "strings.0.name",
         "by the source column Region"),
        (columns(("email", "  ")), "columns.0.name", "Write an Output Column Name."),
        (columns(("email", "a\nb")), "columns.0.name", "line break"),
        (columns(("email", "a" * 256)), "columns.0.name", "255 are the most"),
        (columns(strings=[{"type": "string", "name": "x"}]), "strings.0.value", "Write the text"),
        (columns(strings=[{"type": "sql", "name": "x"}]), "strings.0.type", "Choose one of string, timestamp"),
        (columns(), "", "Nothing would be sent. Add a column or a string."),
        ({"columns": 3}, "columns", "Give a list"),
        (None, "", "Choose Export All Columns"),
    ],
)  # fmt: skip
def test_what_can_not_be_sent_is_refused_in_its_place(raw: Any, path: str, words: str) -> None:
    where, message = problems(raw)[0]
    assert where == path
    assert words in message


def test_a_timestamp_says_its_zone() -> None:
    assert timestamp(datetime(2026, 11, 23, tzinfo=UTC)) == "2026-11-23T00:00:00Z"
    assert timestamp(datetime(2026, 11, 23, tzinfo=ZoneInfo("UTC"))) == "2026-11-23T00:00:00Z"
    assert timestamp(datetime(2026, 7, 1, tzinfo=ZoneInfo("Europe/London"))) == "2026-07-01T00:00:00+01:00"
    assert timestamp(datetime(2026, 1, 1, tzinfo=ZoneInfo("Europe/London"))) == "2026-01-01T00:00:00+00:00"
