"""The engine's session in the child process: it sees the listed files as views and can't be unlocked."""

from collections.abc import Iterator
from typing import Any

import duckdb

MARGIN = 64  # more than what is put before the query to run it
_SETTINGS = {
    "TimeZone": "UTC",
    "preserve_insertion_order": "true",
    "enable_progress_bar": "true",  # without it query_progress() knows nothing
    "enable_progress_bar_print": "false",
    "errors_as_json": "true",  # with the place in the SQL
}


def open_session(spec: dict[str, Any]) -> duckdb.DuckDBPyConnection:
    """A session that reads the listed files, may write the one output file, and nothing else."""
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
    con.execute(f"SET allowed_paths=[{', '.join(map(text, [*files, spec['output']]))}]")
    for setting, value in (_SETTINGS | spec["settings"]).items():
        con.execute(f"SET {setting}={text(value)}")
    for view in spec["views"]:
        con.execute(f"CREATE SCHEMA IF NOT EXISTS {name(view['database'])}")
    for offset, _, made in layout(spec):
        con.execute(" " * offset + made)
    con.execute("SET enable_external_access=false")
    con.execute("SET lock_configuration=true")
    return con


def layout(spec: dict[str, Any]) -> Iterator[tuple[int, str, str]]:
    """The statements that make macros and views, each with its name and a place of its own behind the query's end: so
    the place in an error tells the query's own text from a macro's, and one macro from another."""
    offset = len(spec["sql"]) + MARGIN
    for macro in spec["macros"]:
        yield offset, macro.removeprefix("CREATE MACRO ").partition("(")[0], macro
        offset += len(macro) + 1
    for view in spec["views"]:
        made = f"CREATE VIEW {name(view['database'])}.{name(view['table'])} AS {view['sql']}"
        yield offset, "", made
        offset += len(made) + 1


def text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def name(value: str) -> str:
    return '"' + value.replace('"', '""') + '"'
