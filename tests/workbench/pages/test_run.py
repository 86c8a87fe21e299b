"""Run from the editor, and what the result pane shows."""

from collections.abc import Callable
from decimal import Decimal

import pyarrow as pa
from django.test import Client

from console.accounts.models import User
from console.workbench.models import Job
from tests.factories import make_authentication, make_job, make_query

HTMX = {"HX-Request": "true"}
DRAFT = {"name": "", "database": "sample", "type": "presto", "sql": "SELECT 1"}


def result(client: Client, job: Job, **data: str | int) -> tuple[int, str]:
    reply = client.get(f"/workbench/jobs/{job.pk}/result/", data, headers=HTMX)
    return reply.status_code, reply.content.decode()


def test_unsaved_sql_runs_and_the_pane_asks_for_itself(client_logged_in: Client, owner: User) -> None:
    reply = client_logged_in.post("/workbench/queries/new/run/", DRAFT, headers=HTMX)
    job = Job.objects.get()
    assert (job.sql, job.database, job.type, job.query, job.user) == (
        "SELECT 1",
        "sample",
        "presto",
        None,
        owner,
    )
    page = reply.content.decode()
    assert f'hx-get="/workbench/jobs/{job.pk}/result/?tab=results"' in page
    assert "every 700ms" in page
    assert "Kill" in page


def test_what_stands_in_the_editor_runs_not_what_is_saved(client_logged_in: Client, stranger: User) -> None:
    one = make_authentication()
    query = make_query(
        owner=stranger, sql="SELECT 'saved'", export_authentication=one, export_settings={"mode": "append"}
    )
    client_logged_in.post(
        f"/workbench/queries/{query.pk}/run/", DRAFT | {"sql": "SELECT 'typed'"}, headers=HTMX
    )
    job = Job.objects.get()
    assert (job.sql, job.query, job.query_name) == ("SELECT 'typed'", query, query.name)
    assert (job.export_authentication, job.export_settings) == (one, {"mode": "append"})
    query.refresh_from_db()
    assert query.sql == "SELECT 'saved'"


def test_running_without_javascript_comes_back_with_what_was_typed(
    client_logged_in: Client, data_dir: object
) -> None:
    reply = client_logged_in.post(
        "/workbench/queries/new/run/", DRAFT | {"sql": "SELECT 'typed'"}, follow=True
    )
    assert reply.status_code == 200
    assert "SELECT &#x27;typed&#x27;" in reply.content.decode()
    assert f"Job {Job.objects.get().pk}" in reply.content.decode()


def test_nothing_to_run_says_so(client_logged_in: Client, data_dir: object) -> None:
    live = client_logged_in.post("/workbench/queries/new/run/", DRAFT | {"sql": "  \n"}, headers=HTMX)
    assert live.status_code == 422
    assert "Write some SQL to run." in live.content.decode()
    plain = client_logged_in.post("/workbench/queries/new/run/", DRAFT | {"database": ""})
    assert plain.status_code == 422
    assert "Choose the database the query reads." in plain.content.decode()
    assert not Job.objects.exists()


def test_values_are_exact_and_null_is_not_an_empty_string_nor_the_word(
    client_logged_in: Client, finished: Callable[..., Job]
) -> None:
    table = pa.table({
        "big": pa.array([9_223_372_036_854_775_807, None, 1], pa.int64()),
        "sum": pa.array(
            [Decimal("12345678901234567890123456789012345.678"), None, Decimal("1.100")], pa.decimal128(38, 3)
        ),
        "text": pa.array(["", None, "NULL"], pa.string()),
    })  # fmt: skip
    job = finished(table, [["big", "bigint"], ["sum", "decimal(38,3)"], ["text", "varchar"]])
    status, page = result(client_logged_in, job)
    assert status == 286
    assert "<td>9223372036854775807</td><td>12345678901234567890123456789012345.678</td><td></td>" in page
    assert page.count('<td class="null">NULL</td>') == 3
    assert "<td>1</td><td>1.100</td><td>NULL</td>" in page
    assert "<span>sum</span> <small>decimal(38,3)</small>" in page
    csv = b"".join(client_logged_in.get(f"/workbench/jobs/{job.pk}/result.csv").streaming_content)  # type: ignore[attr-defined]
    assert csv == (
        b'big,sum,text\r\n9223372036854775807,12345678901234567890123456789012345.678,""\r\n'
        b",,\r\n1,1.100,NULL\r\n"
    )


def test_the_first_hundred_rows_are_shown_and_it_says_so(
    client_logged_in: Client, finished: Callable[..., Job]
) -> None:
    job = finished(pa.table({"n": range(1_234)}), [["n", "bigint"]], scanned_bytes=5_000_000)
    _, page = result(client_logged_in, job)
    assert "<td>99</td>" in page
    assert "<td>100</td>" not in page
    assert "1,234 rows, first 100 shown" in page
    assert "5.0 MB scanned" in page
    assert "Result is not exported" in page


def test_while_exporting_only_the_status_line_is_renewed(
    client_logged_in: Client, finished: Callable[..., Job]
) -> None:
    job = finished(pa.table({"n": [1]}), [["n", "bigint"]])
    Job.objects.filter(pk=job.pk).update(status="running", stage="exporting")
    reply = client_logged_in.get(f"/workbench/jobs/{job.pk}/result/?tab=results&have=rows", headers=HTMX)
    assert reply["HX-Retarget"] == "#run-status"
    assert "have=rows" in reply.content.decode()
    assert "<table" not in reply.content.decode()


def test_an_sql_error_names_its_place(client_logged_in: Client, db: None) -> None:
    job = make_job(status="error", stage="running", error_message="Column kode does not exist.", error_line=3,
                   error_column=8, error_action="Did you mean code?")  # fmt: skip
    status, page = result(client_logged_in, job)
    assert status == 286
    for text in ('data-error-line="3"', 'data-error-column="8"', "Column kode does not exist.", "Did you mean code?",
                 "Line 3, column 8"):  # fmt: skip
        assert text in page


def test_a_removed_result_is_said_to_be_gone(client_logged_in: Client, finished: Callable[..., Job]) -> None:
    job = finished(pa.table({"n": [1]}), [["n", "bigint"]])
    Job.objects.filter(pk=job.pk).update(result_path="")
    _, page = result(client_logged_in, job)
    assert "The result is no longer kept" in page
    assert client_logged_in.get(f"/workbench/jobs/{job.pk}/result.csv").status_code == 404


def test_rows_written_to_a_table_are_counted(client_logged_in: Client, db: None) -> None:
    job = make_job(status="success", stage="done", rows=12, written_table="sample.copy")
    _, page = result(client_logged_in, job)
    assert "12 rows written to sample.copy" in page


def test_the_runs_tab_lists_the_querys_jobs(client_logged_in: Client, owner: User) -> None:
    query = make_query(owner=owner)
    first = make_job(query=query, status="error")
    job = make_job(query=query, status="success")
    _, page = result(client_logged_in, job, tab="runs")
    assert f'href="/workbench/jobs/{first.pk}/"' in page
    assert "Failed" in page


def test_the_log_tab_shows_the_lines(client_logged_in: Client, db: None) -> None:
    job = make_job(status="success")
    job.log("info", "Query started on presto <1>")
    _, page = result(client_logged_in, job, tab="log")
    assert "Query started on presto &lt;1&gt;" in page
