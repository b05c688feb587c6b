"""Everything a run about customers reads, as Arrow tables; what a shop does not have is an empty table.

Rows stand under the identity that was seen. Who is who is a table beside them, so a person is a sum over identities.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields, replace

import pyarrow as pa
import pyarrow.compute as pc

from crosslift.domain.identity import IdentityKind

CUSTOMER = f"{IdentityKind.CUSTOMER}:"
"""What an identity begins with that is a customer id."""

_TEXT, _WHOLE, _NUMBER = pa.string(), pa.int64(), pa.float64()

COLUMNS: Mapping[str, Mapping[str, pa.DataType]] = {
    "lines": {
        "source": _TEXT, "order_id": _TEXT, "customer_id": _TEXT, "product_id": _TEXT, "variant_id": _TEXT,
        "ordered_at": _WHOLE, "quantity": _WHOLE, "kept": _WHOLE, "unit_price_micros": _WHOLE, "currency": _TEXT,
        "discount_micros": _WHOLE, "tax_micros": _WHOLE, "market": _TEXT, "channel": _TEXT,
    },
    "products": {
        "product_id": _TEXT, "parent_id": _TEXT, "category": _TEXT, "brand": _TEXT, "cost_micros": _WHOLE,
        "currency": _TEXT,
    },
    "returns": {
        "source": _TEXT, "order_id": _TEXT, "product_id": _TEXT, "quantity": _WHOLE, "returned_at": _WHOLE,
        "refund_micros": _WHOLE, "currency": _TEXT,
    },
    "people": {"identity": _TEXT, "person_id": _TEXT},
    "customers": {
        "customer_id": _TEXT, "locale": _TEXT, "market": _TEXT, "created_at": _WHOLE, "traits": _TEXT,
    },
    "events": {"identity": _TEXT, "name": _TEXT, "product_id": _TEXT, "at": _WHOLE, "properties": _TEXT},
    "subscriptions": {
        "subscription_id": _TEXT, "customer_id": _TEXT, "account_id": _TEXT, "product_id": _TEXT, "status": _TEXT,
        "started_at": _WHOLE, "ended_at": _WHOLE,
    },
    "usage": {"customer_id": _TEXT, "product_id": _TEXT, "at": _WHOLE},
    "activities": {
        "at": _WHOLE, "kind": _TEXT, "customer_id": _TEXT, "account_id": _TEXT, "direction": _TEXT,
        "duration_minutes": _NUMBER,
    },
    "cases": {
        "case_id": _TEXT, "customer_id": _TEXT, "account_id": _TEXT, "opened_at": _WHOLE, "closed_at": _WHOLE,
        "status": _TEXT, "cost_micros": _WHOLE, "currency": _TEXT,
    },
    "feedback": {
        "feedback_id": _TEXT, "at": _WHOLE, "customer_id": _TEXT, "kind": _TEXT, "rating": _NUMBER, "scale": _NUMBER,
        "sentiment": _NUMBER, "sentiment_confidence": _NUMBER,
    },
    "payments_failed": {
        "at": _WHOLE, "customer_id": _TEXT, "amount_micros": _WHOLE, "currency": _TEXT, "status": _TEXT,
    },
    "accounts": {"account_id": _TEXT, "kind": _TEXT},
    "account_members": {"account_id": _TEXT, "customer_id": _TEXT, "since": _WHOLE, "until": _WHOLE},
    "exchange_rates": {"rated_on": _WHOLE, "currency": _TEXT, "rate": _NUMBER},
}  # fmt: skip
"""The columns read of each table; others may be there. Instants are microseconds UTC, `rated_on` days since 1970."""


def _nothing(table: str) -> Callable[[], pa.Table]:
    return lambda: pa.table({name: pa.array([], kind) for name, kind in COLUMNS[table].items()})


@dataclass(frozen=True, slots=True)
class CustomerMaterial:
    """The facts one run about customers learns from; the columns of each table are in `COLUMNS`.

    Attributes
    ----------
    lines : pa.Table
        What was sold and how much of it was kept, as `collect.cleaning.sold` gives it.
    products : pa.Table
        The catalog, variants included.
    returns : pa.Table
        What came back; rows without an order count for their product only.
    people : pa.Table
        The person of each identity that belongs to another's; whoever is not named is a person of their own.
    events : iterable of pa.Table
        Everything seen, part by part: read once, one part in memory at a time.
    """

    lines: pa.Table = field(default_factory=_nothing("lines"))
    products: pa.Table = field(default_factory=_nothing("products"))
    returns: pa.Table = field(default_factory=_nothing("returns"))
    people: pa.Table = field(default_factory=_nothing("people"))
    customers: pa.Table = field(default_factory=_nothing("customers"))
    events: Iterable[pa.Table] = ()
    subscriptions: pa.Table = field(default_factory=_nothing("subscriptions"))
    usage: pa.Table = field(default_factory=_nothing("usage"))
    activities: pa.Table = field(default_factory=_nothing("activities"))
    cases: pa.Table = field(default_factory=_nothing("cases"))
    feedback: pa.Table = field(default_factory=_nothing("feedback"))
    payments_failed: pa.Table = field(default_factory=_nothing("payments_failed"))
    accounts: pa.Table = field(default_factory=_nothing("accounts"))
    account_members: pa.Table = field(default_factory=_nothing("account_members"))
    exchange_rates: pa.Table = field(default_factory=_nothing("exchange_rates"))

    def of(self, people: Iterable[str]) -> "CustomerMaterial":
        """Give what concerns some people; the catalog, rates and accounts as a whole.

        Parameters
        ----------
        people : iterable of str
            Person ids.
        """
        wanted = pa.array(sorted(set(people)), _TEXT)
        joined = self.people.filter(pc.is_in(self.people.column("person_id"), value_set=wanted))
        moved = wanted.filter(pc.is_in(wanted, value_set=_array(self.people.column("identity"))))
        own = wanted.filter(pc.invert(pc.is_in(wanted, value_set=moved)))
        identities = pc.unique(pa.concat_arrays([own, _array(joined.column("identity"))]))
        customers = pc.utf8_slice_codeunits(
            identities.filter(pc.starts_with(identities, CUSTOMER)), start=len(CUSTOMER)
        )
        members = _rows(self.account_members, "customer_id", customers)
        accounts = pc.unique(_array(members.column("account_id")))
        chosen = {name: _rows(getattr(self, name), "customer_id", customers) for name in _BY_CUSTOMER}
        for name in ("subscriptions", "activities", "cases"):
            table = getattr(self, name)
            of_account = pc.and_(_is_in(table, "account_id", accounts), pc.is_null(table.column("customer_id")))
            chosen[name] = table.filter(pc.or_(_is_in(table, "customer_id", customers), of_account))
        orders = pc.unique(_array(chosen["lines"].column("order_id")))
        return replace(
            self,
            people=joined,
            events=[_rows(part, "identity", identities) for part in self.events],
            returns=_rows(self.returns, "order_id", orders),
            account_members=members,
            **chosen,
        )

    def newest(self) -> int:
        """Give the instant of the newest fact but events; 0 where there is none."""
        instants = (pc.max(getattr(self, table).column(name)).as_py() for table, name in HAPPENED)
        return max((at for at in instants if at is not None), default=0)


_BY_CUSTOMER = ("lines", "customers", "usage", "feedback", "payments_failed")
HAPPENED = (
    ("lines", "ordered_at"), ("returns", "returned_at"), ("customers", "created_at"), ("subscriptions", "started_at"),
    ("usage", "at"), ("activities", "at"), ("cases", "opened_at"), ("feedback", "at"), ("payments_failed", "at"),
)  # fmt: skip
"""What tells that time has passed."""


def until(material: CustomerMaterial, as_of: int | None) -> CustomerMaterial:
    """Leave out what happened later, but for events, which are read part by part; None leaves nothing out."""
    if as_of is None:
        return material
    past = {}
    for name, at in HAPPENED:
        table = getattr(material, name)
        if (pc.max(table.column(at)).as_py() or 0) > as_of:
            past[name] = table.filter(pc.fill_null(pc.less_equal(table.column(at), as_of), True))
    return replace(material, **past)


def missing_columns(material: CustomerMaterial) -> list[str]:
    """Name the columns a run reads that are not there, as `table.column`."""
    return [
        f"{table.name}.{column}"
        for table in fields(material)
        if table.name != "events"
        for column in COLUMNS[table.name]
        if column not in getattr(material, table.name).column_names
    ]


def _array(column: pa.ChunkedArray) -> pa.Array:
    whole = column.combine_chunks()
    return whole.dictionary_decode() if pa.types.is_dictionary(whole.type) else whole


def _is_in(table: pa.Table, column: str, values: pa.Array) -> pa.ChunkedArray:
    return pc.fill_null(pc.is_in(table.column(column), value_set=values.drop_null()), False)


def _rows(table: pa.Table, column: str, values: pa.Array) -> pa.Table:
    return table.filter(_is_in(table, column, values))
