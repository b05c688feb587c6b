"""Who has fallen silent: people of whom nothing was heard for so long that they are to be forgotten."""

from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from crosslift.domain.identity import LIGHT, IdentityKind
from crosslift.store.frames import Frames
from crosslift.store.ports import Records

EVENTS = ("identity", "at")
SOMEBODY = sorted(set(IdentityKind) - LIGHT)
"""Kinds of identities that name somebody."""


@dataclass(frozen=True, slots=True)
class Idle:
    """Somebody of whom nothing was heard since `last_at` (microseconds UTC), under all names."""

    person_id: str
    identities: tuple[str, ...]
    last_at: int


def idle_people(records: Records, frames: Frames, before: int, now: int) -> list[Idle]:
    """Give the people whose newest fact over all identities is older than an instant, longest silent first.

    Whoever has no fact with a time counts from when the shop first heard of them. Whose contract runs, or that of an account
    of theirs, is not idle. A browser or device that nobody was ever named with is no person: it goes with its events.

    Parameters
    ----------
    before, now : int
        Microseconds UTC.
    """
    heard = pa.concat_tables([records.last_heard(now), *_seen(frames)], promote_options="default")
    of = heard.append_column("person", _person_of(heard.column("identity"), records.people()))
    newest = of.group_by("person").aggregate([("at", "max"), ("first_seen_at", "max"), ("is_bound", "any")])
    last = pc.coalesce(newest.column("at_max"), newest.column("first_seen_at_max"))
    names = newest.column("person")
    is_idle = pc.and_not(pc.less(last, before), pc.fill_null(newest.column("is_bound_any"), False))
    is_somebody = pc.is_in(pc.list_element(pc.split_pattern(names, ":", max_splits=1), 0), value_set=pa.array(SOMEBODY))
    found = pa.table({"person": names, "last": last}).filter(pc.and_(is_idle, is_somebody))
    found = found.sort_by([("last", "ascending"), ("person", "ascending")])
    return [
        Idle(person, tuple(records.person(person).identities), at)
        for person, at in zip(*(column.to_pylist() for column in found.columns), strict=True)
    ]


def _seen(frames: Frames) -> list[pa.Table]:
    """Give the newest event of every identity, part by part."""
    newest = (part.group_by("identity").aggregate([("at", "max")]) for part in frames.event_parts(EVENTS))
    return [
        pa.table({"identity": table.column("identity"), "at": table.column("at_max")}).filter(
            pc.is_valid(table.column("identity"))
        )
        for table in newest
    ]


def _person_of(identities: pa.ChunkedArray, people: pa.Table) -> pa.ChunkedArray:
    place = pc.index_in(identities, value_set=people.column("identity").combine_chunks())
    return pc.coalesce(pc.take(people.column("person_id"), place), identities)
