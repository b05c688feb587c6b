"""Who is who: evidence, the mapping it gives, and what is read of one person, summed over its identities."""

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from crosslift.domain.account import AccountKind
from crosslift.domain.identity import (
    LIGHT,
    IdentityKind,
    MappingChange,
    Split,
    contacts_of,
    customer_of,
    identity_of,
)
from crosslift.store import sql_curation
from crosslift.store.engine import Connection, upsert
from crosslift.store.ports import Mapper, PersonRow, Row

MOST_EDGES = 1_001
"""Evidence read of one identity online: more than any limit allows, so that what is shared is seen to be."""
OF_RECORDS = "customers"
"""The origin of evidence that customers' records give."""
_LOYALTY = "loyalty_id"
"""The trait that names a loyalty card."""
_CHUNK = 500
_VISIBLE = "superseded_by is null and import_id in (select id from imports where state = 'committed')"
_BY_DEVICE = "rule in ('login', 'alias', 'device')"


def add_evidence(c: Connection, import_id: int, columns: Sequence[str], rows: Sequence[Row]) -> int:
    """Insert reasons that this import did not give before, or gave with a later instant."""
    places = [columns.index(name) for name in ("first", "second", "rule", "at", "origin")]
    c.executemany(
        "insert into identity_evidence (first, second, rule, at, origin, import_id) "
        f"values (?, ?, ?, ?, ?, {import_id:d}) "
        "on conflict (first, second, rule, origin, import_id) do update set at = min(identity_evidence.at, excluded.at)",
        [tuple(row[i] for i in places) for row in rows],
    )
    return len(rows)


def bring_contacts(
    c: Connection, import_id: int, columns: Sequence[str], rows: Sequence[Row], *, replaces: bool
) -> None:
    """Make evidence of the contacts in customers' records, the last record of each; an import speaks of each but once.

    Parameters
    ----------
    replaces : bool
        Whether some of the rows replace others, which may be earlier ones of this import.
    """
    told = (dict(zip(columns, row, strict=True)) for row in rows)
    named = ((identity_of(IdentityKind.CUSTOMER, record["customer_id"]), record) for record in told)
    records = {customer: record for customer, record in named if customer is not None}
    if replaces:
        c.executemany(
            f"delete from identity_evidence where first = ? and origin = '{OF_RECORDS}' and import_id = {import_id:d}",
            ((customer,) for customer in records),
        )
    evidence = [
        (customer, contact, rule.value, record["created_at"] or 0, OF_RECORDS)
        for customer, record in records.items()
        for rule, contact in contacts_of(record["email"], record["phone"], _card(record["traits"]), record["market"])
    ]
    add_evidence(c, import_id, ("first", "second", "rule", "at", "origin"), evidence)


def _card(traits: str) -> object:
    return msgspec.json.decode(traits).get(_LOYALTY) if traits and _LOYALTY in traits else None


def supersede_contacts(c: Connection, import_id: int) -> None:
    """Let the contacts of each customer an import speaks of be those of the record that stands, and of no other."""
    c.execute(
        f"update identity_evidence set superseded_by = :import where origin = '{OF_RECORDS}' and import_id <> :import "
        f"and {_VISIBLE} and first in (select 'customer:' || customer_id from customers "
        "where import_id = :import and superseded_by is null)",
        {"import": import_id},
    )
    overtaken = c.execute(
        "select customer_id, max(superseded_by) from customers where import_id = ? group by customer_id "
        "having count(*) = count(superseded_by)",
        (import_id,),
    )
    c.executemany(
        "update identity_evidence set superseded_by = ? where first = 'customer:' || ? "
        f"and origin = '{OF_RECORDS}' and import_id = {import_id:d}",
        ((by, customer) for customer, by in overtaken.fetchall()),
    )


def touched(c: Connection, import_ids: Sequence[int]) -> list[str]:
    """Name the identities whose evidence some imports brought or replaced."""
    marks = ", ".join("?" * len(import_ids))
    where = f"import_id in ({marks}) or superseded_by in ({marks})"
    rows = c.execute(
        f"select first from identity_evidence where {where} union select second from identity_evidence where {where}",
        (*import_ids, *import_ids, *import_ids, *import_ids),
    )
    return sorted(row[0] for row in rows)


def remap(
    c: Connection, identities: Sequence[str] | None, mapper: Mapper, now: int, author: str | None
) -> list[MappingChange]:
    """Map identities to people anew where some of them may have changed (everywhere for None), and log what did.

    Reads, decides and writes in the one transaction it is called in: two processes cannot map from different facts.
    """
    kept_apart = splits(c)
    evidence, reached = _everything(c) if identities is None else _around(c, identities)
    people = mapper(evidence, kept_apart)
    now_is = _people_of(c, reached)
    moved = [
        (identity, now_is.get(identity, identity), people.person_of.get(identity, identity))
        for identity in sorted(reached & (now_is.keys() | people.person_of.keys()))
        if now_is.get(identity) != people.person_of.get(identity, identity)
    ]
    if not moved:
        return []
    version = _next_version(c)
    c.executemany(
        "insert into identities (identity, person_id, mapping_version, first_seen_at) values (?, ?, ?, ?) "
        "on conflict (identity) do update set person_id = excluded.person_id, mapping_version = excluded.mapping_version",
        [(identity, new, version, now) for identity, _, new in moved],
    )
    changes = [
        MappingChange(version, now, identity, old, new, people.because.get(identity, "apart"), author)
        for identity, old, new in moved
        if old != new
    ]
    c.executemany(
        "insert into mapping_changes (version, at, identity, from_person, to_person, because, author) "
        "values (?, ?, ?, ?, ?, ?, ?)",
        [(x.version, x.at, x.identity, x.from_person, x.to_person, x.because, x.author) for x in changes],
    )
    return changes


def split(c: Connection, kept_apart: Split) -> None:
    """Write down that two identities are two people; the pair is stored in one order."""
    first, second = sorted((kept_apart.first, kept_apart.second))
    said = {"author": kept_apart.author, "reason": kept_apart.reason, "at": kept_apart.at}
    upsert(c, "identity_splits", {"first": first, "second": second, **said})


def unsplit(c: Connection, first: str, second: str) -> bool:
    """Take a split back; False if there was none."""
    pair = tuple(sorted((first, second)))
    return c.execute("delete from identity_splits where first = ? and second = ?", pair).rowcount > 0


def splits(c: Connection) -> list[Split]:
    """Give who is kept apart."""
    rows = c.execute("select first, second, author, reason, at from identity_splits order by first, second")
    return [Split(*row) for row in rows]


def changes_of(c: Connection, identities: Sequence[str]) -> list[MappingChange]:
    """Give the merge log of some identities, oldest first."""
    found = []
    for chunk in _chunks(identities):
        rows = c.execute(
            "select version, at, identity, from_person, to_person, because, author from mapping_changes "
            f"where identity in ({marks(chunk)})",
            chunk,
        )
        found += [MappingChange(*row) for row in rows]
    return sorted(found, key=lambda change: (change.version, change.identity))


def met(c: Connection, people: Sequence[str], at: int) -> list[str]:
    """Give those of some people of whom an identity was on record by an instant."""
    found: list[str] = []
    for chunk in _chunks(people):
        rows = c.execute(
            f"select distinct person_id from identities where person_id in ({marks(chunk)}) and first_seen_at <= ?",
            (*chunk, at),
        )
        found += [row[0] for row in rows]
    return found


def members(c: Connection, identity: str) -> tuple[str, list[tuple[str, int]]]:
    """Give the person of an identity and all identities of that person with the version that mapped them."""
    return _known(c, identity) or (identity, [(identity, 0)])


def _known(c: Connection, identity: str) -> tuple[str, list[tuple[str, int]]] | None:
    found = c.execute(
        "select person_id, identity, mapping_version from identities "
        "where person_id = (select person_id from identities where identity = ?) order by identity",
        (identity,),
    ).fetchall()
    return (found[0][0], [(name, version) for _, name, version in found]) if found else None


def person(c: Connection, identity: str, now: int | None, change_number: int) -> PersonRow:
    """Read the small rows of one person."""
    known = _known(c, identity)
    person_id, identities = known or (identity, [(identity, 0)])
    names = [name for name, _ in identities]
    customers = [customer for name in names if (customer := customer_of(name)) is not None]
    owned: set[str] = set()
    for (state,) in c.execute(f"select owned from person_states where identity in ({marks(names)})", names):
        owned.update(msgspec.msgpack.decode(state))
    ledger = c.execute(
        "select c.purpose, c.channel, c.status, c.id from consents c cross join imports i on i.id = c.import_id "
        f"where c.customer_id in ({marks(customers)}) and c.superseded_by is null and i.state = 'committed' "
        "and (cast(? as bigint) is null or c.at <= ?) order by c.at, c.id",
        (*customers, now, now),
    ).fetchall()
    accounts = [
        row[0]
        for row in c.execute(
            "select distinct m.account_id from account_members m cross join imports i on i.id = m.import_id "
            f"where m.customer_id in ({marks(customers)}) and m.superseded_by is null and i.state = 'committed' "
            "and (m.until is null or cast(? as bigint) is null or m.until > ?) order by 1",
            (*customers, now, now),
        )
    ]
    consents, entries = fold(ledger)
    return PersonRow(
        change_number,
        known is not None,
        frozenset(owned),
        consents,
        entries,
        max(version for _, version in identities),
        sql_curation.holdings_of(c, customers, accounts, now),
        sql_curation.dues_of(c, names),
        person_id,
        tuple(names),
        tuple(accounts),
        households=_households(c, accounts),
    )


def _households(c: Connection, accounts: Sequence[str]) -> tuple[str, ...]:
    """Name the accounts that are a household."""
    if not accounts:
        return ()
    rows = c.execute(
        "select distinct a.account_id from accounts a cross join imports i on i.id = a.import_id "
        f"where a.account_id in ({marks(accounts)}) and a.kind = '{AccountKind.HOUSEHOLD}' and a.superseded_by is null "
        "and i.state = 'committed' order by 1",
        accounts,
    )
    return tuple(name for (name,) in rows)


def fold(ledger: Iterable[Row]) -> tuple[dict[tuple[str, str], bool], dict[tuple[str, str], int]]:
    """Fold consent entries (purpose, channel, status, id), oldest first: what counts now, and the entry that says so.

    The newest entry counts; one for '*' speaks for every channel again. A request that was never confirmed changes
    nothing: what was granted before stays, and what was not is still a no.
    """
    newest: dict[tuple[str, str], bool] = {}
    entries: dict[tuple[str, str], int] = {}
    for purpose, channel, status, entry in ledger:
        if status == "pending":
            continue
        if channel == "*":
            for key in [key for key in newest if key[0] == purpose]:
                del newest[key], entries[key]
        newest[(purpose, channel)] = status == "granted"
        entries[(purpose, channel)] = entry
    return newest, entries


def _everything(c: Connection) -> tuple[list[Row], set[str]]:
    rows = c.execute(f"select first, second, rule, at from identity_evidence where {_VISIBLE}").fetchall()
    joined = c.execute("select identity from identities where person_id <> identity")
    reached = {row[0] for row in joined}
    reached.update(name for row in rows for name in row[:2])
    return rows, reached


def _around(c: Connection, identities: Sequence[str]) -> tuple[list[Row], set[str]]:
    """Read all evidence that can bear on some identities, and name the identities it speaks of completely."""
    reached: set[str] = set()
    edges: set[Row] = set()
    waiting = set(identities)
    while waiting:
        waiting.update(_companions(c, waiting))
        waiting -= reached
        reached |= waiting
        found = [row for identity in sorted(waiting) for row in _edges_of(c, identity)]
        edges.update(row[:4] for row in found)
        waiting = {name for row in found if row[4] for name in row[:2]} - reached
    return sorted(edges), reached


def _edges_of(c: Connection, identity: str) -> Iterator[Row]:
    """Give the evidence of one identity (first, second, rule, at) and whether its other end is to be looked at too.

    From what so many share that it joins nobody, no path leads on; a browser's own neighbors are always looked at.
    """
    is_light = identity.partition(":")[0] in LIGHT
    for rules in (_BY_DEVICE, f"not {_BY_DEVICE}"):
        rows: list[Row] = []
        for end in ("first", "second"):
            rows += c.execute(
                f"select first, second, rule, min(at) from identity_evidence where {end} = ? and {rules} and {_VISIBLE} "
                "group by first, second, rule order by min(at), first, second limit ?",
                (identity, MOST_EDGES),
            ).fetchall()
        leads_on = is_light or len(rows) < MOST_EDGES
        yield from ((*row, leads_on) for row in rows)


def _companions(c: Connection, identities: Iterable[str]) -> set[str]:
    """Give all identities now mapped to the same people as some."""
    found: set[str] = set()
    for chunk in _chunks(sorted(identities)):
        rows = c.execute(
            "select identity from identities where person_id in "
            f"(select person_id from identities where identity in ({marks(chunk)}))",
            chunk,
        )
        found.update(row[0] for row in rows)
    return found


def _people_of(c: Connection, identities: Iterable[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for chunk in _chunks(sorted(identities)):
        rows = c.execute(f"select identity, person_id from identities where identity in ({marks(chunk)})", chunk)
        found.update(rows.fetchall())
    return found


def _next_version(c: Connection) -> int:
    row = c.execute("select value from shop_meta where key = 'mapping_version'").fetchone()
    version = int(row[0]) + 1 if row else 1
    upsert(c, "shop_meta", {"key": "mapping_version", "value": str(version)})
    return version


def _chunks(values: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(values), _CHUNK):
        yield values[start : start + _CHUNK]


def marks(values: Sequence[object]) -> str:
    """Give the question marks of a list of values."""
    return ", ".join("?" * len(values))
