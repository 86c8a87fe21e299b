"""Writers that die, and the clean-up after them."""

import os
import signal
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from console.warehouse import maintenance, storage
from console.warehouse.models import OrphanFile
from console.warehouse.storage.catalog import WarehouseCatalog
from console.warehouse.types import TableRef
from tests.warehouse.storage.conftest import Warehouse

Rows = Callable[..., list[tuple[object, ...]]]
Parquet = Callable[[str], Path]


def files_of(warehouse: Warehouse) -> set[Path]:
    return {path for path in (warehouse.folder / "warehouse").rglob("*") if path.is_file()}


def a_day_and_more_passes() -> None:
    """The marks grow older than the grace period."""
    OrphanFile.objects.update(seen_at=timezone.now() - timedelta(days=3))


def test_a_commit_whose_answer_was_lost_is_not_repeated(
    sales: TableRef, parquet: Parquet, rows_of: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = parquet("SELECT * FROM range(3)")
    storage.append(sales, [source], operation_id="1", create=True)
    original = WarehouseCatalog._point_to

    def committed_then_cut_off(*arguments: object) -> None:
        original(*arguments)  # type: ignore[arg-type]
        raise ConnectionError("the answer did not arrive")

    with monkeypatch.context() as patch:
        patch.setattr(WarehouseCatalog, "_point_to", committed_then_cut_off)
        with pytest.raises(ConnectionError):
            storage.append(sales, [source], operation_id="2")
    assert rows_of(sales, "SELECT count(*) FROM t") == [(6,)]
    assert storage.append(sales, [source], operation_id="2") == 3
    assert rows_of(sales, "SELECT count(*) FROM t") == [(6,)]


@pytest.mark.processes
@pytest.mark.django_db
@pytest.mark.parametrize(
    ("where", "rows_after"), [("prepared", 3), ("before_commit", 3), ("after_commit", 6)]
)
def test_a_killed_writer_leaves_a_whole_table_and_its_files_go_later(
    warehouse: Warehouse, sales: TableRef, parquet: Parquet, rows_of: Rows, where: str, rows_after: int
) -> None:
    source = parquet("SELECT * FROM range(3)")
    storage.append(sales, [source], operation_id="first", create=True)
    before = files_of(warehouse)
    writer = warehouse.start("die", where, "second", str(source))
    assert writer.wait() == -signal.SIGKILL
    assert rows_of(sales, "SELECT count(*) FROM t") == [(rows_after,)]
    left = files_of(warehouse) - before
    assert any(path.suffix == ".parquet" for path in left)

    assert maintenance.remove_orphans().files_removed == 0
    a_day_and_more_passes()
    report = maintenance.remove_orphans()
    assert files_of(warehouse) == before | (left if where == "after_commit" else set())
    assert report.files_removed == (0 if where == "after_commit" else len(left))

    assert storage.append(sales, [source], operation_id="second") == 3
    assert rows_of(sales, "SELECT count(*) FROM t") == [(6,)]


@pytest.mark.django_db
def test_files_of_dropped_and_replaced_tables_stay_for_the_grace_period(
    warehouse: Warehouse, sales: TableRef, parquet: Parquet, rows_of: Rows
) -> None:
    storage.append(sales, [parquet("SELECT 1 AS a")], operation_id="1", create=True)
    reading = storage.snapshot(sales)
    storage.replace(sales, [parquet("SELECT 2 AS a")], operation_id="2")
    maintenance.run()
    for i in range(60):
        storage.append(sales, [parquet(f"SELECT {i} AS a")], operation_id=f"more-{i}")
    old = os.stat(reading.files[0]).st_mtime - 10 * 86_400
    os.utime(reading.files[0], (old, old))  # written long ago, unused since a moment ago
    maintenance.run()
    assert Path(reading.files[0]).exists()
    a_day_and_more_passes()
    maintenance.run()
    assert not Path(reading.files[0]).exists()
    assert rows_of(sales, "SELECT count(*), sum(a) FROM t") == [(61, 2 + sum(range(60)))]

    storage.drop_table(sales)
    maintenance.remove_orphans()
    a_day_and_more_passes()
    maintenance.remove_orphans()
    assert files_of(warehouse) == set()
    assert OrphanFile.objects.count() == 0


@pytest.mark.django_db
def test_prepared_rows_older_than_half_the_grace_period_are_prepared_again(
    warehouse: Warehouse, sales: TableRef, parquet: Parquet, rows_of: Rows, settings: object
) -> None:
    source = parquet("SELECT 1 AS a")
    storage.append(sales, [source], operation_id="1", create=True)
    stored = storage.prepare_append(sales, [source], "2").as_json()
    stored["written_at"] -= 30 * 86_400
    maintenance.remove_orphans()
    a_day_and_more_passes()
    maintenance.remove_orphans()
    assert not Path(stored["files"][0].removeprefix("file://")).exists()
    assert storage.commit(storage.Prepared.from_json(stored)) == 1
    assert rows_of(sales, "SELECT count(*) FROM t") == [(2,)]


@pytest.mark.django_db
def test_operations_are_forgotten_after_months_but_for_the_sample_data(
    sales: TableRef, parquet: Parquet, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = parquet("SELECT 1 AS a")
    for name in ("old", "sample/x"):
        storage.append(sales, [source], operation_id=name, create=True)
    monkeypatch.setattr(maintenance, "REMEMBERED_DAYS", 0)
    assert maintenance.forget_operations() == 1
    assert storage.committed_rows("old") is None
    assert storage.committed_rows("sample/x") == 1


@pytest.mark.django_db
def test_maintenance_is_scheduled_once() -> None:
    maintenance.schedule_maintenance()
    maintenance.schedule_maintenance()
    from django_q.models import Schedule

    assert [s.func for s in Schedule.objects.all()] == ["console.warehouse.maintenance.run"]
