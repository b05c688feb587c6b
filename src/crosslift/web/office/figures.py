"""The figures of a trial as people read them: amounts, shares, differences with their sign, and why there are none."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from crosslift.domain.experiment import UnitKind
from crosslift.domain.money import Money
from crosslift.measure.trial import MIN_UNITS, SHARES, SRM_ALARM, Judgement
from crosslift.web.office.intervals import Span
from crosslift.wording import formats
from crosslift.wording.office import teller

Row = Mapping[str, Any]
BOUNDS = ("low", "value", "high")


@dataclass(frozen=True, slots=True)
class Told:
    """One outcome of one arm; spans hold low, value and high as they are written, `relative` none where the control has 0."""

    outcome: str
    arm: str
    control: str
    mean: str
    difference: tuple[str, str, str]
    relative: tuple[str, str, str] | None
    p: str
    verdict: str
    is_approximate: bool
    is_flat: bool
    """Whether both arms had nothing at all: no comparison, though its bounds are 0 and 0."""

    @property
    def best(self) -> tuple[str, str, str]:
        """Give the difference as it is said in a sentence: relative where it can be."""
        return self.relative or self.difference


class Figures:
    """Writes figures in a language and, of amounts, a currency."""

    def __init__(self, language: str, currency: str) -> None:
        self._language = language
        self._currency = currency
        self._tell = teller(language)

    def amount(self, value: float) -> str:
        """Write an amount as it can be paid, a very small one with two digits."""
        exact = Decimal(f"{value:.12g}")
        paid = Money(exact, self._currency).rounded().amount
        return formats.money(Money(paid or Decimal(f"{value:.2g}"), self._currency), self._language)

    def gained(self, value: float) -> str:
        """Write a difference of amounts with its sign."""
        return _signed(self.amount(value), value)

    def rows(self, found: Row) -> list[Told]:
        """Write every outcome of every arm."""
        return [self._told(one) for one in found["compared"]]

    def span(self, bounds: Row) -> Span:
        """Give an interval of amounts to be drawn."""
        low, value, high = (bounds[name] for name in BOUNDS)
        return Span(low, value, high, (self.gained(low), self.gained(value), self.gained(high)))

    def _told(self, one: Row) -> Told:
        name, absolute, relative = one["outcome"], one["absolute"], one["relative"]
        low, value, high = (self._difference(name, absolute[bound]) for bound in BOUNDS)
        shares = None
        if "not_estimable" not in relative:
            shares = tuple(
                _signed(formats.percent(relative[bound], self._language, 1), relative[bound]) for bound in BOUNDS
            )
        return Told(
            name, one["arm"], self._mean(name, one["mean_control"]), self._mean(name, one["mean"]), (low, value, high),
            (shares[0], shares[1], shares[2]) if shares else None, _p(one["p_adjusted"], self._language), one["verdict"],
            one["is_approximate"], one["mean"] == one["mean_control"] == 0,
        )  # fmt: skip

    def _mean(self, outcome: str, value: float) -> str:
        if outcome in SHARES:
            return formats.percent(value, self._language, 2)
        return formats.number(value, self._language, 3) if outcome == "orders" else self.amount(value)

    def _difference(self, outcome: str, value: float) -> str:
        if outcome in SHARES:
            points = _signed(formats.number(value * 100, self._language, 2), value)
            return self._tell("trial.points", n=points)
        shown = formats.number(value, self._language, 3) if outcome == "orders" else self.amount(value)
        return _signed(shown, value)


def why_not(found: Row, trial: Row | None, now: datetime) -> str:
    """Name why a trial shows nothing: `locked`, `unit`, `ratio` or `few`."""
    ends_at = datetime.fromisoformat(trial["ends_at"]) if trial and trial["ends_at"] else None
    if found["judgement"] == Judgement.FIXED and ends_at is not None and now < ends_at:
        return "locked"
    if trial and trial["unit"] in (UnitKind.SESSION, UnitKind.STORE):
        return "unit"
    is_odd = found["sample_ratio_p"] is not None and found["sample_ratio_p"] < SRM_ALARM
    return "ratio" if is_odd else "few"


def least_units(language: str) -> str:
    """Write how many units an arm needs."""
    return formats.number(MIN_UNITS, language)


def _p(value: float, language: str) -> str:
    return "< 0.001" if value < 0.001 else formats.number(value, language, 3)


def _signed(shown: str, value: float) -> str:
    """Put a plus before what is above zero as it is written."""
    return f"+{shown}" if value > 0 and any(digit in "123456789" for digit in shown) else shown
