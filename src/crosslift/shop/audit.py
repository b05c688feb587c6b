"""The audit as the shop keeps it: looked through, walked from end to end, handed out; its head noted outside the records."""

import hmac
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from hashlib import blake2b
from pathlib import Path
from typing import Any

import msgspec
import structlog

from crosslift.domain import audit
from crosslift.domain.audit import Entry, Head
from crosslift.errors import BadUsage
from crosslift.shop.customers import as_identity
from crosslift.store.ports import Records

log = structlog.get_logger()
HEADS = "audit.heads"
"""Beside the records: a line for each head that was noted, signed with the shop's key."""
MOST = 1000
_HASH = 64


class Audit:
    """Who did what in one shop.

    Parameters
    ----------
    records : Records
        Where the chain is.
    home : Path
        Of the shop; `audit.heads` is there.
    clock : callable
        Gives the present instant.
    key : bytes
        The shop's secret, which signs noted heads.
    """

    def __init__(self, records: Records, home: Path, clock: Callable[[], datetime], key: bytes) -> None:
        self._records = records
        self._file = home / HEADS
        self._clock = clock
        self._key = key

    def entries(
        self, before: int | None = None, limit: int = 100, action: str = "", customer: str | None = None
    ) -> list[dict[str, Any]]:
        """Give entries, newest first.

        Parameters
        ----------
        before : int, optional
            Only entries with a smaller number, to page on.
        limit : int
            At most so many, up to 1,000.
        action : str
            Only what begins so: `policy.` is all that was done with policies.
        customer : str, optional
            Only what is about this customer, under all their names; nobody who was erased is found.

        Returns
        -------
        list of dict
            seq, at (microseconds UTC), actor, action, object, subject (a keyed hash), details, hash.

        Raises
        ------
        BadUsage
            For a limit outside 1..1,000.
        """
        if not 1 <= limit <= MOST:
            raise BadUsage(f"limit = {limit}: ask for 1 to {MOST} entries and page on with `before`")
        if customer is None:
            return self._records.audit(before, limit, action)
        identity = as_identity(customer)
        people = {identity, *self._records.person(identity).identities}
        return self._records.audit(before, limit, action, sorted(people))

    def verify(self, noted: Sequence[str] = ()) -> dict[str, Any]:
        """Walk the whole chain and hold it against every head that was noted.

        Parameters
        ----------
        noted : sequence of str
            Further heads, as `verify` gave them at some time and somebody wrote down elsewhere: `12:ab34…`.

        Returns
        -------
        dict
            is_whole, entries, `head` to be written down elsewhere, `heads_noted` how many were compared, faults.

        Raises
        ------
        BadUsage
            For a head that cannot be read.
        """
        heads, altered = self._noted()
        wanted = [*heads, *(_head_of(one) for one in noted)]
        head = self._records.audit_head()
        found = audit.verify(self._records.audit_chain(), head, wanted)
        faults = [*found.faults, *altered]
        if not faults:
            self.note_head()
        return {
            "is_whole": not faults, "entries": found.n_entries, "head": str(head) if head else None,
            "heads_noted": len(wanted), "faults": faults,
        }  # fmt: skip

    def export(self) -> Iterator[bytes]:
        """Give every entry in order as JSON lines, each with what its hash was made of; that it was done is an entry too."""
        self._records.append_audit(Entry(self._now(), "audit.export", "audit"))
        for link in self._records.audit_chain():
            yield _encoder.encode(link) + b"\n"

    def note_head(self) -> None:
        """Write the head down outside the records, in `audit.heads` and the log: a tail cut off later is missed there."""
        head = self._records.audit_head()
        known, _ = self._noted()
        if head is None or (known and known[-1] == head):
            return
        said = f"{head} {self._now()}"
        with self._file.open("a", encoding="ascii") as file:
            file.write(f"{said} {self._sign(said)}\n")
        log.info("audit_head", seq=head.seq, hash=head.hash)

    def _noted(self) -> tuple[list[Head], list[str]]:
        if not self._file.exists():
            return [], []
        heads, faults = [], []
        for number, line in enumerate(self._file.read_text(encoding="ascii", errors="replace").splitlines(), 1):
            said, _, signature = line.rpartition(" ")
            if hmac.compare_digest(signature.encode(), self._sign(said).encode()):
                heads.append(_head_of(said.partition(" ")[0]))
            else:
                faults.append(f"line {number} of {HEADS} was altered, or cut off by a crash while it was written")
        return heads, faults

    def _sign(self, said: str) -> str:
        return blake2b(said.encode(), digest_size=16, key=self._key, person=b"audit head").hexdigest()

    def _now(self) -> int:
        return int(self._clock().timestamp() * 1_000_000)


def _head_of(text: str) -> Head:
    seq, _, own = text.partition(":")
    if not (seq.isascii() and seq.isdigit() and len(seq) < 16 and len(own) == _HASH):
        raise BadUsage(
            f"{text[:80]!r} is no head; it is a number, a colon and 64 hexadecimal digits, as verify gives it"
        )
    return Head(int(seq), own)


_encoder = msgspec.json.Encoder()
