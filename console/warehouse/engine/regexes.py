"""Java's regular expressions on an engine that has RE2's: what RE2 can't do is refused, the rest is rewritten."""

import re

_LOOK = re.compile(r"\(\?(?:[=!]|<[=!]|>)")
_BACKREFERENCE = re.compile(r"(?<!\\)(?:\\\\)*\\[1-9]")
_POSSESSIVE = re.compile(r"(?<!\\)[*+?}]\+")


class Unsupported(ValueError):
    """`str()` says which part of the expression can't run."""


def pattern(text: str) -> str:
    bare = re.sub(r"\[(?:\\.|[^\]\\])*\]", "[]", text)
    if found := _LOOK.search(bare):
        raise Unsupported(f"look-around, {found[0]}")
    if _BACKREFERENCE.search(bare):
        raise Unsupported("references to an earlier group, such as \\1")
    if _POSSESSIVE.search(bare):
        raise Unsupported("possessive quantifiers, such as *+")
    return re.sub(r"\\h", r"[ \\t]", text)


def replacement(text: str) -> str:
    """`$1` is the first group and a backslash takes the next character as it is; RE2 has `\\1` and `\\\\`."""

    def one(found: re.Match[str]) -> str:
        if found[1]:
            return "\\" + found[1]
        literal = found[2] if found[2] is not None else found[0]
        if literal == "$":
            return "$" if found[2] else _no_group()
        return "\\\\" if literal == "\\" else literal

    return re.sub(r"\$(\d)|\\([\s\S])|[\s\S]", one, text)


def _no_group() -> str:
    raise Unsupported("$ without the number of a group")
