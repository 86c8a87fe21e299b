"""Pieces of SQL."""


def literal(text: str) -> str:
    """A string constant; control characters by number, so that the SQL stays readable in a log."""
    parts: list[str] = []
    run = ""
    for character in text:
        if ord(character) < 32:
            parts += [_quoted(run), f"chr({ord(character)})"] if run else [f"chr({ord(character)})"]
            run = ""
        else:
            run += character
    if run or not parts:
        parts.append(_quoted(run))
    return parts[0] if len(parts) == 1 else f"({' || '.join(parts)})"


def name(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
