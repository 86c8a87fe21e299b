"""The size of a segment of 1 M customers with 10 M events beside SQL by hand, and the page of a tree with 2,000."""

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from bench.rig import manage, timed

CUSTOMERS, EVENTS, RUNS = 1_000_000, 10_000_000, 5
FOLDERS, SEGMENTS = 40, 2_000
NOW = 1_800_000_000
DAY = 86_400
_CUSTOMERS = f"""
SELECT i::BIGINT AS id, ['Asia', 'Americas', 'EMEA'][1 + (hash(i) % 3)::BIGINT] AS region,
       (hash(i, 1) % 90)::BIGINT AS age,
       'user' || i || ['@example.com', '@gmail.com', '@example.org'][1 + (hash(i, 2) % 3)::BIGINT] AS email,
       {NOW} - (hash(i, 3) % (1500 * {DAY}))::BIGINT AS joined, (hash(i, 4) % 100000) / 7.0 AS score
FROM range({CUSTOMERS}) t(i)
"""
_EVENTS = f"""
SELECT (hash(i) % {CUSTOMERS})::BIGINT AS customer, {NOW} - (hash(i, 1) % (365 * {DAY}))::BIGINT AS time,
       ['view', 'cart', 'buy', 'return'][1 + (hash(i, 2) % 4)::BIGINT] AS action, (hash(i, 3) % 5)::BIGINT AS quantity
FROM range({EVENTS}) t(i)
"""
DEFINITION: dict[str, Any] = {
    "name": "Bench customers", "master": "bench_audience.customers", "key_column": "id",
    "attributes": [
        {"column": "region", "kind": "text"}, {"column": "age", "kind": "number"}, {"column": "email", "kind": "text"},
        {"column": "joined", "kind": "timestamp"}, {"column": "score", "kind": "number"},
    ],
    "behavior_tables": [
        {"name": "Events", "table": "bench_audience.events", "key_column": "customer", "time_column": "time",
         "columns": [{"column": "action", "kind": "text"}, {"column": "quantity", "kind": "number"}]},
    ],
}  # fmt: skip
RULES: dict[str, Any] = {"type": "group", "match": "all", "rules": [
    {"type": "group", "match": "any", "rules": [
        {"type": "attribute", "attribute": "region", "operator": "in", "value": ["EMEA", "Asia"]},
        {"type": "group", "match": "all", "rules": [
            {"type": "attribute", "attribute": "score", "operator": "at_least", "value": 5000},
            {"type": "attribute", "attribute": "joined", "operator": "in_last_days", "value": 365},
        ]},
    ]},
    {"type": "group", "match": "any", "rules": [
        {"type": "attribute", "attribute": "email", "operator": "contains", "value": "@gmail."},
        {"type": "attribute", "attribute": "age", "operator": "between", "value": [18, 65]},
    ]},
    {"type": "behavior", "behavior": "Events", "measure": "count", "operator": "at_least", "value": 2,
     "window": {"last_days": 180}, "where": {"type": "group", "match": "any", "rules": [
         {"type": "column", "column": "action", "operator": "equals", "value": "buy"}]}},
]}  # fmt: skip
# As somebody who knows the tables writes it, run as they run it: a script with DuckDB and the same threads and memory.
BY_HAND = """
import duckdb, sys
customers, events, threads, memory = sys.argv[1:5]
con = duckdb.connect(config={"threads": threads, "memory_limit": memory})
now, day = %(now)d, 86400
midnight = now // day * day
print(con.execute(f'''
    SELECT count(*) FROM read_parquet([{customers}]) c JOIN (
        SELECT customer FROM read_parquet([{events}])
        WHERE time >= {midnight - 180 * day} AND time < {now} AND action = 'buy'
        GROUP BY customer HAVING count(*) >= 2
    ) e ON e.customer = c.id
    WHERE (region IN ('EMEA', 'Asia') OR (score >= 5000 AND joined >= {midnight - 365 * day} AND joined < {now}))
      AND (email LIKE '%%@gmail.%%' OR age BETWEEN 18 AND 65)
''').fetchone()[0])
"""


def run(folder: Path) -> None:
    from django.conf import settings

    manage("migrate", "--verbosity", "0")
    files, selection = _prepare(folder)
    from activations import asking

    sql = selection.count_sql()
    sizes: list[int] = []

    def ours() -> None:
        sizes.append(asking.ask(sql, scheduled_time=NOW).rows[0][0])

    command = [
        sys.executable,
        "-c",
        BY_HAND % {"now": NOW},
        *files,
        str(settings.JOB_THREADS),
        settings.JOB_MEMORY,
    ]

    def theirs() -> None:
        sizes.append(int(subprocess.run(command, check=True, capture_output=True, text=True).stdout))

    for warm in (ours, theirs):
        warm()
    pairs = [(timed(ours), timed(theirs)) for _ in range(RUNS)]
    assert len(set(sizes)) == 1, sizes
    mine, other = (sorted(times)[RUNS // 2] for times in zip(*pairs, strict=True))
    print(f"  size {sizes[0]:,} of {CUSTOMERS:,}: {mine:.2f} s; by hand: {other:.2f} s (medians of {RUNS})")
    print(f"  ratio {mine / other:.2f} (bar 1.2)")
    _tree()
    print(f"  load while it ran: {os.getloadavg()[0]:.1f}")


def _tree() -> None:
    """The page as the server makes it: its time, its SQL queries, and its bytes. The first answer is not counted."""
    from django.db import connection
    from django.test import Client

    from activations import folders
    from activations.models import ParentSegment, Segment
    from console.accounts.models import User

    user, parent = User.objects.get(email="audience@example.com"), ParentSegment.objects.get()
    into = [folders.create(parent, f"Folder {i}") for i in range(FOLDERS)]
    for number in (100, SEGMENTS):
        have = parent.segments.count()
        Segment.objects.bulk_create(
            Segment(audience=parent, folder=into[i % FOLDERS], name=f"Segment {i}", rules=RULES, owner=user,
                    saved_by=user, size=i, size_version=1)
            for i in range(have, number)
        )  # fmt: skip
        client = Client(headers={"host": "localhost"})
        client.force_login(user)
        page = client.get(f"/audience/{parent.pk}/")
        assert page.status_code == 200, page.status_code
        asked: list[object] = []

        def heard(execute: Any, *args: Any, asked: list[object] = asked) -> Any:
            asked.append(args[0])
            return execute(*args)

        with connection.execute_wrapper(heard):
            client.get(f"/audience/{parent.pk}/")
        took = sorted(timed(lambda: client.get(f"/audience/{parent.pk}/")) for _ in range(RUNS))[RUNS // 2]  # noqa: B023
        size = len(page.content) / 1000
        print(
            f"  tree of {number:,} segments: {took * 1000:.0f} ms, {len(asked)} SQL queries (bar 20), {size:,.0f} KB"
        )


def _prepare(folder: Path) -> tuple[list[str], Any]:
    """The tables, and the segment's rules over them; file lists as DuckDB takes them."""
    import duckdb

    from activations import definitions, parents, queries
    from console.accounts.models import User
    from console.warehouse import storage
    from console.warehouse.types import TableRef

    user = User.objects.create_user("audience@example.com", "a password for the bench")
    storage.create_database("bench_audience")
    listed = []
    for table, select in (("customers", _CUSTOMERS), ("events", _EVENTS)):
        path = folder / f"{table}-{time.time_ns()}.parquet"
        duckdb.execute(f"COPY ({select}) TO '{path}' (FORMAT parquet, COMPRESSION zstd)")
        ref = TableRef("bench_audience", table)
        storage.append(ref, [path], operation_id=path.name, create=True)
        listed.append(", ".join(f"'{file}'" for file in storage.snapshot(ref).files))
    parent = parents.create(definitions.read(DEFINITION), user)
    return listed, queries.select(parent, RULES)
