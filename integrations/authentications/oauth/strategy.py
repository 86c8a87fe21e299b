"""social-auth's memory of a sign-in, in the sign-in's own row instead of the browser's session.

The session has room for one sign-in per provider, and a second tab would undo the first one's.
"""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from social_django.models import DjangoStorage
from social_django.strategy import DjangoStrategy

from integrations import registry, vault
from integrations.models import SignIn


class SignInStrategy(DjangoStrategy):
    def __init__(self, request: HttpRequest, sign_in: SignIn) -> None:
        super().__init__(DjangoStorage, request)
        self.sign_in = sign_in
        self.kept: dict[str, Any] = vault.unseal(sign_in.sealed)

    def session_get(self, name: str, default: Any = None) -> Any:
        return self.kept.get(name, default)

    def session_set(self, name: str, value: Any) -> None:
        self.kept[name] = value

    def session_pop(self, name: str) -> Any:
        return self.kept.pop(name, None)

    def session_setdefault(self, name: str, value: Any) -> Any:
        return self.kept.setdefault(name, value)

    def build_absolute_uri(self, path: str | None = None) -> str:
        """From the operator's own setting, because it has to equal what is registered over there."""
        return f"{settings.BASE_URL}{path or ''}"


def backend(request: HttpRequest, sign_in: SignIn) -> Any:
    """social-auth's backend of the sign-in's plan. Untyped: social-auth's types describe another user model."""
    oauth = registry.get(sign_in.connector).oauth
    plan = oauth.plan(sign_in.plan) if oauth else None
    assert plan is not None  # checked where the sign-in was begun
    strategy = SignInStrategy(request, sign_in)
    return strategy.get_backend(plan.backend, redirect_uri=reverse("oauth_callback"))
