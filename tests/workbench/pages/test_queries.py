"""The Queries list: search, states, duplicate, delete, and bounded SQL."""

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from console.accounts.models import User
from console.workbench.models import Job, Query
from tests.factories import make_authentication, make_job, make_query

URL = "/workbench/queries/"


def test_it_lists_name_database_type_destination_last_run_and_owner(
    client_logged_in: Client, owner: User
) -> None:
    query = make_query(name="by_code", owner=owner, export_authentication=make_authentication(name="partner"))
    make_job(query=query, status="success", user=owner)
    make_job(query=query, status="error", user=owner)
    page = client_logged_in.get(URL).content.decode()
    for text in ("by_code", "sample_datasets", "Presto", "partner", "Failed", str(owner), "1 query"):
        assert text in page


def test_search_marks_what_it_met_counts_and_answers_a_fragment(
    client_logged_in: Client, owner: User
) -> None:
    make_query(name="regional_contacts", owner=owner)
    make_query(name="other", owner=owner)
    reply = client_logged_in.get(
        URL, {"q": "CONT"}, headers={"HX-Request": "true", "HX-Target": "query-list"}
    )
    page = reply.content.decode()
    assert "<html" not in page
    assert 'regional_<mark class="hit">cont</mark>acts' in page
    assert "1 of 2 queries matches" in page
    assert "other" not in page


def test_no_match_keeps_the_search_and_offers_to_clear_it(client_logged_in: Client, owner: User) -> None:
    make_query(owner=owner)
    page = client_logged_in.get(URL, {"q": "<zzz>"}).content.decode()
    assert "No query matches “&lt;zzz&gt;”" in page
    assert "Clear search" in page


def test_the_empty_list_says_what_comes_here(client_logged_in: Client) -> None:
    assert "No queries yet" in client_logged_in.get(URL).content.decode()


def test_queries_are_filtered_by_the_authentication_that_uses_them(
    client_logged_in: Client, owner: User
) -> None:
    one = make_authentication()
    make_query(name="with_it", owner=owner, export_authentication=one)
    make_query(name="without", owner=owner)
    page = client_logged_in.get(URL, {"authentication": one.pk}).content.decode()
    assert "with_it" in page
    assert "without" not in page


def test_a_page_asks_the_same_few_questions_whatever_the_number(
    client_logged_in: Client, owner: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    Query.objects.bulk_create(
        Query(name=f"q{n:05}", database="d", sql="SELECT 1", owner=owner, saved_by=owner)
        for n in range(2_000)
    )
    Job.objects.bulk_create(
        Job(query=query, user=owner, database="d", scheduled_time=0)
        for query in Query.objects.all()
        for _ in "ab"
    )
    with django_assert_max_num_queries(20):
        page = client_logged_in.get(URL, {"page": 3}).content.decode()
    assert "q00100" in page
    assert "Page 3 of 40" in page


def test_a_duplicate_belongs_to_the_one_who_made_it(
    client_logged_in: Client, owner: User, stranger: User
) -> None:
    settings = {"user_database_name": "target"}
    query = make_query(
        name="a", owner=stranger, export_authentication=make_authentication(), export_settings=settings
    )
    client_logged_in.post(f"{URL}{query.pk}/duplicate/")
    client_logged_in.post(f"{URL}{query.pk}/duplicate/")
    copies = Query.objects.filter(owner=owner).order_by("pk")
    assert [copy.name for copy in copies] == ["a copy", "a copy 2"]
    assert copies[0].sql == query.sql
    assert copies[0].export_settings == settings
    assert copies[0].versions.get().sql == query.sql


def test_deleting_asks_first_and_keeps_the_jobs(client_logged_in: Client, owner: User) -> None:
    query = make_query(name="gone", owner=owner)
    job = make_job(query=query, status="success", query_name="gone")
    page = client_logged_in.get(f"{URL}{query.pk}/delete/").content.decode()
    assert "Delete gone?" in page
    assert "1 job" in page
    assert Query.objects.filter(pk=query.pk).exists()
    client_logged_in.post(f"{URL}{query.pk}/delete/")
    assert not Query.objects.filter(pk=query.pk).exists()
    assert Job.objects.get(pk=job.pk).query_name == "gone"


def test_a_running_query_is_not_deleted(client_logged_in: Client, owner: User) -> None:
    query = make_query(owner=owner)
    make_job(query=query, status="running")
    reply = client_logged_in.post(f"{URL}{query.pk}/delete/")
    assert reply.status_code == 422
    assert "can&#x27;t be deleted while it runs" in reply.content.decode().replace("can't", "can&#x27;t")
    assert Query.objects.filter(pk=query.pk).exists()


@pytest.mark.parametrize("action", ["delete/", "save/", "export/", "export/remove/"])
def test_a_member_changes_only_his_own_queries(client_logged_in: Client, stranger: User, action: str) -> None:
    query = make_query(name="theirs", owner=stranger, export_authentication=make_authentication())
    reply = client_logged_in.post(f"{URL}{query.pk}/{action}", {"name": "mine", "version": 1})
    assert reply.status_code == 403
    assert "theirs belongs to Stranger" in reply.content.decode()
    query.refresh_from_db()
    assert query.name == "theirs"
    assert query.export_authentication is not None


def test_an_administrator_changes_any_query(client: Client, admin: User, stranger: User) -> None:
    query = make_query(owner=stranger)
    client.force_login(admin)
    client.post(f"{URL}{query.pk}/delete/")
    assert not Query.objects.filter(pk=query.pk).exists()
