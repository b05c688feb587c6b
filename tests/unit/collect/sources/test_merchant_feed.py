"""Google Merchant feeds: tab-separated, RSS and Atom say the same."""

import pytest

HEADER = (
    "id",
    "title",
    "link",
    "image_link",
    "availability",
    "price",
    "brand",
    "product_type",
    "item_group_id",
    "color",
)
BLUE = {
    "id": "MUG-B", "title": "Mug, blue", "link": "https://x.example/b", "image_link": "https://x.example/b.jpg",
    "availability": "in_stock", "price": "12.00 USD", "brand": "Moru", "product_type": "Kitchen > Mugs",
    "item_group_id": "MUG", "color": "blue",
}  # fmt: skip
RED = {**BLUE, "id": "MUG-R", "title": "Mug, red", "availability": "out of stock", "color": "red"}
TEA = {
    **BLUE,
    "id": "TEA",
    "title": "Tea",
    "item_group_id": "",
    "color": "",
    "price": "EUR 5,00",
    "availability": "preorder",
}
RSS = '<?xml version="1.0"?><rss version="2.0" xmlns:g="http://base.google.com/ns/1.0"><channel>{}</channel></rss>'
ATOM = '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:g="http://base.google.com/ns/1.0">{}</feed>'
EXPECTED = [
    ("MUG", None, "Mug, blue", "12.00", "USD", None, "Kitchen/Mugs"),
    ("MUG-B", "MUG", "Mug, blue", "12.00", "USD", None, "Kitchen/Mugs"),
    ("MUG-R", "MUG", "Mug, red", "12.00", "USD", "0", "Kitchen/Mugs"),
]
NAMES = ("product_id", "parent_id", "title", "price", "currency", "stock", "category")


def xml(items, around, tag):
    inner = "".join(f"<{tag}>" + "".join(f"<g:{k}>{v.replace('>', '&gt;')}</g:{k}>" for k, v in item.items() if v) + f"</{tag}>"
                    for item in items)  # fmt: skip
    return around.format(inner)


@pytest.mark.parametrize("batch_rows", [None, 1])
def test_a_table_of_tabs(renamed, batch_rows):
    found = renamed(HEADER, [BLUE, RED], "feed.txt", mark="\t", batch_rows=batch_rows)
    assert found.format == "Google Merchant feed products"
    assert found.rows(*NAMES) == EXPECTED
    assert found.columns["color"] == [None, "blue", "red"]
    assert found.columns["image"] == ["https://x.example/b.jpg"] * 3


@pytest.mark.parametrize(("around", "tag"), [(RSS, "item"), (ATOM, "entry")])
def test_feeds_in_xml(renamed_text, around, tag):
    found = renamed_text(xml([BLUE, RED], around, tag), "feed.xml")
    assert found.format == "Google Merchant feed products"
    assert found.rows(*NAMES) == EXPECTED


def test_names_with_spaces_and_a_prefix_are_the_same(renamed):
    header = (
        "ID",
        "Title",
        "Link",
        "g:image link",
        "Availability",
        "Price",
        "brand",
        "product type",
        "item group id",
        "color",
    )
    found = renamed(header, [list(BLUE.values())])
    assert found.rows(*NAMES) == EXPECTED[:2]


def test_a_product_alone_is_its_own_and_never_its_own_parent(renamed):
    rows = [{**TEA, "price": "5.00 EUR"}, {**BLUE, "id": "MUG", "item_group_id": "MUG"}]
    assert renamed(HEADER, rows).rows("product_id", "parent_id", "stock") == [("TEA", None, None), ("MUG", None, None)]


@pytest.mark.parametrize(
    ("price", "amount", "currency"),
    [("15.00 USD", "15.00", "USD"), ("USD 15.00", "15.00", "USD"), ("12,000 KRW", "12000", "KRW"), ("15", "15", "SEK")],
)
def test_prices_carry_their_currency(renamed, price, amount, currency):
    found = renamed(HEADER, [{**TEA, "price": price}], settings={"shop.currency": "SEK"})
    assert found.rows("price", "currency") == [(amount, currency)]


def test_a_price_that_is_none_is_refused(collect, written_out):
    from crosslift.errors import BadInput

    with pytest.raises(BadInput, match="row 2, price: 'on request' is no amount"):
        collect(written_out(HEADER, [{**TEA, "price": "on request"}]), "feed.csv")
