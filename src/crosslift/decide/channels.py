"""By which channel and when to write to somebody: what they declared, then what is answered, then where most room is left.

Only among channels they consented to and can be reached by, and at times that pass the same judgement of pressure a decision
asks (`pressure.judge_contacts`). It reserves nothing: the message itself is decided when it goes out, and asked all of it again.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from crosslift.decide.moments import Situation
from crosslift.decide.pauses import rests_altogether
from crosslift.decide.pressure import Attention, judge_contacts, local_at, share_used
from crosslift.decide.responses import LEVEL, Response, own_counts, responses
from crosslift.domain.channel import (
    HOURS,
    NO_WISHES,
    Bar,
    BarredChannel,
    Because,
    ChannelChoice,
    ContactTime,
    HourCounts,
    Wishes,
)
from crosslift.domain.customer import Person, Purpose
from crosslift.domain.decision import NoOffer
from crosslift.domain.placement import Placement
from crosslift.domain.pressure import DAY, PressureLimits, Reaction
from crosslift.stats.responses import may_be_best

Barring = Callable[[Situation], str | None]
Instant = tuple[int, datetime]
"""An instant in microseconds UTC, and the same on the person's clock."""


def nothing_bars(_here: Situation) -> str | None:
    """Bar no moment."""
    return None


def choose(
    person: Person,
    limits: PressureLimits,
    spots: Iterable[Placement],
    now: datetime,
    timezones: Mapping[str, str],
    *,
    wishes: Wishes = NO_WISHES,
    reachable: frozenset[str] = frozenset(),
    told: Mapping[str, HourCounts] | None = None,
    market: str | None = None,
    days: float = 7.0,
    bars: Barring = nothing_bars,
) -> ChannelChoice:
    """Choose channel and time for a message to one person.

    Times looked at are the present instant and every full hour of the person's clock, besides the minutes at which quiet
    hours end and declared hours begin; an hour that clocks skip is the next one that there is. A declared channel goes before
    declared hours, both before what was answered, that before pressure; what is equally good goes out earlier.

    Parameters
    ----------
    person : Person
        With consents, contacts, reactions, open cases and zone.
    spots : iterable of Placement
        Of messages; their order means nothing.
    timezones : mapping of str to str
        As for `pressure.attention`.
    wishes : Wishes
        What the person declared.
    reachable : frozenset of str
        Channels on which somebody knows where to write to.
    told : mapping of channel to HourCounts, optional
        What everybody answered, as last learned. The person's own answers count on channels where they consented to
        personalization.
    days : float
        How far ahead is looked.
    bars : callable
        Gives the code of a rule that stops everything in a situation, None where none does.

    Returns
    -------
    ChannelChoice
        With no times where nobody may be written to.
    """
    local = local_at(now, person.timezone, market or person.market, timezones)
    asked_at = int(now.timestamp() * 1_000_000)
    until = asked_at + round(days * DAY)
    asking = _Asking(person, limits, market or person.market, bars)
    grid = _grid(local, until, {time(hour) for hour in range(HOURS)} | _edges(limits, wishes))
    open_at, barred = _told_apart(asking, spots, grid, reachable)
    zone = local.tzinfo or UTC
    may_use = [
        spot.channel for spot in open_at if person.is_known and person.allows(Purpose.PERSONALIZATION, spot.channel)
    ]
    own = own_counts(person.pressure, may_use, zone, asked_at)
    expected = responses(told or {}, own, [spot.channel for spot in open_at])
    offered = [
        _best_time(spot, instants, wishes, expected[spot.channel], asking, grid[0])
        for spot, instants in open_at.items()
    ]
    return ChannelChoice(asked_at, until, str(zone), wishes, tuple(_ranked(offered, wishes)), tuple(barred))


# what is open --------------------------------------------------------------------------------------------------------


def _told_apart(
    asking: "_Asking", spots: Iterable[Placement], grid: Sequence[Instant], reachable: frozenset[str]
) -> tuple[dict[Placement, list[Instant]], list[BarredChannel]]:
    """Give the instants at which each channel is open, and why the others never are; both by name."""
    open_at: dict[Placement, list[Instant]] = {}
    barred: list[BarredChannel] = []
    for spot in sorted(set(spots), key=lambda spot: (spot.channel, spot.name)):
        code, instants = _bar_of(asking.person, spot.channel, reachable), list[Instant]()
        if code is None:
            codes = [asking.bar(spot, one) for one in grid]
            instants = [one for one, bar in zip(grid, codes, strict=True) if bar is None]
            code = _throughout(codes)
        if instants:
            open_at[spot] = instants
        else:
            barred.append(BarredChannel(spot.channel, spot.name, code))
    return open_at, barred


def _bar_of(person: Person, channel: str, reachable: frozenset[str]) -> str | None:
    """Give what bars a channel whatever the hour is."""
    if not person.allows(Purpose.MARKETING, channel):
        return Bar.NO_CONSENT
    return None if channel in reachable else Bar.NO_ADDRESS


def _throughout(codes: Sequence[str | None]) -> str:
    """Give what bars a channel at every instant: quiet hours only where nothing else does at the hours that are not quiet."""
    return next((code for code in codes if code not in (None, Bar.QUIET_HOURS)), None) or Bar.QUIET_HOURS


@dataclass(frozen=True, slots=True)
class _Asking:
    """Asks of a moment what a decision would ask of it."""

    person: Person
    limits: PressureLimits
    market: str | None
    bars: Barring

    def bar(self, spot: Placement, moment: Instant) -> str | None:
        """Give the first code that stops a message then."""
        asked = self.attention(spot, moment)
        situation = Situation(spot.name, spot.channel, spot.interrupts, False, self.market, None, asked.local)
        if (code := self.bars(situation)) is not None:
            return code
        found = judge_contacts(self.person, self.limits, asked)
        if found is NoOffer.COOLING_DOWN:
            rests_on = rests_altogether(self.person.pressure, self.limits, asked.now)
            return Bar.MUTED if rests_on[0].reaction is Reaction.MUTED else Bar.COOLING_DOWN
        return None if found is None else str(found)

    def attention(self, spot: Placement, moment: Instant) -> Attention:
        """Say whose attention a message then would ask for."""
        at, local = moment
        return Attention(
            self.person.identity, spot.channel, self.market, at, local, is_taken=True, is_message=True, is_spoken=False
        )


def _edges(limits: PressureLimits, wishes: Wishes) -> set[time]:
    """Give the minutes at which something opens: quiet hours that end, declared hours that begin."""
    return {hours.end for hours in limits.quiet_hours} | {hours.start for hours in wishes.hours}


def _grid(now: datetime, until: int, clock: Iterable[time]) -> list[Instant]:
    """Give the present instant and those at which clocks where the person is show some times of day, in order.

    Clocks put forward never show some of them: such a time is as far after the one it should follow as it always was
    (PEP 495), and the clock then shows another. One that is shown twice counts when it is shown first.
    """
    zone, begin = now.tzinfo or UTC, int(now.timestamp() * 1_000_000)
    last = datetime.fromtimestamp(until / 1_000_000, UTC).astimezone(zone).date()
    found = {begin}
    for day in _days(now.date(), last):
        for hour in clock:
            at = int(datetime.combine(day, hour, zone).timestamp() * 1_000_000)
            if begin < at <= until:
                found.add(at)
    return [(at, _clock_at(at, zone)) for at in sorted(found)]


def _days(first: date, last: date) -> Iterable[date]:
    return (first + timedelta(days=n) for n in range((last - first).days + 1))


def _clock_at(at: int, zone: tzinfo) -> datetime:
    return datetime.fromtimestamp(at // 1_000_000, UTC).replace(microsecond=at % 1_000_000).astimezone(zone)


# which is best -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class _Offered:
    """A channel at its best time, and what it is compared by."""

    time: ContactTime
    response: Response
    is_wished: bool


def _best_time(
    spot: Placement, open_at: Sequence[Instant], wishes: Wishes, response: Response, asking: _Asking, first: Instant
) -> _Offered:
    """Choose the time on one channel: declared hours, then those best answered, then the earliest."""
    because: list[Because] = []
    wished = [one for one in open_at if wishes.hold(one[1].time())]
    pool = wished or open_at
    if wished:
        because.append(Because.PREFERRED_HOURS)
    hours = {one[1].hour for one in pool}
    best = response.best_hours(hours)
    if len(best) < len(hours):
        because.append(Because.ANSWERED_HOUR)
    moment = next(one for one in pool if one[1].hour in best)
    pressure = share_used(asking.person.pressure, asking.limits, asking.attention(spot, first))
    at, local = moment
    figure = response.at(local.hour, spot.channel)
    not_now = None if open_at[0] == first else asking.bar(spot, first)
    found = ContactTime(spot.channel, spot.name, at, local, tuple(because), figure, round(pressure, 4), not_now)
    return _Offered(found, response, bool(wished))


def _ranked(offered: Sequence[_Offered], wishes: Wishes) -> Iterable[ContactTime]:
    """Order channels, each with why it stands before those after it."""
    left = list(offered)
    order = list(Because)
    while left:
        best, because = _pick(left, wishes)
        yield replace(best.time, because=tuple(sorted({*best.time.because, *because}, key=order.index)))
        left.remove(best)


def _pick(pool: Sequence[_Offered], wishes: Wishes) -> tuple[_Offered, list[Because]]:
    """Leave in the pool what each question leaves there; a question that leaves less is a reason."""
    because: list[Because] = [] if len(pool) > 1 else [Because.ONLY_CHANNEL]
    dearest = min(wishes.place_of(one.time.channel) for one in pool)
    if dearest < len(wishes.channels):
        because.append(Because.PREFERRED_CHANNEL)
    pool = [one for one in pool if wishes.place_of(one.time.channel) == dearest]
    pool = [one for one in pool if one.is_wished] or pool
    for reason, keep in _QUESTIONS:
        kept = keep(pool)
        if len(kept) < len(pool):
            because.append(reason)
        pool = kept
    return min(pool, key=lambda one: one.time.channel), because


def _best_answered(pool: Sequence[_Offered]) -> list[_Offered]:
    kept = may_be_best([one.response.mean for one in pool], [one.response.variance for one in pool], LEVEL)
    return [one for one, is_kept in zip(pool, kept.tolist(), strict=True) if is_kept]


def _least_pressed(pool: Sequence[_Offered]) -> list[_Offered]:
    least = min(one.time.pressure for one in pool)
    return [one for one in pool if one.time.pressure == least]


def _earliest(pool: Sequence[_Offered]) -> list[_Offered]:
    first = min(one.time.at for one in pool)
    return [one for one in pool if one.time.at == first]


_QUESTIONS = (
    (Because.ANSWERED_CHANNEL, _best_answered),
    (Because.LEAST_PRESSURE, _least_pressed),
    (Because.EARLIEST, _earliest),
)
"""What is asked of channels that nobody declared before the others, in order."""
