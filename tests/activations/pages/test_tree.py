"""The tree of a parent segment: what it shows, and what its menus do."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from activations import activating, folders, segments
from activations.models import Folder, ParentSegment, Segment
from console.accounts.models import User
from tests.activations.conftest import EMEA
from tests.factories import make_user


@pytest.fixture
def here(client_logged_in: Client) -> Client:
    return client_logged_in


def test_the_tree_shows_folders_segments_and_sizes(here: Client, audience: ParentSegment, user: User) -> None:
    loyalty = folders.create(audience, "Loyalty")
    gold = segments.create(audience, "Gold", EMEA, user, folder=loyalty)
    Segment.objects.filter(pk=gold.pk).update(size=31402, size_version=1)
    page = here.get(f"/audience/{audience.pk}/").content.decode()
    assert page.index('data-name="Loyalty"') < page.index('data-name="Gold"') < page.index("31,402")
    assert 'role="tree"' in page
    assert "Retail customers" in page


def test_two_thousand_segments_take_few_queries(here: Client, audience: ParentSegment, user: User) -> None:
    into = [folders.create(audience, f"Folder {i}") for i in range(20)]
    Segment.objects.bulk_create(
        Segment(
            audience=audience, folder=into[i % 20], name=f"Segment {i}", rules=EMEA, owner=user, saved_by=user
        )
        for i in range(2000)
    )
    with CaptureQueriesContext(
        connection,
    ) as asked:
        page = here.get(f"/audience/{audience.pk}/").content.decode()
    assert page.count('role="treeitem"') == 2020
    assert 5 <= len(asked) <= 20, len(asked)


def test_the_filter_works_without_javascript(here: Client, audience: ParentSegment, user: User) -> None:
    loyalty = folders.create(audience, "Loyalty")
    segments.create(audience, "Gold", EMEA, user, folder=loyalty)
    segments.create(audience, "Silver", EMEA, user, folder=loyalty)
    page = here.get(f"/audience/{audience.pk}/", {"q": "gol"}).content.decode()
    assert 'data-name="Gold"' in page
    assert 'data-name="Loyalty"' in page
    assert 'data-name="Silver"' not in page
    assert "No segment matches" in here.get(f"/audience/{audience.pk}/", {"q": "nothing"}).content.decode()


def test_folders_are_made_renamed_moved_and_deleted(
    here: Client, audience: ParentSegment, user: User
) -> None:
    here.post(f"/audience/{audience.pk}/folders/new/", {"name": "Loyalty", "folder": ""})
    loyalty = Folder.objects.get()
    here.post(f"/audience/{audience.pk}/folders/new/", {"name": "Gold", "folder": loyalty.pk})
    gold = Folder.objects.get(name="Gold")
    assert gold.folder == loyalty
    here.post(f"/audience/folders/{gold.pk}/rename/", {"name": "Golden"})
    here.post(f"/audience/folders/{gold.pk}/move/", {"folder": ""})
    gold.refresh_from_db()
    assert gold.name == "Golden"
    assert gold.folder_id is None
    segments.create(audience, "A", EMEA, user, folder=gold)
    refused = here.post(f"/audience/folders/{gold.pk}/delete/")
    assert refused.status_code == 422
    assert "not empty" in refused.content.decode()
    here.post(f"/audience/folders/{loyalty.pk}/delete/")
    assert list(Folder.objects.all()) == [gold]


def test_a_taken_name_is_refused_beside_the_field(here: Client, audience: ParentSegment) -> None:
    folders.create(audience, "Loyalty")
    reply = here.post(f"/audience/{audience.pk}/folders/new/", {"name": "LOYALTY", "folder": ""})
    assert reply.status_code == 422
    assert "There is a folder named LOYALTY" in reply.content.decode()
    assert 'value="LOYALTY"' in reply.content.decode()


def test_a_new_segment_goes_on_to_its_rules(here: Client, audience: ParentSegment) -> None:
    folder = folders.create(audience, "Loyalty")
    dialog = here.get(f"/audience/{audience.pk}/segments/new/", {"folder": folder.pk}).content.decode()
    assert f'<option value="{folder.pk}" selected>' in dialog
    reply = here.post(f"/audience/{audience.pk}/segments/new/", {"name": "Gold", "folder": folder.pk})
    made = Segment.objects.get()
    assert reply.headers["Location"] == f"/audience/segments/{made.pk}/rules/"
    assert made.folder == folder


def test_the_menu_of_a_segment(here: Client, gold: Segment, user: User) -> None:
    folder = folders.create(gold.audience, "Loyalty")
    here.post(f"/audience/segments/{gold.pk}/rename/", {"name": "Gold EMEA"})
    here.post(f"/audience/segments/{gold.pk}/move/", {"folder": folder.pk})
    here.post(f"/audience/segments/{gold.pk}/duplicate/")
    assert sorted(Segment.objects.values_list("name", "folder")) == [
        ("Gold EMEA", folder.pk), ("Gold EMEA copy", folder.pk),
    ]  # fmt: skip
    query = here.get(f"/audience/segments/{gold.pk}/query/").content.decode()
    assert "shop" in query
    assert "profile_key" in query
    assert (
        here.post(f"/audience/segments/{gold.pk}/delete/").headers["Location"]
        == f"/audience/{gold.audience_id}/"
    )
    assert not Segment.objects.filter(pk=gold.pk).exists()


def test_a_segment_that_is_used_says_by_what(here: Client, gold: Segment, user: User) -> None:
    rules: Any = {
        "type": "group",
        "match": "all",
        "rules": [{"type": "segment", "segment": gold.pk, "include": True}],
    }
    segments.create(gold.audience, "Inner circle", rules, user)
    reply = here.post(f"/audience/segments/{gold.pk}/delete/")
    assert reply.status_code == 422
    assert "Inner circle" in reply.content.decode()


def test_somebody_elses_segment_can_be_seen_but_not_changed(client: Client, gold: Segment) -> None:
    client.force_login(make_user(email="stranger@example.com", name="Stranger"))
    assert client.get(f"/audience/segments/{gold.pk}/").status_code == 200
    for action in ("rename", "move", "delete"):
        assert client.post(f"/audience/segments/{gold.pk}/{action}/", {"name": "Mine"}).status_code == 403
    client.post(f"/audience/segments/{gold.pk}/duplicate/")
    assert Segment.objects.filter(name="Gold copy", owner__name="Stranger").exists()


def test_search_finds_parent_segments_and_segments(here: Client, gold: Segment) -> None:
    page = here.get("/search/", {"q": "gold"}).content.decode()
    assert f"/audience/segments/{gold.pk}/" in page
    assert f"/audience/{gold.audience_id}/" in here.get("/search/", {"q": "retail"}).content.decode()


def test_a_draft_goes_with_its_segment(here: Client, gold: Segment, user: User) -> None:
    activating.begin(gold, user)
    here.post(f"/audience/segments/{gold.pk}/delete/")
    assert not Segment.objects.exists()
