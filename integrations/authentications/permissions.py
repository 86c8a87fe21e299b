"""Everybody uses every authentication; its owner and administrators change it."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from integrations.models import Authentication


def may_edit(user: Any, authentication: Authentication) -> bool:
    return bool(user.is_administrator or authentication.owner_id == user.pk)


def editable(request: HttpRequest, pk: int) -> Authentication:
    """A saved one. Raises Http404, or PermissionDenied with a text for the page."""
    authentication = get_object_or_404(Authentication.objects.saved().select_related("owner"), pk=pk)
    if not may_edit(request.user, authentication):
        raise PermissionDenied(
            f"{authentication} belongs to {authentication.owner}. "
            f"Only {authentication.owner} or an administrator may change it."
        )
    return authentication


def own_draft(request: HttpRequest, pk: int) -> Authentication:
    """Raises Http404: a draft is nobody else's business."""
    return get_object_or_404(Authentication, pk=pk, name=None, owner=request.user)
