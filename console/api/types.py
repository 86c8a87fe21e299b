"""Column types as Treasure Data's clients know them: any other word makes one of them fail."""

import json
import re

from console.api.answers import ApiError
from console.api.call import Call
from console.warehouse.types import Column

RESERVED = {
    "time",
    "v",
}  # time is implicit, v was a catch-all: a listing with either stops clients
KNOWN = {"int", "long", "float", "double", "string"}
NAMES = {"boolean": "int"}
SHAPE = re.compile(r"(array|map)<(.+)>")


def td_type(kind: str) -> str:
    """One of int, long, float, double, string, array<T>, map<K,V>; any other type is shown as string."""
    if kind in KNOWN:
        return kind
    found = SHAPE.fullmatch(kind)
    if found is None:
        return NAMES.get(kind, "string")
    parts = [td_type(part) for part in _split(found[2])]
    if len(parts) != {"array": 1, "map": 2}[found[1]]:
        return "string"
    return f"{found[1]}<{','.join(parts)}>"


def _split(text: str) -> list[str]:
    """At the commas outside every bracket."""
    parts, depth = [""], 0
    for character in text:
        depth += (character in "<(") - (character in ">)")
        if character == "," and not depth:
            parts.append("")
        else:
            parts[-1] += character
    return [part.strip() for part in parts]


def schema_text(columns: tuple[Column, ...]) -> str:
    """JSON text of [[name, type], …], without time."""
    return json.dumps(
        [[c.name, td_type(c.type)] for c in columns if c.name not in RESERVED], ensure_ascii=False
    )


def schema_of(call: Call) -> list[tuple[str, str]]:
    """The call's `schema`: a list or its JSON text. A column is [name, type] or [name, type, alias]."""
    given = call.params.get("schema")
    try:
        given = json.loads(given) if isinstance(given, str) else given
        columns = [(str(column[0]), str(column[1])) for column in given or []]
    except (ValueError, TypeError, IndexError, KeyError) as problem:
        raise ApiError(422, "schema must be a list of [name, type]. Send it as JSON.") from problem
    for name, kind in columns:
        if name in RESERVED:
            raise ApiError(422, f"{name} is reserved. Leave it out of the schema.")
        if td_type(kind) != kind.replace(", ", ","):
            raise ApiError(
                422, f"{kind} is no type. Use int, long, float, double, string, array<T>, map<K,V>."
            )
        if not re.fullmatch(r"\w{1,255}", name) or name != name.lower():
            raise ApiError(422, f"{name!r} is not allowed as a column's name. Use a-z, 0-9 and _.")
    if len({name for name, _ in columns}) < len(columns):
        raise ApiError(422, "schema names a column twice.")
    return columns
