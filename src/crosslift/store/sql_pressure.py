"""Contacts and reactions: what a decision reads of them, and the writes that count. See `pressure_records`."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import msgspec

from crosslift.domain.audit import Entry
from crosslift.domain.contact import UNSETTLED
from crosslift.domain.identity import customer_of
from crosslift.domain.pressure import (
    CONTACT_DAYS,
    DAY,
    MOST_READ,
    SIGHTING_DAYS,
    Contact,
    ContactState,
    PressureState,
    Reacted,
    Reaction,
)
from crosslift.store import sql_chain, sql_erase, sql_trials
from crosslift.store.engine import Connection
from crosslift.store.ports import PersonRow, Row
from crosslift.store.pressure_records import Counted, Peers
from crosslift.store.sql_customers import SqlCustomers
from crosslift.store.sql_people import marks, members
from crosslift.store.trial_records import FirstArm, unit_of

MOST_ORDERS = 200
"""Newest orders of a person in which returns are looked for."""
VISIT = "session:"
COMPANY = "account:"
VISIT_DAYS = 2
"""How long a visit's contacts are kept: nobody can say whose they were."""
UNMUTED = "unmuted"
_ZONE = "timezone"
"""The trait of a customer that names an IANA zone, as Segment's `context` calls it."""
_REFUSALS = f"'{Reaction.MUTED}', '{Reaction.DECLINED}'"
_SIGHTINGS = f"'{Reaction.SEEN}', '{Reaction.CLICKED}', '{Reaction.ACCEPTED}'"
_OPEN = ", ".join(f"'{status}'" for status in sorted(UNSETTLED))


class SqlPressure(SqlCustomers):
    """The part of the port that counts."""

    def record_decisions(
        self, slim: Sequence[Row], inputs: Sequence[Row], counted: Sequence[Counted] = (), arms: Sequence[FirstArm] = ()
    ) -> list[int]:
        """Store decisions with their inputs, durably; gives the places of those that met another one."""
        return self._write(lambda c: record_decisions(c, slim, inputs, counted, arms))

    def record_responses(
        self, exposures: Sequence[Row], responses: Sequence[Row], reactions: Sequence[Row] = (), now: int | None = None
    ) -> int:
        """Store exposures and responses that were not seen before, and what follows; returns how many were new."""
        return self._write(lambda c: record_responses(c, exposures, responses, reactions, now))

    def peers(self, accounts: Sequence[str], now: int) -> Peers:
        """Read everybody who belongs to some accounts at an instant, and what was asked of them all together."""
        with self._reading(), self._snapshot() as connection:
            names = _peers_of(connection, accounts, now)
            contacts, since = _contacts_of(connection, names, now)
            return Peers(tuple(accounts), tuple(names), _version_of(connection, names), tuple(contacts), since)

    def release(self, decision_id: str) -> bool:
        """Give a reservation back before its time; False if there is none that is still open."""
        statement = "update contacts set state = ? where decision_id = ? and state = ?"
        values = (ContactState.RELEASED.value, decision_id, ContactState.RESERVED.value)
        return self._write(lambda c: c.execute(statement, values).rowcount) > 0

    def mute(self, identity: str, product_id: str, category: str, channel: str, at: int) -> None:
        """Leave a product, a category, or (both empty) everything alone until it is taken back."""

        def add(connection: Connection) -> None:
            connection.execute(
                "insert into reactions (identity, product_id, category, channel, reaction, at) values (?, ?, ?, ?, ?, ?)",
                (identity, product_id, category, channel, Reaction.MUTED.value, at),
            )
            _move_on(connection, identity)
            sql_chain.append(connection, Entry(at, "attention.mute", product_id or category or "*", {}, identity))

        self._write(add)

    def unmute(self, identity: str, product_id: str | None, category: str | None, at: int) -> int:
        """Take mutes of a product or a category back, all of the person's for None; gives how many were in force."""

        def take_back(connection: Connection) -> int:
            n_back = unmute(connection, identity, product_id, category, at)
            if n_back:
                told = Entry(at, "attention.unmute", product_id or category or "*", {}, identity)
                sql_chain.append(connection, told)
            return n_back

        return self._write(take_back)


# what is read of a person --------------------------------------------------------------------------------------------


def with_pressure(c: Connection, person: PersonRow, identity: str, now: int | None) -> PersonRow:
    """Give a person's row with contacts, reactions and open cases, and with where their record says they live.

    Parameters
    ----------
    now : int or None
        Microseconds UTC; None reads everything that is kept.
    """
    names = list(person.identities)
    customers = [customer for name in names if (customer := customer_of(name)) is not None]
    version = _version_of(c, names)
    contacts, since = _contacts_of(c, names, now) if version else ([], 0)
    cases = _cases_of(c, customers, person.accounts, now)
    reactions = [
        *(_reactions_of(c, names, now) if version else ()),
        *_returns_of(c, customers, now),
        *(Reacted(at, Reaction.COMPLAINED, product or "", "", channel or "") for at, _, product, channel in cases),
    ]
    timezone, market = _home_of(c, customers)
    return replace(
        person,
        pressure=PressureState(version, tuple(contacts), tuple(reactions), since),
        open_cases=sum(bool(is_open) for _, is_open, *_ in cases),
        timezone=timezone,
        market=market,
        is_erased=not person.is_known and bool(sql_erase.stays_erased(c, [identity])),
    )


def _version_of(c: Connection, identities: Sequence[str]) -> int:
    """Add up the versions; 0 says that nothing was ever counted, so that nothing need be read."""
    statement = f"select coalesce(sum(version), 0) from pressure_versions where identity in ({marks(identities)})"
    return int(c.execute(statement, identities).fetchone()[0])


def _peers_of(c: Connection, accounts: Sequence[str], now: int) -> list[str]:
    """Name all identities of everybody who belongs to some accounts, and the accounts themselves."""
    rows = c.execute(
        "select distinct coalesce(other.identity, 'customer:' || m.customer_id) from account_members m "
        "cross join imports i on i.id = m.import_id left join identities own on own.identity = 'customer:' || m.customer_id "
        "left join identities other on other.person_id = own.person_id "
        f"where m.account_id in ({marks(accounts)}) and m.superseded_by is null and i.state = 'committed' "
        "and (m.until is null or m.until > ?) order by 1",
        (*accounts, now),
    )
    return [*(row[0] for row in rows), *(f"{COMPANY}{one}" for one in accounts)]


def _home_of(c: Connection, customers: Sequence[str]) -> tuple[str | None, str | None]:
    """Give the time zone and the market of the newest record of a person."""
    row = c.execute(
        "select x.traits, x.market from customers x cross join imports i on i.id = x.import_id where x.customer_id in "
        f"({marks(customers)}) and x.superseded_by is null and i.state = 'committed' order by x.id desc limit 1",
        customers,
    ).fetchone()
    if row is None:
        return None, None
    told = msgspec.json.decode(row[0]) if _ZONE in row[0] else {}
    zone = told.get(_ZONE)
    return zone if isinstance(zone, str) and zone else None, row[1]


def _contacts_of(c: Connection, identities: Sequence[str], now: int | None) -> tuple[list[Contact], int]:
    """Give the newest contacts, and the instant after which they are all there."""
    begin = None if now is None else now - CONTACT_DAYS * DAY
    rows = c.execute(
        f"select at, channel, topic, state, expires_at from contacts where identity in ({marks(identities)}) "
        f"and at > coalesce(?, at - 1) and (state = '{ContactState.CONFIRMED}' "
        f"or state = '{ContactState.RESERVED}' and expires_at > coalesce(?, 0)) order by at desc limit {MOST_READ + 1}",
        (*identities, begin, now),
    ).fetchall()
    since = rows[MOST_READ][0] if len(rows) > MOST_READ else 0
    return [Contact(at, channel, topic, ContactState(s), end) for at, channel, topic, s, end in rows[:MOST_READ]], since


def _reactions_of(c: Connection, identities: Sequence[str], now: int | None) -> list[Reacted]:
    begin = None if now is None else now - SIGHTING_DAYS * DAY
    columns = (
        f"select at, reaction, product_id, category, channel from reactions where identity in ({marks(identities)})"
    )
    rows = c.execute(
        f"{columns} and reaction in ({_REFUSALS}) and taken_back_at is null "
        f"order by reaction = '{Reaction.MUTED}' desc, at desc limit {MOST_READ}",
        identities,
    ).fetchall()
    rows += c.execute(
        f"{columns} and reaction in ({_SIGHTINGS}) and at > coalesce(?, at - 1) order by at desc limit {MOST_READ}",
        (*identities, begin),
    ).fetchall()
    return [Reacted(at, Reaction(what), *about) for at, what, *about in rows]


def _returns_of(c: Connection, customers: Sequence[str], now: int | None) -> list[Reacted]:
    """Read what a person gave back, of their newest orders; a return names the order, the order names the customer."""
    rows = c.execute(
        f"select r.returned_at, r.product_id from (select source, order_id from orders where customer_id in ({marks(customers)}) "
        f"and superseded_by is null order by id desc limit {MOST_ORDERS}) o "
        "cross join returns r on r.source = o.source and r.order_id = o.order_id cross join imports i on i.id = r.import_id "
        "where r.superseded_by is null and i.state = 'committed' and r.returned_at <= coalesce(?, r.returned_at)",
        (*customers, now),
    )
    return [Reacted(at, Reaction.RETURNED, product) for at, product in rows]


def _cases_of(c: Connection, customers: Sequence[str], accounts: Sequence[str], now: int | None) -> list[Row]:
    """Read a person's cases: since when it counts, whether it is open, product, channel.

    A case of a company that names nobody is each member's. It counts from when it was opened, and once it is settled
    from then.
    """
    found: list[Row] = []
    for owner, ids in (("x.customer_id", customers), ("x.customer_id is null and x.account_id", accounts)):
        if ids:
            found += c.execute(
                "select case when cast(? as bigint) is null or x.closed_at <= ? then coalesce(x.closed_at, x.opened_at) "
                f"else x.opened_at end, "
                f"x.status in ({_OPEN}) or coalesce(x.closed_at > ?, false), x.product_id, x.channel "
                f"from cases x cross join imports i on i.id = x.import_id where {owner} in ({marks(ids)}) "
                "and x.superseded_by is null and i.state = 'committed' and x.opened_at <= coalesce(?, x.opened_at) "
                f"order by x.opened_at desc limit {MOST_READ}",
                (now, now, now, *ids, now),
            ).fetchall()
    return found


# what counts ---------------------------------------------------------------------------------------------------------


def record_decisions(
    c: Connection,
    slim: Sequence[Row],
    inputs: Sequence[Row],
    counted: Sequence[Counted],
    arms: Sequence[FirstArm],
) -> list[int]:
    """Store decisions, count them, and give the places of those that met another one: of these nothing is stored."""
    named = {one.identity for one in counted} | {unit_of(one.assigned) for one in arms if one.identities}
    erased = sql_erase.stays_erased(c, named) if named else set()
    met = {one.index for one in arms if not sql_trials.stands(c, one)}
    met |= {one.index for one in counted if one.index not in met and not _reserve(c, one, slim[one.index][0], erased)}
    for one in arms:
        if one.index not in met and unit_of(one.assigned) not in erased:
            sql_trials.keep(c, one, slim[one.index][0])
    gone = {slim[index][0] for index in met}
    c.executemany(
        "insert into decisions (decision_id, at, placement, channel, purpose, policy, arm, is_withheld, "
        "identity, mapping_version, consent_id, snapshot_id, body) values (?,?,?,?,?,?,?,?,?,?,?,?,?)",
        [row for index, row in enumerate(slim) if index not in met],
    )
    c.executemany(
        "insert into decision_inputs (decision_id, expires_at, body) values (?,?,?)",
        [row for row in inputs if row[0] not in gone],
    )
    c.executemany(
        "insert into decision_people (decision_id, identity, at) values (?,?,?)",
        [(slim[x.index][0], x.identity, x.at) for x in counted if x.index not in met and x.identity not in erased],
    )
    return sorted(met)


def _reserve(c: Connection, one: Counted, decision_id: str, erased: set[str]) -> bool:
    """Write a contact if nothing came in between; False where something did. Who was erased is counted no more."""
    if one.version is not None and (one.identity in erased or not _stands(c, one)):
        return False
    if one.is_contact and one.identity not in erased:
        c.execute(
            "insert into contacts (identity, decision_id, channel, topic, state, at, expires_at) values (?, ?, ?, ?, ?, ?, ?)",
            (one.identity, decision_id, one.channel, one.topic, ContactState.RESERVED.value, one.at, one.expires_at),
        )
        if one.version is not None:
            _move_on(c, one.identity)
    return True


def _stands(c: Connection, one: Counted) -> bool:
    """Tell whether the person is who they were, and nothing was counted since."""
    names = [name for name, _ in members(c, one.identity)[1]]
    if sorted(names) != sorted(one.identities) or _version_of(c, names) != one.version:
        return False
    if one.peers is None:
        return True
    others = _peers_of(c, one.peers.accounts, one.at)
    return tuple(others) == one.peers.identities and _version_of(c, others) == one.peers.version


def _move_on(c: Connection, identity: str) -> None:
    c.execute(
        "insert into pressure_versions (identity, version) values (?, 1) "
        "on conflict (identity) do update set version = pressure_versions.version + 1",
        (identity,),
    )


def record_responses(
    c: Connection, exposures: Sequence[Row], responses: Sequence[Row], reactions: Sequence[Row], now: int | None
) -> int:
    """Store what came back; of what is new, turn reservations into contacts and keep the reactions."""
    new = _new(c, "exposures (exposure_id, decision_id, product_id, at, channel) values (?,?,?,?,?)", exposures)
    new |= _new(
        c, "responses (response_id, decision_id, product_id, action, reason, at) values (?,?,?,?,?,?)", responses
    )
    people: dict[str, tuple[str, int] | None] = {}
    touched: set[str] = set()
    for response_id, decision_id, product_id, reaction, channel, at in reactions:
        if response_id not in new:
            continue
        if decision_id not in people:
            people[decision_id] = c.execute(
                "select identity, at from decision_people where decision_id = ?", (decision_id,)
            ).fetchone()
        if (found := people[decision_id]) is not None:
            identity, decided_at = found
            when = max(decided_at, at if now is None else min(at, now))
            _react(c, identity, decision_id, product_id, reaction, channel, when)
            touched.add(identity)
    for identity in sorted(touched):
        _move_on(c, identity)
    return len(new)


def _new(c: Connection, into: str, rows: Sequence[Row]) -> set[str]:
    return {row[0] for row in rows if c.execute(f"insert into {into} on conflict do nothing", row).rowcount}


def _react(
    c: Connection, identity: str, decision_id: str, product_id: str, reaction: str, channel: str, at: int
) -> None:
    """Count one reaction; whoever reacts was shown it, so that what was reserved becomes a contact."""
    c.execute(
        "update contacts set state = ?, at = ? where decision_id = ? and state <> ?",
        (ContactState.CONFIRMED.value, at, decision_id, ContactState.CONFIRMED.value),
    )
    if reaction == UNMUTED:
        unmute(c, identity, product_id, None, at)
    elif product_id:
        c.execute(
            "insert into reactions (identity, decision_id, product_id, category, channel, reaction, at) "
            "values (?, ?, ?, coalesce((select category from products where product_id = ? and superseded_by is null "
            "order by id desc limit 1), ''), ?, ?, ?) on conflict (decision_id, product_id, reaction) "
            f"do update set at = max(reactions.at, excluded.at), taken_back_at = null where reactions.reaction in ({_REFUSALS})",
            (identity, decision_id, product_id, product_id, channel, reaction, at),
        )


def unmute(c: Connection, identity: str, product_id: str | None, category: str | None, at: int) -> int:
    """Take mutes back, whichever identity of the person they stand under."""
    names = [name for name, _ in members(c, identity)[1]]
    also, values = "", [*names]
    for column, value in (("product_id", product_id), ("category", category if product_id is None else None)):
        if value is not None:
            also += f" and {column} = ?"
            values.append(value)
    if product_id is None and category is not None:
        also += " and product_id = ''"
    found = c.execute(
        f"update reactions set taken_back_at = ? where identity in ({marks(names)}) and reaction = '{Reaction.MUTED}' "
        f"and taken_back_at is null{also} returning identity",
        (at, *values),
    ).fetchall()
    for name in {row[0] for row in found}:
        _move_on(c, name)
    return len(found)


def expire(c: Connection, now: int) -> None:
    """Delete what no cap and no pause can count any more; a visit's contacts go soon."""
    kept: dict[str, Any] = {
        "old": now - CONTACT_DAYS * DAY, "seen": now - SIGHTING_DAYS * DAY, "visit": now - VISIT_DAYS * DAY,
        "first": VISIT, "last": VISIT[:-1] + ";",
    }  # fmt: skip
    for statement in (
        "delete from contacts where at < :old and expires_at < :old",
        "delete from decision_people where at < :old",
        f"delete from reactions where at < :seen and reaction in ({_SIGHTINGS})",
        *(
            f"delete from {table} where at < :visit and identity >= :first and identity < :last"
            for table in ("contacts", "decision_people", "reactions")
        ),
        "delete from experiment_arms where at < :visit and unit >= :first and unit < :last",
    ):
        c.execute(statement, kept)
