"""Erase one person from SQLite: what is about the person goes, what totals need stays without a name (DESIGN 2b.12)."""

import sqlite3
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import blake2b

import msgspec

from crosslift.domain.identity import IdentityKind, customer_of
from crosslift.store import sqlite_imports
from crosslift.store.sqlite_people import marks

REMOVED = (
    ("customers", "customer_id"), ("consents", "customer_id"), ("usage", "customer_id"), ("activities", "customer_id"),
    ("cases", "customer_id"), ("feedback", "customer_id"), ("account_members", "customer_id"),
)  # fmt: skip
"""Rows about nobody else: they go, every version of them."""

UNNAMED = (
    ("orders", "customer_id", None), ("order_lines", "customer_id", "attributes"),
    ("subscriptions", "customer_id", "attributes"),
)  # fmt: skip
"""Rows that books and baskets need: they stay as somebody's, their free columns go."""

ENTOMBED = (
    ("payments_failed", "customer_id", "attributes"), ("assignments", "unit_id", "attributes"),
    ("logged_choices", "unit_id", "context"),
)  # fmt: skip
"""Rows whose totals need a unit: a random tombstone stands for the person."""

BY_IDENTITY = (
    ("events", "identity"), ("refill_dues", "identity"), ("person_states", "identity"), ("mapping_changes", "identity"),
    ("mapping_changes", "from_person"), ("mapping_changes", "to_person"), ("identity_evidence", "first"),
    ("identity_evidence", "second"), ("identity_splits", "first"), ("identity_splits", "second"),
    ("identities", "identity"), ("identities", "person_id"), ("profiles", "person_id"), ("segment_members", "person_id"),
)  # fmt: skip
"""Rows keyed by an identity: they go."""


@dataclass(frozen=True, slots=True)
class Erased:
    """What was removed by table, and the texts by which the person could be recognized."""

    counts: dict[str, int]
    traces: tuple[str, ...]


def erase(c: sqlite3.Connection, identities: Sequence[str], tombstone: str, now: int) -> Erased:
    """Remove a person in the transaction this is called in.

    Parameters
    ----------
    identities : sequence of str
        All identities of the person.
    tombstone : str
        Random; decisions, failed payments and trials keep it in the person's place.
    """
    customers = [customer for name in identities if (customer := customer_of(name)) is not None]
    traces = _traces(c, identities, customers)
    counts = forget(c, customers, tombstone)
    for table, column in BY_IDENTITY:
        rows = c.execute(f"delete from {table} where {column} in ({marks(identities)})", tuple(identities))
        counts[table] = counts.get(table, 0) + rows.rowcount
    counts["decision_inputs"] = _forget_inputs(c, identities, customers)
    counts["decisions"] = c.execute(
        f"update decisions set identity = ?, consent_id = 0 where identity in ({marks(identities)})",
        (tombstone, *identities),
    ).rowcount
    counts["imports"] = _forget_samples(c, traces)
    key = _key(c)
    c.executemany(
        "insert or ignore into erased (digest, at) values (?, ?)", [(digest(key, name), now) for name in identities]
    )
    return Erased({table: n for table, n in counts.items() if n}, traces)


def forget(c: sqlite3.Connection, customers: Sequence[str], tombstone: str) -> dict[str, int]:
    """Remove customers from the rows imports bring, and mark the days whose columnar copy names them."""
    counts: dict[str, int] = {}
    if not customers:
        return counts
    chosen = f"({marks(customers)})"
    for table, day in sqlite_imports.DAYS.items():
        if table != "returns":
            days = c.execute(f"select distinct {day} from {table} where customer_id in {chosen}", tuple(customers))
            sqlite_imports.mark_days(c, table, [row[0] for row in days])
    for table, column in REMOVED:
        counts[table] = c.execute(f"delete from {table} where {column} in {chosen}", tuple(customers)).rowcount
    for table, column, free in UNNAMED:
        also = f", {free} = null" if free else ""
        counts[table] = c.execute(
            f"update {table} set {column} = null{also} where {column} in {chosen}", tuple(customers)
        ).rowcount
    for table, column, free in ENTOMBED:
        counts[table] = c.execute(
            f"update {table} set {column} = ?, {free} = null where {column} in {chosen}", (tombstone, *customers)
        ).rowcount
    return counts


def forget_again(c: sqlite3.Connection, import_id: int) -> int:
    """Leave out of an import, before it counts, whoever was erased; returns how many customers that were."""
    if c.execute("select 1 from erased limit 1").fetchone() is None:
        return 0
    named: set[str] = set()
    for table, column, *_ in (*REMOVED, *UNNAMED, ENTOMBED[0]):
        rows = c.execute(
            f"select distinct {column} from {table} where import_id = ? and {column} is not null", (import_id,)
        )
        named.update(row[0] for row in rows)
    back = sorted(erased_among(c, named))
    forget(c, back, "erased")
    identities = [f"{IdentityKind.CUSTOMER}:{customer}" for customer in back]
    for column in ("first", "second"):
        c.execute(f"delete from identity_evidence where {column} in ({marks(identities)})", identities)
    return len(back)


def erased_among(c: sqlite3.Connection, customers: Iterable[str]) -> set[str]:
    """Tell which customer ids were erased."""
    key = _key(c)
    digests = {digest(key, f"{IdentityKind.CUSTOMER}:{customer}"): customer for customer in customers}
    return {digests[found] for found in _listed(c, list(digests))}


def was_erased(c: sqlite3.Connection, identities: Iterable[str]) -> set[str]:
    """Tell which identities were erased; nearly always none, and then nothing is hashed."""
    if c.execute("select 1 from erased limit 1").fetchone() is None:
        return set()
    key = _key(c)
    digests = {digest(key, name): name for name in identities}
    return {digests[found] for found in _listed(c, list(digests))}


def digest(key: bytes, identity: str) -> bytes:
    """Hash an identity with the shop's key: recognized when it comes again, and otherwise nobody."""
    return blake2b(identity.encode(), digest_size=16, key=key).digest()


def _listed(c: sqlite3.Connection, digests: list[bytes]) -> list[bytes]:
    found: list[bytes] = []
    for start in range(0, len(digests), 500):
        chunk = digests[start : start + 500]
        found += [row[0] for row in c.execute(f"select digest from erased where digest in ({marks(chunk)})", chunk)]
    return found


def _key(c: sqlite3.Connection) -> bytes:
    row = c.execute("select value from shop_meta where key = 'secret'").fetchone()
    return bytes.fromhex(row[0]) if row else b""


def _traces(c: sqlite3.Connection, identities: Sequence[str], customers: Sequence[str]) -> tuple[str, ...]:
    """Give every text by which the person is known: identifiers and, as they were typed, addresses and numbers."""
    traces = {name.partition(":")[2] for name in identities}
    for row in c.execute(
        f"select email, phone from customers where customer_id in ({marks(customers)})", tuple(customers)
    ):
        traces.update(value for value in row if value)
    return tuple(sorted(traces))


def _forget_inputs(c: sqlite3.Connection, identities: Sequence[str], customers: Sequence[str]) -> int:
    """Delete inputs of decisions that name the person, also where the decision was made without using who it was."""
    named = [msgspec.msgpack.encode(name) for name in (*identities, *customers)]
    rows = c.execute("select decision_id, body from decision_inputs")
    found = [(decision,) for decision, body in rows if any(name in zlib.decompress(body) for name in named)]
    c.executemany("delete from decision_inputs where decision_id = ?", found)
    return len(found)


def _forget_samples(c: sqlite3.Connection, traces: Sequence[str]) -> int:
    """Take the sample values out of reports of imports that show the person."""
    n = 0
    for import_id, report in c.execute("select id, report from imports where report is not null").fetchall():
        if not any(_as_json(trace) in report for trace in traces):
            continue
        c.execute("update imports set report = ? where id = ?", (without_samples(report), import_id))
        n += 1
    return n


def without_samples(report: str) -> str:
    """Take the values of rows out of the report of an import: figures and findings stay."""
    told = msgspec.json.decode(report)
    told["preview"] = []
    for finding in told.get("findings", ()):
        finding["samples"] = []
    return msgspec.json.encode(told, order="sorted").decode()


def _as_json(text: str) -> str:
    return msgspec.json.encode(text).decode()[1:-1]
