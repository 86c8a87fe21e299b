"""Several processes at one table: nothing lost, nothing torn."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from console.warehouse import storage
from console.warehouse.storage.compaction import compact, expire
from console.warehouse.types import TableRef
from tests.warehouse.storage.conftest import Warehouse

pytestmark = pytest.mark.processes
Rows = Callable[..., list[tuple[object, ...]]]
Parquet = Callable[[str], Path]


def while_running(process: "subprocess.Popen[str]", look: Callable[[], None]) -> int:
    """Calls `look` until the process has ended well; how often."""
    looks = 0
    while process.poll() is None:
        look()
        looks += 1
    assert process.returncode == 0
    return looks


def test_four_processes_append_and_lose_nothing(warehouse: Warehouse, sales: TableRef, rows_of: Rows) -> None:
    writers = [warehouse.start("append", label, "4") for label in "abcd"]
    assert [writer.wait() for writer in writers] == [0, 0, 0, 0]
    assert rows_of(sales, "SELECT label, count(DISTINCT number), count(*) FROM t GROUP BY 1 ORDER BY 1") == [
        (label, 4, 400) for label in "abcd"
    ]
    assert storage.table(sales).rows == 1600


def test_two_processes_with_the_same_operations_append_once(
    warehouse: Warehouse, sales: TableRef, rows_of: Rows
) -> None:
    writers = [warehouse.start("append", "same", "5") for _ in range(2)]
    assert [writer.wait() for writer in writers] == [0, 0]
    assert rows_of(sales, "SELECT count(DISTINCT number), count(*) FROM t") == [(5, 500)]


def test_a_reader_of_a_table_being_replaced_sees_one_state(
    warehouse: Warehouse, sales: TableRef, parquet: Parquet, rows_of: Rows
) -> None:
    storage.append(sales, [parquet("SELECT -1 AS n FROM range(1000)")], operation_id="first", create=True)
    seen: set[tuple[object, ...]] = set()
    writer = warehouse.start("replace", "5")
    looks = while_running(
        writer, lambda: seen.update(rows_of(sales, "SELECT min(n), max(n), count(*) FROM t"))
    )
    seen.update(rows_of(sales, "SELECT min(n), max(n), count(*) FROM t"))
    assert looks > 0
    assert all(low == high and count == 1000 for low, high, count in seen)
    assert (4, 4, 1000) in seen


def test_appends_beside_replaces_all_succeed(warehouse: Warehouse, sales: TableRef, parquet: Parquet) -> None:
    storage.append(sales, [parquet("SELECT 0 AS n")], operation_id="first", create=True)
    writers = [warehouse.start("append", "a", "5"), warehouse.start("replace", "5")]
    assert [writer.wait() for writer in writers] == [0, 0]
    assert storage.table(sales).rows in {1000 + 100 * appended for appended in range(6)}
    assert all(storage.committed_rows(f"a-{i}") == 100 for i in range(5))


def test_a_reader_of_swapped_tables_sees_one_of_the_two(
    warehouse: Warehouse, sales: TableRef, parquet: Parquet, rows_of: Rows
) -> None:
    storage.append(sales, [parquet("SELECT 'a' AS a FROM range(10)")], operation_id="1", create=True)
    storage.append(
        TableRef("shop", "other"), [parquet("SELECT 'b' AS b FROM range(20)")], operation_id="2", create=True
    )
    seen: set[tuple[object, ...]] = set()

    def look() -> None:
        now = storage.snapshot(sales)
        seen.add((now.rows, *(column.name for column in now.columns)))
        assert {table.ref.table for table in storage.tables("shop")} == {"sales", "other"}

    while_running(warehouse.start("swap", "11"), look)
    assert seen <= {(10, "a"), (20, "b")}
    assert rows_of(sales, "SELECT count(b) FROM t") == [(20,)]


def test_a_reader_of_a_name_that_is_overwritten_always_finds_a_table(
    warehouse: Warehouse, sales: TableRef, parquet: Parquet, rows_of: Rows
) -> None:
    storage.append(sales, [parquet("SELECT -1 AS n FROM range(1000)")], operation_id="first", create=True)
    seen: set[tuple[object, ...]] = set()
    while_running(
        warehouse.start("overwrite", "4"),
        lambda: seen.update(rows_of(sales, "SELECT min(n), max(n), count(*) FROM t")),
    )
    assert all(low == high and count == 1000 for low, high, count in seen)
    assert rows_of(sales, "SELECT min(n) FROM t") == [(3,)]
    assert [table.ref for table in storage.tables("shop")] == [sales]


def test_compaction_and_expiry_beside_writers_lose_nothing(
    warehouse: Warehouse, sales: TableRef, parquet: Parquet, rows_of: Rows
) -> None:
    storage.append(sales, [parquet("SELECT 'z' AS label")], operation_id="first", create=True)
    compacted = 0

    def look() -> None:
        nonlocal compacted
        compacted += compact(sales, enough=3)
        expire(sales, keep=2)

    writers = [warehouse.start("append", label, "6") for label in "ab"]
    for writer in writers:
        while_running(writer, look)
    compact(sales, enough=2)
    assert rows_of(sales, "SELECT label, count(*) FROM t GROUP BY 1 ORDER BY 1") == [
        ("a", 600),
        ("b", 600),
        ("z", 1),
    ]
    assert compacted > 0
    assert storage.table(sales).rows == 1201
    assert storage.table(sales).files < 5


def test_a_forked_child_reads_and_writes_with_connections_of_its_own(
    warehouse: Warehouse, sales: TableRef, parquet: Parquet, rows_of: Rows
) -> None:
    source = parquet("SELECT 1 AS a")
    storage.append(sales, [source], operation_id="parent", create=True)
    children = []
    for i in range(3):
        child = os.fork()
        if child == 0:
            try:
                storage.append(sales, [source], operation_id=f"child-{i}")
                os._exit(0)
            finally:
                os._exit(1)
        children.append(child)
    storage.append(sales, [source], operation_id="parent again")
    assert [os.waitpid(child, 0)[1] for child in children] == [0, 0, 0]
    assert rows_of(sales, "SELECT count(*) FROM t") == [(5,)]
