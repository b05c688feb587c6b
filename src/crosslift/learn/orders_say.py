"""What your orders say: the first ten minutes' findings, in money where that is honest."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from crosslift.learn.baskets import Baskets
from crosslift.learn.products.complements import STRENGTHS, Complements

DAY = 86_400_000_000
MIN_DAYS = 28
TAKE_LOW, TAKE_HIGH = 0.01, 0.05
"""The stated assumption of the revenue range: of 100 orders that hold one of the two without the other, between one
and five would take the other when it is offered."""


def summarize(
    counted: Baskets,
    found: Complements,
    catalog: Sequence[dict[str, Any]],
    currency: str | None,
    facts: dict[str, Any],
) -> dict[str, Any]:
    """Put the findings together.

    Parameters
    ----------
    catalog : sequence of dict, one per product of `counted`
        title, price (major units or None), cost (or None), currency of both.
    facts : dict
        What is missing: has_consents, has_views, n_without_cost, n_without_stock, p_is_estimable.

    Returns
    -------
    dict
        strongest_pairs, sells_alone, most_missed, cannot_say; plain values for JSON and print.
    """
    return {
        "strongest_pairs": _strongest(counted, found, catalog),
        "sells_alone": _alone(counted, catalog),
        "most_missed": _most_missed(counted, found, catalog, currency),
        "cannot_say": _cannot_say(counted, found, facts),
    }


def pair_row(counted: Baskets, found: Complements, place: int, catalog: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Give one pair with all its evidence."""
    a, b = int(found.first[place]), int(found.second[place])
    return {
        "a": counted.products[a], "a_title": catalog[a]["title"],
        "b": counted.products[b], "b_title": catalog[b]["title"],
        "orders_with_both": int(found.n_both[place]),
        "expected_by_chance": round(float(found.expected[place]), 2),
        "lift": round(float(found.lift[place]), 2),
        "lift_low": round(float(found.lift_low[place]), 2),
        "lift_high": round(float(found.lift_high[place]), 2),
        "q_value": float(found.q_value[place]),
        "customers": int(found.n_customers[place]),
        "orders_with_a": int(found.item_counts[a]), "orders_with_b": int(found.item_counts[b]),
        "npmi": round(float(found.npmi[place]), 4), "llr": round(float(found.llr[place]), 1),
        "strength": STRENGTHS[int(found.strength[place])],
    }  # fmt: skip


def _strongest(counted: Baskets, found: Complements, catalog: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Ten relations with the largest signed log-likelihood ratio, each product at most twice."""
    order = np.argsort(-np.where(found.is_relation, found.llr, -np.inf), kind="stable")
    rows: list[dict[str, Any]] = []
    seen: dict[int, int] = {}
    for place in order[: found.n_relations]:
        a, b = int(found.first[place]), int(found.second[place])
        if seen.get(a, 0) < 2 and seen.get(b, 0) < 2:
            seen[a], seen[b] = seen.get(a, 0) + 1, seen.get(b, 0) + 1
            rows.append(pair_row(counted, found, int(place), catalog))
        if len(rows) == 10:
            break
    return rows


def _alone(counted: Baskets, catalog: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Ten products most often the only one in their order, by the lower end of a Wilson interval."""
    from crosslift.stats.compare import proportion_interval

    counts = counted.item_counts()
    single = counted.take(counted.sizes == 1).item_counts()
    rows = []
    for item in np.flatnonzero(counts >= 20):
        share = proportion_interval(int(single[item]), int(counts[item]))
        rows.append((share.low, int(item), share.high))
    rows.sort(key=lambda row: (-row[0], row[1]))
    return [
        {"product": counted.products[i], "title": catalog[i]["title"], "orders": int(counts[i]),
         "alone": int(single[i]), "share_low": round(low, 3), "share_high": round(high, 3)}
        for low, i, high in rows[:10] if low > 0
    ]  # fmt: skip


def _most_missed(
    counted: Baskets, found: Complements, catalog: Sequence[dict[str, Any]], currency: str | None
) -> dict[str, Any] | str:
    """The companion whose absence costs most a year, as a range under a stated assumption."""
    if found.n_relations == 0:
        return "not estimable: no pair is strong enough yet"
    days = (int(counted.at.max()) - int(counted.at.min())) / DAY
    if days < MIN_DAYS:
        return f"not estimable: orders span {days:.0f} days, at least {MIN_DAYS} needed for a year's figure"
    if currency is None:
        return "not estimable: orders come in several currencies, or name none"
    clear = np.flatnonzero(found.is_relation & (found.strength >= 2))
    if len(clear) == 0:
        return "not estimable: no pair is clear enough yet"
    best: tuple[float, int, int, int] | None = None
    for place in clear.tolist():
        first, second = int(found.first[place]), int(found.second[place])
        for anchor, companion in ((first, second), (second, first)):
            price, without = catalog[companion]["price"], int(found.item_counts[anchor] - found.n_both[place])
            if not price or not without or catalog[companion]["currency"] != currency:
                continue
            yearly = without * 365 / days * price
            if best is None or yearly > best[0]:
                best = (yearly, place, anchor, companion)
    if best is None:
        return f"not estimable: no companion that is missed has a price in {currency}"
    yearly, place, anchor, companion = best
    return _missed(counted, found, place, anchor, companion, catalog, yearly, days, currency)


def _missed(
    counted: Baskets, found: Complements, place: int, anchor: int, companion: int, catalog: Sequence[dict[str, Any]],
    yearly: float, days: float, currency: str,
) -> dict[str, Any]:  # fmt: skip
    cost, price = catalog[companion]["cost"], catalog[companion]["price"]
    margin: Any = "not estimable: no cost known"
    if cost is not None:
        share = (price - cost) / price
        low, high = sorted((yearly * TAKE_LOW * share, yearly * TAKE_HIGH * share))  # sold below cost, more is less
        margin = {"low": round(low, 2), "high": round(high, 2)}
    return {
        "anchor": counted.products[anchor], "anchor_title": catalog[anchor]["title"],
        "companion": counted.products[companion], "companion_title": catalog[companion]["title"],
        "orders_with_anchor": int(found.item_counts[anchor]), "of_these_with_both": int(found.n_both[place]),
        "price": price, "currency": currency,
        "yearly_revenue": {"low": round(yearly * TAKE_LOW, 2), "high": round(yearly * TAKE_HIGH, 2)},
        "yearly_margin": margin,
        "assumption": f"{TAKE_LOW:.0%} to {TAKE_HIGH:.0%} of the orders with {catalog[anchor]['title']} and without "
                      f"{catalog[companion]['title']} would take it at today's price; {days:.0f} days of orders, "
                      "scaled to a year; not a promise: a holdout measures it",
    }  # fmt: skip


def _cannot_say(counted: Baskets, found: Complements, facts: dict[str, Any]) -> list[str]:
    days = (int(counted.at.max()) - int(counted.at.min())) / DAY if counted.n_baskets else 0
    said = []
    if found.n_relations == 0:
        said.append(f"which products go together: {counted.n_baskets} orders are too few for any pair")
    if days < 365:
        said.append(f"seasons: {days:.0f} days of orders, at least a year needed")
    if facts["n_without_cost"]:
        said.append(f"margin: {facts['n_without_cost']} of {counted.n_items} products have no cost")
    if not facts["has_views"]:
        said.append("what people look at but do not buy: no views collected")
    if not facts["has_consents"]:
        said.append("anything personal: no consents collected, so every decision is made from the cart alone")
    if facts["n_without_stock"]:
        said.append(f"stock: unknown for {facts['n_without_stock']} products, which count as in stock")
    if not facts["p_is_estimable"]:
        said.append("how likely an offer completes a basket: too few later orders to calibrate on")
    said.append("what offers earn: no offer has been shown to a holdout yet (incremental profit needs one)")
    return said
