"""Consoles that are started, used, hurt and stopped."""

from collections.abc import Iterator

import pytest

from tests.console_process import ConsoleProcess


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ConsoleProcess]:
    """A console whose first password nobody has chosen, with short leases."""
    folder = tmp_path_factory.mktemp("console")
    with ConsoleProcess(folder, SENDOFF_ADMIN_PASSWORD="", SENDOFF_LEASE_SECONDS="3") as started:
        yield started
