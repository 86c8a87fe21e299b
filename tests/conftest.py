"""Fixtures every room uses. People: `user` (a member), `admin` (an administrator)."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from pyiceberg.catalog.sql import SqlCatalogBaseTable
from pytest_django.fixtures import Settings
from xdist.scheduler import LoadScopeScheduling

from console.accounts.models import User
from console.warehouse.storage import catalog as warehouse_catalog
from tests.console_process import ConsoleProcess
from tests.factories import PASSWORD, make_user
from tests.servers import console_server, console_url, live_database_url, server_environment  # noqa: F401  fixtures
from tests.settings import stop_postgres

SHARING = ("tests/browser/", "tests/operations/", "tests/integrations/test_canary.py")


def pytest_unconfigure(config: pytest.Config) -> None:
    """The process that made the run's folder removes it; xdist workers only use it."""
    if not hasattr(config, "workerinput"):
        stop_postgres()
        shutil.rmtree(os.environ["SENDOFF_TEST_DIR"], ignore_errors=True)


class ByConsole(LoadScopeScheduling):  # type: ignore[misc]  # xdist has no types
    """A file whose tests share a console goes to one worker as a whole; any other test to whoever is free.

    Two workers begin with those files: they often wait, more of them at once only for each other. The rest begins
    with what needs no console, from the end, where the slow ones are.
    """

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return file if file.startswith(SHARING) else nodeid

    def _assign_work_unit(self, node: Any) -> None:
        at_console = node.gateway.id in ("gw0", "gw1")
        scopes = iter(self.workqueue) if at_console else reversed(self.workqueue)
        if wanted := next((scope for scope in scopes if scope.startswith(SHARING) == at_console), None):
            self.workqueue.move_to_end(wanted, last=False)
        super()._assign_work_unit(node)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByConsole:
    return ByConsole(config, log)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What touches Django's database can run on both."""
    for item in items:
        names = set(getattr(item, "fixturenames", ()))
        if "console_process" in names:
            item.add_marker(pytest.mark.browser if "browser" in names else pytest.mark.processes)
        elif "warehouse" in getattr(getattr(item, "callspec", None), "params", {}):
            continue  # brings a catalog of its own, in SQLite and again in PostgreSQL
        elif names & {"db", "transactional_db"} or item.get_closest_marker("django_db"):
            item.add_marker(pytest.mark.both_databases)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None) -> Iterator[None]:
    """Leaves no connection of this process behind, so that the test database can be dropped."""
    yield
    warehouse_catalog.close()


@pytest.fixture(scope="session")
def console_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ConsoleProcess]:
    """A running console with its own data, shared by the tests that only use it as people do.

    Its operator allows loopback, where the tests' stand-ins are.
    """
    folder = tmp_path_factory.mktemp("console")
    with ConsoleProcess(folder, SENDOFF_ALLOW_PRIVATE_HOSTS="127.0.0.1,localhost") as console:
        yield console


@pytest.fixture
def data_dir(tmp_path: Path, settings: Settings, request: pytest.FixtureRequest) -> Path:
    """An empty SENDOFF_DATA_DIR for this test alone, with its own results, spool and warehouse."""
    settings.DATA_DIR = tmp_path
    settings.RESULTS_DIR = tmp_path / "results"
    settings.SPOOL_DIR = tmp_path / "spool"
    settings.WAREHOUSE_URL = str(tmp_path / "warehouse")
    if connection.vendor == "postgresql":
        request.getfixturevalue("django_db_setup")
        empty_catalog()
    return tmp_path


def empty_catalog() -> None:
    """On PostgreSQL the warehouse's catalog is in the test database, which Django does not know to empty."""
    with warehouse_catalog.catalog().engine.begin() as transaction:
        for table in reversed(SqlCatalogBaseTable.metadata.sorted_tables):
            transaction.execute(table.delete())


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
