"""What operators read beside a reason, in English: who was tested, against what chance, and every other figure."""

import math
from collections.abc import Set as AbstractSet
from numbers import Integral, Real

from crosslift.domain.money import Money
from crosslift.wording.evidence import Evidence, figure, is_known, title
from crosslift.wording.formats import money

TESTED = frozenset({"n_both", "n_a", "expected", "lift", "lift_low", "lift_high", "q_value"})
"""What a sentence with `lift_and_q` says."""


def named(evidence: Evidence) -> str:
    """Name the anchor with its id, once where it has no title."""
    name, anchor = title(evidence, "en"), evidence["anchor"]
    return f"{name}" if name == anchor else f"{name} ({anchor})"


def paid(amount: Money) -> str:
    """Write an amount."""
    return money(amount, "en")


def by_chance(expected: float) -> str:
    """Write with one decimal, or two significant digits below one."""
    return f"{expected:,.1f}" if expected >= 1 else f"{expected:.2g}"


def lift_and_q(evidence: Evidence) -> str:
    """Write lift, its interval and q; what was not recorded is said."""
    lift = f"Lift {figure(evidence, 'lift'):,.2f}" if is_known(evidence, "lift") else "Lift not recorded"
    return f"{lift} {_interval(evidence)}, {_q_value(evidence)}"


def _interval(evidence: Evidence) -> str:
    """Write the interval of the lift, or that nobody recorded it."""
    if not (is_known(evidence, "lift_low") and is_known(evidence, "lift_high")):
        return "(interval not recorded)"
    return f"[{figure(evidence, 'lift_low'):,.2f}; {figure(evidence, 'lift_high'):,.2f}] at 95%"


def _q_value(evidence: Evidence) -> str:
    """Write q; one that underflowed to zero is below what a float holds, not impossible."""
    if not is_known(evidence, "q_value"):
        return "q not recorded"
    q = figure(evidence, "q_value")
    return f"q = {q:.2g}" if q else "q < 1e-300"


def also(evidence: Evidence, said: AbstractSet[str]) -> str:
    """List every figure that was not said yet, by its name: no evidence is kept from an operator.

    Examples
    --------
    >>> also({"n_both": 12, "n_switched": 31, "similarity": 0.824, "n_back": float("nan")}, {"n_both"})
    ' Also: n_switched 31, similarity 0.824.'
    >>> also({"n_both": 12}, {"n_both"})
    ''
    """
    rest = [
        f"{name} {_plain(value)}"
        for name, value in evidence.items()
        if name not in said and not isinstance(value, bool) and isinstance(value, Real) and math.isfinite(value)
    ]
    return f" Also: {', '.join(rest)}." if rest else ""


def _plain(value: Real) -> str:
    return f"{int(value):,}" if isinstance(value, Integral) else f"{float(value):,.6g}"
