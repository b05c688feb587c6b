"""Google Merchant Center product feeds: tab-separated text, RSS 2.0 and Atom with the g: namespace.

Attributes as in Google's product data specification; both spellings, `image_link` and `image link`. A price carries its
currency ("15.00 USD"). Availability says there is some or none, never how much. Products of one `item_group_id` are the
variants of a product that the feed itself does not list; it is put before the first of them, called as that one is.
"""

from collections.abc import Mapping, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from crosslift.collect.schemas import PRODUCTS
from crosslift.collect.sources import written
from crosslift.collect.sources.source import Columns, Export, Renamed, Source, first_filled, with_parents
from crosslift.settings import Settings

_PRICE = r"^\s*(?P<before>[A-Z]{3})?\s*(?P<amount>[0-9][0-9.,]*)\s*(?P<after>[A-Z]{3})?\s*$"
_KEPT = (
    "color", "size", "gender", "age_group", "material", "pattern", "condition", "gtin", "mpn", "sale_price",
    "google_product_category", "custom_label_0", "custom_label_1", "custom_label_2", "custom_label_3", "custom_label_4",
)  # fmt: skip


def spelled(name: str) -> str:
    """Bring an attribute's name into its usual spelling: `g:Image Link` is `image_link`."""
    return name.strip().lower().removeprefix("g:").replace(" ", "_")


class FeedSource(Source):
    """Recognizes a feed however its attributes are spelled."""

    def find_mapping(self, columns: Sequence[str]) -> dict[str, str] | None:
        """Give the canonical-to-file names, or None where it is something else."""
        called = {spelled(name): name for name in reversed(columns)}
        found = super().find_mapping(list(called))
        return {target: called[name] for target, name in found.items()} if found else None


class MerchantFeed(Export):
    """Reads one."""

    def __init__(self, source: Source, names: Mapping[str, str], settings: Settings) -> None:
        super().__init__(source, {target: spelled(name) for target, name in names.items()}, settings)
        self._parents: set[str] = set()

    def prepared(self, given: Columns) -> Columns:
        """Call attributes as Google's specification does."""
        return {spelled(name): column for name, column in given.items()}

    def rename(self, batch: pa.RecordBatch) -> Renamed:
        """Put the product of a group before the first of its variants."""
        return with_parents(super().rename(batch), self._parents)

    def computed(self, given: Columns, columns: Columns) -> Columns:
        """Split prices from currencies; say none is there where it says so."""
        nothing = pa.nulls(len(given["id"]), pa.string())
        price = pc.extract_regex(given["price"], _PRICE)
        currency = first_filled(_part(price, "before"), _part(price, "after"))
        none_left = written.says(given["availability"], "^out[ _]of[ _]stock$")
        group = given.get("item_group_id", nothing)
        is_own = pc.fill_null(pc.equal(group, given["id"]), False)
        category = first_filled(given.get("product_type", nothing), given.get("google_product_category", nothing))
        return {
            "price": pc.coalesce(_part(price, "amount"), given["price"]),
            "currency": pc.coalesce(currency, pa.scalar(self.settings["shop.currency"])),
            "stock": pc.if_else(none_left, "0", pa.scalar(None, pa.string())),
            "category": pc.replace_substring_regex(category, r"\s*>\s*", "/"),
            "parent_id": pc.if_else(is_own, pa.scalar(None, pa.string()), first_filled(group)),
            "parent_title": given["title"],
        }


def _part(found: pa.Array, name: str) -> pa.Array:
    return pc.if_else(pc.is_valid(found), pc.struct_field(found, name), pa.scalar(None, pa.string()))


SOURCE = FeedSource(
    name="Google Merchant feed",
    schema=PRODUCTS,
    signature=frozenset({"id", "title", "link", "price", "availability"}),
    names={
        "product_id": ("id",), "title": ("title",), "price": ("price",), "currency": ("price",),
        "category": ("product_type", "google_product_category"), "brand": ("brand",), "parent_id": ("item_group_id",),
        "url": ("link",), "image": ("image_link",), "cost": ("cost_of_goods_sold",),
    },
    kept={name: name for name in _KEPT},
    renamer=MerchantFeed,
)  # fmt: skip
