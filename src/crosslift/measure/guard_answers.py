"""What customers said of sales: which confirmation speaks of which sale, and whether it says yes to what was charged."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec
import pyarrow as pa

from crosslift.domain.agent import ConfirmationAnswer
from crosslift.domain.money import MICROS
from crosslift.measure.guard_sale import Sale, SaleState

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Found:
    """The answer that counts for a sale; `agreed_micros` is the price the customer saw, None where nobody kept it."""

    confirmation_id: str
    state: SaleState
    agreed_micros: int | None


@dataclass(frozen=True, slots=True)
class _Line:
    """One thing a customer was shown when they answered."""

    line_id: str | None
    product_id: str | None
    micros: int | None
    currency: str | None


class Answers:
    """Confirmations, found by what they name.

    The newest answer about a sale counts, a no before a yes of the same instant. Where the sale names its customer, only
    that person's word counts. A yes to a decision is good for one sale of each product.

    Parameters
    ----------
    confirmations, people : pa.Table
        See `guard_sales.Told`.
    now : int
        Later answers are not known yet.
    """

    def __init__(self, confirmations: pa.Table, people: pa.Table, now: int) -> None:
        self._person_of: dict[str, str] = dict(
            zip(*(people.column(name).to_pylist() for name in ("identity", "person_id")), strict=True)
        )
        self._shown: dict[str, tuple[_Line, ...] | None] = {}
        self._spent: set[tuple[str, str]] = set()
        self._by: dict[tuple[str, str], list[Row]] = {}
        rows = [row for row in confirmations.to_pylist() if row["at"] <= now]
        rows.sort(key=lambda row: (-row["at"], row["answer"] != ConfirmationAnswer.NO, row["confirmation_id"]))
        for row in rows:
            for name in ("subscription_id", "order_id", "decision_id"):
                if row[name] is not None:
                    self._by.setdefault((name, row[name]), []).append(row)
                    break

    def of(self, sale: Sale) -> Found | None:
        """Give the answer that counts for a sale; ask for sales oldest first."""
        rows = sorted(self._about(sale), key=lambda row: -row["at"])
        for row in rows:
            line = self._line(row, sale)
            if line is None:
                continue
            if row["answer"] == ConfirmationAnswer.NO:
                return Found(row["confirmation_id"], SaleState.DENIED, None)
            if not self._is_unspent(row, sale):
                continue
            return Found(row["confirmation_id"], _judged(line, sale), line.micros)
        return None

    def _about(self, sale: Sale) -> Iterator[Row]:
        named = ("subscription_id", "order_id", "decision_id")
        for name, value in ((name, getattr(sale, name)) for name in named):
            for row in self._by.get((name, value), ()) if value is not None else ():
                if self._speaks_of(row, sale, is_order=name == "order_id"):
                    yield row

    def _speaks_of(self, row: Row, sale: Sale, *, is_order: bool) -> bool:
        if is_order and (row["source"] not in (None, sale.source) or row["line_id"] not in (None, sale.line_id)):
            return False
        if row["product_id"] not in (None, sale.product_id):
            return False
        return sale.customer_id is None or self._person(sale.customer_id) == self._person(row["customer_id"])

    def _person(self, customer_id: str) -> str:
        identity = f"customer:{customer_id}"
        return self._person_of.get(identity, identity)

    def _is_unspent(self, row: Row, sale: Sale) -> bool:
        if row["decision_id"] is None or row["order_id"] is not None or row["subscription_id"] is not None:
            return True
        use = (row["confirmation_id"], sale.product_id)
        is_new = use not in self._spent
        self._spent.add(use)
        return is_new

    def _line(self, row: Row, sale: Sale) -> _Line | None:
        """Find what the customer was shown of a sale; None where they were shown other things only."""
        key = row["confirmation_id"]
        if key not in self._shown:
            self._shown[key] = lines_of(row["content"])
        shown = self._shown[key]
        if shown is None:
            return _Line(None, None, None, None)
        by_line = [one for one in shown if one.line_id is not None and one.line_id == sale.line_id]
        chosen = by_line or [one for one in shown if one.line_id is None or sale.line_id is None]
        return next((one for one in chosen if one.product_id in (None, sale.product_id)), None)


def lines_of(content: str | None) -> tuple[_Line, ...] | None:
    """Read the `lines` of what a customer was shown; None where nobody kept them."""
    try:
        told = msgspec.json.decode(content) if content else None
    except (msgspec.DecodeError, RecursionError):
        return None
    lines = told.get("lines") if isinstance(told, dict) else None
    if not isinstance(lines, list):
        return None
    return tuple(
        _Line(
            _text(one.get("line_id")), _text(one.get("product")), _micros(one.get("amount")), _text(one.get("currency"))
        )
        for one in lines
        if isinstance(one, dict)
    )


def _judged(line: _Line, sale: Sale) -> SaleState:
    if line.micros is None or sale.price_micros is None:
        return SaleState.CONFIRMED
    is_same_money = line.currency in (None, sale.currency)
    return SaleState.CONFIRMED if is_same_money and sale.price_micros <= line.micros else SaleState.CHARGED_MORE


def _micros(amount: object) -> int | None:
    try:
        micros = Decimal(str(amount)) * MICROS if amount is not None else None
    except InvalidOperation:
        return None
    return int(micros) if micros is not None and micros.is_finite() else None


def _text(value: object) -> str | None:
    return None if value is None else str(value)
