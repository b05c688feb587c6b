"""One person as rules see them at this moment: the profile as last learned, and over it what came since."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import isnan
from typing import Any

import numpy as np
import pyarrow as pa

from crosslift.domain.condition import SECOND, Needs
from crosslift.domain.identity import CONTACT, customer_of, kind_of
from crosslift.domain.membership import PersonFacts, RecentEvent
from crosslift.domain.profile import PROFILE_COLUMNS, Kind, Profile, ReturnVisits
from crosslift.domain.trait import usable
from crosslift.learn.customers.traits import told_by
from crosslift.learn.customers.voice import Voice
from crosslift.shop.live import rows as live_rows
from crosslift.store.frames import Frames
from crosslift.store.ports import PersonRow, Records

_LISTS = frozenset(name for name, column in PROFILE_COLUMNS.items() if column.kind in (Kind.LIST, Kind.EVIDENCE))
_AT_ONCE = 1_000


def facts_of(
    records: Records, frames: Frames, identity: str, needed: Needs, now: int, sensitive: frozenset[str]
) -> PersonFacts | None:
    """Read what some rules need of a person.

    Parameters
    ----------
    identity : str
        Any of the person's, `kind:value`.
    needed : Needs
        `condition.needs` of the rules; what they do not ask is not read.
    now : int
        Microseconds UTC; what happened later does not count yet.
    sensitive : frozenset of str
        Traits that must not group anybody; they are left out.

    Returns
    -------
    PersonFacts or None
        None for nobody: neither an identity on record, nor a profile, nor one of the events that are asked for.
    """
    return facts_of_person(records, frames, records.person(identity, now), needed, now, sensitive)


def facts_of_person(
    records: Records, frames: Frames, person: PersonRow, needed: Needs, now: int, sensitive: frozenset[str]
) -> PersonFacts | None:
    """Read what some rules need of a person whose small rows are at hand; see `facts_of`."""
    if person.person_id is None or all(kind_of(name) in CONTACT for name in person.identities):
        return None
    reading = _Reading(records, frames, person, needed, now, sensitive)
    stored, rows = records.profile(person.person_id), reading.event_rows()
    if not (person.is_known or stored or rows):
        return None
    shelf = reading.shelf(row["product_id"] for row in rows)
    profile = profile_of(stored, person.person_id, now)
    return PersonFacts(
        replace(profile, **reading.live(profile)), person.consents, shelf.with_parents(person.holdings),
        shelf.with_parents(person.owned), reading.usage(), reading.events(rows, shelf),
    )  # fmt: skip


def profile_of(stored: Mapping[str, Any] | None, person_id: str, now: int) -> Profile:
    """Make a profile of stored values (`Records.profile`); of nobody learned about the blank one."""
    known = {name: value for name, value in (stored or {}).items() if value is not None}
    known |= {name: tuple(value) for name, value in known.items() if name in _LISTS}
    if "returning_intent" in known:
        known["returning_intent"] = tuple(ReturnVisits(*visits) for visits in known["returning_intent"])
    return Profile(**{"person_id": person_id, "as_of": now, **known})


@dataclass(frozen=True, slots=True)
class _Shelf:
    """Some products: category (a variant without one has its product's), and the product of each variant."""

    category: Mapping[str, str]
    parent: Mapping[str, str]

    def with_parents(self, products: frozenset[str]) -> frozenset[str]:
        """Count a variant as its product too."""
        return products | {self.parent[product] for product in products if product in self.parent}


@dataclass(frozen=True, slots=True)
class _Reading:
    """What is read of one person, table by table."""

    records: Records
    frames: Frames
    person: PersonRow
    needed: Needs
    now: int
    sensitive: frozenset[str]

    @property
    def customers(self) -> tuple[str, ...]:
        """The person's customer ids."""
        return tuple(customer for name in self.person.identities if (customer := customer_of(name)) is not None)

    # events ------------------------------------------------------------------------------------------------------

    def event_rows(self) -> list[dict[str, Any]]:
        """Read the events that are counted: of the open tail, and of sealed parts that reach into the window."""
        if not self.needed.events:
            return []
        since, identities, names = self.now - self.needed.seconds * SECOND, self.person.identities, self.needed.events
        rows = _rows(
            self.records.table(
                "events", live_rows.EVENTS,
                f"identity in ({_marks(identities)}) and at between ? and ? and name in ({_marks(names)})",
                (*identities, since, self.now, *names),
            )
        )  # fmt: skip
        sealed = self.frames.sealed_events_of(identities, since)
        if sealed.num_rows:  # read after the tail: what another process sealed in between is in both
            seen = {row["id"] for row in rows}
            more = (row for row in _rows(sealed) if row["name"] in names and row["at"] <= self.now)
            rows += [row for row in more if row["id"] not in seen]
        return rows

    def events(self, rows: Iterable[Mapping[str, Any]], shelf: _Shelf) -> list[RecentEvent]:
        """Put the products' categories beside events."""
        return [self._event(row, shelf.category.get(row["product_id"])) for row in rows]

    def _event(self, row: Mapping[str, Any], category: str | None) -> RecentEvent:
        said = {}
        if self.needed.properties or category is None:
            said = live_rows.properties_of(row["properties"], row["channel"])
        return RecentEvent(row["name"], row["at"], row["product_id"], category or live_rows.category_said(said), said)

    def shelf(self, met: Iterable[str | None]) -> _Shelf:
        """Look up the products met, and those owned or held where that is asked."""
        asked = {product for product in met if product is not None}
        if self.needed.possessions:
            asked |= self.person.owned | self.person.holdings
        rows = self._products(asked)
        parent = {row["product_id"]: row["parent_id"] for row in rows if row["parent_id"]}
        bare = {
            parent[row["product_id"]] for row in rows if not _plain(row["category"]) and row["product_id"] in parent
        }
        own = {row["product_id"]: _plain(row["category"]) for row in (*rows, *self._products(bare - asked))}
        category = {product: own.get(product) or own.get(parent.get(product, ""), "") for product in asked}
        return _Shelf({product: name for product, name in category.items() if name}, parent)

    def _products(self, ids: Iterable[str]) -> list[dict[str, Any]]:
        names, found = sorted(ids), []
        for start in range(0, len(names), _AT_ONCE):
            some = names[start : start + _AT_ONCE]
            columns = ("product_id", "parent_id", "category")
            found += _rows(self.records.table("products", columns, f"product_id in ({_marks(some)})", some))
        return found

    # what came since the profile was learned -----------------------------------------------------------------------

    def live(self, profile: Profile) -> dict[str, Any]:
        """Give the figures that newer rows decide."""
        columns, found = self.needed.columns, dict[str, Any]()
        if columns & live_rows.LIVE.keys():
            found |= self._voice()
        if "open_cases" in columns:
            found["open_cases"] = self._of_owner("cases", ("id",), live_rows.IS_OPEN, owns_first=True).num_rows
        if self.needed.traits or "goals" in columns:
            traits, goals = self._told()
            newer = {name: text for name, text in traits.items() if not _is_called(profile.provenance.get(name))}
            found["traits"] = usable({**profile.traits, **newer}, self.sensitive)
            found["goals"] = goals or profile.goals
        return found

    def usage(self) -> dict[str, float]:
        """Give the used share of what running contracts include."""
        fullest: dict[str, float] = {}
        if not self.needed.has_usage:
            return fullest
        where = f"{live_rows.RUNS} and {live_rows.HAS_LIMIT}"
        for row in _rows(self._of_owner("subscriptions", live_rows.PLANS, where, (self.now, self.now))):
            share = row["used"] / row["usage_limit"]
            for meter in filter(None, (row["product_id"], live_rows.meter_of(row["attributes"]))):
                fullest[meter] = max(fullest.get(meter, 0.0), share)
        return fullest

    def _voice(self) -> dict[str, float | None]:
        where = f"customer_id in ({_marks(self.customers)}) and {live_rows.IS_NEWS}"
        said = self.records.table("feedback", live_rows.SAID, where, (*self.customers, self.now))
        voice = Voice.of(said, np.zeros(said.num_rows, np.int32), 1)
        values = {column: float(getattr(voice, name)[0]) for column, name in live_rows.LIVE.items()}
        return {column: None if isnan(value) else value for column, value in values.items()}

    def _told(self) -> tuple[dict[str, str], tuple[str, ...]]:
        """Read traits and goals as learning does, of the customer records as they stand now."""
        columns, where = ("created_at", "customer_id", "traits"), f"customer_id in ({_marks(self.customers)})"
        rows = self.records.table("customers", columns, where, self.customers)
        return told_by(zip(*(column.to_pylist() for column in rows.columns), strict=True))

    def _of_owner(
        self, table: str, columns: Sequence[str], where: str, values: tuple[Any, ...] = (), *, owns_first: bool = False
    ) -> pa.Table:
        """Read rows of the person or of an account; `owns_first` takes those of accounts only where nobody is named."""
        also = "customer_id is null and " if owns_first else ""
        whose = f"(customer_id in ({_marks(self.customers)}) or {also}account_id in ({_marks(self.person.accounts)}))"
        return self.records.table(
            table, columns, f"{whose} and {where}", (*self.customers, *self.person.accounts, *values)
        )


def _rows(table: pa.Table) -> list[dict[str, Any]]:
    """Give rows as dicts; column by column, which is far quicker than `to_pylist` of a table."""
    names = table.column_names
    return [
        dict(zip(names, row, strict=True)) for row in zip(*(c.to_pylist() for c in table.columns), strict=True)
    ]  # fmt: skip


def _is_called(provenance: str | None) -> bool:
    return provenance is not None and provenance.startswith(live_rows.CALLS)


def _plain(category: str | None) -> str:
    return (category or "").strip()


def _marks(values: Iterable[object]) -> str:
    return ", ".join("?" for _ in values)
