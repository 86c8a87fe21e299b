"""The default engine: DuckDB in a child process, over exactly the files of the snapshots a statement reads."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from console.warehouse.engine import macros
from console.warehouse.engine.interface import Limits, Run, Statement, StatementKind
from console.warehouse.engine.run import ChildRun, part_path, spill_path
from console.warehouse.engine.translate import translate
from console.warehouse.types import Snapshot, TableRef

_CHILD = Path(__file__).with_name("child.py")
_SETTINGS: dict[str, dict[str, str]] = {
    "presto": {"integer_division": "true"},
    "hive": {"error_on_division_by_zero": "false"},
}
_UNITS = {
    "kb": 10**3,
    "mb": 10**6,
    "gb": 10**9,
    "tb": 10**12,
    "kib": 2**10,
    "mib": 2**20,
    "gib": 2**30,
    "tib": 2**40,
}


class EmbeddedEngine:
    def translate(self, sql: str, type: str, *, database: str, scheduled_time: int) -> Statement:
        return translate(sql, type, database=database, scheduled_time=scheduled_time)

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
    return {
        "sql": statement.translated,
        "views": [_view(snapshots[ref]) for ref in statement.reads],
        "macros": macros.needed(statement.translated),
        "settings": _SETTINGS[statement.type],
        "unnamed": "_col" if statement.type == "presto" else "_c",
        "targets": _targets(statement, snapshots),
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
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([KMGT]i?B)\s*", text, re.I)
    if not found:
        raise ValueError(f"{text!r} is no amount of memory; write for example 1GB")
    return int(float(found[1]) * _UNITS[found[2].lower()])


def _view(snapshot: Snapshot) -> dict[str, object]:
    return {
        "database": snapshot.ref.database,
        "table": snapshot.ref.table,
        "columns": [(column.name, column.engine_type) for column in snapshot.columns],
        "files": list(snapshot.files),
    }


def _targets(statement: Statement, snapshots: Mapping[TableRef, Snapshot]) -> list[tuple[str, str]]:
    """Name and type of each column an INSERT fills, in order; a type of "" is the SELECT's own."""
    if (
        statement.kind not in (StatementKind.INSERT_INTO, StatementKind.INSERT_OVERWRITE)
        or not statement.writes
    ):
        return []
    target = snapshots.get(statement.writes)
    types = {column.name: column.engine_type for column in target.columns} if target else {}
    return [(name, types.get(name, "")) for name in statement.write_columns or types]


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


ENGINE = EmbeddedEngine()
