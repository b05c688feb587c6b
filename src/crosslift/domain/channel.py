"""By which channel and when a message reaches somebody: what they wished for, and the choice with its reasons."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time
from enum import StrEnum

from crosslift.domain.estimate import Figure
from crosslift.domain.pressure import is_clock_between
from crosslift.domain.rule import DAYPART_BEGINS

PREFERRED_CHANNEL, PREFERRED_HOURS = "preferred_channel", "preferred_hours"
"""Traits that hold what a person declared; columns of these names in a customers file are such traits."""
HOURS = 24
NAMES: Mapping[str, str] = {
    "e-mail": "email", "mail": "email", "이메일": "email", "메일": "email", "メール": "email", "text": "sms",
    "text message": "sms", "문자": "sms", "ショートメッセージ": "sms", "push notification": "push", "푸시": "push",
    "プッシュ": "push",
}  # fmt: skip
"""What people call a channel."""
_LISTED = re.compile(r"[,;/、]")
_CLOCK = r"(\d{1,2})(?::(\d\d))?\s*(?:h|시|時)?"
_SPAN = re.compile(rf"{_CLOCK}(?:\s*(?:-|–|—|~|〜|to)\s*{_CLOCK})?")


@dataclass(frozen=True, slots=True)
class Hours:
    """From `start` until, not including, `end` of the local day; it may pass midnight, and what ends as it starts is all day."""

    start: time
    end: time

    def hold(self, at: time) -> bool:
        """Tell whether a local time lies in them."""
        return is_clock_between(at, self.start, self.end)


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a person declared: channels, the first the dearest, and hours; `unread` is what nobody could read."""

    channels: tuple[str, ...] = ()
    hours: tuple[Hours, ...] = ()
    unread: tuple[str, ...] = ()

    def place_of(self, channel: str) -> int:
        """Give the place of a channel among the declared ones, behind all of them where it is none."""
        return self.channels.index(channel) if channel in self.channels else len(self.channels)

    def hold(self, at: time) -> bool:
        """Tell whether a local time lies in the declared hours."""
        return any(hours.hold(at) for hours in self.hours)


NO_WISHES = Wishes()


def wishes_of(traits: Mapping[str, str]) -> Wishes:
    """Read what somebody declared.

    Hours are written `18-21`, `18:30-20:00`, `9` (one hour) or as a part of the day (`evening`); several stand behind
    commas. What cannot be read is a wish nobody knows, not an error.

    Examples
    --------
    >>> wishes_of({"preferred_channel": "SMS, e-mail", "preferred_hours": "22-1, noonish"})
    ... # doctest: +NORMALIZE_WHITESPACE
    Wishes(channels=('sms', 'email'), hours=(Hours(start=datetime.time(22, 0), end=datetime.time(1, 0)),),
           unread=('noonish',))
    """
    channels = dict.fromkeys(NAMES.get(name, name) for name in _listed(traits.get(PREFERRED_CHANNEL, "")))
    read = [(text, _hours(text)) for text in _listed(traits.get(PREFERRED_HOURS, ""))]
    hours = tuple(span for _, span in read if span is not None)
    return Wishes(tuple(channels), hours, tuple(text for text, span in read if span is None))


def _listed(text: str) -> Iterator[str]:
    plain = unicodedata.normalize("NFKC", text).casefold()
    yield from (one for part in _LISTED.split(plain) if (one := " ".join(part.split())))


def _hours(text: str) -> Hours | None:
    begins = [hour for hour, _ in DAYPART_BEGINS]
    for number, (hour, part) in enumerate(DAYPART_BEGINS):
        if text == part.value:
            return Hours(time(hour), time(begins[(number + 1) % len(begins)]))
    found = _SPAN.fullmatch(text)
    if found is None:
        return None
    first, minute, last, last_minute = (int(part or 0) for part in found.groups())
    if found[3] is None:
        last, last_minute = first + 1, minute
    if first > 23 or last > HOURS or (last == HOURS and last_minute) or max(minute, last_minute) > 59:
        return None
    return Hours(time(first, minute), time(last % HOURS, last_minute))


@dataclass(frozen=True, slots=True)
class HourCounts:
    """Messages by the local hour they went out at, and those of them that were clicked or accepted; 24 whole numbers each."""

    sent: tuple[int, ...] = (0,) * HOURS
    answered: tuple[int, ...] = (0,) * HOURS


class Bar(StrEnum):
    """Why nothing goes out by a channel within the time asked about; a rule of the policy brings its own code."""

    NO_CONSENT = "no_consent"
    """No consent to marketing on this channel."""
    NO_ADDRESS = "no_address"
    """Nobody knows where to write to."""
    STOPPED = "stopped"
    """The shop is stopped."""
    SOLVE_FIRST = "solve_first"
    """Something of this person is open."""
    MUTED = "muted"
    """The person wants to be left alone altogether."""
    COOLING_DOWN = "cooling_down"
    """Everything rests after a complaint, a no, a return."""
    VALUE_FIRST = "value_first"
    QUIET_HOURS = "quiet_hours"
    CAPPED = "capped"


class Because(StrEnum):
    """Why a channel and time stands before those after it, in the order in which they are asked."""

    PREFERRED_CHANNEL = "preferred_channel"
    """The person declared it."""
    PREFERRED_HOURS = "preferred_hours"
    """The person declared these hours."""
    ANSWERED_CHANNEL = "answered_channel"
    """Messages on other channels are answered less."""
    ANSWERED_HOUR = "answered_hour"
    """Messages at other hours are answered less."""
    LEAST_PRESSURE = "least_pressure"
    """Most room is left in its caps now."""
    EARLIEST = "earliest"
    """It can go out sooner."""
    ONLY_CHANNEL = "only_channel"
    """No other channel is open."""


@dataclass(frozen=True, slots=True)
class ContactTime:
    """One channel and the best time on it.

    Attributes
    ----------
    placement : str
        What `decide` is to be asked for, at that time.
    at : int
        Microseconds UTC.
    local : datetime
        The same on the person's own clock.
    response : Figure
        Share of messages expected to be answered on this channel at this hour: by people like all, and by this person as far
        as their own answers may be used. The interval is of that expectation; single people differ more.
    pressure : float
        0..1, share of the fullest cap that is used at the instant asked for: of times to come it would say that whoever
        waits longest presses least.
    not_now : str or None
        What would have stopped a message at the instant asked for; None where it may go out at once.
    """

    channel: str
    placement: str
    at: int
    local: datetime
    because: tuple[Because, ...]
    response: Figure
    pressure: float
    not_now: str | None = None


@dataclass(frozen=True, slots=True)
class BarredChannel:
    """A channel that is out, and the first code that says why (`Bar`, or a rule's own)."""

    channel: str
    placement: str
    code: str


@dataclass(frozen=True, slots=True)
class ChannelChoice:
    """Where and when to reach somebody.

    Attributes
    ----------
    asked_at, until : int
        The time looked at, microseconds UTC.
    time_zone : str
        Of the person's clock.
    wishes : Wishes
        What they declared.
    times : tuple of ContactTime
        Each open channel with its best time, the best first; empty where nobody may be written to.
    barred : tuple of BarredChannel
        Channels that are out, by name.
    """

    asked_at: int
    until: int
    time_zone: str
    wishes: Wishes = field(default=NO_WISHES)
    times: tuple[ContactTime, ...] = ()
    barred: tuple[BarredChannel, ...] = ()

    @property
    def best(self) -> ContactTime | None:
        """The channel and time to take; None is an honest answer."""
        return self.times[0] if self.times else None
