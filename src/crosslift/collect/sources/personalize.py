"""Data sets of Amazon Personalize: interactions, items, users, as its import jobs take them (CSV, upper-case columns)."""

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from crosslift.collect.rows import as_json
from crosslift.collect.schemas import CUSTOMERS, PRODUCTS
from crosslift.collect.sources.interactions import UNNAMED, Interaction, instant
from crosslift.collect.sources.source import Columns, Export, Source
from crosslift.errors import BadInput

NAME = "Amazon Personalize"
NEEDED = frozenset({"USER_ID", "ITEM_ID", "TIMESTAMP"})
"""What every interactions data set has."""
_OWN = {*NEEDED, "EVENT_TYPE", "EVENT_VALUE", "RECOMMENDATION_ID", "IMPRESSION"}
_TEXTS: Mapping[str, tuple[str, ...]] = {
    "title": ("TITLE", "NAME", "ITEM_NAME", "PRODUCT_NAME"),
    "price": ("PRICE",),
    "currency": ("CURRENCY",),
    "brand": ("BRAND",),
    "stock": ("STOCK", "QUANTITY_AVAILABLE"),
    "url": ("URL",),
    "image": ("IMAGE", "IMAGE_URL"),
}
LEVELS = ("CATEGORY_L1", "CATEGORY_L2", "CATEGORY_L3", "CATEGORY_L4", "CATEGORY_L5")
_TAKEN = {name for names in _TEXTS.values() for name in names}


def interaction_of(row: Mapping[str, str | None], where: str) -> Interaction:
    """Read one row of an interactions data set.

    Raises
    ------
    BadInput
        For a row without user, item or instant.
    """
    user, item, at = row.get("USER_ID"), row.get("ITEM_ID"), row.get("TIMESTAMP")
    if not user or not item or not at:
        raise BadInput("an interaction needs USER_ID, ITEM_ID and TIMESTAMP", where=where)
    value = row.get("EVENT_VALUE")
    try:
        number = float(value) if value else None
    except ValueError:
        raise BadInput(f"EVENT_VALUE {value!r} is no number", where=where) from None
    return Interaction(
        row.get("EVENT_TYPE") or UNNAMED, instant(at, where), user, item, value=number,
        properties={name: cell for name, cell in row.items() if name not in _OWN and cell},
    )  # fmt: skip


def product_of(item_id: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    """Give an item in canonical columns; what we have no column for is kept as an attribute under the vendor's name.

    Examples
    --------
    >>> found = product_of("A", {"PRICE": 3, "categoryL1": "tea", "CATEGORY_L2": "pots", "COLOR": "red"})
    >>> found["price"], found["category"], found["attributes"]["COLOR"]
    (3, 'tea/pots', 'red')
    """
    given = {_upper(name): value for name, value in properties.items()}
    product: dict[str, Any] = {"product_id": item_id}
    product["attributes"] = {name: value for name, value in given.items() if name not in _TAKEN and value is not None}
    for target, names in _TEXTS.items():
        value = next((given[name] for name in names if given.get(name) is not None), None)
        if value is not None:
            product[target] = value if target in ("price", "stock") else str(value)
    category = "/".join(str(given[level]) for level in LEVELS if given.get(level))
    if category:
        product["category"] = category
    return product


def _upper(name: str) -> str:
    """Write a property's name as the column of its data set: the API has camel case."""
    if name.isupper():
        return name
    text = "".join(f"_{c}" if c.isupper() and i and not name[i - 1].isupper() else c for i, c in enumerate(name))
    return text.upper()


class Items(Export):
    """Reads an items data set."""

    def computed(self, given: Columns, columns: Columns) -> Columns:
        """Join the levels of the category; name items without a title by their id."""
        n = len(given["ITEM_ID"])
        nothing = pa.nulls(n, pa.string())
        levels = [given[name].to_pylist() for name in LEVELS if name in given]
        kept = {name: given[name].to_pylist() for name in given if name not in _TAKEN and name != "ITEM_ID"}
        category = ["/".join(level[i] for level in levels if level[i]) or None for i in range(n)]
        attributes = [as_json({name: cells[i] for name, cells in kept.items() if cells[i]}) for i in range(n)]
        return {
            "title": pc.coalesce(columns.get("title", nothing), given["ITEM_ID"]),
            "price": columns.get("price", nothing),
            "category": pa.array(category, pa.string()),
            "attributes": pa.array(attributes, pa.string()),
        }


class Users(Export):
    """Reads a users data set: all of its columns are traits."""

    def computed(self, given: Columns, columns: Columns) -> Columns:
        """Keep the other columns as traits, under the vendor's names."""
        return {name: column for name, column in given.items() if name != "USER_ID"}


class ItemSource(Source):
    """Recognizes an items data set: upper-case columns, items and nobody who did anything with them."""

    def find_mapping(self, columns: Sequence[str]) -> dict[str, str] | None:
        """Give the canonical-to-file names, or None where it is something else."""
        there = set(columns)
        if there & {"USER_ID", "TIMESTAMP"} or any(name != name.upper() for name in columns):
            return None
        return super().find_mapping(columns)


class UserSource(Source):
    """Recognizes a users data set."""

    def find_mapping(self, columns: Sequence[str]) -> dict[str, str] | None:
        """Give the canonical-to-file names, or None where it is something else."""
        there = set(columns)
        if there & {"ITEM_ID", "TIMESTAMP"} or any(name != name.upper() for name in columns):
            return None
        return super().find_mapping(columns)


ITEMS = ItemSource(
    name=NAME, schema=PRODUCTS, signature=frozenset({"ITEM_ID"}), names={"product_id": ("ITEM_ID",), **_TEXTS},
    renamer=Items,
)  # fmt: skip
USERS = UserSource(
    name=NAME, schema=CUSTOMERS, signature=frozenset({"USER_ID"}), names={"customer_id": ("USER_ID",)}, renamer=Users
)
