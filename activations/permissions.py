"""Who may do what: everybody sees everything and runs every activation; its owner and administrators change it."""

from django.core.exceptions import PermissionDenied

from activations.models import Activation, Journey, ParentSegment, Segment
from console.accounts.models import User

Owned = ParentSegment | Segment | Activation | Journey


def may_edit(user: User, owned: Owned) -> bool:
    return user.is_administrator or owned.owner_id == user.pk


def require_edit(user: User, owned: Owned) -> None:
    """Raises PermissionDenied, whose text the page shows."""
    if not may_edit(user, owned):
        raise PermissionDenied(
            f"{owned} belongs to {owned.owner}. Only {owned.owner} or an administrator may change it. "
            "Duplicate it to change your own copy."
        )
