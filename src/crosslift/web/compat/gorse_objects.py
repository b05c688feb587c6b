"""Items, users and feedback as Gorse writes them."""

from datetime import UTC, datetime
from typing import Any

import msgspec

from crosslift.collect.sources.interactions import event_name
from crosslift.domain.catalog import Product
from crosslift.web.problems import Problem
from crosslift.web.served import ServedShop

NEWEST = 1_000
"""So many of a user's newest events are listed."""
_NEVER = "0001-01-01T00:00:00Z"
_LABELS = ("title", "price", "currency", "stock", "brand")


def item(served: ServedShop, item_id: str) -> dict[str, Any]:
    """Give one item.

    Raises
    ------
    Problem
        404 for one nobody knows.
    """
    product = served.catalog.find(item_id)
    if product is None:
        raise Problem(404, "not_found", f"item {item_id!r} not found")
    return _item(served, product)


def _item(served: ServedShop, product: Product) -> dict[str, Any]:
    said, row = product.attributes, served.overlay().row(product.product_id)
    labels = said.get("Labels")
    if labels is None:
        price = f"{row.price_micros / 1e6:g}" if row is not None and row.price_micros is not None else None
        told = {
            "title": product.title,
            "price": price,
            "currency": row.currency if row else None,
            "brand": product.brand,
        }
        labels = {name: told[name] for name in _LABELS if told.get(name) is not None}
    return {
        "ItemId": product.product_id, "IsHidden": row is not None and not row.is_active,
        "Categories": said.get("Categories") or ([product.category] if product.category else []),
        "Timestamp": said.get("Timestamp") or _NEVER, "Labels": labels, "Comment": said.get("Comment") or product.title,
    }  # fmt: skip


def item_page(served: ServedShop, cursor: str, n: int, query: str = "") -> dict[str, Any]:
    """Give items by id, or those whose title has a text in it."""
    products = served.catalog.products
    wanted = query.casefold()
    ids = sorted(name for name in products if name > cursor and wanted in products[name].title.casefold())
    some = ids[:n]
    return {
        "Cursor": some[-1] if len(ids) > n and some else "",
        "Items": [_item(served, products[name]) for name in some],
    }


def user(served: ServedShop, user_id: str) -> dict[str, Any]:
    """Give one user.

    Raises
    ------
    Problem
        404 for one nobody knows.
    """
    rows = _rows(served, "customer_id = ?", [user_id])
    if not rows:
        if served.shop.records.person(f"customer:{user_id}").is_known:
            return _user({"customer_id": user_id, "traits": None})
        raise Problem(404, "not_found", f"user {user_id!r} not found")
    return _user(rows[0])


def user_page(served: ServedShop, cursor: str, n: int) -> dict[str, Any]:
    """Give users by id."""
    rows = sorted(_rows(served, "customer_id > ?", [cursor]), key=lambda row: str(row["customer_id"]))
    some = rows[:n]
    return {"Cursor": some[-1]["customer_id"] if len(rows) > n and some else "", "Users": [_user(row) for row in some]}


def _rows(served: ServedShop, where: str, values: list[Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = served.shop.records.table(
        "customers", ["customer_id", "traits"], where, values
    ).to_pylist()
    return found


def _user(row: dict[str, Any]) -> dict[str, Any]:
    traits = msgspec.json.decode(row["traits"]) if row["traits"] else {}
    rest = {name: value for name, value in traits.items() if name not in ("Labels", "Comment")}
    return {
        "UserId": row["customer_id"],
        "Labels": traits.get("Labels") or rest or None,
        "Comment": traits.get("Comment") or "",
    }


def feedback_of(served: ServedShop, user_id: str, kind: str = "") -> list[dict[str, Any]]:
    """Give a user's newest feedback, of one type or all; orders as one feedback a product."""
    person = served.shop.records.person(f"customer:{user_id}")
    about = served.shop.records.about(person.identities or [f"customer:{user_id}"], NEWEST)
    wanted = event_name(kind) if kind else None
    found = []
    for event in about.get("events", ()):
        if wanted is not None and event["name"] != wanted:
            continue
        said = msgspec.json.decode(event["properties"]) if event.get("properties") else {}
        products = said.get("products") if isinstance(said.get("products"), list) else None
        names = (
            [one.get("product_id") for one in products if isinstance(one, dict)]
            if products
            else [event.get("product_id")]
        )
        at = datetime.fromtimestamp(event["at"] / 1e6, UTC).isoformat().replace("+00:00", "Z")
        found += [
            {"FeedbackType": kind or event["name"], "UserId": user_id, "ItemId": name, "Value": said.get("value") or 0,
             "Timestamp": at, "Updated": at, "Comment": said.get("comment") or ""}
            for name in names if name
        ]  # fmt: skip
    return found
