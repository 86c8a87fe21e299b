"""Each operation from rows to what CleverTap holds afterwards."""

from typing import Any

import pytest

from integrations.errors import ConfirmationNeeded
from tests.integrations.clevertap.conftest import TIME, carry_out, make_settings, people, table
from tests.integrations.ledger import Kept
from tests.standins.clevertap import StandIn

LIST = {"target": "custom_list", "list_name": "Gold", "list_email": "admin@example.com"}


def test_profiles(service: StandIn, credentials: Any) -> None:
    kept = carry_out(credentials, make_settings(), people(2_500))
    assert service.profiles == {f"u{n}": {"Name": f"Name {n}"} for n in range(1, 2_501)}
    assert kept.delivered == 2_500
    assert service.requests == ["POST /1/upload"] * 3
    assert service.agents == {"Sendoff/0.1.0"}


def test_array_properties_are_replaced_added_to_and_removed_from(service: StandIn, credentials: Any) -> None:
    def send(operation: str, tags: list[str]) -> Any:
        rows = table({"identity": ["u1"], "tags": [tags]})
        carry_out(credentials, make_settings(array_operation=operation), rows)
        return service.profiles["u1"]["tags"]

    assert send("replace", ["a", "b"]) == ["a", "b"]
    assert send("append", ["b", "c"]) == ["a", "b", "c"]
    assert send("remove", ["a"]) == ["b", "c"]
    assert send("replace", ["z"]) == ["z"]


def test_device_tokens(service: StandIn, credentials: Any) -> None:
    rows = table(
        {
            "objectId": [f"o{n}" for n in range(250)],
            "id": [f"t{n}" for n in range(250)],
            "type": ["fcm"] * 250,
        }
    )
    kept = carry_out(credentials, make_settings(operation="upload_device_tokens"), rows)
    assert {token["objectId"]: token["tokenData"]["id"] for token in service.tokens} == {
        f"o{n}": f"t{n}" for n in range(250)
    }
    assert (kept.delivered, len(service.requests)) == (250, 3)


def test_demerge_uses_three_requests_at_a_time(service: StandIn, credentials: Any) -> None:
    settings = make_settings(operation="demerge", thread_count=10)
    rows = table({"identity": [f"u{n}" for n in range(1_500)]}, batch=700)
    kept = carry_out(credentials, settings, rows)
    assert sorted(service.demerged) == sorted(f"u{n}" for n in range(1_500))
    assert kept.delivered == 1_500
    assert service.most_at_once["/1/demerge/profiles.json"] <= 3


def test_subscriptions(service: StandIn, credentials: Any) -> None:
    rows = table({
        "type": ["phone", "email"], "value": ["+14155551234", "a@b.co"], "status": ["unsubscribe", "resubscribe"],
    })  # fmt: skip
    kept = carry_out(credentials, make_settings(operation="update_subscription"), rows)
    assert service.subscriptions == {
        ("phone", "+14155551234"): "Unsubscribe",
        ("email", "a@b.co"): "Resubscribe",
    }
    assert kept.delivered == 2


def test_phones(service: StandIn, credentials: Any) -> None:
    kept = carry_out(
        credentials, make_settings(operation="disassociate_phone"), table({"value": ["+14155551234"]})
    )
    assert service.disassociated == ["+14155551234"]
    assert kept.delivered == 1


def test_events(service: StandIn, credentials: Any) -> None:
    rows = table({
        "identity": ["u1", "u2"], "evtName": ["Charged", "Viewed"], "Items[0].Category": ["books", None],
        "Amount": [10, None], "ts": [5, None],
    })  # fmt: skip
    kept = carry_out(credentials, make_settings(target="user_events"), rows)
    charged = {"Amount": 10, "Items": [{"Category": "books"}]}
    assert service.events == [
        {"identity": "u1", "ts": 5, "type": "event", "evtName": "Charged", "evtData": charged},
        {"identity": "u2", "ts": TIME, "type": "event", "evtName": "Viewed", "evtData": {}},
    ]
    assert (kept.delivered, kept.memory["in_doubt"]) == (2, "")


def test_a_list_is_asked_for_uploaded_and_reported(service: StandIn, credentials: Any) -> None:
    rows = table({"type": ["i", "g"], "identity": ["a,b", "g1"]})
    kept = carry_out(credentials, make_settings(**LIST), rows)
    assert service.lists.segments == {"Gold": {("i", "a,b"), ("g", "g1")}}
    assert service.requests == [
        "POST /get_custom_list_segment_url", "PUT /segments/list-1.csv", "POST /upload_custom_list_segment_completed",
    ]  # fmt: skip
    assert service.lists.emails == [("admin@example.com", "2 rows processed")]
    assert (service.lists.completed[0]["replace"], service.lists.completed[0]["creator"]) == (
        False,
        "Sendoff",
    )
    assert kept.delivered == 2
    assert ("info", "Uploaded; CleverTap will email admin@example.com when processing ends.") in kept.logs
    assert "Signature" not in str(kept.memory), "the address lets anybody upload"


def test_update_replaces_the_users_of_a_segment(service: StandIn, credentials: Any) -> None:
    service.lists.segments["Gold"] = {("i", "old")}
    carry_out(
        credentials, make_settings(**LIST, segment_mode="update"), table({"type": ["i"], "identity": ["new"]})
    )
    assert service.lists.segments["Gold"] == {("i", "new")}


def test_an_update_with_no_rows_asks_first(service: StandIn, credentials: Any) -> None:
    service.lists.segments["Gold"] = {("i", "old")}
    settings = make_settings(**LIST, segment_mode="update", skip_invalid=True)
    rows = table({"type": ["x"], "identity": ["a"]})
    with pytest.raises(ConfirmationNeeded, match="would empty the segment Gold"):
        carry_out(credentials, settings, rows)
    assert service.requests == []
    kept = carry_out(credentials, settings, rows, confirmed_empty=True)
    assert service.lists.segments["Gold"] == set()
    assert [row.reason for row in kept.rejected_rows] == ["type must be g or i."]


def test_a_new_segment_of_no_rows_is_not_made(service: StandIn, credentials: Any) -> None:
    kept = carry_out(
        credentials, make_settings(**LIST, skip_invalid=True), table({"type": ["x"], "identity": ["a"]})
    )
    assert service.requests == []
    assert (kept.delivered, len(kept.rejected_rows)) == (0, 1)


@pytest.mark.parametrize("chosen", [{}, {"target": "user_events"}], ids=["profiles", "events"])
def test_a_result_without_rows_sends_nothing(
    service: StandIn, credentials: Any, chosen: dict[str, Any]
) -> None:
    rows = table({"identity": ["a"], "evtName": ["V"]}).only([])
    kept = carry_out(credentials, make_settings(**chosen), rows)
    assert (service.requests, kept.delivered) == ([], 0)


@pytest.mark.parametrize("threads", [1, 3, 10])
def test_no_more_requests_are_in_flight_than_asked_for(
    service: StandIn, credentials: Any, threads: int
) -> None:
    service.latency = 0.02
    carry_out(credentials, make_settings(thread_count=threads, skip_invalid=True), people(20_000))
    most = service.most_at_once["/1/upload"]
    assert most <= threads
    assert (most > 1) == (threads > 1)  # how close it comes to the limit is the machine's matter
    assert len(service.profiles) == 20_000


def test_rows_that_break_a_rule_stop_the_run_before_anything_is_sent(
    service: StandIn, credentials: Any
) -> None:
    names = [f"Name {n}" for n in range(5_000)]
    names[4_998] = names[7] = "x" * 513
    kept = Kept()
    with pytest.raises(Exception, match="Nothing was sent: 2 of 5,000 rows break a rule") as caught:
        carry_out(credentials, make_settings(), people(5_000, Name=names), kept)
    assert "Row 8, Name: Longer than 512 characters. Row 4,999, Name: Longer" in str(caught.value)
    assert service.requests == []
    assert ([row.row for row in kept.at_fault], kept.faults) == ([8, 4_999], 2)


def test_rows_that_break_a_rule_are_set_aside_where_they_are_to_be_skipped(
    service: StandIn, credentials: Any
) -> None:
    names = [f"Name {n}" for n in range(1, 2_501)]
    names[6] = "x" * 513
    kept = carry_out(credentials, make_settings(skip_invalid=True), people(2_500, Name=names))
    assert (len(service.profiles), kept.delivered) == (2_499, 2_499)
    assert [(row.row, row.column, row.reason) for row in kept.rejected_rows] == [
        (7, "Name", "Longer than 512 characters.")
    ]
    told = "1 of 2,500 rows breaks a rule of Upload User Profiles. They are set aside:"
    assert ("warn", f"{told} 1 × Name: Longer than 512 characters") in kept.logs
    assert not any("xxxx" in message for _, message in kept.logs)


def test_the_columns_are_judged_before_anything_is_sent(service: StandIn, credentials: Any) -> None:
    with pytest.raises(Exception, match=r"don't fit User Events\. The column evtName is missing"):
        carry_out(credentials, make_settings(target="user_events"), people(3))
    assert service.requests == []
