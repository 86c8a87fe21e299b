"""What can be known to be wrong before anything is sent, and the folders to choose from."""

from integrations.connector import Keys
from integrations.connectors.one_drive import target
from integrations.connectors.one_drive.answers import explaining
from integrations.connectors.one_drive.client import Client
from integrations.connectors.one_drive.export import BUSINESS, file_name, place
from integrations.errors import RefusedError, SettingsError

WAIT_SECONDS = 15  # somebody looks at the page meanwhile


def precheck(credentials: Keys, settings: Keys) -> None:
    """Creates nothing and does not look for the file: a run that goes on after a death finds its own. Raises."""
    _same_plan(credentials, settings)
    client = Client(credentials, patience=WAIT_SECONDS)
    with explaining(place(settings), file_name(settings)):
        begun = target.start(client, settings)
    if begun.quota.get("state") == "exceeded":
        raise RefusedError("Not enough OneDrive storage.", action="Free some space, or choose another drive.")


def browse(credentials: Keys, settings: Keys) -> tuple[str, ...]:
    _same_plan(credentials, settings)
    client = Client(credentials, patience=WAIT_SECONDS)
    with explaining(place(settings)):
        return tuple(sorted(target.folders(client, settings), key=str.lower))


def _same_plan(credentials: Keys, settings: Keys) -> None:
    connected, chosen = credentials.get("account_type"), settings["account_type"]
    if connected and connected != chosen:
        kind, right = ("business", "Business") if connected == BUSINESS else ("personal", "Personal")
        raise SettingsError(
            f"This connection is a {kind} account.", action=f"Choose {right}.", field="account_type"
        )
