"""Which end of a run is told to whom, once."""

import pytest
from django.db import transaction
from django_q.models import OrmQ

from console.notices import telling
from console.notices.models import Dispatch, Notice, Preferences, State
from console.notices.telling import Report, tell

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]
SUBJECT = "activation:7"


def prefer(**fields) -> Preferences:
    for name in ("on_success", "on_failure", "on_rejected", "on_pause"):
        fields.setdefault(name, False)
    fields.setdefault("emails", ["mika@example.com"])
    return Preferences.objects.create(subject=SUBJECT, **fields)


_events = iter(range(10_000))


def report(state: State, **fields) -> Report:
    fields.setdefault("event", f"run:{next(_events)}")
    return Report(subject=SUBJECT, name="Gold tier", state=state, link="/runs/1/", **fields)


def told(*states: str) -> list[str]:
    """The titles' kinds that a sequence of ends causes; "-" for none."""
    found = [tell(report(State(state))) for state in states]
    return [notice.kind if notice else "-" for notice in found]


D, R, F = "done", "rejected", "failed"


@pytest.mark.parametrize(
    ("asked", "ends", "kinds"),
    [
        # A failure when it begins, and the run that works again.
        ("on_failure", [D, F, F, F, D, D, F], ["-", F, "-", "-", "recovered", "-", F]),
        ("on_failure", [F, D], [F, "recovered"]),
        ("on_failure", [F, R, R, F], [F, R, "-", F]),  # it runs again, though not with every row
        ("on_failure", [R, D, R], ["-", "-", "-"]),
        # Rejected rows likewise.
        ("on_rejected", [D, R, R, D, F, D], ["-", R, "-", "recovered", "-", "-"]),
        ("on_rejected", [F, R, F, R], ["-", R, "-", R]),
        # A receipt of every run that delivered, and of no other.
        ("on_success", [D, D, F, D, R, R], [D, D, "-", "recovered", R, R]),
        # All of them.
        ("on_success on_failure on_rejected", [D, F, F, R, D, D], [D, F, "-", R, "recovered", D]),
        ("", [D, F, R, D], ["-", "-", "-", "-"]),
        ("on_pause", [D, F, F, D], ["-", "-", "-", "-"]),
    ],
)
def test_what_is_told(asked: str, ends: list[str], kinds: list[str]):
    prefer(**dict.fromkeys(asked.split(), True))
    assert told(*ends) == kinds


def test_nobody_is_told_of_a_subject_without_notifications():
    assert tell(report(State.FAILED)) is None
    assert not Notice.objects.exists()


def test_always_tells_a_failure_that_lasts():
    prefer(on_failure=True)
    told(F)
    again = tell(report(State.FAILED, message="3 of 5"), always=True)
    assert again is not None
    assert (again.kind, again.title, again.message) == ("failing", "Gold tier failed again", "3 of 5")


def test_who_asked_for_the_pause_hears_of_the_failures_before_it_and_of_the_pause():
    prefer(on_pause=True)
    assert told(F) == ["-"]
    assert tell(report(State.FAILED), always=True) is not None
    paused = tell(report(State.PAUSED, message="Paused after 5 failures."), always=True)
    assert paused is not None
    assert paused.title == "The schedule of Gold tier is paused"


def test_a_pause_is_no_end_so_the_next_run_still_works_again():
    prefer(on_failure=True, on_pause=True)
    told(F)
    tell(report(State.PAUSED))
    assert told(D) == ["recovered"]


def test_the_same_event_is_told_once():
    prefer(on_failure=True)
    assert tell(report(State.FAILED, event="job:9")) is not None
    assert tell(report(State.FAILED, event="job:9"), always=True) is None
    assert Notice.objects.count() == 1


def test_words_of_recovery_say_from_what():
    prefer(on_failure=True, on_rejected=True)
    tell(report(State.FAILED))
    first = tell(report(State.DONE))
    tell(report(State.REJECTED))
    second = tell(report(State.DONE))
    assert first and first.title == "Gold tier works again"  # noqa: PT018
    assert second and second.title == "Every row of Gold tier arrives again"  # noqa: PT018


def test_each_recipient_has_a_dispatch_and_the_queue_is_told_of_each():
    prefer(on_failure=True, emails=["a@example.com", "b@example.com"])
    tell(report(State.FAILED))
    assert list(Dispatch.objects.values_list("channel", "recipient", "status")) == [
        ("email", "a@example.com", "waiting"), ("email", "b@example.com", "waiting"),
    ]  # fmt: skip
    assert OrmQ.objects.count() == 2


def test_what_is_rolled_back_is_told_to_nobody():
    prefer(on_failure=True)

    class Elsewhere(Exception):
        pass

    @transaction.atomic
    def fail_and_go_wrong() -> None:
        assert tell(report(State.FAILED)) is not None
        raise Elsewhere

    with pytest.raises(Elsewhere):
        fail_and_go_wrong()
    assert not Notice.objects.exists()
    assert not Dispatch.objects.exists()
    assert not OrmQ.objects.exists()
    assert Preferences.objects.get().state == ""


def test_a_subject_that_is_gone_is_forgotten_and_its_log_stays():
    prefer(on_failure=True)
    told(F)
    telling.forget(SUBJECT)
    assert told(D) == ["-"]
    assert Notice.objects.count() == 1


def test_no_secret_gets_into_a_notice():
    from integrations import redaction

    redaction.guard(["planted-in-an-error-message"])
    prefer(on_failure=True)
    notice = tell(
        report(
            State.FAILED,
            message="refused planted-in-an-error-message",
            facts={"why": "planted-in-an-error-message", "rows": 3},
        )
    )
    assert notice is not None
    notice.refresh_from_db()
    assert notice.message == "refused [secret]"
    assert notice.facts == {"why": "[secret]", "rows": 3}
