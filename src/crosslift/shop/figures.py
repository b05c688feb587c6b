"""The figures of a period, read from the records: whole, or split by channel, market, placement, segment or month."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from crosslift.decide import record
from crosslift.domain.estimate import NotEstimable
from crosslift.domain.event import ORDER_COMPLETED, PRODUCT_ADDED
from crosslift.domain.holding import SubscriptionStatus, months_of
from crosslift.errors import BadInput
from crosslift.measure.customers import SALES
from crosslift.measure.metrics import BY, Measured, Period, measure_tables
from crosslift.measure.visits import CHECKOUT_STARTED
from crosslift.settings import Settings
from crosslift.shop.sales import MIN_COSTED, Sales, costed_share, unit_of
from crosslift.store.frames import Frames
from crosslift.store.ports import Records

DAY = 86_400_000_000
UNKNOWN = "unknown"
"""The slice of rows that do not say theirs."""
COMPLAINTS = ("complain", "불만", "苦情", "クレーム")
"""A case is a complaint where its topic holds one of these."""
_PAID = (SubscriptionStatus.ACTIVE, SubscriptionStatus.PAST_DUE)
_OVER = (SubscriptionStatus.CANCELLED, SubscriptionStatus.ENDED)
_STEPS = pa.array([PRODUCT_ADDED, CHECKOUT_STARTED, ORDER_COMPLETED])
_OF_UNIT = ("market", "traffic_source", "segment")
_SAYS = {
    "sales": ("channel", "category", "month", *_OF_UNIT), "visits": ("channel", "month", *_OF_UNIT),
    "subscriptions": _OF_UNIT, "costs": ("channel", "market"),
    "served": ("channel", "placement", "category", "month", *_OF_UNIT), "decisions": ("channel", "placement", "month", *_OF_UNIT),
}  # fmt: skip
"""What the rows of each table can be split by."""


class Figures:
    """The figures of people, offers and contracts of one shop.

    Parameters
    ----------
    records, frames : Records, Frames
        Where facts and decisions live.
    sales : Sales
        What was sold.
    products : callable
        Gives the catalog with live values.
    settings : Settings
        Of it `shop.time_zone`, in which months begin.
    """

    def __init__(
        self, records: Records, frames: Frames, sales: Sales, products: Callable[[], pa.Table], settings: Settings
    ) -> None:
        self._records = records
        self._frames = frames
        self._sales = sales
        self._products = products
        self._settings = settings

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
        found = measure_tables(self.tables(period, by), self._frames.lazies, period)
        return found if self._is_costed(period) else [_without_margin(one) for one in found]

    def _is_costed(self, period: Period) -> bool:
        sales = self._sales.lines(self._records.people())
        return costed_share(sales, period.since, period.until) >= MIN_COSTED

    def tables(self, period: Period, by: str | None = None) -> dict[str, pa.Table]:
        """Read what the figures are made of; tables that cannot be split like that are left out."""
        whose = self._records.people()
        sales = self._sold(whose, period)
        read: dict[str, Callable[[], pa.Table]] = {
            "sales": lambda: sales,
            "subscriptions": lambda: self._subscriptions(whose),
            "costs": lambda: self._costs(period),
        }
        wanted = {name: table() for name, table in read.items() if by is None or by in _SAYS[name]}
        found = {name: self._split(table, by) for name, table in wanted.items()}
        if by is None or by in _SAYS["visits"]:
            found["visits"] = self._visits(whose, period, by)
        decided = self._decided(whose, period)
        found |= {name: self._split(table, by) for name, table in decided.items() if by is None or by in _SAYS[name]}
        found["answers"], found["complaints"] = self._answers(period), self._complaints(whose)
        return {**found, "orders": sales.select(["unit", "at"])}

    def sliced(self, lines: pa.Table, by: str) -> pa.Table | None:
        """Give cleaned order lines a column `slice`; None where they do not say it."""
        if by not in _SAYS["sales"]:
            return None
        customer = pc.binary_join_element_wise("customer", lines["customer_id"], ":")
        rows = lines.append_column("unit", unit_of(customer, self._records.people()))
        rows = rows.append_column("at", rows["ordered_at"]).append_column("product", rows["product_id"])
        return self._split(rows, by)

    def _split(self, table: pa.Table, by: str | None) -> pa.Table:
        """Give each row its slice; a person in several segments counts in each."""
        if by is None:
            return table.append_column("slice", pa.repeat("", table.num_rows))
        if by == "segment":
            members = self._records.table("segment_members", ("person_id", "segment_id"))
            joined = table.join(members, "unit", "person_id", join_type="left outer")
            return joined.rename_columns({"segment_id": "slice"}).set_column(
                joined.schema.get_field_index("segment_id"), "slice", pc.fill_null(joined["segment_id"], "none")
            )
        return table.append_column("slice", _named(self._values(table, by)))

    def _values(self, table: pa.Table, by: str) -> pa.ChunkedArray:
        if by == "month":
            there = pa.timestamp("us", self._settings["shop.time_zone"])
            return pc.strftime(table["at"].cast(pa.timestamp("us", "UTC")).cast(there), "%Y-%m")
        if by == "category":
            products = self._products()
            place = pc.index_in(table["product"], value_set=products["product_id"].combine_chunks())
            return pc.take(products["category"], place)
        own = table[by] if by in table.column_names else None
        if by not in _OF_UNIT or "unit" not in table.column_names:
            return own
        profiles = self._records.table("profiles", ("person_id", by))
        theirs = pc.take(profiles[by], pc.index_in(table["unit"], value_set=profiles["person_id"].combine_chunks()))
        return theirs if own is None else pc.coalesce(_given(own), theirs)

    def _sold(self, whose: pa.Table, period: Period) -> pa.Table:
        sold = self._sales.lines(whose)
        sold = sold.filter(pc.less(sold["at"], period.until))
        lines = self._frames.order_lines(("id", "quantity", "channel", "market"))
        place = pc.index_in(sold["line"], value_set=lines["id"].combine_chunks())
        for name in ("quantity", "channel", "market"):
            sold = sold.append_column(name, pc.take(lines[name], place))
        return sold.select([*SALES[1:], "channel", "market"])

    def _subscriptions(self, whose: pa.Table) -> pa.Table:
        rows = self._frames.subscriptions()
        is_paid = pc.is_in(rows["status"], value_set=pa.array([one.value for one in _PAID]))
        is_over = pc.is_in(rows["status"], value_set=pa.array([one.value for one in _OVER]))
        rows = rows.filter(pc.or_(is_paid, pc.and_(is_over, pc.is_valid(rows["ended_at"]))))
        months = {period: months_of(period) for period in pc.unique(rows["period"]).to_pylist()}
        each = np.array([months[period] or np.nan for period in rows["period"].to_pylist()], np.float64)
        at = np.asarray(rows["started_at"], np.int64)
        price = self._sales.exchange.amounts(rows["recurring_price_micros"], rows["currency"], at)
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
        cost = self._sales.exchange.amounts(rows["cost_micros"], rows["currency"], begins).micros
        table = pa.table({"amount": pa.array(cost / 1e6 * share), "channel": rows["channel"], "market": rows["market"]})
        return table.filter(pa.array(share > 0))

    def _visits(self, whose: pa.Table, period: Period, by: str | None) -> pa.Table:
        """Give the last event of each name of each visitor; names no figure asks for are one."""
        parts = []
        for part in self._frames.event_parts(("identity", "at", "name", "channel")):
            inside = pc.and_(pc.greater_equal(part["at"], period.since), pc.less(part["at"], period.until))
            named = part.filter(pc.and_(inside, pc.is_valid(part["identity"])))
            if named.num_rows:
                name = pc.if_else(pc.is_in(named["name"], value_set=_STEPS), named["name"], "")
                rows = pa.table({"unit": unit_of(named["identity"], whose), "at": named["at"], "name": name,
                                 "channel": named["channel"]})  # fmt: skip
                last = self._split(rows, by).group_by(["slice", "unit", "name"]).aggregate([("at", "max")])
                parts.append(last.rename_columns({"at_max": "at"}).select(["slice", "unit", "at", "name"]))
        kinds = {"slice": pa.string(), "unit": pa.string(), "at": pa.int64(), "name": pa.string()}
        return pa.concat_tables([pa.schema(kinds).empty_table(), *parts], promote_options="permissive")

    def _decided(self, whose: pa.Table, period: Period) -> dict[str, pa.Table]:
        """Give decisions of the period, and the offers they gave, a row each."""
        kinds = {name: pa.string() for name in ("decision_id", "unit", "placement", "channel", "code", "product")}
        people = dict(zip(*(whose[name].to_pylist() for name in ("identity", "person_id")), strict=True))
        decided: list[dict[str, Any]] = []
        served: list[dict[str, Any]] = []
        for row in self._decisions(period):
            body, identity = record.read_slim(row.pop("body")), row.pop("identity")
            named = {**row, "unit": people.get(identity, identity) or row["decision_id"]}
            decided.append({**named, "code": body["no_offer"] or ""})
            if not row["is_withheld"]:
                served += ({**named, "product": offer["product"]} for offer in body["offers"])
        columns = {"decisions": (decided, "code"), "served": (served, "product")}
        return {
            name: pa.Table.from_pylist(rows, pa.schema({
                **{one: kinds[one] for one in ("decision_id", "unit", "placement", "channel", last)}, "at": pa.int64(),
            }))
            for name, (rows, last) in columns.items()
        }  # fmt: skip

    def _decisions(self, period: Period) -> Iterator[dict[str, Any]]:
        """Read decisions day by day, so that no more than a day of their bodies is held at once."""
        columns = ("decision_id", "at", "placement", "channel", "identity", "is_withheld", "body")
        where = "at >= ? and at < ? and purpose <> 'evaluation'"
        ends = [
            at
            for order in ("at", "at desc")
            for at in self._records.table("decisions", ("at",), f"1 = 1 order by {order} limit 1")["at"].to_pylist()
        ]
        until = min(period.until, max(ends) + 1) if ends else period.since
        for begin in range(max(period.since, min(ends, default=0)), until, DAY):
            end = min(begin + DAY, until)
            yield from self._records.table("decisions", columns, where, (begin, end)).to_pylist()

    def _answers(self, period: Period) -> pa.Table:
        said = self._records.table("responses", ("decision_id", "product_id", "action"), "at >= ?", (period.since,))
        seen = self._records.table("exposures", ("decision_id", "product_id"), "at >= ?", (period.since,))
        seen = seen.append_column("action", pa.repeat("exposure", seen.num_rows))
        return pa.concat_tables([said, seen]).rename_columns(["decision_id", "product", "action"])

    def _complaints(self, whose: pa.Table) -> pa.Table:
        cases = self._records.table(
            "cases", ("customer_id", "opened_at", "topic"), "customer_id is not null and topic is not null"
        )
        topic = pc.utf8_lower(cases["topic"])
        is_one = pa.array(np.zeros(cases.num_rows, np.bool_))
        for word in COMPLAINTS:
            is_one = pc.or_(is_one, pc.match_substring(topic, word))
        cases = cases.filter(is_one)
        customer = pc.binary_join_element_wise("customer", cases["customer_id"], ":")
        return pa.table({"unit": unit_of(customer, whose), "at": cases["opened_at"]})


def _without_margin(one: Measured) -> Measured:
    """Say of a margin that it is not known: what has no cost would count as no margin."""
    if not one.metric.name.startswith("margin_"):
        return one
    return replace(one, figure=NotEstimable(f"the cost is known of less than {MIN_COSTED:.0%} of what was sold"))


def _given(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.if_else(pc.equal(column, ""), None, column)


def _named(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Give a name to what does not say any."""
    return pc.fill_null(_given(column), UNKNOWN)


def _micros(moment: datetime) -> int:
    return int(moment.timestamp() * 1_000_000)
