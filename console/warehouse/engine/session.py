"""The engine's session in the child process: it sees the listed files as views and can't be unlocked."""

from typing import Any

import duckdb

_SETTINGS = {
    "TimeZone": "UTC",
    "preserve_insertion_order": "true",
    "enable_progress_bar": "true",  # without it query_progress() knows nothing
    "enable_progress_bar_print": "false",
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
    for macro in spec["macros"]:
        con.execute(macro)
    for view in spec["views"]:
        con.execute(f"CREATE SCHEMA IF NOT EXISTS {name(view['database'])}")
        con.execute(f"CREATE VIEW {name(view['database'])}.{name(view['table'])} AS {view['sql']}")
    con.execute("SET enable_external_access=false")
    con.execute("SET lock_configuration=true")
    return con


def text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def name(value: str) -> str:
    return '"' + value.replace('"', '""') + '"'
