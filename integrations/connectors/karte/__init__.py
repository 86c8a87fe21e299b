"""KARTE: a file in the Google Cloud Storage bucket that it reads."""

from integrations.connector import Connector
from integrations.connectors.karte.authentication import AuthenticationForm, check
from integrations.connectors.karte.delivery import deliver, discard
from integrations.connectors.karte.encoding import encode
from integrations.connectors.karte.export import ExportForm, destination, precheck
from integrations.connectors.karte.preview import preview
from integrations.connectors.karte.tile import TILE

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
