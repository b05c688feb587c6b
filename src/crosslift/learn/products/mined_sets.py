"""Sets that orders propose: pairs and triples of products that all go with each other, priced within the margin floor."""

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import numpy as np
import numpy.typing as npt

from crosslift.domain.bundle import HUNDRED, Bundle, BundleKind, Part, keeps_margin, sum_of
from crosslift.learn.baskets import Baskets
from crosslift.learn.catalog import Catalog
from crosslift.learn.products.bundle_checks import money
from crosslift.learn.products.complements import Complements
from crosslift.learn.products.triples import MAX_CANDIDATES, Sets, find_triples
from crosslift.settings import Settings

Array = npt.NDArray[Any]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

MAX_SETS = 200
"""Sets proposed at most: a list a merchant can look through."""

SETS_PER_PRODUCT = 5
"""Sets one product is proposed in at most; else the best seller would be in all of them."""


def find_mined(
    catalog: Catalog, counted: Baskets, pairs: Complements, may_join: Array, settings: Settings
) -> list[Bundle]:
    """Propose sets in which every pair is a tested complement and every part belongs to the whole.

    Parameters
    ----------
    counted, pairs : Baskets, Complements
        Baskets that were counted, and their tested pairs.
    may_join : bool array, shape (pairs,)
        Whether the two may stand in one set: both sellable in one currency, no substitutes, no two of one need, nothing
        that does not fit.

    Returns
    -------
    list of Bundle
        What is worth most first: baskets with the whole set × what it earns. At most `MAX_SETS`.
    """
    earns = earnings(catalog)
    chosen = np.flatnonzero(pairs.is_relation & may_join)
    twos = Sets(
        np.column_stack([pairs.first, pairs.second])[chosen].astype(np.int64),
        pairs.n_both[chosen].astype(np.int64),
        pairs.n_customers[chosen].astype(np.int64),
        pairs.expected[chosen],
        pairs.q_value[chosen],
    )
    twos = twos.take(np.lexsort((*twos.members.T[::-1], -twos.worth(earns)))[:MAX_CANDIDATES])
    threes = find_triples(counted, twos, earns, settings)
    bundles: list[Bundle] = []
    uses: Counter[int] = Counter()
    for sets, row in _ranked((twos, threes), earns):
        members = sets.members[row].tolist()
        if len(bundles) == MAX_SETS:
            break
        if all(uses[item] < SETS_PER_PRODUCT for item in members):
            uses.update(members)
            bundles.append(_bundle(catalog, members, sets.take(np.array([row])), settings))
    return bundles


def _ranked(kinds: Sequence[Sets], earns: Floats) -> list[tuple[Sets, int]]:
    """Put sets of all sizes in one order: worth most first, ties by their items."""
    ranked = [
        (-worth, members, size, row)
        for size, sets in enumerate(kinds)
        for row, (worth, members) in enumerate(
            zip(sets.worth(earns).round(6).tolist(), sets.members.tolist(), strict=True)
        )
    ]
    return [(kinds[size], row) for _, _, size, row in sorted(ranked)]


def earnings(catalog: Catalog) -> Floats:
    """Estimate what one piece of each product earns, for the order of proposals only; nan without a price.

    Where the cost is unknown the usual margin of the shop stands in for it.
    """
    share = (catalog.prices - catalog.costs) / np.where(catalog.prices > 0, catalog.prices, np.nan)
    known = share[~np.isnan(share)]
    usual = float(np.median(known)) if known.size else 1.0
    return np.where(np.isnan(catalog.costs), catalog.prices * usual, catalog.prices - catalog.costs)


def _bundle(catalog: Catalog, members: list[int], evidence: Sets, settings: Settings) -> Bundle:
    """Make a proposal of a set, the dearest product first, with the largest discount that setting and margin allow."""
    members = sorted(members, key=lambda item: (-catalog.prices[item], item))
    percent, why_none = _discount(catalog, members, settings)
    languages = set.intersection(*(set(catalog.titles[item]) for item in members)) | {""}
    names = [catalog.products[item] for item in members]
    return Bundle(
        "mined:" + "+".join(sorted(names)),
        BundleKind.MINED,
        tuple(Part(name, catalog.categories[item] or "") for name, item in zip(names, members, strict=True)),
        len(members),
        {language: " + ".join(catalog.titles[item][language] for item in members) for language in sorted(languages)},
        discount_percent=percent,
        evidence={
            "basis": "mined",
            "n_both": int(evidence.n_both[0]),
            "n_customers": int(evidence.n_customers[0]),
            "expected": round(float(evidence.expected[0]), 4),
            "lift": round(float(evidence.n_both[0] / evidence.expected[0]), 4) if evidence.expected[0] > 0 else None,
            "q_value": float(evidence.q_value[0]),
            "no_discount": why_none,
        },
    )


def _discount(catalog: Catalog, members: list[int], settings: Settings) -> tuple[Decimal | None, str | None]:
    """Find the largest discount in whole percent that leaves the margin floor; or say why there is none."""
    currency = catalog.currencies[members[0]]
    if currency is None or np.isnan(catalog.costs[members]).any():
        return None, "cost_unknown"
    single, cost = (
        sum_of(tuple(money(values[item], currency) for item in members)) for values in (catalog.prices, catalog.costs)
    )
    floor = Decimal(str(settings["bundles.min_margin"]))
    for percent in range(int(Decimal(str(settings["bundles.max_discount"])) * HUNDRED), 0, -1):
        price = (single * ((HUNDRED - percent) / HUNDRED)).rounded()
        if price.amount < single.amount and keeps_margin(price, cost, floor):
            return Decimal(percent), None
    return None, "no_room"
