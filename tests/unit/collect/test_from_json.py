"""Rows as JSON has them: those of the file door, wrong ones named by place and field. Links and bundles: test_curated."""

import pytest

from crosslift.collect.from_json import live_changes, product_rows
from crosslift.errors import BadInput
from crosslift.settings import Settings

SETTINGS = Settings.load(environment={})


def test_products_as_json_are_rows_of_the_file_door(collect, read, records):
    columns, rows = product_rows(
        [{"product_id": "A", "title": "Mug", "price": 5.5, "currency": "usd", "stock": 3, "active": False, "color": "red",
          "title_ko": "\u1100\u1161", "attributes": {"b": 1}}, {"product_id": 7, "title": "Cup", "price": None}],
        SETTINGS,
    )  # fmt: skip
    records.put_rows("products", columns, rows, 1)
    by_json = read(
        "products", "product_id", "title", "price_micros", "currency", "stock", "is_active", "attributes", "titles"
    )
    assert by_json == [
        ("A", "Mug", 5_500_000, "USD", 3, False, '{"b":1,"color":"red"}', '{"ko":"\uac00"}'),
        ("7", "Cup", None, None, None, True, "{}", "{}"),
    ]
    report = collect(
        'product_id,title,price,currency,stock,active,color,title_ko,attributes\nA,Mug,5.5,USD,3,no,red,가,"{""b"":1}"\n',
        "p.csv",
    )
    assert report.n_same == 1


@pytest.mark.parametrize(
    ("products", "message"),
    [
        ([], "products: the list of products is empty"),
        ([{"product_id": "A", "title": "T"}, {"title": "T"}], r"products\[1\]: product_id is missing"),
        ([{"product_id": "A"}], r"products\[0\]: title is missing"),
        ([{"product_id": "A", "title": "T"}, {"product_id": "B", "title": "T", "price": "free"}],
         r"products\[1\], price: 'free' is no amount of at least 0; mend them and send again"),
        ([{"product_id": "A", "title": "T", "price": -1}], r"products\[0\], price"),
        ([{"product_id": "A", "title": "T", "kind": "toy"}], r"products\[0\], kind: 'toy' is no one of goods, service"),
        ([{"product_id": "A", "title": "T", "stock": 1.5}], r"products\[0\], stock: '1.5' is no whole number"),
        ([{"product_id": "A", "title": "T", "active": "perhaps"}], r"products\[0\], active: 'perhaps' is no yes or no"),
    ],
)  # fmt: skip
def test_wrong_products_are_named_by_place_and_field(products, message):
    with pytest.raises(BadInput, match=message):
        product_rows(products, SETTINGS)


def test_live_changes_are_read_like_a_file():
    changes = [{"product_id": 7, "price": "2.5", "stock": 0}, {"product_id": "B", "active": "no", "currency": "krw"}]
    assert live_changes(changes) == [
        {"product_id": "7", "price_micros": 2_500_000, "stock": 0},
        {"product_id": "B", "is_active": False, "currency": "KRW"},
    ]
    assert live_changes([{"product_id": "A", "stock": None}]) == [{"product_id": "A", "stock": None}]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"price": 1}, "product_id is missing"),
        ({"product_id": "A"}, "nothing to change; give price, stock or active"),
        (
            {"product_id": "A", "title": "T"},
            "'title' cannot be patched; price, currency, stock and active can; use PUT",
        ),
        ({"product_id": "A", "price": -1}, "price = -1 is no amount"),
        ({"product_id": "A", "stock": "many"}, "stock = 'many' is no whole number"),
        ({"product_id": "A", "active": None}, "active is empty; give true or false"),
        ({"product_id": "A", "currency": "won"}, None),
        ({"product_id": "A", "currency": "dollar"}, "currency = 'dollar' is no ISO 4217 currency"),
    ],
)
def test_wrong_changes_are_named(change, message):
    if message is None:
        assert live_changes([change]) == [{"product_id": "A", "currency": "WON"}]
        return
    with pytest.raises(BadInput, match=rf"products\[1\]: {message}"):
        live_changes([{"product_id": "ok", "stock": 1}, change])
