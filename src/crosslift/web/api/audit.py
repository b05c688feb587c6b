"""`/v1/audit`: who did what, looked through, verified, handed out."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from crosslift.web.api.operation import SECRET, Operation, Parameter
from crosslift.web.served import ServedShop

PAGE = 100
MOST_HEADS = 20


class AuditEntry(msgspec.Struct):
    """One thing somebody did; `subject` is a keyed hash of the customer it is about, `hash` that of the chain up to here."""

    seq: int
    at: str
    actor: str
    action: str
    object: str
    subject: str | None
    details: dict[str, Any]
    hash: str


class AuditPage(msgspec.Struct):
    """Entries, newest first; `next` goes into `before` for the older ones."""

    entries: list[AuditEntry]
    next: int | None


class AuditVerdict(msgspec.Struct):
    """Whether the chain is whole. Write `head` down elsewhere: sent as `head` later it shows a chain made anew."""

    is_whole: bool
    entries: int
    head: str | None
    heads_noted: int
    faults: list[str]


async def get(served: ServedShop, before: int | None, limit: int, action: str, customer: str | None) -> AuditPage:
    """Give a page of entries."""
    rows = await served.in_thread(lambda: served.shop.audit.entries(before, limit, action, customer))
    entries = [msgspec.convert({**row, "at": _instant(row["at"])}, AuditEntry) for row in rows]
    return AuditPage(entries, entries[-1].seq if len(entries) == limit else None)


async def verify(served: ServedShop, heads: Sequence[str]) -> AuditVerdict:
    """Walk the whole chain."""
    return msgspec.convert(await served.in_thread(lambda: served.shop.audit.verify(heads)), AuditVerdict)


def export(served: ServedShop) -> Iterator[bytes]:
    """Give every entry in order, as JSON lines."""
    return served.shop.audit.export()


def _instant(micros: int) -> str:
    return datetime.fromtimestamp(micros / 1e6, UTC).isoformat()


GET = Operation(
    name="get_audit",
    method="GET",
    path="/v1/audit",
    summary="See who did what",
    about=(
        "Every change of intent, consent, keys, users and people's data, newest first, written in the same transaction as "
        "what it tells of. Nobody is named: `customer` finds what is about one person as long as they are not erased."
    ),
    group="operate",
    keys=(SECRET,),
    parameters=(
        Parameter("before", "query", "Only entries with a smaller number.", {"type": "integer", "minimum": 1}),
        Parameter("limit", "query", "At most so many.", {"type": "integer", "minimum": 1, "maximum": 1000, "default": PAGE}),
        Parameter("action", "query", "Only what begins so, such as `policy.`."),
        Parameter("customer", "query", "Only what is about this customer."),
    ),
    answer=AuditPage,
    answer_example={
        "entries": [
            {
                "seq": 12, "at": "2026-03-05T12:00:00+00:00", "actor": "user:4f1c0c9ad6f04c2f", "action": "policy.publish",
                "object": "helpful", "subject": None, "details": {"author": "mina", "reason": "spring", "version": 1001},
                "hash": "0ac0bf28" * 8,
            }
        ],
        "next": None,
    },
    problems=(401, 403, 422),
)  # fmt: skip
VERIFY = Operation(
    name="verify_audit",
    method="GET",
    path="/v1/audit/verify",
    summary="Verify the audit",
    about=(
        "Walks the chain from its first entry: an edited entry does not fit its hash, a deleted or moved one leaves a gap, "
        "a tail that was cut off is missed by the head kept beside the chain, by those noted in `audit.heads` and the log, "
        "and by those you send."
    ),
    group="operate",
    keys=(SECRET,),
    parameters=(
        Parameter("head", "query", "A head written down earlier; may be repeated.", {
            "type": "array", "items": {"type": "string"}, "maxItems": MOST_HEADS,
        }),
    ),
    answer=AuditVerdict,
    answer_example={
        "is_whole": True, "entries": 12, "head": "12:" + "0ac0bf28" * 8, "heads_noted": 3, "faults": [],
    },
    problems=(400, 401, 403, 422),
)  # fmt: skip
EXPORT = Operation(
    name="export_audit",
    method="GET",
    path="/v1/audit/export",
    summary="Hand the audit out",
    about=(
        "All of it as JSON lines, oldest first, each with what its hash was made of: SHA-256 of the JSON list of the hash "
        "before it, seq, at (microseconds), actor, action, object, subject and details (a text), without spaces."
    ),
    group="operate",
    keys=(SECRET,),
    answer={"type": "string", "description": "JSON lines."},
    media_type="application/x-ndjson",
    problems=(401, 403),
)
OPERATIONS = (GET, VERIFY, EXPORT)
