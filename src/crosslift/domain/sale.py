"""What was bought, and what came back."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from crosslift.domain.money import Money


class OrderStatus(StrEnum):
    """What became of an order line."""

    PLACED = "placed"
    CANCELLED = "cancelled"
    ADJUSTMENT = "adjustment"
    TEST = "test"


class PaymentStatus(StrEnum):
    """What became of a payment that did not come in: it still may, it did later, or it was given up."""

    FAILED = "failed"
    RECOVERED = "recovered"
    DEFAULTED = "defaulted"


@dataclass(frozen=True, slots=True)
class OrderLine:
    """One line of an order; its key is (source, order_id, line_id), DESIGN 2b.1.

    `unit_price` is per unit before discount; `discount` and `tax` are totals of the line.
    """

    source: str
    order_id: str
    line_id: str
    ordered_at: datetime
    product_id: str
    quantity: int
    unit_price: Money | None
    customer_id: str | None = None
    variant_id: str | None = None
    discount: Money | None = None
    tax: Money | None = None
    channel: str | None = None
    market: str | None = None
    status: OrderStatus = OrderStatus.PLACED
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Return:
    """Goods that came back, or a cancellation after the sale."""

    source: str
    order_id: str
    line_id: str
    product_id: str
    quantity: int
    returned_at: datetime
    reason: str | None = None
    refund: Money | None = None
