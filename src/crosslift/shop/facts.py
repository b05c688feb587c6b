"""Facts from an API or a notebook: rows of any dataset, and batches of events, by the code of the file door."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import pyarrow.compute as pc

from crosslift.collect import from_json
from crosslift.collect.answers.sender import is_address
from crosslift.collect.facts import opened_cases
from crosslift.collect.order_events import Told, orders_told
from crosslift.collect.references import Contacts
from crosslift.collect.schemas import SCHEMAS
from crosslift.collect.sources.segment import Message, is_test, to_rows
from crosslift.domain.identity import IdentityKind, Rule
from crosslift.errors import NotFound
from crosslift.settings import Settings
from crosslift.store.ports import Records, Row

OWN_DOORS = ("products", "links", "bundles", "consents")
"""Datasets that have a door of their own: what is written there holds on the very next decision."""
DATASETS = tuple(sorted(set(SCHEMAS) - set(OWN_DOORS)))
"""Datasets that `put_facts` takes."""
SALES = ("orders", "returns")
UNWORKED = "is_working_up"
"""The shop-wide mark that something committed still has to be worked up: products of unknown codes, columnar copies."""


def put_facts(
    records: Records,
    settings: Settings,
    now: datetime,
    dataset: str,
    rows: Sequence[Mapping[str, Any]],
    *,
    is_response: bool = False,
) -> dict[str, Any]:
    """Take in rows of a dataset, all or none.

    Parameters
    ----------
    is_response : bool
        Whether rows of feedback are what one person said at one moment: they open one case at most.

    Returns
    -------
    dict
        new, replaced, same; `outcomes` row by row as sent, each new, replaced, same or conflict; `conflicts` are the keys
        of those that came with other content and no newer time; `unknown` the products they name that nobody knows.

    Raises
    ------
    NotFound
        For a dataset that is none of `DATASETS`.
    BadInput
        Naming the row and the field; nothing is kept then.
    """
    if dataset not in DATASETS:
        raise NotFound(f"no dataset {dataset!r}; facts are put as {', '.join(DATASETS)}")
    tables, named = from_json.fact_rows(dataset, rows, settings)
    moment = _micros(now)
    cases = opened_cases(tables, settings, moment, is_response=is_response)
    outcome = records.put_tables(dataset, [*tables, *cases], moment)
    if dataset in SALES:
        _mark_unworked(records)
    return {
        "new": outcome.n_new, "replaced": outcome.n_replaced, "same": outcome.n_same,
        "outcomes": [verdict.value for verdict in outcome.verdicts],
        "conflicts": [" / ".join(key) for key in outcome.conflicts],
        "unknown": sorted(named - records.known_products(named)),
    }  # fmt: skip


def collect_events(
    records: Records, settings: Settings, now: datetime, messages: Sequence[Message], *, tells_orders: bool
) -> dict[str, Any]:
    """Take in a batch of events, and the orders and returns they tell of; replaying it changes nothing.

    Parameters
    ----------
    tells_orders : bool
        Whether the sender is believed about orders; a visitor's browser is not.

    Returns
    -------
    dict
        received, new, seen_before; `untold` where messages about orders could be kept as events only, `left_out` where some say
        that they are tests: those are no events, and their orders are kept as `OrderStatus.TEST`.
    """
    moment = _micros(now)
    kept = [not is_test(message) for message in messages]
    built = [row for row, counts in zip(to_rows(messages, moment, "batch"), kept, strict=True) if counts]
    told = orders_told(messages, moment, settings["collect.events_source"]) if tells_orders else Told()
    new = records.append_events(built, moment, told.tables)
    if told.tables:
        _mark_unworked(records)
    counted: dict[str, Any] = {"received": len(messages), "new": new, "seen_before": len(built) - new}
    beside = {"untold": told.untold, "left_out": len(messages) - len(built)}
    return {**counted, **{name: value for name, value in beside.items() if value}}


def address_evidence(records: Records, rows: Sequence[Mapping[str, Any]], now: datetime) -> list[Row]:
    """Give the reasons to join customers whom feedback names by an e-mail address with whoever has that address.

    Only those whose feedback counts: who was erased does not come back by a delivery that is sent again.
    """
    named = sorted({row["customer_id"] for row in rows if row["customer_id"] and is_address(row["customer_id"])})
    if not named:
        return []
    where = f"customer_id in ({', '.join('?' * len(named))})"
    there = set(records.table("feedback", ["customer_id"], where, named).column("customer_id").to_pylist())
    kinds = (IdentityKind.CUSTOMER, IdentityKind.EMAIL)
    return [
        (*(f"{kind}:{name}" for kind in kinds), Rule.EMAIL.value, _micros(now)) for name in named if name in there
    ]  # fmt: skip


def contacts(records: Records) -> Contacts:
    """Gather whom and what contacts name, and who and what is known otherwise, for the quality report."""
    return Contacts(
        *(frozenset(value for table in tables for value in _distinct(records, table, column)) for column, tables in (
            ("customer_id", ("account_members", "activities", "cases", "feedback", "payments_failed")),
            ("account_id", ("account_members", "activities", "cases", "subscriptions")),
            ("product_id", ("activities", "cases", "feedback")),
            ("customer_id", ("customers", "orders", "subscriptions")),
            ("account_id", ("accounts",)),
        ))
    )  # fmt: skip


def _distinct(records: Records, table: str, column: str) -> list[str]:
    found: list[str] = pc.unique(records.table(table, [column], f"{column} is not null").column(column)).to_pylist()
    return found


def _mark_unworked(records: Records) -> None:
    if not records.meta(UNWORKED):
        records.set_meta(UNWORKED, "yes")


def _micros(moment: datetime) -> int:
    return int(moment.timestamp() * 1_000_000)
