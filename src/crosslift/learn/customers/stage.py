"""Where people stand with the shop, and what says so.

The first of these that fits is the stage: **lapse**, a buyer silent for longer than people like them are (see `rhythm`), who
holds nothing; **consider**, repeated visits, a cart or repeated searches since the last order, whose time to buy again has
come or who never bought; **use**, a buyer or holder who holds, uses or asked for something since the last order, or whose
time has come without any of this; **buy**, ordered within their interval; **aware**, seen, and no more.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from crosslift.domain.profile import Stage
from crosslift.domain.profile_codes import StageSign
from crosslift.learn.customers import written
from crosslift.learn.customers.exchange import DAY
from crosslift.learn.customers.seen import Act, Seen
from crosslift.learn.customers.visits import begins

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

MIN_VISITS, MIN_CARTS, MIN_SEARCHES = 2, 1, 2
STAGES = tuple(Stage)
NEVER = -1


@dataclass(frozen=True, slots=True)
class Signs:
    """What stages are read from; arrays of shape (people,), instants in microseconds with −1 for never.

    Attributes
    ----------
    last_order_at, last_seen_at, last_used_at : int64 array
        Newest order; newest sign of life; newest use, reading of a meter, or question.
    interval_days, silence_days : float64 array
        See `rhythm.Rhythm`; nan where unknown.
    n_held : int64 array
        Products held now.
    has_bought : bool array
        Ever ordered or had a contract.
    """

    last_order_at: Ints
    last_seen_at: Ints
    last_used_at: Ints
    interval_days: Floats
    silence_days: Floats
    n_held: Ints
    has_bought: Bools


@dataclass(frozen=True, slots=True)
class Looking:
    """Visits, carts and searches of each person since their last order, within the newest days; shape (people,)."""

    n_visits: Ints
    n_carts: Ints
    n_searches: Ints

    @classmethod
    def of(cls, seen: Seen, last_order_at: Ints, since: int, minutes: float) -> "Looking":
        """Count what happened after `since` (microseconds) and after each person's last order."""
        n_people = len(last_order_at)
        recent = np.flatnonzero(seen.at > since)
        recent = recent[seen.at[recent] > last_order_at[seen.person[recent]]]
        person, at, act = seen.person[recent], seen.at[recent], seen.act[recent]
        order = np.lexsort((at, person))
        first = begins(person[order], at[order], minutes)
        carts, searches = (np.bincount(person[act == one], minlength=n_people) for one in (Act.CART, Act.SEARCH))
        return cls(np.bincount(person[order][first], minlength=n_people), carts, searches)

    @property
    def is_considering(self) -> Bools:
        """Whether this is more than a glance."""
        return (
            (self.n_visits >= MIN_VISITS) | (self.n_carts >= MIN_CARTS) | (self.n_searches >= MIN_SEARCHES)
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Journey:
    """The stage of each person (place in `STAGES`, −1 where nothing was ever seen) and its evidence as JSON."""

    stage: npt.NDArray[np.int8]
    evidence: pa.Array

    @classmethod
    def of(cls, signs: Signs, looking: Looking, as_of: int) -> "Journey":
        """Place everybody."""
        since_order, since_seen = (_days(at, as_of) for at in (signs.last_order_at, signs.last_seen_at))
        is_silent = signs.has_bought & (signs.n_held == 0) & (since_seen > signs.silence_days)
        is_due = since_order > signs.interval_days
        has_used = (signs.last_used_at > signs.last_order_at) | (signs.n_held > 0)
        chosen = (
            (Stage.LAPSE, is_silent),
            (Stage.CONSIDER, looking.is_considering & (is_due | ~signs.has_bought)),
            (Stage.USE, signs.has_bought & (has_used | is_due)),
            (Stage.BUY, signs.has_bought),
            (Stage.AWARE, signs.last_seen_at > NEVER),
        )
        stage = np.full(len(since_order), NEVER, np.int8)
        for name, fits in reversed(chosen):
            stage[fits] = STAGES.index(name)
        return cls(stage, _evidence(stage, signs, looking, since_order, since_seen, as_of))


def _days(at: Ints, as_of: int) -> Floats:
    return np.where(at > NEVER, np.maximum(as_of - at, 0) / DAY, np.nan)


def _evidence(
    stage: npt.NDArray[np.int8], signs: Signs, looking: Looking, since_order: Floats, since_seen: Floats, as_of: int
) -> pa.Array:
    """Write what speaks for each stage."""
    is_in = {name: stage == place for place, name in enumerate(STAGES)}
    used = np.where(signs.last_used_at > signs.last_order_at, _days(signs.last_used_at, as_of), np.nan)
    said: dict[StageSign, tuple[Floats | Ints, Bools, int]] = {
        StageSign.DAYS_SINCE_ORDER: (since_order, ~is_in[Stage.AWARE], 1),
        StageSign.DAYS_SINCE_SEEN: (since_seen, is_in[Stage.LAPSE] | is_in[Stage.AWARE], 1),
        StageSign.SILENCE_DAYS: (signs.silence_days, is_in[Stage.LAPSE], 1),
        StageSign.INTERVAL_DAYS: (signs.interval_days, is_in[Stage.BUY] | is_in[Stage.USE] | is_in[Stage.CONSIDER], 1),
        StageSign.VISITS: (looking.n_visits, is_in[Stage.CONSIDER], 0),
        StageSign.CARTS: (looking.n_carts, is_in[Stage.CONSIDER], 0),
        StageSign.SEARCHES: (looking.n_searches, is_in[Stage.CONSIDER], 0),
        StageSign.HELD: (signs.n_held, is_in[Stage.USE] & (signs.n_held > 0), 0),
        StageSign.DAYS_SINCE_USE: (used, is_in[Stage.USE], 1),
    }
    columns = [(np.where(fits, values, np.nan), digits) for values, fits, digits in said.values()]
    return written.pairs(tuple(said), columns)
