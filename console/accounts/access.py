"""Validate access: the password again, before keys are shown. Good for ten minutes of the session."""

from time import time

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from console.accounts import throttle
from console.accounts.models import User

VALID_SECONDS = 600


def current_user(request: HttpRequest) -> User:
    """Whoever is signed in, as our own class; PermissionDenied for nobody."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def validate(request: HttpRequest, password: str) -> bool:
    """Whether this is the user's password; if so, access is valid from now. Raises throttle.Throttled."""
    user = current_user(request)
    if throttle.sign_in(user.email, password, throttle.client_address(request)) != user:
        return False
    request.session["validated_at"] = time()
    return True


def is_valid(request: HttpRequest) -> bool:
    age = time() - float(request.session.get("validated_at", 0))
    return 0 <= age < VALID_SECONDS
