"""When something is due, as a sentence a merchant can read aloud: "every Monday and Thursday at 08:00, skip if missed".

never
every 15 minutes
every hour at :20                    every 6 hours
every day at 03:00                   every weekday at 07:30
every Monday and Thursday at 08:00
every month on day 1 at 06:00

Days and times of day are those of the shop's time zone. Where a clock jumps over a time of day it is due right after the
jump, where it shows one twice it is due the first time. A schedule ends with what to do where nobody was there in time:
", run once if missed" (so it is without a word) or ", skip if missed".
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from crosslift.errors import BadInput

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
LATE = timedelta(minutes=15)
"""What is due so long ago was missed: nobody was there in time."""
_LONGEST_MONTH = 31
_TIME = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)", re.ASCII)
_EVERY = re.compile(r"every (?:(\d{1,4}) )?(minutes?|hours?)(?: at :([0-5]\d))?", re.ASCII)
_ON_DAYS = re.compile(r"every (.+) at (\S+)")
_MONTHLY = re.compile(r"every month on day (\d{1,2}) at (\S+)", re.ASCII)
_MISSED = {", skip if missed": True, ", run once if missed": False}
_EXAMPLES = (
    "write 'never', 'every 15 minutes', 'every hour at :20', 'every day at 03:00', 'every weekday at 07:30', 'every Monday "
    "and Thursday at 08:00' or 'every month on day 1 at 06:00', each with ', skip if missed' at the end if it should"
)


@dataclass(frozen=True, slots=True)
class Schedule:
    """When something is due. Nothing but `read_schedule` needs to make one.

    Attributes
    ----------
    said : str
        As it was written.
    skips_missed : bool
        Whether what nobody was there for is left out, instead of done once.
    step : timedelta or None
        Between instants that are counted from 1970, `offset` after it; None for days.
    weekdays : frozenset of int
        0 for Monday; with `at`. All seven for every day.
    month_day : int or None
        1 to 28, instead of weekdays.
    at : time or None
        Local time of day.
    """

    said: str
    skips_missed: bool = False
    step: timedelta | None = None
    offset: timedelta = timedelta()
    weekdays: frozenset[int] = frozenset()
    month_day: int | None = None
    at: time | None = None

    @property
    def is_never(self) -> bool:
        """Whether nothing is ever due."""
        return self.step is None and self.at is None

    def last(self, now: datetime, zone: tzinfo) -> datetime | None:
        """Give the newest instant that is due at `now` or was before, in UTC; None if there is none within a month."""
        if self.step is not None:
            return now - (now - _START - self.offset) % self.step
        found = [due for due in self._days(now, zone, -_LONGEST_MONTH - 1, 1) if due <= now]
        return max(found, default=None)

    def next(self, now: datetime, zone: tzinfo) -> datetime | None:
        """Give the first instant after `now` that is due, in UTC; None for never."""
        if self.step is not None:
            last = self.last(now, zone)
            return None if last is None else last + self.step
        found = [due for due in self._days(now, zone, -1, _LONGEST_MONTH + 1) if due > now]
        return min(found, default=None)

    def _days(self, now: datetime, zone: tzinfo, first: int, last: int) -> list[datetime]:
        """Give what is due on the days around `now`, both ends included."""
        if self.at is None:
            return []
        today = now.astimezone(zone).date()
        days = (today + timedelta(days=n) for n in range(first, last + 1))
        return [datetime.combine(day, self.at, zone).astimezone(UTC) for day in days if self._is_on(day)]

    def _is_on(self, day: date) -> bool:
        return day.day == self.month_day if self.month_day is not None else day.weekday() in self.weekdays


NEVER = Schedule("never")
_START = datetime(1970, 1, 1, tzinfo=UTC)


def read_schedule(said: str, where: str | None = None) -> Schedule:
    """Read a sentence.

    Raises
    ------
    BadInput
        Naming the place and what can be written.

    Examples
    --------
    >>> monday = datetime(2026, 11, 2, 9, tzinfo=UTC)
    >>> read_schedule("every Monday at 08:00, skip if missed").last(monday, UTC).isoformat()
    '2026-11-02T08:00:00+00:00'
    """
    text, skips = " ".join(said.split()), False
    for ending, is_skipped in _MISSED.items():
        if text.lower().endswith(ending):
            text, skips = text[: -len(ending)], is_skipped
    lower = text.lower()
    if lower == "never":
        return Schedule(said, skips)
    found = _stepped(lower, said, skips) or _monthly(lower, said, skips) or _daily(lower, said, skips)
    if found is None:
        raise BadInput(f"{said!r} says no time; {_EXAMPLES}", where=where)
    return found


def _stepped(text: str, said: str, skips: bool) -> Schedule | None:
    found = _EVERY.fullmatch(text)
    if found is None:
        return None
    count, unit, past = int(found[1] or 1), found[2], found[3]
    if count < 1 or (found[1] is not None) != unit.endswith("s") or (unit.startswith("minute") and past):
        return None
    step = timedelta(minutes=count) if unit.startswith("minute") else timedelta(hours=count)
    return Schedule(said, skips, step, timedelta(minutes=int(past or 0)))


def _monthly(text: str, said: str, skips: bool) -> Schedule | None:
    found = _MONTHLY.fullmatch(text)
    at = _time(found[2]) if found else None
    if found is None or at is None or not 1 <= int(found[1]) <= 28:
        return None
    return Schedule(said, skips, month_day=int(found[1]), at=at)


def _daily(text: str, said: str, skips: bool) -> Schedule | None:
    found = _ON_DAYS.fullmatch(text)
    at = _time(found[2]) if found else None
    weekdays = _weekdays(found[1]) if found else frozenset()
    return Schedule(said, skips, weekdays=weekdays, at=at) if weekdays and at else None


def _weekdays(text: str) -> frozenset[int]:
    named = {"day": range(7), "weekday": range(5), "weekend day": range(5, 7)}
    if text in named:
        return frozenset(named[text])
    names = [day.lower() for day in DAYS]
    given = re.split(r", and |, | and ", text)
    return frozenset(map(names.index, given)) if set(given) <= set(names) else frozenset()


def _time(text: str) -> time | None:
    found = _TIME.fullmatch(text)
    return time(int(found[1]), int(found[2])) if found else None
