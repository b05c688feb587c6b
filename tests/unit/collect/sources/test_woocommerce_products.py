"""WooCommerce products as its own exporter writes them."""

import pytest

HEADER = (
    "ID", "Type", "SKU", "Name", "Published", "Date sale price starts", "Date sale price ends", "In stock?", "Stock",
    "Backorders allowed?", "Sale price", "Regular price", "Categories", "Tags", "Images", "Parent", "Upsells", "Cross-sells",
    "Brands",
)  # fmt: skip
MUG = {
    "ID": "7", "Type": "variable", "SKU": "MUG", "Name": "Mug", "Published": "1", "In stock?": "1", "Stock": "4",
    "Backorders allowed?": "0", "Regular price": "12,50", "Categories": "Kitchen > Mugs, Sale", "Brands": "Moru",
    "Images": "https://x.example/1.jpg, https://x.example/2.jpg", "Tags": "new",
}  # fmt: skip
BLUE = {**MUG, "ID": "8", "Type": "variation", "SKU": "", "Name": "Mug - Blue", "Parent": "MUG", "Sale price": "9,90"}


def test_products_and_variations(renamed):
    found = renamed(HEADER, [MUG, BLUE])
    assert found.format == "WooCommerce products"
    assert found.rows(
        "product_id", "parent_id", "title", "price", "category", "brand", "image", "regular_price", "tags"
    ) == [
        ("MUG", "", "Mug", "12.50", "Kitchen/Mugs", "Moru", "https://x.example/1.jpg", "12,50", "new"),
        ("id:8", "MUG", "Mug - Blue", "9.90", "Kitchen/Mugs", "Moru", "https://x.example/1.jpg", "12,50", "new"),
    ]


def test_a_sale_with_dates_is_not_the_price_of_every_day(renamed):
    dated = {**BLUE, "Date sale price starts": "2026-12-01"}
    assert renamed(HEADER, [dated]).columns["price"] == ["12.50"]


@pytest.mark.parametrize(
    ("given", "stock"),
    [
        ({"Stock": "4"}, "4"), ({"Stock": ""}, None), ({"Stock": "", "In stock?": "0"}, "0"),
        ({"Stock": "4", "Backorders allowed?": "1"}, None), ({"Stock": "0", "Backorders allowed?": "notify"}, None),
    ],
)  # fmt: skip
def test_stock_is_known_only_where_it_ends_sales(renamed, given, stock):
    assert renamed(HEADER, [{**MUG, **given}]).columns["stock"] == [stock]


@pytest.mark.parametrize(("published", "active"), [("1", "true"), ("0", "false"), ("-1", "false")])
def test_drafts_and_private_products_are_not_sold(renamed, published, active):
    assert renamed(HEADER, [{**MUG, "Published": published}]).columns["active"] == [active]


def test_links_of_the_shop_itself_are_kept_and_told(collect, read, written_out):
    report = collect(written_out(HEADER, [{**MUG, "Upsells": "POT", "Cross-sells": "TEA, id:9"}, BLUE]), "p.csv")
    [links] = [finding for finding in report.findings if finding.code == "links_not_collected"]
    assert links.count == 2
    [(attributes,), _] = read("products", "attributes")
    assert '"cross_sells":"TEA, id:9"' in attributes
    assert read("links", "from_id") == []
