"""Shopify products: a row a variant, further pictures in rows of their own, both sets of names."""

import json

import pytest

HEADER = (
    "Handle", "Title", "Vendor", "Product Category", "Type", "Tags", "Published", "Option1 Name", "Option1 Value",
    "Option2 Name", "Option2 Value", "Variant SKU", "Variant Inventory Tracker", "Variant Inventory Qty",
    "Variant Inventory Policy", "Variant Price", "Image Src", "Gift Card", "Variant Image", "Cost per item", "Status",
)  # fmt: skip
MUG = {
    "Handle": "mug", "Title": "Mug", "Vendor": "Moru", "Product Category": "Home > Kitchen > Mugs", "Type": "Cups",
    "Tags": "gift, new", "Published": "true", "Option1 Name": "Color", "Option1 Value": "Blue", "Option2 Name": "Size",
    "Option2 Value": "L", "Variant SKU": "MUG-B", "Variant Inventory Tracker": "shopify", "Variant Inventory Qty": "4",
    "Variant Inventory Policy": "deny", "Variant Price": "12.00", "Image Src": "https://x.example/1.jpg", "Cost per item": "5",
    "Status": "active",
}  # fmt: skip
RED = {
    "Handle": "mug", "Option1 Value": "Red", "Option2 Value": "L", "Variant SKU": "", "Variant Inventory Tracker": "shopify",
    "Variant Inventory Qty": "7", "Variant Inventory Policy": "continue", "Variant Price": "13.00",
    "Variant Image": "https://x.example/r.jpg",
}  # fmt: skip
PICTURE = {"Handle": "mug", "Image Src": "https://x.example/2.jpg"}
CARD = {
    "Handle": "card", "Title": "Gift card", "Option1 Name": "Title", "Option1 Value": "Default Title", "Variant SKU": "GC",
    "Variant Price": "50.00", "Gift Card": "true", "Published": "true", "Status": "draft",
}  # fmt: skip
NEWER = {
    "URL handle": "mug", "Title": "Mug", "Vendor": "Moru", "Product category": "Home > Mugs", "Option1 name": "Color",
    "Option1 value": "Blue", "SKU": "MUG-B", "Inventory tracker": "shopify", "Inventory quantity": "4",
    "Continue selling when out of stock": "deny", "Price": "12.00", "Product image URL": "https://x.example/1.jpg",
    "Gift card": "false", "Published on online store": "TRUE", "Status": "Active", "Cost per item": "5",
}  # fmt: skip


@pytest.mark.parametrize("batch_rows", [None, 1, 2])
def test_the_product_stands_before_its_variants(renamed, batch_rows):
    found = renamed(HEADER, [MUG, RED, PICTURE, CARD], batch_rows=batch_rows)
    assert found.format == "Shopify products"
    assert found.rows("product_id", "parent_id", "title", "price") == [
        ("mug", None, "Mug", "12.00"),
        ("MUG-B", "mug", "Mug - Blue / L", "12.00"),
        ("Mug - Red / L", "mug", "Mug - Red / L", "13.00"),
        ("GC", None, "Gift card", "50.00"),
    ]
    assert found.origins == [0, 0, 1, 3]
    assert found.findings["left_out"].count == 1
    assert "further pictures" in found.findings["left_out"].message


def test_what_belongs_to_the_product_holds_for_every_variant(renamed):
    found = renamed(HEADER, [MUG, RED, CARD])
    assert found.rows("category", "brand", "image", "active", "kind", "currency")[1:] == [
        ("Home/Kitchen/Mugs", "Moru", "https://x.example/1.jpg", "true", None, "USD"),
        ("Home/Kitchen/Mugs", "Moru", "https://x.example/r.jpg", "true", None, "USD"),
        (None, "", None, "false", "gift_card", "USD"),
    ]
    assert found.findings["currency_assumed"].message == "the export names no currency; USD was taken"


def test_stock_is_known_only_where_it_is_counted_and_ends_sales(renamed):
    rows = [MUG, RED, CARD, {**MUG, "Handle": "x", "Variant Inventory Tracker": ""}]
    stocks = dict(renamed(HEADER, rows).rows("product_id", "stock"))
    assert (stocks["Mug - Red / L"], stocks["GC"]) == (None, None)
    assert renamed(HEADER, rows).rows("parent_id", "stock")[1] == ("mug", "4")


def test_options_and_tags_are_attributes(renamed):
    found = renamed(HEADER, [MUG, CARD])
    assert json.loads(found.columns["attributes"][1]) == {
        "tags": "gift, new",
        "type": "Cups",
        "color": "Blue",
        "size": "L",
    }
    assert json.loads(found.columns["attributes"][2]) == {}


@pytest.mark.parametrize(("status", "published", "active"), [
    ("active", "false", "true"), ("archived", "true", "false"), ("", "true", "true"), ("", "false", "false"),
])  # fmt: skip
def test_a_status_says_more_than_published(renamed, status, published, active):
    row = {**CARD, "Status": status, "Published": published}
    assert renamed(HEADER, [row]).columns["active"] == [active]


def test_the_names_of_2025_are_read_alike(renamed):
    found = renamed(tuple(NEWER), [NEWER])
    assert found.format == "Shopify products"
    assert found.rows("product_id", "parent_id", "title", "price", "stock", "cost", "category", "active") == [
        ("mug", None, "Mug", "12.00", None, None, "Home/Mugs", "true"),
        ("MUG-B", "mug", "Mug - Blue", "12.00", "4", "5", "Home/Mugs", "true"),
    ]


def test_bad_cells_are_named_by_their_row_of_the_file(collect, written_out):
    from crosslift.errors import BadInput

    with pytest.raises(BadInput, match="row 4, price: 'free' is no amount"):
        collect(written_out(HEADER, [MUG, PICTURE, {**RED, "Variant Price": "free"}]))


def test_products_of_several_files_of_one_export_become_one_catalog(collect, read, written_out):
    collect(written_out(HEADER, [MUG, PICTURE, CARD]), "a.csv")
    collect(written_out(HEADER, [MUG, RED, PICTURE]), "b.csv")
    assert read("products", "product_id") == [("mug",), ("MUG-B",), ("GC",), ("Mug - Red / L",)]
