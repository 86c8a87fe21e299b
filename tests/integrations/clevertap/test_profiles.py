"""Upload User Profiles: what arrives, for every kind of column."""

from typing import Any

from tests.integrations.clevertap.conftest import carry_out, make_settings, people
from tests.standins.clevertap import StandIn


def test_every_profile_arrives_in_requests_of_a_thousand(service: StandIn, credentials: Any) -> None:
    kept = carry_out(credentials, make_settings(), people(2_500))
    assert service.profiles == {f"u{n}": {"Name": f"Name {n}"} for n in range(1, 2_501)}
    assert kept.delivered == 2_500
    assert service.requests == ["POST /1/upload"] * 3
    assert service.agents == {"Sendoff/0.1.0"}
