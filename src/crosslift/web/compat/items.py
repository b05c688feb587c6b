"""Products as foreign clients write and filter them: facts by name in, facts by name out."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from crosslift.errors import BadInput
from crosslift.web.catalog import is_in_stock
from crosslift.web.served import ServedShop

Value = str | float
COLUMNS = (
    "title",
    "category",
    "price_micros",
    "currency",
    "cost_micros",
    "stock",
    "brand",
    "parent_id",
    "url",
    "image",
    "kind",
)
MICROS = 1_000_000
MOST_DIGITS = 30


async def put(served: ServedShop, products: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Insert products or change what they say; what a vendor's record has no word for stays as it is.

    Raises
    ------
    BadInput
        Naming the product and the field; nothing is kept then.
    """

    def work() -> dict[str, int]:
        merged = {str(one["product_id"]): one for one in products}
        known = _known(served, list(merged))
        rows = [_merged(known.get(name, {}), one, served) for name, one in merged.items()]
        outcome = served.shop.put_products(rows) if rows else {}
        served.refresh_catalog()
        return outcome

    return await served.in_thread(work)


def _known(served: ServedShop, names: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Read products as they can be put again."""
    found = {}
    for first in range(0, len(names), 500):
        some = names[first : first + 500]
        columns = ["product_id", *COLUMNS, "is_active", "titles"]
        where = f"product_id in ({', '.join('?' * len(some))})"
        for row in served.shop.records.table("products", columns, where, some).to_pylist():
            product = served.catalog.find(row["product_id"])
            plain = {
                name: row[name]
                for name in ("title", "category", "currency", "stock", "brand", "parent_id", "url", "image", "kind")
            }
            plain |= {name: _decimal(row[f"{name}_micros"]) for name in ("price", "cost")}
            plain |= {"active": bool(row["is_active"])}
            plain |= {f"title_{tag}": text for tag, text in (product.titles if product else {}).items()}
            plain["attributes"] = dict(product.attributes) if product else {}
            found[row["product_id"]] = {name: value for name, value in plain.items() if value is not None}
    return found


def _decimal(micros: int | None) -> str | None:
    return None if micros is None else f"{micros // MICROS}.{micros % MICROS:06d}"


def _merged(old: Mapping[str, Any], new: Mapping[str, Any], served: ServedShop) -> dict[str, Any]:
    attributes = {**old.get("attributes", {}), **new.get("attributes", {})}
    whole = {**old, **new, "attributes": attributes}
    whole.setdefault("title", whole["product_id"])
    if whole.get("price") is not None:
        whole.setdefault("currency", served.shop.settings["shop.currency"])
    return whole


def facts_of(served: ServedShop, product_id: str) -> dict[str, tuple[Value, ...]]:
    """Give everything the catalog says of a product now, by lower-case name; nothing for one nobody knows.

    A category and everything above it are all values of `category` and `categories`; its levels are `category_l1` and on.
    """
    product, row = served.catalog.find(product_id), served.overlay().row(product_id)
    if product is None:
        return {}
    found: dict[str, tuple[Value, ...]] = {"itemid": (product_id,), "title": (product.title,), "name": (product.title,)}
    parent = served.catalog.find(product.parent_id) if product.parent_id else None
    for one in (parent, product):
        if one is not None:
            found |= {name.casefold(): _values(value) for name, value in one.attributes.items()}
            if one.brand:
                found["brand"] = found["brands"] = (one.brand,)
            if one.category:
                found |= _levels(one.category)
    found["availability"] = ("IN_STOCK" if is_in_stock(row) else "OUT_OF_STOCK",)
    if row is not None and row.price_micros is not None:
        found["price"] = (row.price_micros / MICROS,)
    if row is not None and row.stock is not None:
        found["stock"] = (float(row.stock),)
    return found


def _levels(category: str) -> dict[str, tuple[Value, ...]]:
    levels = [level.strip() for level in category.split("/") if level.strip()]
    paths = [" > ".join(levels[: depth + 1]) for depth in range(len(levels))]
    names = tuple(dict.fromkeys((category, *levels, *paths)))
    return {"category": names, "categories": names, **{f"category_l{n}": (level,) for n, level in enumerate(levels, 1)}}


def _values(value: Any) -> tuple[Value, ...]:
    if isinstance(value, list | tuple):
        return tuple(one for item in value for one in _values(item))
    if isinstance(value, bool):
        return (str(value).lower(),)
    if isinstance(value, int | float):
        return (float(value),)
    if isinstance(value, str):
        return tuple(value.split("|")) if "|" in value else (value,)
    return ()


def has_any(facts: Mapping[str, tuple[Value, ...]], name: str, wanted: Iterable[Value]) -> bool:
    """Tell whether a fact has one of some values; numbers and their text are the same."""
    texts = {as_text(value) for value in wanted}
    return any(as_text(value) in texts for value in facts.get(name.casefold(), ()))


def as_text(value: Value) -> str:
    """Write a value so that 3, 3.0 and "3" are the same.

    Examples
    --------
    >>> as_text(3.0), as_text("3.10"), as_text("1000000001"), as_text("red")
    ('3', '3.1', '1000000001', 'red')
    """
    text = str(value)
    try:
        number = Decimal(text)
    except InvalidOperation:
        return text
    if not number.is_finite() or abs(number.adjusted()) > MOST_DIGITS:
        return text
    return f"{number.normalize():f}"


def missing(served: ServedShop, ids: Iterable[str]) -> list[str]:
    """Name those of some products that nobody knows."""
    overlay = served.overlay()
    return [name for name in dict.fromkeys(ids) if not overlay.is_known(name)]


def named(row: Mapping[str, Any], name: str, where: str) -> str:
    """Give an id that a record must have.

    Raises
    ------
    BadInput
        Where it has none, or a longer one than 250 characters.
    """
    value = row.get(name)
    if not isinstance(value, str) or not value or len(value) > 250:
        raise BadInput(f"{name} must be a text of 1 to 250 characters", where=where)
    return value
