"""OneDrive and SharePoint, through Microsoft Graph."""

from integrations.connector import Connector
from integrations.connectors.one_drive.authentication import AuthenticationForm, check
from integrations.connectors.one_drive.delivery import deliver, discard
from integrations.connectors.one_drive.encoding import encode, preview
from integrations.connectors.one_drive.export import ExportForm, destination, retries
from integrations.connectors.one_drive.precheck import browse, precheck
from integrations.connectors.one_drive.sign_in import OAUTH
from integrations.connectors.one_drive.tile import TILE

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
    retries=retries,
    oauth=OAUTH,
    browse=browse,
)
