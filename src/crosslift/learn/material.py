"""Everything a learning run reads, as Arrow tables; what a shop does not have is an empty table."""

from dataclasses import dataclass, field

import pyarrow as pa

INSTANT = pa.int64()
"""Microseconds since 1970, UTC."""


def _empty(**columns: pa.DataType) -> pa.Table:
    return pa.table({name: pa.array([], kind) for name, kind in columns.items()})


def _views() -> pa.Table:
    return _empty(identity=pa.string(), product_id=pa.string(), at=INSTANT)


def _searches() -> pa.Table:
    return _empty(identity=pa.string(), query=pa.string(), at=INSTANT)


def _reads() -> pa.Table:
    return _empty(identity=pa.string(), content_id=pa.string(), title=pa.string(), product_id=pa.string(), at=INSTANT)


def _subscriptions() -> pa.Table:
    return _empty(
        subscription_id=pa.string(), customer_id=pa.string(), account_id=pa.string(), product_id=pa.string(),
        status=pa.string(), started_at=INSTANT, renews_at=INSTANT, ended_at=INSTANT,
    )  # fmt: skip


def _usage() -> pa.Table:
    return _empty(
        customer_id=pa.string(),
        product_id=pa.string(),
        meter=pa.string(),
        value=pa.float64(),
        unit=pa.string(),
        at=INSTANT,
    )


def _links() -> pa.Table:
    return _empty(
        from_id=pa.string(), to_id=pa.string(), kind=pa.string(), action=pa.string(), reason=pa.string(),
        author=pa.string(), value=pa.string(), expires_at=INSTANT,
    )  # fmt: skip


def _bundles() -> pa.Table:
    return _empty(
        bundle_id=pa.string(), product_id=pa.string(), role=pa.string(), quantity=pa.int64(), kind=pa.string(),
        price_micros=pa.int64(), discount_percent=pa.float64(), currency=pa.string(), title=pa.string(),
        titles=pa.string(), is_active=pa.bool_(),
    )  # fmt: skip


def _returns() -> pa.Table:
    return _empty(
        source=pa.string(), order_id=pa.string(), product_id=pa.string(), quantity=pa.int64(), returned_at=INSTANT,
        reason=pa.string(),
    )  # fmt: skip


def _cases() -> pa.Table:
    return _empty(product_id=pa.string(), cost_micros=pa.int64(), currency=pa.string())


@dataclass(frozen=True, slots=True)
class Material:
    """The facts one run learns from; variants are mapped to their product everywhere, instants are microseconds UTC.

    Attributes
    ----------
    lines : pa.Table
        Cleaned order lines: source, order_id, product_id, customer_id, ordered_at, market, channel, quantity, ...
    products : pa.Table
        The catalog with live values, variants included.
    views, searches, reads : pa.Table
        What people looked at, searched for and read; `identity` is ``customer:<id>`` or ``anonymous:<id>``.
    subscriptions, usage : pa.Table
        Contracts and plans held; readings of meters (km, pages, hours).
    returns : pa.Table
        What came back.
    links, bundles : pa.Table
        What the merchant wrote down: curated links and sets, one row a part.
    cases : pa.Table
        Service cases that name a product.
    """

    lines: pa.Table
    products: pa.Table
    returns: pa.Table = field(default_factory=_returns)
    views: pa.Table = field(default_factory=_views)
    searches: pa.Table = field(default_factory=_searches)
    reads: pa.Table = field(default_factory=_reads)
    subscriptions: pa.Table = field(default_factory=_subscriptions)
    usage: pa.Table = field(default_factory=_usage)
    links: pa.Table = field(default_factory=_links)
    bundles: pa.Table = field(default_factory=_bundles)
    cases: pa.Table = field(default_factory=_cases)
