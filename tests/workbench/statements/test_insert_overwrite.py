"""INSERT OVERWRITE: the new rows take the place of the old ones, in the columns there are."""

from .conftest import Sql, columns, refused, rows


def test_insert_overwrite_replaces_the_rows_and_keeps_the_columns(shop: str, sql: Sql) -> None:
    job = sql("INSERT OVERWRITE TABLE sales SELECT 1, 9, 'new', 0.5", "hive")
    assert rows(shop) == [(1, 9, "new", 0.5)]
    assert columns(shop, "sales") == [
        ("time", "long"),
        ("code", "long"),
        ("name", "string"),
        ("amount", "double"),
    ]
    assert (job.rows, job.written_table) == (1, f"{shop}.sales")


def test_insert_overwrite_from_the_table_itself(shop: str, sql: Sql) -> None:
    sql("INSERT OVERWRITE TABLE sales SELECT time, code + 10, name, amount FROM sales WHERE code = 2", "hive")
    assert rows(shop) == [(20, 12, None, 2.5)]


def test_insert_overwrite_of_some_columns_leaves_the_others_null(shop: str, sql: Sql) -> None:
    sql("INSERT OVERWRITE TABLE sales (time, name) SELECT 1, 'x'", "hive")
    assert rows(shop) == [(1, None, "x", None)]


def test_insert_overwrite_without_rows_empties_the_table(shop: str, sql: Sql) -> None:
    job = sql("INSERT OVERWRITE TABLE sales SELECT * FROM sales WHERE code > 99", "hive")
    assert (rows(shop), job.rows) == ([], 0)
    assert len(columns(shop, "sales")) == 4


def test_presto_has_no_overwrite(shop: str, sql: Sql) -> None:
    error = refused(sql, "INSERT OVERWRITE TABLE sales SELECT * FROM sales")
    assert str(error) == "INSERT OVERWRITE is Hive's, not Presto's."
    assert error.hint == "Set the query's type to Hive, or make a new table with CREATE TABLE … AS SELECT."


def test_what_does_not_fit_leaves_the_old_rows(shop: str, sql: Sql) -> None:
    error = refused(sql, "INSERT OVERWRITE TABLE sales SELECT 1, 2", "hive")
    assert str(error) == f"The SELECT has 2 columns, {shop}.sales takes 4."
    assert len(rows(shop)) == 2
