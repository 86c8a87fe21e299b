"""Adding and changing users. The last active administrator can't be taken away."""

import secrets

from django.db import transaction

from console.accounts.models import User

# Without letters and digits that look alike: it is read from one screen and typed on another.
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


class LastAdministrator(Exception):
    """The change would leave nobody who can add users."""

    def __init__(self, user: User) -> None:
        super().__init__(
            f"{user} is the only active administrator. Make somebody else an administrator first."
        )


def one_time_password() -> str:
    """Sixteen characters in four groups: 78 bits."""
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(4))


def add(email: str, name: str, role: str) -> tuple[User, str]:
    """The new user and the one-time password, which is kept only as a hash and must be changed at log-in."""
    password = one_time_password()
    user = User.objects.create_user(email, password, name=name, role=role, must_change_password=True)
    return user, password


def reset_password(user: User) -> str:
    """A new one-time password; open sessions of the user end."""
    password = one_time_password()
    user.set_password(password)
    user.must_change_password = True
    user.save(update_fields=["password", "must_change_password"])
    return password


def set_role(user: User, role: User.Role) -> None:
    _change(user, role=role)


def set_active(user: User, active: bool) -> None:
    """A deactivated user's sessions and API keys stop at once; what they own stays."""
    _change(user, is_active=active)


@transaction.atomic
def _change(user: User, **fields: object) -> None:
    administrators = User.objects.filter(role=User.Role.ADMINISTRATOR, is_active=True)
    # Locked in one order, so that two administrators can't demote each other at once.
    active = list(administrators.select_for_update().order_by("pk"))
    User.objects.filter(pk=user.pk).update(**fields)
    if active and not administrators.exists():
        raise LastAdministrator(user)
    user.refresh_from_db()
