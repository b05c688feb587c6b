"""What is bought, as a till tells it, with what the catalog knows of it."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from crosslift.collect.coupons import Number, exact
from crosslift.domain.money import MICROS
from crosslift.domain.redemption import Cart, CartLine
from crosslift.errors import BadInput
from crosslift.shop.live.rows import SHELF
from crosslift.store.ports import Records

Row = dict[str, Any]
MOST_LINES, MOST_PIECES = 500, 1_000_000


def cart_of(
    records: Records,
    lines: Sequence[Mapping[str, Any]] | None,
    cart_value: Number | str | None,
    currency: str,
    delivery: Number | str = 0,
) -> Cart:
    """Read a cart of lines (product, quantity, unit_price), or of its total alone.

    Raises
    ------
    BadInput
        Naming the field, if there is neither or both, or one is no number.
    """
    if (lines is None) is (cart_value is None):
        raise BadInput("tell what is bought by lines or by cart_value, one of the two", where="lines")
    paid = _amount(delivery, "delivery")
    if lines is None:
        return Cart(currency, _amount(cart_value, "cart_value"), delivery=paid)
    if not 1 <= len(lines) <= MOST_LINES:
        raise BadInput(f"a cart has 1 to {MOST_LINES} lines", where="lines")
    if not all({"product", "unit_price"} <= line.keys() for line in lines):
        raise BadInput("a line names its product and its unit_price", where="lines")
    shelf = _shelf(records, {str(line["product"]) for line in lines})
    read = [_line(line, shelf, currency) for line in lines]
    return Cart(currency, sum((line.value for line in read), Decimal(0)), read, paid)


def _shelf(records: Records, products: set[str]) -> dict[str, Row]:
    """Read category and cost of some products; a variant without a category has its product's."""
    found = _products(records, products)
    parents = _products(records, {row["parent_id"] for row in found.values() if row["parent_id"]})
    for row in found.values():
        row["category"] = row["category"] or parents.get(row["parent_id"], {}).get("category")
    return found


def _products(records: Records, ids: set[str]) -> dict[str, Row]:
    wanted = sorted(ids)
    marks = ", ".join("?" * len(wanted))
    rows = records.table("products", SHELF, f"product_id in ({marks})", wanted).to_pylist()
    return {row["product_id"]: row for row in rows}


def _line(line: Mapping[str, Any], shelf: Mapping[str, Row], currency: str) -> CartLine:
    product, quantity = str(line["product"]), line.get("quantity", 1)
    if not isinstance(quantity, int) or not 1 <= quantity <= MOST_PIECES:
        raise BadInput(f"a quantity is a whole number from 1 to {MOST_PIECES}", where="quantity")
    known = shelf.get(product, {})
    cost = known.get("cost_micros") if known.get("currency") == currency else None
    return CartLine(
        product, quantity, _amount(line["unit_price"], "unit_price"), None if cost is None else Decimal(cost) / MICROS,
        known.get("parent_id"), known.get("category"),
    )  # fmt: skip


def _amount(value: Any, field: str) -> Decimal:
    amount = exact(value, field)
    if amount < 0:
        raise BadInput("an amount is 0 or more", where=field)
    return amount
