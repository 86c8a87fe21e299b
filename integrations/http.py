"""The one door to the network: where it leads, how long it waits, and what a failure is called."""

import ipaddress
import socket
import ssl
from urllib.parse import SplitResult, urlsplit

import certifi
import urllib3
from django.conf import settings
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError

from integrations.errors import CredentialsError, DeliveryError, TemporaryError

CONNECT_SECONDS = 10
READ_SECONDS = 120
PARALLEL = 4  # connections kept per host
CHECK = "Check the host in the authentication."


def pool(read_seconds: float = READ_SECONDS, parallel: int = PARALLEL) -> urllib3.PoolManager:
    """A connection pool that refuses forbidden addresses at the moment it connects. Follows no redirect.

    The name is resolved once, each address is judged, and the socket goes to a judged one: a name
    that answers differently the second time gains nothing.
    """
    timeout = urllib3.Timeout(connect=CONNECT_SECONDS, read=read_seconds)
    manager = urllib3.PoolManager(
        maxsize=parallel,
        timeout=timeout,
        retries=False,
        cert_reqs=ssl.CERT_REQUIRED,
        ca_certs=certifi.where(),
    )
    manager.pool_classes_by_scheme = {"http": _HTTPPool, "https": _HTTPSPool}
    return manager


def check_url(url: str) -> None:
    """Raises `CredentialsError` where the policy refuses this address, without any network."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme == "https" or is_own(url) or is_vouched(url):
        return
    raise CredentialsError(
        f"{host} is not reached over HTTPS.",
        action="Use https://, or ask the operator to allow the host (SENDOFF_ALLOW_PRIVATE_HOSTS).",
        field="endpoint",
    )


def is_own(url: str) -> bool:
    """Whether this is the console's own address: same scheme, host and port."""
    own, other = urlsplit(settings.BASE_URL), urlsplit(url)
    return (own.scheme, own.hostname, _port(own)) == (other.scheme, other.hostname, _port(other))


def is_vouched(url: str) -> bool:
    """Whether an operator allows this address by name, in SENDOFF_ALLOW_PRIVATE_HOSTS."""
    parts = urlsplit(url)
    return _allowed(parts.hostname or "", _port(parts))


def explain(error: Exception, host: str) -> DeliveryError:
    """The network's failure as an error that says who has to act. Never quotes a header or a body."""
    for cause in _causes(error):
        if isinstance(cause, DeliveryError):
            return cause
        if isinstance(cause, ssl.SSLCertVerificationError):
            return _certificate(cause, host)
        for kinds, message in _PLAIN:
            if isinstance(cause, kinds):
                return TemporaryError(message.format(host=host), action=CHECK, response=type(cause).__name__)
    response = f"{type(error).__name__}"
    return TemporaryError(f"The connection to {host} broke before an answer came.", response=response)


def was_sent(error: Exception) -> bool:
    """Whether any of the request may have reached the other side: False only where no connection came about."""
    refused = (socket.gaierror, UnicodeError, ConnectionRefusedError, ConnectTimeoutError, NewConnectionError)
    certain = (*refused, ssl.SSLCertVerificationError, DeliveryError)
    return not any(isinstance(cause, certain) for cause in _causes(error))


def retry_after(value: str | None) -> float | None:
    """Seconds from a Retry-After header in either of its forms; None where there is none to read."""
    try:
        return urllib3.Retry().parse_retry_after(value or "")
    except HTTPError:
        return None


_PLAIN: tuple[tuple[tuple[type[BaseException], ...], str], ...] = (
    ((socket.gaierror, UnicodeError), "The name {host} could not be found."),
    ((ConnectionRefusedError,), "{host} refused the connection."),
    ((ssl.SSLError,), "{host} does not speak HTTPS as expected."),
    ((ConnectTimeoutError,), "{host} could not be reached within 10 seconds."),
    ((TimeoutError, urllib3.exceptions.TimeoutError), "{host} did not answer in time."),
    ((ConnectionResetError, BrokenPipeError), "{host} closed the connection before an answer came."),
    ((NewConnectionError, OSError), "{host} could not be reached."),
)


def _certificate(error: ssl.SSLCertVerificationError, host: str) -> CredentialsError:
    reasons = {
        10: "has expired",
        18: "is signed by itself, not by an authority this server trusts",
        19: "is signed by an authority this server does not trust",
        20: "is signed by an authority this server does not trust",
        62: "is for another name",
        64: "is for another address",
    }
    reason = reasons.get(error.verify_code, f"is not accepted ({error.verify_message})")
    return CredentialsError(
        f"The certificate of {host} {reason}. Nothing was sent.", action=CHECK, response=error.verify_message
    )


def _causes(error: BaseException) -> list[BaseException]:
    """The error and what it wraps, innermost first. Not its context: that may be another request's error."""
    chain: list[BaseException] = []
    todo: list[BaseException | None] = [error]
    while todo:
        current = todo.pop()
        if isinstance(current, BaseException) and current not in chain:
            chain.append(current)
            todo += [current.__cause__, getattr(current, "reason", None)]
            todo += [arg for arg in current.args if isinstance(arg, BaseException)]
    return chain[::-1]


def _port(parts: SplitResult) -> int:
    return parts.port or (443 if parts.scheme == "https" else 80)


def _allowed(host: str, port: int) -> bool:
    """Whether the operator vouches for this host: `host`, `host:port` or a network such as 10.2.0.0/16."""
    for entry in settings.ALLOW_PRIVATE_HOSTS:
        if entry.lower() in {host.lower(), f"{host}:{port}".lower()} or _in_network(host, entry):
            return True
    return False


def _in_network(host: str, entry: str) -> bool:
    try:
        return ipaddress.ip_address(host) in ipaddress.ip_network(entry)
    except ValueError:
        return False


def _judge(address: str, host: str, port: int, scheme: str) -> None:
    """Raises where `address`, which `host` resolved to, is not public and nobody vouches for it."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    mapped = getattr(ip, "ipv4_mapped", None) or ip
    if mapped.is_global and not mapped.is_multicast:
        return
    shown = f"[{host}]" if ":" in host else host
    if is_own(f"{scheme}://{shown}:{port}") or _allowed(host, port) or _allowed(str(mapped), port):
        return
    raise CredentialsError(
        f"{host} is an address of a private network, which this console may not connect to.",
        action="Use a public host, or ask the operator to allow it (SENDOFF_ALLOW_PRIVATE_HOSTS).",
        field="endpoint",
    )


def _connect(connection: HTTPConnection, scheme: str) -> socket.socket:
    host, port = connection.host.strip("[]"), connection.port or (443 if scheme == "https" else 80)
    failure: Exception = OSError(f"{host} has no address")
    for family, kind, protocol, _, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        _judge(str(address[0]), host, port, scheme)
        opened = socket.socket(family, kind, protocol)
        opened.settimeout(CONNECT_SECONDS)
        try:
            opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            opened.connect(address)
        except TimeoutError:
            failure = ConnectTimeoutError(f"{host} took too long to connect")
            opened.close()
        except OSError as error:
            failure = error
            opened.close()
        else:
            return opened
    raise failure


class _Plain(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        return _connect(self, "http")


class _Secure(HTTPSConnection):
    def _new_conn(self) -> socket.socket:
        return _connect(self, "https")


class _HTTPPool(urllib3.HTTPConnectionPool):
    ConnectionCls = _Plain


class _HTTPSPool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _Secure


Failure = (OSError, UnicodeError, HTTPError)  # UnicodeError: a name no resolver can be asked for
