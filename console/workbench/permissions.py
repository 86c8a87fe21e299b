"""Who may do what: everybody sees and runs every query; its owner and administrators change it."""

from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from console.accounts.models import User
from console.workbench import runners

if TYPE_CHECKING:
    from console.workbench.models import Job, Query, Schedule


def signed_in(request: HttpRequest) -> User:
    """The request's user; LoginRequiredMiddleware lets nobody else reach a view."""
    assert isinstance(request.user, User)
    return request.user


def may_edit(user: User, query: "Query") -> bool:
    return user.is_administrator or query.owner_id == user.pk


def may_kill(user: User, job: "Job") -> bool:
    return user.is_administrator or job.user_id == user.pk


def require_edit(user: User, query: "Query") -> None:
    """Raises PermissionDenied, whose text the page shows."""
    if not may_edit(user, query):
        raise PermissionDenied(
            f"{query.name} belongs to {query.owner}. Only {query.owner} or an administrator may change it. "
            "Save it as a new query to change your own copy."
        )


def require_kill(user: User, job: "Job") -> None:
    """Raises PermissionDenied, whose text the page shows."""
    if not may_kill(user, job):
        raise PermissionDenied(
            f"Job {job.pk} was started by {job.user}. Only {job.user} or an administrator may kill it."
        )


def require_schedule(user: User, schedule: "Schedule") -> None:
    """To change, pause or resume it, or to run what it missed. Raises PermissionDenied, whose text the page shows."""
    runner = runners.get(schedule)
    if not runner.may_change(user, schedule):
        raise PermissionDenied(
            f"The schedule of {runner.name(schedule)} runs as {schedule.owner}. Only {schedule.owner} or an "
            "administrator may change it."
        )
