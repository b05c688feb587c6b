"""PyGorse, unmodified, against the door."""

import httpx
import pytest
from gorse import Gorse, GorseException


@pytest.fixture
def client(site):
    return Gorse(f"{site.url}/compat/gorse", site.secret, timeout=30)


def test_recommendations_with_scores_pages_and_categories(site, client):
    found = client.get_recommend("nobody", n=4)
    assert len(found) == 4
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)
    assert [one.id for one in client.get_recommend("nobody", n=2, offset=2)] == [one.id for one in found][2:]
    brew = {one.id for one in client.get_recommend("nobody", "brew > drippers", n=20)}
    assert brew == {"DRIP"}
    plain = httpx.get(f"{site.url}/compat/gorse/api/recommend/nobody?n=2", headers={"X-API-Key": site.secret}).json()
    assert plain == [one.id for one in found][:2]


def test_neighbors_and_sessions(site, client, barred):
    assert client.get_neighbors("DRIP", n=3) == []
    seen = [{"FeedbackType": "read", "UserId": "u", "ItemId": "MUG", "Value": 1.0, "Timestamp": "2026-01-01T00:00:00Z"}]
    listed = [one["Id"] for one in client.session_recommend(seen, n=20)]
    assert listed[0] == "SPOON"
    assert not {"MUG", "SERV", "FILT"} & set(listed)


@pytest.mark.parametrize("name", ["complements", "substitutes", "upsell"])
def test_item_to_item_is_named_by_kind(site, name):
    answer = httpx.get(f"{site.url}/compat/gorse/api/item-to-item/{name}/DRIP?n=5", headers={"X-API-Key": site.secret})
    assert answer.status_code == 200
    assert [one["Id"] for one in answer.json()] == (["FILT", "SERV"] if name == "complements" else [])


def test_feedback_goes_in_once_and_comes_back(site, client):
    feedback = [
        {"FeedbackType": "read", "UserId": "gor-1", "ItemId": "MUG", "Value": 1.0, "Timestamp": "2026-03-01T00:00:00Z"},
        {"FeedbackType": "purchase", "UserId": "gor-1", "ItemId": "MUG", "Value": 1.0, "Timestamp": "2026-03-02T00:00:00Z"},
        {"FeedbackType": "purchase", "UserId": "gor-1", "ItemId": "SPOON", "Value": 1.0, "Timestamp": "2026-03-02T00:00:00Z"},
    ]  # fmt: skip
    for _ in range(2):
        assert client.insert_feedbacks(feedback) == {"RowAffected": 3}
    assert client.insert_feedback("star", "gor-1", "DRIP", "2026-03-03T00:00:00Z") == {"RowAffected": 1}
    about = site.shop.records.about(["customer:gor-1"])
    assert {(line["product_id"], line.get("unit_price_micros")) for line in about["order_lines"]} == {
        ("MUG", None),
        ("SPOON", None),
    }
    assert len({line["order_id"] for line in about["order_lines"]}) == 1
    assert [one["ItemId"] for one in client.list_feedbacks("read", "gor-1")] == ["MUG"]
    assert sorted(one["ItemId"] for one in client.list_feedbacks("purchase", "gor-1")) == ["MUG", "SPOON"]


def test_items_are_put_changed_listed_and_taken_out_of_sight(site, client):
    item = {"ItemId": "GOR-1", "IsHidden": False, "Categories": ["tea", "gift"], "Labels": {"price": 1200},
            "Timestamp": "2026-01-01T00:00:00Z", "Comment": "Sencha"}  # fmt: skip
    assert client.insert_item(item) == {"RowAffected": 1}
    assert client.get_item("GOR-1") == item
    assert site.served.catalog.find("GOR-1").price.amount == 1200
    assert client.update_item("GOR-1", is_hidden=True, comment="Sencha 2") == {"RowAffected": 1}
    assert client.get_item("GOR-1") == {**item, "IsHidden": True, "Comment": "Sencha 2"}
    some, cursor = client.get_items(3)
    rest, end = client.get_items(1000, cursor)
    assert len(some) == 3
    assert end == ""
    assert [one["ItemId"] for one in [*some, *rest]] == sorted(site.served.catalog.products)
    assert [one["ItemId"] for one in client.search_items("sencha")] == ["GOR-1"]
    assert client.delete_item("SPOON") == {"RowAffected": 1}
    assert "SPOON" not in {one.id for one in client.get_recommend("nobody", n=50)}
    client.update_item("SPOON", is_hidden=False)


def test_users_are_put_listed_and_erased(site, client):
    assert client.insert_users([{"UserId": "gor-2", "Labels": ["a"], "Comment": "x"}, {"UserId": "gor-3"}]) == {
        "RowAffected": 2
    }
    assert client.insert_user({"UserId": "gor-4", "Labels": {"age": 3}}) == {"RowAffected": 1}
    assert client.get_user("gor-2") == {"UserId": "gor-2", "Labels": ["a"], "Comment": "x"}
    users, _ = client.get_users(1000)
    assert {"gor-2", "gor-3", "gor-4"} <= {one["UserId"] for one in users}
    assert client.delete_user("gor-2") == {"RowAffected": 1}
    with pytest.raises(GorseException) as gone:
        client.get_user("gor-2")
    assert gone.value.status_code == 404


def test_wrong_input_is_told_as_text(site, client):
    for asked, status in (
        (lambda: client.get_item("unheard-of"), 404),
        (lambda: client.insert_feedback("read", "u", "", "2026-01-01"), 400),
        (lambda: client.insert_feedback("read", "u", "MUG", "no time"), 400),
        (lambda: client.get_recommend("u", n="many"), 400),
        (lambda: client.get_feedbacks(3), 501),
        (lambda: client.delete_feedback("u", "MUG"), 501),
        (lambda: Gorse(f"{site.url}/compat/gorse", "nonsense").get_item("MUG"), 401),
        (lambda: Gorse(f"{site.url}/compat/gorse", site.publishable).get_item("MUG"), 403),
    ):
        with pytest.raises(GorseException) as wrong:
            asked()
        assert wrong.value.status_code == status, wrong.value.message
        assert wrong.value.message
    answer = httpx.get(f"{site.url}/compat/gorse/api/health/ready", headers={"X-API-Key": site.secret})
    assert answer.json()["Ready"] is True
