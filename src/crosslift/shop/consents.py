"""What people allowed, as an append-only ledger: asked, confirmed, withdrawn, due for renewal. Missing means no."""

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import blake2b
from hmac import compare_digest
from typing import Any

import msgspec

from crosslift.collect import from_json
from crosslift.domain.consent import RENEWALS, renewal_of
from crosslift.domain.customer import ConsentStatus, Purpose
from crosslift.errors import NotFound, Refused
from crosslift.settings import Settings
from crosslift.shop.customers import as_identity
from crosslift.store.ports import Records

CONFIRM_WITHIN = timedelta(days=7)
_DAY = 86_400_000_000
_STAMP = 16


class Consents:
    """The ledger of one shop.

    Parameters
    ----------
    records : Records
        Where the ledger is.
    settings : Settings
        How cells are read.
    clock : callable
        Gives the present instant.
    key : bytes
        The shop's secret, which signs what a customer confirms with.
    """

    def __init__(self, records: Records, settings: Settings, clock: Callable[[], datetime], key: bytes) -> None:
        self._records = records
        self._settings = settings
        self._clock = clock
        self._key = key

    def record(self, entries: Sequence[Mapping[str, Any]]) -> dict[str, int]:
        """Append entries as a consents file has them; each holds on the very next decision, in every process.

        Raises
        ------
        BadInput
            Naming the entry and the field; nothing is kept then.
        """
        tables, _ = from_json.fact_rows("consents", entries, self._settings)
        outcome = self._records.put_rows(*tables[0], self._now())
        return {"new": outcome.n_new, "same": outcome.n_same}

    def ask(self, customer: str, purpose: str, channel: str, source: str, wording: str) -> str:
        """Begin a double opt-in: a pending entry that counts for nothing until the token is confirmed.

        Returns
        -------
        str
            The token for the link in the message that asks; it holds for seven days, once.
        """
        at = self._clock()
        entry = {
            "customer_id": customer, "purpose": purpose, "channel": channel, "status": ConsentStatus.PENDING.value,
            "source": source, "wording": wording, "at": at.isoformat(),
        }  # fmt: skip
        self.record([entry])
        body = msgspec.msgpack.encode([customer, purpose, channel, source, wording, int(at.timestamp() * 1_000_000)])
        return base64.urlsafe_b64encode(self._stamp(body) + body).decode().rstrip("=")

    def confirm(self, token: str) -> dict[str, Any]:
        """Take the second yes of a double opt-in; confirming once more changes nothing.

        Raises
        ------
        Refused
            If the token is not ours, was tampered with, has expired, or the person has said no since.
        """
        customer, purpose, channel, source, wording, asked_at = self._read(token)
        now = self._now()
        if now - asked_at > CONFIRM_WITHIN // timedelta(microseconds=1):
            raise Refused("this confirmation has expired; ask again, the link in the new message will work")
        ledger = self._ledger(customer, purpose, channel)
        proof = f"double opt-in asked at {asked_at}"
        if not any(row["status"] == ConsentStatus.PENDING and row["at"] == asked_at for row in ledger):
            raise Refused("this confirmation answers no question of ours; ask again")
        said_no = (ConsentStatus.WITHDRAWN, ConsentStatus.DENIED)
        if any(row["status"] in said_no and row["at"] >= asked_at for row in ledger):
            raise Refused("the person has said no since this was asked; a no stays a no until they say yes anew")
        if not any(row.get("proof") == proof for row in ledger):
            moment = self._clock().isoformat()
            self.record([{
                "customer_id": customer, "purpose": purpose, "channel": channel, "status": ConsentStatus.GRANTED.value,
                "source": source, "wording": wording, "proof": proof, "at": moment,
            }])  # fmt: skip
        return {"customer_id": customer, "purpose": purpose, "channel": channel, "status": ConsentStatus.GRANTED.value}

    def withdraw(self, customer: str, purpose: str, channel: str = "*", source: str = "api") -> None:
        """Take a yes back, for one channel or all; effective on the very next decision."""
        self.record([{
            "customer_id": customer, "purpose": purpose, "channel": channel, "status": ConsentStatus.WITHDRAWN.value,
            "source": source, "at": self._clock().isoformat(),
        }])  # fmt: skip

    def of(self, customer: str) -> dict[str, Any]:
        """Give what counts now for a person, by purpose and channel, and the ledger it follows from, newest first.

        Raises
        ------
        NotFound
            If nobody is known under that id.
        """
        person = self._records.person(as_identity(customer), self._now())
        ledger = self._records.about(person.identities).get("consents", [])
        if not person.is_known and not ledger:
            raise NotFound(f"nobody is known as {as_identity(customer)}")
        state = [
            {"purpose": purpose, "channel": channel, "is_granted": granted}
            for (purpose, channel), granted in sorted(person.consents.items())
        ]
        return {"person_id": person.person_id, "consents": state, "ledger": ledger}

    def renewals(self, within_days: int = 60) -> list[dict[str, Any]]:
        """List marketing consents that must be confirmed again soon or are overdue, the earliest first.

        Markets with such a rule are in `domain/consent.py`; a person without a market has none.
        """
        wanted = ("customer_id", "purpose", "channel", "status", "at")
        rows = self._records.table("consents", wanted, "purpose = ?", (Purpose.MARKETING.value,)).to_pylist()
        markets = dict(
            zip(*self._records.table("customers", ("customer_id", "market")).to_pydict().values(), strict=True)
        )
        newest: dict[tuple[str, str], dict[str, Any]] = {}
        for row in sorted(rows, key=lambda row: row["at"]):
            if row["status"] == ConsentStatus.PENDING:
                continue
            if row["channel"] == "*":  # speaks for every channel again
                newest = {key: kept for key, kept in newest.items() if key[0] != row["customer_id"]}
            newest[(row["customer_id"], row["channel"])] = row
        horizon = self._now() + within_days * _DAY
        dues = []
        for (customer, channel), row in newest.items():
            market = markets.get(customer)
            due_at = renewal_of(market, row["at"]) if row["status"] == ConsentStatus.GRANTED else None
            if due_at is not None and due_at <= horizon:
                dues.append({
                    "customer_id": customer, "channel": channel, "market": market, "granted_at": row["at"],
                    "due_at": due_at, "is_overdue": due_at <= self._now(), "law": RENEWALS[str(market).upper()].law,
                })  # fmt: skip
        return sorted(dues, key=lambda due: (due["due_at"], due["customer_id"], due["channel"]))

    def _ledger(self, customer: str, purpose: str, channel: str) -> list[dict[str, Any]]:
        columns = ("status", "at", "proof", "channel")
        where = "customer_id = ? and purpose = ? and channel in (?, '*')"
        rows: list[dict[str, Any]] = self._records.table(
            "consents", columns, where, (customer, purpose, channel)
        ).to_pylist()
        return rows

    def _read(self, token: str) -> tuple[str, str, str, str, str, int]:
        try:
            raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        except (binascii.Error, ValueError):
            raise Refused("this is no confirmation of ours; follow the link as it came") from None
        stamp, body = raw[:_STAMP], raw[_STAMP:]
        if not compare_digest(stamp, self._stamp(body)):
            raise Refused("this confirmation was altered or is of another shop; follow the link as it came")
        return msgspec.msgpack.decode(body, type=tuple[str, str, str, str, str, int])

    def _stamp(self, body: bytes) -> bytes:
        return blake2b(body, digest_size=_STAMP, key=self._key, person=b"double opt-in").digest()

    def _now(self) -> int:
        return int(self._clock().timestamp() * 1_000_000)
