"""A segment's page: size, rules in words, sample, SQL, activations."""

from html import unescape
from typing import Any

import pytest
from django.test import Client

from activations import activating, measuring, parents, rule_words, segments, sources
from activations.models import Activation, Measurement, ParentSegment, Segment
from activations.queries import segment_sql
from activations.views.segment_page import share
from console.accounts.models import User
from tests.activations.conftest import Run
from tests.activations.pages.test_builder import DEEP


def seen(client: Client, address: str) -> str:
    return unescape(client.get(address).content.decode())


def test_the_size_is_counted_now_and_shown_when_it_is_known(client_logged_in: Client, gold: Segment) -> None:
    address = f"/audience/segments/{gold.pk}/"
    parents.refresh(gold.audience)
    assert "Not counted yet" in seen(client_logged_in, address)
    client_logged_in.post(f"{address}count/")
    going = seen(client_logged_in, f"{address}size/")
    assert "Counting" in going
    assert 'hx-trigger="every 1s"' in going
    measuring.work(Measurement.objects.get().pk)
    done = seen(client_logged_in, f"{address}size/")
    assert "30.00% of Retail customers" in done
    assert 'hx-trigger="every 1s"' not in done
    assert 'id="segment-sample" aria-label="Sample" hx-swap-oob="true"' in done
    page = seen(client_logged_in, address)
    assert "By the rules as they are now" in page
    assert "<td>u3</td>" in page


def test_an_old_size_says_that_it_is(client_logged_in: Client, gold: Segment, user: User) -> None:
    Segment.objects.filter(pk=gold.pk).update(size=3, size_version=1)
    segments.save(gold, {}, user, version=1)
    assert "By the rules before the last change" in seen(client_logged_in, f"/audience/segments/{gold.pk}/")


def test_a_count_that_failed_says_why(client_logged_in: Client, gold: Segment, user: User) -> None:
    client_logged_in.post(f"/audience/segments/{gold.pk}/count/")
    Measurement.objects.update(state="failed", error_message="The disk is full.", error_action="Make room.")
    page = seen(client_logged_in, f"/audience/segments/{gold.pk}/")
    assert "The disk is full. Make room." in page
    assert "Count now" in page


def test_the_sql_shown_is_the_segments(client_logged_in: Client, gold: Segment) -> None:
    assert segment_sql(gold) in seen(client_logged_in, f"/audience/segments/{gold.pk}/")


def test_activations_with_their_last_run(client_logged_in: Client, activation: Activation, run: Run) -> None:
    address = f"/audience/segments/{activation.segment_id}/"
    assert "Never run" in seen(client_logged_in, address)
    made = run()
    page = seen(client_logged_in, address)
    assert f'href="/audience/activations/{activation.pk}/"' in page
    assert f"/workbench/jobs/{made.job_id}/" in page
    assert "3 rows" in page
    assert "clevertap-test" in page
    assert "Does not repeat" in page


def test_a_draft_is_no_activation_yet(client_logged_in: Client, gold: Segment, user: User) -> None:
    activating.begin(gold, user)
    assert "Not sent anywhere yet" in seen(client_logged_in, f"/audience/segments/{gold.pk}/")


def test_rules_in_words(audience: ParentSegment, user: User) -> None:
    segment = segments.create(audience, "Deep", DEEP, user)
    outside = {"type": "segment", "segment": segment.pk, "include": False}
    rules: Any = {**segment.rules, "rules": [*segment.rules["rules"], outside]}
    found = rule_words.lines(rules, sources.vocabulary(audience))
    assert [
        (line.depth, " ".join(filter(None, (line.subject, line.words, line.value, line.after))))
        for line in found[1:]
    ] == [
        (0, "login is not two\nlines"),
        (0, "age is between 20 and 30.5"),
        (0, "All must match"),
        (1, "Orders sum of quantity: at least 3 in the last 30 days"),
        (2, "Of events where any of these matches"),
        (3, "quantity is at least 2"),
        (1, "City is set"),
        (0, "Customer is not in segment Deep"),
    ]


def test_a_segment_of_everybody_says_so(
    client_logged_in: Client, audience: ParentSegment, user: User
) -> None:
    segment = segments.create(audience, "All", {}, user)
    assert "No rules: every profile of Retail customers" in seen(
        client_logged_in, f"/audience/segments/{segment.pk}/"
    )


@pytest.mark.parametrize(
    ("size", "of", "words"),
    [
        (1, 3, "33.33%"),
        (0, 10, "0%"),
        (10, 10, "100%"),
        (1, 1_000_000, "less than 0.01%"),
        (None, 5, ""),
        (5, None, ""),
    ],
)
def test_shares(size: int | None, of: int | None, words: str) -> None:
    assert share(size, of) == words


def test_unknown_numbers_are_not_found(client_logged_in: Client, db: None) -> None:
    for address in (
        "/audience/9/",
        "/audience/segments/9/",
        "/audience/segments/9/rules/",
        "/audience/folders/9/move/",
    ):
        assert client_logged_in.get(address).status_code == 404
