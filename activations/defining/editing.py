"""What the buttons of a parent segment's form do."""

from activations.builder import paths
from activations.defining.typing_in import Typed

LISTS = ("attribute_tables", "behavior_tables")


def apply(typed: Typed, action: str) -> str:
    """ "add:<list>", "remove:<table>", "all:<table>" or "none:<table>", where "" is the master. Returns the place."""
    what, _, path = action.partition(":")
    if what == "add" and path in LISTS:
        extra = {"name": "", "time_column": ""} if path == "behavior_tables" else {}
        typed[path].append(
            {"table": "", "was": "", "key_column": "", "master_column": "", "columns": [], **extra}
        )
        return f"{path}.{len(typed[path]) - 1}"
    found = paths.at(typed, path)
    if what == "remove" and isinstance(found, dict):
        inside, number = paths.split(path)
        if inside in LISTS:
            del typed[inside][number]
    elif what in ("all", "none") and isinstance(found, dict):
        for each in found.get("columns", ()):
            each["use"] = "on" if what == "all" else ""
    return ""
