"""Notifications of one subject: when, to which addresses, to which webhook."""

from typing import Any, Self

from django import forms
from django.forms.boundfield import BoundField

from console.notices import addresses, webhook
from console.notices.models import Preferences
from integrations import vault
from integrations.errors import DeliveryError
from integrations.fields import SecretField, SettingsForm

SHORTEST = 16  # characters of a signing secret
RETYPE = "Paste it again: what was typed here is not shown back."
SECRETS = ("webhook_url", "webhook_secret")


class Unechoed(forms.URLInput):
    """Readable while it is typed, and never rendered again: whoever has a Slack webhook's address can post there."""

    def format_value(self, value: Any) -> None:
        return None


class EmailsField(forms.CharField):
    """Addresses, one a line. Cleans to a list."""

    widget = forms.Textarea

    def clean(self, value: Any) -> list[str]:
        return addresses.parse(super().clean(value) or "")

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value


class NotificationsForm(SettingsForm):
    on_failure = forms.BooleanField(label="When a run fails", required=False)
    on_rejected = forms.BooleanField(label="When rows are rejected", required=False)
    on_success = forms.BooleanField(label="When a run finishes", required=False)
    on_pause = forms.BooleanField(
        label="When the schedule is disabled after repeated failures", required=False
    )
    emails = EmailsField(
        label="Send to",
        required=False,
        help_text=f"E-mail addresses, one on each line, up to {addresses.MOST}.",
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false", "autocapitalize": "off"}),
    )
    webhook_url = SecretField(
        label="Webhook address",
        required=False,
        max_length=2000,
        help_text="For example an incoming webhook of Slack. Stored encrypted and never shown again.",
        widget=Unechoed(attrs={"autocomplete": "off", "spellcheck": "false", "data-unechoed": True}),
    )
    webhook_secret = SecretField(
        label="Signing secret",
        required=False,
        max_length=200,
        help_text=f"At least {SHORTEST} characters that the receiver knows too, to check that a notice is from here. "
        "Slack needs none.",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password", "data-unechoed": True}),
    )
    webhook_remove = forms.BooleanField(label="Remove the webhook", required=False)

    sections = {
        "When": ["on_failure", "on_rejected", "on_success", "on_pause"],
        "E-mail": ["emails"],
        "Webhook": ["webhook_url", "webhook_secret", "webhook_remove"],
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        stored = webhook.Webhook.of(self.stored_secrets)
        if stored is None:
            del self.fields["webhook_remove"]
        else:
            self.fields["webhook_url"].widget.attrs["placeholder"] = f"Unchanged: {stored.shown}"

    @classmethod
    def of(cls, wants: Preferences | None, *, data: Any = None, email: str = "") -> Self:
        """Bound to what was posted, or showing what is stored; `email` is offered where nothing is stored yet."""
        secrets = wants.secrets() if wants else {}
        if data is not None:
            return cls(data, stored_secrets=secrets)
        shown = wants or Preferences(emails=[email] if email else [])
        initial = {name: getattr(shown, name) for name in (*cls.sections["When"], "emails")}
        return cls.shown(initial, stored_secrets=secrets)

    @property
    def when(self) -> list[BoundField]:
        return [self[name] for name in self.sections["When"]]

    def clean_webhook_url(self) -> str:
        url: str = self.cleaned_data["webhook_url"]
        if url:
            try:
                webhook.check(url)
            except DeliveryError as error:
                raise forms.ValidationError(f"{error} {error.action}".strip()) from error
        return url

    def clean_webhook_secret(self) -> str:
        secret: str = self.cleaned_data["webhook_secret"]
        if 0 < len(secret) < SHORTEST:
            raise forms.ValidationError(f"This has {len(secret)} characters. Use at least {SHORTEST}.")
        return secret

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if data.get("webhook_secret") and not self.hook and not self.errors:
            self.add_error("webhook_url", "Enter the address that the signing secret is for.")
        told = any(data.get(name) for name in self.sections["When"])
        if told and not data.get("emails") and not self.hook and not self.errors:
            self.add_error("emails", "Enter an address or a webhook, or clear the boxes under When.")
        return data

    def require_recipient(self) -> None:
        """For a test: somebody has to get it."""
        if not self.errors and not self.cleaned_data["emails"] and not self.hook:
            self.add_error("emails", "Enter an address or a webhook to send the test to.")

    def ask_for_secrets_again(self) -> None:
        """What was typed is not in the answer, and must not be lost without a word."""
        for name in SECRETS:
            if self.data.get(name) and name not in self.errors:
                self.add_error(name, RETYPE)

    @property
    def hook(self) -> webhook.Webhook | None:
        """The typed one, else the stored one."""
        if self.cleaned_data.get("webhook_remove"):
            return None
        return webhook.Webhook.of(self.secrets())

    def save(self, subject: str) -> Preferences:
        """The state stays as it is: it belongs to the runs, which may end meanwhile."""
        changed = {name: self.cleaned_data[name] for name in (*self.sections["When"], "emails")}
        sealed = vault.seal(self.secrets()) if self.hook else ""
        wants, _ = Preferences.objects.update_or_create(
            subject=subject, defaults={**changed, "sealed": sealed}
        )
        return wants
