"""The figures of a period, read from the records: whole, or split by channel, market, product, team, segment and more."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from crosslift.domain.customer import ConsentStatus
from crosslift.domain.estimate import NotEstimable
from crosslift.domain.event import ORDER_COMPLETED, PRODUCT_ADDED
from crosslift.domain.holding import SubscriptionStatus, months_of
from crosslift.domain.pressure import ContactState
from crosslift.domain.profile import ClvBasis
from crosslift.errors import BadInput
from crosslift.learn.customers.clv import ask
from crosslift.learn.customers.models import Models
from crosslift.measure.customers import SALES
from crosslift.measure.leads import LEAD_EVENTS
from crosslift.measure.metrics import BY, Measured, Period, measure_tables
from crosslift.measure.reception import ANSWERS, UNSUBSCRIBED
from crosslift.measure.visits import CHECKOUT_STARTED
from crosslift.settings import Settings
from crosslift.shop.decided import Decided, Log
from crosslift.shop.last_visits import latest
from crosslift.shop.numbered import numbered
from crosslift.shop.one_reading import one_reading
from crosslift.shop.profiles import MODELS
from crosslift.shop.sales import MIN_COSTED, Sales, coded_unit_of, costed_share, unit_of
from crosslift.shop.slices import OF_PRODUCT, SAYS, Slices
from crosslift.stats.value_model import ValueModel
from crosslift.store.frames import Frames
from crosslift.store.ports import Records

COMPLAINTS = ("complain", "불만", "苦情", "クレーム")
"""A case is a complaint where its topic holds one of these."""
_PAID = (SubscriptionStatus.ACTIVE, SubscriptionStatus.PAST_DUE)
_OVER = (SubscriptionStatus.CANCELLED, SubscriptionStatus.ENDED)
_STEPS = (PRODUCT_ADDED, CHECKOUT_STARTED, ORDER_COMPLETED)
_TOLD = (*LEAD_EVENTS, UNSUBSCRIBED)


class Figures:
    """The figures of people, offers and contracts of one shop.

    Parameters
    ----------
    records, frames : Records, Frames
        Where facts live.
    decided : Decided
        What was decided.
    sales : Sales
        What was sold.
    products : callable
        Gives the catalog with live values.
    settings : Settings
        Of it `shop.time_zone`, in which months begin, and `guard.agent_columns`, which say who sold.
    """

    def __init__(
        self, records: Records, frames: Frames, decided: Decided, sales: Sales, products: Callable[[], pa.Table],
        settings: Settings,
    ) -> None:  # fmt: skip
        self._records = records
        self._frames = frames
        self._log = decided
        self._sales = sales
        self._slices = Slices(records, products, settings)

    def of(self, since: datetime | None, until: datetime, by: str | None = None) -> list[Measured]:
        """Measure a period; see `measure.metrics.measure_tables`.

        Raises
        ------
        BadInput
            If figures cannot be split like that, or the period ends before it begins.
        """
        if by is not None and by not in BY:
            raise BadInput(f"figures cannot be split by {by!r}; by {', '.join(BY)}")
        end = _micros(until)
        begin = 0 if since is None else _micros(since)
        if since is not None and begin >= end:
            raise BadInput(f"the period ends ({until:%Y-%m-%d}) before it begins ({since:%Y-%m-%d})")
        period = Period(begin, end, since is not None and by != "month", self._sales.currency)
        with one_reading():
            sold = self._sales.coded_lines(self._sales.people())
            tables = self.tables(period, by, sold)
        found = measure_tables(numbered(tables, "unit", "product"), self._frames.lazies, period)
        is_costed = costed_share(sold, begin, end) >= MIN_COSTED
        return found if is_costed else [_without_margin(one) for one in found]

    def tables(self, period: Period, by: str | None = None, sold: pa.Table | None = None) -> dict[str, pa.Table]:
        """Read what the figures are made of, but for what was `sold` if it was read; tables not split like that are left out."""
        whose = self._sales.people()
        sold = self._sales.coded_lines(whose) if sold is None else sold
        sales = sold.filter(pc.less(sold["at"], period.until)).select([*SALES[1:], "line", "channel", "market"])
        read: dict[str, Callable[[], pa.Table]] = {
            "sales": lambda: sales,
            "subscriptions": lambda: self._subscriptions(whose, period),
            "costs": lambda: self._costs(period),
            "contacted": lambda: self._contacted(whose, period),
            "worth": lambda: self._worth(sales, period),
        }
        found = {
            name: self._slices.split(table(), by) for name, table in read.items() if by is None or by in SAYS[name]
        }
        found |= self._of_events(whose, period, by)
        decided = self._decided(period)
        found["answers"], found["complaints"] = decided.pop("answers"), self._complaints(whose)
        found |= {
            name: self._slices.split(table, by) for name, table in decided.items() if by is None or by in SAYS[name]
        }
        return {**found, "orders": sales.select(["unit", "at"])}

    def answers(self, since: int) -> pa.Table:
        """Give exposures and responses from an instant on, in the columns of `reception.ANSWERS`."""
        said = self._records.table("responses", ("decision_id", "product_id", "action"), "at >= ?", (since,))
        seen = self._records.table("exposures", ("decision_id", "product_id"), "at >= ?", (since,))
        seen = seen.append_column("action", pa.repeat("exposure", seen.num_rows))
        return pa.concat_tables([said, seen]).rename_columns([*ANSWERS])

    def sliced(self, lines: pa.Table, by: str) -> pa.Table | None:
        """Give cleaned order lines a column `slice`; None where they do not say it."""
        return self._slices.of_lines(lines, by)

    def _subscriptions(self, whose: pa.Table, period: Period) -> pa.Table:
        rows = self._frames.subscriptions()
        is_paid = pc.is_in(rows["status"], value_set=pa.array([one.value for one in _PAID]))
        is_over = pc.is_in(rows["status"], value_set=pa.array([one.value for one in _OVER]))
        rows = rows.filter(pc.or_(is_paid, pc.and_(is_over, pc.is_valid(rows["ended_at"]))))
        months = {period: months_of(period) for period in pc.unique(rows["period"]).to_pylist()}
        each = np.array([months[period] or np.nan for period in rows["period"].to_pylist()], np.float64)
        at = np.asarray(rows["started_at"], np.int64)
        price = self._sales.into(period.currency).amounts(rows["recurring_price_micros"], rows["currency"], at)
        monthly = price.micros / 1e6 * np.asarray(rows["quantity"], np.float64) / each
        name = pc.coalesce(
            pc.binary_join_element_wise("customer", rows["customer_id"], ":"),
            pc.binary_join_element_wise("account", rows["account_id"], ":"),
        )
        table = pa.table({
            "unit": unit_of(name, whose), "product": rows["product_id"], "starts": rows["started_at"], "ends": rows["ended_at"],
            "monthly": pa.array(np.nan_to_num(monthly)),
        })  # fmt: skip
        return table.filter(pc.is_valid(table["unit"]))

    def _costs(self, period: Period) -> pa.Table:
        """Give what campaigns cost, the part of it whose days lie in the period."""
        rows = self._records.table(
            "campaign_costs", ("channel", "market", "from_at", "until_at", "cost_micros", "currency")
        )
        begins = np.asarray(rows["from_at"], np.int64)
        ends = np.maximum(np.asarray(pc.coalesce(rows["until_at"], rows["from_at"]), np.int64), begins + 1)
        inside = np.minimum(ends, period.until) - np.maximum(begins, period.since)
        share = np.clip(inside / (ends - begins), 0.0, 1.0)
        cost = self._sales.into(period.currency).amounts(rows["cost_micros"], rows["currency"], begins).micros
        table = pa.table({"amount": pa.array(cost / 1e6 * share), "channel": rows["channel"], "market": rows["market"]})
        return table.filter(pa.array(share > 0))

    def _of_events(self, whose: pa.Table, period: Period, by: str | None) -> dict[str, pa.Table]:
        """Give what events tell: visits, leads and who unsubscribed, each visitor's last event of each name.

        Names no figure asks for are one. By product, events that name none are left out.
        """
        import narwhals as nw

        if by is not None and by not in {*SAYS["visits"], *SAYS["leads"], *SAYS["contacted"]}:
            return {}
        inside = period.holds(nw.col("at")) & ~nw.col("identity").is_null()
        told = self._frames.over_events(
            lambda events, _: events.filter(inside & nw.col("name").is_in(_TOLD)).select("identity", "at", "name"),
            ("identity", "at", "name"), period.since,
        )  # fmt: skip
        rows = pa.table({"unit": unit_of(told["identity"], whose), "at": told["at"], "name": told["name"]})
        signs = rows.filter(pc.is_in(rows["name"], value_set=pa.array(LEAD_EVENTS))).select(["unit", "at"])
        ends = rows.filter(pc.equal(rows["name"], UNSUBSCRIBED)).select(["unit", "at"])
        found = {"withdrawals": pa.concat_tables([self._withdrawn(whose, period), ends])}
        if by is None or by in SAYS["visits"]:
            found["visits"] = self._visits(whose, period, by)
        if by is None or by in SAYS["leads"]:
            found["leads"] = self._slices.split(pa.concat_tables([self._registered(whose, period), signs]), by)
        return found

    def _visits(self, whose: pa.Table, period: Period, by: str | None) -> pa.Table:
        """Give each visitor's last event of each name, of whatever part the figures are split by."""
        import narwhals as nw

        asks_product = by in OF_PRODUCT
        own = ["product_id"] if asks_product else ["channel"] if by == "channel" else ["month"] if by == "month" else []
        begins = self._slices.months(self._first(period), period.until) if by == "month" else []

        at, name = nw.col("at"), nw.col("name")
        last = {"": at.max(), **{step: nw.when(name == step).then(at).max() for step in _STEPS}}

        def seen(events: Any, _: Mapping[str, Any]) -> Any:
            counts = period.holds(at) & ~nw.col("identity").is_null()
            rows = events.filter(counts & ~nw.col("product_id").is_null() if asks_product else counts)
            month = nw.sum_horizontal(nw.lit(0), *((at >= begin).cast(nw.Int32()) for begin in begins))
            rows = rows.with_columns(month.alias("month")) if by == "month" else rows
            return rows.group_by("identity", *own).agg(*(when.alias(f"at_{step}") for step, when in last.items()))

        columns = ("identity", "at", "name", *(name for name in own if name != "month"))
        found = self._frames.over_events(seen, (*columns, "product_id"), period.since)
        parts = "product" if asks_product else "channel" if by == "channel" else None
        named = {} if parts is None else {parts: found["product_id" if asks_product else "channel"]}
        unit = coded_unit_of(found["identity"], whose)
        whole = pa.table({"unit": unit, **named, **{step: found[f"at_{step}"] for step in last}})
        rows = [
            whole.select(["unit", *named]).append_column("at", whole[step]).append_column("name", pa.repeat(step, whole.num_rows))
            .filter(pc.is_valid(whole[step])) for step in last
        ]  # fmt: skip
        return latest(self._slices.split(pa.concat_tables(rows), by))

    def _first(self, period: Period) -> int:
        """Give the instant of the first event of a period, its end where there is none."""
        import narwhals as nw

        counts = period.holds(nw.col("at"))
        found = self._frames.over_events(
            lambda events, _: events.filter(counts).select(nw.col("at").min()), ("at",), period.since
        )
        first: int | None = found["at"][0].as_py()
        return period.until if first is None else first

    def _registered(self, whose: pa.Table, period: Period) -> pa.Table:
        """Give when customers' records say they were made."""
        within = "created_at >= ? and created_at < ?"
        rows = self._records.table("customers", ("customer_id", "created_at"), within, (period.since, period.until))
        return _of_customers(rows["customer_id"], rows["created_at"], whose)

    def _withdrawn(self, whose: pa.Table, period: Period) -> pa.Table:
        within = f"at >= ? and at < ? and status = '{ConsentStatus.WITHDRAWN.value}'"
        rows = self._records.table("consents", ("customer_id", "at"), within, (period.since, period.until))
        return _of_customers(rows["customer_id"], rows["at"], whose)

    def _contacted(self, whose: pa.Table, period: Period) -> pa.Table:
        within = f"at >= ? and at < ? and state = '{ContactState.CONFIRMED.value}'"
        rows = self._records.table("contacts", ("identity", "at", "channel"), within, (period.since, period.until))
        return pa.table({"unit": unit_of(rows["identity"], whose), "at": rows["at"], "channel": rows["channel"]})

    def _worth(self, sales: pa.Table, period: Period) -> pa.Table:
        """Give how much more each customer from before the period is expected to bring, by the models last learned."""
        kept = self._records.model(MODELS)
        learned = None if kept is None else Models.read(msgspec.json.decode(kept)).worth
        nobody = pa.table({"unit": pa.array([], pa.string()), "change": pa.array([], pa.float64())})
        if learned is None or not learned.fitted or learned.model is None or not period.has_before:
            return nobody
        amount = "margin" if learned.basis is ClvBasis.MARGIN else "revenue"
        sales = sales.set_column(sales.schema.get_field_index("unit"), "unit", sales["unit"].cast(pa.string()))
        each = sales.group_by(["unit", "order", "at"]).aggregate([(amount, "sum")])
        orders = each.rename_columns({"unit": "person_id", "at": "ordered_at", f"{amount}_sum": "value"})
        known = pc.unique(orders.filter(pc.less(orders["ordered_at"], period.since))["person_id"])
        orders = orders.filter(pc.is_in(orders["person_id"], value_set=known))
        if orders.num_rows == 0:
            return nobody
        fitted = ValueModel.read(learned.fitted)
        was, now = (
            ask(orders, fitted, as_of=at, model=learned.model, basis=learned.basis.value).sort_by("person_id")
            for at in (period.since - 1, period.until - 1)
        )
        change = pc.subtract(now["clv"], was["clv"])
        table = pa.table({"unit": was["person_id"], "change": change})
        return table.filter(pc.fill_null(pc.is_finite(change), False))

    def _decided(self, period: Period) -> dict[str, pa.Table]:
        """Give decisions of the period, the offers they gave, a row each, and what was said of these whenever it was."""
        log = self._log.of(period.since, period.until)
        unit = _or_else(log.rows["unit"], log.rows["decision_id"])
        rows = log.rows.set_column(log.rows.schema.get_field_index("unit"), "unit", unit)
        served = replace(log, rows=rows).given(("number", "unit", "at", "placement", "channel"))
        return {
            "decisions": rows.select(["unit", "at", "placement", "channel", "code"]),
            "served": served.rename_columns({"source": "strategy", "number": "decision_id"}),
            "answers": _answers(log, period),
        }

    def _complaints(self, whose: pa.Table) -> pa.Table:
        cases = self._records.table(
            "cases", ("customer_id", "opened_at", "topic"), "customer_id is not null and topic is not null"
        )
        topic = pc.utf8_lower(cases["topic"])
        is_one = pa.array(np.zeros(cases.num_rows, np.bool_))
        for word in COMPLAINTS:
            is_one = pc.or_(is_one, pc.match_substring(topic, word))
        cases = cases.filter(is_one)
        return _of_customers(cases["customer_id"], cases["opened_at"], whose)


def _answers(log: Log, period: Period) -> pa.Table:
    seen = log.seen.append_column("action", pa.repeat("exposure", log.seen.num_rows))
    rows = pa.concat_tables([log.said, seen.select(log.said.column_names)])
    rows = rows.filter(pc.and_(pc.greater_equal(rows["at"], period.since), pc.is_valid(rows["number"])))
    return pa.table({"decision_id": rows["number"], "product": rows["product_id"], "action": rows["action"]})


def _without_margin(one: Measured) -> Measured:
    """Say of a margin that it is not known: what has no cost would count as no margin."""
    if not one.metric.name.startswith("margin_"):
        return one
    return replace(one, figure=NotEstimable(f"the cost is known of less than {MIN_COSTED:.0%} of what was sold"))


def _of_customers(customer_id: pa.ChunkedArray, at: pa.ChunkedArray, whose: pa.Table) -> pa.Table:
    customer = pc.binary_join_element_wise("customer", customer_id, ":")
    return pa.table({"unit": unit_of(customer, whose), "at": at})


def _or_else(unit: pa.ChunkedArray, other: pa.ChunkedArray) -> pa.ChunkedArray:
    """Give a dictionary's values, another column's where they are null."""
    if unit.null_count == 0:
        return unit
    is_null, coded = pc.is_null(unit), unit.combine_chunks()
    words = pa.concat_arrays([coded.dictionary, other.filter(is_null).combine_chunks()])
    place = np.asarray(pc.fill_null(coded.indices, 0)).astype(np.int32)
    place[np.asarray(is_null)] = len(coded.dictionary) + np.arange(unit.null_count)
    return pa.chunked_array([pa.DictionaryArray.from_arrays(pa.array(place), words)])


def _micros(moment: datetime) -> int:
    return int(moment.timestamp() * 1_000_000)
