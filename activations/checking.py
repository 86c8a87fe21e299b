"""A parent segment against the warehouse: what is there, what its types are, and whether keys are unique."""

import time

from sqlglot import exp

from activations import sources, wording
from activations.asking import ask
from activations.definitions import Behavior, Column, Definition
from activations.errors import Problem
from activations.models import ColumnKind
from activations.sql.writing import call, column, is_null, named, number, table, to_sql
from console.warehouse.types import TableRef

_KEYS = {"int": "a whole number", "long": "a whole number", "string": "text"}
_STORED = {
    "text": ("string",),
    "number": ("int", "long", "float", "double"),  # and decimal(p,s)
    "boolean": ("boolean",),
    "date": ("date", "string"),
    "timestamp": ("int", "long", "timestamp", "timestamptz"),
}
_TIMES = (*_STORED["timestamp"], "date")
_EXAMPLES = 3


def kind_for(name: str, stored: str) -> str:
    """The kind to suggest for a column: what it holds most likely."""
    if name.lower() == "time" and stored in ("int", "long"):
        return ColumnKind.TIMESTAMP
    if stored.startswith("decimal"):
        return ColumnKind.NUMBER
    return next((kind for kind, types in _STORED.items() if stored in types), ColumnKind.OTHER)


def check(made: Definition) -> list[Problem]:
    """Tables, columns and types. Reads no rows, so a form can show it at once."""
    problems: list[Problem] = []
    master = sources.columns(made.master)
    if master is None:
        return [Problem("master", f"Table {made.master} does not exist. Choose another one.")]
    _key(master, made.key_column, "key_column", made.master, problems)
    held: list[dict[str, str] | None] = []
    for i, one in enumerate(made.attribute_tables):
        held.append(
            _joined(one.ref, one.key_column, one.master_column, master, f"attribute_tables.{i}", problems)
        )
    for i, attribute in enumerate(made.attributes):
        within = master if attribute.table is None else held[attribute.table]
        ref = made.master if attribute.table is None else made.attribute_tables[attribute.table].ref
        if within is not None:
            _column(attribute, within, ref, f"attributes.{i}", problems)
    for i, behavior in enumerate(made.behavior_tables):
        _behavior(behavior, master, f"behavior_tables.{i}", problems)
    return problems


def count_keys(made: Definition) -> tuple[int, list[Problem]]:
    """The customers, and the keys that come twice or not at all. Reads every key. Raises SqlError, WarehouseError."""
    customers, problems = _unique(made.master, made.key_column, "key_column", "A customer is one row")
    for i, one in enumerate(made.attribute_tables):
        place = f"attribute_tables.{i}.key_column"
        problems += _unique(
            one.ref, one.key_column, place, "An attribute table has one row for each customer"
        )[1]
    return customers, problems


def _unique(ref: TableRef, key: str, path: str, rule: str) -> tuple[int, list[Problem]]:
    known = column("t", key)
    counts = (
        exp.select(
            named(call("count", exp.Star()), "rows"),
            named(call("count", known.copy()), "keys"),
            named(call("count", exp.Distinct(expressions=[known.copy()])), "different"),
        )
        .from_(table(ref, "t"))
    )  # fmt: skip
    rows, keys, different = ask(to_sql(counts), scheduled_time=int(time.time())).rows[0]
    problems = []
    if keys > different:
        examples = ", ".join(str(value) for value in _repeated(ref, key))
        message = f"Keys come more than once in {ref}, such as {examples}: {wording.rows(keys - different)} too many."
        problems.append(Problem(path, f"{message} {rule}: remove the others, or choose another key column."))
    if rows > keys and path == "key_column":
        without = f"{wording.rows(rows - keys)} of {ref} without {key} left out: no key, no customer."
        problems.append(Problem(path, without, stops=False))
    return different, problems


def _repeated(ref: TableRef, key: str) -> list[object]:
    known, count = column("t", key), call("count", exp.Star())
    query = (
        exp.select(named(known, "key"))
        .from_(table(ref, "t"))
        .where(exp.Not(this=is_null(known.copy())))
        .group_by(known.copy())
        .having(exp.GT(this=count, expression=number(1)))
        .order_by(known.copy())
        .limit(_EXAMPLES)
    )
    return [row[0] for row in ask(to_sql(query), scheduled_time=int(time.time())).rows]


def _key(held: dict[str, str], name: str, path: str, ref: TableRef, problems: list[Problem]) -> str | None:
    stored = held.get(name.lower())
    if stored is None:
        problems.append(Problem(path, f"Table {ref} has no column {name}. It has {', '.join(held)}."))
    elif stored not in _KEYS:
        problems.append(
            Problem(path, f"{name} is {stored}. A key is a whole number or text: choose another column.")
        )
    else:
        return stored
    return None


def _joined(
    ref: TableRef, key: str, master_column: str, master: dict[str, str], path: str, problems: list[Problem]
) -> dict[str, str] | None:
    """The table's columns, and what is wrong with its key."""
    held = sources.columns(ref)
    if held is None:
        problems.append(Problem(f"{path}.table", f"Table {ref} does not exist. Choose another one."))
        return None
    mine = _key(held, key, f"{path}.key_column", ref, problems)
    theirs = master.get(master_column.lower())
    if theirs is None:
        problems.append(Problem(f"{path}.master_column", f"The master has no column {master_column}."))
    elif mine and _KEYS.get(theirs) != _KEYS[mine]:
        problems.append(Problem(f"{path}.key_column", (
            f"{key} is {_KEYS[mine]}, {master_column} of the master is {_KEYS.get(theirs, theirs)}: they are never "
            f"equal. Choose another column, or cast one in a table of its own."
        )))  # fmt: skip
    return held


def _behavior(behavior: Behavior, master: dict[str, str], path: str, problems: list[Problem]) -> None:
    held = _joined(behavior.ref, behavior.key_column, behavior.master_column, master, path, problems)
    if held is None:
        return
    stored = held.get(behavior.time_column.lower())
    if stored not in _TIMES:
        message = f"Table {behavior.ref} has no column {behavior.time_column}."
        if stored:
            message = f"{behavior.time_column} is {stored}. A time is Unix seconds, a timestamp or a date."
        problems.append(Problem(f"{path}.time_column", f"{message} Choose another one."))
    for i, one in enumerate(behavior.columns):
        _column(one, held, behavior.ref, f"{path}.columns.{i}", problems)


def _column(one: Column, held: dict[str, str], ref: TableRef, path: str, problems: list[Problem]) -> None:
    stored = held.get(one.column.lower())
    if stored is None:
        problems.append(
            Problem(
                f"{path}.column", f"Table {ref} has no column {one.column}. Remove it, or choose another."
            )
        )
    elif one.kind != ColumnKind.OTHER and not _fits(one.kind, stored):
        right = kind_for(one.column, stored)
        problems.append(
            Problem(f"{path}.kind", f"{one.column} is {stored}, which is no {one.kind}. Choose {right}.")
        )


def _fits(kind: str, stored: str) -> bool:
    return stored in _STORED[kind] or (kind == "number" and stored.startswith("decimal"))
