"""A test notice: sent at once, to what stands in the form, and kept in the log like any other."""

import uuid
from collections.abc import Callable, Iterable

from django.db import transaction
from django.utils import timezone

from console.notices import outbox, post, sending
from console.notices.models import LEASE, Attempt, Dispatch, Notice, State
from console.notices.telling import Report, notice
from console.notices.webhook import Webhook
from integrations.errors import DeliveryError

MESSAGE = "{by} pressed Send a test notice. Nothing happened to {name} or its data."


def send_test(
    *, subject: str, name: str, link: str, by: str, emails: Iterable[str], hook: Webhook | None
) -> list[Dispatch]:
    """The dispatches as they ended. A test that fails is not tried again: a person looks at the answer."""
    report = Report(
        subject=subject,
        event=f"test:{uuid.uuid4().hex}",
        name=name,
        state=State.DONE,
        link=link,
        message=MESSAGE.format(by=by, name=name),
    )
    dispatches = _begin(notice(report, Notice.Kind.TEST), emails, hook)
    _send_mails([one for one in dispatches if one.channel == Dispatch.Channel.EMAIL])
    for one in dispatches:
        if one.channel == Dispatch.Channel.WEBHOOK:
            _record(one, lambda dispatch: sending.carry(dispatch, hook))
    for one in dispatches:
        one.refresh_from_db()
    return dispatches


@transaction.atomic
def _begin(test: Notice, emails: Iterable[str], hook: Webhook | None) -> list[Dispatch]:
    """The rows, held by this process: should it die, the watch lets a worker send them."""
    test.save()
    outbox.add(test, emails, hook.shown if hook else "")
    now = timezone.now()
    until = now + LEASE * test.dispatches.count()  # they are sent one after the other
    test.dispatches.update(tries=1, fence=1, rung_at=now, lease_until=until)
    found = list(test.dispatches.select_related("notice"))
    Attempt.objects.bulk_create(Attempt(dispatch=one, number=one.fence) for one in found)
    return found


def _send_mails(mails: list[Dispatch]) -> None:
    """In one conversation with the mail server: where it is away, it is waited for once."""
    if not mails:
        return
    try:
        with post.open_post() as door:
            for one in mails:
                _record(one, door.deliver)
    except DeliveryError as error:
        for one in mails:
            sending.settle(one, error, last=True)


def _record(dispatch: Dispatch, send: Callable[[Dispatch], str]) -> None:
    try:
        dispatch.arrive(send(dispatch))
    except DeliveryError as error:
        sending.settle(dispatch, error, last=True)
