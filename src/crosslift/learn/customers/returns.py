"""What came back: refunds beyond the price of the goods by person, and returns that name no order by product."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from crosslift.learn.customers.bought import Bought, total
from crosslift.learn.customers.exchange import Exchange
from crosslift.learn.customers.people import NOBODY, Numbers, encoded, ranked

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

MOST_PRODUCTS = 20


@dataclass(frozen=True, slots=True)
class Refunds:
    """Refunds of each person; arrays of shape (people,).

    Attributes
    ----------
    beyond : int64 array
        Micros refunded beyond what had been paid for the goods that came back: shipping, goodwill, goods not sent back.
    is_known : bool array
        False where a refund is in a currency without a rate.
    order : int32 array, shape (returns,)
        The order each return is of, as `Bought` numbers them; −1 where no line of that order is known.
    """

    beyond: Ints
    is_known: Bools
    order: Numbers

    @classmethod
    def of(cls, returns: pa.Table, lines: pa.Table, bought: Bought, exchange: Exchange, n_people: int) -> "Refunds":
        """Find the order of each return, in its own source first, and whose it is."""
        order = _orders(returns, lines, bought.order)
        refund = exchange.amounts(
            returns.column("refund_micros"),
            returns.column("currency"),
            np.asarray(returns.column("returned_at"), np.int64),
        )
        n = int(bought.order.max(initial=NOBODY)) + 1
        beyond = np.maximum(total(order, refund.micros, n) - total(bought.order, bought.taken, n), 0)
        owner = np.full(n, NOBODY, np.int32)
        np.maximum.at(owner, bought.order, bought.person)
        return cls(
            total(owner, beyond, n_people),
            total(np.append(owner, np.int32(NOBODY))[order], refund.is_foreign, n_people) == 0,
            order,
        )


def of_products(returns: pa.Table, lines: pa.Table, refunds: Refunds) -> dict[str, Any]:
    """Count the returns that name no order, by product: of whom they came back nobody can say.

    Returns
    -------
    dict
        n_returns, n_units; products: the most returned with units, units sold and the share that came back.
    """
    nameless = returns.filter(pa.array(refunds.order == NOBODY))
    if nameless.num_rows == 0:
        return {"n_returns": 0, "n_units": 0, "products": []}
    back = nameless.group_by("product_id").aggregate([("quantity", "sum")])
    sold = lines.filter(pc.is_in(lines.column("product_id"), value_set=back.column("product_id").combine_chunks()))
    units = dict(zip(*sold.group_by("product_id").aggregate([("quantity", "sum")]).to_pydict().values(), strict=True))
    most = sorted(zip(*back.to_pydict().values(), strict=True), key=lambda row: (-row[1], row[0]))[:MOST_PRODUCTS]
    rows = [
        {"product_id": name, "units": n, "sold": units.get(name, 0), "share": n / units[name] if name in units else None}
        for name, n in most
    ]  # fmt: skip
    return {
        "n_returns": nameless.num_rows,
        "n_units": int(pc.sum(back.column("quantity_sum")).as_py()),
        "products": rows,
    }


def _orders(returns: pa.Table, lines: pa.Table, order: Numbers) -> Numbers:
    """Find the order of each return; where its own source has none, that of the first source by name."""
    named = returns.column("order_id").combine_chunks().drop_null().unique()
    rows = np.flatnonzero(np.asarray(pc.is_in(lines.column("order_id"), value_set=named), np.bool_))
    source = ranked(lines.column("source").take(pa.array(rows)))[0]
    rows = rows[np.argsort(-source, kind="stable")]
    some = lines.select(["source", "order_id"]).take(pa.array(rows))
    exact = _find(_both(returns), _both(some), order[rows])
    anywhere = _find(returns.column("order_id"), some.column("order_id"), order[rows])
    return np.where(exact >= 0, exact, anywhere)


def _both(table: pa.Table) -> pa.ChunkedArray:
    return pc.binary_join_element_wise(table.column("source"), table.column("order_id"), "\x1f")


def _find(wanted: pa.ChunkedArray, among: pa.ChunkedArray, order: Numbers) -> Numbers:
    """Give the order of the last row that has the same text."""
    index, texts = encoded(among)
    last = np.full(len(texts) + 1, NOBODY, np.int32)
    last[index] = order
    place = pc.index_in(wanted, value_set=texts, skip_nulls=True)
    return last[np.asarray(pc.fill_null(place, NOBODY), np.int64)]
