"""Why a set may not be offered: parts nobody can buy or that do not fit, a price that saves nothing or earns too little."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from itertools import combinations

import numpy as np
import numpy.typing as npt

from crosslift.domain.bundle import NEEDS_SAVING, Bundle, BundleKind, Part, keeps_margin, sum_of
from crosslift.domain.catalog import ProductKind
from crosslift.domain.money import Money
from crosslift.learn.catalog import Catalog
from crosslift.learn.products.links import Links
from crosslift.settings import Settings

Floats = npt.NDArray[np.float64]


class Refused(StrEnum):
    """Why a set is not offered."""

    MALFORMED = "malformed"
    UNKNOWN_PART = "unknown_part"
    NOT_SELLABLE = "part_not_sellable"
    TWO_CURRENCIES = "two_currencies"
    DOES_NOT_FIT = "does_not_fit"
    NO_SAVING = "no_saving"
    BELOW_MARGIN = "below_margin_floor"


@dataclass(frozen=True, slots=True)
class Refusal:
    """A set that is not offered, with the reason for people: what is wrong with which product, and what to do."""

    bundle_id: str
    code: Refused
    why: str
    products: tuple[str, ...] = ()


Check = Callable[[Bundle], Refusal | None]
Chosen = Sequence[tuple[Part, int]]
"""Parts, each with its item in the catalog."""


def make_bundle_checks(
    catalog: Catalog, settings: Settings, excludes: Links | None = None, inactive: Collection[str] = ()
) -> Check:
    """Make the function that says why a set may not be offered, or None where it may.

    A mix or look is refused only where no choice of its parts could be offered; each choice is checked again, at the
    prices and costs of the moment, when it is offered.
    """
    index = catalog.index
    parted = parted_by(excludes)
    floor = Decimal(str(settings["bundles.min_margin"]))

    def check(bundle: Bundle) -> Refusal | None:
        unknown = tuple(name for name in bundle.product_ids if name not in index)
        if unknown:
            why = f"no product {', '.join(unknown)} in the catalog; correct the id or collect the product"
            return Refusal(bundle.bundle_id, Refused.UNKNOWN_PART, why, unknown)
        chosen = [(part, index[part.product_id]) for part in bundle.parts]
        sellable = [(part, item) for part, item in chosen if why_not(catalog, item, inactive) is None]
        return (
            _check_parts(catalog, bundle, chosen, sellable, inactive)
            or _check_currency(catalog, bundle, sellable)
            or _check_fit(bundle, sellable, parted)
            or _check_saving(catalog, bundle, sellable)
            or _check_margin(catalog, bundle, sellable, floor)
        )

    return check


def why_not(catalog: Catalog, item: int, inactive: Collection[str]) -> str | None:
    """Say why a product cannot be part of a set at present."""
    if catalog.products[item] in inactive:
        return "is not active; activate it or take it out"
    if not ProductKind(catalog.kinds[item]).is_sellable:
        return f"is {catalog.kinds[item]}, which is not sold by itself; take it out"
    if np.isnan(catalog.prices[item]) or catalog.currencies[item] is None:
        return "has no price; add one to the catalog"
    return None


def _check_parts(
    catalog: Catalog, bundle: Bundle, parts: Chosen, sellable: Chosen, inactive: Collection[str]
) -> Refusal | None:
    filled = {_role(part) if bundle.kind is BundleKind.LOOK else part.product_id for part, _ in sellable}
    if len(filled) >= bundle.min_parts:
        return None
    reasons = {
        part.product_id: why_not(catalog, item, inactive) for part, item in parts if (part, item) not in sellable
    }
    said = "; ".join(f"{name} {reason}" for name, reason in reasons.items())
    return Refusal(bundle.bundle_id, Refused.NOT_SELLABLE, said, tuple(reasons))


def _check_currency(catalog: Catalog, bundle: Bundle, parts: Chosen) -> Refusal | None:
    currencies = {str(catalog.currencies[item]) for _, item in parts}
    if bundle.price is not None:
        currencies.add(bundle.price.currency)
    if len(currencies) == 1:
        return None
    why = f"its prices are in {' and '.join(sorted(currencies))}; make one set for each currency"
    return Refusal(bundle.bundle_id, Refused.TWO_CURRENCIES, why)


def _check_fit(bundle: Bundle, parts: Chosen, parted: Collection[tuple[int, int]]) -> Refusal | None:
    for (one, a), (other, b) in combinations(parts, 2):
        stand_for_each_other = bundle.kind is BundleKind.LOOK and _role(one) == _role(other)
        if (min(a, b), max(a, b)) in parted and not stand_for_each_other:
            why = f"{one.product_id} and {other.product_id} do not fit each other; take one of them out"
            return Refusal(bundle.bundle_id, Refused.DOES_NOT_FIT, why, (one.product_id, other.product_id))
    return None


def _role(part: Part) -> str:
    return part.role or part.product_id


def _check_saving(catalog: Catalog, bundle: Bundle, parts: Chosen) -> Refusal | None:
    """Refuse a set that saves nothing even where its dearest parts are chosen."""
    if bundle.price is None and bundle.discount_percent is None and bundle.kind not in NEEDS_SAVING:
        return None
    single = _sum(catalog.prices, catalog, _choice(bundle, parts, -catalog.prices))
    price = bundle.price_of(single)
    if price.amount < single.amount:
        return None
    why = (
        f"the set costs {price.amount} {price.currency} and its parts alone {single.amount}; lower its price or give a "
        "discount"
    )
    return Refusal(bundle.bundle_id, Refused.NO_SAVING, why)


def _check_margin(catalog: Catalog, bundle: Bundle, parts: Chosen, floor: Decimal) -> Refusal | None:
    """Refuse a set that earns too little even where its best parts are chosen; unknown costs are asked when it is offered."""
    if any(np.isnan(catalog.costs[item]) for _, item in parts):
        return None
    share = 0.0 if bundle.price is not None else 1 - float(bundle.discount_percent or 0) / 100
    best = _choice(bundle, parts, catalog.costs - share * (1 - float(floor)) * catalog.prices)
    price, cost = bundle.price_of(_sum(catalog.prices, catalog, best)), _sum(catalog.costs, catalog, best)
    if keeps_margin(price, cost, floor):
        return None
    why = (
        f"the set costs {price.amount} {price.currency} and its parts cost us {cost.amount}: that leaves less than the "
        f"{floor:%} of bundles.min_margin; raise its price or take a part out"
    )
    return Refusal(bundle.bundle_id, Refused.BELOW_MARGIN, why)


def _choice(bundle: Bundle, parts: Chosen, measure: Floats) -> Chosen:
    """Choose the parts of a set that are lowest by some measure of a piece: of a mix the first few, of a look one a role."""
    ranked = sorted(parts, key=lambda one: one[0].quantity * measure[one[1]])
    if bundle.kind is BundleKind.MIX:
        return ranked[: bundle.min_parts]
    if bundle.kind is BundleKind.LOOK:
        by_role: dict[str, tuple[Part, int]] = {}
        for part, item in ranked:
            by_role.setdefault(_role(part), (part, item))
        return list(by_role.values())
    return ranked


def _sum(values: Floats, catalog: Catalog, chosen: Chosen) -> Money:
    return sum_of(tuple(money(values[item], catalog.currencies[item] or "") * part.quantity for part, item in chosen))


def parted_by(*links: Links | None) -> frozenset[tuple[int, int]]:
    """Collect pairs of items, in sorted order, from links of either direction."""
    return frozenset(
        (min(a, b), max(a, b))
        for some in links
        if some is not None
        for a, b in zip(some.sources.tolist(), some.targets.tolist(), strict=True)
    )


def money(units: float, currency: str) -> Money:
    """Give an amount of the catalog's columns exactly as it was stored.

    Examples
    --------
    >>> money(0.1 + 0.2, "EUR")
    Money(amount=Decimal('0.3'), currency='EUR')
    """
    return Money.from_micros(round(units * 1e6), currency)
