"""Runs one translated SELECT in a process of its own and writes its rows to one Parquet file.

Started by path with `python -I`, so that nothing of the site is imported: a specification comes as JSON on the first
line of stdin, answers go to stdout as JSON lines ({"progress": 0.4}, and last {"done": …} or {"error": …}).
The process ends with its parent: stdin ends, or the parent's id changes. PR_SET_PDEATHSIG is no substitute, since it
fires when the *thread* that started the process ends.
"""

import json
import os
import re
import resource
import sys
import threading
import time
from typing import Any

import duckdb

# A type Parquet or Trino has no name for, and the one its values are stored as. Trino has no integer wider than bigint.
_STORED = (
    (r"\bU?HUGEINT\b|\bUBIGINT\b|\bUINTEGER\b", "BIGINT"),
    (r"\bUSMALLINT\b", "INTEGER"),
    (r"\bUTINYINT\b", "SMALLINT"),
    (r"\bTIMESTAMP_(?:S|MS|NS)\b", "TIMESTAMP"),
    (r"\bTIME WITH TIME ZONE\b|\bJSON\b|\bUUID\b|\bBIT\b|\bENUM\([^)]*\)", "VARCHAR"),
    (r'"NULL"', "INTEGER"),
)
_INTERVAL = "A result can't hold an interval."
_SPARE = 1 << 30  # bytes above the engine's own limit: interpreter, code, buffers outside its pool


def main() -> None:
    spec = json.loads(sys.stdin.readline())
    _say_lock = threading.Lock()

    def say(**message: Any) -> None:
        with _say_lock:
            sys.stdout.write(json.dumps(message) + "\n")
            sys.stdout.flush()

    threading.Thread(target=_die_with_parent, args=(os.getppid(),), daemon=True).start()
    threading.Thread(target=_stop_in_time, args=(spec["seconds"], say), daemon=True).start()
    try:
        _limit_process(spec)
        con = open_session(spec)
        threading.Thread(target=_report, args=(con, say), daemon=True).start()
        say(done=run(con, spec))
    except Exception as error:
        say(error=type(error).__name__, message=str(error))
    sys.stdout.flush()
    os._exit(0)


def open_session(spec: dict[str, Any]) -> duckdb.DuckDBPyConnection:
    """A session that sees the listed files as views, may write the one output file, and can't be unlocked."""
    con = duckdb.connect(
        config={
            "memory_limit": spec["memory"],
            "threads": spec["threads"],
            "temp_directory": spec["spill_directory"],
            "max_temp_directory_size": spec["spill"],
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "allow_community_extensions": False,
            "python_enable_replacements": False,
        }
    )
    files = [file for view in spec["views"] for file in view["files"]]
    con.execute(f"SET allowed_paths=[{', '.join(map(_text, [*files, spec['output']]))}]")
    for name, value in {"TimeZone": "UTC", "preserve_insertion_order": True, **spec["settings"]}.items():
        con.execute(f"SET {name}={_text(str(value))}")
    for macro in spec["macros"]:
        con.execute(macro)
    for view in spec["views"]:
        con.execute(f"CREATE SCHEMA IF NOT EXISTS {_name(view['database'])}")
        con.execute(f"CREATE VIEW {_name(view['database'])}.{_name(view['table'])} AS {_view(con, view)}")
    con.execute("SET enable_external_access=false")
    con.execute("SET lock_configuration=true")
    return con


def _view(con: duckdb.DuckDBPyConnection, view: dict[str, Any]) -> str:
    """The table's own columns, in its own types; a column that none of the files has is NULL."""
    source, present = "", set()
    if view["files"]:
        source = f"read_parquet([{', '.join(map(_text, view['files']))}], union_by_name=true)"
        present = {row[0].lower() for row in con.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()}
    columns = [
        f"CAST({_name(name) if name.lower() in present else 'NULL'} AS {type}) AS {_name(name)}"
        for name, type in view["columns"]
    ]
    return f"SELECT {', '.join(columns) or '1 AS nothing'} FROM {source or '(SELECT 1) AS t WHERE false'}"


def run(con: duckdb.DuckDBPyConnection, spec: dict[str, Any]) -> dict[str, Any]:
    """Bind, then write. Column names are made unique in the file; the ones to show are in the answer."""
    statements = con.extract_statements(spec["sql"])
    if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
        raise duckdb.PermissionException("Only a SELECT can run.")
    described = [(row[0], row[1]) for row in con.execute(f"DESCRIBE {spec['sql']}").fetchall()]
    shown = [f"{spec['unnamed']}{i}" if name == "?column?" else name for i, (name, _) in enumerate(described)]
    if any("INTERVAL" in type for _, type in described):
        raise duckdb.InvalidInputException(_INTERVAL)
    names, kinds = _targets(spec, shown, [_stored(type) for _, type in described])
    selected = ", ".join(
        f"CAST(c{i} AS {kind}) AS {_name(name)}"
        for i, (name, kind) in enumerate(zip(names, kinds, strict=True))
    )
    aliases = ", ".join(f"c{i}" for i in range(len(described)))
    con.execute(
        f"COPY (SELECT {selected} FROM ({spec['sql']}\n) AS r({aliases})) TO {_text(spec['output'])} "
        "(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 122880, USE_TMP_FILE false)"
    )
    rows = con.fetchall()[0][0]
    return {"rows": rows, "bytes": os.path.getsize(spec["output"]), "names": shown, "types": kinds}


def _targets(spec: dict[str, Any], shown: list[str], kinds: list[str]) -> tuple[list[str], list[str]]:
    targets = spec["targets"]
    if not targets:
        return unique(shown), kinds
    if len(targets) != len(shown):
        without_time = [target for target in targets if target[0] != "time"]
        if len(without_time) != len(shown):
            raise duckdb.InvalidInputException(
                f"The SELECT has {len(shown)} columns, the table takes {len(targets)}."
            )
        targets = without_time
    return [name for name, _ in targets], [kind or kinds[i] for i, (_, kind) in enumerate(targets)]


def unique(names: list[str]) -> list[str]:
    taken: set[str] = set()
    found = []
    for name in names:
        candidate, n = name, 1
        while candidate.lower() in taken:
            candidate, n = f"{name}_{n}", n + 1
        taken.add(candidate.lower())
        found.append(candidate)
    return found


def _stored(type: str) -> str:
    for pattern, stored in _STORED:
        type = re.sub(pattern, stored, type)
    return type


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _name(value: str) -> str:
    return '"' + value.replace('"', '""') + '"'


def _limit_process(spec: dict[str, Any]) -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_DATA, (spec["memory_bytes"] + _SPARE,) * 2)
    if spec.get("file_bytes"):
        resource.setrlimit(resource.RLIMIT_FSIZE, (spec["file_bytes"],) * 2)


def _die_with_parent(parent: int) -> None:
    def watch_id() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os._exit(1)

    threading.Thread(target=watch_id, daemon=True).start()
    while sys.stdin.read(1):
        pass
    os._exit(1)


def _stop_in_time(seconds: float, say: Any) -> None:
    time.sleep(seconds)
    say(error="TimeLimit", message="")
    os._exit(1)


def _report(con: duckdb.DuckDBPyConnection, say: Any) -> None:
    while True:
        time.sleep(0.25)
        percent = con.query_progress()
        if percent is not None and percent >= 0:
            say(progress=round(percent / 100, 3))


if __name__ == "__main__":
    main()
