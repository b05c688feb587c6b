"""What was sold by somebody: each assisted sale with what it charged, what the customer said of it, and how it ended."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from crosslift.domain.catalog import ProductKind
from crosslift.domain.holding import HELD, SubscriptionStatus, times_due
from crosslift.domain.sale import OrderStatus
from crosslift.measure.guard_answers import Answers
from crosslift.measure.guard_sale import Sale, SaleKind, SaleState
from crosslift.measure.guard_terms import DAY, GuardTerms, plain

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Told:
    """The tables the guard reads; instants are microseconds UTC.

    Attributes
    ----------
    lines, subscriptions, returns : pa.Table
        Order lines and contracts with their `attributes`, and what came back.
    products : pa.Table
        product_id, kind, category.
    confirmations, agents, activities : pa.Table
        As they are stored.
    people : pa.Table
        identity and person_id, of identities that belong to another's person.
    """

    lines: pa.Table
    subscriptions: pa.Table
    returns: pa.Table
    products: pa.Table
    confirmations: pa.Table
    agents: pa.Table
    activities: pa.Table
    people: pa.Table


class Roster:
    """Who sells: agents by id or by a name that only one of them has."""

    def __init__(self, agents: pa.Table) -> None:
        rows = agents.select(["agent_id", "name", "team"]).to_pylist()
        self.teams: Mapping[str, str | None] = {row["agent_id"]: row["team"] for row in rows}
        self.names: Mapping[str, str] = {row["agent_id"]: row["name"] for row in rows}
        by_name: dict[str, set[str]] = {}
        for row in rows:
            by_name.setdefault(row["name"].strip().casefold(), set()).add(row["agent_id"])
        self._only = {name: next(iter(ids)) for name, ids in by_name.items() if len(ids) == 1}

    def id_of(self, text: str) -> str:
        """Give the agent somebody is called by; whoever is on no list is known by what they are called."""
        return text if text in self.teams else self._only.get(text.casefold(), text)


def assisted_sales(told: Told, terms: GuardTerms, now: int) -> list[Sale]:
    """Give every sale that names who sold it, oldest first.

    Cancelled lines count: a sale was made. Lines of zero or negative quantity do not.

    Parameters
    ----------
    now : int
        What had happened by then, microseconds UTC, is known; what is later is not.
    """
    roster = Roster(told.agents)
    kinds = {row["product_id"]: (row["kind"], row["category"]) for row in told.products.to_pylist()}
    sold = sorted((*_of_orders(told, roster, kinds, terms, now), *_of_subscriptions(told, roster, kinds, terms, now)),
                  key=lambda one: one.order)  # fmt: skip
    answers = Answers(told.confirmations, told.people, now)
    return [_answered(one, answers, terms, now) if one.is_guarded else one for one in sold]


def _answered(sale: Sale, answers: Answers, terms: GuardTerms, now: int) -> Sale:
    """Say what the customer said of a sale, and what follows from silence."""
    found = answers.of(sale)
    if found is None:
        is_waiting = now < sale.sold_at + terms.grace_days * DAY
        return replace(sale, state=SaleState.WAITING if is_waiting else SaleState.MISSING)
    return replace(sale, state=found.state, agreed_micros=found.agreed_micros, answered_by=found.confirmation_id)


def price_of_line(row: Row, *, is_taxed: bool) -> int | None:
    """Give what an order line comes to, tax included, micros; None without a price or a currency."""
    if row["unit_price_micros"] is None or row["currency"] is None:
        return None
    tax = 0 if is_taxed else row["tax_micros"] or 0
    return int(row["unit_price_micros"] * row["quantity"] - (row["discount_micros"] or 0) + tax)


def price_of_period(row: Row) -> int | None:
    """Give what one period of a contract comes to, micros: its recurring price for each unit; None without one."""
    if row["recurring_price_micros"] is None or row["currency"] is None:
        return None
    return int(row["recurring_price_micros"] * row["quantity"])


def sellers(rows: pa.Table, columns: Sequence[str]) -> list[tuple[str, Row, Mapping[str, Any]]]:
    """Give the rows whose further columns name who sold: who, the row, its further columns by plain names."""
    written = "|".join(re.escape(name).replace("_", "[ _-]") for name in columns)
    attributes = rows.column("attributes")
    mask = pc.match_substring_regex(attributes, f'"\\s*({written})\\s*":', ignore_case=True)
    found: list[tuple[str, Row, Mapping[str, Any]]] = []
    for row in rows.filter(pc.fill_null(mask, False)).to_pylist():
        more = {plain(name): value for name, value in msgspec.json.decode(row["attributes"]).items()}
        who = next((str(more[name]).strip() for name in columns if more.get(name) not in (None, "")), "")
        if who:
            found.append((who, row, more))
    return found


Kinds = Mapping[str, tuple[str | None, str | None]]


def _of_orders(told: Told, roster: Roster, kinds: Kinds, terms: GuardTerms, now: int) -> Iterator[Sale]:
    back = _Returns(told.returns, now)
    for who, row, _ in sellers(told.lines, terms.agent_columns):
        if (
            row["quantity"] <= 0
            or row["status"] in (OrderStatus.ADJUSTMENT, OrderStatus.TEST)
            or row["ordered_at"] > now
        ):
            continue
        kind, category = kinds.get(row["product_id"], (None, None))
        price = price_of_line(row, is_taxed=terms.prices_include_tax)
        is_cancelled = row["status"] == OrderStatus.CANCELLED
        gone_at = row["updated_at"] if is_cancelled else None  # untold: an order is cancelled before it is delivered
        refunded, returned_at = back.of(row)
        limit = row["ordered_at"] + terms.early_days * DAY
        yield Sale(
            SaleKind.ORDER, row["source"], row["order_id"], row["line_id"], None, row["product_id"], row["customer_id"],
            None, row["decision_id"], roster.id_of(who), row["ordered_at"], terms.day_of(row["ordered_at"]), price,
            0 if is_cancelled and price is not None else price, refunded, row["currency"], False,
            terms.needs_confirmation(kind or ProductKind.GOODS, category, is_subscription=False),
            (is_cancelled and (gone_at is None or gone_at <= limit)) or (returned_at is not None and returned_at <= limit),
        )  # fmt: skip


def _of_subscriptions(told: Told, roster: Roster, kinds: Kinds, terms: GuardTerms, now: int) -> Iterator[Sale]:
    for who, row, more in sellers(told.subscriptions, terms.agent_columns):
        if row["started_at"] > now:
            continue
        kind, category = kinds.get(row["product_id"], (None, None))
        price, is_trial = price_of_period(row), row["status"] == SubscriptionStatus.TRIAL
        ended_at = row["updated_at"] if row["ended_at"] is None and row["status"] not in HELD else row["ended_at"]
        ended_at = None if ended_at is None or ended_at > now else ended_at
        n_due = times_due(row["period"], _moment(row["started_at"]), _moment(now if ended_at is None else ended_at))
        yield Sale(
            SaleKind.SUBSCRIPTION, None, None, None, row["subscription_id"], row["product_id"], row["customer_id"],
            row["account_id"], _text(more.get("decision_id")), roster.id_of(who), row["started_at"],
            terms.day_of(row["started_at"]), price,
            price if price is None else 0 if is_trial else price * (1 if n_due is None else n_due),
            0, row["currency"], n_due is None and not is_trial,
            terms.needs_confirmation(kind or ProductKind.GOODS, category, is_subscription=True),
            ended_at is not None and ended_at <= row["started_at"] + terms.early_days * DAY,
        )  # fmt: skip


class _Returns:
    """What came back, found by line, else by product of the order; in the order's own source first."""

    def __init__(self, returns: pa.Table, now: int) -> None:
        self._of_line: dict[tuple[str | None, str, str], list[Row]] = {}
        self._of_product: dict[tuple[str | None, str, str], list[Row]] = {}
        for row in returns.to_pylist():
            if row["returned_at"] <= now:
                for source in (row["source"], None):
                    self._of_line.setdefault((source, row["order_id"], row["line_id"]), []).append(row)
                    self._of_product.setdefault((source, row["order_id"], row["product_id"]), []).append(row)

    def of(self, line: Row) -> tuple[int, int | None]:
        """Give what was refunded for a line, micros, and when it first came back; None if it did not."""
        rows = self._first(line, self._of_line, "line_id") or self._first(line, self._of_product, "product_id")
        refunds = [row["refund_micros"] or 0 for row in rows if row["currency"] in (None, line["currency"])]
        return sum(refunds), min((row["returned_at"] for row in rows), default=None)

    @staticmethod
    def _first(line: Row, found: Mapping[tuple[str | None, str, str], list[Row]], name: str) -> list[Row]:
        return next((found[key] for source in (line["source"], None)
                     if (key := (source, line["order_id"], line[name])) in found), [])  # fmt: skip


def time_worked(sales: Iterable[Sale], contacts: Iterable[tuple[str, int]], terms: GuardTerms) -> dict[str, int]:
    """Count the weeks, or with `per` the days, in which each agent sold anything or was in contact with anybody.

    Parameters
    ----------
    contacts : iterable of (str, int)
        Agent and instant of each contact.
    """
    seen: dict[str, set[tuple[int, ...]]] = {}
    n_parts = 3 if terms.per == "day" else 2  # of year, week, weekday
    for agent, on in (
        *((sale.agent_id, sale.sold_on) for sale in sales),
        *((a, terms.day_of(at)) for a, at in contacts),
    ):
        seen.setdefault(agent, set()).add(on.isocalendar()[:n_parts])
    return {agent: len(times) for agent, times in seen.items()}


def contacts_of(activities: pa.Table, roster: Roster) -> list[tuple[str, int]]:
    """Give agent and instant of every activity that names one of the staff."""
    rows = zip(activities.column("staff").to_pylist(), activities.column("at").to_pylist(), strict=True)
    return [(roster.id_of(staff.strip()), at) for staff, at in rows if staff and staff.strip()]


def _moment(at: int) -> datetime:
    return datetime.fromtimestamp(at / 1e6, UTC)


def _text(value: object) -> str | None:
    return None if value is None else str(value)
