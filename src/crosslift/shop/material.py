"""What a learning run reads, gathered from records and frames; variants are counted as their product everywhere."""

import pyarrow as pa
import pyarrow.compute as pc

from crosslift.collect import behavior
from crosslift.learn.material import Material
from crosslift.store.frames import Frames
from crosslift.store.ports import Records

SUBSCRIPTION_COLUMNS = (
    "subscription_id", "customer_id", "account_id", "product_id", "status", "started_at", "renews_at", "ended_at",
)  # fmt: skip
USAGE_COLUMNS = ("customer_id", "product_id", "meter", "value", "unit", "at")
LINK_COLUMNS = ("from_id", "to_id", "kind", "action", "reason", "author", "value", "expires_at")
CASE_COLUMNS = ("product_id", "cost_micros", "currency")
BUNDLE_COLUMNS = (
    "bundle_id", "product_id", "role", "quantity", "kind", "price_micros", "discount_percent", "currency", "title",
    "titles", "min_parts", "is_active",
)  # fmt: skip


def gather(
    lines: pa.Table, products: pa.Table, returns: pa.Table, records: Records, frames: Frames, now: int
) -> Material:
    """Read everything a run learns from.

    Parameters
    ----------
    lines, products, returns : pa.Table
        Cleaned order lines, the catalog with live values, and what came back.
    now : int
        Microseconds UTC; links that have expired by then are left out.
    """
    parents = _parents(products)
    events = frames.events()
    _, links = records.links(now)
    _, bundles = records.bundles()
    return Material(
        lines=lines,
        products=products,
        returns=_mapped(returns, parents),
        views=_mapped(behavior.views_of(events), parents),
        searches=behavior.searches_of(events),
        reads=_mapped(behavior.reads_of(events), parents),
        subscriptions=_mapped(frames.subscriptions().select(SUBSCRIPTION_COLUMNS), parents),
        usage=_mapped(frames.usage().select(USAGE_COLUMNS), parents),
        links=links.select(LINK_COLUMNS),
        bundles=bundles.select(BUNDLE_COLUMNS),
        cases=_mapped(records.table("cases", CASE_COLUMNS, "product_id is not null"), parents),
    )


def _parents(products: pa.Table) -> pa.Table:
    """Give variants and their products."""
    return products.select(["product_id", "parent_id"]).filter(pc.is_valid(products.column("parent_id")))


def _mapped(table: pa.Table, parents: pa.Table) -> pa.Table:
    """Count a variant as its product."""
    if parents.num_rows == 0 or table.num_rows == 0:
        return table
    given = table.column("product_id")
    place = pc.index_in(given, value_set=parents.column("product_id").combine_chunks())
    product = pc.if_else(pc.is_valid(place), pc.take(parents.column("parent_id"), place), given)
    return table.set_column(table.schema.get_field_index("product_id"), "product_id", product)
