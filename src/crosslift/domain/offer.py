"""What the merchant proposes: goods or not, with benefits, a price that hides nothing, and when it must not be offered."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum

from crosslift.domain.condition import Condition
from crosslift.domain.decision import Reason
from crosslift.domain.money import Money, minor_digits
from crosslift.domain.segment_grammar import parse
from crosslift.errors import BadInput

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}", re.ASCII)
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2}", re.ASCII)
_NOBODY_YET = datetime(1970, 1, 1, tzinfo=UTC)


class OfferKind(StrEnum):
    """What is offered."""

    GOODS = "goods"
    SERVICE = "service"
    WARRANTY = "warranty"
    PLAN_STEP = "plan_step"
    BUNDLE = "bundle"
    ADVICE = "advice"
    APPOINTMENT = "appointment"
    COUPON = "coupon"


class PromiseState(StrEnum):
    """How a promise stands."""

    OPEN = "open"
    REDEEMED = "redeemed"
    EXPIRED = "expired"


class Period(StrEnum):
    """How often a recurring price is due."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class PriceLine:
    """One line of what an offer costs.

    Attributes
    ----------
    amount : Money
        Of one period where it recurs.
    period : Period or None
        None for what is paid once.
    n_periods : int or None
        For how many periods it is paid; None until it is cancelled.
    tax_rate : Decimal or None
        0..1; None where nobody said.
    includes_tax : bool
        Whether `amount` holds the tax already.
    labels : mapping of str to str
        What it is for, by language.
    """

    amount: Money
    period: Period | None = None
    n_periods: int | None = None
    tax_rate: Decimal | None = None
    includes_tax: bool = True
    labels: Mapping[str, str] = field(default_factory=dict)

    @property
    def gross(self) -> Money:
        """What is paid, tax included."""
        if self.includes_tax or not self.tax_rate:
            return self.amount
        return (self.amount * (1 + self.tax_rate)).rounded()

    @property
    def least(self) -> Money:
        """What it comes to at least, tax included: over the periods it is paid for, over one where it goes on."""
        return self.gross * (self.n_periods or 1)


@dataclass(frozen=True, slots=True)
class Proof:
    """Why a benefit can be believed: a quoted review, a case, a figure; always with its source."""

    texts: Mapping[str, str]
    source: str
    market: str | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """One version of an offer; a later version takes its place, none is ever changed.

    Attributes
    ----------
    offer_id : str
        Letters, digits, `.`, `_`, `-`; at most 80. Never the id of another product of the catalog.
    product_id : str or None
        The product it sells; None for what is no product (advice, appointment, service): it is then offered under its
        own id.
    titles, benefits, terms, cancellation, guarantee : mapping of str to text(s), by language
        What it is called, what it does for the customer, small print in plain words, how one gets out, what is promised.
    prices : tuple of PriceLine
        Empty only for what costs nothing (`is_free`).
    total : Money or None
        What is paid in all over the first term, tax included; must be given with more than one line or a recurring one.
    cost : Money or None
        What it costs us.
    goals : tuple of str
        Goals and needs of a customer that it serves.
    beside : tuple of str
        Products and offers, or categories written `category:Name`, it goes with.
    audience : str
        A condition on the person (`domain.segment_grammar`) it is for; empty for everybody. With an audience and nothing
        beside, it is for them anywhere; with neither, only a goal, a step, a link or a set leads to it.
    avoid : str
        A condition on the person under which it must not be offered.
    step_of : str or None
        The product or offer this is a step up from.
    licences : tuple of str
        Licences that agent and firm need to advise on it.
    min_age : int or None
        Years a person must be known to have.
    """

    offer_id: str
    version: int
    kind: OfferKind
    titles: Mapping[str, str]
    author: str
    reason: str
    created_at: datetime
    product_id: str | None = None
    category: str | None = None
    benefits: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    prices: tuple[PriceLine, ...] = ()
    total: Money | None = None
    cost: Money | None = None
    is_free: bool = False
    terms: Mapping[str, str] = field(default_factory=dict)
    cancellation: Mapping[str, str] = field(default_factory=dict)
    guarantee: Mapping[str, str] = field(default_factory=dict)
    proofs: tuple[Proof, ...] = ()
    goals: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    audience: str = ""
    avoid: str = ""
    step_of: str | None = None
    markets: tuple[str, ...] = ()
    licences: tuple[str, ...] = ()
    min_age: int | None = None
    is_advice: bool = False
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    months: tuple[int, ...] = ()
    staff_brief: str = ""
    tags: tuple[str, ...] = ()
    is_active: bool = True

    def __post_init__(self) -> None:
        """Refuse what must never be shown.

        Raises
        ------
        BadInput
            For an odd id, no title, an unreadable condition, or a price that does not say what is paid in all.
        """
        if problem := _problem(self):
            raise BadInput(problem[1], where=f"offer {self.offer_id!r}, {problem[0]}")
        for name, text in (("audience", self.audience), ("avoid", self.avoid)):
            if text:
                _condition(self.offer_id, name, text)

    @property
    def sold_as(self) -> str:
        """The id under which it is offered: its product's, else its own."""
        return self.product_id or self.offer_id

    @property
    def pays(self) -> Money | None:
        """What is paid in all over the first term, tax included; None for what is free or priced by the catalog."""
        if self.total is not None:
            return self.total
        return self.prices[0].gross if self.prices else None

    @property
    def content(self) -> "Offer":
        """What it says, whichever version says it: two that say the same are equal here."""
        return replace(self, version=0, author="-", reason="-", created_at=_NOBODY_YET)

    def title(self, language: str) -> str:
        """Give its title in a language, else in English, else in the first there is."""
        named = {code: text for code, text in self.titles.items() if text.strip()}
        return named.get(language) or named.get(language[:2]) or named.get("en") or next(iter(named.values()))

    def runs_at(self, now: datetime) -> bool:
        """Tell whether it has begun and not ended; the season is asked by the local month, not here."""
        return (self.starts_at is None or self.starts_at <= now) and (self.ends_at is None or now < self.ends_at)


Wrong = tuple[str, str] | None
"""The column, and what is wrong with it."""
MISSING_FULL_PRICE, HIDDEN_COST = "missing_full_price: ", "hidden_cost: "
"""What of it is against the ethics of selling, by the rule ids of `wording.ethics`."""


def _problem(offer: Offer) -> Wrong:
    if not _ID.fullmatch(offer.offer_id):
        return "offer_id", "use letters, digits, '.', '_' and '-' for its id, at most 80, such as setup-visit"
    if not any(text.strip() for text in offer.titles.values()):
        return "title", "it has no title; give title_en, title_ko or title_ja"
    for name, text in (("author", offer.author), ("reason", offer.reason)):
        if not text.strip():
            return name, f"its {name} is missing; say who wrote this version and why"
    return _price_problem(offer) or _total_problem(offer) or _other_problem(offer)


def _price_problem(offer: Offer) -> Wrong:
    """Say what about the price must never be shown: none, or one that cannot be."""
    lines = offer.prices
    if offer.is_free and (lines or offer.total is not None):
        return "is_free", "it is free and has a price; keep one of the two"
    if not lines and offer.total is not None:
        return "price", "it has a total and no price line that says for what; give its price"
    if not lines and not offer.is_free and offer.product_id is None:
        return (
            "price",
            f"{MISSING_FULL_PRICE}it has no price; give price lines, or is_free = true for what costs nothing",
        )
    amounts = [*(line.amount for line in lines), *(one for one in (offer.total, offer.cost) if one is not None)]
    if len({one.currency for one in amounts}) > 1:
        return "currency", "its prices are in several currencies; make one offer for each"
    if any(one.amount < 0 for one in amounts):
        return "price", "one of its prices is below 0; a discount is a coupon or a lower price"
    for line in lines:
        if line.n_periods is not None and (line.period is None or line.n_periods < 1):
            return (
                "n_periods",
                "n_periods counts the periods a recurring price is paid for, from 1; give its period too",
            )
        if line.tax_rate is not None and not 0 <= line.tax_rate <= 1:
            return "tax_rate", "a tax rate is a share from 0 to 1: ten percent is 0.1"
    return None


def _total_problem(offer: Offer) -> Wrong:
    """Say where the total is missing, or is not what the lines come to: a price that hides nothing adds up."""
    lines, total = offer.prices, offer.total
    is_taxed = all(line.includes_tax or line.tax_rate is not None for line in lines)
    if total is None:
        if len(lines) > 1 or any(line.period for line in lines):
            return (
                "total",
                f"{MISSING_FULL_PRICE}its total is missing; say what is paid in all over the first term, tax included",
            )
        untaxed = f"{MISSING_FULL_PRICE}its price is without tax and nobody says how much; give tax_rate or total"
        return None if is_taxed else ("total", untaxed)
    known = sum((line.least.amount for line in lines), Decimal(0))
    rounding = Decimal(len(lines)).scaleb(-minor_digits(total.currency))
    if total.amount < known - rounding:
        return (
            "total",
            f"{HIDDEN_COST}its total {total.amount:f} is less than its price lines come to, {known:f}; mend one of them",
        )
    is_whole = is_taxed and all(line.period is None or line.n_periods for line in lines)
    if is_whole and total.amount > known + rounding:
        return (
            "total",
            f"{HIDDEN_COST}its total {total.amount:f} is more than its price lines come to, {known:f}; a line is missing",
        )
    return None


def _other_problem(offer: Offer) -> Wrong:
    spoken = (offer.titles, offer.benefits, offer.terms, offer.cancellation, offer.guarantee)
    for tag in (tag for texts in spoken for tag in texts):
        if not _LANGUAGE.fullmatch(tag):
            return "title", f"{tag!r} is no language tag such as en, ko or pt-BR"
    if any(
        not proof.source.strip() or not any(text.strip() for text in proof.texts.values()) for proof in offer.proofs
    ):
        return "proofs", "a proof needs its words and its source; leave out what nobody can look up"
    if any(moment is not None and moment.tzinfo is None for moment in (offer.starts_at, offer.ends_at)):
        return "starts_at", "give its time with a zone, such as 2026-11-01T00:00:00+09:00"
    if offer.starts_at and offer.ends_at and offer.ends_at <= offer.starts_at:
        return "ends_at", "it ends before it starts"
    if any(not 1 <= month <= 12 for month in offer.months):
        return "months", "its months are numbers from 1 to 12"
    if offer.min_age is not None and not 0 <= offer.min_age <= 150:
        return "min_age", "its min_age is a number of years from 0 to 150"
    if offer.step_of is not None and offer.step_of in (offer.offer_id, offer.product_id):
        return "step_of", "it is a step up from itself; name the product or offer below it"
    return None


def _condition(offer_id: str, name: str, text: str) -> Condition:
    try:
        return parse(text)
    except BadInput as error:
        raise BadInput(f"its {name} cannot be read: {error}", where=f"offer {offer_id!r}, {name}") from None


@dataclass(frozen=True, slots=True)
class Promise:
    """What was shown to somebody, to be honored anywhere until its end.

    `code` is short enough to be read aloud; it opens the same price, terms and reason at till, desk, chat and API.

    Attributes
    ----------
    slot : int
        Place in the decision's list, from 0.
    price : Money or None
        What is paid in all, tax included, as the decision showed it; None where it was free of any price.
    reason : Reason or None
        Why it was offered; without evidence once the person it spoke of was erased.
    redeemed_by : str or None
        The order, or the caller's own key, it was redeemed with.
    """

    code: str
    decision_id: str
    offer_id: str | None
    offer_version: int | None
    product_id: str
    price: Money | None
    made_at: datetime
    ends_at: datetime
    redeemed_at: datetime | None = None
    redeemed_by: str | None = None
    slot: int = 0
    reason: Reason | None = None

    def state(self, now: datetime) -> PromiseState:
        """Tell whether it can be redeemed now: it counts until the instant it ends."""
        if self.redeemed_at is not None:
            return PromiseState.REDEEMED
        return PromiseState.OPEN if now < self.ends_at else PromiseState.EXPIRED
