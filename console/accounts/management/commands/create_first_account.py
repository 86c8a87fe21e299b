import os
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from console.accounts import users
from console.accounts.models import User
from console.environment import env

DEFAULT_EMAIL = "admin@example.com"


class Command(BaseCommand):
    help = "Makes the first administrator, once. A made-up password is printed and kept in first-login.txt."

    def handle(self, *args: Any, **options: Any) -> None:
        if User.objects.exists():
            self.stdout.write("There is an account already.")
            return
        email, given = env("SENDOFF_ADMIN_EMAIL", DEFAULT_EMAIL), env("SENDOFF_ADMIN_PASSWORD")
        password = given or users.one_time_password()
        if not given:
            # Kept before the account is made: a death in between must not leave an account nobody can enter.
            keep(settings.DATA_DIR / "first-login.txt", f"{email}\n{password}\n")
        User.objects.create_user(email, password, role=User.Role.ADMINISTRATOR)
        self.stdout.write(f"E-mail: {email}")
        if not given:
            self.stdout.write(f"Password: {password}")


def keep(path: Path, text: str) -> None:
    """Writes a file that only its owner can read, from its first byte on."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
