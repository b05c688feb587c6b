"""What is counted and what is set apart: explicit rules, each switchable, each reported, nothing deleted.

Records keep every line as it came; cleaning is a view over them, made anew for each learning run.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from crosslift.collect.findings import three
from crosslift.domain.catalog import SELLABLE_KINDS
from crosslift.settings import Settings

Ints = npt.NDArray[np.int64]
DAY = 86_400_000_000

RULES: Mapping[str, tuple[str, str]] = {
    "adjustment": ("cleaning.drop_adjustments", "stock and bad-debt adjustments"),
    "non_product": ("cleaning.drop_non_products", "shipping, fees, gift cards and other non-products"),
    "zero_price": ("cleaning.drop_zero_prices", "lines with a price of zero or below"),
    "bot": ("cleaning.bot_orders_per_day", "orders of identities that order like machines"),
    "duplicate": ("cleaning.merge_duplicates", "identical lines of one order"),
    "cancellation": (
        "cleaning.net_cancellations",
        "rows that take back an earlier sale (cancelled, negative quantity)",
    ),
    "cancelled": ("cleaning.net_cancellations", "lines cancelled, or taken back in full later"),
}
"""Rule to (setting that switches it, what it sets apart); applied in this order, the first that fits counts."""


@dataclass(frozen=True, slots=True)
class Cleaned:
    """The lines that count, and how many each rule set apart.

    `lines` has the columns of the copy, `quantity` net of cancellations and returns, `product_id` mapped to the
    parent of a variant, plus `variant_id`. `unmatched` counts cancellations that fit no earlier sale.
    """

    lines: pa.Table
    dropped: Mapping[str, int]
    samples: Mapping[str, tuple[str, ...]]
    n_unmatched: int
    n_netted: int


def clean(
    lines: pa.Table, returns: pa.Table, products: pa.Table, settings: Settings, as_of: int | None = None
) -> Cleaned:
    """Apply the rules.

    Parameters
    ----------
    lines, returns : pa.Table
        Every visible row, as `Frames` gives them.
    products : pa.Table
        Columns product_id, kind, parent_id.
    as_of : int, optional
        Microseconds; what happened later is not known yet, cancellations and returns included.
    """
    if as_of is not None:
        lines = lines.filter(pc.less_equal(lines.column("ordered_at"), as_of))
        returns = returns.filter(pc.less_equal(returns.column("returned_at"), as_of))
    n = lines.num_rows
    verdict = np.zeros(n, dtype=np.int8)
    names = list(RULES)

    def mark(rule: str, mask: npt.NDArray[np.bool_]) -> None:
        verdict[(verdict == 0) & mask] = names.index(rule) + 1

    status, quantity = lines.column("status"), _ints(lines.column("quantity"))
    cancels = np.asarray(pc.equal(status, "cancelled"))
    if settings["cleaning.drop_adjustments"]:
        mark("adjustment", np.asarray(pc.equal(status, "adjustment")) | (~cancels & (quantity <= 0)))
    if settings["cleaning.drop_non_products"]:
        mark("non_product", _is_in(lines.column("product_id"), _not_sellable(products)))
    if settings["cleaning.drop_zero_prices"]:
        priced = lines.column("unit_price_micros")
        mark("zero_price", ~cancels & np.asarray(pc.fill_null(pc.less_equal(priced, 0), False)))
    mark("bot", _bots(lines, settings["cleaning.bot_orders_per_day"]))
    if settings["cleaning.merge_duplicates"]:
        mark("duplicate", _repeats(lines))
    net, n_netted, n_unmatched = quantity.copy(), 0, 0
    if settings["cleaning.net_cancellations"]:
        reversals = cancels & (quantity < 0)
        mark("cancelled", cancels & ~reversals)
        net, n_netted, n_unmatched = _netted(lines, returns, quantity, reversals, verdict)
        mark("cancellation", reversals)
        mark("cancelled", net <= 0)
    kept = lines.filter(pa.array(verdict == 0))
    kept = kept.set_column(kept.schema.get_field_index("quantity"), "quantity", pa.array(net[verdict == 0]))
    return Cleaned(
        _to_parents(kept, products),
        {rule: int((verdict == place + 1).sum()) for place, rule in enumerate(names)},
        {rule: _samples(lines, verdict == place + 1) for place, rule in enumerate(names)},
        n_unmatched,
        n_netted,
    )


def _ints(column: pa.ChunkedArray) -> Ints:
    return np.asarray(pc.fill_null(column, 0), dtype=np.int64)


def _is_in(column: pa.ChunkedArray, values: pa.Array) -> npt.NDArray[np.bool_]:
    return np.asarray(pc.is_in(column, value_set=values))


def _not_sellable(products: pa.Table) -> pa.Array:
    sellable = pa.array(SELLABLE_KINDS)
    chosen = products.filter(pc.invert(pc.is_in(products.column("kind"), value_set=sellable)))
    return chosen.column("product_id").combine_chunks()


def codes(column: pa.ChunkedArray) -> Ints:
    """Number the distinct values of a text column by first appearance; missing is −1."""
    encoded = column.combine_chunks().dictionary_encode()
    return np.asarray(pc.fill_null(encoded.indices, -1), dtype=np.int64)


def order_codes(lines: pa.Table) -> Ints:
    """Number the orders by first appearance: two sources may use the same order id."""
    source, order = codes(lines.column("source")), codes(lines.column("order_id"))
    if lines.num_rows == 0 or source.max() == 0:
        return order
    _, first, numbers = np.unique(source * (order.max() + 1) + order, return_index=True, return_inverse=True)
    ranks = np.empty(len(first), dtype=np.int64)
    ranks[np.argsort(first)] = np.arange(len(first))
    by_appearance: Ints = ranks[numbers]
    return by_appearance


def _bots(lines: pa.Table, limit: int) -> npt.NDArray[np.bool_]:
    """Customers with more than `limit` distinct orders on one day, all their lines."""
    customer, order = codes(lines.column("customer_id")), order_codes(lines)
    day = _ints(lines.column("ordered_on"))
    known = customer >= 0
    if not known.any():
        return np.zeros(lines.num_rows, dtype=np.bool_)
    triples = np.unique(np.stack([customer[known], day[known], order[known]]), axis=1)
    pairs, counts = np.unique(triples[:2], axis=1, return_counts=True)
    bots: npt.NDArray[np.bool_] = np.isin(customer, pairs[0][counts > limit])
    return bots


def _repeats(lines: pa.Table) -> npt.NDArray[np.bool_]:
    """Lines identical to an earlier one of the same order, where the source has no line ids."""
    rows = np.stack([
        order_codes(lines), codes(lines.column("product_id")), codes(lines.column("variant_id")),
        _ints(lines.column("quantity")), _ints(lines.column("unit_price_micros")),
    ])  # fmt: skip
    _, first = np.unique(rows, axis=1, return_index=True)
    later: npt.NDArray[np.bool_] = ~np.asarray(lines.column("has_line_id"))
    later[first] = False
    return later


def _netted(
    lines: pa.Table,
    returns: pa.Table,
    quantity: Ints,
    cancels: npt.NDArray[np.bool_],
    verdict: npt.NDArray[np.int8],
) -> tuple[Ints, int, int]:
    """Take cancelled and returned quantities off the newest earlier matching sale (customer and product)."""
    net = quantity.copy()
    at = _ints(lines.column("ordered_at"))
    wanted = cancels & (verdict == 0) & np.asarray(pc.is_valid(lines.column("customer_id")))
    customer, product = codes(lines.column("customer_id")), codes(lines.column("product_id"))
    sales = _places(
        customer,
        product,
        ~cancels & (verdict == 0),
        at,
        {*zip(customer[wanted], product[wanted], strict=True)},
    )
    n_netted = n_unmatched = 0
    for place in np.flatnonzero(wanted)[np.argsort(at[wanted], kind="stable")]:
        earlier = [p for p in sales.get((customer[place], product[place]), []) if at[p] <= at[place]]
        wanted_back = abs(int(quantity[place]))
        fitted = _take(net, earlier, wanted_back) < wanted_back
        n_netted += fitted
        n_unmatched += not fitted
    n_unmatched += int((cancels & (verdict == 0)).sum() - wanted.sum())
    return net, n_netted + _take_returns(net, lines, returns), n_unmatched


def _places(
    customer: Ints, product: Ints, mask: npt.NDArray[np.bool_], at: Ints, keys: set[tuple[Any, Any]]
) -> dict[tuple[Any, Any], list[int]]:
    """Rows of the sales of some (customer, product) pairs, oldest first."""
    found: dict[tuple[Any, Any], list[int]] = {}
    if not keys:
        return found
    buyers = np.isin(customer, np.array(sorted({key[0] for key in keys})))
    chosen = np.flatnonzero(mask & buyers)
    for place in chosen[np.argsort(at[chosen], kind="stable")]:
        key = (customer[place], product[place])
        if key in keys:
            found.setdefault(key, []).append(int(place))
    return found


def _take(net: Ints, places: list[int], quantity: int) -> int:
    """Take a quantity off some sales, the newest first; returns what found no sale."""
    for place in reversed(places):
        taken = min(quantity, max(0, int(net[place])))
        net[place] -= taken
        quantity -= taken
    return quantity


def _take_returns(net: Ints, lines: pa.Table, returns: pa.Table) -> int:
    """Take returned quantities off the lines of their order; where no order of their source fits, of any source."""
    if returns.num_rows == 0:
        return 0
    candidates = np.flatnonzero(_is_in(lines.column("order_id"), returns.column("order_id").combine_chunks().unique()))
    places: dict[tuple[str | None, str, str], list[int]] = {}
    for row, place in zip(_keys_of(lines.take(pa.array(candidates))), candidates, strict=True):
        places.setdefault(row, []).append(int(place))
        places.setdefault((None, *row[1:]), []).append(int(place))
    n_netted = 0
    for row, quantity in zip(_keys_of(returns), returns.column("quantity").to_pylist(), strict=True):
        n_netted += _take(net, places.get(row) or places.get((None, *row[1:]), []), quantity) == 0
    return n_netted


def _keys_of(rows: pa.Table) -> list[tuple[str, str, str]]:
    return list(zip(*(rows.column(name).to_pylist() for name in ("source", "order_id", "product_id")), strict=True))


def _to_parents(lines: pa.Table, products: pa.Table) -> pa.Table:
    """Relations are learned between parents: a variant's line counts for the product it belongs to."""
    variants = products.filter(pc.is_valid(products.column("parent_id")))
    if variants.num_rows == 0:
        return lines
    child = variants.column("product_id").combine_chunks()
    place = pc.index_in(lines.column("product_id"), value_set=child)
    parent = pc.take(variants.column("parent_id"), place)
    as_variant = pc.if_else(pc.is_valid(place), lines.column("product_id"), lines.column("variant_id"))
    mapped = pc.coalesce(parent, lines.column("product_id"))
    lines = lines.set_column(lines.schema.get_field_index("variant_id"), "variant_id", as_variant)
    return lines.set_column(lines.schema.get_field_index("product_id"), "product_id", mapped)


def _samples(lines: pa.Table, mask: npt.NDArray[np.bool_]) -> tuple[str, ...]:
    rows = lines.select(["order_id", "product_id", "title"]).take(pa.array(np.flatnonzero(mask)[:50])).to_pylist()
    return three(f"order {r['order_id']}: {r['product_id']} {r['title'] or ''}".strip() for r in rows)
