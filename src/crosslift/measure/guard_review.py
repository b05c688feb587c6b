"""The look-back: which sales customers have to be told of, what they paid for them, and what goes back to whom."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from crosslift.domain.money import Money
from crosslift.measure.guard_sale import Sale, SaleState

EARLY = "ended_early"
"""Beside the states of `SaleState`: a finding that is a question, and for which nothing is refunded."""


@dataclass(frozen=True, slots=True)
class Owed:
    """What one customer has to hear, and gets back.

    Attributes
    ----------
    customer_id, account_id : str or None
        None where the sales name nobody, or the person was erased since.
    n_sales : int
        Sales to be told of.
    amounts : tuple of Money
        To be refunded, one a currency.
    n_unknown : int
        Sales whose amount could not be worked out, or is only the least it can be.
    """

    customer_id: str | None
    account_id: str | None
    n_sales: int
    amounts: tuple[Money, ...]
    n_unknown: int


@dataclass(frozen=True, slots=True)
class Review:
    """The sales of a time that call for something, oldest first, and the customers behind them.

    Attributes
    ----------
    n_sales : int
        All that were looked at.
    charged, refunds : tuple of Money
        What the listed sales charged, and what has to go back, one a currency; never added across currencies.
    """

    n_sales: int
    sales: tuple[Sale, ...]
    customers: tuple[Owed, ...]
    charged: tuple[Money, ...]
    refunds: tuple[Money, ...]

    def rows(self) -> list[dict[str, str]]:
        """Write the listed sales as text, as they are exported."""
        return [_row(sale) for sale in self.sales]


def review(sales: Iterable[Sale]) -> Review:
    """List the sales whose customer did not confirm them, was charged more, or ended them early.

    Parameters
    ----------
    sales : iterable of Sale
        Of the agents and the time looked at; those that need no confirmation are passed over.
    """
    guarded = sorted((sale for sale in sales if sale.is_guarded), key=lambda sale: sale.order)
    listed = tuple(sale for sale in guarded if findings(sale))
    told = [sale for sale in listed if is_to_tell(sale)]
    by_customer: dict[tuple[str, str], list[Sale]] = {}
    for sale in told:
        by_customer.setdefault((sale.customer_id or "", sale.account_id or ""), []).append(sale)
    customers = tuple(
        Owed(customer or None, account or None, len(some), _sums((sale, refund_of(sale)) for sale in some),
             sum(sale.charged_micros is None or sale.is_least for sale in some))
        for (customer, account), some in sorted(by_customer.items())
    )  # fmt: skip
    return Review(
        len(guarded), listed, customers, _sums((sale, sale.charged_micros) for sale in listed),
        _sums((sale, refund_of(sale)) for sale in told),
    )  # fmt: skip


def findings(sale: Sale) -> tuple[str, ...]:
    """Name what is the matter with a sale."""
    state = (sale.state.value,) if sale.state is not None and sale.state.is_unconfirmed else ()
    return (*state, *((EARLY,) if sale.is_early else ()))


def is_to_tell(sale: Sale) -> bool:
    """Tell whether the customer has to hear of a sale: they did not confirm it as it was charged."""
    return sale.state is not None and sale.state.is_unconfirmed


def refund_of(sale: Sale) -> int | None:
    """Give what goes back, micros: all that was charged and not refunded yet; of what was confirmed, only the excess."""
    if sale.charged_micros is None or not is_to_tell(sale):
        return None
    agreed = 0
    if sale.state is SaleState.CHARGED_MORE and sale.agreed_micros is not None and sale.price_micros:
        agreed = sale.charged_micros // sale.price_micros * sale.agreed_micros
    return max(sale.charged_micros - agreed - sale.refunded_micros, 0)


def _sums(amounts: Iterable[tuple[Sale, int | None]]) -> tuple[Money, ...]:
    by_currency: dict[str, int] = {}
    for sale, micros in amounts:
        if micros is not None and sale.currency is not None:
            by_currency[sale.currency] = by_currency.get(sale.currency, 0) + micros
    return tuple(Money.from_micros(micros, currency) for currency, micros in sorted(by_currency.items()))


def _row(sale: Sale) -> dict[str, str]:
    refund = refund_of(sale)
    cells: Mapping[str, str | None] = {
        "sale": sale.kind.value, "source": sale.source, "order_id": sale.order_id, "line_id": sale.line_id,
        "subscription_id": sale.subscription_id, "product_id": sale.product_id, "agent_id": sale.agent_id,
        "customer_id": sale.customer_id, "account_id": sale.account_id,
        "sold_at": datetime.fromtimestamp(sale.sold_at / 1e6, UTC).isoformat(),
        "findings": " ".join(findings(sale)), "charged": _amount(sale.charged_micros, sale.currency),
        "charged_is_least": "yes" if sale.is_least else "no", "refunded": _amount(sale.refunded_micros, sale.currency),
        "to_tell": "yes" if is_to_tell(sale) else "no", "to_refund": _amount(refund, sale.currency),
        "currency": sale.currency, "confirmation_id": sale.answered_by,
    }  # fmt: skip
    return {name: value or "" for name, value in cells.items()}


def _amount(micros: int | None, currency: str | None) -> str | None:
    return None if micros is None or currency is None else f"{Money.from_micros(micros, currency).amount.normalize():f}"
