"""What did a person good so far: read only where a policy wants that before it sells (`domain.pressure.ValueFirst`)."""

from collections.abc import Iterable

from crosslift.domain.contact import UNSETTLED, ActivityKind
from crosslift.domain.event import CONTENT_DOWNLOADED, CONTENT_VIEWED
from crosslift.domain.identity import customer_of
from crosslift.domain.pressure import DAY, Helped, ValueFirst
from crosslift.store.frames import Frames
from crosslift.store.ports import PersonRow, Records

USEFUL_EVENTS = (CONTENT_VIEWED, CONTENT_DOWNLOADED)
"""A guide that was read or taken along."""
USEFUL_ACTIVITIES = (
    ActivityKind.CALL, ActivityKind.VISIT, ActivityKind.MEETING, ActivityKind.CHAT, ActivityKind.DEMO,
)  # fmt: skip
"""Time that somebody took for them. A mail may have been an offer, a quote is one, a note is ours."""
GOOD = 0.8
"""A rating is good from this share of its scale on."""
DAYS = 730
"""How far back events are looked at."""


def helped(records: Records, frames: Frames, person: PersonRow, first: ValueFirst, now: int) -> Helped:
    """Count useful contacts, and find the last win and the last purchase.

    Useful are guides read, time of the staff and settled cases; a win is an event the policy names, or a good rating.

    Parameters
    ----------
    now : int
        Microseconds UTC; what happened later does not count yet.
    """
    customers = [customer for name in person.identities if (customer := customer_of(name)) is not None]
    kinds, open_cases = tuple(USEFUL_ACTIVITIES), tuple(UNSETTLED)
    whose = f"customer_id in ({_marks(customers)})"
    spent = records.table(
        "activities", ["id"], f"{whose} and at <= ? and kind in ({_marks(kinds)})", (*customers, now, *kinds)
    )
    settled = records.table(
        "cases", ["id"], f"{whose} and opened_at <= ? and status not in ({_marks(open_cases)})",
        (*customers, now, *open_cases),
    )  # fmt: skip
    good = records.table(
        "feedback", ["at"], f"{whose} and at <= ? and scale > 0 and rating >= ? * scale", (*customers, now, GOOD)
    )
    orders = records.table("orders", ["ordered_at"], f"{whose} and ordered_at <= ?", (*customers, now))
    read = _events(records, frames, person.identities, (*USEFUL_EVENTS, *first.win_events), now)
    wins = [at for name, at in read if name in first.win_events]
    return Helped(
        spent.num_rows + settled.num_rows + sum(name in USEFUL_EVENTS for name, _ in read),
        max((*wins, *good.column("at").to_pylist()), default=None),
        max(orders.column("ordered_at").to_pylist(), default=None),
    )


def _events(
    records: Records, frames: Frames, identities: tuple[str, ...], names: tuple[str, ...], now: int
) -> set[tuple[str, int]]:
    """Read events of the open tail and of sealed parts; what another process seals in between is in both."""
    since = now - DAYS * DAY
    tail = records.table(
        "events", ["name", "at"], f"identity in ({_marks(identities)}) and at between ? and ? and name in ({_marks(names)})",
        (*identities, since, now, *names),
    )  # fmt: skip
    sealed = frames.sealed_events_of(identities, since).select(["name", "at"])
    rows = (pair for table in (tail, sealed) for pair in zip(*(c.to_pylist() for c in table.columns), strict=True))
    return {(name, at) for name, at in rows if name in names and at <= now}


def _marks(values: Iterable[object]) -> str:
    return ", ".join("?" for _ in values)
