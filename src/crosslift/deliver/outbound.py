"""Webhooks out, signed as Standard Webhooks has it, to addresses of the public internet alone unless the shop says otherwise.

The name is resolved once, every address it gives is looked at, and the connection goes to the one that was looked at: a name
that points inside, now or a moment later, is refused. Nothing is followed to another place.
"""

import http.client
import ipaddress
import socket
import ssl
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from crosslift.domain.signature import StandardWebhooks
from crosslift.errors import BadInput, Refused, TryAgain

RETRY_SECONDS = (5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)
"""After so many seconds a delivery that failed is tried again, in turn; then it is given up (standardwebhooks.com)."""
WAIT_SECONDS = 15
MOST_READ = 4_096
"""So much of an answer to a webhook is read; what it says is nobody's business."""
MOST_FETCHED = 1_000_000
"""So many bytes of an answer that is asked for."""
Resolve = Callable[[str, int], Sequence[str]]
"""A host and a port to its addresses, as text."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where a delivery goes: the address as written, and the one its name was found to have."""

    scheme: str
    host: str
    port: int
    path: str
    address: str


def resolved(host: str, port: int) -> list[str]:
    """Ask the system for every address of a name.

    Raises
    ------
    TryAgain
        If it has none now.
    """
    try:
        return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    except (OSError, UnicodeError) as error:
        raise TryAgain(f"{host} has no address now: {error}") from error


def target_of(
    address: str, *, allows_private: bool = False, resolve: Resolve = resolved, what: str = "webhook",
    setting: str = "webhooks.allow_private",
) -> Target:  # fmt: skip
    """Look at where an address leads.

    Parameters
    ----------
    allows_private : bool
        Whether addresses inside may be called, and plain http.
    what, setting : str
        What goes there and the setting that lets it, for the refusals.

    Raises
    ------
    BadInput
        If it is no address of the kind.
    Refused
        If any address of its name is not public.
    TryAgain
        If its name has no address now.
    """
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError as error:
        raise BadInput(f"is no address: {error}", where=address[:200]) from error
    if parts.scheme not in (("https", "http") if allows_private else ("https",)) or not host:
        raise BadInput(f"a {what} goes to an https address", where=address[:200])
    if parts.username is not None or any(ord(one) <= 32 or ord(one) > 126 for one in address):
        raise BadInput(f"a {what}'s address holds no password, space or other script", where=address[:200])
    found = resolve(host, port)
    inside = [one for one in found if not is_public(one)]
    if not found or (inside and not allows_private):
        raise Refused(f"{host} leads inside ({', '.join(inside[:3])}); {setting} lets it")
    path = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
    return Target(parts.scheme, host, port, path, found[0])


def is_public(address: str) -> bool:
    """Tell whether an address is one of the public internet; what an IPv6 address carries inside counts as well.

    Examples
    --------
    >>> [is_public(one) for one in ("93.184.216.34", "127.0.0.1", "169.254.169.254", "::ffff:10.0.0.1", "2001:db8::1")]
    [True, False, False, False, False]
    """
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        carried = found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else None)
        if carried is not None:
            return is_public(str(carried))
        if found in _TRANSLATED:
            return is_public(str(ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)))
    return found.is_global and not (found.is_multicast or found.is_reserved or found.is_unspecified)


_TRANSLATED = ipaddress.IPv6Network("64:ff9b::/96")


def post(target: Target, secret: str, delivery_id: str, body: bytes, now: int) -> int:
    """Send a delivery; gives the status of the answer. Sent again it has the same id, so that it counts once.

    Parameters
    ----------
    secret : str
        As `StandardWebhooks.written` makes them.
    now : int
        Microseconds UTC.

    Raises
    ------
    TryAgain
        If nobody answers, or with 408, 409, 425, 429 or 5xx.
    Refused
        If the answer is any other but 2xx; a redirect is one.
    """
    timestamp = str(now // 1_000_000)
    headers = {
        "Content-Type": "application/json", "User-Agent": "crosslift", "webhook-id": delivery_id,
        "webhook-timestamp": timestamp, "webhook-signature": StandardWebhooks().sign(secret, delivery_id, timestamp, body),
    }  # fmt: skip
    connection = _connection(target)
    try:
        connection.request("POST", target.path, body, headers)
        answer = connection.getresponse()
        answer.read(MOST_READ)
        status = answer.status
    except (OSError, http.client.HTTPException) as error:
        raise TryAgain(f"{target.host} does not answer: {type(error).__name__}") from error
    finally:
        connection.close()
    if status >= 500 or status in (408, 409, 425, 429):
        raise TryAgain(f"{target.host} answers {status} now")
    if not 200 <= status < 300:
        raise Refused(f"{target.host} answers {status}; a webhook is answered 2xx, and led nowhere else")
    return status


def fetch(target: Target, method: str = "GET", body: bytes = b"", headers: Mapping[str, str] | None = None) -> bytes:
    """Ask for something small and give what is answered, whole.

    Raises
    ------
    TryAgain
        If nobody answers, or with 408, 429 or 5xx.
    Refused
        If the answer is any other but 200, a redirect among them, or longer than a megabyte.
    """
    connection = _connection(target)
    try:
        given = {"User-Agent": "crosslift", "Accept": "application/json", "Host": _named(target), **(headers or {})}
        connection.request(method, target.path, body or None, given)
        answer = connection.getresponse()
        found, status = answer.read(MOST_FETCHED + 1), answer.status
    except (OSError, http.client.HTTPException) as error:
        raise TryAgain(f"{target.host} does not answer: {type(error).__name__}") from error
    finally:
        connection.close()
    if status >= 500 or status in (408, 429):
        raise TryAgain(f"{target.host} answers {status} now")
    if status != 200 or len(found) > MOST_FETCHED:
        raise Refused(f"{target.host} answers {status}" if status != 200 else f"{target.host} answers with too much")
    return found


def _named(target: Target) -> str:
    """Name the host as it was written: the connection goes to an address."""
    host = f"[{target.host}]" if ":" in target.host else target.host
    return host if target.port == (443 if target.scheme == "https" else 80) else f"{host}:{target.port}"


def _connection(target: Target) -> http.client.HTTPConnection:
    if target.scheme == "https":
        return _Pinned(target)
    return http.client.HTTPConnection(target.address, target.port, timeout=WAIT_SECONDS)


class _Pinned(http.client.HTTPSConnection):
    """Connects to the address that was looked at; the certificate is that of the name."""

    def __init__(self, target: Target) -> None:
        super().__init__(target.host, target.port, timeout=WAIT_SECONDS)
        self._target, self._tls = target, ssl.create_default_context()

    def connect(self) -> None:
        """Open the connection."""
        raw = socket.create_connection((self._target.address, self._target.port), WAIT_SECONDS)
        self.sock = self._tls.wrap_socket(raw, server_hostname=self._target.host)
