"""Coupons: what a campaign takes off, for whom, and how much it may give away in all."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum

from crosslift.domain.money import Money, minor_digits
from crosslift.domain.profile import ContributionClass
from crosslift.domain.segment_grammar import parse
from crosslift.errors import BadInput

NEGATIVE = frozenset({
    ContributionClass.SERIAL_RETURNER, ContributionClass.HEAVY_SERVICE, ContributionClass.DEFAULTER,
    ContributionClass.UNPROFITABLE,
})  # fmt: skip
"""Classes that cost more than they bring: no money is spent on them."""
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}", re.ASCII)
_CODE = re.compile(r"[A-Z0-9]{4,40}", re.ASCII)
_NOBODY_YET = datetime(1970, 1, 1, tzinfo=UTC)
Wrong = tuple[str, str] | None
"""The field, and what is wrong with it."""


class CouponKind(StrEnum):
    """What is taken off."""

    AMOUNT_OFF = "amount_off"
    PERCENT_OFF = "percent_off"
    FREE_DELIVERY = "free_delivery"


class CouponRefusal(StrEnum):
    """Why a coupon is not given, or takes nothing off."""

    UNKNOWN = "unknown"
    TAKEN_BACK = "taken_back"
    NOT_YET = "not_yet"
    EXPIRED = "expired"
    USED_UP = "used_up"
    RELEASED = "released"
    OTHER_PERSON = "other_person"
    NOT_FOR_CLASS = "not_for_class"
    NOT_FOR_PERSON = "not_for_person"
    OTHER_CURRENCY = "other_currency"
    BELOW_MINIMUM = "below_minimum"
    NOT_FOR_PRODUCTS = "not_for_products"
    DOES_NOT_STACK = "does_not_stack"
    NOTHING_OFF = "nothing_off"
    BELOW_MARGIN = "below_margin"
    BUDGET_SPENT = "budget_spent"


@dataclass(frozen=True, slots=True)
class Tier:
    """A better value for people of whom a condition (`domain.segment_grammar`) holds, such as ``orders >= 10``."""

    condition: str
    value: Decimal


@dataclass(frozen=True, slots=True)
class Campaign:
    """One version of a coupon campaign; a later version takes its place, none is ever changed.

    Attributes
    ----------
    campaign_id : str
        Letters, digits, `.`, `_`, `-`; at most 80.
    value : Decimal or None
        In the currency's major unit, or for `percent_off` a share from 0 to 1; None for free delivery.
    budget : Money
        What all uses together may take off; its currency is the campaign's.
    most : Money or None
        What one use may take off; needed unless a fixed amount says it.
    code : str or None
        Of a campaign that everybody may use: chosen by the merchant, upper case. None for personal codes.
    max_uses : int or None
        How often all together may use it, personal ones: how many are given; None for as many as the budget pays.
    per_person : int
        How many uses one person has.
    minimum : Money or None
        What the cart must come to before anything is taken off.
    products : tuple of str
        Products, or categories written `category:Name`, it holds for; empty for all.
    stacks_with : tuple of str
        Campaigns it may share an order with, where they name it too; none but itself by default, once.
    margin_floor : Decimal or None
        Share from 0 to 1 that the lines with a known cost must keep after the discount.
    audience : str
        A condition on the person it is for; empty for everybody.
    tiers : tuple of Tier
        Of those that hold the highest value counts, where it is above `value`.
    ends_at : datetime
        From that instant on nothing is taken off.
    valid_days : int or None
        How long a personal code holds; at most until `ends_at`, None until then.
    """

    campaign_id: str
    version: int
    kind: CouponKind
    titles: Mapping[str, str]
    budget: Money
    ends_at: datetime
    author: str
    reason: str
    created_at: datetime
    value: Decimal | None = None
    most: Money | None = None
    code: str | None = None
    max_uses: int | None = None
    per_person: int = 1
    minimum: Money | None = None
    products: tuple[str, ...] = ()
    stacks_with: tuple[str, ...] = ()
    margin_floor: Decimal | None = None
    audience: str = ""
    tiers: tuple[Tier, ...] = field(default=())
    starts_at: datetime | None = None
    valid_days: int | None = None
    is_active: bool = True

    def __post_init__(self) -> None:
        """Refuse what could not be honored exactly.

        Raises
        ------
        BadInput
            Naming the field: an odd id, no title, an unreadable condition, a value or limit that cannot be.
        """
        if problem := _problem(self):
            raise BadInput(problem[1], where=f"campaign {self.campaign_id!r}, {problem[0]}")
        for text in (self.audience, *(tier.condition for tier in self.tiers)):
            if text:
                _check_condition(self.campaign_id, text)

    @property
    def currency(self) -> str:
        """Of everything it names."""
        return self.budget.currency

    @property
    def is_personal(self) -> bool:
        """Whether each person is given a code of their own."""
        return self.code is None

    @property
    def content(self) -> "Campaign":
        """What it says, whichever version says it: two that say the same are equal here."""
        return replace(self, version=0, author="-", reason="-", created_at=_NOBODY_YET)

    def most_off(self, value: Decimal | None) -> Money:
        """Give the most that one use of a value can take off: so much of the budget is kept for it."""
        if self.kind is not CouponKind.AMOUNT_OFF or value is None:
            return self.most or self.budget
        amount = Money(value, self.currency)
        return amount if self.most is None or value <= self.most.amount else self.most

    def value_for(self, holding: tuple[bool, ...]) -> Decimal | None:
        """Give the value of somebody, by which of the tiers hold."""
        reached = [tier.value for tier, holds in zip(self.tiers, holding, strict=True) if holds]
        return self.value if self.value is None else max([self.value, *reached])

    def stacks(self, other: "Campaign") -> bool:
        """Tell whether the two may share an order: each names the other."""
        return other.campaign_id in self.stacks_with and self.campaign_id in other.stacks_with


def _problem(one: Campaign) -> Wrong:
    if not _ID.fullmatch(one.campaign_id):
        return "campaign_id", "use letters, digits, '.', '_' and '-' for its id, at most 80, such as thanks-2026"
    if not any(text.strip() for text in one.titles.values()):
        return "titles", 'it has no title; give titles = {en = "..."}'
    for name, text in (("author", one.author), ("reason", one.reason)):
        if not text.strip():
            return name, f"its {name} is missing; say who wrote this version and why"
    return _value_problem(one) or _money_problem(one) or _limit_problem(one) or _time_problem(one)


def _value_problem(one: Campaign) -> Wrong:
    if one.kind is CouponKind.FREE_DELIVERY:
        if one.value is not None or one.tiers:
            return "value", "free delivery has no value and no tiers; `most` says how much of a delivery is paid"
    elif one.value is None:
        return "value", "its value is missing: an amount, or for percent_off a share such as 0.1"
    for value in (one.value, *(tier.value for tier in one.tiers)):
        if value is None:
            continue
        if not value.is_finite() or value <= 0:
            return "value", "what it takes off is more than 0"
        if one.kind is CouponKind.PERCENT_OFF and value > 1:
            return "value", "ten percent is 0.1; a share is at most 1"
        if one.kind is CouponKind.AMOUNT_OFF and not _is_payable(Money(value, one.currency)):
            return (
                "value",
                f"{value:f} cannot be paid in {one.currency}; use at most {minor_digits(one.currency)} decimals",
            )
    if one.most is None and one.kind is not CouponKind.AMOUNT_OFF:
        return "most", "say what one use may take off at most: so much of the budget is kept for each code"
    return None


def _money_problem(one: Campaign) -> Wrong:
    for name, amount in (("budget", one.budget), ("most", one.most), ("minimum", one.minimum)):
        if amount is None:
            continue
        if amount.currency != one.currency:
            return name, f"its amounts are in several currencies; make one campaign for each ({one.currency} here)"
        if amount.amount < 0 or (amount.amount == 0 and name != "minimum"):
            return name, f"its {name} is more than 0"
        if not _is_payable(amount):
            return (
                name,
                f"{amount.amount:f} cannot be paid in {one.currency}; use at most {minor_digits(one.currency)} decimals",
            )
    if one.margin_floor is not None and not 0 <= one.margin_floor < 1:
        return "margin_floor", "the margin to keep is a share from 0, below 1: a fifth is 0.2"
    return None


def _limit_problem(one: Campaign) -> Wrong:
    if one.code is not None and not _CODE.fullmatch(one.code):
        return "code", "use 4 to 40 letters A to Z and digits for a code everybody types, such as SPRING10"
    if one.max_uses is not None and one.max_uses < 1:
        return "max_uses", "max_uses counts from 1; leave it out for as many as the budget pays"
    if one.per_person < 1:
        return "per_person", "per_person counts from 1"
    if one.code is not None and one.valid_days is not None:
        return "valid_days", "valid_days is for personal codes; ends_at says how long one for everybody holds"
    return None


def _time_problem(one: Campaign) -> Wrong:
    for name, moment in (("starts_at", one.starts_at), ("ends_at", one.ends_at)):
        if moment is not None and moment.tzinfo is None:
            return name, "give its time with a zone, such as 2026-11-01T00:00:00+09:00"
    if one.starts_at is not None and one.ends_at <= one.starts_at:
        return "ends_at", "it ends before it starts"
    if one.valid_days is not None and not 1 <= one.valid_days <= 3660:
        return "valid_days", "a personal code holds from 1 to 3660 days"
    return None


def _is_payable(amount: Money) -> bool:
    return amount == amount.rounded()


def _check_condition(campaign_id: str, text: str) -> None:
    try:
        parse(text)
    except BadInput as error:
        raise BadInput(f"{text!r} cannot be read: {error}", where=f"campaign {campaign_id!r}") from None
