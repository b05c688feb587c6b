"""One sale that somebody made with a customer before them, as the guard sees it."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any


class SaleKind(StrEnum):
    """How it was sold: as a line of an order, or as a contract."""

    ORDER = "order"
    SUBSCRIPTION = "subscription"


class SaleState(StrEnum):
    """Whether the customer wanted it."""

    CONFIRMED = "confirmed"
    WAITING = "waiting"
    """Not said yet, and there is time left."""
    MISSING = "not_confirmed"
    DENIED = "denied"
    """The customer says that they did not want it."""
    CHARGED_MORE = "charged_more"
    """Confirmed, but at a lower price than is charged."""

    @property
    def is_unconfirmed(self) -> bool:
        """Whether the customer has to be told."""
        return self in _UNCONFIRMED


_UNCONFIRMED = frozenset({SaleState.MISSING, SaleState.DENIED, SaleState.CHARGED_MORE})


@dataclass(frozen=True, slots=True)
class Sale:
    """One assisted sale.

    Attributes
    ----------
    price_micros : int or None
        Of the line in all, or of one period of the contract; None where nobody said.
    charged_micros : int or None
        What it came to so far: of a contract, every period begun. `is_least` where that cannot be counted.
    is_guarded : bool
        Whether the customer's confirmation is asked for.
    agreed_micros : int or None
        The price the customer saw when they said yes.
    is_early : bool
        Whether it was cancelled, ended or brought back, in whole or in part, within the early days.
    """

    kind: SaleKind
    source: str | None
    order_id: str | None
    line_id: str | None
    subscription_id: str | None
    product_id: str
    customer_id: str | None
    account_id: str | None
    decision_id: str | None
    agent_id: str
    sold_at: int
    sold_on: date
    price_micros: int | None
    charged_micros: int | None
    refunded_micros: int
    currency: str | None
    is_least: bool
    is_guarded: bool
    is_early: bool
    state: SaleState | None = None
    agreed_micros: int | None = None
    answered_by: str | None = None

    @property
    def order(self) -> tuple[Any, ...]:
        """By which sales are put in order: the same sales always in the same."""
        names = (self.kind, self.source, self.order_id, self.line_id, self.subscription_id)
        return self.sold_at, *(name or "" for name in names)
