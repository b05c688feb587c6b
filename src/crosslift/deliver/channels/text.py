"""A decision as plain text: for a chat window, a kiosk, the till's display, a printed receipt or packing slip.

Same offer, price, promise and reason as in every other channel; only the setting differs. Each offer stands with what it costs in
all, why it is offered, and the code that opens this price at the till; below them stands how to say no.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from crosslift.deliver.channels.columns import plain, row, wrapped
from crosslift.domain.money import Money
from crosslift.errors import BadInput
from crosslift.wording import slip

NARROWEST, WIDEST = 20, 120


@dataclass(frozen=True, slots=True)
class Paper:
    """What a decision is set on: columns, and the placement it answers for."""

    name: str
    width: int
    placement: str
    is_numbered: bool = False


PAPERS = {
    one.name: one
    for one in (
        Paper("chat", 60, "chat"), Paper("kiosk", 48, "kiosk", is_numbered=True), Paper("till", 40, "till"),
        Paper("receipt", 32, "receipt"),
    )
}  # fmt: skip
"""By name; a printer of another width says so."""


@dataclass(frozen=True, slots=True)
class PriceRow:
    """One line of what an offer costs; `label` is the merchant's word for it, `period` how often it recurs."""

    amount: Money
    label: str | None = None
    period: str | None = None


@dataclass(frozen=True, slots=True)
class SlipOffer:
    """One offer as it is printed.

    Attributes
    ----------
    reason : str
        The true sentence of the decision.
    total : Money or None
        What is paid in all; None where it is free of any price.
    code, until : str and date, or None
        Opens the same price at the till; None where nothing was promised.
    notes : tuple of str
        Further true things: labels, benefits, terms, how one gets out, the guarantee.
    """

    title: str
    reason: str
    total: Money | None
    includes_tax: bool
    prices: tuple[PriceRow, ...] = ()
    code: str | None = None
    until: date | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SlipSet:
    """A set the cart has begun, beside the single offers: its parts can be bought alone."""

    title: str
    price: Money
    single: Money


@dataclass(frozen=True, slots=True)
class SlipBar:
    """A bar the cart can reach: what it gives, and how much is missing."""

    title: str
    missing: Money


@dataclass(frozen=True, slots=True)
class Slip:
    """A decision, ready to be set.

    `nothing` is the sentence where nothing is offered.
    """

    language: str
    offers: tuple[SlipOffer, ...] = ()
    sets: tuple[SlipSet, ...] = ()
    bar: SlipBar | None = None
    nothing: str | None = None


def paper_of(name: str) -> Paper:
    """Give a paper by its name.

    Raises
    ------
    BadInput
        If there is none of that name.
    """
    found = PAPERS.get(name)
    if found is None:
        raise BadInput(f"{name!r} is none of {', '.join(PAPERS)}", where="paper")
    return found


def rendered(one: Slip, paper: Paper, width: int | None = None) -> str:
    """Set a decision as lines no wider than the paper, each ended by a line feed.

    Parameters
    ----------
    width : int, optional
        Columns, 20 to 120; by default the paper's own.

    Raises
    ------
    BadInput
        For a width outside these.

    Examples
    --------
    >>> from decimal import Decimal
    >>> filters = SlipOffer("종이 필터", "드리퍼에 꼭 필요해요.", Money(Decimal(6500), "KRW"), True)
    >>> print(rendered(Slip("ko", (filters,)), PAPERS["receipt"]), end="")
    다음에 참고하실 상품
    <BLANKLINE>
    종이 필터
      합계         6,500원 세금 포함
      드리퍼에 꼭 필요해요.
    <BLANKLINE>
    필요하지 않으시면 그대로 두시면
    돼요.
    """
    columns = paper.width if width is None else width
    if not NARROWEST <= columns <= WIDEST:
        raise BadInput(f"{columns} columns cannot be set; from {NARROWEST} to {WIDEST}", where="width")
    return "".join(f"{line}\n" for line in _lines(one, paper, columns))


def _lines(one: Slip, paper: Paper, width: int) -> Iterator[str]:
    language = one.language
    if not one.offers and not one.sets:
        yield from wrapped(one.nothing or slip.say("nothing", language), width)
        yield from _bar(one, width)
        return
    yield from wrapped(slip.say(f"heading.{paper.name}", language), width)
    for number, offer in enumerate(one.offers, 1):
        yield ""
        yield from _offer(offer, language, width, f"{number}: " if paper.is_numbered else "")
    for each in one.sets:
        yield ""
        yield from _set(each, language, width)
    yield from _bar(one, width)
    yield ""
    yield from wrapped(slip.say(f"no.{paper.name}", language), width)


def _offer(offer: SlipOffer, language: str, width: int, number: str) -> Iterator[str]:
    yield from wrapped(f"{number}{plain(offer.title)}", width, indent=2)
    for price in offer.prices:
        yield from row(
            price.label or slip.say("price", language), slip.price(price.amount, language, price.period), width, 2
        )
    if offer.total is not None:
        paid = f"{slip.price(offer.total, language)} {slip.tax(language, is_included=offer.includes_tax)}"
        yield from row(slip.say("total", language), paid, width, 2)
    for sentence in (offer.reason, *offer.notes):
        yield from _indented(sentence, width)
    if offer.code is not None and offer.until is not None:
        yield from _indented(slip.code(offer.code, offer.until, language), width)


def _set(one: SlipSet, language: str, width: int) -> Iterator[str]:
    yield from wrapped(slip.say("set", language, title=plain(one.title)), width, indent=2)
    if one.single.amount > one.price.amount:
        prices = {"price": slip.price(one.price, language), "single": slip.price(one.single, language)}
        yield from _indented(slip.say("set_instead", language, **prices), width)
    else:
        yield from row(slip.say("total", language), slip.price(one.price, language), width, 2)
    yield from _indented(slip.say("set_alone", language), width)


def _bar(one: Slip, width: int) -> Iterator[str]:
    if one.bar is not None and one.bar.missing.amount > 0:
        yield ""
        missing = slip.price(one.bar.missing, one.language)
        yield from wrapped(slip.say("bar", one.language, missing=missing, title=plain(one.bar.title)), width)


def _indented(sentence: str, width: int) -> list[str]:
    return [f"  {line}" if line else "" for line in wrapped(sentence, width - 2)]
