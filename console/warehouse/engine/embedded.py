"""The default engine: DuckDB in a child process, over exactly the files of the snapshots a statement reads."""

import json
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from console.warehouse.engine import macros
from console.warehouse.engine.coercion import HIVE_MACROS
from console.warehouse.engine.interface import Limits, Run, SqlError, Statement, StatementKind
from console.warehouse.engine.places import find_word
from console.warehouse.engine.run import ChildRun, part_path, spill_path
from console.warehouse.engine.tables import schema_name
from console.warehouse.engine.translate import translate
from console.warehouse.storage.snapshots import select
from console.warehouse.types import Column, Snapshot, TableRef

_CHILD = Path(__file__).with_name("child.py")
_SETTINGS: dict[str, dict[str, str]] = {
    "presto": {"integer_division": "true"},
    "hive": {"error_on_division_by_zero": "false"},
}
_UNITS = {"k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12,
          "ki": 2**10, "mi": 2**20, "gi": 2**30, "ti": 2**40}  # fmt: skip


class EmbeddedEngine:
    def translate(
        self,
        sql: str,
        type: str,
        *,
        database: str,
        scheduled_time: int,
        columns: Callable[[TableRef], Sequence[Column]] = lambda ref: (),
    ) -> Statement:
        return translate(sql, type, database=database, scheduled_time=scheduled_time, columns=columns)

    def start(
        self, statement: Statement, snapshots: Mapping[TableRef, Snapshot], output: Path, limits: Limits
    ) -> Run:
        """Start `statement` in its own process. `snapshots` has every table it reads; where it has the table an INSERT
        writes too, the file gets that table's column names and types, by position."""
        spec = specification(statement, snapshots, output, limits)
        process = subprocess.Popen(
            [sys.executable, "-I", str(_CHILD)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={"LANG": "C.UTF-8", "PATH": "/usr/bin:/bin"},
            cwd="/",
            start_new_session=True,
        )
        scanned = sum(snapshots[ref].bytes for ref in statement.reads)
        return ChildRun(process, json.dumps(spec), statement, output, limits, scanned)


def specification(
    statement: Statement, snapshots: Mapping[TableRef, Snapshot], output: Path, limits: Limits
) -> dict[str, object]:
    part, spill = part_path(output), spill_path(output)
    for leftover in (part, spill):
        _remove(leftover)
    target, columns = _target(statement, snapshots)
    casts = " ".join(f"{macro}(" for macro in HIVE_MACROS) if target and statement.type == "hive" else ""
    return {
        "sql": statement.translated,
        "type": statement.type,
        "views": [_view(snapshots[ref]) for ref in statement.reads],
        "macros": macros.needed(statement.translated + casts),
        "settings": _SETTINGS[statement.type],
        "unnamed": "_col" if statement.type == "presto" else "_c",
        "creates": statement.kind == StatementKind.CREATE_TABLE_AS,
        "target": target,
        "columns": columns,
        "time": int(time.time()),
        "output": str(part),
        "spill_directory": str(spill),
        "spill": limits.spill,
        "memory": limits.memory,
        "memory_bytes": memory_bytes(limits.memory),
        "threads": limits.threads,
        "seconds": limits.seconds,
    }


def memory_bytes(text: str) -> int:
    """`1GB` is 1,000,000,000 bytes, as the engine counts."""
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([KMGT]i?)B\s*", text, re.I)
    if not found:
        raise ValueError(f"{text!r} is no amount of memory; write for example 1GB")
    return int(float(found[1]) * _UNITS[found[2].lower()])


def _view(snapshot: Snapshot) -> dict[str, object]:
    return {
        "database": schema_name(snapshot.ref.database),
        "table": snapshot.ref.table,
        "sql": select(snapshot),
        "files": list(snapshot.files),
    }


def _target(
    statement: Statement, snapshots: Mapping[TableRef, Snapshot]
) -> tuple[list[tuple[str, str]], list[str]]:
    """Name and type of each column of the table an INSERT fills, and the columns it names, as the table spells them."""
    ref = statement.writes
    if statement.kind not in (StatementKind.INSERT_INTO, StatementKind.INSERT_OVERWRITE) or ref is None:
        return [], []
    columns = snapshots[ref].columns
    spelled = {column.name.lower(): column.name for column in columns}
    for name in statement.write_columns:
        if name not in spelled:
            line, at = find_word(statement.sql, name)
            hint = f"Its columns: {', '.join(spelled.values())}."
            raise SqlError(f"{ref} has no column {name}.", line=line, column=at, hint=hint)
    pairs = [(column.name, column.engine_type) for column in columns]
    return pairs, [spelled[name] for name in statement.write_columns]


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


ENGINE = EmbeddedEngine()
