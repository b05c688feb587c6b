"""Order lines as arrays: whose, when, what of it was kept, and what it brought in the reporting currency."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from crosslift.learn.customers.exchange import Exchange
from crosslift.learn.customers.people import Numbers, encoded, ranked
from crosslift.learn.customers.shelf import Shelf

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Bought:
    """Lines; every array has one entry a line, amounts are whole micros so that no order of adding changes a sum.

    Attributes
    ----------
    person, order : int32 array
        Who, −1 for nobody; lines with the same number are one order.
    at : int64 array
        Microseconds UTC.
    category, brand, market : int32 array
        Places in the names of the shelf, and in those of the markets in sorted order; −1 for none.
    units, kept : int64 array
        Units sold, and those not taken back by a cancellation or return.
    price : int64 array
        Of one unit before discount; 0 where `is_priced` is False.
    is_foreign : bool array
        The price is in a currency without a rate for the day.
    spent, discount : int64 array
        What was paid for what was kept, and the discount on it.
    taken : int64 array
        What had been paid for what was taken back.
    margin, lost : int64 array
        Margin of what was kept after discount, and what the units taken back would have brought before it; net of tax, 0
        where `has_margin` is False.
    """

    person: Numbers
    order: Numbers
    at: Ints
    category: Numbers
    brand: Numbers
    market: Numbers
    units: Ints
    kept: Ints
    price: Ints
    is_priced: Bools
    is_foreign: Bools
    spent: Ints
    discount: Ints
    taken: Ints
    margin: Ints
    lost: Ints
    has_margin: Bools

    @classmethod
    def of(
        cls, lines: pa.Table, person: Numbers, shelf: Shelf, exchange: Exchange, *, prices_include_tax: bool
    ) -> "Bought":
        """Read order lines.

        Parameters
        ----------
        lines : pa.Table
            As in `material.COLUMNS`.
        person : int32 array, shape (lines,)
            Who bought each, −1 for nobody.
        prices_include_tax : bool
            Whether tax has to come off the margin.
        """
        at = np.asarray(lines.column("ordered_at"), np.int64)
        units, kept = (np.asarray(lines.column(name), np.int64) for name in ("quantity", "kept"))
        price = exchange.amounts(lines.column("unit_price_micros"), lines.column("currency"), at)
        off, tax = (
            exchange.amounts(lines.column(name), lines.column("currency"), at).micros
            for name in ("discount_micros", "tax_micros")
        )
        product = shelf.places(lines.column("product_id"))
        variant = shelf.places(lines.column("variant_id"))
        cost_at = pa.array(np.where(variant >= 0, variant, product), mask=(variant < 0) & (product < 0))
        cost = exchange.amounts(pc.take(shelf.cost_micros, cost_at), pc.take(shelf.currency, cost_at), at)
        taxed = tax if prices_include_tax else np.zeros_like(tax)
        off_kept, tax_kept = _part(off, kept, units), _part(taxed, kept, units)
        has_margin = price.is_known & cost.is_known
        each = price.micros - cost.micros
        spent = kept * price.micros - np.where(price.is_known, off_kept, 0)
        return cls(
            person=person,
            order=order_numbers(lines),
            at=at,
            category=shelf.category_of(product),
            brand=shelf.brand_of(product),
            market=ranked(lines.column("market"))[0],
            units=units,
            kept=kept,
            price=price.micros,
            is_priced=price.is_known,
            is_foreign=price.is_foreign,
            spent=spent,
            discount=off_kept,
            taken=(units - kept) * price.micros - np.where(price.is_known, off - off_kept, 0),
            margin=np.where(has_margin, kept * each - off_kept - tax_kept, 0),
            lost=np.where(has_margin, (units - kept) * each - (taxed - tax_kept), 0),
            has_margin=has_margin,
        )


def order_numbers(lines: pa.Table) -> Numbers:
    """Number orders: two sources may use the same order id."""
    source, sources = encoded(lines.column("source"))
    order, _ = encoded(lines.column("order_id"))
    if len(sources) <= 1:
        return order
    key = order.astype(np.int64) * len(sources) + source
    numbers: Numbers = np.unique(key, return_inverse=True)[1].astype(np.int32)
    return numbers


def total(of: Numbers, values: npt.NDArray[np.integer] | Bools, n: int) -> Ints:
    """Add up whole numbers by person, exactly; those of nobody (−1) are left out."""
    sums = np.zeros(n + 1, np.int64)
    np.add.at(sums, of, values.astype(np.int64, copy=False))  # what has to be cast on the way takes ten times as long
    return sums[:n]


def latest(of: Numbers, at: Ints, n: int) -> Ints:
    """Give the newest instant by person, −1 where there is none."""
    newest = np.full(n + 1, -1, np.int64)
    np.maximum.at(newest, of, at)
    return newest[:n]


def _part(amount: Ints, kept: Ints, units: Ints) -> Ints:
    """Give what of a line's amount belongs to the units kept."""
    share = np.divide(kept, units, out=np.ones(len(units)), where=units > 0)
    return np.where(kept == units, amount, np.rint(amount * share)).astype(np.int64)
