"""Email notifications of an activation: the same preferences as a query's, without the webhook."""

from typing import Any

from console.notices import webhook
from console.notices.forms import SECRETS, NotificationsForm
from console.notices.models import Preferences

WEBHOOK = (*SECRETS, "webhook_remove")


class MailForm(NotificationsForm):
    """A webhook that is set stays as it is: a draft must not hold its address."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in WEBHOOK:
            self.fields.pop(name, None)

    @property
    def hook(self) -> webhook.Webhook | None:
        return webhook.Webhook.of(self.stored_secrets)

    def save(self, subject: str) -> Preferences:
        changed = {name: self.cleaned_data[name] for name in (*self.sections["When"], "emails")}
        return Preferences.objects.update_or_create(subject=subject, defaults=changed)[0]
