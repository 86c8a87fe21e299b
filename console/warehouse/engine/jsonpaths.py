"""JSON paths as Trino and Hive write them, in the engine's spelling."""

import re

_STEP = re.compile(
    r"""\.(?:"([^"]+)"|([^.\[\]*"]+))|\[\s*(\d+)\s*\]|\[\s*"([^"]+)"\s*\]|\[\s*'([^']+)'\s*\]"""
)


def translate(path: str) -> str | None:
    """`$.a["b c"][0]` is `$."a"."b c"[0]`. None for wildcards and whatever else the engine reads in its own way."""
    if not path.startswith("$"):
        path = "$." + path
    at, out = 1, "$"
    while at < len(path):
        found = _STEP.match(path, at)
        if not found:
            return None
        if found[3] is not None:
            out += f"[{found[3]}]"
        else:
            out += '."' + (found[1] or found[2] or found[4] or found[5]) + '"'
        at = found.end()
    return out
