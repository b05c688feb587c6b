"""Orders and returns that events tell of, as rows of the tables that files of orders fill.

`Order Completed` and `Order Cancelled` become order lines, `Order Refunded` becomes returns. The key of a line is the
source (`collect.events_source`), the order id and the line's place in `products`. Of several messages about one order the
newest counts. An order that a file brings too, with the same source and order id, is the same order: the file's word
stands for the whole of it, whichever came first.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from typing import Any

import pyarrow as pa

from crosslift.collect.rows import OrderRows, ReturnRows, Tables
from crosslift.collect.sources.segment import Message, digest_of, instant_of, is_test, text_of, where_it_was
from crosslift.domain.event import ORDER_CANCELLED, ORDER_COMPLETED, ORDER_REFUNDED, name_of
from crosslift.domain.sale import OrderStatus

STATUS: Mapping[str, OrderStatus] = {
    ORDER_COMPLETED: OrderStatus.PLACED,
    ORDER_CANCELLED: OrderStatus.CANCELLED,
}
_LINE: Mapping[str, pa.DataType] = {
    "source": pa.string(), "order_id": pa.string(), "position": pa.string(), "ordered_at": pa.int64(),
    "customer_id": pa.string(), "product_id": pa.string(), "title": pa.string(), "quantity": pa.int64(),
    "unit_price": pa.int64(), "currency": pa.string(), "discount": pa.int64(), "tax": pa.int64(), "channel": pa.string(),
    "market": pa.string(), "status": pa.string(), "decision_id": pa.string(), "updated_at": pa.int64(),
}  # fmt: skip
_EXTRAS = ("anonymous_id", "coupon")
_RETURN: Mapping[str, pa.DataType] = {
    "source": pa.string(), "order_id": pa.string(), "product_id": pa.string(), "quantity": pa.int64(),
    "returned_at": pa.int64(), "reason": pa.string(), "refund_amount": pa.int64(), "currency": pa.string(),
}  # fmt: skip
_MOST = 9 * 10**18


@dataclass(slots=True)
class Told:
    """What messages tell of orders.

    `tables` hold its rows. `untold` names messages that speak of an order nobody could keep, and what is wrong with each:
    they stay events.
    """

    tables: Tables = field(default_factory=list)
    untold: list[str] = field(default_factory=list)


class _Unread(ValueError):
    """A message about an order does not say what an order needs."""


def orders_told(messages: Sequence[Message], received_at: int, source: str) -> Told:
    """Turn messages about orders into rows.

    Parameters
    ----------
    messages : sequence of Message
        Any events, read already; those that are not about orders are passed over.
    received_at : int
        Microseconds UTC; for messages without a time, which are never newer than another about the same order.
    source : str
        Names the system whose orders they are.
    """
    told = Told()
    orders: dict[str, tuple[int, bytes, list[dict[str, Any]]]] = {}
    returns: list[dict[str, Any]] = []
    for message in messages:
        name = name_of(message.event or message.type)
        if name not in STATUS and name != ORDER_REFUNDED:
            continue
        try:
            if name == ORDER_REFUNDED and is_test(message):
                continue
            if name == ORDER_REFUNDED:
                returns += _returns(message, received_at, source)
                continue
            status = OrderStatus.TEST if is_test(message) else STATUS[name]
            lines = _lines(message, received_at, source, status)
        except _Unread as problem:
            told.untold.append(f"{name} {_order_id(message) or 'without order_id'}: {problem}")
            continue
        rank = (lines[0]["updated_at"] or 0, digest_of(message), lines)
        orders[lines[0]["order_id"]] = max(orders.get(lines[0]["order_id"], rank), rank, key=lambda one: one[:2])
    flat = [line for *_, lines in orders.values() for line in lines]
    if flat:
        extras = {name: pa.array([line[name] for line in flat], pa.string()) for name in _EXTRAS}
        told.tables += OrderRows(source).build(_columns(flat, _LINE), extras)
    if returns:
        told.tables += ReturnRows(source).build(_columns(returns, _RETURN), {})
    return told


def _columns(rows: Sequence[Mapping[str, Any]], types: Mapping[str, pa.DataType]) -> dict[str, pa.Array]:
    return {name: pa.array([row[name] for row in rows], kind) for name, kind in types.items()}


def _lines(message: Message, received_at: int, source: str, status: OrderStatus) -> list[dict[str, Any]]:
    """Give the lines of an order; what is said of the whole order is shared out by the lines' value."""
    said, at = message.properties, instant_of(message, "event")
    products = list(_products(message))
    prices = [_micros(product.get("price"), "price") for product in products]
    quantities = [_quantity(product) for product in products]
    values = [(price or 0) * quantity for price, quantity in zip(prices, quantities, strict=True)]
    order = {
        "source": source, "order_id": _order_id(message), "ordered_at": received_at if at is None else at,
        "customer_id": text_of(message.user_id or None), "currency": _currency(said.get("currency")),
        "channel": where_it_was(message), "market": text_of(said.get("market")), "status": status.value,
        "updated_at": at, "anonymous_id": None if message.user_id else text_of(message.anonymous_id),
        "coupon": text_of(said.get("coupon")),
    }  # fmt: skip
    return [
        {
            **order, "position": str(place), "product_id": _product_id(product), "title": text_of(product.get("name")),
            "quantity": quantity, "unit_price": price, "discount": discount, "tax": tax,
            "decision_id": text_of(product.get("decision_id") or said.get("decision_id")),
        }
        for place, (product, quantity, price, discount, tax) in enumerate(zip(
            products, quantities, prices, _shared("discount", said, products, values),
            _shared("tax", said, products, values), strict=True,
        ), 1)
    ]  # fmt: skip


def _returns(message: Message, received_at: int, source: str) -> list[dict[str, Any]]:
    """Give what came back, one row a product."""
    said, at = message.properties, instant_of(message, "event")
    quantities: dict[str, int] = {}
    values: dict[str, int | None] = {}
    for product in _products(message):
        code, quantity, price = _product_id(product), _quantity(product), _micros(product.get("price"), "price")
        known = values.get(code, 0)
        quantities[code] = quantities.get(code, 0) + quantity
        values[code] = None if known is None or price is None else known + price * quantity
        if abs(values[code] or 0) > _MOST:
            raise _Unread("a product's price times its quantity is too large")
    total = _micros(said.get("total"), "total")
    if len(values) == 1 and total is not None:
        values = dict.fromkeys(values, total)
    whole = {
        "source": source, "order_id": _order_id(message), "returned_at": received_at if at is None else at,
        "reason": text_of(said.get("reason")), "currency": _currency(said.get("currency")),
    }  # fmt: skip
    return [
        {**whole, "product_id": code, "quantity": quantity, "refund_amount": values[code]}
        for code, quantity in quantities.items()
    ]


def _order_id(message: Message) -> str | None:
    value = message.properties.get("order_id")
    return (text_of(value) or "").strip() or None if isinstance(value, str | int) else None


def _products(message: Message) -> Iterator[Mapping[str, Any]]:
    if _order_id(message) is None:
        raise _Unread("it names no order_id")
    products = message.properties.get("products")
    if not isinstance(products, list) or not products:
        raise _Unread("it names no products")
    for product in products:
        if not isinstance(product, dict):
            raise _Unread("a product is no object")
        yield product


def _product_id(product: Mapping[str, Any]) -> str:
    code = product.get("product_id") or product.get("sku")
    text = (text_of(code) or "").strip() if isinstance(code, str | int) else ""
    if not text:
        raise _Unread("a product has no product_id")
    return text


def _quantity(product: Mapping[str, Any]) -> int:
    """Read a quantity; a product that names none was bought once, as Segment's specification has it."""
    value = product.get("quantity")
    number = Decimal(1) if value is None else _number(value, "quantity")
    if number < 1 or number != int(number) or number > 10**15:
        raise _Unread(f"quantity {str(value)[:60]!r} is no whole number above 0")
    return int(number)


def _micros(value: object, name: str) -> int | None:
    if value is None:
        return None
    micros = (_number(value, name) * 1_000_000).to_integral_value(ROUND_HALF_EVEN)
    if abs(micros) > _MOST:
        raise _Unread(f"{name} {str(value)[:60]!r} is too large")
    return int(micros)


def _number(value: object, name: str) -> Decimal:
    try:
        number = Decimal(str(value)) if isinstance(value, str | int | float) and not isinstance(value, bool) else None
    except InvalidOperation:
        number = None
    if number is None or not number.is_finite() or abs(number.adjusted()) > 30:
        raise _Unread(f"{name} {str(value)[:60]!r} is no number")
    return number


def _currency(value: object) -> str | None:
    text = value.strip().upper() if isinstance(value, str) else ""
    return text if len(text) == 3 and text.isascii() and text.isalpha() else None


def _shared(
    name: str, said: Mapping[str, Any], products: Sequence[Mapping[str, Any]], values: Sequence[int]
) -> list[int | None]:
    """Give each line its own amount; where the lines name none, share that of the order out by value, to the last millionth."""
    own = [_micros(product.get(name), name) for product in products]
    whole = _micros(said.get(name), name)
    total = sum(values)
    if any(amount is not None for amount in own) or whole is None or total <= 0:
        return own
    parts = [whole * value // total for value in values]
    rest = whole - sum(parts)
    by_remainder = sorted(range(len(parts)), key=lambda i: (-(whole * values[i] % total), i))
    for place in by_remainder[:rest]:
        parts[place] += 1
    return list(parts)
