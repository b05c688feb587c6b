"""/v1/segments: a rule written, its members page by page, and what one person is in at this moment."""

import pytest

KEEN = {
    "segment_id": "keen", "titles": {"en": "Keen on drippers"}, "author": "mina", "reason": "to show the guide",
    "rule": "count('Product Viewed', category='brew', last=1 hour)>=3",
}  # fmt: skip
BUYERS = {**KEEN, "segment_id": "known", "rule": 'owns("DRIP") or owns("FILT") or not consent("marketing")'}


def put(door, **changed):
    return door.ask("PUT", "/v1/segments", {**KEEN, **changed})


def test_a_rule_is_kept_as_one_line_with_its_versions(door):
    first = put(door).json()
    assert first == {
        "segment_id": "keen", "version": 1, "is_active": True,
        "rule": 'count("Product Viewed", category = "brew", last = 1 hour) >= 3',
    }  # fmt: skip
    assert put(door, author="jun", reason="again").json() == first
    assert put(door, rule="orders >= 2").json()["version"] == 2
    assert put(door, rule="orders >= 2", is_active=False).json() == {
        "segment_id": "keen", "version": 3, "rule": "orders >= 2", "is_active": False
    }  # fmt: skip
    [listed] = door.ask("GET", "/v1/segments").json()["segments"]
    assert (listed["version"], listed["titles"], listed["n_members"]) == (3, KEEN["titles"], None)
    assert listed["created_at"] == "2026-04-01T12:00:00+00:00"


def test_a_place_in_the_text_of_a_rule_is_no_place_in_the_body(door):
    said = put(door, rule="ordrs >= 3").json()
    assert said["errors"] == [{"pointer": "", "detail": "'ordrs' is not known; did you mean orders?"}]


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"rule": "ordrs >= 3"}, "did you mean orders?"), ({"rule": 'trait("religion") is "x"'}, "is sensitive"),
        ({"segment_id": "Loyal Ones"}, "use small letters"), ({"titles": {}}, "/titles"), ({"author": " "}, "has no author"),
        ({"rule": ""}, "/rule"), ({"is_active": "no"}, "/is_active"), ({"note": "x"}, "note"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_refused_with_the_place(door, problem, changed, named):
    answer = put(door, **changed)
    problem(answer, 422, "bad_input")
    assert named in answer.text


def test_three_views_make_a_member_by_the_very_next_question(door):
    put(door)
    path = "/v1/customers/anonymous:b-7/segments"
    for number in range(3):
        view = {"type": "track", "event": "Product Viewed", "anonymousId": "b-7", "messageId": f"v{number}",
                "timestamp": "2026-04-01T11:59:00Z", "properties": {"product_id": "DRIP"}}  # fmt: skip
        assert door.ask("POST", "/v1/collect", {"batch": [view]}, key="publishable").status_code == 200
        told = door.ask("GET", path)
        is_in = number == 2
        assert told.json() == {"customer": "anonymous:b-7", "segments": ["keen"] * is_in}
    assert door.ask("GET", "/v1/segments/keen/members").json()["members"] == ["anonymous:b-7"]


def test_members_come_page_by_page_of_one_moment(door, problem):
    put(door, **BUYERS)
    whole = door.ask("GET", "/v1/segments/known/members", params={"limit": 1000}).json()
    assert whole["n_members"] == len(whole["members"]) == 90
    assert whole["next"] is None
    found, after = [], ""
    while after is not None:
        page = door.ask("GET", "/v1/segments/known/members", params={"limit": 40, "after": after}).json()
        assert page["at"] == whole["at"]
        found, after = [*found, *page["members"]], page["next"]
    assert found == whole["members"] == sorted(found)
    problem(door.ask("GET", "/v1/segments/nobody/members"), 404, "not_found")
    problem(door.ask("GET", "/v1/segments/known/members", params={"limit": 0}), 422, "bad_input")


def test_an_erased_person_is_in_no_further_page(door, problem):
    put(door, **BUYERS)
    first = door.ask("GET", "/v1/segments/known/members", params={"limit": 40}).json()
    assert door.ask("DELETE", "/v1/customers/c7").json()["is_complete"]
    rest = door.ask("GET", "/v1/segments/known/members", params={"limit": 100, "after": first["next"]}).json()
    assert "customer:c7" not in rest["members"]
    assert rest["n_members"] == 89
    problem(door.ask("GET", "/v1/customers/c7/segments"), 404, "not_found")
