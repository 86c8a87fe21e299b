"""What a worker does with a dispatch: claim, send, record; then wait a while longer each time, or give up."""

import logging
import threading
from datetime import timedelta

from django.db import Error, close_old_connections
from django.utils import timezone

from console.notices import post, webhook
from console.notices.models import Dispatch, Preferences
from integrations.errors import DeliveryError, RefusedError, TemporaryError

log = logging.getLogger(__name__)
DELAYS = tuple(timedelta(seconds=seconds) for seconds in (30, 120, 600, 1800, 7200, 21600))
TRIES = len(DELAYS) + 1  # over about nine hours
TOO_MANY_DIED = f"{TRIES} workers died over it. Look at the worker's log, then send it again."
UNHEARD = timedelta(seconds=15)  # after which the workers are all busy with jobs
LOOK = 3.0  # seconds
GONE = "The webhook was taken out of the notifications."


def send(pk: int) -> None:
    """The queue's task. Does nothing where another worker has it, it is sent, or its time has not come."""
    dispatch = Dispatch.objects.claim(pk)
    if dispatch is None:
        return
    if dispatch.tries > TRIES:
        dispatch.give_up(TOO_MANY_DIED)
        return
    try:
        dispatch.arrive(carry(dispatch))
    except DeliveryError as error:
        settle(dispatch, error)


def help_out() -> int:
    """Sends what no worker has come to: an export of hours must not keep the news of a failure waiting."""
    unheard = Dispatch.objects.due(timezone.now()).filter(rung_at__lt=timezone.now() - UNHEARD)
    numbers = list(unheard.values_list("pk", flat=True))
    for pk in numbers:
        send(pk)
    return len(numbers)


def keep_helping(stop: threading.Event) -> None:
    """In a thread of the watch, which goes on with its own work meanwhile."""
    while not stop.wait(LOOK):
        try:
            close_old_connections()
            help_out()
        except Error as error:
            log.warning("the database is away: %s", str(error).partition("\n")[0])
        except Exception:
            log.exception("notices could not be sent from here")


def carry(dispatch: Dispatch, hook: webhook.Webhook | None = None) -> str:
    """Sends it and returns the answer. `hook` instead of the stored one: for a test. Raises `DeliveryError`."""
    try:
        if dispatch.channel == Dispatch.Channel.EMAIL:
            with post.open_post() as door:
                return door.deliver(dispatch)
        return webhook.send(dispatch.notice, hook or _stored(dispatch))
    except DeliveryError:
        raise
    except OSError as error:  # of the mailbox's folder
        log.exception("notice %s could not be kept", dispatch.pk)
        raise TemporaryError("The mail could not be written.", action="Look at the disk.") from error
    except Exception as error:
        log.exception("notice %s failed unexpectedly", dispatch.pk)
        raise TemporaryError(
            "Sending stopped on an error inside Sendoff.",
            action=f"Look for notice {dispatch.pk} in the worker's log.",
        ) from error


def settle(dispatch: Dispatch, error: DeliveryError, *, last: bool = False) -> None:
    answer = f"{error} {error.action}".strip()
    if error.retryable and dispatch.tries < TRIES and not last:
        dispatch.wait(answer, delay_after(dispatch.tries, error))
    else:
        dispatch.give_up(answer)


def delay_after(tries: int, error: DeliveryError) -> timedelta:
    """The step's own wait, or the one the receiver asked for where that is longer (at most the longest step)."""
    asked = error.retry_after if isinstance(error, TemporaryError) else None
    return max(DELAYS[tries - 1], min(timedelta(seconds=asked or 0), DELAYS[-1]))


def _stored(dispatch: Dispatch) -> webhook.Webhook:
    """The address as it is now: one that was corrected meanwhile is used."""
    wants = Preferences.objects.filter(subject=dispatch.notice.subject).first()
    hook = wants.webhook if wants else None
    if hook is None:
        raise RefusedError(GONE, action="Enter it again to send this.")
    return hook
