"""Make it a set: which sets the cart has begun, what is missing, and what the whole set saves at this moment's prices.

Sets are shown beside the single offers and never take the place of one; every part keeps its own price and can be bought
alone.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from crosslift.domain.bundle import NEEDS_SAVING, Bundle, BundleKind, Part, SetOffer, SetPart, keeps_margin, sum_of
from crosslift.domain.money import Money


@dataclass(frozen=True, slots=True)
class LivePart:
    """What a set needs to know of one product now.

    `offered_as` is the variant that would be bought; `stock is None` is unknown and counts as in stock; `price` and
    `cost` are of one piece, both with or both without tax; `can_be_sold` is false for what is inactive or no product.
    """

    offered_as: str
    price: Money | None
    stock: int | None = None
    cost: Money | None = None
    can_be_sold: bool = True


Live = Callable[[str], LivePart | None]


SetsKept = dict[tuple[frozenset[str], frozenset[str], int], tuple[SetOffer, ...]]
"""What was worked out with nothing barred: by the parts that were begun, those the cart holds, and how many sets were asked."""
Choice = tuple[Part, ...]


def sets_for(
    cart: Mapping[str, int] | Collection[str],
    bundles: Sequence[Bundle],
    live: Live,
    is_barred: Callable[[str], bool],
    k: int,
    now: datetime,
    min_margin: float,
) -> tuple[SetOffer, ...]:
    """Give the sets that what is in the cart can be made into.

    Parameters
    ----------
    cart : mapping of str to int, or collection of str
        Product ids with their pieces; without pieces one of each. Variants count as their product.
    bundles : sequence of Bundle
        Those of the snapshot.
    live : callable
        Price, stock, activity and cost of a product now; None where nobody knows it.
    is_barred : callable
        Whether a product may not be offered here: banned, excluded, does not fit, expired.
    k : int
        At most this many sets; single offers have a count of their own.
    now : datetime
        What has expired by then is not offered.
    min_margin : float
        Least margin as a share of the price of a set; asked where every cost is known.

    Returns
    -------
    tuple of SetOffer
        Largest saving first, ties by id; of sets with the same products the merchant's, else the first. Each holds at
        least one product of the cart and at least one that is missing, all of which can be bought now.
    """
    pieces = dict(cart) if isinstance(cart, Mapping) else dict.fromkeys(cart, 1)
    held = {product for product, n in pieces.items() if n > 0}
    shop = _Shop(pieces, live, is_barred, Decimal(str(min_margin)))
    found = [
        offer
        for bundle in bundles
        if (bundle.expires_at is None or now < bundle.expires_at) and not held.isdisjoint(bundle.product_ids)
        if (offer := shop.offer(bundle)) is not None
    ]
    found.sort(key=lambda offer: (offer.price.amount - offer.single.amount, offer.bundle_id))
    distinct: dict[frozenset[str], SetOffer] = {}
    for offer in sorted(found, key=lambda offer: offer.evidence.get("basis") != "curated"):
        distinct.setdefault(frozenset(part.product_id for part in offer.parts), offer)
    kept = {offer.bundle_id for offer in distinct.values()}
    return tuple(offer for offer in found if offer.bundle_id in kept)[: max(k, 0)]


@dataclass(frozen=True, slots=True)
class _Open:
    """A part that can be bought now, and what one piece of it costs us."""

    shown: SetPart
    cost: Money | None


Open = Mapping[Part, _Open]


@dataclass(frozen=True, slots=True)
class _Shop:
    """The cart, and what can be sold."""

    pieces: Mapping[str, int]
    live: Live
    is_barred: Callable[[str], bool]
    min_margin: Decimal

    def offer(self, bundle: Bundle) -> SetOffer | None:
        """Give the first choice of parts that can be offered, and what could be taken instead of its missing part."""
        sellable = {part: row for part in bundle.parts if (row := self._sellable(part)) is not None}
        choices = self._choices(bundle, sellable)
        offers = [(choice, offer) for choice in choices if (offer := self._priced(bundle, choice, sellable))]
        if not offers:
            return None
        chosen, offer = offers[0]
        if len(offers) == 1:
            return offer
        others = [swapped[0] for choice, _ in offers[1:] if len(swapped := [p for p in choice if p not in chosen]) == 1]
        return replace(offer, alternatives=tuple(sellable[part].shown for part in others))

    def _sellable(self, part: Part) -> _Open | None:
        row = self.live(part.product_id)
        if row is None or row.price is None or not row.can_be_sold or self.is_barred(part.product_id):
            return None
        if row.stock is not None and row.stock < part.quantity:
            return None
        in_cart = self._n_in_cart(part)
        return _Open(SetPart(part.product_id, row.offered_as, part.role, part.quantity, in_cart, row.price), row.cost)

    def _n_in_cart(self, part: Part) -> int:
        return min(max(self.pieces.get(part.product_id, 0), 0), part.quantity)

    def _is_held(self, part: Part) -> bool:
        return self._n_in_cart(part) == part.quantity

    def _choices(self, bundle: Bundle, sellable: Open) -> list[Choice]:
        """Give the ways to complete a set with parts that can be sold, the merchant's first part first."""
        if bundle.kind is BundleKind.MIX:
            return self._mixes(bundle, sellable)
        if bundle.kind is BundleKind.LOOK:
            return self._looks(bundle, sellable)
        return [bundle.parts] if len(sellable) == len(bundle.parts) else []

    def _mixes(self, bundle: Bundle, sellable: Open) -> list[Choice]:
        """Offer a mix when one choice is left to make; an earlier offer would be a list to study."""
        held = [part for part in sellable if self._is_held(part)]
        if len(held) != bundle.min_parts - 1:
            return []
        return [_in_order(bundle, {*held, part}) for part in sellable if part not in held]

    def _looks(self, bundle: Bundle, sellable: Open) -> list[Choice]:
        """Fill each role: with what the cart holds, else with its first part; then with each other part of the role."""
        by_role: dict[str, list[Part]] = {role: [] for role in bundle.roles}
        for part in bundle.parts:
            by_role[part.role or part.product_id].append(part)
        filled: list[Part] = []
        spare: list[tuple[Part, Part]] = []
        for parts in by_role.values():
            in_cart = [part for part in parts if self._is_held(part)]
            open_parts = [part for part in in_cart or parts if part in sellable]
            filled.extend(open_parts[:1])
            spare.extend((open_parts[0], part) for part in open_parts[1:] if not in_cart)
        if len(filled) < bundle.min_parts:
            return []
        swapped = [_in_order(bundle, {*filled, part} - {usual}) for usual, part in spare]
        return [_in_order(bundle, set(filled)), *swapped]

    def _priced(self, bundle: Bundle, choice: Choice, sellable: Open) -> SetOffer | None:
        """Price a choice; None where it is complete or not begun, saves nothing it should, or earns too little."""
        parts = tuple(sellable[part].shown for part in choice)
        if not any(part.n_in_cart for part in parts) or not any(part.n_missing for part in parts):
            return None
        currencies = {part.price.currency for part in parts} | ({bundle.price.currency} if bundle.price else set())
        if len(currencies) > 1:
            return None
        single = sum_of(tuple(part.price * part.quantity for part in parts))
        price = bundle.price_of(single)
        if price.amount >= single.amount:
            if bundle.kind in NEEDS_SAVING:
                return None
            price = single
        cost = _cost(choice, sellable, price.currency)
        if cost is not None and not keeps_margin(price, cost, self.min_margin):
            return None
        margin = None if cost is None else price - cost
        return SetOffer(
            bundle.bundle_id, bundle.kind, bundle.titles, parts, price, single, margin, evidence=bundle.evidence
        )


def _in_order(bundle: Bundle, chosen: Collection[Part]) -> Choice:
    return tuple(part for part in bundle.parts if part in chosen)


def _cost(choice: Choice, sellable: Open, currency: str) -> Money | None:
    """Add up what the parts cost us; None where one is unknown or in another currency."""
    costs = [(part.quantity, sellable[part].cost) for part in choice]
    known = tuple(cost * n for n, cost in costs if cost is not None and cost.currency == currency)
    return sum_of(known) if len(known) == len(costs) else None
