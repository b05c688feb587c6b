"""What was sold to whom, as measuring counts it: amounts in one currency, net of what came back, of people or accounts."""

from collections.abc import Callable, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from crosslift.collect import cleaning
from crosslift.learn.customers.bought import Bought
from crosslift.learn.customers.exchange import Exchange
from crosslift.learn.customers.shelf import Shelf
from crosslift.settings import Settings
from crosslift.store.frames import Frames
from crosslift.store.ports import Records

_LINES = (
    "id", "source", "order_id", "has_line_id", "ordered_at", "ordered_on", "customer_id", "product_id", "variant_id",
    "quantity", "unit_price_micros", "currency", "discount_micros", "tax_micros", "channel", "market", "status", "decision_id",
)  # fmt: skip

MIN_COSTED = 0.5
"""Share of what was sold of which the cost is known, for margin and profit to be told: what has no cost counts as 0."""


class Sales:
    """The sales of one shop.

    Parameters
    ----------
    records, frames : Records, Frames
        Where facts live.
    products : callable
        Gives the catalog with live values.
    settings : Settings
        Of it `shop.currency` and `shop.prices_include_tax`.
    """

    def __init__(self, records: Records, frames: Frames, products: Callable[[], pa.Table], settings: Settings) -> None:
        self._records = records
        self._frames = frames
        self._products = products
        self._settings = settings
        self._found: tuple[tuple[str, ...], Sequence[str | None]] = ((), ())
        """The files of order lines, and the currencies in them."""

    @property
    def exchange(self) -> Exchange:
        """Rates into the reporting currency."""
        return self.into(self.currency)

    def into(self, currency: str) -> Exchange:
        """Rates into a currency."""
        return Exchange(currency, self._rates())

    def lines(self, whose: pa.Table, *, is_named: bool = True) -> pa.Table:
        """Give what was bought, a row a line.

        Parameters
        ----------
        whose : pa.Table
            identity, person_id: the unit of each identity that is not its own.
        is_named : bool
            Only what customers bought who are known; else everything, its unit null where nobody is named.

        Returns
        -------
        pa.Table
            unit, at, order, revenue, margin (0 where no cost is known), line, product, decision_id, channel, market, the quantity
            sold and the units of it that were kept, is_costed.
        """
        products = self._products()
        rows = self._frames.order_lines(_LINES)
        exchange = self.into(self._currency_of(pc.unique(rows["currency"]).to_pylist()))
        lines = cleaning.sold(rows, self._frames.returns(), products, self._settings)
        if is_named:
            lines = lines.filter(pc.is_valid(lines["customer_id"]))
        has_tax = self._settings["shop.prices_include_tax"]
        nobody = np.zeros(lines.num_rows, np.int32)
        bought = Bought.of(lines, nobody, Shelf.of(products), exchange, prices_include_tax=has_tax)
        customer = pc.binary_join_element_wise("customer", lines["customer_id"], ":")
        return pa.table({
            "unit": unit_of(customer, whose), "at": pa.array(bought.at), "order": pa.array(bought.order),
            "revenue": pa.array(bought.spent / 1e6), "margin": pa.array(bought.margin / 1e6), "line": lines["id"],
            "product": lines["product_id"], "decision_id": lines["decision_id"], "channel": lines["channel"],
            "market": lines["market"], "quantity": lines["quantity"], "kept": lines["kept"],
            "is_costed": pa.array(bought.has_margin),
        })  # fmt: skip

    def _rates(self) -> pa.Table:
        return self._records.table("exchange_rates", ("rated_on", "currency", "rate"))

    @property
    def currency(self) -> str:
        """Name the reporting currency: the shop's, unless all was sold in one other and no rate is known."""
        self._frames.refresh()
        files = tuple(self._records.part_files("order_lines"))
        if files != self._found[0]:  # files never change under their name
            self._found = files, pc.unique(self._frames.order_lines(("currency",))["currency"]).to_pylist()
        return self._currency_of(self._found[1])

    def _currency_of(self, currencies: Sequence[str | None]) -> str:
        wanted = str(self._settings["shop.currency"])
        found = {one for one in currencies if one is not None}
        return found.pop() if len(found) == 1 and self._rates().num_rows == 0 else wanted


def unit_of(identity: pa.ChunkedArray, whose: pa.Table) -> pa.ChunkedArray:
    """Give the unit of each identity, itself where it belongs to nobody else's."""
    place = pc.index_in(identity, value_set=whose["identity"].combine_chunks())
    return pc.coalesce(pc.take(whose["person_id"], place), identity)


def costed_share(sales: pa.Table, since: int, until: int) -> float:
    """Give the share of the revenue of a period (microseconds UTC) of which the cost is known; 0 where nothing was sold."""
    sold = sales.filter(pc.and_(pc.greater_equal(sales["at"], since), pc.less(sales["at"], until)))
    revenue = np.abs(np.asarray(sold["revenue"], np.float64))
    known = revenue[np.asarray(sold["is_costed"], np.bool_)].sum()
    return float(known / revenue.sum()) if revenue.sum() > 0 else 0.0
