"""Products without a catalog: made from order lines, marked derived, kinds proposed for review."""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from crosslift.collect import nonproducts
from crosslift.collect.cleaning import codes
from crosslift.collect.rows import PRODUCT_COLUMNS
from crosslift.domain.sale import OrderStatus
from crosslift.settings import Settings

COLUMNS = (*PRODUCT_COLUMNS, "kind_reason")
NO_TITLES = frozenset({"", "?", "??", "???"})


def derive(lines: pa.Table, known: pa.Table, settings: Settings) -> list[tuple[Any, ...]]:
    """Give product rows for every code that lines name and no catalog does.

    Newest title, newest unit price above zero (DESIGN 2b.13); kind inferred where the setting allows.

    Parameters
    ----------
    lines : pa.Table
        Every visible order line.
    known : pa.Table
        Products so far: product_id, is_derived, kind, kind_source.
    """
    lines = lines.filter(pc.not_equal(lines.column("status"), OrderStatus.TEST.value))  # a try makes nothing a product
    if lines.num_rows == 0:
        return []
    fixed = known.filter(pc.invert(known.column("is_derived"))).column("product_id").to_pylist()
    wanted = {*pc.unique(lines.column("product_id")).to_pylist()} - {*fixed}
    if not wanted:
        return []
    reviewed = {row["product_id"]: row["kind"] for row in known.to_pylist() if row["kind_source"] == "merchant"}
    table = _newest(lines)
    inferred = {}
    if settings["cleaning.infer_non_products"]:
        inferred = {i.product_id: i for i in nonproducts.infer([_sold(row) for row in table])}
    rows = []
    for row in table:
        code = row["product_id"]
        if code not in wanted:
            continue
        guess = inferred.get(code)
        kind = reviewed.get(code) or (guess.kind.value if guess else "goods")
        source = "merchant" if code in reviewed else ("inferred" if guess else "assumed")
        rows.append((
            code, row["title"], "{}", None, None, kind, source, row["price"], None, row["currency"], None, True,
            None, None, None, "{}", True, None, guess.reason if guess else None,
        ))  # fmt: skip
    return rows


def _newest(lines: pa.Table) -> list[dict[str, Any]]:
    """One row a product: newest title and positive price, number of lines, price range."""
    order = np.lexsort((np.asarray(lines.column("id")), np.asarray(lines.column("ordered_at"))))
    lines = lines.take(pa.array(order))
    product = codes(lines.column("product_id"))
    names = lines.column("product_id").combine_chunks().dictionary_encode().dictionary.to_pylist()
    price = np.asarray(pc.fill_null(lines.column("unit_price_micros"), 0), dtype=np.int64)
    sold = np.asarray(pc.equal(lines.column("status"), "placed")) & (np.asarray(lines.column("quantity")) > 0)
    titles = lines.column("title").to_pylist()
    currency = lines.column("currency").to_pylist()
    has_title = np.array([bool(t) and t.strip() not in NO_TITLES for t in titles], dtype=np.bool_)
    last_title = _last(product, has_title & sold & (price > 0), len(names))
    any_title = _last(product, has_title, len(names))
    last_price = _last(product, (price > 0) & sold, len(names))
    any_price = _last(product, price > 0, len(names))
    by_product = np.argsort(product, kind="stable")
    starts = np.searchsorted(product[by_product], np.arange(len(names) + 1))
    rows = []
    for i, name in enumerate(names):
        amounts = price[by_product[starts[i] : starts[i + 1]]] / 1e6
        at_title = last_title[i] if last_title[i] >= 0 else any_title[i]
        at_price = last_price[i] if last_price[i] >= 0 else any_price[i]
        rows.append({
            "product_id": name,
            "title": titles[at_title].strip() if at_title >= 0 else name,
            "price": int(price[at_price]) if at_price >= 0 else None,
            "currency": currency[at_price] if at_price >= 0 else None,
            "n_lines": len(amounts),
            "amounts": amounts,
        })  # fmt: skip
    return rows


def _last(product: Any, mask: Any, n: int) -> Any:
    """Last place of each product among the masked rows, −1 where none."""
    last = np.full(n, -1, dtype=np.int64)
    places = np.flatnonzero(mask)
    last[product[places]] = places
    return last


def _sold(row: dict[str, Any]) -> nonproducts.Sold:
    low, high, median = nonproducts.spread(row["amounts"])
    return nonproducts.Sold(row["product_id"], row["title"], row["n_lines"], low, high, median)
