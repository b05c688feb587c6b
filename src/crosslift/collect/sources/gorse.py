"""Data of Gorse: items, users and feedback, as its bulk export writes them (JSON lines) and as CSV."""

from collections.abc import Mapping
from typing import Any

import msgspec
import pyarrow as pa

from crosslift.collect.schemas import CUSTOMERS, PRODUCTS
from crosslift.collect.sources.interactions import Interaction, instant
from crosslift.collect.sources.retail import object_of
from crosslift.collect.sources.source import Columns, Export, Source
from crosslift.errors import BadInput

NAME = "Gorse"
_LABELS = ("title", "price", "currency", "stock", "brand")
"""Labels that mean what our columns mean."""
NEEDED = frozenset({"FeedbackType", "UserId", "ItemId", "Timestamp"})
"""What every feedback has."""


def interaction_of(row: Mapping[str, Any], where: str, now: str | None = None) -> Interaction:
    """Read one feedback.

    Parameters
    ----------
    now : str, optional
        Instant of a feedback that names none; without it such a feedback is refused.

    Raises
    ------
    BadInput
        For one without type, user, item or instant.
    """
    kind, user, item = row.get("FeedbackType"), row.get("UserId"), row.get("ItemId")
    at = row.get("Timestamp") or now
    if not kind or not user or not item or not at:
        raise BadInput("a feedback needs FeedbackType, UserId, ItemId and Timestamp", where=where)
    said = {name.casefold(): row[name] for name in ("Comment", "Labels") if row.get(name)}
    try:
        weight = float(row.get("Value") or 0)
    except (TypeError, ValueError):
        raise BadInput("Value is no number", where=where) from None
    if weight:
        said["value"] = weight
    return Interaction(str(kind), instant(at, where), str(user), str(item), properties=said)


def product_of(item: Mapping[str, Any], where: str) -> dict[str, Any]:
    """Give an item in canonical columns. Gorse knows no title, price or stock: labels may name them.

    Raises
    ------
    BadInput
        For one without ItemId.

    Examples
    --------
    >>> found = product_of({"ItemId": "A", "Categories": ["tea"], "Labels": {"price": 4}, "IsHidden": True}, "items[0]")
    >>> found["category"], found["price"], found["active"]
    ('tea', 4, False)
    """
    if not item.get("ItemId"):
        raise BadInput("an item needs ItemId", where=where)
    found: dict[str, Any] = {"product_id": str(item["ItemId"])}
    if item.get("IsHidden") is not None:
        found["active"] = item["IsHidden"] in (False, "false", "0", "")
    categories, labels = item.get("Categories"), item.get("Labels")
    if isinstance(categories, list) and categories:
        found["category"] = str(categories[0])
    if item.get("Comment"):
        found["title"] = str(item["Comment"])
    found["attributes"] = {
        name: item[name] for name in ("Categories", "Labels", "Comment", "Timestamp") if item.get(name)
    }
    told = labels if isinstance(labels, dict) else {}
    named = {name: told[name] for name in _LABELS if isinstance(told.get(name), str | int | float)}
    return found | named


class Items(Export):
    """Reads an export of items."""

    def computed(self, given: Columns, columns: Columns) -> Columns:
        """Take each item apart as the API's door does."""
        found = [product_of(row, "items") for row in _rows(given)]
        for one in found:
            one.setdefault("title", one["product_id"])
        names = ("product_id", "title", "price", "currency", "stock", "brand", "category", "active", "attributes")
        texts = {name: pa.array([_text(one.get(name)) for one in found], pa.string()) for name in names}
        if not any(one.get("currency") for one in found):
            del texts["currency"]
        return texts


class Users(Export):
    """Reads an export of users."""

    def computed(self, given: Columns, columns: Columns) -> Columns:
        """Keep labels and comment as traits."""
        traits = [{n: row[n] for n in ("Labels", "Comment") if row.get(n)} for row in _rows(given)]
        return {"traits": pa.array([_text(one) for one in traits], pa.string())}


def _rows(given: Columns) -> list[dict[str, Any]]:
    names = list(given)
    return [
        object_of(dict(zip(names, row, strict=True)))
        for row in zip(*(c.to_pylist() for c in given.values()), strict=True)
    ]


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return msgspec.json.encode(value).decode()


ITEMS = Source(
    name=NAME,
    schema=PRODUCTS,
    signature=frozenset({"ItemId", "IsHidden"}),
    names={"product_id": ("ItemId",), "title": ("Comment",), "price": ("Labels",)},
    renamer=Items,
)
USERS = Source(
    name=NAME,
    schema=CUSTOMERS,
    signature=frozenset({"UserId", "Labels"}),
    names={"customer_id": ("UserId",)},
    renamer=Users,
)
