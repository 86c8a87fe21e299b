"""/v3/system, /v3/user and /v3/account"""

from typing import Any

from django.conf import settings

from console.accounts import keys, throttle
from console.accounts.models import User
from console.api.answers import ApiError, iso
from console.api.call import Call
from console.warehouse import storage


def server_status(call: Call) -> dict[str, Any]:
    return {"status": "ok"}


def authenticate(call: Call) -> dict[str, Any]:
    """The master key for e-mail and password, slowed down like the log-in page."""
    address = throttle.client_address(call.request)
    try:
        user = throttle.sign_in(call.text("user"), call.text("password"), address)
    except throttle.Throttled as refused:
        raise ApiError(429, str(refused), **{"Retry-After": str(refused.seconds)}) from refused
    if user is None:
        raise ApiError(401, "E-mail or password is wrong.")
    if user.must_change_password:
        raise ApiError(403, f"Choose a password of your own first, at {settings.BASE_URL}.")
    return {"name": str(user), "apikey": _keys(user)[0]}


def validate(call: Call) -> dict[str, Any]:
    assert call.key is not None
    return {
        "key_type": "master" if call.key.is_master else "write_only",
        "account_id": settings.ACCOUNT_ID,
        "user_id": call.user.pk,
        "administrator": call.user.is_administrator,
    }


def show(call: Call) -> dict[str, Any]:
    return _printed(call.user)


def listing(call: Call) -> dict[str, Any]:
    return {"users": [_printed(user) for user in User.objects.filter(is_active=True).order_by("pk")]}


def apikeys(call: Call, name: str) -> dict[str, Any]:
    """The caller's own keys. Nobody reads another's."""
    if name.lower() not in {call.user.email, call.user.name.lower()}:
        raise ApiError(403, "API keys are shown to their owner only.")
    return {"apikeys": _keys(call.user)}


def account(call: Call) -> dict[str, Any]:
    first = User.objects.order_by("created_at").first()
    size = sum(table.bytes for info in storage.databases() for table in storage.tables(info.name))
    return {
        "account": {
            "id": settings.ACCOUNT_ID,
            "plan": 0,
            "storage_size": size,
            "guaranteed_cores": 0,
            "maximum_cores": 0,
            "created_at": iso(first.created_at if first else None),
            "presto_plan": 0,
        }
    }


def _keys(user: User) -> list[str]:
    """Master first."""
    return [keys.reveal(key) for key in sorted(user.api_keys.all(), key=lambda key: not key.is_master)]


def _printed(user: User) -> dict[str, Any]:
    return {
        "id": user.pk,
        "name": str(user),
        "first_name": user.name,
        "last_name": "",
        "email": user.email,
        "phone": None,
        "gravatar_url": None,
        "administrator": user.is_administrator,
        "account_owner": False,
        "created_at": iso(user.created_at),
        "updated_at": iso(user.created_at),
        "organization": None,
        "roles": [],
    }
