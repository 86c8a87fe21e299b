"""The one list of connectors, in catalog order."""

from integrations.connector import Connector
from integrations.connectors.clevertap import CONNECTOR as CLEVERTAP
from integrations.connectors.karte import CONNECTOR as KARTE
from integrations.connectors.one_drive import CONNECTOR as ONE_DRIVE
from integrations.connectors.treasure_data import CONNECTOR as TREASURE_DATA

_CONNECTORS = [
    TREASURE_DATA,
    ONE_DRIVE,
    KARTE,
    CLEVERTAP,
]


def connectors() -> list[Connector]:
    return list(_CONNECTORS)


def get(key: str) -> Connector:
    """Raises `KeyError` where no connector in this build has that key."""
    for connector in _CONNECTORS:
        if connector.tile.key == key:
            return connector
    raise KeyError(f"There is no connector {key!r} in this build.")
