"""The schedule picker: what it reads back, what it refuses and why, who may save, and a save over somebody else's."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from console.accounts.models import User
from console.workbench import scheduling
from console.workbench.models import Query, Schedule
from console.workbench.schedule_form import DatedScheduleForm, read_back
from tests.factories import make_query, make_schedule
from tests.workbench.firing.conftest import FakeClock

PREVIEW = "/workbench/schedules/preview/"
HTMX = {"HX-Request": "true", "HX-Target": "schedule-pop"}


def address(query: Query) -> str:
    return f"/workbench/queries/{query.pk}/schedule/"


def rule(
    cron: str = "0 0 1 * 1", choice: str = "custom", zone: str = "Asia/Tokyo", **more: str
) -> dict[str, str]:
    return {"choice": choice, "cron": cron, "zone": zone, "delay": "600", "seen": "", **more}


def text(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).strip()


def part(html: str, id: str) -> str:
    """What stands in the element, up to the next one with an id."""
    return text(
        re.split(r'<[a-z]+ (?:class="[^"]*" )?id="', html.split(f'id="{id}"', 1)[1].split(">", 1)[1])[0]
    )


@pytest.fixture
def query(owner: User) -> Query:
    return make_query(name="regional_contacts", owner=owner)


@pytest.fixture
def preview(client_logged_in: Client, clock: FakeClock) -> Callable[..., str]:
    return lambda **fields: client_logged_in.post(PREVIEW, rule(**fields)).content.decode()


# What it shows -----------------------------------------------------------------------------------


def test_it_offers_the_four_in_order_and_the_users_zone_first(
    page: Callable[..., str], query: Query, owner: User
) -> None:
    owner.time_zone = "America/Sao_Paulo"
    owner.save()
    html = page(address(query))
    choices = re.findall(r'<b class="w5">([^<]+)</b>', html)
    assert choices == ["Custom cron...", "@daily (midnight)", "@hourly (:00)", "None"]
    zones = re.findall(r"<option [^>]*>([^<]+)</option>", html)
    assert zones[:2] == ["America/Sao_Paulo (UTC-03:00)", "UTC (UTC+00:00)"]
    assert {"Asia/Tokyo (UTC+09:00)", "Asia/Kathmandu (UTC+05:45)", "Europe/Berlin (UTC+01:00)"} <= set(zones)
    assert len(zones) > 400
    assert "TD_SCHEDULED_TIME() returns the scheduled time, without the delay." in html
    assert re.search(r'value="none"[^>]* checked', html)


def test_a_rule_is_read_back_as_in_the_mockup(preview: Callable[..., str]) -> None:
    html = preview(delayed="on")
    assert "At 00:00 every Monday" in html
    assert (
        "Day of month (1st) and day of week (Monday) disagree. The one that runs more often is followed, so "
        '<b class="w6">day of month is ignored.</b>'
    ) in html
    assert re.findall(r'<div( class="off")?><b>([^<]+)</b>([a-z]+)</div>', html) == [
        ("", "0", "min"), ("", "0", "hour"), (' class="off"', "1", "day"), ("", "*", "month"), ("", "1", "weekday"),
    ]  # fmt: skip
    rows = re.findall(r"<tr><td.*?</tr>", html)
    assert [text(row) for row in rows][:2] == [
        "1 Mon Mar 9, 00:00 00:10 Mar 8, 15:10 6 d",
        "2 Mon Mar 16, 00:00 00:10 Mar 15, 15:10 13 d",
    ]
    assert len(rows) == 5


def test_a_run_that_starts_on_another_day_names_it(preview: Callable[..., str]) -> None:
    html = preview(cron="30 23 * * *", delayed="on", delay="3600")
    assert "Mon Mar 2, 23:30 Mar 3, 00:30 Mar 2, 15:30 6 h" in text(html)


def test_what_the_clocks_do_is_said_at_the_run(preview: Callable[..., str], clock: FakeClock) -> None:
    clock.to("03-28 12:00")
    html = preview(cron="30 2 * * *", zone="Europe/Berlin")
    assert "02:30 does not exist on Mar 29, when clocks go forward: it runs at 03:00." in text(html)
    clock.to("10-24 12:00")
    html = preview(cron="30 2 * * *", zone="Europe/Berlin")
    assert "02:30 comes twice on Oct 25, when clocks go back: it runs the first time." in text(html)


@pytest.mark.parametrize(
    ("choice", "words"), [("@daily", "At 00:00 every day"), ("@hourly", "Every hour at :00")]
)
def test_a_preset_needs_no_cron(preview: Callable[..., str], choice: str, words: str) -> None:
    html = preview(choice=choice, cron="nonsense that is not looked at")
    assert words in html
    assert "invalid-feedback" not in html


def test_none_says_what_it_means_and_looks_at_nothing_else(preview: Callable[..., str]) -> None:
    html = preview(choice="none", zone="Mars/Base", delayed="on", delay="x")
    assert "It runs only when somebody presses Run." in html
    assert "invalid-feedback" not in html


@pytest.mark.parametrize(
    ("fields", "field", "words"),
    [
        ({"cron": "0 25 * * *"}, "cron", "Hour: “25” is not one of 0 to 23. Write one of these, or *."),
        ({"cron": "0 0 * * 7"}, "cron", "Day of week: Sunday is 0. Write 0 or sun instead of 7."),
        ({"cron": ""}, "cron", "Write five fields, such as 0 0 * * * (every day at 00:00), or choose None."),
        ({"zone": "Mars/Base"}, "zone", "“Mars/Base” is not a time zone. Choose one such as Asia/Tokyo."),
        ({"delayed": "on", "delay": "-1"}, "delay", "A delay is from 0 to 604,800 s (7 days)."),
        ({"delayed": "on", "delay": "soon"}, "delay", "Write whole seconds, such as 600."),
        ({"delayed": "on", "delay": ""}, "delay", "Write the seconds to wait, or switch Delay execution off."),
    ],
)  # fmt: skip
def test_what_is_wrong_stands_beside_its_field(
    client_logged_in: Client,
    query: Query,
    preview: Callable[..., str],
    fields: dict[str, str],
    field: str,
    words: str,
) -> None:
    html = preview(**fields)
    assert words in part(html, f"schedule_{field}_error")
    assert html.count("invalid-feedback") == 1
    assert f'data-invalid="schedule_{field} "' in html
    refused = client_logged_in.post(address(query), rule(**fields))
    assert refused.status_code == 422
    assert words in part(refused.content.decode(), f"schedule_{field}_error")
    assert 'aria-invalid="true"' in refused.content.decode()
    assert not Schedule.objects.exists()


def test_a_delay_that_is_switched_off_is_not_looked_at(preview: Callable[..., str]) -> None:
    html = preview(delay="nonsense")
    assert "invalid-feedback" not in html
    assert "Mon Mar 9, 00:00 00:00 Mar 8, 15:00" in text(html)


def test_markup_in_a_rule_is_text(preview: Callable[..., str]) -> None:
    assert "<script>" not in preview(cron="<script>alert(1)</script>", zone='"><script>')


# Saving ------------------------------------------------------------------------------------------


def test_apply_sets_the_rule_and_redraws_the_button(
    client_logged_in: Client, query: Query, clock: FakeClock
) -> None:
    reply = client_logged_in.post(address(query), rule(delayed="on"), headers=HTMX)
    html = reply.content.decode()
    schedule = Schedule.objects.get()
    assert (schedule.query, schedule.cron, schedule.zone, schedule.delay) == (
        query,
        "0 0 1 * 1",
        "Asia/Tokyo",
        600,
    )
    assert 'hx-swap-oob="true"' in html
    assert "0 0 1 * 1" in html
    assert reply["HX-Reswap"] == "none"
    assert json.loads(reply["HX-Trigger-After-Settle"]) == {
        "schedule:applied": {"text": "regional_contacts is scheduled: 0 0 1 * 1, Asia/Tokyo"}
    }


def test_without_javascript_it_looks_first_and_then_goes_back_to_the_query(
    client_logged_in: Client, query: Query, clock: FakeClock
) -> None:
    looked = client_logged_in.post(address(query), rule(then="look"))
    assert looked.status_code == 200
    assert "Mon Mar 9, 00:00" in looked.content.decode()
    assert not Schedule.objects.exists()
    reply = client_logged_in.post(address(query), rule(choice="@daily"), follow=True)
    assert reply.redirect_chain[-1][0] == f"/workbench/queries/{query.pk}/"
    assert "@daily (midnight)" in reply.content.decode()


def test_what_is_set_is_chosen_when_it_is_opened_again(page: Callable[..., str], query: Query) -> None:
    scheduling.set_rule(query, "@daily", "Europe/Berlin", 90, query.owner)
    html = page(address(query))
    assert re.search(r'value="@daily"[^>]* checked', html)
    assert '<option value="Europe/Berlin" selected>' in html
    assert 'value="0 0 * * *"' in html  # what Custom cron... would begin with
    assert re.search(r'name="delayed"[^>]* checked', html)
    assert 'value="90"' in html
    assert "Tue Mar 3, 00:00 00:01:30" in text(html)


def test_none_takes_the_schedule_away_and_keeps_its_history(client_logged_in: Client, query: Query) -> None:
    schedule = scheduling.set_rule(query, "@daily", "UTC", 0, query.owner)
    seen = re.search(r'name="seen" value="([^"]*)"', client_logged_in.get(address(query)).content.decode())
    assert seen
    reply = client_logged_in.post(
        address(query), rule(choice="none", seen=seen[1].replace("&quot;", '"')), headers=HTMX
    )
    assert "regional_contacts has no schedule" in reply["HX-Trigger-After-Settle"]
    assert schedule
    schedule.refresh_from_db()
    assert (schedule.cron, schedule.next_slot) == ("", None)


def test_a_save_over_a_rule_that_was_changed_meanwhile_is_refused(
    client_logged_in: Client, query: Query, admin: User
) -> None:
    scheduling.set_rule(query, "@hourly", "UTC", 0, admin)
    reply = client_logged_in.post(address(query), rule(), headers=HTMX)
    html = reply.content.decode()
    assert reply.status_code == 409
    assert "The schedule was changed since you opened it." in html
    assert "It is @hourly (:00) in UTC now." in html
    assert 'value="0 0 1 * 1"' in html  # what was typed is not lost
    assert Schedule.objects.get().cron == "@hourly"
    seen = re.search(r'name="seen" value="([^"]*)"', html)
    assert seen
    client_logged_in.post(address(query), rule(seen=seen[1].replace("&quot;", '"')), headers=HTMX)
    assert Schedule.objects.get().cron == "0 0 1 * 1"


def test_pausing_meanwhile_is_no_conflict(client_logged_in: Client, query: Query) -> None:
    schedule = scheduling.set_rule(query, "@daily", "UTC", 0, query.owner)
    assert schedule
    seen = json.dumps(["@daily", "UTC", 0, None, None])
    scheduling.pause(schedule, query.owner)
    assert client_logged_in.post(address(query), rule(seen=seen), headers=HTMX).status_code == 200


def test_who_does_not_own_the_query_sees_it_and_why_nothing_can_be_changed(
    client_logged_in: Client, stranger: User, clock: FakeClock
) -> None:
    query = make_query(name="theirs", owner=stranger)
    scheduling.set_rule(query, "0 6 * * *", "UTC", 0, stranger)
    html = client_logged_in.get(address(query)).content.decode()
    assert "theirs belongs to Stranger. Only Stranger or an administrator may schedule it." in text(html)
    assert "At 06:00 every day" in html
    assert "Tue Mar 3, 06:00" in html
    assert "Apply" not in html
    assert all("disabled" in tag for tag in re.findall(r'<input type="radio"[^>]*>', html))
    refused = client_logged_in.post(address(query), rule())
    assert refused.status_code == 403
    assert Schedule.objects.get().cron == "0 6 * * *"


def test_an_administrator_may_and_it_still_runs_as_the_owner(
    client: Client, admin: User, query: Query
) -> None:
    client.force_login(admin)
    client.post(address(query), rule())
    assert Schedule.objects.get().owner == query.owner


def test_a_paused_schedule_says_so_with_one_button(page: Callable[..., str], query: Query) -> None:
    schedule = scheduling.set_rule(query, "@daily", "UTC", 0, query.owner)
    assert schedule
    scheduling.pause(schedule, query.owner, "The partner moves house.")
    html = page(address(query))
    assert "The partner moves house." in html
    assert f'formaction="/workbench/schedules/{schedule.pk}/resume/"' in html


# The editor ----------------------------------------------------------------------------------------


def test_the_editors_button_shows_rule_and_pause(page: Callable[..., str], query: Query) -> None:
    editor = f"/workbench/queries/{query.pk}/"
    assert "Schedule: None" in text(page(editor))
    schedule = scheduling.set_rule(query, "*/10 * * * *", "UTC", 0, query.owner)
    assert schedule
    assert "Schedule: */10 * * * * Export Results" in text(page(editor))
    scheduling.pause(schedule, query.owner)
    assert "Schedule: */10 * * * * Paused Export Results" in text(page(editor))


def test_a_new_query_is_saved_before_it_is_scheduled(
    client_logged_in: Client, page: Callable[..., str]
) -> None:
    assert "Saves the query first" in page("/workbench/queries/new/")
    new = {"database": "sample_datasets", "type": "presto", "sql": "SELECT 1", "then": "schedule"}
    nameless = client_logged_in.post("/workbench/queries/new/save/", new, headers=HTMX)
    assert nameless.status_code == 422
    assert "Give the query a name to save it." in nameless.content.decode()
    live = client_logged_in.post("/workbench/queries/new/save/", new | {"name": "one"}, headers=HTMX)
    assert live["HX-Redirect"] == f"/workbench/queries/{Query.objects.get(name='one').pk}/?schedule=choose"
    plain = client_logged_in.post("/workbench/queries/new/save/", new | {"name": "two"})
    assert plain["Location"] == address(Query.objects.get(name="two"))


def test_the_queries_list_shows_the_schedule(page: Callable[..., str], owner: User) -> None:
    make_schedule(query=make_query(owner=owner), cron="15 4 * * *")
    paused = make_schedule(query=make_query(owner=owner), cron="@daily")
    scheduling.pause(paused, owner)
    html = page("/workbench/queries/")
    assert "15 4 * * *" in html
    assert re.search(r'@daily \(midnight\)</span> <span class="chip warn">Paused', html)


# For whatever else runs by a rule --------------------------------------------------------------------


def test_a_picker_with_dates_lists_only_the_runs_between_them(clock: FakeClock) -> None:
    data: dict[str, Any] = rule(choice="@daily", zone="UTC", starts_on="2026-03-10", ends_on="2026-03-12")
    form = DatedScheduleForm(data)
    read = read_back(form)
    assert [run.scheduled for run in read.runs] == [
        "Tue Mar 10, 00:00",
        "Wed Mar 11, 00:00",
        "Thu Mar 12, 00:00",
    ]
    assert set(form.rule_fields()) == {"cron", "zone", "delay", "starts_on", "ends_on"}
    late = DatedScheduleForm(data | {"starts_on": "2026-03-13"})
    assert read_back(late).runs == ()
    assert late.errors["ends_on"] == ["The end is before the start. Choose a later end."]
    over = read_back(DatedScheduleForm(data | {"starts_on": "2026-02-01", "ends_on": "2026-02-02"}))
    assert over.ended


def test_a_rule_of_somebody_else_can_be_read_without_being_changed(clock: FakeClock) -> None:
    schedule = make_schedule(cron="0 6 * * *")
    form = DatedScheduleForm(schedule=schedule)
    assert read_back(form).sentence == "At 06:00 every day"
    assert len(read_back(form).runs) == 5
