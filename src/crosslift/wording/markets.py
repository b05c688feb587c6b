"""How markets differ, in the operator's words: patterns with their intervals, and what cannot be said yet."""

from crosslift.errors import BadInput
from crosslift.wording.evidence import Evidence, count, figure, plain
from crosslift.wording.formats import number
from crosslift.wording.messages import Noun, text

PATTERNS = ("stronger", "weaker", "only_here")
TOO_EARLY = ("one_market", "few_baskets", "few_meetings", "may_be_chance")
_COUNTS = {"one_market": ("n_markets",), "few_baskets": ("n_baskets", "needed"), "few_meetings": ("n_pairs",)}


def pattern(evidence: Evidence, language: str) -> str:
    """Say one pattern of a market.

    Parameters
    ----------
    evidence : mapping
        kind, market, category, other_category, lift, lift_low, lift_high, and lift_elsewhere unless it holds here alone.

    Raises
    ------
    BadInput
        For an unknown kind, or a fact that is missing or cannot be.

    Examples
    --------
    >>> coats = {"market": "EU", "category": "Coats", "other_category": "Scarves", "kind": "stronger", "lift": 2.13,
    ...          "lift_low": 1.84, "lift_high": 2.46, "lift_elsewhere": 0.98}
    >>> pattern(coats, "en")
    'EU: Coats and Scarves together 2.1 times as often as chance would have it (1.8 to 2.5), elsewhere 1.0 times.'
    """
    kind = plain(evidence, "kind")
    if kind not in PATTERNS:
        raise BadInput(f"kind in the evidence is {kind!r}; a pattern is {', '.join(PATTERNS)}")
    shown = {"lift": "lift", "low": "lift_low", "high": "lift_high"}
    if kind != "only_here":
        shown["elsewhere"] = "lift_elsewhere"
    return text(f"market.{kind}", language, None, **_named(evidence), **_times(evidence, shown, language))


def too_early(why: str, market: str | None, evidence: Evidence, language: str) -> str:
    """Say what cannot be said yet, of a market or of all, and why.

    Raises
    ------
    BadInput
        For an unknown reason, or a fact that is missing or cannot be.

    Examples
    --------
    >>> too_early("few_baskets", "SEA", {"n_baskets": 41, "needed": 500}, "en")
    'SEA: orders so far 41, needed to compare it 500.'
    """
    if why not in TOO_EARLY:
        raise BadInput(f"{why!r} is no reason to wait; there are {', '.join(TOO_EARLY)}")
    key = f"market.too_early.{why}"
    if why == "may_be_chance":
        shown = {"lift": "lift", "elsewhere": "lift_elsewhere"}
        return text(key, language, None, **_named({**evidence, "market": market}), **_times(evidence, shown, language))
    figures = {name: number(count(evidence, name, least=0), language) for name in _COUNTS[why]}
    return text(key, language, None, **({"market": Noun(market)} if market else {}), **figures)


def _named(evidence: Evidence) -> dict[str, str]:
    columns = {"market": "market", "category": "category", "other": "other_category"}
    return {name: Noun(plain(evidence, column)) for name, column in columns.items()}


def _times(evidence: Evidence, shown: dict[str, str], language: str) -> dict[str, str]:
    return {name: number(figure(evidence, column), language, 1) for name, column in shown.items()}
