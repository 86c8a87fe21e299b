"""Profiles enter once, move by rule and wait, leave by the exit; each step gets exactly those that reached it, once."""

import pytest

from activations.models import Journey
from tests.activations.conftest import Write
from tests.activations.journeys.conftest import Evaluate
from tests.standins.clevertap import StandIn

pytestmark = pytest.mark.django_db(transaction=True)


def customers(write: Write, **regions: str) -> None:
    rows = " UNION ALL ".join(
        f"SELECT {name[1:]}::BIGINT AS id, '{name}' AS login, '{region}' AS region, 1::BIGINT AS age"
        for name, region in regions.items()
    )
    write("customers", rows)


def test_a_journey_from_entry_to_end(
    started: Journey, evaluate: Evaluate, shop: Write, clock, service: StandIn
) -> None:
    customers(shop, u1="new", u2="new", u3="other", u4="gone")
    clock(0)
    first = evaluate(started)
    assert (first.job.status, first.job.error_message) == ("success", "")
    assert first.moves == {"reached": {"1": 2}, "exited": 0, "completed": 0}
    assert sorted(service.profiles) == ["u1", "u2"]
