from collections.abc import Iterator
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from tests.standins import gcs
from tests.standins.gcs import StandIn


@pytest.fixture
def service(settings: Settings) -> Iterator[StandIn]:
    """The strict stand-in, allowed by the operator as a private host would be."""
    settings.ALLOW_PRIVATE_HOSTS = ["127.0.0.1"]
    with gcs.running() as running:
        settings.GCS_ENDPOINT = running.url
        yield running


@pytest.fixture
def credentials(service: StandIn) -> dict[str, str]:
    return {"json_keyfile": service.key_file()}


def make_settings(**changes: Any) -> dict[str, Any]:
    return {
        "bucket": "samplebucket", "path_prefix": "/output/test.csv", "format": "csv", "compression": "",
        "header_line": True, "delimiter": ",", "null_string": "", "newline": "CRLF", **changes,
    }  # fmt: skip
