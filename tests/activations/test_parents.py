"""Parent segments: checked against the warehouse, counted, and kept as they were defined."""

from typing import Any

import pytest

from activations import checking, definitions, parents, samples, segments
from activations.definitions import DefinitionError
from activations.errors import Refused, Stale
from activations.models import MadeSample, ParentSegment, Segment
from console.accounts.models import User
from console.warehouse import storage
from console.warehouse.sample import load_sample_data
from console.warehouse.types import TableRef
from tests.activations.conftest import CUSTOMERS, DEFINITION, EMEA, EXTRA, Write


def define(**fields: Any) -> definitions.Definition:
    return definitions.read({**DEFINITION, **fields})


def found(made: definitions.Definition) -> list[tuple[str, str]]:
    return [(one.path, one.message) for one in checking.check(made)]


def test_a_definition_comes_back_as_it_was_given(audience: ParentSegment) -> None:
    made = define()
    assert parents.definition_of(audience) == made
    assert definitions.read(definitions.to_json(made)) == made
    assert audience.number == audience.pk


@pytest.mark.parametrize(
    ("fields", "path", "words"),
    [
        ({"name": " "}, "name", "Fill this in"),
        ({"master": "customers"}, "master", "Write database.table."),
        ({"zone": "Mars/Base"}, "zone", "There is no time zone Mars/Base"),
        ({"attributes": []}, "attributes", "Choose at least one column"),
        ({"attributes": [{"column": "a", "kind": "colour"}]}, "attributes.0.kind", "Choose one of text, number"),
        ({"attributes": [{"column": "a", "kind": "text"}, {"column": "b", "name": "A", "kind": "text"}]},
         "attributes.1.name", "Already used by number 1"),
        ({"attributes": [{"column": "a", "kind": "text", "table": 3}]}, "attributes.0.table", "no such attribute"),
        ({"behavior_tables": [{"name": "Orders"}]}, "behavior_tables.0.table", "Fill this in"),
    ],
)  # fmt: skip
def test_what_is_not_whole_is_refused(fields: dict[str, Any], path: str, words: str) -> None:
    with pytest.raises(DefinitionError) as error:
        define(**fields)
    assert (error.value.problems[0].path, words in error.value.problems[0].message) == (path, True)


def test_what_the_warehouse_lacks_is_named(shop: Write) -> None:
    assert found(define()) == []
    assert found(define(master="shop.nobody")) == [
        ("master", "Table shop.nobody does not exist. Choose another one.")
    ]
    assert found(define(key_column="number"))[0] == (
        "key_column", "Table shop.customers has no column number. It has id, login, region, age."
    )  # fmt: skip
    extra = {"table": "shop.extra", "key_column": "city"}
    [(path, message)] = found(define(attribute_tables=[extra]))
    assert path == "attribute_tables.0.key_column"
    assert "city is text, id of the master is a whole number: they are never equal." in message
    [(path, message)] = found(define(attributes=[{"column": "age", "kind": "date"}]))
    assert (path, message) == ("attributes.0.kind", "age is long, which is no date. Choose number.")
    orders = {**DEFINITION["behavior_tables"][0], "time_column": "when"}
    [(path, message)] = found(define(behavior_tables=[orders]))
    assert (path, message) == (
        "behavior_tables.0.time_column", "Table shop.orders has no column when. Choose another one."
    )  # fmt: skip


def test_a_refresh_counts_customers(audience: ParentSegment, shop: Write) -> None:
    assert parents.refresh(audience) == []
    assert (audience.customers, audience.problems) == (10, [])
    shop("customers", f"{CUSTOMERS} UNION ALL SELECT NULL, 'nobody', 'EMEA', 1")
    [problem] = parents.refresh(audience)
    assert (problem.stops, audience.customers) == (False, 10)
    assert "1 row of shop.customers without id" in problem.message


def test_keys_that_come_twice_are_named(audience: ParentSegment, shop: Write) -> None:
    parents.refresh(audience)
    shop("customers", f"{CUSTOMERS} UNION ALL SELECT 7, 'again', 'EMEA', 1")
    shop("extra", f"{EXTRA} UNION ALL SELECT i, 'Other' FROM range(2, 4) t(i)")
    mine, theirs = parents.refresh(audience)
    assert mine.path == "key_column"
    assert "Keys come more than once in shop.customers, such as 7: 1 row too many." in mine.message
    assert theirs.path == "attribute_tables.0.key_column"
    assert "Keys come more than once in shop.extra, such as 2, 3: 2 rows too many." in theirs.message
    assert parents.problems_of(audience) == [mine, theirs]


def test_a_refresh_keeps_the_last_count_where_it_can_not_count(audience: ParentSegment) -> None:
    parents.refresh(audience)
    storage.drop_table(TableRef("shop", "customers"))
    [problem] = parents.refresh(audience)
    assert (problem.path, audience.customers) == ("master", 10)


def test_a_stale_save_is_refused(audience: ParentSegment, admin: User) -> None:
    other = define(name="Other", attributes=[{"column": "age", "kind": "number"}])
    saved = parents.save(audience, other, admin, version=1)
    assert (saved.version, parents.definition_of(saved)) == (2, other)
    with pytest.raises(Stale, match="was saved by admin"):
        parents.save(audience, define(), admin, version=1)


def test_a_name_is_taken_once(audience: ParentSegment, user: User) -> None:
    with pytest.raises(Refused, match="There is a parent segment named Retail customers"):
        parents.create(define(), user)
    assert ParentSegment.objects.count() == 1


def test_deleting_takes_its_segments_along(audience: ParentSegment, user: User) -> None:
    segments.create(audience, "Gold", EMEA, user)
    parents.delete(audience)
    assert (ParentSegment.objects.count(), Segment.objects.count()) == (0, 0)


def test_the_sample_is_ready_and_made_once(data_dir: Any, admin: User) -> None:
    assert samples.make_sample() is None  # before there are sample tables
    load_sample_data()
    made = samples.make_sample()
    assert made
    assert (made.name, made.customers, made.problems) == ("CDNOW customers", 23_570, [])
    assert samples.make_sample() is None
    parents.delete(made)
    assert samples.make_sample() is None
    assert MadeSample.objects.count() == 1
