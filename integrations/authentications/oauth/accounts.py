"""The accounts a user has connected: what OAuth connection offers, and what becomes of the one chosen."""

from typing import Any

from django import forms
from django.db import transaction
from django.db.models import Q

from integrations.models import Authentication, AuthenticationQuerySet


def of(user: Any, connector: str, current: Authentication | None) -> AuthenticationQuerySet:
    """The user's own that work, saved or without a name yet, newest first; and the one that is being edited."""
    mine = Q(owner=user, connector=connector) & ~Q(health=Authentication.Health.RECONNECT) & ~Q(sealed="")
    return Authentication.objects.filter(mine | Q(pk=current.pk if current else None)).order_by("-pk")


class AccountField(forms.ModelChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, authentication: Authentication) -> str:
        used = f" · as in {authentication.name}" if authentication.name else ""
        return f"{authentication.account} · {authentication.detail}{used}"


class AccountForm(forms.Form):
    connection = AccountField(
        queryset=Authentication.objects.none(),
        label="OAuth connection",
        empty_label="Select a connected account",
        error_messages={
            "required": "Select a connected account, or connect to a new one.",
            "invalid_choice": "This account is no longer connected. Select another one.",
        },
    )

    def __init__(
        self, data: Any = None, *, user: Any, connector: str, current: Authentication | None, **kwargs: Any
    ) -> None:
        super().__init__(data, **kwargs)
        field = self.fields["connection"]
        assert isinstance(field, AccountField)
        field.queryset = of(user, connector, current)

    @property
    def has_accounts(self) -> bool:
        field = self.fields["connection"]
        assert isinstance(field, AccountField)
        assert field.queryset is not None
        return bool(field.queryset.exists())

    @property
    def chosen(self) -> Authentication:
        found: Authentication = self.cleaned_data["connection"]
        return found


def draft_with(chosen: Authentication) -> Authentication:
    """The draft itself, or a new one with the saved one's account: each goes on with tokens of its own."""
    if chosen.name is None:
        return chosen
    draft = Authentication(connector=chosen.connector, owner=chosen.owner)
    with transaction.atomic():
        take_account(draft, Authentication.objects.select_for_update().get(pk=chosen.pk))
        draft.save()
    return draft


def take_account(row: Authentication, other: Authentication) -> None:
    row.keys, row.sealed = other.keys, other.sealed
    row.account, row.detail = other.account, other.detail
    row.health, row.health_message = other.health, other.health_message
    row.health_checked_at, row.health_ms = other.health_checked_at, other.health_ms
