"""The tables of `segment_tables.People`, written for everybody at once from the rows as they stand now."""

from collections.abc import Callable

import pyarrow as pa
import pyarrow.compute as pc

from crosslift.domain.condition import SECOND, Needs
from crosslift.learn.customers.segment_tables import People, asked_tables
from crosslift.shop.live import rows as live_rows
from crosslift.shop.live.everybody import Everybody
from crosslift.shop.live.facts import Facts
from crosslift.shop.live.profiles import Profiles, stored_profiles
from crosslift.store.frames import Frames
from crosslift.store.ports import Records
from crosslift.store.tables import arrow_schema


def people_now(records: Records, frames: Frames, needed: Needs, now: int, sensitive: frozenset[str]) -> People:
    """Read what some rules need of everybody; parameters as those of `person.facts_of`.

    Everybody on record is judged, and whoever has a profile or one of the events that are asked for.
    """
    events = _events(frames, needed, now)
    stored = stored_profiles(records, needed)
    everybody = Everybody.of(records, [stored.column("person_id"), events.column("identity")], now)
    profiles = Profiles(records, stored, everybody, needed, now, sensitive)
    facts = Facts(records, events, everybody, needed, now)
    write: dict[str, Callable[[], pa.Table]] = {
        "traits": profiles.traits, "shares": profiles.shares, "lists": profiles.lists, "revisits": profiles.revisits,
        "usage": facts.usage, "possessions": facts.possessions, "consents": facts.consents, "events": facts.seen,
    }  # fmt: skip
    tables = {"profiles": profiles.table(), **{name: write[name]() for name in asked_tables(needed)}}
    return People(**frames.lazies(tables))


def _events(frames: Frames, needed: Needs, now: int) -> pa.Table:
    """Read the events that are counted."""
    if not needed.events:
        return arrow_schema("events", list(live_rows.EVENTS)).empty_table()
    events = frames.events(since=now - needed.seconds * SECOND)
    is_asked = pc.is_in(events.column("name"), value_set=pa.array(sorted(needed.events)))
    return events.filter(pc.and_(is_asked, pc.less_equal(events.column("at"), now)))
