"""/v1/links: what the merchant says of pairs, by HTTP; live from the very next decision on."""

import pytest

LINK = {"from_id": "DRIP", "to_id": "FILT", "kind": "complement"}
BAN = {**LINK, "action": "ban", "reason": "recall", "author": "mina"}
KEY = LINK


def put(door, *links):
    return door.ask("PUT", "/v1/links", {"links": list(links)})


def listed(door, **params):
    return door.ask("GET", "/v1/links", params=params).json()["links"]


def test_put_adds_replaces_and_recognizes_the_same(door):
    assert put(door, LINK).json() == {"new": 1, "replaced": 0, "same": 0, "conflicts": [], "unknown": []}
    assert put(door, LINK).json()["same"] == 1
    assert put(door, BAN).json()["replaced"] == 1
    assert listed(door) == [BAN]


def test_each_write_moves_the_change_number_the_next_decision_reads(door):
    numbers = [door.shop.records.person(None).change_number]
    for write in (lambda: put(door, BAN), lambda: door.ask("DELETE", "/v1/links", params=KEY)):
        assert write().status_code == 200
        numbers.append(door.shop.records.person(None).change_number)
        assert door.shop.records.links_changed_since(numbers[-2])
    assert numbers == sorted(set(numbers))


def test_products_nobody_knows_are_named_and_the_link_is_kept(door):
    answer = put(door, LINK, {**LINK, "to_id": "LATER"}, {"from_id": "*", "to_id": "category:coffee", "kind": "apart"})
    assert (answer.json()["new"], answer.json()["unknown"]) == (3, ["LATER"])


def test_an_older_version_is_told_as_a_conflict(door):
    put(door, {**BAN, "updated_at": "2026-03-02T00:00:00Z"})
    answer = put(door, {**LINK, "updated_at": "2026-03-01T00:00:00Z"})
    assert answer.json()["conflicts"] == ["DRIP / FILT / complement"]
    assert listed(door)[0]["action"] == "ban"


def test_a_link_is_taken_back_once(door, problem):
    put(door, LINK, {**LINK, "kind": "fits"})
    assert door.ask("DELETE", "/v1/links", params=KEY).json() == {"removed": 1}
    assert [one["kind"] for one in listed(door)] == ["fits"]
    said = problem(door.ask("DELETE", "/v1/links", params=KEY), 404, "not_found")
    assert said["detail"] == "no complement link from 'DRIP' to 'FILT'; GET /v1/links lists those that stand"


@pytest.mark.parametrize(
    ("params", "parameter"),
    [
        ({"from_id": "DRIP", "to_id": "FILT"}, "kind"),
        ({"from_id": "DRIP", "kind": "fits"}, "to_id"),
        ({**KEY, "kind": "friend"}, "kind"),
        ({**KEY, "from_id": ""}, "from_id"),
        ({**KEY, "to_id": "x" * 201}, "to_id"),
    ],
)
def test_a_link_to_be_taken_back_has_to_be_named_in_full(door, problem, params, parameter):
    said = problem(door.ask("DELETE", "/v1/links", params=params), 422, "bad_input")
    assert said["errors"][0]["parameter"] == parameter


def test_pages_lead_to_each_other(door):
    put(door, *({**LINK, "to_id": f"P{n}"} for n in range(5)))
    first = door.ask("GET", "/v1/links", params={"limit": 3}).json()
    rest = door.ask("GET", "/v1/links", params={"limit": 3, "after": first["next"]}).json()
    assert [one["to_id"] for one in (*first["links"], *rest["links"])] == [f"P{n}" for n in range(5)]
    assert rest["next"] is None


@pytest.mark.parametrize("params", [{"limit": 0}, {"limit": 1001}, {"limit": "x"}, {"after": -1}, {"after": 2**70}])
@pytest.mark.parametrize("path", ["/v1/links", "/v1/bundles"])
def test_a_page_that_cannot_be_is_a_problem(door, problem, path, params):
    said = problem(door.ask("GET", path, params=params), 422, "bad_input")
    assert said["errors"][0]["parameter"] == next(iter(params))


@pytest.mark.parametrize(
    ("link", "place"),
    [
        ({"to_id": "FILT", "kind": "fits"}, "/links/1"),
        ({**LINK, "kind": "friend"}, "/links/1/kind"),
        ({**LINK, "action": "like"}, "/links/1/action"),
        ({**BAN, "author": None}, "/links/1/author"),
        ({**BAN, "reason": " "}, "/links/1/reason"),
        ({**LINK, "to_id": "*"}, "/links/1/to_id"),
        ({**LINK, "to_id": "DRIP"}, "/links/1/to_id"),
        ({**BAN, "action": "boost", "value": "lots"}, "/links/1/value"),
        ({**LINK, "kind": "refill", "value": "often"}, "/links/1/value"),
        ({**LINK, "expires_at": "soon"}, "/links/1/expires_at"),
    ],
)
def test_a_wrong_link_is_named_by_its_place_and_nothing_is_kept(door, problem, link, place):
    said = problem(put(door, LINK, link), 422, "bad_input")
    assert said["errors"][0]["pointer"] == place
    assert listed(door) == []


def test_at_most_a_thousand_at_once(door, problem):
    said = problem(put(door, *({**LINK, "to_id": f"P{n}"} for n in range(1001))), 422, "bad_input")
    assert said["errors"][0]["pointer"] == "/links"


def test_the_reference_shows_a_call_that_names_the_link(door):
    page = door.ask("GET", "/docs", key=None).text
    assert "/v1/links?from_id=$FROM_ID&amp;to_id=$TO_ID&amp;kind=$KIND" in page
