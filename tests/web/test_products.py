"""PUT and PATCH /v1/products: the catalog by HTTP, in force on the very next decision."""

import pytest

NEW = {"product_id": "POT", "title": "Teapot", "title_ko": "찻주전자", "price": "24900", "currency": "KRW", "stock": 3}


def offered(door, **body):
    return {offer["product"]: offer for offer in door.decide(**body)["offers"]}


@pytest.mark.parametrize("change", [{"stock": 0}, {"active": False}, {"price": None}])
def test_a_patch_holds_on_the_very_next_decision(door, change):
    assert "FILT" in offered(door)
    answer = door.ask("PATCH", "/v1/products", {"products": [{"product_id": "FILT", **change}]})
    assert answer.json() == {"changed": 1, "unknown": []}
    assert "FILT" not in offered(door)


def test_a_patched_price_is_the_price_of_the_very_next_offer(door):
    door.ask("PATCH", "/v1/products", {"products": [{"product_id": "FILT", "price": "5900"}]})
    assert offered(door)["FILT"]["price"] == {"amount": "5900", "currency": "KRW"}


def test_back_in_stock_is_offered_again(door):
    for stock in (0, 5):
        door.ask("PATCH", "/v1/products", {"products": [{"product_id": "FILT", "stock": stock}]})
    assert "FILT" in offered(door)


def test_unknown_products_are_named_and_the_others_changed(door):
    body = {"products": [{"product_id": "FILT", "stock": 0}, {"product_id": "nope", "stock": 1}]}
    assert door.ask("PATCH", "/v1/products", body).json() == {"changed": 1, "unknown": ["nope"]}


def test_put_adds_replaces_and_recognizes_the_same(door):
    assert door.ask("PUT", "/v1/products", {"products": [NEW]}).json() == {"new": 1, "replaced": 0, "same": 0}
    assert door.ask("PUT", "/v1/products", {"products": [NEW]}).json()["same"] == 1
    changed = {**NEW, "title": "Teapot 0.8 l"}
    assert door.ask("PUT", "/v1/products", {"products": [changed]}).json()["replaced"] == 1
    assert door.served.catalog.find("POT").title == "Teapot 0.8 l"


def test_a_put_title_is_the_title_of_the_very_next_offer(door):
    row = {"product_id": "FILT", "title": "Better filters", "price": "6500", "currency": "KRW", "stock": 9}
    assert door.ask("PUT", "/v1/products", {"products": [row]}).status_code == 200
    assert offered(door)["FILT"]["title"] == "Better filters"


def test_a_put_variant_is_offered_for_its_product(door):
    rows = [{**NEW, "product_id": f"FILT-{n}", "parent_id": "FILT", "price": n} for n in (500, 400)]
    assert door.ask("PUT", "/v1/products", {"products": rows}).status_code == 200
    assert "FILT-400" in offered(door)


@pytest.mark.parametrize(
    ("method", "product", "place"),
    [
        ("PUT", {"title": "No id"}, "/products/1"),
        ("PUT", {"product_id": "A"}, "/products/1"),
        ("PUT", {**NEW, "price": "cheap"}, "/products/1/price"),
        ("PUT", {**NEW, "price": -1}, "/products/1/price"),
        ("PUT", {**NEW, "stock": "many"}, "/products/1/stock"),
        ("PUT", {**NEW, "currency": "W1N"}, "/products/1/currency"),
        ("PUT", {**NEW, "kind": "thing"}, "/products/1/kind"),
        ("PATCH", {"stock": 1}, "/products/1"),
        ("PATCH", {"product_id": "FILT"}, "/products/1"),
        ("PATCH", {"product_id": "FILT", "title": "x"}, "/products/1"),
        ("PATCH", {"product_id": "FILT", "price": -2}, "/products/1"),
        ("PATCH", {"product_id": "FILT", "stock": 1.5}, "/products/1"),
        ("PATCH", {"product_id": "FILT", "active": "perhaps"}, "/products/1"),
    ],
)
def test_a_wrong_product_is_named_by_its_place_and_nothing_is_kept(door, problem, method, product, place):
    good = NEW if method == "PUT" else {"product_id": "FILT", "stock": 0}
    said = problem(door.ask(method, "/v1/products", {"products": [good, product]}), 422, "bad_input")
    assert said["errors"][0]["pointer"] == place
    assert "FILT" in offered(door)
    assert door.served.catalog.find("POT") is None


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_at_most_a_thousand_at_once(door, problem, method):
    body = {"products": [{"product_id": f"P{n}", "title": "t", "stock": 1} for n in range(1001)]}
    said = problem(door.ask(method, "/v1/products", body), 422, "bad_input")
    assert said["errors"][0]["pointer"] == "/products"


@pytest.mark.parametrize("value", [10**400, 1e300, "1e999", "NaN", "\x00", "9" * 400])
@pytest.mark.parametrize("field", ["price", "stock"])
def test_absurd_numbers_are_refused_and_not_a_crash(door, problem, field, value):
    problem(door.ask("PATCH", "/v1/products", {"products": [{"product_id": "FILT", field: value}]}), 422, "bad_input")
    problem(door.ask("PUT", "/v1/products", {"products": [{**NEW, field: value}]}), 422, "bad_input")
