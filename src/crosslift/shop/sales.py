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
from crosslift.shop.one_reading import once
from crosslift.store.frames import Frames
from crosslift.store.ports import Records

LINES = (
    "id", "source", "order_id", "has_line_id", "ordered_at", "ordered_on", "customer_id", "product_id", "variant_id",
    "quantity", "unit_price_micros", "currency", "discount_micros", "tax_micros", "channel", "market", "status", "decision_id",
)  # fmt: skip
"""What of an order line is counted."""
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

    def people(self) -> pa.Table:
        """Give identity and person_id of every identity that belongs to another's person, once a reading."""
        return once(self, "people", self._records.people)

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
        lines = self.coded_lines(whose, is_named=is_named)
        return lines.set_column(0, "unit", lines["unit"].cast(pa.string()))

    def coded_lines(self, whose: pa.Table, *, is_named: bool = True) -> pa.Table:
        """Give what `lines` does, the unit as a dictionary, once a reading."""
        return once(self, "lines", lambda: (whose, self._lines(whose, is_named=is_named)), id(whose), is_named)[1]

    def _lines(self, whose: pa.Table, *, is_named: bool) -> pa.Table:
        products = self._products()
        rows = lines_read(self._frames, LINES)
        exchange = self.into(self._currency_of(pc.unique(rows["currency"]).to_pylist()))
        returns, judged = verdicts_of(self._frames, rows, products, self._settings)
        lines = cleaning.sold(rows, returns, products, self._settings, judged)
        if is_named:
            lines = lines.filter(pc.is_valid(lines["customer_id"]))
        has_tax = self._settings["shop.prices_include_tax"]
        nobody = np.zeros(lines.num_rows, np.int32)
        bought = Bought.of(lines, nobody, Shelf.of(products), exchange, prices_include_tax=has_tax)
        customer = lines["customer_id"].combine_chunks().dictionary_encode()
        named = pc.binary_join_element_wise("customer", customer.dictionary, ":")
        units = coded_unit_of(pa.chunked_array([named]), whose)
        unit = pa.DictionaryArray.from_arrays(units.indices.take(customer.indices), units.dictionary)
        return pa.table({
            "unit": unit, "at": pa.array(bought.at), "order": pa.array(bought.order),
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


def lines_read(frames: Frames, columns: Sequence[str] | None = None) -> pa.Table:
    """Give every visible order line, as `Frames.order_lines`, all columns or some, once a reading."""
    return once(frames, "order lines", lambda: frames.order_lines(columns), columns if columns is None else (*columns,))


def verdicts_of(
    frames: Frames, lines: pa.Table, products: pa.Table, settings: Settings
) -> tuple[pa.Table, cleaning.Verdicts]:
    """Give every return, and what the rules of cleaning say of every order line, once a reading."""
    returns = once(frames, "returns", frames.returns)
    return returns, once(frames, "verdicts", lambda: cleaning.Verdicts.of(lines, returns, products, settings))


def unit_of(identity: pa.ChunkedArray, whose: pa.Table) -> pa.ChunkedArray:
    """Give the unit of each identity, itself where it belongs to nobody else's."""
    return pa.chunked_array([coded_unit_of(identity, whose).cast(pa.string())], pa.string())


def coded_unit_of(identity: pa.ChunkedArray, whose: pa.Table) -> pa.DictionaryArray:
    """Give the unit of each identity as a dictionary."""
    coded = identity.combine_chunks().dictionary_encode()
    place = pc.index_in(coded.dictionary, value_set=whose["identity"].combine_chunks())
    persons = whose["person_id"].combine_chunks()
    units = pc.coalesce(persons.take(place), coded.dictionary).dictionary_encode()
    return pa.DictionaryArray.from_arrays(units.indices.take(coded.indices), units.dictionary)


def costed_share(sales: pa.Table, since: int, until: int) -> float:
    """Give the share of the revenue of a period (microseconds UTC) of which the cost is known; 0 where nothing was sold."""
    sold = sales.filter(pc.and_(pc.greater_equal(sales["at"], since), pc.less(sales["at"], until)))
    revenue = np.abs(np.asarray(sold["revenue"], np.float64))
    known = revenue[np.asarray(sold["is_costed"], np.bool_)].sum()
    return float(known / revenue.sum()) if revenue.sum() > 0 else 0.0
