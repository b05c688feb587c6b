"""/v1/bundles: sets with one price, by HTTP."""

import pytest

SET = [
    {"bundle_id": "S", "product_id": "DRIP", "kind": "fixed", "price": "29900", "currency": "KRW", "title": "Start",
     "title_ko": "시작", "role": "dripper"},
    {"bundle_id": "S", "product_id": "FILT", "quantity": 2},
]  # fmt: skip


def put(door, *parts):
    return door.ask("PUT", "/v1/bundles", {"bundles": list(parts)})


def listed(door, **params):
    return door.ask("GET", "/v1/bundles", params=params).json()["bundles"]


def test_put_adds_replaces_and_recognizes_the_same(door):
    assert put(door, *SET).json() == {"new": 2, "replaced": 0, "same": 0, "conflicts": [], "unknown": []}
    assert put(door, *SET).json()["same"] == 2
    answer = put(door, SET[0], {**SET[1], "product_id": "SERV"})
    assert answer.json()["replaced"] == 2
    assert [part["product_id"] for part in listed(door)] == ["DRIP", "SERV"]


def test_what_is_listed_can_be_put_again(door):
    put(door, *SET)
    whole = {"kind": "fixed", "price": "29900", "currency": "KRW", "title": "Start", "title_ko": "시작", "active": True}
    assert listed(door) == [
        {"bundle_id": "S", "product_id": "DRIP", "role": "dripper", "quantity": 1, **whole},
        {"bundle_id": "S", "product_id": "FILT", "quantity": 2, **whole},
    ]
    assert put(door, *listed(door)).json()["same"] == 2


def test_unknown_parts_are_named(door):
    assert put(door, SET[0], {**SET[1], "product_id": "LATER"}).json()["unknown"] == ["LATER"]


def test_a_bundle_moves_the_change_number(door):
    before = door.shop.records.person(None).change_number
    put(door, *SET)
    assert door.shop.records.bundles_changed_since(before)
    assert not door.shop.records.links_changed_since(before)


@pytest.mark.parametrize(
    ("part", "place"),
    [
        ({"product_id": "SERV"}, "/bundles/2"),
        ({"bundle_id": "S", "product_id": "SERV", "quantity": 0}, "/bundles/2/quantity"),
        ({"bundle_id": "S", "product_id": "SERV", "price": "1"}, "/bundles/2/price"),
        ({"bundle_id": "S", "product_id": "SERV", "kind": "mix"}, "/bundles/2/kind"),
        ({"bundle_id": "S", "product_id": "DRIP"}, "/bundles/2/product_id"),
        ({"bundle_id": "T", "product_id": "SERV", "kind": "look"}, "/bundles/2/product_id"),
        ({"bundle_id": "S", "product_id": "SERV", "discount_percent": 101}, "/bundles/2/discount_percent"),
    ],
)
def test_a_wrong_part_is_named_by_its_place_and_nothing_is_kept(door, problem, part, place):
    said = problem(put(door, *SET, part), 422, "bad_input")
    assert said["errors"][0]["pointer"] == place
    assert listed(door) == []
