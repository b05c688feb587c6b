"""What others say of a product, quoted: a proof of the merchant's with its source, else a review written here. Never invented.

Only what was written as a review is quoted, whole and unchanged, in the reader's own language, without its writer's name.
Beside it stands the mean of all ratings, the bad ones too.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from crosslift.domain.offer import Offer
from crosslift.wording.formats import day, number
from crosslift.wording.messages import text

LONGEST, SHORTEST = 280, 12
"""Letters of what is quoted: a longer review is not cut, a shorter one says nothing."""
GOOD = 0.8
"""A rating from this share of its scale on."""
MIN_RATINGS = 3
STARS = 5


@dataclass(frozen=True, slots=True)
class Review:
    """One review as the shop keeps it; `rating` is the share of its scale, 0..1."""

    review_id: str
    at: date
    rating: float | None
    text: str | None = None
    language: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Reviewed:
    """What customers wrote of one product: how many ratings, their mean share of the scale, and what can be quoted."""

    n_ratings: int
    mean: float
    quotable: tuple[Review, ...]

    @classmethod
    def of(cls, reviews: Iterable[Review]) -> "Reviewed":
        """Sum reviews up; those that can be quoted newest first.

        Examples
        --------
        >>> said = [Review("1", date(2026, 3, 5), 1.0, "Warm for a whole morning.", "en"), Review("2", date(2026, 3, 6), 0.5)]
        >>> found = Reviewed.of(said)
        >>> found.n_ratings, found.mean, [one.review_id for one in found.quotable]
        (2, 0.75, ['1'])
        """
        kept = list(reviews)
        ratings = [one.rating for one in kept if one.rating is not None]
        quotable = sorted(
            (one for one in kept if _is_quotable(one)), key=lambda one: (one.at, one.review_id), reverse=True
        )
        return cls(len(ratings), sum(ratings) / len(ratings) if ratings else 0.0, tuple(quotable))


@dataclass(frozen=True, slots=True)
class Quote:
    """Somebody's words with their source; `url` where it can be looked up on the web."""

    text: str
    language: str
    source: str
    url: str | None = None


def quote_of(offer: Offer | None, reviewed: Reviewed | None, language: str, market: str | None) -> Quote | None:
    """Choose one quotation in the reader's language: a proof of their market, one of every market, else a review.

    Proofs of another market are not quoted.
    """
    tongue = language.partition("-")[0]
    proofs = sorted(
        (one for one in (offer.proofs if offer else ()) if one.market in (None, market)), key=lambda one: not one.market
    )
    for proof in proofs:
        for tag in (language, tongue):
            if said := proof.texts.get(tag, "").strip():
                return Quote(said, tag, proof.source, _web(proof.source))
    for review in reviewed.quotable if reviewed else ():
        if (review.language or "").partition("-")[0] == tongue and review.text:
            source = text("card.review_of", language, None, date=day(review.at, language))
            return Quote(review.text.strip(), tongue, source, _web(review.url))
    return None


def rating_of(reviewed: Reviewed, language: str) -> str | None:
    """Say the mean of all ratings out of five and how many there are; None of too few."""
    if reviewed.n_ratings < MIN_RATINGS:
        return None
    mean = number(reviewed.mean * STARS, language, 1)
    return text("card.rating", language, None, mean=mean, n=number(reviewed.n_ratings, language))


def _is_quotable(review: Review) -> bool:
    said = (review.text or "").strip()
    return review.rating is not None and review.rating >= GOOD and SHORTEST <= len(said) <= LONGEST


def _web(address: str | None) -> str | None:
    """Give an address that a page may link to."""
    return address if address and address.startswith(("https://", "http://")) else None
