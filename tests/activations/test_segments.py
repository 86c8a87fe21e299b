"""Segments and folders: saved over a known version, undone, and never removed under somebody's feet."""

from typing import Any

import pytest

from activations import activating, folders, parents, segments
from activations.errors import Refused, Stale
from activations.models import Folder, ParentSegment, Segment
from activations.rules import RulesError
from console.accounts.models import User
from tests.activations.conftest import EMEA, Write

EVERYBODY = {"type": "group", "match": "all", "rules": []}


def including(segment: Segment) -> dict[str, Any]:
    rule = {"type": "segment", "segment": segment.pk, "include": True}
    return {"type": "group", "match": "all", "rules": [{"type": "group", "match": "any", "rules": [rule]}]}


def test_undo_brings_back_the_last_change_and_undoes_itself(gold: Segment, user: User) -> None:
    saved = segments.save(gold, EVERYBODY, user, version=1)
    assert (saved.version, saved.rules, saved.previous_rules) == (2, EVERYBODY, EMEA)
    undone = segments.undo(saved, user, version=2)
    assert (undone.version, undone.rules) == (3, EMEA)
    assert segments.undo(undone, user, version=3).rules == EVERYBODY
    with pytest.raises(Refused, match="no change to undo"):
        segments.undo(segments.create(gold.audience, "New", EMEA, user), user, version=1)


def test_saving_the_same_again_changes_nothing(gold: Segment, user: User) -> None:
    assert segments.save(gold, EMEA, user, version=1).version == 1


def test_a_stale_save_is_refused(gold: Segment, user: User, admin: User) -> None:
    segments.save(gold, EVERYBODY, admin, version=1)
    with pytest.raises(Stale) as stale:
        segments.save(gold, EMEA, user, version=1)
    assert (stale.value.current.rules, str(stale.value)) == (
        EVERYBODY, "Gold was saved by admin@example.com in the meantime."
    )  # fmt: skip


def test_segments_can_not_include_each_other(gold: Segment, user: User) -> None:
    silver = segments.create(gold.audience, "Silver", including(gold), user)
    with pytest.raises(RulesError, match="Gold → Silver → Gold"):
        segments.save(gold, including(silver), user, version=1)
    with pytest.raises(RulesError, match="no such segment"):
        segments.create(parents_other(gold, user), "Bronze", including(gold), user)


def parents_other(segment: Segment, user: User) -> ParentSegment:
    from dataclasses import replace

    return parents.create(replace(parents.definition_of(segment.audience), name="Others"), user)


def test_names_are_unique_in_their_folder(gold: Segment, user: User) -> None:
    audience = gold.audience
    with pytest.raises(Refused, match="There is a segment named GOLD in Retail customers"):
        segments.create(audience, "GOLD", EMEA, user)
    loyal = folders.create(audience, "Loyalty")
    inside = segments.create(audience, "Gold", EMEA, user, folder=loyal)
    with pytest.raises(Refused, match="There is a segment named Gold in Retail customers"):
        segments.move(inside, None, user)
    inside.refresh_from_db()
    assert segments.rename(inside, " Gold tier ", user).name == "Gold tier"
    assert segments.move(inside, None, user).folder is None
    assert [segments.duplicate(gold, user).name for _ in range(3)] == [
        "Gold copy",
        "Gold copy 2",
        "Gold copy 3",
    ]


def test_what_is_used_is_not_deleted(gold: Segment, user: User) -> None:
    silver = segments.create(gold.audience, "Silver", including(gold), user)
    with pytest.raises(Refused, match="Gold is part of the rules of Silver"):
        segments.delete(gold)
    activating.begin(silver, user)  # only a draft: it goes along
    segments.delete(silver)
    segments.delete(gold)
    assert not Segment.objects.exists()


def test_a_tree_in_order_of_names(gold: Segment, user: User, django_assert_num_queries: Any) -> None:
    audience = gold.audience
    life = folders.create(audience, "life")
    folders.create(audience, "Archive")
    inner = folders.create(audience, "Inner", inside=life)
    segments.create(audience, "amber", EMEA, user)
    segments.create(audience, "New", EMEA, user, folder=inner)
    with django_assert_num_queries(2):
        root = folders.tree(audience)
        assert [str(branch.folder) for branch in root.branches] == ["Archive", "life"]
        assert [segment.name for segment in root.segments] == ["amber", "Gold"]
        assert [one.name for one in root.branches[1].branches[0].segments] == ["New"]


def test_folders_never_make_a_ring(audience: ParentSegment, user: User) -> None:
    outer = folders.create(audience, "Outer")
    inner = folders.create(audience, "Inner", inside=outer)
    for into in (outer, inner):
        with pytest.raises(Refused, match="Outer can't be moved into itself"):
            folders.move(outer, into)
    with pytest.raises(Refused, match="Outer is not empty"):
        folders.delete(outer)
    assert folders.move(inner, None).folder is None
    with pytest.raises(Refused, match="There is a folder named outer in Retail customers"):
        folders.rename(inner, "outer")
    folders.delete(outer)
    assert list(Folder.objects.values_list("name", flat=True)) == ["Inner"]


def test_an_attribute_that_is_gone_is_named_at_the_next_save(gold: Segment, user: User, shop: Write) -> None:
    from dataclasses import replace

    made = parents.definition_of(gold.audience)
    without = replace(made, attributes=tuple(one for one in made.attributes if one.name != "region"))
    parents.save(gold.audience, without, user, version=1)
    with pytest.raises(RulesError, match="no attribute region"):
        segments.save(Segment.objects.get(), {**EMEA, "match": "any"}, user, version=1)
