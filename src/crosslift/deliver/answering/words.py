"""By which words a question is known: `asked_words/<language>.tsv`, one term a line with its intent and how sure it makes us.

`^` and `$` stand for the begin and the end of all that was written. English terms are patterns of whole words over folded text
(`folding.folded`); Korean and Japanese ones stand as people write them, are folded as questions are, and may stand anywhere.
"""

import re
from enum import StrEnum
from functools import cache
from importlib import resources

from crosslift.deliver.answering.folding import compact


class Intent(StrEnum):
    """What somebody wants of the chat."""

    STOP = "stop"
    RESUME = "resume"
    HUMAN = "human"
    COMPLAINT = "complaint"
    WHY = "why"
    RUNS_OUT = "runs_out"
    RETURNS = "returns"
    DELIVERY = "delivery"
    FITS = "fits"
    NEEDS = "needs"
    GUIDE = "guide"
    STOCK = "stock"
    PRICE = "price"
    SUGGEST = "suggest"
    NO_THANKS = "no_thanks"
    GREETING = "greeting"
    THANKS = "thanks"
    QUESTION = "question"
    """Something a written answer may be found for."""
    UNKNOWN = "unknown"


SURENESS = {"sure": 0.95, "likely": 0.7}
"""How sure a term makes us."""
SURE, LIKELY = SURENESS.values()

Compiled = tuple[tuple[Intent, float, re.Pattern[str]], ...]


@cache
def terms(language: str) -> tuple[tuple[Intent, float, str], ...]:
    """Read the terms of a language.

    Examples
    --------
    >>> [term for intent, _, term in terms("ja") if intent is Intent.RESUME]
    ['^再開', '元に戻', '取り消して', 'また案内して', 'また表示して']
    """
    text = resources.files("crosslift.deliver.answering").joinpath(f"asked_words/{language}.tsv").read_text("utf-8")
    rows = [line.split("\t") for line in text.splitlines() if line and not line.startswith("#")]
    return tuple((Intent(intent), SURENESS[sureness], term) for intent, sureness, term in rows)


@cache
def patterns(language: str) -> Compiled:
    """Give one pattern for each intent and sureness: over folded text in English, else over text without spaces."""
    found: dict[tuple[Intent, float], list[str]] = {}
    for intent, sureness, term in terms(language):
        found.setdefault((intent, sureness), []).append(_whole(term) if language == "en" else _within(term))
    return tuple((intent, sureness, re.compile("|".join(parts))) for (intent, sureness), parts in found.items())


def _whole(word: str) -> str:
    return word if word.startswith("^") else rf"\b(?:{word})\b"


def _within(word: str) -> str:
    """Fold a word as a question is folded, its marks of begin and end kept."""
    begin, end = word.startswith("^"), word.endswith("$")
    return ("^" if begin else "") + re.escape(compact(word.strip("^$"))) + ("$" if end else "")
