"""Everything the records hold about one person, table by table, newest first, each row with where it came from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from crosslift.domain.identity import agent_of, customer_of
from crosslift.store.engine import ALL, Connection, Cursor
from crosslift.store.sql_people import marks

BY_CUSTOMER = (
    ("customers", "customer_id", "id"), ("consents", "customer_id", "at"), ("order_lines", "customer_id", "ordered_at"),
    ("subscriptions", "customer_id", "started_at"), ("usage", "customer_id", "at"), ("activities", "customer_id", "at"),
    ("cases", "customer_id", "opened_at"), ("feedback", "customer_id", "at"), ("payments_failed", "customer_id", "at"),
    ("account_members", "customer_id", "id"), ("assignments", "unit_id", "at"), ("logged_choices", "unit_id", "at"),
    ("confirmations", "customer_id", "at"),
)  # fmt: skip
"""Imported tables, the column that names the customer, and the one that orders them in time."""

BY_IDENTITY = (
    ("events", "identity", "at"),
    ("identity_evidence", "first", "at"),
    ("identity_evidence", "second", "at"),
)

PLAIN = (
    ("identities", "identity", "first_seen_at"), ("mapping_changes", "identity", "version"),
    ("identity_splits", "first", "at"), ("identity_splits", "second", "at"), ("refill_dues", "identity", "due_at"),
    ("decisions", "identity", "at"), ("decision_people", "identity", "at"), ("contacts", "identity", "at"),
    ("reactions", "identity", "at"), ("coupons", "identity", "issued_at"), ("coupon_uses", "identity", "redeemed_at"),
    ("experiment_arms", "unit", "at"),
)  # fmt: skip
"""Tables that no import brings."""

BY_AGENT = (("agents", "agent_id", "id"),)
"""An agent is a person of the shop as well."""

BY_DECISION = (
    ("exposures", "x.at desc, x.id desc"), ("responses", "x.at desc, x.id desc"), ("promises", "x.made_at desc, x.code desc"),
)  # fmt: skip
"""Tables that hang on decisions, newest first."""

_OURS = frozenset({"row_hash", "import_id", "superseded_by", "body", "message_hash", "has_line_id", "id", "code_hash"})
_BROUGHT = ("import", "source", "format", "at")
_WITH_IMPORT = "x.*, i.id as from_import, i.source as from_source, i.format as from_format, i.started_at as from_at"
_STANDS = "x.superseded_by is null and i.state = 'committed'"
Found = dict[str, list[dict[str, Any]]]
Place = tuple[str, str]
"""A table and its column that names a person."""


def about(c: Connection, identities: Sequence[str], limit: int | None = None) -> Found:
    """Give the rows of a person by table; the newest `limit` of each, all without one.

    Every imported row says in `provenance` which import brought it: id, file or API, format, and when (microseconds).
    """
    names = _names(identities)
    return _rows(c, names, _census(c, names), limit)


def page(c: Connection, identities: Sequence[str], limit: int) -> tuple[Found, dict[str, int]]:
    """Give the newest rows of a person by table, and how many visible ones there are."""
    names = _names(identities)
    census = _census(c, names)
    return _rows(c, names, census, limit), _counted(census)


def counts(c: Connection, identities: Sequence[str]) -> dict[str, int]:
    """Count the visible rows of a person by table."""
    return _counted(_census(c, _names(identities)))


@dataclass(frozen=True, slots=True)
class _Names:
    """What a person goes by, each list filled up to a power of two: few lengths make few statements to prepare."""

    identities: tuple[str, ...]
    customers: tuple[str, ...]
    agents: tuple[str, ...]

    def of(self, column: str) -> tuple[str, ...]:
        """Give what stands in a column."""
        return {"customer_id": self.customers, "unit_id": self.customers, "agent_id": self.agents}.get(
            column, self.identities
        )


def _names(identities: Sequence[str]) -> _Names:
    customers = [customer for name in identities if (customer := customer_of(name)) is not None]
    agents = [agent for name in identities if (agent := agent_of(name)) is not None]
    return _Names(_filled(identities), _filled(customers), _filled(agents))


def _filled(names: Sequence[str]) -> tuple[str, ...]:
    missing = (1 << (len(names) - 1).bit_length()) - len(names) if names else 0
    return (*names, *(names[-1] for _ in range(missing)))


def _census(c: Connection, names: _Names) -> dict[Place, int]:
    """Count in one statement what each table holds of a person; of a table that no import brings, whether it does."""
    statement, places = _census_of(len(names.identities), len(names.customers), len(names.agents))
    found = c.execute(statement, (*names.identities, *names.customers, *names.agents)).fetchone()
    return {place: int(n) for place, n in zip(places, found, strict=True) if n}


@lru_cache(64)
def _census_of(n_identities: int, n_customers: int, n_agents: int) -> tuple[str, list[Place]]:
    identities, customers, agents = (
        ", ".join(f"?{place}" for place in range(begin + 1, begin + n + 1))
        for begin, n in ((0, n_identities), (n_identities, n_customers), (n_identities + n_customers, n_agents))
    )
    numbers = {"customer_id": customers, "unit_id": customers, "agent_id": agents}
    asked: dict[Place, str] = {}
    for table, column, _ in (*BY_CUSTOMER, *BY_IDENTITY, *BY_AGENT):
        if within := numbers.get(column, identities):
            asked[table, column] = (
                f"select count(*) from {table} x cross join imports i on i.id = x.import_id "
                f"where x.{column} in ({within}) and {_STANDS}"
            )
    for table, column, _ in PLAIN:
        asked[table, column] = _any(f"{table} x where x.{column} in ({identities})")
    if customers:
        asked["returns", "customer_id"] = _any(
            "orders o cross join returns x on x.source = o.source and x.order_id = o.order_id "
            f"where o.customer_id in ({customers}) and o.superseded_by is null"
        )
    return "select " + ", ".join(f"({one})" for one in asked.values()), list(asked)


def _any(rows: str) -> str:
    return f"select count(*) from (select 1 as one from {rows} limit 1) found"


def _counted(census: Mapping[Place, int]) -> dict[str, int]:
    places = ((table, column) for table, column, _ in (*BY_CUSTOMER, *BY_IDENTITY[:1], *BY_AGENT))
    return {place[0]: census[place] for place in places if place in census}


def _rows(c: Connection, names: _Names, census: Mapping[Place, int], limit: int | None) -> Found:
    """Read the tables that hold something."""
    found: Found = {}
    for table, column, order in (*BY_CUSTOMER, *BY_IDENTITY):
        if (table, column) in census:
            rows = _imported(c, table, column, order, names.of(column), limit)
            found[table] = _together(found[table], rows) if table in found else rows
    for table, column, order in PLAIN:
        if (table, column) in census:
            of_column = c.execute(
                f"select * from {table} where {column} in ({marks(names.identities)}) order by {order} desc limit ?",
                (*names.identities, ALL if limit is None else limit),
            )
            found.setdefault(table, []).extend(_named(of_column))
    for table, column, order in BY_AGENT:
        if (table, column) in census:
            found[table] = _imported(c, table, column, order, names.agents, limit)
    if not census.keys().isdisjoint(_DECIDED):
        for table, order in BY_DECISION:
            found[table] = _by_decision(c, table, names.identities, limit, order)
    if ("returns", "customer_id") in census:
        found["returns"] = _returns(c, names.customers, limit)
    return {table: rows for table, rows in found.items() if rows}


def _together(rows: list[dict[str, Any]], more: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Add what is not there yet: evidence that joins two names of one person is found under either."""
    there = {str(row) for row in rows}
    return [*rows, *(row for row in more if str(row) not in there)]


_DECIDED = {("decisions", "identity"), ("decision_people", "identity")}


def about_account(c: Connection, account_id: str, limit: int | None = None) -> Found:
    """Give the rows of an account by table, each with where it came from; members and contracts all, by name."""
    found = {
        table: _imported(c, table, "account_id", order, [account_id], limit if is_limited else None)
        for table, order, is_limited in (
            ("accounts", "id", True), ("account_members", "customer_id", False), ("subscriptions", "started_at", False),
            ("activities", "at", True), ("cases", "opened_at", True),
        )
    }  # fmt: skip
    return {table: rows[::-1] if table == "account_members" else rows for table, rows in found.items() if rows}


def _imported(
    c: Connection, table: str, column: str, order: str, names: Sequence[str], limit: int | None
) -> list[dict[str, Any]]:
    rows = c.execute(  # first which, then whole: of hundreds only the newest are read out
        f"select {_WITH_IMPORT} from (select x.id from {table} x join imports i on i.id = x.import_id "
        f"where x.{column} in ({marks(names)}) and {_STANDS} order by x.{order} desc, x.id desc limit ?) newest "
        f"join {table} x on x.id = newest.id join imports i on i.id = x.import_id order by x.{order} desc, x.id desc",
        (*names, ALL if limit is None else limit),
    )
    return _brought(rows)


def _returns(c: Connection, customers: Sequence[str], limit: int | None) -> list[dict[str, Any]]:
    """Returns name an order; the order names the customer."""
    rows = c.execute(
        f"select {_WITH_IMPORT} from orders o join returns x on x.source = o.source and x.order_id = o.order_id "
        f"join imports i on i.id = x.import_id where o.customer_id in ({marks(customers)}) and o.superseded_by is null "
        f"and {_STANDS} order by x.returned_at desc, x.id desc limit ?",
        (*customers, ALL if limit is None else limit),
    )
    return _brought(rows)


def _by_decision(
    c: Connection, table: str, identities: Sequence[str], limit: int | None, order: str
) -> list[dict[str, Any]]:
    """Read what hangs on decisions for a person, also where the decision was made without using who they are."""
    names = marks(identities)
    rows = c.execute(
        f"select x.* from (select decision_id from decisions where identity in ({names}) union "
        f"select decision_id from decision_people where identity in ({names})) d "
        f"join {table} x on x.decision_id = d.decision_id order by {order} limit ?",
        (*identities, *identities, ALL if limit is None else limit),
    )
    return _named(rows)


def _named(rows: Cursor) -> list[dict[str, Any]]:
    kept = [(place, name) for place, name in enumerate(_columns(rows)) if name not in _OURS]
    return [{name: value for place, name in kept if (value := row[place]) is not None} for row in rows]


def _brought(rows: Cursor) -> list[dict[str, Any]]:
    """Name the values of rows whose last columns tell of their import."""
    kept = [(place, name) for place, name in enumerate(_columns(rows)[: -len(_BROUGHT)]) if name not in _OURS]
    return [
        {name: value for place, name in kept if (value := row[place]) is not None}
        | {"provenance": dict(zip(_BROUGHT, row[-len(_BROUGHT) :], strict=True))}
        for row in rows
    ]


def _columns(rows: Cursor) -> list[str]:
    return [column[0] for column in rows.description]
