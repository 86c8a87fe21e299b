"""Fixtures every room uses. People: `user` (a member), `admin` (an administrator)."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from pytest_django.fixtures import Settings

from console.accounts.models import User
from tests.console_process import ConsoleProcess
from tests.factories import PASSWORD, make_user
from tests.settings import stop_postgres


def pytest_unconfigure(config: pytest.Config) -> None:
    """The process that made the run's folder removes it; xdist workers only use it."""
    if not hasattr(config, "workerinput"):
        stop_postgres()
        shutil.rmtree(os.environ["SENDOFF_TEST_DIR"], ignore_errors=True)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What touches Django's database can run on both; what shares a console runs in one xdist worker."""
    for item in items:
        names = set(getattr(item, "fixturenames", ()))
        if "console_process" in names:
            item.add_marker(pytest.mark.browser if "browser" in names else pytest.mark.processes)
            item.add_marker(pytest.mark.xdist_group("console"))
        elif names & {"db", "transactional_db"} or item.get_closest_marker("django_db"):
            item.add_marker(pytest.mark.both_databases)


@pytest.fixture(scope="session")
def console_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ConsoleProcess]:
    """A running console with its own data, shared by the tests that only use it as people do."""
    with ConsoleProcess(tmp_path_factory.mktemp("console")) as console:
        yield console


@pytest.fixture
def data_dir(tmp_path: Path, settings: Settings) -> Path:
    """An empty SENDOFF_DATA_DIR for this test alone, with its own results, spool and warehouse."""
    settings.DATA_DIR = tmp_path
    settings.RESULTS_DIR = tmp_path / "results"
    settings.SPOOL_DIR = tmp_path / "spool"
    settings.WAREHOUSE_URL = str(tmp_path / "warehouse")
    return tmp_path


@pytest.fixture
def user(db: None) -> User:
    return make_user(email="member@example.com")


@pytest.fixture
def admin(db: None) -> User:
    return make_user(email="admin@example.com", role=User.Role.ADMINISTRATOR)


@pytest.fixture
def client_logged_in(client: Client, user: User) -> Client:
    """A browser session of `user`."""
    client.force_login(user)
    return client


@pytest.fixture
def password() -> str:
    """The password of everybody the factories make."""
    return PASSWORD


@pytest.fixture
def process_environment(transactional_db: None) -> dict[str, str]:
    """The environment in which a process that the test starts sees the test's own database and data."""
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "console.settings",
        "DATABASE_URL": live_database_url(),
        "SENDOFF_DEBUG": "1",
        "SENDOFF_DATA_DIR": str(settings.DATA_DIR),
        "SENDOFF_WAREHOUSE_URL": str(settings.WAREHOUSE_URL),
    }


def live_database_url() -> str:
    """The URL of the database the running test writes to (its name differs from the settings' one)."""
    details = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{details['NAME']}"
    return "postgresql://{USER}@{HOST}:{PORT}/{NAME}".format(**details)
