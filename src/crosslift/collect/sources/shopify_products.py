"""Shopify products as the admin exports them: a row a variant, more rows for further pictures.

Both sets of names: `Handle`, `Variant SKU`, `Variant Price` ... as exported until now, and `URL handle`, `SKU`, `Price` ...
of the template of 2025. What belongs to the product stands in its first row only. A product whose one option is
`Title` = `Default Title` has no variants. A variant without SKU is called as an order line calls it: title and options.
Prices are in the shop's currency, which the file does not name.
"""

from collections.abc import Mapping

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from crosslift.collect.schemas import PRODUCTS
from crosslift.collect.sources import written
from crosslift.collect.sources.source import Columns, Export, Followed, Renamed, Source, first_filled, with_parents
from crosslift.settings import Settings

_NEWER = {
    "URL handle": "Handle", "SKU": "Variant SKU", "Price": "Variant Price", "Compare-at price": "Variant Compare At Price",
    "Inventory tracker": "Variant Inventory Tracker", "Inventory quantity": "Variant Inventory Qty",
    "Continue selling when out of stock": "Variant Inventory Policy", "Product image URL": "Image Src",
    "Variant image URL": "Variant Image", "Published on online store": "Published", "Product category": "Product Category",
    "Cost per item": "Cost per item", "Gift card": "Gift Card", "Option1 name": "Option1 Name", "Option1 value": "Option1 Value",
    "Option2 name": "Option2 Name", "Option2 value": "Option2 Value", "Option3 name": "Option3 Name",
    "Option3 value": "Option3 Value",
}  # fmt: skip
"""The names of 2025 and what they were called before."""
_OF_THE_PRODUCT = (
    "Title", "Vendor", "Product Category", "Type", "Tags", "Published", "Status", "Gift Card", "Image Src", "Option1 Name",
    "Option2 Name", "Option3 Name",
)  # fmt: skip


class ShopifyProducts(Export):
    """Reads them."""

    def __init__(self, source: Source, names: Mapping[str, str], settings: Settings) -> None:
        super().__init__(source, {target: _NEWER.get(name, name) for target, name in names.items()}, settings)
        self._followed = Followed("Handle", _OF_THE_PRODUCT)
        self._parents: set[str] = set()

    def prepared(self, given: Columns) -> Columns:
        """Call columns as before 2025 and give every variant what its product's first row says."""
        called = {_NEWER.get(name, name): column for name, column in given.items()}
        nothing = pa.nulls(len(called["Handle"]), pa.string())
        return self._followed.filled({**dict.fromkeys(_READ, nothing), **called})

    def kept(self, given: Columns) -> pa.Array:
        """Keep variants; a row that only brings a further picture has neither price nor SKU."""
        return pc.is_valid(first_filled(given["Variant Price"], given["Variant SKU"]))

    def rename(self, batch: pa.RecordBatch) -> Renamed:
        """Put the product itself before its first variant."""
        return with_parents(super().rename(batch), self._parents)

    def computed(self, given: Columns, columns: Columns) -> Columns:
        """Tell variants from products without them, and stock that is counted from stock that is not."""
        n_rows = len(given["Handle"])
        options = [_options(row) for row in zip(*(given[name].to_pylist() for name in _OPTIONS), strict=True)]
        titles = given["Title"].to_pylist()
        named = [
            f"{title} - {' / '.join(o.values())}" if o else title for title, o in zip(titles, options, strict=True)
        ]
        has_options = pa.array([bool(o) for o in options])
        counts = pc.and_(
            pc.fill_null(pc.not_equal(given["Variant Inventory Tracker"], ""), False),
            pc.invert(written.says(given["Variant Inventory Policy"], "^(continue|true)$")),
        )
        status, published = given["Status"], written.says(given["Published"], "^true$")
        is_active = pc.if_else(pc.is_valid(first_filled(status)), written.says(status, "^active$"), published)
        return {
            "product_id": first_filled(given["Variant SKU"], pa.array(named, pa.string())),
            "parent_id": pc.if_else(has_options, given["Handle"], pa.scalar(None, pa.string())),
            "title": pa.array(named, pa.string()),
            "parent_title": given["Title"],
            "category": pc.replace_substring(first_filled(given["Product Category"], given["Type"]), " > ", "/"),
            "brand": given["Vendor"],
            "price": given["Variant Price"],
            "cost": given["Cost per item"],
            "stock": pc.if_else(counts, given["Variant Inventory Qty"], pa.scalar(None, pa.string())),
            "image": first_filled(given["Variant Image"], given["Image Src"]),
            "kind": pc.if_else(written.says(given["Gift Card"], "^true$"), "gift_card", pa.scalar(None, pa.string())),
            "active": pc.if_else(is_active, "true", "false"),
            "attributes": pa.array([_attributes(options[i], given, i) for i in range(n_rows)], pa.string()),
        }


_OPTIONS = ("Option1 Name", "Option1 Value", "Option2 Name", "Option2 Value", "Option3 Name", "Option3 Value")
_READ = (
    *_OF_THE_PRODUCT, *_OPTIONS, "Variant SKU", "Variant Price", "Variant Inventory Tracker", "Variant Inventory Policy",
    "Variant Inventory Qty", "Variant Image", "Cost per item",
)  # fmt: skip
_TOLD = {"Tags": "tags", "Type": "type"}


def _options(row: tuple[str | None, ...]) -> dict[str, str]:
    """Pair names and values of options; none for the one product that stands for itself."""
    if row[1] == "Default Title":
        return {}
    return {(row[i] or f"option{i // 2 + 1}"): value for i in (0, 2, 4) if (value := row[i + 1])}


def _attributes(options: dict[str, str], given: Columns, row: int) -> str:
    told = {called: given[name][row].as_py() for name, called in _TOLD.items()}
    return msgspec.json.encode({name.lower(): value for name, value in {**told, **options}.items() if value}).decode()


_NAMES = {
    "product_id": ("Variant SKU", "SKU", "Handle", "URL handle"), "title": ("Title",), "price": ("Variant Price", "Price"),
    "category": ("Product Category", "Product category", "Type"), "brand": ("Vendor",), "parent_id": ("Handle", "URL handle"),
    "cost": ("Cost per item",), "stock": ("Variant Inventory Qty", "Inventory quantity"),
    "image": ("Image Src", "Product image URL"), "active": ("Status", "Published", "Published on online store"),
}  # fmt: skip

SOURCE = Source(
    name="Shopify",
    schema=PRODUCTS,
    signature=frozenset({"Handle", "Title", "Option1 Value", "Variant Price"}),
    names=_NAMES,
    renamer=ShopifyProducts,
)
NEWER = Source(
    name="Shopify",
    schema=PRODUCTS,
    signature=frozenset({"URL handle", "Title", "Option1 value", "Price"}),
    names=_NAMES,
    renamer=ShopifyProducts,
)
