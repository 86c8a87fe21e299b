"""People, their roles and their API keys."""

from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models, transaction
from django.utils import timezone


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """A user with both API keys. E-mail addresses are kept in lower case, so that they match in any."""
        from console.accounts import keys

        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        with transaction.atomic(using=self._db):
            user.save(using=self._db)
            keys.create_pair(user)
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=(username or "").strip().lower())


class User(AbstractBaseUser):
    """Somebody who signs in with an e-mail address."""

    class Role(models.TextChoices):
        ADMINISTRATOR = "administrator", "Administrator"
        MEMBER = "member", "Member"

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=100, blank=True)
    role = models.CharField(max_length=20, choices=Role.choices, default=Role.MEMBER)
    is_active = models.BooleanField(default=True)
    time_zone = models.CharField(max_length=64, default="UTC")
    must_change_password = models.BooleanField(default=False)  # signed in with a one-time password
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[UserManager] = UserManager()
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def is_administrator(self) -> bool:
        return self.role == self.Role.ADMINISTRATOR


class ApiKey(models.Model):
    """A key for the API. Only its digest and its sealed text are kept; see `console.accounts.keys`."""

    class Kind(models.TextChoices):
        WRITE_ONLY = "write_only", "Write-only"
        MASTER = "master", "Master"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_keys")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    digest = models.CharField(max_length=64, unique=True)
    sealed = models.TextField()
    created_at = models.DateTimeField(default=timezone.now)
    last_used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["user", "kind"], name="one_key_of_each_kind"),)

    def __str__(self) -> str:
        return f"{self.get_kind_display()} key of {self.user}"

    @property
    def is_master(self) -> bool:
        return self.kind == self.Kind.MASTER


class SignIns(models.Model):
    """Failed log-ins of one subject; see `console.accounts.throttle`."""

    subject = models.CharField(max_length=64, primary_key=True)  # a digest: no address is kept in the clear
    failures = models.IntegerField(default=0)
    last_at = models.DateTimeField(null=True)
    blocked_until = models.DateTimeField(null=True)
    succeeded_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.failures} failures"
