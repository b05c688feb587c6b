"""What a customer said, in the operator's words: topics, how it sounds, how sure that is, and why it opened a case."""

from collections.abc import Sequence

from crosslift.domain.voice import BadSign, Judged, Topic
from crosslift.errors import BadInput
from crosslift.wording.formats import exact, listing
from crosslift.wording.messages import text

SENTIMENTS = ("very_bad", "bad", "mixed", "good", "very_good", "unknown")
SURENESS = ("sure", "fairly_sure", "unsure")

_STRONG, _CLEAR = 0.7, 0.25
_SURE, _FAIRLY_SURE = 0.6, 0.4
"""On the authors' sentences about 19 of 20 judged this surely were right, and 9 of 10; below, 7 of 10."""


def topic(about: Topic, language: str) -> str:
    """Name a topic.

    Examples
    --------
    >>> topic(Topic.TASTE, "en"), topic(Topic.DELIVERY, "ko"), topic(Topic.SIZE, "ja")
    ('taste and scent', '배송', 'サイズ')
    """
    return text(f"voice.topic.{Topic(about)}", language)


def sentiment(value: float | None, language: str) -> str:
    """Say how a text sounds; None is said as what it is.

    Parameters
    ----------
    value : float or None
        −1 to 1, as in `Judged`.

    Raises
    ------
    BadInput
        For a value outside −1 to 1.

    Examples
    --------
    >>> sentiment(-0.8, "en"), sentiment(0.1, "ko"), sentiment(None, "ja")
    ('very negative', '엇갈림', '判断できる言葉なし')
    """
    if value is None:
        return text("voice.sentiment.unknown", language)
    if not -1 <= value <= 1:
        raise BadInput(f"a sentiment of {value:g} cannot be; it goes from -1 to 1")
    side = "good" if value > 0 else "bad"
    level = "mixed" if abs(value) < _CLEAR else f"very_{side}" if abs(value) >= _STRONG else side
    return text(f"voice.sentiment.{level}", language)


def sureness(confidence: float, language: str) -> str:
    """Say how sure a judgment is.

    Examples
    --------
    >>> sureness(0.7, "en"), sureness(0.5, "ko"), sureness(0.1, "ja")
    ('sure', '어느 정도 확실함', '不確実')
    """
    level = "sure" if confidence >= _SURE else "fairly_sure" if confidence >= _FAIRLY_SURE else "unsure"
    return text(f"voice.sureness.{level}", language)


def verdict(judged: Judged, language: str) -> str:
    """Say in one line how a text sounds, how sure that is, and what it speaks of.

    Examples
    --------
    >>> verdict(Judged(-0.6, 0.65, (Topic.DELIVERY, Topic.PRICE), (), "en"), "en")
    'negative (sure): delivery, price'
    >>> verdict(Judged(None, 0.0, (), (), "ko"), "ko")
    '판단할 말이 없음'
    """
    said = sentiment(judged.sentiment, language)
    if judged.sentiment is not None:
        said = text("voice.verdict", language, sentiment=said, sureness=sureness(judged.confidence, language))
    about = topics(judged.topics, language)
    return text("voice.about", language, verdict=said, topics=about) if about else said


def topics(about: Sequence[Topic], language: str) -> str:
    """Name topics in a row, in their order; empty where there are none."""
    return listing([topic(one, language) for one in about], language)


def because(sign: BadSign, judged: Judged, rating: float | None, scale: float | None, language: str) -> str:
    """Say why an answer is a bad one.

    Raises
    ------
    BadInput
        If the sign is a rating and rating or scale is missing.

    Examples
    --------
    >>> because(BadSign.RATING, Judged(None, 0.0, (), (), "en"), 2, 5, "en")
    'Gave 2 of 5.'
    """
    if sign is BadSign.TEXT:
        return verdict(judged, language)
    if rating is None or scale is None:
        raise BadInput(f"{sign} is no reason without a rating and its scale; give both")
    return text(f"voice.because.{sign}", language, rating=exact(rating, language), scale=exact(scale, language))
