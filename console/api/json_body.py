"""A JSON body as the rooms can keep it: every text in it fits a database, every number is finite."""

import json
from typing import Any, NoReturn

from console.api.answers import ApiError


def read_object(body: bytes) -> dict[str, Any]:
    """Raises ApiError 400. An empty body is an empty object."""
    if not body.strip():
        return {}
    try:
        found = json.loads(body, parse_constant=_no_number)
        if (bad := _unfit(found)) is not None:
            raise ApiError(400, f"{bad!r:.60} holds a character that no table can hold. Remove it.")
    except (ValueError, RecursionError) as problem:
        raise ApiError(400, f"The body is not JSON: {problem}. Send one JSON object.") from problem
    if not isinstance(found, dict):
        raise ApiError(400, "The JSON body must be an object.")
    return found


def _unfit(value: Any) -> str | None:
    """The first text that holds NUL or half of a character."""
    if isinstance(value, str):
        broken = "\0" in value or any("\ud800" <= sign <= "\udfff" for sign in value)
        return value if broken else None
    if isinstance(value, dict):
        value = [*value, *value.values()]
    if isinstance(value, list):
        return next((bad for one in value if (bad := _unfit(one)) is not None), None)
    return None


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is no number of JSON")
