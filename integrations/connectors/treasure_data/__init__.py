"""Treasure Data: this console itself, another instance of it, or the real service."""

from integrations.connector import Connector
from integrations.connectors.treasure_data.authentication import AuthenticationForm, check
from integrations.connectors.treasure_data.delivery import deliver, discard
from integrations.connectors.treasure_data.encoding import encode
from integrations.connectors.treasure_data.export import ExportForm, destination, precheck
from integrations.connectors.treasure_data.preview import preview
from integrations.connectors.treasure_data.tile import TILE

CONNECTOR = Connector(
    tile=TILE,
    authentication_form=AuthenticationForm,
    export_form=ExportForm,
    check=check,
    precheck=precheck,
    encode=encode,
    deliver=deliver,
    discard=discard,
    preview=preview,
    destination=destination,
)
