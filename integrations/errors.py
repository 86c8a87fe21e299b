"""What can go wrong on the way out, named by who has to act."""

from enum import StrEnum


class Kind(StrEnum):
    SETTINGS = "settings"  # the user edits the export settings
    CREDENTIALS = "credentials"  # the user reconnects the authentication
    REFUSED = "refused"  # the destination refused these rows or this request
    TEMPORARY = "temporary"  # wait and retry
    CONFIRM = "confirm"  # a person has to agree first


class DeliveryError(Exception):
    """`str(error)` is shown to the user: what did not happen and why. `action` says what to do.

    No message may hold a secret, a header or a row's value.
    """

    kind: Kind = Kind.REFUSED
    retryable = False

    def __init__(self, message: str, *, action: str = "", field: str = "", response: str = "") -> None:
        super().__init__(message)
        self.action = action
        self.field = field  # the settings field the error stands beside, where there is one
        self.response = response  # "403 Forbidden: …", the other side's own words


class SettingsError(DeliveryError):
    kind = Kind.SETTINGS


class CredentialsError(DeliveryError):
    kind = Kind.CREDENTIALS


class RefusedError(DeliveryError):
    kind = Kind.REFUSED


class ConfirmationNeeded(DeliveryError):
    kind = Kind.CONFIRM


class TemporaryError(DeliveryError):
    """Worth another try. `retry_after` is in seconds, where the other side named a time."""

    kind = Kind.TEMPORARY
    retryable = True

    def __init__(
        self, message: str, *, retry_after: float | None = None, action: str = "", response: str = ""
    ) -> None:
        super().__init__(message, action=action, response=response)
        self.retry_after = retry_after


class Stopped(Exception):
    """The run was killed, or (`Lost`) belongs to another worker by now. Never caught by a connector."""


class Lost(Stopped):
    """Another worker holds the claim: whatever this one still knows must not be written."""
