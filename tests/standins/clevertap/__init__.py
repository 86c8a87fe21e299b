"""A strict CleverTap on loopback: every region on one port, told apart by the Host header; faults on request."""

from tests.standins.clevertap.records import Refusal
from tests.standins.clevertap.server import running
from tests.standins.clevertap.service import Account, Fault, StandIn

__all__ = ["Account", "Fault", "Refusal", "StandIn", "running"]
