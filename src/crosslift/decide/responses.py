"""How readily messages are answered, by channel and local hour: by everybody, and by one person as far as that may be used."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

import numpy as np

from crosslift.domain.channel import HOURS, HourCounts
from crosslift.domain.estimate import Estimate, Figure, NotEstimable
from crosslift.domain.pressure import DAY, MOST_READ, SIGHTING_DAYS, ContactState, PressureState, Reaction
from crosslift.stats.arrays import BoolArray, FloatArray
from crosslift.stats.responses import drawn_rate, may_be_best, own_rate

START_RATE, START_WEIGHT = 0.05, 20.0
"""What is expected of messages before any was sent, and how many messages that is worth."""
CHANNEL_WEIGHT = HOUR_WEIGHT = 100.0
"""Messages that the shop's rate is worth for a channel, and the channel's rate for an hour."""
OWN_WEIGHT = 20.0
"""Messages to one person that what is usual is worth."""
LEVEL = 0.9
"""A rate is below another where it is so with this probability; else both are equally good."""
SETTLES_AFTER = 2 * DAY
"""A younger message says nothing yet: its answer may still come, microseconds."""
_SIGHTINGS = frozenset({Reaction.SEEN, Reaction.CLICKED, Reaction.ACCEPTED})
_ANSWERS = frozenset({Reaction.CLICKED, Reaction.ACCEPTED})
_Z = 1.645
NOTHING = HourCounts()


def counted_by_hour(messages: Iterable[tuple[str, int, bool]]) -> dict[str, HourCounts]:
    """Count messages (channel, local hour, whether it was answered) by channel and hour; channels in order of their names."""
    sent: dict[str, list[int]] = {}
    answered: dict[str, list[int]] = {}
    for channel, hour, is_answered in messages:
        sent.setdefault(channel, [0] * HOURS)[hour] += 1
        answered.setdefault(channel, [0] * HOURS)[hour] += is_answered
    return {channel: HourCounts(tuple(sent[channel]), tuple(answered[channel])) for channel in sorted(sent)}


def own_counts(state: PressureState, channels: Iterable[str], zone: tzinfo, now: int) -> dict[str, HourCounts]:
    """Count one person's messages and answers from the contacts and reactions that are read with them.

    An answer belongs to the newest message before it on its channel; each message is answered once. What is too young to
    judge, or older than answers are kept and read, is left out.
    """
    about = [one for one in state.reactions if one.reaction in _SIGHTINGS]
    begin = now - SIGHTING_DAYS * DAY
    if len(about) >= MOST_READ:
        begin = max(begin, min(one.at for one in about))
    found: list[tuple[str, int, bool]] = []
    for channel in channels:
        sent = sorted(
            one.at for one in state.contacts if one.channel == channel and one.state is ContactState.CONFIRMED
        )  # fmt: skip
        answers = (one.at for one in about if one.channel == channel and one.reaction in _ANSWERS)
        answered = {sent[place - 1] for at in answers if (place := bisect_right(sent, at))}
        settled = (at for at in sent if begin <= at <= now - SETTLES_AFTER)
        found += [(channel, local_hour(at, zone), at in answered) for at in settled]
    return counted_by_hour(found)


def local_hour(at: int, zone: tzinfo) -> int:
    """Give the hour that clocks of a zone show at an instant, microseconds UTC."""
    return datetime.fromtimestamp(at // 1_000_000, UTC).astimezone(zone).hour


@dataclass(frozen=True, slots=True, eq=False)
class Response:
    """What is expected of one person on one channel.

    Attributes
    ----------
    mean, variance : float
        Of the share of messages they answer, at whatever hour.
    hour_mean, hour_variance : float64 array, shape (24,)
        Of the same by local hour.
    n : int
        Messages on this channel that it rests on.
    """

    mean: float
    variance: float
    hour_mean: FloatArray
    hour_variance: FloatArray
    n: int

    def best_hours(self, hours: Iterable[int]) -> frozenset[int]:
        """Give those of some hours that are not surely worse than the best of them."""
        asked = sorted(set(hours))
        kept: BoolArray = may_be_best(self.hour_mean[asked], self.hour_variance[asked], LEVEL)
        return frozenset(hour for hour, is_kept in zip(asked, kept, strict=True) if is_kept)

    def at(self, hour: int, channel: str) -> Figure:
        """Give the share expected at an hour, with its interval."""
        if not self.n:
            return NotEstimable(f"no message by {channel} is old enough to have been answered")
        mean, reach = float(self.hour_mean[hour]), _Z * float(np.sqrt(self.hour_variance[hour]))
        low, high = round(max(mean - reach, 0.0), 4), round(min(mean + reach, 1.0), 4)
        return Estimate(round(mean, 4), low, high, self.n, "share", LEVEL)


def responses(
    told: Mapping[str, HourCounts], own: Mapping[str, HourCounts], channels: Iterable[str]
) -> dict[str, Response]:
    """Work out what to expect of one person by channel.

    A channel's rate is drawn toward the rate of all messages, an hour's toward its channel's; the person's own answers move
    both as they grow, hours in the proportions that everybody has.

    Parameters
    ----------
    told, own : mapping of channel to HourCounts
        Of everybody, and of this person; what may not be used is left out.
    """
    n_sent, n_answered = (
        sum(sum(getattr(counts, name)) for counts in told.values()) for name in ("sent", "answered")
    )  # fmt: skip
    of_all = (n_answered + START_WEIGHT * START_RATE) / (n_sent + START_WEIGHT)
    return {
        channel: _response(told.get(channel, NOTHING), own.get(channel, NOTHING), of_all) for channel in channels
    }  # fmt: skip


def _response(told: HourCounts, own: HourCounts, of_all: float) -> Response:
    usual, spread = drawn_rate(sum(told.answered), sum(told.sent), of_all, CHANNEL_WEIGHT)
    mean, variance = own_rate(sum(own.answered), sum(own.sent), usual, spread, OWN_WEIGHT)
    by_hour, hour_spread = drawn_rate(told.answered, told.sent, usual, HOUR_WEIGHT)
    moved = mean / usual
    expected = np.minimum(by_hour * moved, 1.0)
    hour_mean, hour_variance = own_rate(own.answered, own.sent, expected, hour_spread * moved**2, OWN_WEIGHT)
    n = sum(told.sent) + sum(own.sent)
    return Response(float(mean), float(variance), hour_mean, hour_variance, n)
