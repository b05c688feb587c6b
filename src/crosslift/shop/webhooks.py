"""Who may post to the shop by a signature instead of a key: sources with their secrets, kept like the shop's own."""

import re
import secrets
from collections.abc import Callable, Collection, Mapping
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from crosslift.collect.answers.known import SENDERS
from crosslift.collect.answers.survey import NPS
from crosslift.collect.deliveries.known import PLATFORMS
from crosslift.domain.audit import Entry
from crosslift.domain.signature import Scheme
from crosslift.errors import BadInput, BadUsage, Conflict, NotFound, Refused
from crosslift.store.ports import Records

WEBHOOKS = "webhooks"
"""The shop-wide value that holds them."""
SECRET_BYTES = 32
SCHEMES: Mapping[str, Scheme] = {
    **{name: one.scheme for name, one in SENDERS.items()},
    **{name: one.scheme for name, one in PLATFORMS.items()},
}
"""How each sender we know signs."""
_SOURCE = re.compile(r"[a-z0-9][a-z0-9._-]{0,59}")
_SCALE = re.compile(r"[1-9][0-9]{0,3}")


class Webhook(msgspec.Struct, frozen=True):
    """One secret of a source; never shown with it."""

    webhook_id: str
    source: str
    sender: str
    secret: str
    created_at: int
    scales: dict[str, str] = {}
    revoked_at: int | None = None

    def __repr__(self) -> str:
        """Leave the secret out: what is logged or shown in an error holds none."""
        return f"Webhook({self.webhook_id}, {self.source}, {self.sender})"

    @property
    def address(self) -> str:
        """Where its sender posts to."""
        return f"/v1/{'voice' if self.sender in SENDERS else 'webhooks'}/{self.source}"

    @property
    def scheme(self) -> Scheme:
        """How its sender signs."""
        return SCHEMES[self.sender]


class Webhooks:
    """The sources of one shop.

    Parameters
    ----------
    records : Records
        Where they are kept, secrets included: a signature can only be checked with the secret itself.
    home : Path
        The shop's folder; two processes do not write the list at once.
    clock : callable
        Gives the present instant.
    """

    def __init__(self, records: Records, home: Path, clock: Callable[[], datetime]) -> None:
        self._records = records
        self._home = home
        self._clock = clock

    def create(
        self, source: str, sender: str = "standard", secret: str | None = None, scales: Mapping[str, str] | None = None
    ) -> Webhook:
        """Expect deliveries at the address of the source; once more for the same source adds a secret, so that it can be changed.

        Parameters
        ----------
        source : str
            The merchant's name for it, part of the address.
        sender : str
            Which service it is, of `SENDERS` or `PLATFORMS`.
        secret : str, optional
            As the sender gave it; a new one is made without.
        scales : mapping of str to str, optional
            What questions ask for where the sender does not say: `nps` or the highest rating, by the question's name or
            kind; those of the source's last secret without.

        Returns
        -------
        Webhook
            With the secret, to be handed to the sender.

        Raises
        ------
        BadUsage
            For an unknown sender, or a name that cannot stand in an address.
        BadInput
            For a secret or a scale that cannot be used.
        Conflict
            If the source is another sender's.
        """
        if sender not in SCHEMES:
            raise BadUsage(f"{sender!r} is no sender we know; choose {', '.join(SCHEMES)}")
        if not _SOURCE.fullmatch(source):
            raise BadUsage(f"{source!r} cannot stand in an address; use up to 60 small letters, digits, dots, _ and -")
        scheme = SCHEMES[sender]
        written = scheme.written(secrets.token_bytes(SECRET_BYTES)) if secret is None else secret.strip()
        scheme.check_secret(written)
        for name, scale in (scales or {}).items():
            if scale != NPS and not _SCALE.fullmatch(scale):
                raise BadInput(
                    f"{scale!r} is no scale of {name!r}; give nps, or the highest rating there is, such as 5"
                )
        with self._alone():
            before = self._of(source)
            if before and before[-1].sender != sender:
                raise Conflict(
                    f"{source!r} takes {before[-1].sender}; choose another name, or revoke its secrets first"
                )
            kept = dict(before[-1].scales if scales is None and before else scales or {})
            made = Webhook(secrets.token_hex(8), source, sender, written, self._now(), kept)
            told = {"sender": sender, "webhook": made.webhook_id}
            self._save([*self._all(), made], Entry(made.created_at, "webhook.create", f"source {source}", told))
        return made

    def known(self) -> list[dict[str, Any]]:
        """List every secret by its id, revoked ones included, without the secrets themselves."""
        return [
            {name: value for name, value in msgspec.structs.asdict(one).items() if name != "secret"}
            for one in self._all()
        ]

    def revoke(self, webhook_id: str) -> None:
        """Revoke a secret: it stops working with the next delivery and is forgotten.

        Raises
        ------
        NotFound
            If there is none of that id.
        """
        with self._alone():
            there = self._all()
            if webhook_id not in {one.webhook_id for one in there}:
                raise NotFound(f"no key or webhook {webhook_id}; `crosslift keys list` shows them")
            now = self._now()
            kept = [
                msgspec.structs.replace(one, secret="", revoked_at=now) if one.webhook_id == webhook_id else one for one in there
            ]  # fmt: skip
            self._save(kept, Entry(now, "webhook.revoke", f"webhook {webhook_id}"))

    def headers_of(self, source: str, among: Collection[str] = SENDERS) -> tuple[str, ...]:
        """Name the headers a delivery of a source needs, in small letters, where its sender is among some.

        Raises
        ------
        Refused
            If nobody expects that source.
        """
        newest = self._expected(source)[-1]
        if newest.sender not in among:
            raise Refused(f"source {source[:60]!r} has another address: {newest.address}")
        return newest.scheme.headers

    def verify(self, source: str, headers: Mapping[str, str], body: bytes) -> Webhook:
        """Check a delivery against the secrets of its source; gives the newest, which says how to read it.

        Parameters
        ----------
        headers : mapping of str to str
            Those that `headers_of` names.

        Raises
        ------
        Refused
            If none of them signed these bytes, or too long ago.
        """
        expected = self._expected(source)
        expected[-1].scheme.verify([one.secret for one in expected], headers, body, self._now())
        return expected[-1]

    def _expected(self, source: str) -> list[Webhook]:
        found = self._of(source)
        if not found:
            raise Refused(
                f"no source {source[:60]!r} is expected; `crosslift keys webhook` makes one, `keys list` shows them"
            )
        return found

    def _of(self, source: str) -> list[Webhook]:
        return [one for one in self._all() if one.source == source and one.revoked_at is None]

    def _all(self) -> list[Webhook]:
        return _decoder.decode(self._records.meta(WEBHOOKS) or "[]")

    def _save(self, webhooks: list[Webhook], entry: Entry) -> None:
        self._records.set_meta(WEBHOOKS, msgspec.json.encode(webhooks).decode(), entry)

    def _alone(self) -> AbstractContextManager[None]:
        return self._records.alone("keys", f"somebody else changes the webhooks of {self._home}; try again")

    def _now(self) -> int:
        return int(self._clock().timestamp() * 1_000_000)


_decoder = msgspec.json.Decoder(list[Webhook])
