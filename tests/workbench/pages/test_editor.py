"""The editor: open, save, conflict, versions, format; with htmx and without JavaScript."""

import json

from django.test import Client

from console.accounts.models import User
from console.warehouse import storage
from console.warehouse.types import TableRef
from console.workbench import queries
from console.workbench.models import Job, Query
from console.workbench.queries import Draft
from tests.factories import make_job

NEW = "/workbench/queries/new/"
HTMX = {"HX-Request": "true", "HX-Target": "ed-head"}


def fields(**changes: object) -> dict[str, object]:
    return {"name": "by_code", "database": "sample", "type": "presto", "sql": "SELECT 1", **changes}


def saved(owner: User, **changes: object) -> Query:
    return queries.create(Draft(**fields(**changes)), owner)  # type: ignore[arg-type]


def test_the_page_has_databases_tables_columns_and_the_sql(
    client_logged_in: Client, data_dir: object, owner: User
) -> None:
    storage.create_database("sample")
    storage.create_table(TableRef("sample", "www_access"), [("code", "long"), ("path", "string")])
    page = client_logged_in.get(f"/workbench/queries/{saved(owner, sql='SELECT <b>').pk}/").content.decode()
    for text in (
        'role="tree"',
        'data-name="www_access"',
        'data-name="code"',
        "SELECT &lt;b&gt;",
        "by_code",
        "Saved",
    ):
        assert text in page
    tree = client_logged_in.get("/workbench/queries/schema/", {"database": "sample"}).content.decode()
    assert 'data-name="path"' in tree
    assert "<html" not in tree
    known = json.loads(client_logged_in.get("/workbench/queries/completion/").content)
    assert known["schema"] == {"sample": {"www_access": ["code", "path"]}} or known["schema"]["sample"]
    assert "TD_TIME_RANGE" in {name.upper() for name in known["functions"]["presto"]}


def test_a_new_query_opens_on_a_table(client_logged_in: Client, data_dir: object) -> None:
    page = client_logged_in.get(NEW, {"database": "sample", "table": "www_access"}).content.decode()
    assert "SELECT * FROM www_access LIMIT 100" in page


def test_saving_makes_a_version_each_time(client_logged_in: Client, owner: User, data_dir: object) -> None:
    reply = client_logged_in.post(f"{NEW}save/", fields())
    query = Query.objects.get(name="by_code")
    assert reply["Location"] == f"/workbench/queries/{query.pk}/"
    client_logged_in.post(f"/workbench/queries/{query.pk}/save/", fields(sql="SELECT 2\r\nFROM t", version=1))
    query.refresh_from_db()
    assert (query.sql, query.version, query.saved_by) == ("SELECT 2\nFROM t", 2, owner)
    assert [(v.version, v.sql) for v in query.versions.all()] == [(2, "SELECT 2\nFROM t"), (1, "SELECT 1")]


def test_a_save_by_htmx_answers_the_head_and_says_so(
    client_logged_in: Client, owner: User, data_dir: object
) -> None:
    query = saved(owner)
    reply = client_logged_in.post(
        f"/workbench/queries/{query.pk}/save/", fields(name="renamed", version=1), headers=HTMX
    )
    assert "query:saved" in reply["HX-Trigger"]
    assert 'name="version" form="editor" value="2"' in reply.content.decode()
    assert "<html" not in reply.content.decode()
    assert Query.objects.get(pk=query.pk).name == "renamed"


def test_a_query_without_a_name_is_not_saved_and_keeps_what_was_typed(
    client_logged_in: Client, data_dir: object
) -> None:
    plain = client_logged_in.post(f"{NEW}save/", fields(name=" ", sql="SELECT 'typed'"))
    assert plain.status_code == 422
    assert "Give the query a name" in plain.content.decode()
    assert "SELECT &#x27;typed&#x27;" in plain.content.decode()
    live = client_logged_in.post(f"{NEW}save/", fields(name=""), headers=HTMX)
    assert live.status_code == 422
    assert 'aria-describedby="query-name-error"' in live.content.decode()
    assert not Query.objects.exists()


def test_a_name_is_used_once(client_logged_in: Client, owner: User, data_dir: object) -> None:
    saved(owner)
    reply = client_logged_in.post(f"{NEW}save/", fields())
    assert reply.status_code == 422
    assert "A query with this name exists" in reply.content.decode()


def test_a_stale_save_is_refused_with_both_versions_and_three_ways_on(
    client_logged_in: Client, owner: User, admin: User, data_dir: object
) -> None:
    query = saved(owner)
    queries.save(query, Draft("by_code", "sample", "presto", "SELECT 'theirs'"), admin, version=1)
    reply = client_logged_in.post(
        f"/workbench/queries/{query.pk}/save/", fields(sql="SELECT 'mine'", version=1), headers=HTMX
    )
    page = reply.content.decode()
    assert reply.status_code == 409
    assert reply["HX-Retarget"] == "#dlg"
    for text in ("admin@example.com saved this query", "&#x27;theirs&#x27;", "&#x27;mine&#x27;"):
        assert text in page
    for way in ("Reload", "Save as new", "Overwrite"):
        assert way in page
    query.refresh_from_db()
    assert query.sql == "SELECT 'theirs'"


def test_the_conflict_page_works_without_javascript(
    client_logged_in: Client, owner: User, admin: User, data_dir: object
) -> None:
    query = saved(owner)
    queries.save(query, Draft.of(query), admin, version=1)
    address = f"/workbench/queries/{query.pk}/save/"
    page = client_logged_in.post(address, fields(sql="SELECT 'mine'", version=1))
    assert page.status_code == 409
    assert "<html" in page.content.decode()
    client_logged_in.post(address, fields(sql="SELECT 'mine'", version=2))
    query.refresh_from_db()
    assert (query.sql, query.version) == ("SELECT 'mine'", 3)
    assert client_logged_in.get(address)["Location"] == f"/workbench/queries/{query.pk}/"


def test_an_old_version_opens_in_the_editor_and_changes_nothing(
    client_logged_in: Client, owner: User, data_dir: object
) -> None:
    query = saved(owner, sql="SELECT 'old'")
    queries.save(query, Draft("by_code", "sample", "presto", "SELECT 'new'"), owner, version=1)
    listed = client_logged_in.get(f"/workbench/queries/{query.pk}/versions/").content.decode()
    assert "Restore version 1" in listed
    page = client_logged_in.get(f"/workbench/queries/{query.pk}/", {"version": 1}).content.decode()
    assert "&#x27;old&#x27;" in page
    assert "data-unsaved" in page
    assert Query.objects.get(pk=query.pk).sql == "SELECT 'new'"


def test_another_members_query_is_saved_as_new(
    client_logged_in: Client, owner: User, stranger: User, data_dir: object
) -> None:
    query = saved(stranger)
    page = client_logged_in.get(f"/workbench/queries/{query.pk}/").content.decode()
    assert "Save as new" in page
    assert "Owned by Stranger" in page
    client_logged_in.post(f"{NEW}save/", fields(name="my copy"))
    assert Query.objects.get(name="my copy").owner == owner


def test_formatting_keeps_the_meaning_and_answers_text(client_logged_in: Client) -> None:
    reply = client_logged_in.post(
        "/workbench/queries/format/",
        fields(
            sql="select code,count(1) from www_access where TD_TIME_RANGE(time,'2026-01-01') group by code"
        ),
        headers={"Accept": "text/plain"},
    )
    assert reply.content.decode() == (
        "SELECT\n  code,\n  COUNT(1)\nFROM www_access\nWHERE\n"
        "  TD_TIME_RANGE(time, '2026-01-01')\nGROUP BY\n  code"
    )


def test_formatting_wrong_sql_says_where_and_keeps_it(client_logged_in: Client, data_dir: object) -> None:
    wrong = fields(sql="SELECT a FROM\nWHERE (")
    live = client_logged_in.post("/workbench/queries/format/", wrong, headers={"Accept": "text/plain"})
    assert live.status_code == 422
    assert live.json()["line"] == 2
    plain = client_logged_in.post("/workbench/queries/format/", wrong)
    assert plain.status_code == 422
    assert "SELECT a FROM\nWHERE (" in plain.content.decode()


def test_the_sql_of_a_run_opens_as_unsaved(client_logged_in: Client, owner: User, data_dir: object) -> None:
    query = saved(owner)
    job = make_job(query=query, sql="SELECT 'run'", database="sample", user=owner)
    page = client_logged_in.get(f"/workbench/queries/{query.pk}/?job={job.pk}&edit=job").content.decode()
    assert "&#x27;run&#x27;" in page
    assert "data-unsaved" in page
    kept = client_logged_in.get(f"/workbench/queries/{query.pk}/", {"job": job.pk}).content.decode()
    assert "&#x27;run&#x27;" not in kept


def test_the_run_beside_the_sql_becomes_the_saved_querys(
    client_logged_in: Client, owner: User, stranger: User, data_dir: object
) -> None:
    def save_beside(job: Job, name: str) -> Query:
        client_logged_in.post(f"{NEW}save/", fields(name=name, sql="SELECT 7", job=job.pk))
        job.refresh_from_db()
        return Query.objects.get(name=name)

    mine = make_job(user=owner, database="sample", sql="SELECT 7")
    query = save_beside(mine, "a")
    assert (mine.query, mine.query_name) == (query, "a")
    for other in (
        make_job(user=owner, database="sample", sql="SELECT 8"),
        make_job(user=stranger, database="sample", sql="SELECT 7"),
        mine,
    ):
        before = other.query
        save_beside(other, f"b{other.pk}")
        assert other.query == before
    page = client_logged_in.get(f"/workbench/queries/{query.pk}/").content.decode()
    assert 'Runs <span class="t3">1</span>' in page


def test_without_javascript_the_tabs_keep_the_sql_of_the_run(
    client_logged_in: Client, owner: User, data_dir: object
) -> None:
    query = saved(owner)
    job = make_job(query=query, sql="SELECT 'run'", database="sample", user=owner)
    page = client_logged_in.get(f"/workbench/queries/{query.pk}/?job={job.pk}&edit=job").content.decode()
    assert f'href="?job={job.pk}&amp;edit=job&amp;tab=log"' in page
    assert f'href="?job={job.pk}&amp;edit=job&amp;tab=results">Refresh' in page
