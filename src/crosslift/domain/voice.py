"""What customers say in their own words, as far as it can be told: how they feel, and what they speak of."""

from dataclasses import dataclass
from enum import StrEnum


class Topic(StrEnum):
    """What an answer speaks of."""

    PRICE = "price"
    DELIVERY = "delivery"
    QUALITY = "quality"
    TASTE = "taste"
    """Taste and scent."""
    SIZE = "size"
    """Size and fit."""
    SERVICE = "service"
    USABILITY = "usability"
    """How easy things are to use, ours and the shop's pages."""
    RETURNS = "returns"
    """Returns, exchanges and refunds."""
    PACKAGING = "packaging"
    STOCK = "stock"
    """What there is to choose from, and what is sold out."""
    DESIGN = "design"
    OFFERS = "offers"
    """Our own recommendations, advertising and messages: too many, beside the point, or welcome."""


class BadSign(StrEnum):
    """What makes an answer a bad one."""

    NPS = "nps"
    """A low answer to "would you recommend us"."""
    RATING = "rating"
    TEXT = "text"
    """Words of blame, surely enough."""


UNDETERMINED = "und"
"""The language of a text that shows none we can tell (BCP 47)."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What a text says, by word lists.

    `sentiment` goes from −1 to 1 and is None where no word was recognized; `confidence` from 0 (nothing known) to 1.
    `topics` begin with the one spoken of worst. `evidence` are the words it rests on, in order of the text, each with
    its signed weight. `language` is a BCP 47 tag's first part.
    """

    sentiment: float | None
    confidence: float
    topics: tuple[Topic, ...]
    evidence: tuple[tuple[str, float], ...]
    language: str
