"""Deciding whether something is told, and writing it down in the caller's transaction."""

from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from console.notices import outbox
from console.notices.models import Notice, Preferences, State
from integrations.redaction import redact

ARRIVED_AGAIN = "Every row of {name} arrives again"
TITLES = {
    Notice.Kind.DONE: "{name} is done",
    Notice.Kind.RECOVERED: "{name} works again",
    Notice.Kind.REJECTED: "{name} is done with rejected rows",
    Notice.Kind.FAILED: "{name} failed",
    Notice.Kind.FAILING: "{name} failed again",
    Notice.Kind.PAUSED: "The schedule of {name} is paused",
    Notice.Kind.TEST: "Test notice of {name}",
}


@dataclass(frozen=True, kw_only=True)
class Report:
    """What a room above says of a subject. The room knows what it is; here it is only a key and a name."""

    subject: str  # "query:41"
    event: str  # "job:12": each is told at most once
    name: str
    state: State
    link: str  # the page that says what to do: a path of this console
    message: str = ""
    action: str = ""
    facts: dict[str, Any] = field(default_factory=dict)


@transaction.atomic
def tell(report: Report, *, always: bool = False) -> Notice | None:
    """Writes the notice and its dispatches, or None where nobody wants it. Call it in the transaction of the fact.

    A failure and rejected rows are told when they begin, not at every run; `always` tells them in any case.
    """
    wants = Preferences.objects.lock(report.subject)
    if wants is None or Notice.objects.filter(subject=report.subject, event=report.event).exists():
        return None
    previous = wants.state
    if report.state != State.PAUSED:
        wants.enter(report.state)
    if not _is_wanted(wants, previous, report.state, always=always):
        return None
    return outbox.post(notice(report, kind_of(report.state, previous), previous), wants)


def is_wanted(subject: str) -> bool:
    """Whether anybody may want to hear of it: what spares the room above a report that nobody reads."""
    return Preferences.objects.filter(subject=subject).exists()


def forget(subject: str) -> None:
    """The subject is gone: nothing more is told of it. What was told stays in the log."""
    Preferences.objects.filter(subject=subject).delete()


def notice(report: Report, kind: Notice.Kind, previous: str = "") -> Notice:
    """Not saved yet."""
    title = TITLES[kind].format(name=report.name)
    if kind == Notice.Kind.RECOVERED and previous == State.REJECTED:
        title = ARRIVED_AGAIN.format(name=report.name)
    return Notice(
        subject=report.subject,
        event=report.event,
        name=report.name[:255],
        kind=kind,
        previous=previous,
        title=title[:300],
        message=redact(report.message),
        action=redact(report.action),
        link=report.link,
        facts={
            key: redact(value) if isinstance(value, str) else value for key, value in report.facts.items()
        },
    )


def kind_of(state: str, previous: str) -> Notice.Kind:
    if state == State.DONE and previous in {State.FAILED, State.REJECTED}:
        return Notice.Kind.RECOVERED
    if state == State.FAILED and previous == State.FAILED:
        return Notice.Kind.FAILING
    return Notice.Kind(state)


def _is_wanted(wants: Preferences, previous: str, state: str, *, always: bool) -> bool:
    changed = always or state != previous
    mended = (wants.on_failure and previous == State.FAILED) or (
        wants.on_rejected and previous == State.REJECTED
    )
    match state:
        case State.DONE:
            return wants.on_success or mended
        case State.REJECTED:
            # On success is each run's receipt, and this run has one too: silence would read as "did not run".
            return wants.on_success or (changed and (wants.on_rejected or mended))
        case State.FAILED:
            return changed and (wants.on_failure or (always and wants.on_pause))
        case _:
            return wants.on_pause
