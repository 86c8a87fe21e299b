"""An error says what is wrong, where in the SQL the user wrote it stands, and what to do."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from console.warehouse.engine.embedded import ENGINE
from console.warehouse.engine.interface import SqlError
from console.warehouse.types import Snapshot, TableRef

from .conftest import ACCESS, LIMITS, refusal, translate

Run = Callable[..., object]

# Found before anything runs: SQL, the message's beginning, line and column of what it names.
BEFORE = [
    ("presto", "SELECT code,\n  nosuch(time)\nFROM www_access", "The function nosuch isn't supported.", 2, 3),
    ("hive", "SELECT code,\n\n  nosuch(time)\nFROM www_access", "The function nosuch isn't supported.", 3, 3),
    ("presto", "SELECT upper(lower(nosuch(user)))\nFROM www_access", "The function nosuch", 1, 20),
    ("presto", "SELECT 1\nWHERE TD_PARSE_AGENT('x') IS NULL", "The function TD_PARSE_AGENT isn't supported.", 2, 7),
    ("presto", "SELECT 'nosuch(1)', -- nosuch(1)\n nosuch(1)", "The function nosuch", 2, 2),
    ("presto", "SELECT '日本', nosuch(1)", "The function nosuch", 1, 14),
    ("presto", "SELECT json_parse('1', '2')", "json_parse takes 1 arguments, not 2.", 1, 8),
    ("presto", "SELECT\n date_diff('fortnight', x, y)", "date_diff: 'fortnight' is no unit.", 2, 2),
    ("presto", "SELECT regexp_like(user,\n '(?<=a)b') FROM www_access", "regexp_like: regular expressions can't have look-around", 2, 2),
    ("presto", "SELECT TD_TIME_RANGE(time, '2026-01-01', NULL,\n 'Mars/Base')", "TD_TIME_RANGE: There is no time zone 'Mars/Base'.", 1, 8),
    ("hive", "SELECT TD_INTERVAL(time, '1 fortnight')", "TD_INTERVAL: '1 fortnight' is no interval.", 1, 8),
    ("presto", "SELECT code FROM\nwww_access\nwher code = 1", "Syntax error at 'code'", 3, 6),
    ("presto", "SELECT code\nFROM www_access\nGROUP code", "Syntax error at 'code'", 3, 7),
    ("hive", "SELECT code,\nFROM www_access WHERE", "Syntax error at", 2, 17),
    ("presto", "SELECT (1 + 2", "Syntax error at '2': Expecting ).", 1, 13),
    ("presto", "SELECT cast(code AS bigint\nFROM www_access", "Syntax error at 'FROM': Expecting ).", 2, 1),
    ("presto", "SELECT 'it''s\n\n fine', 'open", "The text that starts with 'o has no end.", 3, 9),
    ("presto", "SELECT 1\n/* no end", "The text that starts with /* has no end.", 2, 1),
    ("presto", "SELECT 1;\n\nSELECT 2", "A query is exactly one statement.", 3, 1),
    ("presto", "\n\n  DROP TABLE www_access", "DROP isn't allowed in a query.", 3, 3),
    ("presto", "SELECT *\nFROM system.runtime.nodes", "There is no catalog system.", 2, 6),
    ("presto", "SELECT other.www_access.code\nFROM www_access", "There is no table other.www_access in FROM.", 1, 8),
    ("presto", "CREATE TABLE made AS\nSELECT code, count(*) FROM www_access GROUP BY 1", "Column 2 has no name.", 2, 14),
    ("presto", "CREATE TABLE no AS SELECT 1 AS a", "no can't be a name.", 1, 14),
    ("presto", "INSERT OVERWRITE TABLE www_access\nSELECT 1", "INSERT OVERWRITE is Hive's, not Presto's.", 1, 24),
    ("presto", "INSERT INTO www_access (code, code) SELECT 1, 2", "A column is named twice.", 1, 13),
    ("presto", "SELECT code,\n 1_000 FROM www_access", "1_000 is no number.", 2, 2),
    ("presto", "SELECT from_unixtime(0)\nAT TIME ZONE 'Mars'", "There is no time zone 'Mars'.", 2, 14),
    ("presto", "SELECT date '2026-01-02' -\n date '2026-01-01'", "The difference of two dates is an interval.", 1, 13),
    ("presto", "SELECT date '2026-01-02' + interval '2' hour", "A date has no time of day to add to.", 1, 13),
    ("presto", "", "There is no statement.", None, None),
    ("hive", " -- nothing\n;", "There is no statement.", None, None),
]  # fmt: skip

# Found by the engine, in the child process.
RUNNING = [
    ("presto", "SELECT code\nFROM www_access\nWHERE codee = 1", "There is no column codee.", 3, 7),
    ("hive", "SELECT code\nFROM www_access\nWHERE codee = 1", "There is no column codee.", 3, 7),
    ("presto", "SELECT codee AS code, code AS codee FROM www_access ORDER BY codee", "There is no column codee.", 1, 8),
    ("presto", "SELECT a.code,\n  w.code\nFROM www_access w", "There is no table a in FROM.", 1, 8),
    ("presto", "SELECT w.code,\n  w.codee\nFROM www_access w", "w has no column codee.", 2, 3),
    ("presto", "SELECT x\nFROM (VALUES 1) t (y)", "There is no column x.", 1, 8),
    ("presto", "SELECT t.x\nFROM (VALUES 1) t (y)", "t has no column x.", 1, 8),
    ("presto", "SELECT a.code,\n code\nFROM www_access a JOIN www_access b ON a.code = b.code", "code is in more than one table.", 2, 2),
    ("presto", "SELECT code,\n user, count(*)\nFROM www_access GROUP BY 1", "user is neither in GROUP BY nor inside an aggregate.", 2, 2),
    ("presto", "SELECT code\nFROM www_access\nWHERE sum(code) > 1", "WHERE can't contain aggregates.", 3, 7),
    ("presto", "SELECT code,\n upper(code)\nFROM www_access", "upper can't take (bigint).", 2, 2),
    ("presto", "SELECT code,\n substr(code, 1)\nFROM www_access", "substr: length can't take (bigint).", 2, 2),
    ("hive", "SELECT code,\n substr(code, 1)\nFROM www_access", None, None, None),
    ("presto", "SELECT code\nFROM www_access\nWHERE user > 1", "varchar and integer don't go together.", 3, 7),
    ("presto", "SELECT code,\n cast('DATE x' AS bigint)\nFROM www_access", "Can't cast 'DATE x' to bigint.", 2, 7),
    ("presto", "SELECT cast(user AS bigint)\nFROM www_access", "Can't cast 'u1' to bigint.", 1, 13),
    ("presto", "SELECT code FROM www_access\nWHERE code = 'abc'", "Can't cast 'abc' to bigint.", 2, 14),
    ("presto", "SELECT 1,\n date '2026-13-01'", "2026-13-01 is no date that exists.", 2, 7),
    ("presto", "SELECT 1,\n json_parse('{')", "The text is no JSON.", 2, 2),
    ("presto", "SELECT tags[3] FROM www_access", "The array subscript is greater than the length of the array", 1, 8),
    ("presto", "SELECT MAP(ARRAY['a'], ARRAY[1])['b']", "The key is not in the map", 1, 8),
    ("presto", "SELECT split_part(user, ',',\n 0) FROM www_access", "split_part counts from 1.", 1, 8),
    ("presto", "SELECT 1 / (code - code) FROM www_access", "Division by zero.", None, None),
    ("presto", "SELECT 9223372036854775807 + code FROM www_access", "A number is too large: overflow in addition.", None, None),
    ("presto", "SELECT sum(x) FROM (VALUES 9223372036854775807, 1) t (x)", "9223372036854775808 is too large for bigint.", None, None),
    ("presto", "SELECT row_number() FROM www_access", "A window function needs OVER (…)", 1, 8),
    ("presto", "SELECT (SELECT code FROM www_access)", "The subquery gives more than one row.", None, None),
    ("presto", "SELECT 1 UNION SELECT 1, 2", "Both sides of UNION, EXCEPT or INTERSECT need as many columns.", None, None),
    ("presto", "SELECT regexp_like(user, late || '(') FROM www_access WHERE late = 'x'", "The regular expression can't be read", None, None),
    ("presto", "SELECT interval '1' day", "A result can't hold an interval.", None, None),
    ("hive", "SELECT date_add('day', 1, '2026-01-01')", "date_add takes 2 arguments, not 3.", 1, 8),
    ("presto", "SELECT date_add('day', 1,\n code) FROM www_access", "date_add: + can't take (bigint, interval).", 1, 8),
]  # fmt: skip


@pytest.mark.parametrize(
    ("type", "sql", "message", "line", "column"), BEFORE, ids=[f"{case[0]}: {case[1]}" for case in BEFORE]
)
def test_what_can_be_seen_in_the_text(
    type: str, sql: str, message: str, line: int | None, column: int | None
) -> None:
    error = refusal(sql, type)
    assert str(error).startswith(message)
    assert (error.line, error.column) == (line, column)


@pytest.mark.parametrize(
    ("type", "sql", "message", "line", "column"), RUNNING, ids=[f"{case[0]}: {case[1]}" for case in RUNNING]
)
def test_what_the_engine_finds(
    type: str, sql: str, message: str | None, line: int | None, column: int | None, run: Run
) -> None:
    if message is None:
        run(sql, type)
        return
    with pytest.raises(SqlError) as refused:
        run(sql, type)
    assert str(refused.value).startswith(message)
    assert (refused.value.line, refused.value.column) == (line, column)


@pytest.mark.parametrize(
    ("type", "sql", "hint"),
    [
        ("presto", "SELECT datediff('a', 'b')", "Use date_diff('day', a, b)."),
        ("hive", "SELECT approx_distinct(code) FROM www_access", "Use count(DISTINCT x)."),
        ("presto", "SELECT td_time_rang(time, '2026-01-01') FROM www_access", "Did you mean TD_TIME_RANGE?"),
        ("presto", "SELECT regexp_extrct('a', 'b')", "Did you mean regexp_extract?"),
        ("presto", "INSERT OVERWRITE TABLE www_access SELECT 1", "Set the query's type to Hive, or make a new table with CREATE TABLE … AS SELECT."),
        ("presto", "SELECT 1; SELECT 2", "Run the others as queries of their own."),
    ],
)  # fmt: skip
def test_it_says_what_to_do(type: str, sql: str, hint: str) -> None:
    assert refusal(sql, type).hint == hint


def test_a_nesting_nobody_can_read_is_refused_not_a_crash() -> None:
    error = refusal("SELECT " + "(" * 5000 + "1" + ")" * 5000)
    assert str(error) == "The statement is nested too deeply."


def test_no_path_of_the_machine_is_in_an_error(run: Run) -> None:
    with pytest.raises(SqlError) as refused:
        run("SELECT cast(user AS bigint) FROM www_access WHERE user IS NOT NULL")
    assert "/" not in str(refused.value)


@pytest.mark.parametrize("damage", ["gone", "cut", "not Parquet"])
def test_a_damaged_table_is_said_without_its_path(
    damage: str, snapshots: dict[TableRef, Snapshot], tmp_path: Path
) -> None:
    file = tmp_path / "rows.parquet"
    whole = Path(snapshots[ACCESS].files[0]).read_bytes()
    if damage != "gone":
        file.write_bytes(whole[: len(whole) // 2] if damage == "cut" else b"x" * 1000)
    broken = {ACCESS: replace(snapshots[ACCESS], files=(str(file),))}
    with pytest.raises(SqlError) as refused:
        ENGINE.start(translate("SELECT sum(code) FROM www_access"), broken, tmp_path / "out", LIMITS).wait(60)
    assert str(refused.value) == "A file of a table is gone or damaged."
    assert refused.value.hint == "Restore the warehouse's folder from a backup."


def test_text_that_looks_like_the_translators_marks_is_only_text(
    run: Callable[..., tuple[object, list[tuple[str]]]],
) -> None:
    assert run("SELECT '\ue0005\ue001' AS x")[1] == [("\ue0005\ue001",)]
