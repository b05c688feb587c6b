"""What is counted and what is set apart: explicit rules, each switchable, each reported, nothing deleted.

Records keep every line as it came; cleaning is a view over them, made anew for each learning run.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from crosslift.collect.findings import three
from crosslift.domain.catalog import SELLABLE_KINDS
from crosslift.settings import Settings

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
DAY = 86_400_000_000

RULES: Mapping[str, tuple[str, str]] = {
    "test": ("cleaning.drop_tests", "orders that were tries"),
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
    lines: pa.Table, returns: pa.Table, products: pa.Table, settings: Settings, as_of: int | None = None,
    judged: "Verdicts | None" = None,
) -> Cleaned:  # fmt: skip
    """Apply the rules.

    Parameters
    ----------
    lines, returns : pa.Table
        Every visible row, as `Frames` gives them.
    products : pa.Table
        Columns product_id, kind, parent_id.
    as_of : int, optional
        Microseconds; what happened later is not known yet, cancellations and returns included.
    judged : Verdicts, optional
        What the rules say of just these lines, where somebody asked before.
    """
    if as_of is not None:
        lines = lines.filter(pc.less_equal(lines.column("ordered_at"), as_of))
        returns = returns.filter(pc.less_equal(returns.column("returned_at"), as_of))
    judged = judged or Verdicts.of(lines, returns, products, settings)
    kept = lines.filter(pa.array(judged.verdict == 0))
    net = pa.array(judged.net[judged.verdict == 0])
    kept = kept.set_column(kept.schema.get_field_index("quantity"), "quantity", net)
    return Cleaned(
        _to_parents(kept, products),
        {rule: int((judged.verdict == place + 1).sum()) for place, rule in enumerate(RULES)},
        {rule: _samples(lines, judged.verdict == place + 1) for place, rule in enumerate(RULES)},
        judged.n_unmatched,
        judged.n_netted,
    )


SOLD_FROM = (
    "id", "source", "order_id", "has_line_id", "ordered_at", "ordered_on", "customer_id", "product_id", "variant_id",
    "quantity", "unit_price_micros", "status",
)  # fmt: skip
"""The columns of order lines by which it is judged what was sold and kept."""


def sold(
    lines: pa.Table, returns: pa.Table, products: pa.Table, settings: Settings, judged: "Verdicts | None" = None
) -> pa.Table:  # fmt: skip
    """Put what was sold beside what of it was kept.

    Parameters
    ----------
    lines : pa.Table
        Every visible order line; of the columns of the copy at least those of `SOLD_FROM`.
    returns, products, judged : pa.Table, pa.Table, Verdicts or None
        As for `clean`.

    Returns
    -------
    pa.Table
        The lines that count but for cancellations and returns, with `quantity` as sold, `product_id` mapped to the parent of
        a variant, and a column `kept`: units that were not taken back. A line cancelled before it left is not among them.
    """
    judged = judged or Verdicts.of(lines, returns, products, settings)
    rows = (judged.sold_verdict == 0) & ~judged.cancels & (judged.quantity > 0)
    left = np.where(judged.verdict == 0, np.clip(judged.net, 0, judged.quantity), 0)
    return _to_parents(lines.filter(pa.array(rows)).append_column("kept", pa.array(left[rows])), products)


@dataclass(frozen=True, slots=True)
class Verdicts:
    """What the rules say of each line; arrays of shape (lines,).

    `verdict` is the place of the rule that sets a line apart in `RULES`, from 1 on, 0 for none; `sold_verdict` the same before
    anything is taken back. `net` are the units of `quantity` left after that.
    """

    verdict: npt.NDArray[np.int8]
    sold_verdict: npt.NDArray[np.int8]
    cancels: Bools
    quantity: Ints
    net: Ints
    n_netted: int
    n_unmatched: int

    @classmethod
    def of(cls, lines: pa.Table, returns: pa.Table, products: pa.Table, settings: Settings) -> "Verdicts":
        """Apply the rules in their order."""
        coded, names = _Coded(lines), list(RULES)
        verdict = np.zeros(lines.num_rows, dtype=np.int8)

        def mark(rule: str, mask: Bools) -> None:
            verdict[(verdict == 0) & mask] = names.index(rule) + 1

        status, quantity = lines.column("status"), _ints(lines.column("quantity"))
        cancels = np.asarray(pc.equal(status, "cancelled"))
        if settings["cleaning.drop_tests"]:
            mark("test", np.asarray(pc.equal(status, "test")))
        if settings["cleaning.drop_adjustments"]:
            mark("adjustment", np.asarray(pc.equal(status, "adjustment")) | (~cancels & (quantity <= 0)))
        if settings["cleaning.drop_non_products"]:
            mark("non_product", _is_in(lines.column("product_id"), _not_sellable(products)))
        if settings["cleaning.drop_zero_prices"]:
            priced = lines.column("unit_price_micros")
            mark("zero_price", ~cancels & np.asarray(pc.fill_null(pc.less_equal(priced, 0), False)))
        mark("bot", _bots(coded, settings["cleaning.bot_orders_per_day"]))
        if settings["cleaning.merge_duplicates"]:
            mark("duplicate", _repeats(coded))
        sold_verdict = verdict.copy()
        net, n_netted, n_unmatched = quantity, 0, 0
        if settings["cleaning.net_cancellations"]:
            reversals = cancels & (quantity < 0)
            mark("cancelled", cancels & ~reversals)
            net, n_netted, n_unmatched = _netted(coded, returns, quantity, reversals, verdict)
            mark("cancellation", reversals)
            mark("cancelled", net <= 0)
        return cls(verdict, sold_verdict, cancels, quantity, net, n_netted, n_unmatched)


class _Coded:
    """Lines with their customers, products and orders as numbers, worked out once."""

    def __init__(self, lines: pa.Table) -> None:
        self.lines = lines

    @cached_property
    def customer(self) -> Ints:
        return codes(self.lines.column("customer_id"))

    @cached_property
    def product(self) -> Ints:
        return codes(self.lines.column("product_id"))

    @cached_property
    def order(self) -> Ints:
        return order_codes(self.lines)


def _ints(column: pa.ChunkedArray) -> Ints:
    return np.asarray(pc.fill_null(column, 0), dtype=np.int64)


def _is_in(column: pa.ChunkedArray, values: pa.Array) -> Bools:
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


def _bots(coded: _Coded, limit: int) -> Bools:
    """Customers with more than `limit` distinct orders on one day, all their lines."""
    customer = coded.customer
    n_lines = np.bincount(customer + 1)  # nobody comes first
    busy = np.flatnonzero((customer >= 0) & (n_lines[customer + 1] > limit))
    if not busy.size:
        return np.zeros(customer.size, dtype=np.bool_)
    lines = coded.lines.select(["source", "order_id", "ordered_on"]).take(pa.array(busy))
    triples = np.unique(np.stack([customer[busy], _ints(lines.column("ordered_on")), order_codes(lines)]), axis=1)
    pairs, counts = np.unique(triples[:2], axis=1, return_counts=True)
    bots: Bools = np.isin(customer, pairs[0][counts > limit])
    return bots


def _repeats(coded: _Coded) -> Bools:
    """Lines identical to an earlier one of the same order, where the source has no line ids."""
    later: Bools = ~np.asarray(coded.lines.column("has_line_id"))
    if not later.any():
        return later
    same = _shared(coded.order * (coded.product.max() + 1) + coded.product)
    lines = coded.lines.select(["variant_id", "quantity", "unit_price_micros"]).take(pa.array(same))
    rows = np.stack([
        coded.order[same], coded.product[same], codes(lines.column("variant_id")), _ints(lines.column("quantity")),
        _ints(lines.column("unit_price_micros")),
    ])  # fmt: skip
    _, first = np.unique(rows, axis=1, return_index=True)
    is_repeat = later[same]
    is_repeat[first] = False
    later[:] = False
    later[same] = is_repeat
    return later


def _shared(keys: Ints) -> Ints:
    """Give the places of keys that occur more than once, ascending."""
    order = np.argsort(keys, kind="stable")
    alike = np.diff(keys[order]) == 0
    return np.sort(order[np.append(alike, False) | np.append(False, alike)])


def _netted(
    coded: _Coded, returns: pa.Table, quantity: Ints, cancels: Bools, verdict: npt.NDArray[np.int8]
) -> tuple[Ints, int, int]:
    """Take cancelled and returned quantities off the newest earlier matching sale (customer and product)."""
    net = quantity.copy()
    at = _ints(coded.lines.column("ordered_at"))
    wanted = np.flatnonzero(cancels & (verdict == 0) & (coded.customer >= 0))
    n_netted, n_unmatched = 0, int((cancels & (verdict == 0)).sum() - wanted.size)
    if wanted.size:
        keys = coded.customer * (coded.product.max() + 1) + coded.product
        sales = _places(keys, ~cancels & (verdict == 0), at, keys[wanted])
        for place in wanted[np.argsort(at[wanted], kind="stable")].tolist():
            earlier = [sale for sale in sales.get(int(keys[place]), []) if at[sale] <= at[place]]
            wanted_back = abs(int(quantity[place]))
            fitted = _take(net, earlier, wanted_back) < wanted_back
            n_netted += fitted
            n_unmatched += not fitted
    return net, n_netted + _take_returns(net, coded.lines, returns), n_unmatched


def _places(keys: Ints, mask: Bools, at: Ints, wanted: Ints) -> dict[int, list[int]]:
    """Rows of the sales of some customers and products, oldest first."""
    found: dict[int, list[int]] = {}
    chosen = np.flatnonzero(mask & np.isin(keys, np.unique(wanted)))
    chosen = chosen[np.argsort(at[chosen], kind="stable")]
    for place, key in zip(chosen.tolist(), keys[chosen].tolist(), strict=True):
        found.setdefault(key, []).append(place)
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
    rows, of_line, of_return = _returned(lines, returns)
    line, back = _clear(of_line, of_return)
    quantity = _ints(returns.column("quantity"))
    taken = np.minimum(quantity[back], np.maximum(net[rows[line]], 0))
    net[rows[line]] -= taken
    n_netted = int((taken == quantity[back]).sum())
    candidates, left = np.delete(rows, line), np.delete(np.arange(quantity.size), back)
    places: dict[tuple[str | None, str, str], list[int]] = {}
    for row, place in zip(_keys_of(lines, candidates), candidates.tolist(), strict=True):
        places.setdefault(row, []).append(place)
        places.setdefault((None, *row[1:]), []).append(place)
    for row, wanted in zip(_keys_of(returns, left), quantity[left].tolist(), strict=True):
        n_netted += _take(net, places.get(row) or places.get((None, *row[1:]), []), wanted) == 0
    return n_netted


def _returned(lines: pa.Table, returns: pa.Table) -> tuple[Ints, Ints, Ints]:
    """Give the rows of lines whose order and product came back, from whatever source; these as numbers, of lines and returns."""
    orders = returns.column("order_id").combine_chunks().dictionary_encode()
    products = returns.column("product_id").combine_chunks().dictionary_encode()
    n_products = len(products.dictionary) + 1
    order = _ints(pc.fill_null(pc.index_in(lines.column("order_id"), value_set=orders.dictionary), -1))
    rows = np.flatnonzero(order >= 0)
    product = pc.index_in(lines.column("product_id").take(pa.array(rows)), value_set=products.dictionary)
    of_line = order[rows] * n_products + _ints(pc.fill_null(product, n_products - 1))
    of_return = _ints(pc.fill_null(orders.indices, -1)) * n_products + _ints(products.indices)
    came_back = np.isin(of_line, of_return)
    return rows[came_back], of_line[came_back], of_return


def _clear(lines: Ints, returns: Ints) -> tuple[Ints, Ints]:
    """Give the places of the keys that one line and one return have: there is nothing to choose."""
    (of_line, line, n_lines), (of_return, back, n_returns) = (
        np.unique(keys, return_index=True, return_counts=True) for keys in (lines, returns)
    )
    once, alone = n_lines == 1, n_returns == 1
    _, left, right = np.intersect1d(of_line[once], of_return[alone], assume_unique=True, return_indices=True)
    return line[once][left], back[alone][right]


def _keys_of(rows: pa.Table, places: Ints) -> list[tuple[str, str, str]]:
    chosen = rows.select(["source", "order_id", "product_id"]).take(pa.array(places))
    return list(zip(*(column.to_pylist() for column in chosen.columns), strict=True))


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
    rows = lines.take(pa.array(np.flatnonzero(mask)[:50])).to_pylist()
    return three(f"order {r['order_id']}: {r['product_id']} {r.get('title') or ''}".strip() for r in rows)
