from django.apps import AppConfig
from django.conf import settings


class NoticesConfig(AppConfig):
    name = "console.notices"
    label = "notices"

    def ready(self) -> None:
        from integrations import redaction

        if settings.MAIL_SERVER:
            redaction.guard([settings.MAIL_SERVER.password])
