"""Whatever is sent to a door is answered in its vendor's shape, and never by a failure of ours."""

import json

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

RETAIL = "/v2/projects/p/locations/l/catalogs/c"
PATHS = {
    "personalize": (
        "/recommendations", "/personalize-ranking", "/action-recommendations", "/events", "/items", "/users", "/actions",
        "/action-interactions",
    ),
    "retail": (
        f"{RETAIL}/servingConfigs/any:predict", f"{RETAIL}/userEvents:write", f"{RETAIL}/userEvents:collect",
        f"{RETAIL}/userEvents:import", f"{RETAIL}/branches/0/products:import",
    ),
    "segment": ("/v1/batch", "/v1/track", "/v1/identify", "/v1/group", "/v1/alias"),
    "gorse": ("/api/feedback", "/api/item", "/api/items", "/api/user", "/api/users", "/api/session/recommend"),
}  # fmt: skip
ARN, FILTER = "arn:aws:personalize:r:1:campaign/any", "arn:aws:personalize:r:1:filter/"
DOOR_OF = {path: door for door, paths in PATHS.items() for path in paths}
VALUES = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(-(10**20), 10**20), st.floats(allow_nan=False, allow_infinity=False),
        st.text(max_size=20), st.sampled_from([
            "DRIP", "2026-01-01T00:00:00Z", "purchase", "track", "9" * 300, "\ud7ff\u0000", '{"a": 1}', "[" * 50, ARN,
            'tag="a" AND -(b: ANY("c"))', "'; drop table events; --", "../../etc/passwd", "{{ 7 * 7 }}",
        ]),
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=8), inner, max_size=3)),
    max_leaves=6,
)  # fmt: skip
AT = "2026-01-01T00:00:00Z"
EVENT = {
    "eventType": "purchase-complete", "visitorId": "v", "eventTime": AT, "attributionToken": "t", "searchQuery": "tea",
    "productDetails": [{"product": {"id": "DRIP", "priceInfo": {"price": 3, "currencyCode": "KRW"}}, "quantity": 2}],
    "purchaseTransaction": {"id": "o", "revenue": 6, "currencyCode": "KRW", "tax": 1}, "userInfo": {"userId": "fz"},
    "attributes": {"a": {"text": ["b"]}}, "pageCategories": ["a > b"], "sessionId": "s", "experimentIds": ["A"],
}  # fmt: skip
PRODUCT = {
    "id": "FUZZ", "title": "Fuzz", "categories": ["a > b"], "brands": ["x"], "availability": 1, "availableQuantity": 3,
    "priceInfo": {"price": 3, "currencyCode": "KRW", "cost": 1}, "tags": ["t"], "images": [{"uri": "x"}], "uri": "u",
    "attributes": {"a": {"numbers": [1]}}, "primaryProductId": "FUZZ",
}  # fmt: skip
MESSAGE = {
    "type": "track", "event": "Order Completed", "userId": "fz", "anonymousId": "a", "messageId": "m", "timestamp": AT,
    "properties": {"order_id": "o", "currency": "KRW", "products": [{"product_id": "MUG", "quantity": 1, "price": 9}]},
    "context": {"library": {"name": "x"}}, "traits": {"a": 1}, "groupId": "g", "previousId": "p",
}  # fmt: skip
FEEDBACK = {"FeedbackType": "purchase", "UserId": "fz", "ItemId": "MUG", "Value": 1.0, "Timestamp": AT, "Comment": "c"}
ITEM = {
    "ItemId": "FUZZ", "IsHidden": False, "Categories": ["a"], "Labels": {"price": 3, "title": "t"}, "Timestamp": AT,
    "Comment": "c",
}  # fmt: skip
VALID = {
    "/recommendations": {
        "campaignArn": ARN, "itemId": "DRIP", "userId": "c2", "numResults": 3, "context": {"DEVICE": "x"},
        "filterArn": f"{FILTER}not-kind", "filterValues": {"KIND": '"a"'}, "metadataColumns": {"ITEMS": ["PRICE"]},
        "promotions": [
            {"name": "p", "percentPromotedItems": 50, "filterArn": f"{FILTER}cheap", "filterValues": {"MAX": "7"}}
        ],
    },
    "/personalize-ranking": {
        "campaignArn": ARN, "userId": "c2", "inputList": ["DRIP", "MUG"], "filterArn": f"{FILTER}brew",
    },
    "/action-recommendations": {"campaignArn": ARN, "userId": "c2", "numResults": 2},
    "/events": {"trackingId": "t", "sessionId": "s", "userId": "fz", "eventList": [{
        "eventId": "e", "eventType": "Purchase", "eventValue": 2.5, "itemId": "MUG", "sentAt": 1767323045,
        "properties": '{"qty": 2}', "recommendationId": "RID-x", "impression": ["MUG"],
        "metricAttribution": {"eventAttributionSource": "m"},
    }]},
    "/items": {"datasetArn": ARN, "items": [{"itemId": "FUZZ", "properties": '{"PRICE": 3, "CATEGORY_L1": "a"}'}]},
    "/users": {"datasetArn": ARN, "users": [{"userId": "fz", "properties": '{"AGE": 3}'}]},
    "/actions": {"datasetArn": ARN, "actions": [{"actionId": "fuzz", "properties": '{"title": "t"}'}]},
    "/action-interactions": {"trackingId": "t", "actionInteractions": [{
        "actionId": "fuzz", "userId": "fz", "sessionId": "s", "timestamp": 1767323045, "eventType": "Taken",
        "impression": ["a"], "recommendationId": "RID-x", "properties": "{}",
    }]},
    f"{RETAIL}/servingConfigs/any:predict": {
        "userEvent": EVENT, "pageSize": 3, "filter": 'tag="a" AND NOT (colors: ANY("b"))', "validateOnly": True,
        "params": {"returnProduct": True, "strictFiltering": False, "priceRerankLevel": "no-price-reranking"},
    },
    f"{RETAIL}/userEvents:write": EVENT,
    f"{RETAIL}/userEvents:collect": {"userEvent": json.dumps(EVENT)},
    f"{RETAIL}/userEvents:import": {"inputConfig": {"userEventInlineSource": {"userEvents": [EVENT]}}},
    f"{RETAIL}/branches/0/products:import": {
        "inputConfig": {"productInlineSource": {"products": [PRODUCT]}}, "reconciliationMode": 1,
    },
    "/v1/batch": {"batch": [MESSAGE], "context": {"ip": "x"}, "writeKey": "k", "sentAt": AT},
    **{f"/v1/{kind}": MESSAGE for kind in ("track", "identify", "group", "alias")},
    "/api/feedback": [FEEDBACK], "/api/session/recommend": [FEEDBACK], "/api/item": ITEM, "/api/items": [ITEM],
    "/api/user": {"UserId": "fz", "Labels": ["a"], "Comment": "c"}, "/api/users": [{"UserId": "fz", "Labels": {"a": 1}}],
}  # fmt: skip
"""One body for each operation that is taken."""


def places(value, at=()):
    """Name every place in a body."""
    yield at
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from places(inner, (*at, key))


def with_value(body, place, value):
    """Give a body with another value at a place."""
    if not place:
        return value
    fresh = dict(body) if isinstance(body, dict) else list(body)
    fresh[place[0]] = with_value(body[place[0]], place[1:], value)
    return fresh


def is_theirs(door, answer):
    """Tell whether an error has the vendor's shape."""
    if door == "gorse":
        return answer.headers["content-type"].startswith("text/plain") and bool(answer.text)
    said = answer.json()
    if door == "personalize":
        return set(said) == {"message"} and "x-amzn-errortype" in answer.headers
    if door == "segment":
        return said["success"] is False and bool(said["message"])
    return said["error"]["code"] == answer.status_code and bool(said["error"]["status"])


@pytest.fixture(scope="module")
def site(served_copy):
    """A shop of its own: nobody knows what is in it afterwards."""
    with served_copy() as served:
        yield served


@pytest.fixture(scope="module")
def wire(site):
    headers = {
        "personalize": {"Authorization": f"AWS4-HMAC-SHA256 Credential={site.secret}/20260101/r/personalize/aws4_request"},
        "retail": {"Authorization": f"Bearer {site.secret}"}, "segment": {"Authorization": f"Bearer {site.secret}"},
        "gorse": {"X-API-Key": site.secret},
    }  # fmt: skip
    with httpx.Client(timeout=30) as client:
        yield lambda door, path, content, method="POST": client.request(
            method, f"{site.url}/compat/{door}{path}", content=content, headers=headers[door]
        )


@pytest.mark.parametrize("path", VALID)
def test_the_bodies_the_others_are_made_from_are_taken(wire, path):
    answer = wire(DOOR_OF[path], path, json.dumps(VALID[path]).encode())
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("door", PATHS)
@settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(data=st.data())
def test_anything_sent(wire, door, data):
    path = data.draw(st.sampled_from(PATHS[door]))
    body = VALID[path]
    for _ in range(data.draw(st.integers(1, 2))):
        body = with_value(body, data.draw(st.sampled_from(list(places(body)))), data.draw(VALUES))
    answer = wire(door, path, json.dumps(body).encode())
    assert answer.status_code < 500, (path, body, answer.text)
    if answer.status_code >= 400:
        assert is_theirs(door, answer), (answer.status_code, answer.text)


@pytest.mark.parametrize("door", PATHS)
@pytest.mark.parametrize(
    ("content", "method"), [(b"{", "POST"), (b"\xff\xfe", "POST"), (b"", "DELETE"), (b"[" * 5000, "POST")]
)
def test_no_json_and_no_such_operation(wire, door, content, method):
    answer = wire(door, PATHS[door][0], content, method)
    assert 400 <= answer.status_code < 500
    assert is_theirs(door, answer)


@pytest.mark.parametrize("door", PATHS)
def test_without_a_key_nothing_is_taken_in(site, door):
    answer = httpx.post(f"{site.url}/compat/{door}{PATHS[door][0]}", json={})
    assert answer.status_code == 401
    assert is_theirs(door, answer)


def test_a_door_that_is_none_is_a_problem_of_ours(site):
    answer = httpx.post(f"{site.url}/compat/nobody/x", json={})
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
