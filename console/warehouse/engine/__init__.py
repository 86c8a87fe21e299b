"""SQL engines. Importing this package imports no engine: the child process and the models stay light."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from console.warehouse.engine.interface import Engine


def current(type: str) -> "Engine":
    """The engine that runs statements of `type` ("presto" or "hive"). Today both run embedded."""
    from console.warehouse.engine.embedded import ENGINE

    return ENGINE


def function_names(type: str) -> list[str]:
    """The functions a statement of `type` may call, sorted, in the spelling the editor completes."""
    from console.warehouse.engine.functions import function_names as names

    return names(type)
