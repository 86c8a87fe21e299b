"""How many connections a process holds: a database server has few, and every process of a console takes some."""

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest
import sqlalchemy as sa
from django.db import connection
from pytest_django.fixtures import Settings

from console.warehouse import storage
from console.warehouse.storage import catalog, connections

ON_POSTGRES = os.environ.get("SENDOFF_TEST_DATABASE") == "postgres"


def use_warehouse(folder: Path, settings: Settings) -> None:
    settings.DATA_DIR, settings.WAREHOUSE_URL = folder, str(folder / "warehouse")
    storage.databases()


def held() -> int:
    """Connections of this process to the catalog's database, Django's own not counted."""
    if not ON_POSTGRES:
        return sum(file.path.endswith("warehouse.sqlite3") for file in psutil.Process().open_files())
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        return len(cursor.fetchall())


@pytest.mark.django_db
def test_a_process_that_has_seen_many_warehouses_holds_one_connection(
    tmp_path: Path, settings: Settings
) -> None:
    for number in range(20):
        (tmp_path / str(number)).mkdir()
        use_warehouse(tmp_path / str(number), settings)
    assert held() == 1


@pytest.mark.django_db
def test_many_threads_share_few_connections(data_dir: Path) -> None:
    storage.create_database("shop")
    with ThreadPoolExecutor(32) as pool:
        found = list(pool.map(lambda _: [info.name for info in storage.databases()], range(64)))
    assert found == [["shop"]] * 64
    held_open = catalog.catalog().engine.pool
    assert isinstance(held_open, sa.QueuePool)
    assert held_open.checkedin() == connections.IDLE


@pytest.mark.django_db
@pytest.mark.skipif(not ON_POSTGRES, reason="SQLite's connections cost no server anything")
def test_a_process_never_has_more_than_its_share(data_dir: Path) -> None:
    engine = catalog.catalog().engine
    taken = [engine.connect() for _ in range(connections.MOST)]
    assert held() == connections.MOST
    waiter = threading.Thread(target=storage.databases)
    waiter.start()
    waiter.join(0.5)
    assert waiter.is_alive()
    for one in taken:
        one.close()
    waiter.join(30)
    assert not waiter.is_alive()
    assert held() == connections.IDLE


@pytest.mark.django_db
def test_a_fork_leaves_its_parents_connection_alone(data_dir: Path) -> None:
    storage.create_database("shop")
    before = catalog.catalog()
    child = os.fork()
    if child == 0:
        seen = [info.name for info in storage.databases()] == ["shop"] and catalog.catalog() is not before
        os._exit(0 if seen else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    with before.engine.connect() as mine:
        assert mine.execute(sa.text("SELECT 1")).scalar() == 1
    assert catalog.catalog() is before
    assert [info.name for info in storage.databases()] == ["shop"]
