"""When people were last heard of: the newest fact of every identity but its events, and what binds it still."""

from collections.abc import Mapping

import pyarrow as pa

from crosslift.store.engine import Connection, as_arrow
from crosslift.store.erase import TOMBSTONE
from crosslift.store.keys import NEVER
from crosslift.store.sql_curation import RUNNING
from crosslift.store.tables import VISIBLE

INSTANTS: Mapping[str, tuple[str, ...]] = {
    "customers": ("created_at", "updated_at"), "consents": ("at",), "orders": ("ordered_at", "updated_at"),
    "order_lines": ("ordered_at", "updated_at"), "subscriptions": ("started_at", "ended_at", "updated_at"),
    "usage": ("at",), "activities": ("at",), "cases": ("opened_at", "closed_at", "updated_at"), "feedback": ("at",),
    "payments_failed": ("at", "updated_at"), "account_members": ("since", "updated_at"),
    "confirmations": ("at",),
}  # fmt: skip
"""Tables that name a customer, and the columns that say when something of them was so."""

_BEGINS = "substr(identity, 1, {}) = '{}'"
_NOBODY = " or ".join((
    f"identity = 'customer:{TOMBSTONE}'",
    *(_BEGINS.format(len(start), start) for start in (f"{TOMBSTONE}:", f"customer:{TOMBSTONE}:")),
))  # fmt: skip

LAST_HEARD = pa.schema([
    ("identity", pa.string()), ("at", pa.int64()), ("first_seen_at", pa.int64()), ("is_bound", pa.bool_()),
])  # fmt: skip

_NONE = "cast(null as bigint)"
_BESIDE = f"""
select 'customer:' || unit_id, at, {_NONE}, 0 from assignments where unit_kind = 'customer' and {VISIBLE}
union all select 'customer:' || unit_id, max(at, coalesce(outcome_at, at)), {_NONE}, 0 from logged_choices where {VISIBLE}
union all select first, at, {_NONE}, 0 from identity_evidence where origin <> 'customers' and {VISIBLE}
union all select second, at, {_NONE}, 0 from identity_evidence where origin <> 'customers' and {VISIBLE}
union all select 'customer:' || o.customer_id, r.returned_at, {_NONE}, 0
  from (select source, order_id, returned_at from returns where {VISIBLE}) r
  join (select source, order_id, customer_id from orders where customer_id is not null and {VISIBLE}) o
  on o.source = r.source and o.order_id = r.order_id
union all select d.identity, r.at, {_NONE}, 0
  from responses r join decisions d on d.decision_id = r.decision_id where d.identity is not null
union all select identity, at, {_NONE}, 0 from reactions where reaction <> 'seen'
union all select identity, {_NONE}, first_seen_at, 0 from identities
union all select 'customer:' || customer_id, {_NONE}, {_NONE}, 1
  from subscriptions s where customer_id is not null and {VISIBLE} and {RUNNING}
union all select 'customer:' || customer_id, {_NONE}, {_NONE}, 1
  from account_members where {VISIBLE} and (until is null or until > ?1) and account_id in
  (select account_id from subscriptions s where account_id is not null and {VISIBLE} and {RUNNING})
"""
"""Further facts about an identity; when it was first seen; whose contract runs, or that of an account of theirs."""


def newest(table: str) -> str:
    """Give the newest instant of a table's row as SQL; `NEVER` where it has none."""
    instants = [f"coalesce({name}, {NEVER})" for name in INSTANTS[table]]
    return instants[0] if len(instants) == 1 else f"max({', '.join(instants)})"


def last_heard(c: Connection, now: int) -> pa.Table:
    """Give the newest fact of every identity, events aside.

    Contacts' evidence that follows from customers' records is no fact of its own, nor is anything that we decided or showed:
    what somebody answered is.

    Returns
    -------
    pa.Table
        identity; `at`, null where no fact has a time; `first_seen_at`, null where no import told of it; `is_bound`, whether
        a contract runs at `now`, the person's own or that of an account the person is a member of.
    """
    named = " union all ".join(
        f"select 'customer:' || customer_id, {newest(table)}, {_NONE}, 0 from {table} "
        f"where customer_id is not null and {VISIBLE}"
        for table in INSTANTS
    )
    cursor = c.execute(
        f"with said (identity, at, first_seen_at, is_bound) as ({named} union all {_BESIDE}) "
        f"select identity, nullif(max(coalesce(at, {NEVER})), {NEVER}), max(first_seen_at), max(is_bound) "
        f"from said where not ({_NOBODY}) group by identity",
        (now,),
    )
    return as_arrow(cursor, LAST_HEARD)
