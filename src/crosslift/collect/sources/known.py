"""The exports we know, the most telling first: recognition takes the first whose header fits."""

from collections.abc import Sequence

from crosslift.collect.sources import (
    cafe24,
    ec_cube,
    gorse,
    merchant_feed,
    personalize,
    rakuten,
    retail,
    shopify_customers,
    shopify_orders,
    shopify_products,
    smartstore,
    woocommerce_customers,
    woocommerce_orders,
    woocommerce_products,
)
from crosslift.collect.sources.source import Source

SOURCES: tuple[Source, ...] = (
    shopify_orders.SOURCE,
    shopify_products.SOURCE,
    shopify_products.NEWER,
    shopify_customers.SOURCE,
    woocommerce_orders.SOURCE,
    woocommerce_products.SOURCE,
    woocommerce_customers.SOURCE,
    merchant_feed.SOURCE,
    smartstore.SOURCE,
    cafe24.SOURCE,
    ec_cube.SOURCE,
    rakuten.SOURCE,
    retail.SOURCE,
    gorse.ITEMS,
    gorse.USERS,
    personalize.ITEMS,
    personalize.USERS,
)


def find(columns: Sequence[str], more: Sequence[Source] = ()) -> tuple[Source, dict[str, str]] | None:
    """Give the export these columns belong to, with the canonical-to-file names; None where we know none.

    Parameters
    ----------
    more : sequence of Source
        Those that plugins bring; they are asked after ours.
    """
    for source in (*SOURCES, *more):
        names = source.find_mapping(columns)
        if names is not None:
            return source, names
    return None
