"""How quantities of a policy are written in TOML: numbers, shares, lengths of time, times of day, instants."""

import math
import re
from dataclasses import dataclass
from datetime import UTC, datetime, time

from crosslift.domain.policy_forms import Reading, Schema, Wrong, quoted, shown
from crosslift.domain.segment_tokens import nearest
from crosslift.domain.toml_lines import Path

_PERCENT = re.compile(r"\s*(-?\d{1,12}(?:\.\d{1,12})?)\s*%\s*", re.ASCII)
_SPAN = re.compile(r"\s*(\d{1,15}(?:\.\d{1,20})?(?:e[+-]?\d{1,3})?)\s*([a-z]+?)s?\s*", re.ASCII)
_CLOCK = re.compile(r"\d\d:\d\d(:\d\d(\.\d{6})?)?", re.ASCII)
SECONDS = {"second": 1, "minute": 60, "hour": 3_600, "day": 86_400, "week": 604_800}


@dataclass(frozen=True, slots=True)
class Number:
    """A number within bounds."""

    low: float | None = None
    high: float | None = None
    is_whole: bool = False

    @property
    def said(self) -> str:
        """What is expected, in words."""
        least = "" if self.low is None else f" from {self.low:,.10g}"
        most = "" if self.high is None else f" to {self.high:,.10g}"
        return f"a {'whole ' if self.is_whole else ''}number{least}{most}"

    def read(self, raw: object, path: Path, reading: Reading) -> float:
        """Give the number."""
        kinds = (int,) if self.is_whole else (int, float)
        if isinstance(raw, bool) or not isinstance(raw, kinds):
            raise Wrong(f"{shown(raw)} is not {self.said}")
        value = _finite(raw)
        if value is None or not _within(value, self.low, self.high):
            raise Wrong(f"{shown(raw)} is not {self.said}")
        return int(value) if self.is_whole else value

    def write(self, value: float) -> str:
        """Write the number so that exactly it is read again."""
        return str(value) if self.is_whole else repr(float(value))

    def schema(self) -> Schema:
        """Describe it."""
        return {"type": "integer" if self.is_whole else "number", **_bounds(self.low, self.high)}


@dataclass(frozen=True, slots=True)
class Share:
    """A share, as `"20 %"` or as 0.2."""

    low: float | None = 0.0
    high: float | None = 1.0

    @property
    def said(self) -> str:
        """What is expected, in words."""
        least = "" if self.low is None else f" from {self.low * 100:g} %"
        most = "" if self.high is None else f" to {self.high * 100:g} %"
        return f'a share{least}{most}, such as "20 %"'

    def read(self, raw: object, path: Path, reading: Reading) -> float:
        """Give the share, 1 for the whole."""
        value = None
        if isinstance(raw, str) and (percent := _PERCENT.fullmatch(raw)):
            value = float(percent[1]) / 100
        elif isinstance(raw, int | float) and not isinstance(raw, bool):
            value = _finite(raw)
        if value is None or not _within(value, self.low, self.high):
            meant = f'; did you mean "{shown(raw)} %"?' if isinstance(raw, int) and not isinstance(raw, bool) else ""
            raise Wrong(f"{shown(raw)} is not {self.said}{meant}")
        return value

    def write(self, value: float) -> str:
        """Write percent where that gives exactly the same share again, else the number."""
        percent = f"{round(value * 100, 9):.9f}".rstrip("0").rstrip(".")
        is_same = _PERCENT.fullmatch(f"{percent} %") is not None and float(percent) / 100 == value
        return f'"{percent} %"' if is_same else repr(float(value))

    def schema(self) -> Schema:
        """Describe it."""
        number = {"type": "number", **_bounds(self.low, self.high)}
        return {"anyOf": [{"type": "string", "pattern": r"^\s*-?\d+(\.\d+)?\s*%\s*$"}, number]}


@dataclass(frozen=True, slots=True)
class Span:
    """A length of time, as `"7 days"`; kept as a number of `unit`. `may_be_zero` where none at all can be meant."""

    unit: str = "day"
    is_whole: bool = False
    may_be_zero: bool = False
    longest_days: int = 36_500

    @property
    def said(self) -> str:
        """What is expected, in words."""
        whole = "a number of whole days" if self.is_whole else "a length of time"
        return f'{whole} such as "{"30 seconds" if self.unit == "second" else "7 days"}"'

    def read(self, raw: object, path: Path, reading: Reading) -> float:
        """Give the number of units."""
        found = _SPAN.fullmatch(raw) if isinstance(raw, str) else None
        if found is None:
            meant = f'; did you mean "{shown(raw)} {self.unit}s"?' if type(raw) is int and raw > 0 else ""
            raise Wrong(f"{shown(raw)} is not {self.said}{meant}")
        if found[2] not in SECONDS:
            raise Wrong(f"{found[2]!r} is no unit of time{nearest(found[2], SECONDS)}")
        value = _converted(float(found[1]), found[2], self.unit)
        if value > self.longest_days * SECONDS["day"] / SECONDS[self.unit] or (value == 0 and not self.may_be_zero):
            raise Wrong(f"{shown(raw)}: more than nothing and at most {self.longest_days:,} days")
        if self.is_whole and value != int(value):
            raise Wrong(f"{shown(raw)} is not {self.said}")
        return int(value) if self.is_whole else value

    def write(self, value: float) -> str:
        """Write it in the largest unit, from days down, that gives exactly the same again."""
        for unit in ("day", "hour", "minute", "second"):
            number = round(value * SECONDS[self.unit] / SECONDS[unit])
            if (number >= 1 or value == 0) and _converted(float(number), unit, self.unit) == value:
                return f'"{number} {unit}{"" if number == 1 else "s"}"'
        return f'"{float(value)!r} {self.unit}s"'

    def schema(self) -> Schema:
        """Describe it."""
        return {"type": "string", "pattern": r"^\s*\d+(\.\d+)?(e[+-]?\d+)?\s*(second|minute|hour|day|week)s?\s*$"}


@dataclass(frozen=True, slots=True)
class Clock:
    """A time of day, as `"21:00"`."""

    said: str = 'a time of day such as "21:00"'

    def read(self, raw: object, path: Path, reading: Reading) -> time:
        """Give the time of day."""
        if isinstance(raw, time):
            return raw
        if isinstance(raw, str) and _CLOCK.fullmatch(raw):
            try:
                return time.fromisoformat(raw)
            except ValueError:
                raise Wrong(f"{shown(raw)} is no time of day; they run from 00:00 to 23:59") from None
        raise Wrong(f"{shown(raw)} is not {self.said}")

    def write(self, value: time) -> str:
        """Write hours and minutes, more where there is more."""
        is_short = value.second == 0 and value.microsecond == 0
        return quoted(value.isoformat("minutes" if is_short else "auto"))

    def schema(self) -> Schema:
        """Describe it."""
        return {"type": "string", "pattern": r"^\d\d:\d\d(:\d\d(\.\d+)?)?$"}


@dataclass(frozen=True, slots=True)
class Moment:
    """An instant with its zone, as `2026-05-01T00:00:00+09:00`."""

    said: str = "an instant with its zone such as 2026-05-01T00:00:00+09:00"

    def read(self, raw: object, path: Path, reading: Reading) -> datetime:
        """Give the instant."""
        if isinstance(raw, datetime) and raw.tzinfo is not None:
            return raw
        raise Wrong(f"{shown(raw)} is not {self.said}")

    def write(self, value: datetime) -> str:
        """Write the instant in its own zone, in UTC where its offset is no whole number of minutes."""
        offset = value.utcoffset()
        is_odd = offset is None or offset.total_seconds() % 60 != 0
        return (value.astimezone(UTC) if is_odd else value).isoformat()

    def schema(self) -> Schema:
        """Describe it."""
        return {"type": "string", "format": "date-time"}


def _finite(raw: float) -> float | None:
    try:
        value = float(raw)
    except OverflowError:
        return None
    return value if math.isfinite(value) else None


def _within(value: float, low: float | None, high: float | None) -> bool:
    return (low is None or value >= low) and (high is None or value <= high)


def _bounds(low: float | None, high: float | None) -> Schema:
    return {**({} if low is None else {"minimum": low}), **({} if high is None else {"maximum": high})}


def _converted(number: float, unit: str, to: str) -> float:
    """Convert between units of time; what is no whole number of the larger one is divided, never multiplied by a share."""
    if SECONDS[unit] >= SECONDS[to]:
        return number * (SECONDS[unit] // SECONDS[to])
    return number / (SECONDS[to] // SECONDS[unit])
