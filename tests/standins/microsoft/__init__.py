"""A strict stand-in for Microsoft's sign-in and for Microsoft Graph, on loopback, over real HTTP."""

from tests.standins.microsoft.server import StandIn as StandIn
from tests.standins.microsoft.server import running as running
from tests.standins.microsoft.state import Fault as Fault
