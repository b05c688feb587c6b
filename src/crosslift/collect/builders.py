"""Which builder makes the rows of which dataset."""

from collections.abc import Callable, Mapping
from functools import partial

from crosslift.collect import curated, facts, holdings, people, rows
from crosslift.collect.rows import Builder
from crosslift.collect.schemas import Schema

BUILDERS: Mapping[str, Callable[[str, str], Builder]] = {
    "orders": rows.OrderRows,
    "returns": rows.ReturnRows,
    "products": rows.ProductRows,
    "customers": people.CustomerRows,
    "consents": people.ConsentRows,
    "links": curated.LinkRows,
    "bundles": curated.BundleRows,
    "subscriptions": holdings.SubscriptionRows,
    "usage": holdings.UsageRows,
    **{dataset: partial(facts.FactRows, fact) for dataset, fact in facts.FACTS.items()},
}


def builder(schema: Schema, source: str, place: str = "row {}") -> Builder:
    """Give the row builder of a dataset.

    Parameters
    ----------
    source : str
        Names the system rows come from where they do not say so themselves.
    place : str
        How a row is called in a message, with its number in the braces.
    """
    return BUILDERS[schema.dataset](source, place)
