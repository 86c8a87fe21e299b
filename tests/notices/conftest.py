"""A mail server, a webhook's receiver, and a query whose runs are told to both."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from console.environment import MailServer
from console.notices.models import Dispatch, Preferences
from console.workbench.models import Query
from console.workbench.telling import subject_of
from integrations import vault
from tests.factories import make_query
from tests.standins.mail import SENDER, PostOffice, post_office
from tests.standins.webhooks import Receiver, Verify, receiver

SECRET = "planted-signing-secret-c0ffee"
DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "notifications.md"


@pytest.fixture(scope="session")
def verify() -> Verify:
    """The snippet of the documentation, as a reader would copy it."""
    snippet = re.search(r"```python\n(.*?)```", DOCUMENT.read_text(), re.DOTALL)
    assert snippet
    names: dict[str, Any] = {}
    exec(snippet[1], names)
    checked: Verify = names["is_from_sendoff"]
    return checked


@pytest.fixture
def mail(settings: Any) -> Iterator[PostOffice]:
    with post_office() as office:
        settings.MAIL_SERVER = MailServer("127.0.0.1", office.port, "", "", "off")
        settings.MAIL_FROM = f"Sendoff <{SENDER}>"
        yield office


@pytest.fixture
def hook(settings: Any, verify: Verify) -> Iterator[Receiver]:
    settings.ALLOW_PRIVATE_HOSTS = ["127.0.0.1"]
    with receiver(SECRET, verify) as found:
        yield found


@pytest.fixture
def query(user: Any) -> Query:
    return make_query(name="Daily sales", owner=user)


Wants = Callable[..., Preferences]


@pytest.fixture
def wants(query: Query) -> Wants:
    """Makes the query's notifications; by default failures, to one person."""

    def make(*, webhook: str = "", secret: str = SECRET, **fields: Any) -> Preferences:
        fields.setdefault("emails", ["mika@example.com"])
        for name in ("on_success", "on_failure", "on_rejected", "on_pause"):
            fields.setdefault(name, False)
        if webhook:
            fields["sealed"] = vault.seal({"webhook_url": webhook, "webhook_secret": secret})
        return Preferences.objects.create(subject=subject_of(query), **fields)

    return make


def only_dispatch() -> Dispatch:
    return Dispatch.objects.select_related("notice").get()
