"""The shop's own lists: what it wants beside each product, in its own order; nothing is tested and nothing is claimed but that.

A list of a variant is its product's where that has none; ids nobody knows, and the product itself, lead nowhere. The order stays:
the first of three has rank 1 and comes before all others of the same list.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from crosslift.learn.catalog import Catalog
from crosslift.learn.products.links import Links

KIND = "own_list"
ATTRIBUTE = "recommended_ids"
COLUMNS = ("rank", "n_listed")


def find_own_lists(catalog: Catalog, products: pa.Table) -> Links:
    """Read the lists of a catalog.

    Parameters
    ----------
    products : pa.Table
        product_id, parent_id, attributes of every product and variant.

    Returns
    -------
    Links
        `rank` counts from 1 among the products that are known, `n_listed` says how many these are.
    """
    said = _said(products)
    if not said:
        return Links.none(KIND, COLUMNS)
    index, parents = catalog.index, _parents(products)
    lists: dict[int, list[int]] = {}
    for name, ids in sorted(said.items(), key=lambda one: (one[0] in parents, one[0])):  # a product before its variants
        start = index.get(parents.get(name, name))
        if start is not None and start not in lists:
            lists[start] = [end for end in _places(ids, index, parents) if end != start]
    sizes = np.array([len(ends) for ends in lists.values()], dtype=np.int64)
    starts = np.repeat(np.array(list(lists), dtype=np.int32), sizes)
    ends = np.array([end for ends in lists.values() for end in ends], dtype=np.int32)
    ranks = np.array([rank for n in sizes.tolist() for rank in range(1, n + 1)], dtype=np.float64)
    columns = {"rank": ranks, "n_listed": np.repeat(sizes, sizes).astype(np.float64)}
    return Links(KIND, starts, ends, 1.0 / ranks if len(ranks) else ranks, columns).in_order()


def has_own_lists(products: pa.Table) -> bool:
    """Tell whether any product names what goes beside it."""
    return bool(_said(products))


def _said(products: pa.Table) -> dict[str, list[str]]:
    """Give the list of every product and variant that has one."""
    if not {"product_id", "attributes"} <= set(products.column_names):
        return {}
    holds = pc.fill_null(pc.match_substring(products.column("attributes"), f'"{ATTRIBUTE}"'), False)
    rows = products.filter(holds).select(["product_id", "attributes"]).to_pylist()
    found = {row["product_id"]: _listed(msgspec.json.decode(row["attributes"])) for row in rows}
    return {name: ids for name, ids in found.items() if ids}


def _listed(attributes: Mapping[str, Any]) -> list[str]:
    ids = attributes.get(ATTRIBUTE)
    return [str(one) for one in ids] if isinstance(ids, list) else []


def _parents(products: pa.Table) -> dict[str, str]:
    if "parent_id" not in products.column_names:
        return {}
    has_one = products.filter(pc.is_valid(products.column("parent_id")))
    ends = zip(has_one.column("product_id").to_pylist(), has_one.column("parent_id").to_pylist(), strict=True)
    return {name: parent for name, parent in ends if parent}


def _places(ids: Iterable[str], index: Mapping[str, int], parents: Mapping[str, str]) -> list[int]:
    """Give the places of known products, each once, in their order."""
    found = (index.get(parents.get(name, name)) for name in ids)
    return list(dict.fromkeys(place for place in found if place is not None))
