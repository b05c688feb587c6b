"""Erase people: what is about them goes, what totals need stays without a name (DESIGN 2b.12)."""

import secrets
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b

import msgspec

from crosslift.domain.identity import AGENT, agent_of, customer_of
from crosslift.store import sql_decided, sql_imports
from crosslift.store.engine import Connection
from crosslift.store.erase import TOMBSTONE
from crosslift.store.sql_idle import newest
from crosslift.store.sql_people import marks

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
    ("payments_failed", "customer_id", ("attributes",)), ("confirmations", "customer_id", ("content", "proof", "attributes")),
    ("assignments", "unit_id", ("attributes",)), ("logged_choices", "unit_id", ("context",)),
)  # fmt: skip
"""Rows whose totals need a unit: a random tombstone stands for the person."""

BY_IDENTITY = (
    ("events", "identity"), ("refill_dues", "identity"), ("person_states", "identity"), ("mapping_changes", "identity"),
    ("mapping_changes", "from_person"), ("mapping_changes", "to_person"), ("identity_evidence", "first"),
    ("identity_evidence", "second"), ("identity_splits", "first"), ("identity_splits", "second"),
    ("identities", "identity"), ("identities", "person_id"), ("profiles", "person_id"), ("segment_members", "person_id"),
    ("decision_people", "identity"), ("audit_people", "identity"), ("contacts", "identity"),
    ("reactions", "identity"), ("pressure_versions", "identity"),
)  # fmt: skip
"""Rows keyed by an identity: they go."""

AT_ONCE = 500
"""Identities named in one statement."""
FEW = 32
"""So many names are looked for one after the other; from more on, what is searched is taken apart once."""


@dataclass(frozen=True, slots=True)
class Erased:
    """What was removed by table, and the texts by which the people could be recognized."""

    counts: dict[str, int]
    traces: tuple[str, ...]


def erase(c: Connection, people: Mapping[str, Sequence[str]], now: int, *, is_idle: bool = False) -> Erased:
    """Remove people in the transaction this is called in.

    Parameters
    ----------
    people : mapping of str to sequence of str
        All identities of each person by a random text: decisions, failed payments and trials keep it in the person's place.
    is_idle : bool
        Whether only silence is the reason: an identity of which something newer is told is let in again.
    """
    identities = [name for names in people.values() for name in names]
    customers = _customers(identities)
    traces = _traces(c, identities, customers)
    counts: Counter[str] = Counter()
    for tombstone, names in people.items():
        counts.update(forget(c, _customers(names), tombstone))
        counts["promises"] += _forget_reasons(c, names)
        for table in (
            "coupons",
            "coupon_uses",
        ):  # what was given away stands; an open code is nobody's and holds nothing
            freed = ", reserved_micros = 0" if table == "coupons" else ""
            counts[table] += c.execute(
                f"update {table} set identity = ?{freed} where identity in ({marks(names)})", (tombstone, *names)
            ).rowcount
        counts["experiment_arms"] += _entomb_arms(c, tombstone, names)
        sql_imports.mark_days(c, sql_decided.LOG, sql_decided.days_of(c, names))
        counts["decisions"] += c.execute(
            f"update decisions set identity = ?, consent_id = 0 where identity in ({marks(names)})", (tombstone, *names)
        ).rowcount
    for table, column in BY_IDENTITY:
        rows = c.execute(f"delete from {table} where {column} in ({marks(identities)})", identities)
        counts[table] += rows.rowcount
    counts.update(forget_agents(c, _agents(identities)))
    counts["decision_inputs"] = _forget_inputs(c, {*identities, *(name.partition(":")[2] for name in identities)})
    counts["imports"] = _forget_samples(c, traces)
    c.execute(
        "insert into shop_meta (key, value) values ('secret', ?) on conflict do nothing", (secrets.token_hex(32),)
    )
    key = _key(c)  # made now at the latest: digests of another key would never be met again
    c.executemany(
        "insert into erased (digest, at, is_idle) values (?, ?, ?) on conflict (digest) do update set "
        "at = excluded.at, is_idle = min(erased.is_idle, excluded.is_idle)",
        [(digest(key, name), now, is_idle) for name in identities],
    )
    return Erased({table: n for table, n in counts.items() if n}, traces)


def _forget_reasons(c: Connection, names: Sequence[str]) -> int:
    """Leave what was promised as it stands; why it was offered spoke of the person."""
    told = c.execute(
        "select code, reason from promises where decision_id in "
        f"(select decision_id from decisions where identity in ({marks(names)}))",
        tuple(names),
    ).fetchall()
    bare = [(msgspec.json.encode({"code": msgspec.json.decode(why).get("code")}).decode(), code) for code, why in told]
    c.executemany("update promises set reason = ? where code = ?", bare)
    return len(bare)


def _entomb_arms(c: Connection, tombstone: str, names: Sequence[str]) -> int:
    """Keep the person's first arm of each experiment under the tombstone, so that totals stand; further ones go."""
    chosen = f"({marks(names)})"
    n_kept = c.execute(
        "update experiment_arms set unit = ? where (experiment_id, unit) in (select experiment_id, unit from "
        "(select experiment_id, unit, row_number() over (partition by experiment_id order by at, unit) as place "
        f"from experiment_arms where unit in {chosen}) named where place = 1)",
        (tombstone, *names),
    ).rowcount
    return n_kept + c.execute(f"delete from experiment_arms where unit in {chosen}", tuple(names)).rowcount


def _customers(identities: Sequence[str]) -> list[str]:
    return [customer for name in identities if (customer := customer_of(name)) is not None]


def _agents(identities: Sequence[str]) -> list[str]:
    return [agent for name in identities if (agent := agent_of(name)) is not None]


def forget(c: Connection, customers: Sequence[str], tombstone: str) -> dict[str, int]:
    """Remove customers from the rows imports bring, and mark the days whose columnar copy names them."""
    counts: dict[str, int] = {}
    if not customers:
        return counts
    chosen = f"({marks(customers)})"
    for table, day in sql_imports.DAYS.items():
        if table != "returns":
            days = c.execute(f"select distinct {day} from {table} where customer_id in {chosen}", tuple(customers))
            sql_imports.mark_days(c, table, [row[0] for row in days])
    for table, column in REMOVED:
        counts[table] = c.execute(f"delete from {table} where {column} in {chosen}", tuple(customers)).rowcount
    for table, column, free in UNNAMED:
        also = f", {free} = null" if free else ""
        counts[table] = c.execute(
            f"update {table} set {column} = null{also} where {column} in {chosen}", tuple(customers)
        ).rowcount
    for table, column, frees in ENTOMBED:
        emptied = ", ".join(f"{name} = null" for name in frees)
        counts[table] = c.execute(
            f"update {table} set {column} = ?, {emptied} where {column} in {chosen}", (tombstone, *customers)
        ).rowcount
    return counts


def forget_agents(c: Connection, agents: Sequence[str]) -> dict[str, int]:
    """Remove agents, every version of them; their ids stay where they sold: nobody takes a sale back by leaving."""
    renamed = [(agent, name) for agent in agents for name in _names_of(c, [agent])]
    n_renamed = c.executemany("update activities set staff = ? where staff = ?", renamed).rowcount
    n_gone = c.execute(f"delete from agents where agent_id in ({marks(agents)})", tuple(agents)).rowcount
    return {"agents": n_gone, "activities": max(n_renamed, 0)}


def _names_of(c: Connection, agents: Sequence[str]) -> set[str]:
    rows = c.execute(f"select distinct name from agents where agent_id in ({marks(agents)})", tuple(agents))
    return {row[0] for row in rows}


def forget_again(c: Connection, import_id: int) -> int:
    """Leave out of an import, before it counts, whoever was erased; returns how many customers that were."""
    if not has_erased(c):
        return 0
    told: dict[str, int] = {}
    for table, column, *_ in (*REMOVED, *UNNAMED, *(one for one in ENTOMBED if one[1] == "customer_id")):
        rows = c.execute(
            f"select 'customer:' || {column}, max({newest(table)}) from {table} "
            f"where import_id = ? and {column} is not null group by {column}",
            (import_id,),
        )
        for identity, at in rows:
            told[identity] = max(at, told.get(identity, at))
    agents = c.execute("select distinct agent_id from agents where import_id = ?", (import_id,)).fetchall()
    told.update((f"{AGENT}:{agent}", 0) for (agent,) in agents)
    out = sorted(kept_out(c, told))
    for start in range(0, len(out), AT_ONCE):
        identities = out[start : start + AT_ONCE]
        forget(c, _customers(identities), TOMBSTONE)
        forget_agents(c, _agents(identities))
        for column in ("first", "second"):
            c.execute(f"delete from identity_evidence where {column} in ({marks(identities)})", identities)
    return len(out)


def has_erased(c: Connection) -> bool:
    """Tell whether anybody was erased; nearly always nobody, and then nothing need be hashed."""
    return c.execute("select 1 from erased limit 1").fetchone() is not None


def stays_erased(c: Connection, identities: Iterable[str]) -> set[str]:
    """Tell which identities were erased at their own wish: what they do from then on is kept under no name either."""
    if not has_erased(c):
        return set()
    key = _key(c)
    digests = {digest(key, name): name for name in identities}
    return {digests[found] for found, _, is_idle in _listed(c, list(digests)) if not is_idle}


def kept_out(c: Connection, told: Mapping[str, int]) -> set[str]:
    """Tell which identities were erased and stay out.

    Whoever was erased for silence alone is let in again from the first fact that is newer than the erasure on.

    Parameters
    ----------
    told : mapping of str to int
        The instant of the newest that is told of each, microseconds UTC.
    """
    key = _key(c)
    digests = {digest(key, name): name for name in told}
    out, back = set(), []
    for found, erased_at, is_idle in _listed(c, list(digests)):
        if is_idle and told[digests[found]] > erased_at:
            back.append((found,))
        else:
            out.add(digests[found])
    c.executemany("delete from erased where digest = ?", back)
    return out


def digest(key: bytes, identity: str) -> bytes:
    """Hash an identity with the shop's key: recognized when it comes again, and otherwise nobody."""
    return blake2b(identity.encode(), digest_size=16, key=key).digest()


def _listed(c: Connection, digests: list[bytes]) -> list[tuple[bytes, int, int]]:
    found: list[tuple[bytes, int, int]] = []
    for start in range(0, len(digests), AT_ONCE):
        chunk = digests[start : start + AT_ONCE]
        rows = c.execute(f"select digest, at, is_idle from erased where digest in ({marks(chunk)})", chunk)
        found += rows.fetchall()
    return found


def _key(c: Connection) -> bytes:
    row = c.execute("select value from shop_meta where key = 'secret'").fetchone()
    return bytes.fromhex(row[0]) if row else b""


def _traces(c: Connection, identities: Sequence[str], customers: Sequence[str]) -> tuple[str, ...]:
    """Give every text by which the people are known: identifiers and, as they were typed, addresses and numbers.

    Of an agent it is the name: the id stays on what they sold.
    """
    traces = {name.partition(":")[2] for name in identities if agent_of(name) is None}
    traces |= _names_of(c, _agents(identities))
    for row in c.execute(
        f"select email, phone from customers where customer_id in ({marks(customers)})", tuple(customers)
    ):
        traces.update(value for value in row if value)
    return tuple(sorted(traces))


def _forget_inputs(c: Connection, names: set[str]) -> int:
    """Delete inputs of decisions that name somebody, also where the decision was made without using who it was."""
    packed = [msgspec.msgpack.encode(name) for name in names]

    def speaks(body: bytes) -> bool:
        if len(packed) <= FEW:
            return any(name in body for name in packed)
        return not names.isdisjoint(_texts(msgspec.msgpack.decode(body)))

    rows = c.execute("select decision_id, body from decision_inputs")
    found = [(decision,) for decision, body in rows if speaks(zlib.decompress(body))]
    c.executemany("delete from decision_inputs where decision_id = ?", found)
    return len(found)


def _texts(value: object) -> Iterator[str]:
    """Give every text within a value, however deep."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for pair in value.items():
            yield from _texts(pair)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _texts(one)


def _forget_samples(c: Connection, traces: Sequence[str]) -> int:
    """Take the sample values out of reports of imports that show one of the people."""
    n, written = 0, [_as_json(trace) for trace in traces]
    for import_id, report in c.execute("select id, report from imports where report is not null").fetchall():
        if not any(trace in report for trace in written):
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
