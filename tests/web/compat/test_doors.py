"""What holds at every door: roles, readiness, pages of other sites."""

import pytest

from crosslift.shop import Shop

ASKED = {
    "personalize": ("/recommendations", {"campaignArn": "arn:aws:personalize:r:1:campaign/a", "itemId": "DRIP"}),
    "retail": (
        "/v2/projects/p/locations/l/catalogs/c/servingConfigs/a:predict",
        {"userEvent": {"eventType": "home-page-view", "visitorId": "v"}},
    ),
    "gorse": ("/api/recommend/u", None),
}


def headers(name, key):
    return {
        "personalize": {"Authorization": f"AWS4-HMAC-SHA256 Credential={key}/20260101/r/personalize/aws4_request"},
        "retail": {"Authorization": f"Bearer {key}"}, "segment": {"Authorization": f"Bearer {key}"},
        "gorse": {"X-API-Key": key},
    }[name]  # fmt: skip


@pytest.mark.parametrize("name", ASKED)
def test_before_anything_is_learned_a_door_asks_for_patience_and_takes_facts_in(open_door, tmp_path, now, name):
    with Shop(tmp_path / "home", clock=lambda: now) as shop, open_door(shop) as door:
        path, body = ASKED[name]
        answer = door.ask(
            "GET" if body is None else "POST",
            f"/compat/{name}{path}",
            body,
            key=None,
            headers=headers(name, door.secret),
        )
        assert answer.status_code == 503, answer.text
        assert answer.headers["retry-after"]
        told = door.ask(
            "POST",
            "/compat/segment/v1/track",
            {"userId": "u", "event": "Quiz"},
            key=None,
            headers=headers("segment", door.secret),
        )
        assert told.json() == {"success": True}


def test_a_key_may_do_what_its_roles_allow(door):
    looks = door.shop.keys.create("secret", "looks", roles=["viewer"])
    arn = {"datasetArn": "arn:aws:personalize:r:1:dataset/d/ITEMS", "items": [{"itemId": "X"}]}
    for name, path, body, status in (
        ("personalize", "/items", arn, 403), ("gorse", "/api/item", {"ItemId": "X"}, 403),
        ("segment", "/v1/track", {"userId": "u", "event": "Quiz"}, 400),
    ):  # fmt: skip
        answer = door.ask("POST", f"/compat/{name}{path}", body, key=None, headers=headers(name, looks))
        assert answer.status_code == status, answer.text
    assert door.ask("GET", "/compat/gorse/api/item/DRIP", key=None, headers=headers("gorse", looks)).status_code == 200
    assert door.served.catalog.find("X") is None


def test_pages_of_any_site_may_tell_events_and_ask_for_nothing_else(door):
    asked = {"Origin": "https://shop.example", "Access-Control-Request-Method": "POST"}
    answer = door.ask("OPTIONS", "/compat/segment/v1/batch", key=None, headers=asked)
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (204, "*")
    sent = {"batch": [{"type": "track", "anonymousId": "a", "event": "Quiz"}], "writeKey": door.publishable}
    told = door.ask("POST", "/compat/segment/v1/batch", sent, key=None, headers=asked)
    assert (told.json(), told.headers["access-control-allow-origin"]) == ({"success": True}, "*")
    other = door.ask("OPTIONS", "/compat/gorse/api/item", key=None, headers=asked)
    assert "access-control-allow-origin" not in other.headers
