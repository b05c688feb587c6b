"""What figures are split by: each row's channel, market, product, team, segment … where it says it or its person does."""

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from crosslift.measure.guard_sales import Roster, sellers
from crosslift.measure.guard_terms import GuardTerms
from crosslift.settings import Settings
from crosslift.shop.sales import unit_of
from crosslift.store.ports import Records

UNKNOWN = "unknown"
"""The slice of rows that do not say theirs."""
OF_UNIT = ("market", "traffic_source", "segment")
OF_PRODUCT = ("category", "product")
SAYS = {
    "sales": ("channel", "month", "team", *OF_PRODUCT, *OF_UNIT), "visits": ("channel", "month", *OF_PRODUCT, *OF_UNIT),
    "leads": ("month", *OF_UNIT), "worth": OF_UNIT, "subscriptions": OF_UNIT, "costs": ("channel", "market"),
    "served": ("channel", "placement", "strategy", "month", *OF_PRODUCT, *OF_UNIT),
    "decisions": ("channel", "placement", "month", *OF_UNIT), "contacted": ("channel", "month", *OF_UNIT),
}  # fmt: skip
"""What the rows of each table can be split by."""


class Slices:
    """The parts of one shop.

    Parameters
    ----------
    records : Records
        Of it profiles, segments, and who sold.
    products : callable
        Gives the catalog with live values.
    settings : Settings
        Of it `shop.time_zone`, in which months begin, and `guard.agent_columns`.
    """

    def __init__(self, records: Records, products: Callable[[], pa.Table], settings: Settings) -> None:
        self._records = records
        self._products = products
        self._settings = settings

    def split(self, table: pa.Table, by: str | None) -> pa.Table:
        """Give each row its slice; a person in several segments counts in each."""
        if by is None:
            return table.append_column("slice", _one_slice(table.num_rows))
        table = _in_texts(table)
        if by == "segment":
            members = self._records.table("segment_members", ("person_id", "segment_id"))
            joined = table.join(members, "unit", "person_id", join_type="left outer")
            return joined.rename_columns({"segment_id": "slice"}).set_column(
                joined.schema.get_field_index("segment_id"), "slice", pc.fill_null(joined["segment_id"], "none")
            )
        return table.append_column("slice", _named(self._values(table, by)))

    def of_lines(self, lines: pa.Table, by: str) -> pa.Table | None:
        """Give cleaned order lines a column `slice`; None where they do not say it."""
        if by not in SAYS["sales"]:
            return None
        customer = pc.binary_join_element_wise("customer", lines["customer_id"], ":")
        rows = lines.append_column("unit", unit_of(customer, self._records.people()))
        rows = rows.append_column("at", rows["ordered_at"]).append_column("product", rows["product_id"])
        return self.split(rows.append_column("line", rows["id"]), by)

    def months(self, since: int, until: int) -> list[int]:
        """Give when the months after the first of a period begin in the shop's time zone; all microseconds UTC."""
        zone = ZoneInfo(self._settings["shop.time_zone"])
        last, at = (datetime.fromtimestamp(moment / 1e6, zone) for moment in (until - 1, since))
        begins = []
        while (at.year, at.month) < (last.year, last.month):
            at = datetime(at.year + at.month // 12, at.month % 12 + 1, 1, tzinfo=zone)
            begins.append(int(at.timestamp() * 1_000_000))
        return begins

    def _values(self, table: pa.Table, by: str) -> pa.ChunkedArray:
        if by == "month":
            there = pa.timestamp("us", self._settings["shop.time_zone"])
            return pc.strftime(table["at"].cast(pa.timestamp("us", "UTC")).cast(there), "%Y-%m")
        if by == "category":
            products = self._products()
            place = pc.index_in(table["product"], value_set=products["product_id"].combine_chunks())
            return pc.take(products["category"], place)
        if by == "team":
            return self._teams(table["line"])
        own = table[by] if by in table.column_names else None
        if by not in OF_UNIT or "unit" not in table.column_names:
            return own
        profiles = self._records.table("profiles", ("person_id", by))
        theirs = pc.take(profiles[by], pc.index_in(table["unit"], value_set=profiles["person_id"].combine_chunks()))
        return theirs if own is None else pc.coalesce(_given(own), theirs)

    def _teams(self, lines: pa.ChunkedArray) -> pa.ChunkedArray:
        """Give the team of whoever sold each line, where the line names them and they are on the list."""
        roster = Roster(self._records.table("agents", ("agent_id", "name", "team")))
        written = self._records.table("order_lines", ("id", "attributes"), "attributes is not null")
        sold = sellers(written, GuardTerms.of(self._settings).agent_columns)
        teams = pa.array([roster.teams.get(roster.id_of(who)) for who, _, _ in sold], pa.string())
        ids = pa.array([row["id"] for _, row, _ in sold], pa.int64())
        return pc.take(teams, pc.index_in(lines, value_set=ids))


def _one_slice(n_rows: int) -> pa.DictionaryArray:
    """Give the slice of rows that are not split."""
    return pa.DictionaryArray.from_arrays(pa.array(np.zeros(n_rows, np.int8)), pa.array([""]))


def _in_texts(table: pa.Table) -> pa.Table:
    """Give a table whose dictionaries are texts."""
    types = {
        field.name: field.type.value_type if pa.types.is_dictionary(field.type) else field.type
        for field in table.schema
    }
    return table.cast(pa.schema([*types.items()]))


def _given(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.if_else(pc.equal(column, ""), None, column)


def _named(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Give a name to what does not say any."""
    return pc.fill_null(_given(column), UNKNOWN)
