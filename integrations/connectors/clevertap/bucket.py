"""The bucket that takes a list's file: not CleverTap's API, and other answers."""

from pathlib import Path

from integrations.connectors.clevertap.client import Client
from integrations.errors import DeliveryError, RefusedError, TemporaryError

EXPIRED = (b"SignatureDoesNotMatch", b"Request has expired")


class Expired(DeliveryError):
    """The upload address no longer holds."""


def put(client: Client, url: str, file: Path) -> None:
    """Raises `Expired` where another address has to be asked for."""
    status, body = client.upload(url, file)
    if status in {200, 204}:
        return
    response = str(status)
    if status == 403 and any(words in body for words in EXPIRED):
        raise Expired("The upload address of the list has expired.", response=response)
    if b"EntityTooLarge" in body:
        raise RefusedError(
            "The list exceeds 5 GB.", action="Split the list into several queries.", response=response
        )
    if status == 429 or status >= 500:
        raise TemporaryError(f"The upload of the list was not taken ({status}).", response=response)
    raise RefusedError(f"The upload of the list was refused ({status}).", response=response)
