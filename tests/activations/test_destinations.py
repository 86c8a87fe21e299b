"""From the segment to a file: the bytes that arrive are those that the preview showed."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from activations import details
from activations.models import Activation, ActivationRun, Segment
from activations.views import looking
from console.accounts.models import User
from console.workbench import worker
from integrations.exports import preview
from integrations.models import Authentication
from tests.activations.test_creating import MAPPING, ONCE, measured, typed
from tests.factories import make_authentication
from tests.integrations.karte.conftest import make_settings as karte_settings
from tests.integrations.one_drive.conftest import make_account, microsoft  # noqa: F401  a fixture
from tests.integrations.one_drive.conftest import make_settings as one_drive_settings
from tests.standins import gcs
from tests.standins.gcs import StandIn
from tests.standins.microsoft import StandIn as Microsoft

pytestmark = pytest.mark.django_db(transaction=True)
FIXED = {"string_type": ["segment_id", "string"], "string_value": ["", 'win"ter'],
         "string_name": ["segment", "campaign"]}  # fmt: skip
Send = Callable[[Authentication, dict[str, Any]], tuple[bytes, ActivationRun]]


@pytest.fixture
def send(client_logged_in: Client, gold: Segment, user: User) -> Send:
    """Creates an activation as people do and runs it. Returns the bytes of its preview, and the run."""

    def through(authentication: Authentication, settings: dict[str, Any]) -> tuple[bytes, ActivationRun]:
        client_logged_in.post(f"/audience/segments/{gold.pk}/activations/new/")
        draft = Activation.objects.get()
        address = f"/audience/activations/{draft.pk}"
        client_logged_in.post(
            f"{address}/authentication/", {"way": "existing", "authentication": authentication.pk}
        )
        fields = typed(authentication.connector, settings)
        reply = client_logged_in.post(f"{address}/details/", {"name": "To a file", "then": "next", **fields})
        assert reply.status_code == 302, reply.content.decode()[-6000:]
        client_logged_in.post(f"{address}/mapping/", {"then": "next", **MAPPING, **FIXED})
        client_logged_in.get(f"{address}/schedule/")
        measured()
        shown = _preview(Activation.objects.get(), user)
        reply = client_logged_in.post(f"{address}/schedule/", {"then": "create", **ONCE})
        assert reply.status_code == 302, reply.content.decode()[-6000:]
        run = ActivationRun.objects.get()
        worker.run_job(run.job_id)
        return shown, ActivationRun.objects.select_related("job__export").get()

    return through


def _preview(draft: Activation, user: User) -> bytes:
    """What the page decorates, as bytes."""
    made = details.of(draft)
    assert made.authentication
    assert made.form
    shown = preview.render(made.authentication, made.form, looking.at(draft, user).stream, 0).file
    assert shown
    cells = [cell.text for row in shown.hex for cell in row.cells]
    return bytes.fromhex("".join(cells))


@pytest.fixture
def storage(settings: Settings) -> Iterator[StandIn]:
    settings.ALLOW_PRIVATE_HOSTS = ["127.0.0.1"]
    with gcs.running() as running:
        settings.GCS_ENDPOINT = running.url
        yield running


def test_karte(send: Send, storage: StandIn) -> None:
    authentication = make_authentication(
        connector="karte", name="karte", secrets={"json_keyfile": storage.key_file()}
    )
    shown, run = send(authentication, karte_settings())
    assert (run.job.outcome, run.job.error_message) == ("Done", "")
    number = run.activation.segment.number
    assert (
        shown
        == (
            f'identity,City,segment,campaign\r\nu3,City 3,{number},"win""ter"\r\n'
            f'u6,,{number},"win""ter"\r\nu9,,{number},"win""ter"\r\n'
        ).encode()
    )
    assert storage.object("output/test.csv") == shown


def test_one_drive(send: Send, microsoft: Microsoft) -> None:  # noqa: F811
    kate = microsoft.world.kate
    settings = one_drive_settings()
    shown, run = send(make_account(microsoft, kate, name="onedrive"), settings)
    assert (run.job.outcome, run.job.error_message) == ("Done", "")
    assert shown.startswith(b"identity,City,segment,campaign")
    found = kate.drive.root.find("Reports/Regional/contacts.csv")
    assert found
    assert found.content == shown
