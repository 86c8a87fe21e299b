"""E-mail addresses as people type them: one by one, each error with its fix."""

import re

from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator

MOST = 20
FORM = "Write it as name@example.com."
_valid = EmailValidator()


def parse(text: str) -> list[str]:
    """The addresses in `text`, each once. Raises `ValidationError` with a message for each that is none."""
    found: dict[str, str] = {}
    problems = []
    for typed in (part.strip() for part in re.split(r"[\n,;]", text)):
        if not typed:
            continue
        if problem := _problem(typed):
            problems.append(problem)
        else:
            found.setdefault(typed.lower(), typed)
    if len(found) > MOST:
        problems.append(
            f"{len(found)} addresses are given, and {MOST} is the most. Use the address of a mailing list."
        )
    if problems:
        raise ValidationError(problems)
    return list(found.values())


def envelope(address: str) -> str:
    """As a mail server takes it: the domain in ASCII."""
    name, _, domain = address.rpartition("@")
    return f"{name}@{domain.encode('idna').decode()}"


def _problem(typed: str) -> str:
    shown = typed if len(typed) <= 60 else f"{typed[:60]}…"
    if named := re.fullmatch(r".*<([^<>]*)>", typed):
        return (
            f"{shown}: leave out the name and the brackets. Write {named[1].strip() or 'name@example.com'}."
        )
    if "@" not in typed:
        return f"{shown} has no @. {FORM}"
    if re.search(r"\s", typed):
        return f"{shown} has a space in it. Put each address on a line of its own."
    if len(typed) > 254:
        return f"{shown} is longer than an address can be (254 characters). {FORM}"
    try:
        _valid(typed)
        envelope(typed)
    except (ValidationError, UnicodeError):
        domain = typed.rpartition("@")[2]
        missing = "." not in domain and domain.isascii() and domain
        return (
            f"{shown}: {domain} has no ending such as .com. {FORM}"
            if missing
            else f"{shown} is no e-mail address. {FORM}"
        )
    return ""
