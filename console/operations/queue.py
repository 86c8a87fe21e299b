"""How the queue does, told from the jobs (the truth) and not from its bells."""

from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from console.workbench.models import Job

HEARD_WITHIN = timedelta(seconds=20)  # an idle worker takes a job within a second of its bell


def waiting() -> int:
    return Job.objects.claimable().count()


def working() -> int:
    return Job.objects.unfinished().filter(lease_until__gte=timezone.now()).count()


def is_stuck() -> bool:
    """True where a bell has been ringing for long although a worker is free to hear it.

    A worker that is killed in the moment it waits for work takes the queue's lock with it, and no other can
    ever get work again, though all of them are alive. Only a restart of the queue helps.
    """
    unheard = Job.objects.claimable().filter(rung_at__lt=timezone.now() - HEARD_WITHIN)
    return working() < settings.WORKERS and unheard.exists()
