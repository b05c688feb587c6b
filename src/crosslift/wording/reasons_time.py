"""Reasons that rest on time: bought later, due again, due for service, best before.

Each reason has its sentence for shoppers and, with `_figures` at the end of its name, the one for operators.
"""

import math

from crosslift.errors import BadInput
from crosslift.wording.attributes import measured
from crosslift.wording.evidence import (
    Evidence,
    both_of_first,
    chance,
    count,
    figure,
    is_known,
    length,
    on,
    plain,
    title,
)
from crosslift.wording.figures import TESTED, also, by_chance, lift_and_q, named
from crosslift.wording.formats import day, duration, exact, number
from crosslift.wording.messages import text

_LAGS = ("lag_q1", "lag_median", "lag_q3")
_EXCESS = ("n_excess", "excess_median", "excess_q1", "excess_q3", "excess_low", "excess_high")


def bought_later(evidence: Evidence, language: str) -> str:
    """Say how many came back for it, and within which time half of them did, where that is known."""
    n_both, _ = both_of_first(evidence)
    chance(evidence, n_both, "customers who came back")
    lag = _lag(evidence)
    values = {"anchor": title(evidence, language), "n_both": number(n_both, language)}
    if lag is None or n_both == 1:
        return text("reason.bought_later", language, n_both, **values)
    # Rounded up: half came within the median, so also within the day it falls on.
    return text("reason.bought_later_within", language, None, lag=duration(math.ceil(lag), language), **values)


def bought_later_figures(evidence: Evidence) -> str:
    """Give the counts, chance, the test and the lags."""
    n_both, n_a = both_of_first(evidence)
    expected = chance(evidence, n_both, "customers who came back")
    _lag(evidence)
    lags = [exact(figure(evidence, name), "en") if is_known(evidence, name) else "unknown" for name in _LAGS]
    return (
        f"Of the {n_a:,} customers who bought {named(evidence)}, {n_both:,} bought this later; chance alone gives "
        f"{by_chance(expected)}. {lift_and_q(evidence)}. Lag in days: median {lags[1]}, quartiles {lags[0]} and {lags[2]}."
        f"{_beyond(evidence)}{also(evidence, TESTED | set(_LAGS) | set(_EXCESS))}"
    )


def _beyond(evidence: Evidence) -> str:
    """Say the same of those who would not have come anyway, where anybody worked it out."""
    if not all(is_known(evidence, name) for name in _EXCESS):
        return ""
    n, median, q1, q3, low, high = (f"{figure(evidence, name):,.1f}" for name in _EXCESS)
    return (
        f" Without those who would have come anyway, {n} customers: median {median} [{low}; {high}] at 95%, quartiles {q1} "
        f"and {q3}."
    )


def _lag(evidence: Evidence) -> float | None:
    """Read the median lag in days, None where it is unknown; quartiles must stand around it."""
    known = [figure(evidence, name) for name in _LAGS if is_known(evidence, name)]
    if known != sorted(known):
        raise BadInput(f"The lags {known} in the evidence are not in order: lag_q1, lag_median, lag_q3")
    return length(evidence, "lag_median") if is_known(evidence, "lag_median") else None


def refill_due(evidence: Evidence, language: str) -> str:
    """Say when it was bought last and how long it lasts; "you" only where the gaps are the customer's own."""
    interval = duration(length(evidence, "interval_days"), language)
    if not is_known(evidence, "last_on"):
        known_by = "anyone" if evidence.get("basis", "learned") == "learned" else "lasts"
        return text(f"reason.refill_due_{known_by}", language, interval=interval)
    last_on, n_gaps = on(evidence, "last_on"), count(evidence, "n_gaps", least=0)
    _due(evidence)
    # One own gap makes no "usually".
    key = {0: "reason.refill_due_others", 1: "reason.refill_due_once"}.get(n_gaps, "reason.refill_due")
    return text(key, language, last_on=day(last_on, language), interval=interval)


def refill_due_figures(evidence: Evidence) -> str:
    """Give the interval, whose gaps it comes from, and the day it is due."""
    interval = exact(length(evidence, "interval_days"), "en")
    rest = also(evidence, {"interval_days", "n_gaps"})
    if not is_known(evidence, "last_on"):
        return f"Bought again after {interval} days, not personal.{rest}"
    last_on, n_gaps = day(on(evidence, "last_on"), "en"), count(evidence, "n_gaps", least=0)
    whose = f"from {n_gaps:,} own gaps" if n_gaps else "from other customers, no own gap yet"
    return f"Last bought on {last_on}; interval in days: {interval}, {whose}; {_due(evidence)}.{rest}"


def _due(evidence: Evidence) -> str:
    """Read the day it is due, which cannot be before it was bought."""
    if not is_known(evidence, "due_on"):
        return "due day not recorded"
    due_on, last_on = on(evidence, "due_on"), on(evidence, "last_on")
    if f"{due_on:%Y-%m-%d}" < f"{last_on:%Y-%m-%d}":
        raise BadInput(f"due_on {due_on} in the evidence is before last_on {last_on}: it cannot be due")
    return f"due on {day(due_on, 'en')}"


def service_due(evidence: Evidence, language: str) -> str:
    """Say at which intervals of use it is due, and the last reading where there is one."""
    anchor, every, reading = title(evidence, language), *_meter(evidence, language)
    if reading is None:
        return text("reason.service_due", language, anchor=anchor, every=every)
    return text("reason.service_due_reading", language, anchor=anchor, every=every, reading=reading)


def service_due_figures(evidence: Evidence) -> str:
    """Give meter, interval and reading."""
    every, reading = _meter(evidence, "en")
    meter = plain(evidence, "meter")
    last = f"last reading {reading}" if reading else "no reading yet"
    return f"Service for {named(evidence)} every {every} by {meter}; {last}.{also(evidence, {'every', 'value'})}"


def _meter(evidence: Evidence, language: str) -> tuple[str, str | None]:
    """Read the interval and the last reading, both in the meter's unit."""
    unit = plain(evidence, "unit")
    every = measured(length(evidence, "every"), unit, language)
    return every, measured(figure(evidence, "value"), unit, language) if is_known(evidence, "value") else None


def near_date(evidence: Evidence, language: str) -> str:
    """Label what should be used up before a day."""
    return text("reason.near_date", language, best_before=day(on(evidence, "best_before"), language))


def near_date_figures(evidence: Evidence) -> str:
    """Give the day."""
    return f"Near its date: best before {day(on(evidence, 'best_before'), 'en')}.{also(evidence, set())}"
