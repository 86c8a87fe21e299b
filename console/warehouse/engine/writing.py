"""Binds the translated SELECT in the locked session and writes its rows to the one Parquet file."""

import contextlib
import json
import os
import re
from typing import Any

import duckdb

from console.warehouse.engine.coercion import coerced
from console.warehouse.engine.session import layout, name, text

# A type Parquet or Trino has no name for, and the one its values are stored as. Trino has no integer wider than bigint.
_STORED = (
    (r"\bU?HUGEINT\b|\bUBIGINT\b|\bUINTEGER\b", "BIGINT"),
    (r"\bUSMALLINT\b", "INTEGER"),
    (r"\bUTINYINT\b", "SMALLINT"),
    (r"\bTIMESTAMP_(?:S|MS|NS)\b", "TIMESTAMP"),
    (r"\bTIME WITH TIME ZONE\b|\bJSON\b|\bUUID\b|\bBIT\b|\bENUM\([^)]*\)", "VARCHAR"),
    (r'"NULL"', "INTEGER"),
)
_PARQUET = "(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 122880, USE_TMP_FILE false)"
TIME = "time"


class Failed(Exception):
    """The engine's own error. `details` has its kind, and where it stands: in the query's SQL, or in which macro."""

    def __init__(self, error: duckdb.Error, spec: dict[str, Any], before: str) -> None:
        text, found = str(error), {}
        if (at := text.find("{")) >= 0:
            with contextlib.suppress(ValueError):
                found = json.loads(text[at:])
        super().__init__(found.get("exception_message", text))
        start, length = json.loads(found.get("location", "[-1, 0]"))
        self.details: dict[str, Any] = {"kind": type(error).__name__}
        if 0 <= start - len(before) < len(spec["sql"]):
            self.details |= {"start": start - len(before), "length": length}
        else:
            inside = [name for offset, name, made in layout(spec) if offset <= start < offset + len(made)]
            self.details |= {"macro": inside[0]} if inside else {}


class Refused(Exception):
    """The rows don't fit: `str()` is one of the reasons `failures` knows, `details` what it needs to say so."""

    def __init__(self, reason: str, **details: Any) -> None:
        super().__init__(reason)
        self.details = details


def write(con: duckdb.DuckDBPyConnection, spec: dict[str, Any]) -> dict[str, Any]:
    """Column names are made unique in the file; the ones to show are in the answer."""
    try:
        statements = con.extract_statements(spec["sql"])
    except duckdb.Error as error:
        raise Failed(error, spec, "") from None
    if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
        raise duckdb.PermissionException("Only a SELECT can run.")
    execute(con, "DESCRIBE ", spec)
    described = [(row[0], row[1]) for row in con.fetchall()]
    shown = [
        f"{spec['unnamed']}{i}" if column.startswith("?column?") else column
        for i, (column, _) in enumerate(described)
    ]
    kinds = [_stored(kind) for _, kind in described]
    if any("INTERVAL" in kind for kind in kinds):
        raise Refused("interval")
    if spec["creates"] and (
        twice := [one for one, made in zip(shown, unique(shown), strict=True) if one != made]
    ):
        raise Refused("duplicate", column=twice[0])
    written = _filled(spec, described) if spec["target"] else _as_selected(shown, kinds)
    aliases = ", ".join(f"c{i}" for i in range(len(described)))
    execute(
        con,
        "COPY (FROM (",
        spec,
        f"\n) AS r({aliases}) SELECT {written}) TO {text(spec['output'])} {_PARQUET}",
    )
    rows = con.fetchall()[0][0]
    return {"rows": rows, "bytes": os.path.getsize(spec["output"]), "names": shown, "types": kinds}


def execute(con: duckdb.DuckDBPyConnection, before: str, spec: dict[str, Any], after: str = "") -> None:
    """Runs the query's SQL between `before`, which is short, and `after`. An error knows where in it it stands."""
    try:
        con.execute(before + spec["sql"] + after)
    except duckdb.Error as error:
        raise Failed(error, spec, before) from None


def _as_selected(shown: list[str], kinds: list[str]) -> str:
    pairs = zip(unique(shown), kinds, strict=True)
    return ", ".join(f"CAST(c{i} AS {kind}) AS {name(column)}" for i, (column, kind) in enumerate(pairs))


def _filled(spec: dict[str, Any], described: list[tuple[str, str]]) -> str:
    """Every column of the table, in its order: the SELECT's by position, NULL where it gives none, and the job's time
    in a `time` it leaves out, as Treasure Data does."""
    target: dict[str, str] = dict(spec["target"])
    given = _positions(spec, len(described))
    made = []
    for column, kind in target.items():
        if column in given:
            position = given[column]
            value = coerced(f"c{position}", described[position][1], kind, spec["type"])
            if value is None:
                raise Refused("mismatch", column=column, wanted=kind, given=_stored(described[position][1]))
        elif column == TIME and kind in ("BIGINT", "INTEGER"):
            value = f"CAST({int(spec['time'])} AS {kind})"
        else:
            value = f"CAST(NULL AS {kind})"
        made.append(f"{value} AS {name(column)}")
    return ", ".join(made)


def _positions(spec: dict[str, Any], count: int) -> dict[str, int]:
    """Which column of the SELECT goes where."""
    columns = spec["columns"] or [column for column, _ in spec["target"]]
    if count == len(columns) - 1 and not spec["columns"] and TIME in columns:
        columns = [column for column in columns if column != TIME]
    if count != len(columns):
        raise Refused("count", selected=count, columns=columns)
    return {column: position for position, column in enumerate(columns)}


def unique(names: list[str]) -> list[str]:
    taken: set[str] = set()
    found = []
    for one in names:
        candidate, n = one, 1
        while candidate.lower() in taken:
            candidate, n = f"{one}_{n}", n + 1
        taken.add(candidate.lower())
        found.append(candidate)
    return found


def _stored(kind: str) -> str:
    for pattern, stored in _STORED:
        kind = re.sub(pattern, stored, kind)
    return kind
