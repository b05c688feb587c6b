import numpy as np
import pyarrow as pa

from crosslift.learn.customers.shelf import Shelf


def test_a_variant_has_the_category_brand_and_cost_of_its_product(table):
    shelf = Shelf.of(table(
        "products",
        {"product_id": "shoe", "category": " Shoes ", "brand": "B", "cost_micros": 5, "currency": "EUR"},
        {"product_id": "shoe-42", "parent_id": "shoe"},
        {"product_id": "shoe-50", "parent_id": "shoe", "cost_micros": 7, "currency": "USD"},
        {"product_id": "cap", "category": "", "currency": "KRW"},
    ))  # fmt: skip
    places = shelf.places(pa.chunked_array([["shoe-42", "cap", "unknown", "shoe-50"]]))
    assert places.tolist() == [1, 3, -1, 2]
    assert shelf.category_of(places).tolist() == [0, -1, -1, 0]
    assert shelf.brand_of(places).tolist() == [0, -1, -1, 0]
    assert shelf.categories.to_pylist() == ["Shoes"]
    assert shelf.cost_micros.to_pylist() == [5, 5, 7, None]
    assert shelf.currency.to_pylist() == ["EUR", "EUR", "USD", "KRW"]


def test_an_empty_catalog_knows_nothing(table):
    shelf = Shelf.of(table("products"))
    places = shelf.places(pa.chunked_array([["a"]]))
    assert places.tolist() == [-1]
    assert shelf.category_of(places).tolist() == [-1]
    assert shelf.categories_named(pa.array(["x"])).tolist() == [-1]
    assert shelf.category_of(np.array([], np.int32)).tolist() == []
