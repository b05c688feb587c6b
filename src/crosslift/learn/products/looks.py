"""The look: products of different roles that the catalog says belong together, one to choose for each role."""

from collections.abc import Mapping, Set
from typing import Any

import numpy as np
import numpy.typing as npt

from crosslift.domain.bundle import Bundle, BundleKind, Part
from crosslift.learn.catalog import Catalog

Array = npt.NDArray[Any]
Shared = tuple[tuple[str, str], ...]

MAX_LOOKS = 200
"""Looks kept at most, those of the most bought products."""

MAX_ROLES = 6
CHOICES_PER_ROLE = 6
"""Products that may fill one role, most bought first: a look is an idea, not a shelf."""


def find_looks(
    catalog: Catalog,
    item_counts: Array,
    can_be_part: Array,
    related: Set[tuple[str, str]],
    parted: Set[tuple[int, int]],
) -> list[Bundle]:
    """Propose looks from the catalog's attributes; roles are leaf categories.

    Products that name the same `look` make one as the merchant wrote it. Products that share `style` and `color`, or the one
    of them they have, make one where their categories are known to be bought together.

    Parameters
    ----------
    item_counts : int array, shape (items,)
        Baskets that hold each product.
    can_be_part : bool array, shape (items,)
        Whether a product can be sold in a set now.
    related : set of (str, str)
        Categories, in sorted order, with a tested complement between them.
    parted : set of (int, int)
        Items, in sorted order, that never stand in one set.

    Returns
    -------
    list of Bundle
        Without a price: their parts cost what they cost alone, until the merchant says otherwise.
    """
    found: list[tuple[int, Bundle]] = []
    for shared, items in sorted(_alike(catalog, item_counts, can_be_part).items()):
        roles = _roles(catalog, items, parted)
        if shared[0][0] != "look":
            roles = _connected(roles, related)
        if len(roles) >= 2:
            members = [item for of_role in roles.values() for item in of_role]
            found.append((int(item_counts[members].sum()), _bundle(catalog, shared, roles)))
    found.sort(key=lambda one: (-one[0], one[1].bundle_id))
    return [bundle for _, bundle in found[:MAX_LOOKS]]


def _alike(catalog: Catalog, item_counts: Array, can_be_part: Array) -> dict[Shared, list[int]]:
    """Collect the products with a category that share a look, or style and color, in one currency; most bought first."""
    alike: dict[Shared, list[int]] = {}
    for item in np.lexsort((np.arange(catalog.n_items), -np.asarray(item_counts))).tolist():
        if not can_be_part[item] or catalog.categories[item] is None:
            continue
        attributes, currency = catalog.attributes[item], ("currency", catalog.currencies[item] or "")
        for look in _values(attributes, "look"):
            alike.setdefault((("look", look), currency), []).append(item)
        traits = tuple((name, value) for name in ("style", "color") for value in _values(attributes, name)[:1])
        if traits:
            alike.setdefault((*traits, currency), []).append(item)
    return alike


def _values(attributes: Mapping[str, Any], name: str) -> list[str]:
    """Read an attribute that is one text or a list of them."""
    value = attributes.get(name)
    values = value if isinstance(value, list) else [value]
    return [str(one).strip().casefold() for one in values if one is not None and str(one).strip()]


def _roles(catalog: Catalog, items: list[int], parted: Set[tuple[int, int]]) -> dict[str, list[int]]:
    """Sort products into roles; what may not stand beside a more bought product of another role is left out."""
    roles: dict[str, list[int]] = {}
    for item in items:
        role = catalog.categories[item] or ""
        others = (other for name, chosen in roles.items() if name != role for other in chosen)
        if any((min(item, other), max(item, other)) in parted for other in others):
            continue
        if role in roles or len(roles) < MAX_ROLES:
            roles.setdefault(role, []).append(item)
    return {role: chosen[:CHOICES_PER_ROLE] for role, chosen in roles.items()}


def _connected(roles: dict[str, list[int]], related: Set[tuple[str, str]]) -> dict[str, list[int]]:
    """Keep the roles that go with one kept before; red kettles and red scarves make no look."""
    starts = [name for name in roles if any((min(name, other), max(name, other)) in related for other in roles)]
    kept = starts[:1]
    while added := [
        name for name in roles if name not in kept and any((min(name, o), max(name, o)) in related for o in kept)
    ]:
        kept.extend(added)
    return {name: chosen for name, chosen in roles.items() if name in kept}


def _bundle(catalog: Catalog, shared: Shared, roles: Mapping[str, list[int]]) -> Bundle:
    traits = [(name, value) for name, value in shared if name != "currency"]
    parts = tuple(Part(catalog.products[item], role) for role, items in roles.items() for item in items)
    return Bundle(
        "look:" + "+".join(f"{name}={value}" for name, value in shared if value),
        BundleKind.LOOK,
        parts,
        len(roles),
        {"": " · ".join(value for _, value in traits)},
        evidence={"basis": "alike", "shared": [{"attribute": name, "value": value} for name, value in traits]},
    )
