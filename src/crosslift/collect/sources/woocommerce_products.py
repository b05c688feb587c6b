"""WooCommerce products as its own exporter writes them (WooCommerce 11, class-wc-product-csv-exporter.php).

A variation names its product in `Parent`, by SKU or as `id:123`; products without SKU are called `id:123` here, too.
Prices have the shop's decimal sign. `Published` is 1, 0 for private, -1 for a draft. `Upsells` and `Cross-sells` are kept
as attributes: they become curated links only by somebody's word.
"""

import pyarrow as pa
import pyarrow.compute as pc

from crosslift.collect.findings import Finding, Severity
from crosslift.collect.schemas import PRODUCTS
from crosslift.collect.sources import written
from crosslift.collect.sources.source import Columns, Export, Source, first_filled


class WooCommerceProducts(Export):
    """Reads them."""

    _n_linked = 0

    def computed(self, given: Columns, columns: Columns) -> Columns:
        """Name what has no SKU, take the price of now, and tell counted stock from what is only there or not."""
        nothing = pa.nulls(len(given["ID"]), pa.string())
        regular, sale = given["Regular price"], given.get("Sale price", nothing)
        is_dated = pc.is_valid(
            first_filled(given.get("Date sale price starts", nothing), given.get("Date sale price ends", nothing))
        )
        price = pc.if_else(is_dated, first_filled(regular), first_filled(sale, regular))
        gone = pc.if_else(written.says(given.get("In stock?", nothing), "^0$"), "0", pa.scalar(None, pa.string()))
        goes_on = written.says(given.get("Backorders allowed?", nothing), "^(1|yes|notify)$")
        stock = pc.if_else(goes_on, pa.scalar(None, pa.string()), first_filled(given.get("Stock", nothing), gone))
        for name in ("Upsells", "Cross-sells"):
            self._n_linked += int(pc.sum(pc.is_valid(first_filled(given.get(name, nothing)))).as_py() or 0)
        return {
            "product_id": first_filled(given["SKU"], pc.binary_join_element_wise("id:", given["ID"], "")),
            "price": written.decimal_commas(price),
            "cost": written.decimal_commas(given.get("Cost of goods", nothing)),
            "stock": stock,
            "category": _first_of(given.get("Categories", nothing)),
            "image": pc.replace_substring_regex(given.get("Images", nothing), r",.*$", ""),
            "active": pc.if_else(written.says(given["Published"], "^1$"), "true", "false"),
        }

    def findings(self) -> list[Finding]:
        """Say that links of the shop's own wait for a word."""
        found = super().findings()
        if self._n_linked:
            found.append(Finding(
                "links_not_collected", Severity.NOTE, self._n_linked,
                f"{self._n_linked} products name upsells or cross-sells of their own",
                "they are kept as attributes of the product and are no curated links yet",
                "collect them as a links file (from_id, to_id, kind), or leave it to what orders say",
            ))  # fmt: skip
        return found


def _first_of(categories: pa.Array) -> pa.Array:
    """Give the first of several categories as a path: Clothing > Hoodies, Sale becomes Clothing/Hoodies."""
    first = pc.replace_substring_regex(categories, r",.*$", "")
    return pc.replace_substring_regex(first, r"\s*>\s*", "/")


SOURCE = Source(
    name="WooCommerce",
    schema=PRODUCTS,
    signature=frozenset({"ID", "Type", "SKU", "Name", "Published", "Regular price"}),
    names={
        "product_id": ("SKU",), "title": ("Name",), "price": ("Regular price",), "category": ("Categories",),
        "brand": ("Brands",), "parent_id": ("Parent",), "stock": ("Stock",), "cost": ("Cost of goods",), "image": ("Images",),
        "active": ("Published",),
    },
    kept={
        "Type": "type", "Tags": "tags", "Regular price": "regular_price", "Upsells": "upsells", "Cross-sells": "cross_sells",
        "GTIN, UPC, EAN, or ISBN": "gtin",
    },
    renamer=WooCommerceProducts,
)  # fmt: skip
