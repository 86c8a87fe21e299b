"""What arrives at the destination: counted in its tables, whatever fails on the way."""

from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pytest

from integrations.connector import Chunk
from integrations.connectors.treasure_data import encoding
from integrations.connectors.treasure_data.delivery import deliver, discard
from integrations.connectors.treasure_data.encoding import encode
from integrations.errors import (
    ConfirmationNeeded,
    CredentialsError,
    RefusedError,
    SettingsError,
    Stopped,
    TemporaryError,
)
from integrations.rows import RowStream
from tests.integrations.ledger import Dead, Kept, MemoryLedger
from tests.integrations.treasure_data.conftest import make_rows, make_settings
from tests.integrations.treasure_data.stand_in import WRITE_ONLY, Fault, StandIn

TIME = 1_700_000_000
MODES = [
    {"mode": "append"},
    {"mode": "replace"},
    {"mode": "append", "legacy": True},
    {"mode": "replace", "legacy": True},
]
NAMES = ["append", "replace", "legacy append", "legacy replace"]


@pytest.fixture(autouse=True)
def tiny_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """A part closes after every slice of two rows."""
    real = encoding._PartWriter.__init__
    monkeypatch.setattr(encoding._PartWriter, "__init__", lambda self, limit: real(self, 0))


def carry_out(
    credentials: Any, settings: Any, rows: RowStream, kept: Kept | None = None, **options: Any
) -> Kept:
    kept = kept or Kept()
    stop_when = options.pop("stop_when", None)
    ledger = MemoryLedger(kept, rows.total, **options)
    ledger.stop_when = stop_when or ledger.stop_when

    def chunks() -> Iterator[Chunk]:
        return encode(settings, rows, ledger.default_time)

    deliver(credentials, settings, chunks, rows.columns, ledger)
    return kept


def expected(count: int) -> list[dict[str, Any]]:
    return [{"time": TIME, "code": n, "host": f"h{n}"} for n in range(count)]


def by_code(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(rows, key=lambda row: row["code"])


def test_append_adds_every_row_in_one_session_that_is_committed_once(
    service: StandIn, credentials: Any
) -> None:
    old = {"time": 1, "code": -1, "host": "old"}
    service.add_table("by_code", [old], [["host", "string"]])
    kept = carry_out(credentials, make_settings(), make_rows(5))
    assert by_code(service.rows("by_code")) == [old, *expected(5)]
    assert kept.delivered == 5
    assert (
        service.calls.count("POST bulk_import/create") == service.calls.count("POST bulk_import/commit") == 1
    )
    assert service.calls.count("PUT bulk_import/upload_part") == 3
    assert service.databases["target"]["by_code"].schema == [["host", "string"], ["code", "long"]]
    assert service.sessions == {}
    assert service.agents == {"Sendoff/0.1.0"}


def test_replace_leaves_only_the_new_rows_and_no_temporary_table(service: StandIn, credentials: Any) -> None:
    service.add_table("by_code", [{"time": 1, "gone": 1}], [["gone", "long"]])
    carry_out(credentials, make_settings(mode="replace"), make_rows(5))
    assert by_code(service.rows("by_code")) == expected(5)
    assert list(service.databases["target"]) == ["by_code"]
    assert service.databases["target"]["by_code"].schema == [["code", "long"], ["host", "string"]]


def test_replace_makes_a_table_that_did_not_exist(service: StandIn, credentials: Any) -> None:
    carry_out(credentials, make_settings(mode="replace"), make_rows(3))
    assert by_code(service.rows("by_code")) == expected(3)


def test_replace_swaps_where_the_service_has_no_rename(service: StandIn, credentials: Any) -> None:
    service.missing = {"table/rename"}
    service.add_table("by_code", [{"time": 1, "code": -1}])
    carry_out(credentials, make_settings(mode="replace"), make_rows(5))
    assert by_code(service.rows("by_code")) == expected(5)
    assert list(service.databases["target"]) == ["by_code"]


def test_a_swap_whose_answer_was_lost_is_not_made_twice(service: StandIn, credentials: Any) -> None:
    service.missing = {"table/rename"}
    service.add_table("by_code", [{"time": 1, "code": -1}])
    service.faults = [Fault("POST .*table/swap", cut="after")]
    carry_out(credentials, make_settings(mode="replace"), make_rows(5))
    assert by_code(service.rows("by_code")) == expected(5)
    assert service.calls.count("POST table/swap") == 1


def test_the_time_field_fills_the_time_column(service: StandIn, credentials: Any) -> None:
    carry_out(credentials, make_settings(time=42), make_rows(2))
    assert {row["time"] for row in service.rows("by_code")} == {42}


def test_an_empty_append_is_a_success_without_a_session(service: StandIn, credentials: Any) -> None:
    kept = carry_out(credentials, make_settings(), make_rows(0))
    assert service.rows("by_code") == []
    assert kept.delivered == 0
    assert not any("bulk_import" in call for call in service.calls)
    assert service.databases["target"]["by_code"].schema == [["code", "long"], ["host", "string"]]


def test_an_empty_replace_asks_before_anything_is_sent(service: StandIn, credentials: Any) -> None:
    service.add_table("by_code", [{"time": 1, "code": -1}])
    with pytest.raises(ConfirmationNeeded, match=r"would empty target\.by_code"):
        carry_out(credentials, make_settings(mode="replace"), make_rows(0))
    assert service.requests == []
    carry_out(credentials, make_settings(mode="replace"), make_rows(0), confirmed_empty=True)
    assert service.rows("by_code") == []


def test_a_missing_database_is_named(service: StandIn, credentials: Any) -> None:
    with pytest.raises(SettingsError, match="Database nowhere does not exist") as caught:
        carry_out(credentials, make_settings(user_database_name="nowhere"), make_rows(2))
    assert caught.value.field == "user_database_name"


def test_a_write_only_key_appends_without_looking(service: StandIn, credentials: Any) -> None:
    service.forbid_create = True
    service.add_table("by_code")
    carry_out({**credentials, "apikey": WRITE_ONLY}, make_settings(), make_rows(4))
    assert by_code(service.rows("by_code")) == expected(4)


def test_rows_the_destination_refuses_are_counted_as_rejected(service: StandIn, credentials: Any) -> None:
    rows = make_rows(4, time=pa.array([5, None, 6, None], pa.int64()))
    kept = carry_out(credentials, make_settings(), rows)
    assert (kept.delivered, kept.rejected) == (2, 2)
    assert [row["time"] for row in service.rows("by_code")] == [5, 6]
    assert any(level == "warn" and "refused 2 of 4 rows" in text for level, text in kept.logs)


def test_a_count_that_does_not_match_commits_nothing(service: StandIn, credentials: Any) -> None:
    rows = make_rows(4)
    short = RowStream(rows.columns, 5, rows.open)
    with pytest.raises(RefusedError, match="counts 4 rows; 5 were sent"):
        carry_out(credentials, make_settings(), short)
    assert service.rows("by_code") == []


@pytest.mark.parametrize("fault", [
    Fault("PUT .*part-1", 2, status=503),
    Fault("PUT .*part-0", cut="before"),
    Fault("PUT .*part-0", cut="after"),
    Fault("POST .*bulk_import/create", cut="after"),
    Fault("POST .*bulk_import/freeze", cut="after"),
    Fault("POST .*bulk_import/perform", cut="after"),
    Fault("POST .*bulk_import/commit", cut="after"),
    Fault("POST .*bulk_import/commit", status=500),
    Fault("GET .*bulk_import/show", 3, status=502),
    Fault("POST .*table/create", cut="after"),
], ids=lambda fault: f"{fault.pattern} {fault.cut or fault.status}")  # fmt: skip
def test_a_passing_failure_changes_nothing_about_the_rows(
    service: StandIn, credentials: Any, fault: Fault
) -> None:
    service.faults = [fault]
    kept = carry_out(credentials, make_settings(), make_rows(5))
    assert by_code(service.rows("by_code")) == expected(5)
    assert kept.retries
    assert kept.delivered == 5


def test_a_rename_whose_answer_was_lost_is_recognised(service: StandIn, credentials: Any) -> None:
    service.faults = [Fault("POST .*table/rename", cut="after")]
    carry_out(credentials, make_settings(mode="replace"), make_rows(5))
    assert by_code(service.rows("by_code")) == expected(5)
    assert service.calls.count("POST table/rename") == 1


def test_it_waits_as_long_as_the_service_asks(service: StandIn, credentials: Any) -> None:
    service.faults = [Fault("PUT .*part-0", status=429, headers={"Retry-After": "7"})]
    kept = carry_out(credentials, make_settings(), make_rows(2))
    assert kept.retry_afters == [7.0]


def test_slow_steps_are_waited_for(service: StandIn, credentials: Any) -> None:
    service.performing_polls = service.committing_polls = 3
    carry_out(credentials, make_settings(), make_rows(5))
    assert by_code(service.rows("by_code")) == expected(5)


def test_a_key_that_is_rejected_is_for_the_user_to_mend(service: StandIn, credentials: Any) -> None:
    with pytest.raises(CredentialsError, match="rejected the API key") as caught:
        carry_out({**credentials, "apikey": "9/" + "d" * 40}, make_settings(), make_rows(2))
    assert "d" * 40 not in f"{caught.value} {caught.value.response} {caught.value.action}"


def test_the_budget_ends_a_lasting_failure_and_the_clean_up_leaves_nothing(
    service: StandIn, credentials: Any
) -> None:
    service.faults = [Fault("POST .*bulk_import/perform", 99, status=503)]
    kept = Kept()
    with pytest.raises(TemporaryError):
        carry_out(credentials, make_settings(), make_rows(5), kept)
    assert not kept.memory.get("in_doubt")
    sentence = discard(credentials, make_settings(), kept.memory)
    assert sentence == "Nothing was added; the new table target.by_code is left, empty."
    assert service.sessions == {}
    assert service.rows("by_code") == []


def test_a_commit_without_an_answer_is_in_doubt_and_is_continued(service: StandIn, credentials: Any) -> None:
    service.faults = [
        Fault("POST .*bulk_import/commit", cut="after"),
        Fault("GET .*bulk_import/show", 99, status=503, since="bulk_import/commit"),
    ]
    kept = Kept()
    with pytest.raises(TemporaryError):
        carry_out(credentials, make_settings(), make_rows(5), kept)
    assert "may be in target.by_code, or none" in kept.memory["in_doubt"]
    service.faults = []
    kept.retries.clear()
    carry_out(credentials, make_settings(), make_rows(5), kept)
    assert by_code(service.rows("by_code")) == expected(5)
    assert kept.memory["in_doubt"] == ""


def test_a_kill_is_heeded_while_the_destination_works(service: StandIn, credentials: Any) -> None:
    service.performing_polls = 10**6
    kept = Kept()

    def after_perform() -> bool:
        return any(call == "POST bulk_import/perform" for call in service.calls)

    with pytest.raises(Stopped):
        carry_out(credentials, make_settings(mode="replace"), make_rows(5), kept, stop_when=after_perform)
    service.add_table("by_code", [{"time": 1, "code": -1}])
    assert discard(credentials, make_settings(mode="replace"), kept.memory) == "target.by_code is unchanged."
    assert service.sessions == {}
    assert list(service.databases["target"]) == ["by_code"]


def test_the_clean_up_says_so_where_it_fails(service: StandIn, credentials: Any) -> None:
    kept = Kept(memory={"session": "sendoff_12_x", "phase": "uploading"})
    service.faults = [Fault("POST .*bulk_import/delete", 9, status=503)]
    assert "session sendoff_12_x could not be removed" in discard(credentials, make_settings(), kept.memory)


@pytest.mark.parametrize("changes", MODES, ids=NAMES)
def test_a_worker_killed_at_any_point_loses_nothing_and_doubles_nothing(
    service: StandIn, credentials: Any, changes: dict[str, Any]
) -> None:
    settings, rows, died = make_settings(**changes), make_rows(5), 0
    for point in range(1, 400):
        service.databases["target"].clear()
        service.sessions.clear()
        before = [] if settings["mode"] == "replace" else [{"time": 1, "code": -1}]
        service.add_table("by_code", [{"time": 1, "code": -1}])
        kept = Kept()
        try:
            carry_out(credentials, settings, rows, kept, die_at=point)
        except Dead:
            died += 1
            try:
                carry_out(credentials, settings, rows, kept, die_at=point % 7 + 1)
            except Dead:
                carry_out(credentials, settings, rows, kept)
        assert by_code(service.rows("by_code")) == before + expected(5), point
        assert kept.delivered == 5, point
        assert list(service.databases["target"]) == ["by_code"], point
        if died < point:
            break
    assert died > 15
    assert died == point - 1


def test_a_worker_killed_around_the_swap_loses_nothing(service: StandIn, credentials: Any) -> None:
    service.missing = {"table/rename"}
    test_a_worker_killed_at_any_point_loses_nothing_and_doubles_nothing(
        service, credentials, {"mode": "replace"}
    )
