"""CleverTap: user profiles, user events and custom lists, with the fate of every row."""

from integrations.connector import Connector
from integrations.connectors.clevertap.authentication import AuthenticationForm, check
from integrations.connectors.clevertap.delivery import deliver, discard
from integrations.connectors.clevertap.encoding import encode
from integrations.connectors.clevertap.export import ExportForm, destination, precheck, retries
from integrations.connectors.clevertap.inspection import inspect
from integrations.connectors.clevertap.preview import preview
from integrations.connectors.clevertap.tile import TILE
from integrations.fields import RetryFields

CONNECTOR = Connector(
    tile=TILE,
    authentication_form=AuthenticationForm,
    export_form=ExportForm,
    check=check,
    precheck=precheck,
    encode=encode,
    inspect=inspect,
    deliver=deliver,
    discard=discard,
    preview=preview,
    changeable=("skip_invalid", "thread_count", *RetryFields.base_fields),
    credential="Account",
    empty_button="Empty the segment",
    last_button="Done",
    destination=destination,
    retries=retries,
)
