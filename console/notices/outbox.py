"""The outbox: a notice and its dispatches are rows, and the queue is told of them, in one transaction."""

from collections.abc import Iterable
from datetime import timedelta

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django_q.tasks import async_task

from console.notices.models import Dispatch, Notice, Preferences

FORGOTTEN = timedelta(seconds=60)
KEPT = timedelta(days=90)


@transaction.atomic
def post(notice: Notice, wants: Preferences) -> Notice:
    notice.save()
    hook = wants.webhook
    add(notice, wants.emails, hook.shown if hook else "")
    for dispatch in notice.dispatches.all():
        ring(dispatch.pk)
    return notice


def add(notice: Notice, emails: Iterable[str], hook: str) -> None:
    """One dispatch for each recipient, so that one that refuses keeps no other waiting."""
    found = [Dispatch(notice=notice, channel=Dispatch.Channel.EMAIL, recipient=one) for one in emails]
    if hook:
        found.append(Dispatch(notice=notice, channel=Dispatch.Channel.WEBHOOK, recipient=hook[:320]))
    Dispatch.objects.bulk_create(found)


def ring(pk: int) -> None:
    """Tells the queue. Ringing twice does no harm: the claim decides who sends."""
    Dispatch.objects.filter(pk=pk).update(rung_at=timezone.now())
    async_task("console.notices.sending.send", pk, task_name=f"notice-{pk}")


@transaction.atomic
def send_again(dispatch: Dispatch) -> bool:
    """False where it is waiting to be sent anyway."""
    asked = dispatch.ask_again()
    if asked:
        ring(dispatch.pk)
    return asked


def ring_due() -> int:
    """Rings for those whose time has come, whose worker died, and whom the queue seems to have lost."""
    now = timezone.now()
    come = Q(rung_at=None) | Q(rung_at__lt=F("next_try_at"))
    died = Q(lease_until__lt=now, rung_at__lt=F("lease_until"))
    lost = Q(rung_at__lt=now - FORGOTTEN)
    waiting = Dispatch.objects.due(now).filter(come | died | lost).values_list("pk", flat=True)
    for pk in waiting:
        ring(pk)
    return len(waiting)


def remove_old() -> int:
    """Notices are kept for 90 days."""
    return Notice.objects.filter(created_at__lt=timezone.now() - KEPT).delete()[0]
