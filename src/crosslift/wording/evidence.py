"""Reading the evidence of a reason: each fact is there and can be true, or `BadInput` says which is not."""

import math
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from numbers import Integral, Real

from crosslift.domain.money import Money
from crosslift.errors import BadInput
from crosslift.wording.messages import Noun, language_of

Evidence = Mapping[str, object]
_DEAREST = Decimal(10) ** 15
"""Above this an amount is a mistake, in every currency."""


def both_of_first(evidence: Evidence) -> tuple[int, int]:
    """Read the orders, customers or owners with both products, and those with the anchor."""
    return part_of(evidence, "n_both", "n_a")


def part_of(evidence: Evidence, part: str, whole: str) -> tuple[int, int]:
    """Read a count and the larger one it is a part of."""
    n_part, n_whole = count(evidence, part), count(evidence, whole)
    if n_part > n_whole:
        raise BadInput(f"{part} {n_part} cannot exceed {whole} {n_whole}: the first are among the second")
    return n_part, n_whole


def chance(evidence: Evidence, n: int, what: str, name: str = "expected") -> float:
    """Read what chance alone would give; `n` of `what` must be more, as the sentence will show both."""
    expected = figure(evidence, name)
    if round(expected, 1) >= n:
        raise BadInput(f"{n} {what} are no more than chance alone gives ({expected:g}): no reason")
    return expected


def sales(evidence: Evidence) -> tuple[int, int, date]:
    """Read a bestseller's orders, the days they were counted over, and the last of these days."""
    return count(evidence, "n_orders"), count(evidence, "window_days"), on(evidence, "to_on")


def on(evidence: Evidence, name: str) -> date:
    """Read a day: a date, or its ISO text."""
    value = evidence.get(name)
    if isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError as error:
            raise BadInput(f"{name} {value!r} in the evidence is no ISO date such as '2026-10-31'") from error
    if not isinstance(value, date):
        raise BadInput(f"{name} in the evidence is {value!r}: a day such as '2026-10-31' is needed")
    return value


def count(evidence: Evidence, name: str, least: int = 1) -> int:
    """Read a whole count; columns that know nan hold theirs as floats."""
    value = evidence.get(name)
    if type(value) is int and value >= least:
        return value
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, Integral) or value < least:
        raise BadInput(f"{name} in the evidence is {value!r}: a count from {least} is needed")
    return int(value)


def figure(evidence: Evidence, name: str) -> float:
    """Read a finite figure that is not negative."""
    value = evidence.get(name)
    if type(value) is float and 0 <= value < math.inf:
        return value
    if isinstance(value, bool) or not isinstance(value, Real) or not math.isfinite(value) or value < 0:
        raise BadInput(f"{name} in the evidence is {value!r}: a figure from 0 is needed")
    return float(value)


def length(evidence: Evidence, name: str) -> float:
    """Read a figure above zero, such as an interval in days."""
    value = figure(evidence, name)
    if value == 0:
        raise BadInput(f"{name} in the evidence is 0: a figure above 0 is needed")
    return value


def is_known(evidence: Evidence, name: str) -> bool:
    """Whether a fact that may be unknown is there: neither absent, nor None, nor nan."""
    value = evidence.get(name)
    return value is not None and not (isinstance(value, float) and math.isnan(value))


def amount(evidence: Evidence, name: str) -> Money:
    """Read an amount in major units of the evidence's currency, as it is paid; it may be negative."""
    value, currency = evidence.get(name), evidence.get("currency")
    if not isinstance(currency, str):
        raise BadInput(f"currency in the evidence is {currency!r}: an ISO 4217 code such as 'KRW' is needed")
    if isinstance(value, bool) or not isinstance(value, Real | Decimal) or not math.isfinite(value):
        raise BadInput(f"{name} in the evidence is {value!r}: an amount of money is needed")
    exact = Decimal(str(value))
    if abs(exact) > _DEAREST:
        raise BadInput(f"{name} in the evidence is {value!r}: no shop asks so much; correct it")
    return Money(exact, currency).rounded()


def price(evidence: Evidence, name: str) -> Money:
    """Read an amount that is not negative."""
    asked = amount(evidence, name)
    if asked.amount < 0:
        raise BadInput(f"{name} in the evidence is {asked.amount}: a price is not negative")
    return asked


def listed(evidence: Evidence, name: str) -> Sequence[object]:
    """Read a list with at least one entry."""
    value = evidence.get(name)
    if isinstance(value, str) or not isinstance(value, Sequence) or not value:
        raise BadInput(f"{name} in the evidence is {value!r}: a list of at least one is needed")
    return value


def plain(evidence: Evidence, name: str) -> str:
    """Read a text that is not blank, without the space around it."""
    value = evidence.get(name)
    if not isinstance(value, str) or not value.strip():
        raise BadInput(f"{name} in the evidence is {value!r}: a text is needed")
    return value.strip()


def words(evidence: Evidence, name: str, language: str) -> Noun:
    """Read a text that is not blank, or the best of one per language."""
    value = evidence.get(name)
    found = _best(value, language) if isinstance(value, Mapping) else value
    return Noun(plain({name: found}, name))


def title(evidence: Evidence, language: str) -> Noun:
    """Name the anchor in the shopper's words; its id where it has no title at all."""
    anchor = evidence.get("anchor")
    if not isinstance(anchor, str) or not anchor.strip():
        raise BadInput(f"anchor in the evidence is {anchor!r}: name the product the reason speaks of")
    titles = evidence.get("anchor_titles")
    by_language = titles if isinstance(titles, Mapping) else {}
    return Noun(_best(by_language, language, evidence.get("anchor_title")) or anchor)


def _best(by_language: Mapping[object, object], language: str, default: object = None) -> str | None:
    """Choose the text a reader of `language` understands best."""
    candidates = (
        by_language.get(language),
        by_language.get(language_of(language)),
        default,
        by_language.get("en"),
        *(by_language[tag] for tag in sorted(by_language, key=str)),
    )
    return next((t for t in candidates if isinstance(t, str) and t.strip()), None)
