"""The rows every bench moves: 8 columns as exports have them, the same on every run."""

from pathlib import Path

import duckdb

SELECT = """
SELECT 1700000000 + i AS time,
       i AS id,
       'user' || (i * 7919 % 1000003) || '@example.com' AS email,
       CASE WHEN i % 11 = 0 THEN NULL ELSE 'Name, "' || (i % 997) || '"' END AS name,
       ['Asia', 'Americas', 'EMEA'][1 + i % 3] AS region,
       (i * 31 % 100000) / 7.0 AS score,
       i % 2 = 0 AS active,
       DATE '2020-01-01' + CAST(i % 2000 AS INTEGER) AS joined
FROM range({rows}) AS r(i)
"""
SCHEMA = [
    ["time", "bigint"],
    ["id", "bigint"],
    ["email", "varchar"],
    ["name", "varchar"],
    ["region", "varchar"],
    ["score", "double"],
    ["active", "boolean"],
    ["joined", "date"],
]


def write(path: Path, rows: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as connection:
        connection.execute(
            f"COPY ({SELECT.format(rows=rows)}) TO '{path}' (FORMAT parquet, COMPRESSION zstd)"
        )


def write_csv(parquet: Path, path: Path) -> None:
    with duckdb.connect() as connection:
        connection.execute(f"COPY (SELECT * FROM '{parquet}') TO '{path}' (FORMAT csv, HEADER)")
