"""Google Cloud Storage's calls, one function each, made by the official library."""

import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from django.conf import settings
from google.api_core.exceptions import GoogleAPICallError, NotFound
from google.auth.exceptions import GoogleAuthError, RefreshError
from google.cloud import storage
from google.cloud.storage.exceptions import InvalidResponse

from integrations import http, redaction
from integrations.connector import Keys
from integrations.connectors.karte import resumable
from integrations.connectors.karte.answers import Said, SessionGone, failure, token_refused
from integrations.connectors.karte.door import Session
from integrations.connectors.karte.key_file import KeyFile, KeyFileError
from integrations.connectors.karte.places import Place
from integrations.connectors.karte.resumable import Piece, Progress, Stored
from integrations.errors import CredentialsError, DeliveryError, RefusedError

# Without it the library asks for the bucket's metadata in a thread of its own.
os.environ.setdefault("DISABLE_GCS_PYTHON_CLIENT_OTEL_BUCKET_METADATA", "true")

MEANINGLESS = (ValueError, KeyError)  # an answer that is no JSON, or lacks what it must have
FAILURE = (*http.Failure, GoogleAPICallError, GoogleAuthError, InvalidResponse, *MEANINGLESS)


def key_of(credentials: Keys) -> KeyFile:
    """Raises `CredentialsError` where what is stored is no usable key any more."""
    try:
        return KeyFile.read(str(credentials.get("json_keyfile") or ""))
    except KeyFileError as error:
        action = "Put a new key into the authentication."
        raise CredentialsError(str(error), action=action, field="json_keyfile") from error


class Client:
    """Raises only `integrations.errors`. Repeats no call: the ledger has the one retry budget."""

    def __init__(self, credentials: Keys, *, patience: float = http.READ_SECONDS) -> None:
        """`patience`: seconds to wait for an answer; less where a person is waiting, too."""
        http.check_url(settings.GCS_ENDPOINT)
        self.key = key_of(credentials)
        self.host = urlsplit(settings.GCS_ENDPOINT).netloc
        self.timeout = (http.CONNECT_SECONDS, patience)
        self.session = Session(self.key)
        self.storage = storage.Client(
            project=None,
            credentials=self.session.credentials,
            _http=self.session,
            client_options={"api_endpoint": settings.GCS_ENDPOINT},
        )

    def sign_in(self) -> None:
        """Has the key accepted by the token endpoint. Needs no bucket."""
        with self._asking(Place("", "", self.key.email)):
            self.session.sign_in(self.timeout)

    def permissions(self, place: Place, wanted: Collection[str]) -> set[str]:
        """Those of `wanted` that the account has on the bucket. Asking needs no permission itself."""
        with self._asking(place):
            bucket = self.storage.bucket(place.bucket)
            return set(bucket.test_iam_permissions(list(wanted), timeout=self.timeout, retry=None))

    def look(self, place: Place) -> Stored | None:
        """What is at the place now. Needs storage.objects.get."""
        with self._asking(place):
            blob = self.storage.bucket(place.bucket).blob(place.name)
            try:
                blob.reload(timeout=self.timeout, retry=None)
            except NotFound:
                return None
            return Stored(int(blob.size), str(blob.crc32c), int(blob.generation))

    def begin(self, place: Place, size: int, content_type: str, generation: int | None) -> str:
        """Opens an upload that will only replace this generation (0: nothing, None: anything).

        Returns its address: whoever has that may write, so it is a secret.
        """
        with self._asking(place):
            blob = self.storage.bucket(place.bucket).blob(place.name)
            address: str = blob.create_resumable_upload_session(
                content_type=content_type,
                size=size,
                checksum=None,
                if_generation_match=generation,
                timeout=self.timeout,
                retry=None,
            )
            redaction.guard([address])
            http.check_url(address)  # the next requests carry the token there
            return address

    def progress(self, place: Place, address: str) -> Progress:
        """How far the upload has come at Google. Raises `SessionGone`."""
        with self._asking(place, of_upload=True):
            return resumable.progress(self.session, address)

    def send(self, place: Place, address: str, piece: Piece) -> Progress:
        """Sends one piece. Raises `SessionGone`; after any other error, ask for the progress first."""
        with self._asking(place, of_upload=True):
            return resumable.send(self.session, address, piece, self.timeout)

    def cancel(self, place: Place, address: str) -> None:
        """Google answers 499 to a cancelled upload. Raises `SessionGone` where it had ended before."""
        with self._asking(place, of_upload=True):
            answer = self.session.delete(address, headers={"Content-Length": "0"}, timeout=self.timeout)
            if answer.status_code != 499 and answer.status_code >= 300:
                raise InvalidResponse(answer)

    @contextmanager
    def _asking(self, place: Place, *, of_upload: bool = False) -> Iterator[None]:
        """Turns what the library raises into errors that say who has to act."""
        try:
            yield
        except RefreshError as error:
            raise token_refused(str(error.args[0] if error.args else ""), place.email) from error
        except FAILURE as error:
            said = _said(error)
            if said is None:
                raise _unheard(error, self.host) from error
            if of_upload and said.status in (404, 410, 499):
                raise SessionGone("The upload session expired.", response=said.response) from error
            raise failure(said, self.host, place) from error


def _said(error: Exception) -> Said | None:
    """The HTTP answer an error was made of, where there was one."""
    answer = getattr(error, "response", None)
    if answer is None:
        return None
    after = http.retry_after(answer.headers.get("Retry-After"))
    return Said(answer.status_code, answer.reason or "", answer.content, after)


def _unheard(error: Exception, host: str) -> DeliveryError:
    if isinstance(error, MEANINGLESS):
        kind = type(error).__name__
        return RefusedError(f"{host} does not answer like Google Cloud Storage.", response=kind)
    return http.explain(error, host)
