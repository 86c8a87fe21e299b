"""A line of a file taken apart for the eye: fields, NULLs, delimiters and characters that can't be seen."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from integrations.formats.options import NEWLINES, FileOptions

_NAMES = {"\r": "CR", "\n": "LF", "\t": "TAB", "\ufeff": "BOM", "\u00a0": "NBSP"}
# Control characters, and those that turn the direction of the text or take no room.
_UNSEEN = re.compile("[\x00-\x1f\x7f-\xa0\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
_LONGEST = 2_000  # characters of one line that are shown


@dataclass(frozen=True)
class Token:
    """`kind`: "text", "quoted", "null", "delimiter", "control" (a character's name), "bad", "more"."""

    kind: str
    text: str


def tokens(line: str, options: FileOptions) -> tuple[Token, ...]:
    """`line` with its end. Everything is told from the characters alone, as the reader of the file has to."""
    end = NEWLINES[options.newline]
    body = line.removesuffix(end)
    shown = [token for part in _fields(body[:_LONGEST], options) for token in _visible(part)]
    if len(body) > _LONGEST:
        hidden = len(body.encode()) - len(body[:_LONGEST].encode())
        shown.append(Token("more", f"{hidden:,} more bytes"))
    return (*shown, *(Token("control", _NAMES[character]) for character in end))


def _fields(body: str, options: FileOptions) -> Iterator[Token]:
    at = 0
    while True:
        stop = _field_end(body, at, options)
        if field := body[at:stop]:
            yield Token(_kind(field, options), field)
        if stop >= len(body):
            return
        yield Token("delimiter", options.delimiter)
        at = stop + 1


def _field_end(body: str, start: int, options: FileOptions) -> int:
    """Where the field that begins at `start` ends: at a delimiter that is neither quoted nor escaped."""
    quoted = options.quote_policy != "NONE" and body.startswith('"', start)
    at = start + 1 if quoted else start
    while at < len(body):
        if quoted:
            if body[at] == '"':
                if not body.startswith('""', at):
                    return at + 1
                at += 1
        elif (
            options.quote_policy == "NONE"
            and body[at] == "\\"
            and body[at + 1 : at + 2] in (options.delimiter, "\n")
        ):
            at += 1
        elif body[at] == options.delimiter:
            return at
        at += 1
    return len(body)


def _kind(field: str, options: FileOptions) -> str:
    if field == options.null_string:
        return "null"
    if options.quote_policy == "NONE":
        return "bad" if options.delimiter in field or "\n" in field else "text"
    return "quoted" if field.startswith('"') else "text"


def _visible(token: Token) -> Iterator[Token]:
    """The token, cut at characters that can't be seen; those become their names."""
    at = 0
    for found in _UNSEEN.finditer(token.text):
        if found.start() > at:
            yield Token(token.kind, token.text[at : found.start()])
        character = found.group()
        yield Token("control", _NAMES.get(character, f"U+{ord(character):04X}"))
        at = found.end()
    if at < len(token.text):
        yield Token(token.kind, token.text[at:])


def columns_read(body: str, options: FileOptions) -> int:
    """How many columns a reader finds that knows the backslash."""
    return 1 + sum(1 for token in _fields(body, options) if token.kind == "delimiter")
