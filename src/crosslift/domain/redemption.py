"""May this coupon be used on this order, and what does it take off? Pure and exact; the store asks it inside its transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_DOWN, Decimal
from fractions import Fraction

from crosslift.domain.condition import is_within
from crosslift.domain.coupon import Campaign, CouponKind, CouponRefusal
from crosslift.domain.link import CATEGORY
from crosslift.domain.money import Money, minor_digits


@dataclass(frozen=True, slots=True)
class CartLine:
    """One line of a cart, in its currency; `cost` of one piece, None where nobody knows it or in another currency."""

    product_id: str
    quantity: int
    unit_price: Decimal
    cost: Decimal | None = None
    parent_id: str | None = None
    category: str | None = None

    @property
    def value(self) -> Decimal:
        """What the line comes to."""
        return self.unit_price * self.quantity


@dataclass(frozen=True, slots=True)
class Cart:
    """What is bought.

    Attributes
    ----------
    lines : sequence of CartLine
        Empty where only the total is told.
    total : Decimal
        Of the goods, before any coupon.
    delivery : Decimal
        What delivery costs the customer.
    """

    currency: str
    total: Decimal
    lines: Sequence[CartLine] = ()
    delivery: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Held:
    """A code as it was given out: by which version, at which value, until when."""

    campaign: Campaign
    value: Decimal | None
    ends_at: datetime
    is_personal: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """What the store knows at the instant of a redemption.

    Attributes
    ----------
    newest : Campaign
        The version in force: its budget counts.
    is_theirs : bool
        Whether the code was given to the person who is named; True for one of everybody.
    n_uses, n_of_person : int
        Uses that stand, of the code and of the campaign by the person.
    committed : Decimal
        What is given and held of the budget, what this code holds aside.
    on_order : sequence of (Campaign, Decimal)
        What other coupons take off the same order.
    """

    held: Held
    newest: Campaign
    is_theirs: bool
    n_uses: int
    n_of_person: int
    committed: Decimal
    on_order: Sequence[tuple[Campaign, Decimal]] = ()


@dataclass(frozen=True, slots=True)
class Granted:
    """What is taken off, and how many lines had no known cost to judge the margin by."""

    discount: Money
    n_unknown_costs: int


def judge(cart: Cart, standing: Standing, now: datetime) -> Granted | CouponRefusal:
    """Tell what a coupon takes off a cart, or why nothing.

    The first reason that holds is given: time, uses and person, then the cart, then other coupons, margin and budget.

    Examples
    --------
    >>> from datetime import UTC
    >>> end, now = datetime(2026, 12, 1, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC)
    >>> ten = Campaign("ten", 1, CouponKind.PERCENT_OFF, {"en": "Ten"}, Money(Decimal(50), "USD"), end, "mina", "test", now,
    ...                value=Decimal("0.1"), most=Money(Decimal(20), "USD"))
    >>> held = Held(ten, ten.value, end, is_personal=True)
    >>> judge(Cart("USD", Decimal("39.99")), Standing(held, ten, True, 0, 0, Decimal(0)), now)
    Granted(discount=Money(amount=Decimal('3.99'), currency='USD'), n_unknown_costs=1)
    """
    refusal = _of_code(standing, now) or _of_cart(cart, standing.held.campaign)
    if refusal is not None:
        return refusal
    if not all(standing.held.campaign.stacks(other) for other, _ in standing.on_order):
        return CouponRefusal.DOES_NOT_STACK
    discount = discount_of(cart, standing.held, standing.on_order)
    if discount.amount <= 0:
        return CouponRefusal.NOTHING_OFF
    if not keeps_margin(cart, standing, discount.amount):
        return CouponRefusal.BELOW_MARGIN
    if standing.committed + discount.amount > standing.newest.budget.amount:
        return CouponRefusal.BUDGET_SPENT
    return Granted(discount, _n_unknown(cart))


def _of_code(standing: Standing, now: datetime) -> CouponRefusal | None:
    held, terms = standing.held, standing.held.campaign
    if not standing.is_theirs:
        return CouponRefusal.OTHER_PERSON
    if not standing.newest.is_active and not held.is_personal:
        return CouponRefusal.TAKEN_BACK
    if terms.starts_at is not None and now < terms.starts_at:
        return CouponRefusal.NOT_YET
    if now >= held.ends_at:
        return CouponRefusal.EXPIRED
    most = 1 if held.is_personal else terms.max_uses
    if (most is not None and standing.n_uses >= most) or standing.n_of_person >= terms.per_person:
        return CouponRefusal.USED_UP
    return None


def _of_cart(cart: Cart, terms: Campaign) -> CouponRefusal | None:
    if cart.currency != terms.currency:
        return CouponRefusal.OTHER_CURRENCY
    if terms.minimum is not None and cart.total < terms.minimum.amount:
        return CouponRefusal.BELOW_MINIMUM
    if terms.products and not any(holds_for(terms.products, line) for line in cart.lines):
        return CouponRefusal.NOT_FOR_PRODUCTS
    return None


def holds_for(products: Sequence[str], line: CartLine) -> bool:
    """Tell whether a line is of some products, a variant of one, or of a category among them (`category:Name`)."""
    return not products or any(
        is_within(line.category, name.removeprefix(CATEGORY))
        if name.startswith(CATEGORY)
        else name in (line.product_id, line.parent_id)
        for name in products
    )


def discount_of(cart: Cart, held: Held, on_order: Sequence[tuple[Campaign, Decimal]] = ()) -> Money:
    """Give what a code takes off: never more than one use may, and never more than is left to be paid."""
    terms = held.campaign
    if terms.kind is CouponKind.FREE_DELIVERY:
        taken = sum((off for other, off in on_order if other.kind is terms.kind), Decimal(0))
        off = cart.delivery - taken
    else:
        taken = sum((off for other, off in on_order if other.kind is not CouponKind.FREE_DELIVERY), Decimal(0))
        base = _base(cart, terms)
        share = terms.kind is CouponKind.PERCENT_OFF
        off = min(base * held.value if share else held.value, base, cart.total - taken) if held.value else Decimal(0)
    off = min(off, terms.most_off(held.value).amount)
    unit = Decimal(1).scaleb(-minor_digits(cart.currency))
    return Money(max(off, Decimal(0)).quantize(unit, ROUND_DOWN), cart.currency)


def _base(cart: Cart, terms: Campaign) -> Decimal:
    """What the discount is of: the lines it holds for, all of the cart where it holds for everything."""
    if not terms.products:
        return cart.total
    return sum((line.value for line in cart.lines if holds_for(terms.products, line)), Decimal(0))


def keeps_margin(cart: Cart, standing: Standing, discount: Decimal) -> bool:
    """Tell whether the lines with a known cost keep the margin that every coupon of the order asks for.

    Discounts fall on lines by their value: this one on the lines it holds for, others on all of the order. What is paid for a
    delivery falls on all. Lines without a known cost are not judged.
    """
    asked = [terms.margin_floor for terms in (standing.held.campaign, *(other for other, _ in standing.on_order))]
    floors = [floor for floor in asked if floor is not None]
    known = [line for line in cart.lines if line.cost is not None]
    if not floors or not known:
        return True
    others = sum((off for _, off in standing.on_order), Decimal(0))
    terms = standing.held.campaign
    is_of_goods = terms.kind is not CouponKind.FREE_DELIVERY
    meant = [line for line in cart.lines if not is_of_goods or holds_for(terms.products, line)]
    revenue = Fraction(_sum(known))
    kept = (
        revenue - _share(discount, [line for line in known if line in meant], meant) - _share(others, known, cart.lines)
    )
    cost = Fraction(sum((line.cost * line.quantity for line in known if line.cost is not None), Decimal(0)))
    return kept - cost >= Fraction(max(floors)) * kept and kept >= 0


def _share(discount: Decimal, of: Sequence[CartLine], among: Sequence[CartLine]) -> Fraction:
    whole = Fraction(_sum(among))
    return Fraction(discount) * Fraction(_sum(of)) / whole if whole else Fraction(0)


def _sum(lines: Sequence[CartLine]) -> Decimal:
    return sum((line.value for line in lines), Decimal(0))


def _n_unknown(cart: Cart) -> int:
    """Count lines whose margin nobody could judge; a cart told by its total alone is one."""
    return sum(line.cost is None for line in cart.lines) if cart.lines else 1
