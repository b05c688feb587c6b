"""The counts behind an offer, as label and value: what "Why this?" opens."""

from collections.abc import Callable, Mapping

from crosslift.domain.decision import Decision, Reason, ReasonCode
from crosslift.wording import reasons
from crosslift.wording.formats import number
from crosslift.wording.storefront import labels

Row = tuple[str, str]
COUNTS = (("orders_together", "n_both"), ("orders_with_anchor", "n_a"))
OF_CUSTOMERS = (("customers_together", "n_both"), ("customers_with_anchor", "n_a"))
"""What the counts of later purchases and of things held are counts of."""
BY_CUSTOMER = frozenset({ReasonCode.BOUGHT_LATER, ReasonCode.OWNED_TOGETHER, ReasonCode.NEEDED})


def rows(decision: Decision, reason: Reason, language: str) -> tuple[Row, ...]:
    """Give the evidence of a reason, then the ids with which anybody can ask again.

    Only what the evidence holds is shown: a bestseller was never tested against chance, so no chance is named.
    """
    facts, names = reason.evidence, labels(language)
    counts = OF_CUSTOMERS if reason.code in BY_CUSTOMER else COUNTS
    found: list[Row] = [
        (names[label], _count(facts, key, language)) for label, key in counts if isinstance(facts.get(key), int)
    ]
    for label, write in _TESTED:
        text = write(facts, language)
        if text is not None:
            found.append((names[label], text))
    found.append((names["snapshot"], decision.snapshot_id))
    if decision.decision_id:
        found.append((names["decision"], decision.decision_id))
    return tuple(found)


def _count(facts: Mapping[str, object], key: str, language: str) -> str:
    return number(int(str(facts[key])), language)


def _figure(key: str) -> Callable[[Mapping[str, object], str], str | None]:
    def write(facts: Mapping[str, object], language: str) -> str | None:
        value = facts.get(key)
        if not isinstance(value, int | float):
            return None
        return number(value, language, 1 if value >= 1 else 2) if isinstance(value, float) else number(value, language)

    return write


def _interval(facts: Mapping[str, object], language: str) -> str | None:
    low, high = facts.get("lift_low"), facts.get("lift_high")
    if not isinstance(low, float) or not isinstance(high, float):
        return None
    return f"{number(low, language, 1)} – {number(high, language, 1)}"


def _strength(facts: Mapping[str, object], language: str) -> str | None:
    return reasons.strength_word(str(facts["strength"]), language) if "strength" in facts else None


_TESTED: tuple[tuple[str, Callable[[Mapping[str, object], str], str | None]], ...] = (
    ("expected_by_chance", _figure("expected")),
    ("lift", _figure("lift")),
    ("interval", _interval),
    ("customers", _figure("n_customers")),
    ("strength", _strength),
)
