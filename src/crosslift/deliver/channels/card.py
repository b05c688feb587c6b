"""The value card: one offer dressed to be judged, its benefit first, then what it costs, why it is shown, and an easy no.

Nothing on it is invented: what the shop did not say, or nobody wrote, is left out and named as a gap.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from crosslift.deliver.channels.comparison import Comparison, compared
from crosslift.deliver.channels.quotes import Quote, Reviewed, quote_of, rating_of
from crosslift.deliver.channels.said import Said, best, exact, several
from crosslift.domain.catalog import Product
from crosslift.domain.decision import Reason, ReasonCode
from crosslift.domain.money import Money
from crosslift.domain.offer import Offer, OfferKind, PriceLine
from crosslift.errors import BadInput
from crosslift.wording import attributes
from crosslift.wording.messages import Noun, text

MOST_FEATURES = 3
MOST_GAINS = 4
BESIDE = frozenset({"upgrade", "substitute", "alike", "stand_in"})
"""Kinds that take the place of the product they are set beside: their price is told against its price."""
TALKS = frozenset({OfferKind.ADVICE, OfferKind.APPOINTMENT})
"""What is agreed upon rather than put into a cart."""
Rows = tuple[tuple[str, str], ...]


class Gap(StrEnum):
    """What a card lacks that helps a person to judge."""

    BENEFIT = "benefit"
    """No text says what it does for the person, in this language."""
    PICTURE = "picture"
    GUARANTEE = "guarantee"
    """Neither a guarantee nor how one gets out is told."""
    CAPTIONS = "captions"
    """There is a film without captions; it is not shown."""


class Call(StrEnum):
    """The one thing a card invites to."""

    ADD = "add"
    SEE = "see"
    """What needs a choice or a talk first, or cannot be put into a cart."""


@dataclass(frozen=True, slots=True)
class Goods:
    """A product as a page shows it: `price` as it is written, `href` and `picture` where there are some."""

    product_id: str
    title: str
    href: str
    picture: str
    has_picture: bool
    price: str | None
    is_in_stock: bool
    is_variant: bool = False


@dataclass(frozen=True, slots=True)
class Film:
    """A film with its captions; it never plays by itself."""

    source: str
    captions: str
    language: str


@dataclass(frozen=True, slots=True)
class Card:
    """An offer as every channel with pictures shows it.

    Attributes
    ----------
    kind : str
        The source it came from.
    benefit : Said or None
        What it does for the person, in the merchant's words.
    features : tuple of str
        What it is like; always behind the benefit.
    difference : str or None
        Its price against that of what it is set beside, as a sentence.
    gains : tuple of str
        What the difference buys.
    sentence : str
        The true reason.
    labels : tuple of str
        Further true things to say, such as a near date.
    lines, total : tuple of str, str or None
        What is paid when, where that is more than one price; and what it comes to.
    guarantee, cancellation, terms : Said or None
    evidence : tuple of (str, str)
        What "Why this?" opens.
    is_product : bool
        Whether it is in the catalog; an offer that sells no product is in no cart that knows only those.
    gaps : tuple of Gap
        What is missing.
    """

    goods: Goods
    decision_id: str
    kind: str
    sentence: str
    evidence: Rows = ()
    labels: tuple[str, ...] = ()
    benefit: Said | None = None
    features: tuple[str, ...] = ()
    difference: str | None = None
    gains: tuple[str, ...] = ()
    comparison: Comparison | None = None
    rating: str | None = None
    quote: Quote | None = None
    lines: tuple[str, ...] = ()
    total: str | None = None
    guarantee: Said | None = None
    cancellation: Said | None = None
    terms: Said | None = None
    film: Film | None = None
    call: Call = Call.ADD
    is_product: bool = True
    gaps: tuple[Gap, ...] = ()

    @property
    def reason(self) -> str | None:
        """The reason where it says more than benefit, difference and gains do; it always stands under "Why this?"."""
        is_said = (self.benefit is not None and self.benefit.text in self.sentence) or (self.gains and self.difference)
        return None if is_said else self.sentence


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of an offer when a card is made of it.

    Attributes
    ----------
    product, anchor : Product or None
        What is offered, and what it is set beside; None for what is in no catalog.
    offer : Offer or None
        What it is sold under; None for a bare product.
    reason : Reason
        With the prices of this page in its evidence.
    price, anchor_price : Money or None
        As they are written on this page.
    reviewed : Reviewed or None
        What customers wrote of it.
    film : callable
        Gives the address a film or its captions can be had at, None where it cannot be shown here.
    """

    goods: Goods
    decision_id: str
    kind: str
    reason: Reason
    sentence: str
    labels: tuple[str, ...]
    evidence: Rows
    product: Product | None = None
    anchor: Product | None = None
    offer: Offer | None = None
    price: Money | None = None
    anchor_price: Money | None = None
    reviewed: Reviewed | None = None
    film: Callable[[object], str | None] = lambda _: None


def card_of(known: Known, language: str, own_language: str, market: str | None, write: Callable[[Money], str]) -> Card:
    """Dress one offer.

    Parameters
    ----------
    own_language : str
        In which the shop writes what names no language.
    write : callable
        Writes an amount as this page does, tax and all.

    Returns
    -------
    Card
        `gaps` names what is missing; nothing is padded.
    """
    product, offer, anchor = known.product, known.offer, known.anchor
    said = benefits_of(product, offer, language, own_language)
    is_beside = known.kind in BESIDE and anchor is not None
    table = compared(anchor, product, language) if is_beside and anchor and product else None
    film, lacks_captions = _film(product, language, own_language, known.film)
    promised = {
        name: best(getattr(offer, name), language) if offer else None for name in ("guarantee", "cancellation", "terms")
    }
    missing = {
        Gap.BENEFIT: not said, Gap.PICTURE: not known.goods.has_picture, Gap.CAPTIONS: lacks_captions,
        Gap.GUARANTEE: not (promised["guarantee"] or promised["cancellation"]),
    }  # fmt: skip
    return Card(
        known.goods, known.decision_id, known.kind, known.sentence, known.evidence, known.labels,
        said[0] if said else None,
        tuple(one.text for one in said[1 : 1 + MOST_FEATURES]) or (() if table else _features(product, language)),
        _difference(known, anchor, language, write) if is_beside else None,
        _gains(known.reason, language),
        table,
        rating_of(known.reviewed, language) if known.reviewed else None,
        quote_of(offer, known.reviewed, language, market),
        _lines(offer, language, write),
        _total(offer, known.price, write),
        promised["guarantee"], promised["cancellation"], promised["terms"],
        film,
        _call(known),
        product is not None,
        tuple(gap for gap, is_missing in missing.items() if is_missing),
    )  # fmt: skip


def benefits_of(product: Product | None, offer: Offer | None, language: str, own_language: str) -> list[Said]:
    """Give what something does for a person, in their language alone: the offer's words, else the catalog's.

    The catalog has them as the attribute `benefit_ko`, or `benefit` in the shop's own language.

    Examples
    --------
    >>> mug = Product("MUG", "Mug", attributes={"benefit": "Keeps warm for an hour"})
    >>> [one.text for one in benefits_of(mug, None, "en", "en")], benefits_of(mug, None, "ja", "en")
    (['Keeps warm for an hour'], [])
    """
    told = several(offer.benefits, language) if offer else []
    return told or exact(product.attributes if product else {}, "benefit", language, own_language)


def _call(known: Known) -> Call:
    needs_talk = known.offer is not None and known.offer.kind in TALKS
    can_be_added = known.goods.price is not None and known.goods.is_in_stock
    return Call.ADD if can_be_added and not needs_talk else Call.SEE


def _features(product: Product | None, language: str) -> tuple[str, ...]:
    """Say what it is like, in the attributes everybody knows; never in a merchant's internal ones."""
    found = []
    for name, value in (product.attributes if product else {}).items():
        if attributes.is_common(name, value) and value is not False:
            try:
                found.append(attributes.fact(name, value, language))
            except BadInput:
                continue
    return tuple(found[:MOST_FEATURES])


def _gains(reason: Reason, language: str) -> tuple[str, ...]:
    """Say what is better, each from what to what."""
    if reason.code is not ReasonCode.STEP_UP:
        return ()
    given = reason.evidence.get("benefits")
    told = given if isinstance(given, list | tuple) else ()
    found = []
    for one in told:
        if isinstance(one, Mapping):
            try:
                found.append(attributes.change(attributes.attribute_of(one), one.get("from"), one.get("to"), language))
            except BadInput:
                continue
    return tuple(found[:MOST_GAINS])


def _difference(known: Known, anchor: Product | None, language: str, write: Callable[[Money], str]) -> str | None:
    own, other = known.price, known.anchor_price
    if anchor is None or own is None or other is None or own.currency != other.currency:
        return None
    title = anchor.title_in(language)
    by = own.amount - other.amount
    if not by:
        return text("card.same_price", language, None, anchor=Noun(title))
    difference = write(Money(abs(by), own.currency))
    key = "card.more" if by > 0 else "card.less"
    return text(key, language, None, difference=difference, anchor=Noun(title))


def _lines(offer: Offer | None, language: str, write: Callable[[Money], str]) -> tuple[str, ...]:
    """Say what is paid when, where one price alone would hide something."""
    lines = offer.prices if offer else ()
    if len(lines) < 2 and not any(line.period for line in lines):
        return ()
    return tuple(_line(line, language, write) for line in lines)


def _line(line: PriceLine, language: str, write: Callable[[Money], str]) -> str:
    label, amount = best(line.labels, language), write(line.gross)
    if line.period is None:
        said = text("card.once", language, None, amount=amount)
    elif line.n_periods is None:
        said = text("card.until_cancelled", language, None, amount=amount, period=text(f"card.{line.period}", language))
    else:
        period = text(f"card.{line.period}", language)
        said = text("card.for_periods", language, None, amount=amount, period=period, n=str(line.n_periods))
    return f"{label.text}: {said}" if label else said


def _total(offer: Offer | None, price: Money | None, write: Callable[[Money], str]) -> str | None:
    """Say what it comes to in all, where it is paid in more than one way."""
    is_plain = offer is None or (len(offer.prices) < 2 and not any(line.period for line in offer.prices))
    return None if is_plain or price is None else write(price)


def _film(
    product: Product | None, language: str, own_language: str, address: Callable[[object], str | None]
) -> tuple[Film | None, bool]:
    """Give the film of a product, and whether there is one that nobody who cannot hear could follow."""
    told: Mapping[str, Any] = product.attributes if product else {}
    source = address(told.get("video"))
    if source is None:
        return None, False
    for tag in dict.fromkeys((language, language.partition("-")[0], own_language)):
        captions = exact(told, "captions", tag, own_language)
        found = address(captions[0].text) if captions else None
        if found is not None:
            return Film(source, found, tag), False
    return None, True
