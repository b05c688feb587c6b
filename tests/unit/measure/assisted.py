"""Assisted sales written by hand: the tables the guard reads, and whole teams drawn by chance. Loaded by `load_script`."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pyarrow as pa

from crosslift.measure.guard_sale import Sale, SaleKind, SaleState
from crosslift.measure.guard_sales import Told
from crosslift.measure.guard_terms import GuardTerms
from crosslift.settings import Settings

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
DAY = 86_400_000_000
LINE = {
    "source": "till", "order_id": "o1", "line_id": "1", "ordered_at": 0, "customer_id": "c1", "product_id": "warranty",
    "quantity": 1, "unit_price_micros": 49_000_000, "currency": "EUR", "discount_micros": None, "tax_micros": None,
    "status": "placed", "decision_id": None, "attributes": '{"agent_id":"mina"}', "updated_at": None,
}  # fmt: skip
SUBSCRIPTION = {
    "subscription_id": "s1", "customer_id": "c1", "account_id": None, "product_id": "account", "status": "active",
    "started_at": 0, "ended_at": None, "quantity": 1, "recurring_price_micros": 5_000_000, "currency": "EUR",
    "period": "month", "attributes": '{"agent_id":"mina"}', "updated_at": None,
}  # fmt: skip
RETURN = {
    "source": "till", "order_id": "o1", "line_id": "1", "product_id": "warranty", "returned_at": 0, "refund_micros": None,
    "currency": "EUR",
}  # fmt: skip
CONFIRMATION = {
    "confirmation_id": "y1", "customer_id": "c1", "answer": "yes", "source": None, "order_id": "o1", "line_id": None,
    "subscription_id": None, "decision_id": None, "product_id": None, "content": None, "at": 0,
}  # fmt: skip
PRODUCTS = (
    {"product_id": "warranty", "kind": "warranty", "category": "Care"},
    {"product_id": "account", "kind": "plan", "category": "Banking/Accounts"},
    {"product_id": "mouse", "kind": "goods", "category": "Computers/Mice"},
)
_TYPES = {
    "ordered_at": pa.int64(), "started_at": pa.int64(), "ended_at": pa.int64(), "returned_at": pa.int64(), "at": pa.int64(),
    "updated_at": pa.int64(), "quantity": pa.int64(), "unit_price_micros": pa.int64(), "discount_micros": pa.int64(),
    "tax_micros": pa.int64(), "recurring_price_micros": pa.int64(), "refund_micros": pa.int64(),
}  # fmt: skip


def ago(days):
    """Give an instant so many days before now, as it is stored."""
    return int((NOW - timedelta(days=days)).timestamp() * 1_000_000)


def terms(**knobs):
    """Give the terms of the default settings, some of them changed."""
    given = {f"guard.{name}": value for name, value in knobs.items() if name != "tax"}
    shop = {"shop.prices_include_tax": knobs["tax"]} if "tax" in knobs else {}
    return GuardTerms.of(Settings.load(given | shop, environment={}))


def told(
    lines=(), subscriptions=(), returns=(), confirmations=(), agents=(), activities=(), people=(), products=PRODUCTS
):
    """Give the tables; what a row leaves out is as in the typical one."""
    return Told(
        _table(LINE, lines), _table(SUBSCRIPTION, subscriptions), _table(RETURN, returns),
        _table(dict.fromkeys(("product_id", "kind", "category")), products), _table(CONFIRMATION, confirmations),
        _table({"agent_id": None, "name": "", "team": None}, agents), _table({"staff": None, "at": 0}, activities),
        _table(dict.fromkeys(("identity", "person_id")), people),
    )  # fmt: skip


def by(agent, **more):
    """Write the further columns of a sale."""
    return json.dumps({"agent_id": agent, **more})


def _table(typical, rows):
    filled = [typical | row for row in rows]
    return pa.table({name: pa.array([row[name] for row in filled], _TYPES.get(name, pa.string())) for name in typical})


TYPICAL = Sale(
    SaleKind.SUBSCRIPTION, None, None, None, "s", "account", "c", None, None, "mina", 0, date(2026, 1, 1), 5_000_000,
    5_000_000, 0, "EUR", False, True, False, SaleState.CONFIRMED,
)  # fmt: skip


def sale(number, agent, day, **fields):
    """Give one sale of an agent, so many days after the first of July 2026."""
    on = date(2026, 7, 1) + timedelta(days=int(day))
    at = int(datetime(on.year, on.month, on.day, 12, tzinfo=UTC).timestamp() * 1_000_000)
    return replace(TYPICAL, subscription_id=f"s{number}", customer_id=f"c{number}", agent_id=agent, sold_at=at, sold_on=on,
                   **fields)  # fmt: skip


def drawn_team(chance, members=12, days=91, rate=1.5, spread=0.2, early=0.1, unconfirmed=0.05, rho=0.03):
    """Draw the sales of a team whose members differ, honestly: nobody is odd.

    Each works five days a week, sells about `rate` a day (differing with squared coefficient of variation `spread`), ends
    and leaves unconfirmed a share of them (differing with correlation `rho`). Everybody sells half as much again when
    wages are paid, in the last days of the month.
    """
    sales, number = [], 0
    for place in range(members):
        agent = f"agent {place:02}"
        mine = rate * (chance.gamma(1 / spread, spread) if spread else 1.0)
        share = [chance.beta(p * (1 / rho - 1), (1 - p) * (1 / rho - 1)) if rho else p for p in (early, unconfirmed)]
        for day in range(days):
            if (day + place) % 7 >= 5:
                continue
            is_payday = (date(2026, 7, 1) + timedelta(days=day + 3)).day <= 3
            for _ in range(chance.poisson(mine * (1.5 if is_payday else 1.0))):
                number += 1
                state = SaleState.MISSING if chance.random() < share[1] else SaleState.CONFIRMED
                sales.append(sale(number, agent, day, is_early=bool(chance.random() < share[0]), state=state))
    return sales
