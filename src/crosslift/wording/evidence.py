"""Reading the evidence of a reason: each fact is there and can be true, or `BadInput` says which is not."""

import math
from collections.abc import Mapping
from datetime import date
from numbers import Integral, Real

from crosslift.errors import BadInput
from crosslift.wording.messages import Noun, language_of


def both_of_first(evidence: Mapping[str, object]) -> tuple[int, int]:
    """Read the orders with both and those with the anchor."""
    n_both, n_a = count(evidence, "n_both"), count(evidence, "n_a")
    if n_both > n_a:
        raise BadInput(f"n_both {n_both} cannot exceed n_a {n_a}: every order with both holds the anchor")
    return n_both, n_a


def sales(evidence: Mapping[str, object]) -> tuple[int, int, date]:
    """Read a bestseller's orders, the days they were counted over, and the last of these days."""
    to_on = evidence.get("to_on")
    if isinstance(to_on, str):
        try:
            to_on = date.fromisoformat(to_on)
        except ValueError as error:
            raise BadInput(f"to_on {to_on!r} in the evidence is no ISO date such as '2026-10-31'") from error
    if not isinstance(to_on, date):
        raise BadInput(f"to_on in the evidence is {to_on!r}: the last day of the window is needed")
    return count(evidence, "n_orders"), count(evidence, "window_days"), to_on


def count(evidence: Mapping[str, object], name: str) -> int:
    """Read a count of at least one."""
    value = evidence.get(name)
    if isinstance(value, bool) or not isinstance(value, Integral) or value < 1:
        raise BadInput(f"{name} in the evidence is {value!r}: a count from 1 is needed")
    return int(value)


def figure(evidence: Mapping[str, object], name: str) -> float:
    """Read a finite figure that is not negative."""
    value = evidence.get(name)
    if isinstance(value, bool) or not isinstance(value, Real) or not math.isfinite(value) or value < 0:
        raise BadInput(f"{name} in the evidence is {value!r}: a figure from 0 is needed")
    return float(value)


def title(evidence: Mapping[str, object], language: str) -> Noun:
    """Name the anchor in the shopper's words; its id where it has no title at all."""
    anchor = evidence.get("anchor")
    if not isinstance(anchor, str) or not anchor.strip():
        raise BadInput(f"anchor in the evidence is {anchor!r}: name the product the reason speaks of")
    titles = evidence.get("anchor_titles")
    by_language = titles if isinstance(titles, Mapping) else {}
    candidates = (
        by_language.get(language),
        by_language.get(language_of(language)),
        evidence.get("anchor_title"),
        by_language.get("en"),
        *(by_language[tag] for tag in sorted(by_language, key=str)),
    )
    return Noun(next((t for t in candidates if isinstance(t, str) and t.strip()), anchor))
