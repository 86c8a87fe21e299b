"""The pages of journeys, as a browser without JavaScript has them."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from activations import activating
from activations.journeys import acting, definitions
from activations.models import Activation, Journey, ParentSegment, Segment
from console.accounts.models import User
from tests.activations.conftest import Write
from tests.activations.journeys.conftest import Evaluate, MakeSegment, run_of
from tests.factories import make_user

pytestmark = pytest.mark.django_db(transaction=True)


def typed(entry: Segment | None, **more: Any) -> dict[str, Any]:
    return {
        "name": "Welcome", "entry_segment": entry.pk if entry else "", "exit_segment": "", "stages": "1",
        "stage-0-name": "Greeted", "stage-0-segment": "", "stage-0-wait": "2", "stage-0-wait_unit": "days",
        **more,
    }  # fmt: skip


def words(response: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def test_a_journey_is_made_scheduled_and_started(
    client_logged_in: Client, gold: Segment, activation: Activation
) -> None:
    client = client_logged_in
    assert "No journeys yet" in words(client.get("/audience/journeys/"))
    data = typed(gold, **{"stage-0-activations": [str(activation.pk)]})
    made = client.post("/audience/journeys/new/", data, follow=True)
    journey = Journey.objects.get()
    assert made.redirect_chain == [(f"/audience/journeys/{journey.pk}/", 302)]
    said = words(made)
    assert "It has no schedule. Set one." in said
    assert "Every profile, then waits 2 days." in said
    assert "Gold to CleverTap" in said
    address = reverse("journey_schedule", args=[journey.pk])
    rule = {"choice": "custom", "cron": "30 6 * * *", "zone": "Asia/Tokyo", "seen": ""}
    none = client.post(address, rule | {"choice": "none"})
    assert (none.status_code, "Choose one." in words(none)) == (422, True)
    assert client.post(address, rule | {"cron": "0 99 * * *"}).status_code == 422
    set_ = client.post(address, rule, follow=True)
    assert "At 06:30 every day, Asia/Tokyo" in words(set_)
    assert "Once it is started" in words(set_)
    assert client.post(address, rule).status_code == 409  # somebody set it meanwhile
    started = client.post(reverse("journey_start", args=[journey.pk]), follow=True)
    assert "Evaluate now" in words(started)
    listed = words(client.get("/audience/journeys/?q=welc"))
    assert "Retail customers" in listed
    assert "Active" in listed
    assert "No journey matches" in words(client.get("/audience/journeys/?q=nothing"))
    assert client.get(f"/workbench/schedules/{Journey.objects.get().schedule_id}/").status_code == 200
    assert "Welcome" in words(client.get("/workbench/schedules/"))


def test_stages_are_added_moved_and_removed_with_what_was_typed(
    client_logged_in: Client, gold: Segment, activation: Activation
) -> None:
    data = typed(gold, **{"stage-0-activations": [str(activation.pk)], "stage-0-wait": "soon"})

    def press(then: str) -> str:
        response = client_logged_in.post("/audience/journeys/new/", data | {"then": then})
        assert response.status_code == 200
        return response.content.decode()

    added = press("add")
    assert 'name="stages" value="2"' in added
    assert 'name="stage-0-wait" value="soon"' in added
    assert re.search(r'name="stage-0-activations"[^>]*checked', added)
    data |= {"stages": "2", "stage-1-name": "Bought", "stage-1-wait": "1", "stage-1-wait_unit": "hours"}
    moved = press("up-1")
    assert 'name="stage-0-name" value="Bought"' in moved
    assert 'name="stage-1-name" value="Greeted"' in moved
    assert 'name="stage-0-name" value="Bought"' in press("down-0")
    assert 'name="stages" value="1"' in press("remove-0")
    assert not Journey.objects.exists()


def test_what_is_wrong_is_said_beside_its_field(
    client_logged_in: Client, audience: ParentSegment, gold: Segment, activation: Activation
) -> None:
    activations = {"stage-0-activations": [str(activation.pk)], "stage-1-activations": [str(activation.pk)]}
    second = {"stages": "2", "stage-1-name": "", "stage-1-wait": "-1", "stage-1-wait_unit": "days"}
    response = client_logged_in.post("/audience/journeys/new/", typed(None, name="", **activations, **second))
    assert response.status_code == 422
    said = words(response)
    for problem in (
        "Write a name.", "Choose the segment whose profiles enter.", "Wait 0 to 366 days.",
        "Gold to CleverTap is in stage 1 already, and a profile is sent by it once.",
        "2 fields need a change",
    ):  # fmt: skip
        assert problem in said
    same = client_logged_in.post("/audience/journeys/new/", typed(gold, exit_segment=gold.pk))
    assert "Nobody would enter" in words(same)
    number = client_logged_in.post("/audience/journeys/new/", typed(gold, **{"stage-0-wait": "soon"}))
    assert (number.status_code, "Write a whole number." in words(number)) == (422, True)
    client_logged_in.post("/audience/journeys/new/", typed(gold))
    taken = client_logged_in.post("/audience/journeys/new/", typed(gold, name="WELCOME"))
    assert (taken.status_code, "There is a journey named WELCOME" in words(taken)) == (422, True)
    assert client_logged_in.post("/audience/journeys/new/", {}).status_code == 422


def test_a_started_journey_is_changed_while_it_is_paused_but_not_its_stages_number(
    client_logged_in: Client, started: Journey, gold: Segment
) -> None:
    client, address = client_logged_in, reverse("journey_edit", args=[started.pk])
    data = typed(gold, version="1", stages="2") | {
        "stage-1-name": "Bought", "stage-1-wait": "0", "stage-1-wait_unit": "hours",
    }  # fmt: skip
    active = client.post(address, data)
    assert (active.status_code, "is active. Pause it first" in words(active)) == (422, True)
    client.post(reverse("journey_pause", args=[started.pk]))
    page = client.get(address)
    assert "Add stage" not in words(page)
    assert "they can't be added" in words(page)
    fewer = client.post(address, data | {"stages": "1"})
    assert (fewer.status_code, "their number can" in words(fewer)) == (422, True)
    assert client.post(address, data).status_code == 302
    stale = client.post(address, data | {"name": "Other"})
    assert (stale.status_code, "was saved by" in words(stale)) == (409, True)
    assert "Other" in stale.content.decode()
    assert [one.wait for one in started.stages.all()] == [2, 0]
    assert "goes on" in words(client.post(reverse("journey_resume", args=[started.pk]), follow=True))


def test_the_page_shows_what_was_moved_and_sent(
    client_logged_in: Client,
    started: Journey,
    evaluate: Evaluate,
    shop: Write,
    activation: Activation,
    user: User,
) -> None:
    client, address = client_logged_in, reverse("journey", args=[started.pk])
    shop(
        "customers", "SELECT i::BIGINT AS id, 'u' || i AS login, 'new' AS region, i AS age FROM range(3) t(i)"
    )
    evaluation = evaluate(started)
    said = words(client.get(address))
    assert "3 to stage 1" in said
    assert f"Gold to CleverTap: job {run_of(evaluation.step_runs.get()).job_id} , 3" in said
    assert "Reached 3 Moved on 0 Exited 0" in said
    activating.pause(activation, user)
    shop("customers", "SELECT 9::BIGINT AS id, 'u9' AS login, 'new' AS region, 9 AS age")
    waits = evaluate(started).step_runs.get()
    said = words(client.get(address))
    assert "1 profile of stage 1 is not sent by Gold to CleverTap." in said
    assert "Not started" in said
    refused = client.post(reverse("journey_step_again", args=[waits.pk]), follow=True)
    assert "is paused. Resume it" in words(refused)
    activating.resume(Activation.objects.get(pk=activation.pk))
    sent = client.post(reverse("journey_step_again", args=[waits.pk]))
    waits.refresh_from_db()
    assert sent["Location"] == reverse("job", args=[run_of(waits).job_id])
    going = client.post(reverse("journey_evaluate", args=[started.pk]), follow=True)
    assert "is being evaluated by job" in words(going)
    assert "Being evaluated since" in words(going)
    busy = client.post(reverse("journey_evaluate", args=[started.pk]), follow=True)
    assert "is still running" in words(busy)
    deleted = client.post(reverse("journey_delete", args=[started.pk]))
    assert (deleted.status_code, "evaluates this journey" in words(deleted)) == (422, True)


def test_only_its_owner_or_an_administrator_changes_it(client: Client, journey: Journey) -> None:
    client.force_login(make_user())
    page = words(client.get(reverse("journey", args=[journey.pk])))
    assert "Only member@example.com or an administrator may change it." in page
    for name in ("journey_edit", "journey_schedule", "journey_delete"):
        assert client.get(reverse(name, args=[journey.pk])).status_code == 403
    for name in ("journey_start", "journey_pause", "journey_resume"):
        assert client.post(reverse(name, args=[journey.pk])).status_code == 403


def test_it_is_deleted_with_its_schedule(client_logged_in: Client, started: Journey, user: User) -> None:
    assert "Delete Welcome?" in words(client_logged_in.get(reverse("journey_delete", args=[started.pk])))
    gone = client_logged_in.post(reverse("journey_delete", args=[started.pk]), follow=True)
    assert "No journeys yet" in words(gone)
    assert not Journey.objects.exists()


def test_a_journey_whose_rules_are_broken_says_so(
    client_logged_in: Client, journey: Journey, user: User, shop: Write
) -> None:
    acting.set_schedule(journey, user, cron="@daily", zone="UTC", delay=0)
    shop("customers", "SELECT 1::BIGINT AS id, 'u' AS login, 1 AS age")
    said = words(client_logged_in.post(reverse("journey_start", args=[journey.pk]), follow=True))
    assert "has no column region any more" in said
    assert Journey.objects.get().is_draft


def test_a_parent_segment_is_chosen_where_there_are_several(
    client_logged_in: Client, audience: ParentSegment, user: User, make_segment: MakeSegment
) -> None:
    ParentSegment.objects.create(name="Other", owner=user, saved_by=user)
    page = client_logged_in.get("/audience/journeys/new/")
    assert "Whose profiles does it take?" in words(page)
    form = client_logged_in.get(f"/audience/journeys/new/?audience={audience.pk}")
    assert "Parent segment Retail customers" in words(form)
    assert client_logged_in.get("/audience/journeys/new/?audience=999").status_code == 404
    assert definitions.check(audience, definitions.Definition("a", None))
