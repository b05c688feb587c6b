"""Figures as people read them: whole digits instead of exponents, money with its currency, instants as days."""

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from crosslift.domain.profile import Column, Kind

DIGITS = 4
"""So many digits are told; no figure of a person is surer than that."""


def number(value: float) -> str:
    """Write a number with four significant digits and no exponent.

    Examples
    --------
    >>> number(628_491.7), number(2.5), number(0.0087024), number(3)
    ('628,500', '2.5', '0.008702', '3')
    """
    if not value or not math.isfinite(value):
        return f"{value:g}"
    decimals = DIGITS - 1 - math.floor(math.log10(abs(value)))
    text = f"{round(value, decimals):,.{max(decimals, 0)}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def of_unit(value: float, unit: str, currency: str) -> str:
    """Write a number with its unit.

    Examples
    --------
    >>> of_unit(94_750.2, "money", "KRW"), of_unit(0.5512, "share", "KRW"), of_unit(6, "count", "KRW")
    ('94,750 KRW', '55.12%', '6')
    """
    if unit == "share":
        return f"{number(100 * value)}%"
    return number(value) + {"money": f" {currency}", "days": " days"}.get(unit, "")


def instant(micros: int) -> str:
    """Write an instant (microseconds UTC) to the minute."""
    return f"{datetime.fromtimestamp(micros / 1e6, UTC):%Y-%m-%d %H:%M}"


def of_profile(value: Any, column: Column, currency: str) -> str:
    """Write a figure of a profile as its column says it is."""
    if column.kind is Kind.NUMBER:
        return of_unit(value, column.unit, currency)
    if column.kind is Kind.INSTANT:
        return instant(value)
    if column.kind is Kind.SHARES:
        return ", ".join(f"{name} {share:.0%}" for name, share in value.items())
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {text}" for name, text in value.items())
    return ", ".join(map(_evidence, value)) if isinstance(value, list | tuple) else str(value)


def _evidence(one: Any) -> str:
    parts = one.values() if isinstance(one, Mapping) else one if isinstance(one, list | tuple) else (one,)
    return " ".join(number(part) if isinstance(part, float) else str(part) for part in parts if part is not None)
