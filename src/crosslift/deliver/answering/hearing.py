"""What is asked: the intent of a question, and how sure that is."""

from dataclasses import dataclass

from crosslift.deliver.answering.folding import compact, folded, language_in
from crosslift.deliver.answering.words import LIKELY, Intent, patterns
from crosslift.wording.messages import language_of

FIRST = (
    Intent.STOP, Intent.RESUME, Intent.COMPLAINT, Intent.HUMAN, Intent.WHY, Intent.RETURNS, Intent.RUNS_OUT, Intent.DELIVERY,
    Intent.SUGGEST, Intent.FITS, Intent.NEEDS, Intent.GUIDE, Intent.PRICE, Intent.STOCK, Intent.NO_THANKS, Intent.THANKS,
    Intent.GREETING,
)  # fmt: skip
"""Where words of several intents are there and are equally sure, the first of these is meant: what protects the person leads."""
_PLACE = {intent: place for place, intent in enumerate(FIRST)}
_OWN_WORD_ENOUGH = frozenset({Intent.STOP, Intent.COMPLAINT, Intent.HUMAN})
"""Heard wherever they stand, surer words of another intent or not."""


@dataclass(frozen=True, slots=True)
class Heard:
    """An intent, how sure it is from 0 to 1, and the language of the question."""

    intent: Intent
    sureness: float
    language: str


def hear(text: str, language: str) -> Heard:
    """Tell what is asked.

    Parameters
    ----------
    language : str
        Answered in, where the script of the text does not tell another.

    Examples
    --------
    >>> hear("Does it fit my V60?", "en").intent, hear("이 필터 드리퍼에 맞나요?", "en")
    (<Intent.FITS: 'fits'>, Heard(intent=<Intent.FITS: 'fits'>, sureness=0.95, language='ko'))
    >>> hear("いつ届きますか", "ja").intent, hear("xyzzy", "en").intent
    (<Intent.DELIVERY: 'delivery'>, <Intent.UNKNOWN: 'unknown'>)
    """
    tongue = language_in(text, language_of(language))
    found: dict[Intent, float] = {}
    for each in dict.fromkeys((tongue, "en")):
        said = folded(text) if each == "en" else compact(text)
        for intent, sureness, pattern in patterns(each):
            if sureness > found.get(intent, 0.0) and pattern.search(said):
                found[intent] = sureness
    if not found:
        return Heard(Intent.UNKNOWN, 0.0, tongue)
    urgent = [intent for intent in FIRST if intent in _OWN_WORD_ENOUGH and found.get(intent, 0.0) > LIKELY]
    first = urgent[0] if urgent else min(found, key=lambda intent: (-found[intent], _PLACE[intent]))
    return Heard(first, found[first], tongue)
