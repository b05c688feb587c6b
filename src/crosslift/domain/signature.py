"""How senders of webhooks sign: an HMAC-SHA256 of the very bytes sent, under a secret that both sides keep."""

import base64
import binascii
import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from crosslift.errors import BadInput, Refused

REPLAY_SECONDS = 300
"""A delivery that says when it was signed counts this long, before and after; Standard Webhooks' own libraries do the same."""
_LEAST_CHARACTERS = 16
_LEAST_BYTES, _MOST_BYTES = 24, 64
_MOST_DIGITS = 12
_WRONG = (
    "the signature is not that of these bytes under a secret of this source; send the body exactly as it was signed"
)


class Scheme(Protocol):
    """One way of signing."""

    @property
    def headers(self) -> tuple[str, ...]:
        """The headers a delivery needs, in small letters."""

    def written(self, chance: bytes) -> str:
        """Write random bytes as a secret the sender takes."""

    def check_secret(self, secret: str) -> None:
        """Raise BadInput for a secret nobody should rely on, or that this scheme cannot read."""

    def verify(self, secrets: Iterable[str], headers: Mapping[str, str], body: bytes, now: int) -> None:
        """Raise Refused unless one of the secrets signed this body, recently enough where the scheme says when.

        Parameters
        ----------
        headers : mapping of str to str
            At least those of `headers`; names in small letters.
        body : bytes
            As it came, before anything was read from it.
        now : int
            Microseconds UTC.
        """


@dataclass(frozen=True, slots=True)
class BodySignature:
    """The body alone is signed, and its digest stands in one header; a replay is told by the ids inside.

    Examples
    --------
    >>> scheme = BodySignature("x-signature", prefix="sha256=", is_hex=True)
    >>> scheme.sign("a secret of its own", b"{}")[:15]
    'sha256=8fdbf1b2'
    """

    header: str
    prefix: str = ""
    is_hex: bool = False

    @property
    def headers(self) -> tuple[str, ...]:
        """The one header."""
        return (self.header,)

    def written(self, chance: bytes) -> str:
        """Write random bytes as letters and digits."""
        return chance.hex()

    def check_secret(self, secret: str) -> None:
        """Refuse what is short enough to be guessed."""
        if len(secret) < _LEAST_CHARACTERS:
            raise BadInput(f"a secret of {len(secret)} characters can be guessed; use {_LEAST_CHARACTERS} or more")

    def sign(self, secret: str, body: bytes) -> str:
        """Write the header's value as the sender does."""
        digest = hmac.digest(secret.encode(), body, "sha256")
        return self.prefix + (digest.hex() if self.is_hex else base64.b64encode(digest).decode())

    def verify(self, secrets: Iterable[str], headers: Mapping[str, str], body: bytes, now: int) -> None:
        """Compare with what each secret would have written."""
        if not _is_any((self.sign(secret, body) for secret in secrets), [headers[self.header]]):
            raise Refused(_WRONG)


@dataclass(frozen=True, slots=True)
class StandardWebhooks:
    """Id, time and body are signed, as standardwebhooks.com has it (version 1, symmetric).

    Examples
    --------
    >>> StandardWebhooks().sign("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "m1", "1614265330", b"{}")[:11]
    'v1,8YxLThjC'
    """

    prefix: str = "whsec_"

    @property
    def headers(self) -> tuple[str, ...]:
        """Id, time in whole seconds, and signatures parted by spaces."""
        return "webhook-id", "webhook-timestamp", "webhook-signature"

    def written(self, chance: bytes) -> str:
        """Write random bytes as the standard serializes them."""
        return self.prefix + base64.b64encode(chance).decode()

    def check_secret(self, secret: str) -> None:
        """Refuse what is no base64 of 24 to 64 bytes."""
        if not _LEAST_BYTES <= len(self._key(secret)) <= _MOST_BYTES:
            raise BadInput(f"a secret of Standard Webhooks holds {_LEAST_BYTES} to {_MOST_BYTES} bytes in base64")

    def sign(self, secret: str, delivery_id: str, timestamp: str, body: bytes) -> str:
        """Write one signature as the sender does."""
        signed = b".".join((delivery_id.encode(), timestamp.encode(), body))
        return "v1," + base64.b64encode(hmac.digest(self._key(secret), signed, "sha256")).decode()

    def verify(self, secrets: Iterable[str], headers: Mapping[str, str], body: bytes, now: int) -> None:
        """Compare each signature given with each secret's, then the time with the present."""
        delivery_id, timestamp, given = (headers[name] for name in self.headers)
        if not _is_any((self.sign(secret, delivery_id, timestamp, body) for secret in secrets), given.split()):
            raise Refused(_WRONG)
        is_number = timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= _MOST_DIGITS
        if not is_number:
            raise Refused(
                "the delivery was signed at no time that can be read; webhook-timestamp is seconds since 1970"
            )
        age = now // 1_000_000 - int(timestamp)
        if abs(age) > REPLAY_SECONDS:
            when = f"{age} seconds ago" if age > 0 else f"{-age} seconds ahead"
            raise Refused(
                f"the delivery was signed {when}, and {REPLAY_SECONDS} is the most; sign it anew to send it again"
            )

    def _key(self, secret: str) -> bytes:
        try:
            return base64.b64decode(secret.removeprefix(self.prefix), validate=True)
        except (binascii.Error, ValueError) as error:
            raise BadInput(f"a secret of Standard Webhooks is base64, with or without {self.prefix}") from error


def _is_any(expected: Iterable[str], given: Iterable[str]) -> bool:
    """Compare every signature with every other in constant time."""
    offered = [one.encode() for one in given]
    return any(hmac.compare_digest(one.encode(), other) for one in expected for other in offered)
