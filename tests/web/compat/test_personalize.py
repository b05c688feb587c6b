"""Amazon Personalize's own client, unmodified, against the door."""

import json
from datetime import UTC, datetime

import boto3
import httpx
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

ARN = "arn:aws:personalize:eu-west-1:1:"
CAMPAIGN = f"{ARN}campaign/any"


@pytest.fixture(scope="module")
def client(site):
    def of(service, key=site.secret):
        return boto3.client(
            service, endpoint_url=f"{site.url}/compat/personalize", region_name="eu-west-1", aws_access_key_id=key,
            aws_secret_access_key="x" * 20, config=Config(retries={"max_attempts": 1}),
        )  # fmt: skip

    return of


@pytest.fixture(scope="module")
def runtime(client):
    return client("personalize-runtime")


@pytest.fixture(scope="module")
def events(client):
    return client("personalize-events")


def ids(answer, name="itemList"):
    return [one["itemId"] for one in answer[name]]


def refused(code, status):
    return pytest.raises(ClientError, check=lambda e: (
        e.response["Error"]["Code"] == code and e.response["ResponseMetadata"]["HTTPStatusCode"] == status
        and e.response["Error"]["Message"]
    ))  # fmt: skip


def test_related_items_are_what_decide_gives_and_are_recorded(site, runtime):
    answer = runtime.get_recommendations(campaignArn=CAMPAIGN, itemId="DRIP", numResults=4, context={"DEVICE": "phone"})
    assert ids(answer)[:2] == ["FILT", "SERV"]
    assert len(answer["itemList"]) == 4
    scores = [one["score"] for one in answer["itemList"]]
    assert scores == sorted(scores, reverse=True)
    assert len(answer["recommendationId"]) <= 40
    kept = site.shop.decision(answer["recommendationId"].removeprefix("RID-"))
    assert [offer["product"] for offer in kept["offers"]] == ids(answer)
    assert site.shop.replay(kept["decision_id"]).is_equal


def test_bestsellers_that_fill_the_list_say_so(runtime):
    answer = runtime.get_recommendations(campaignArn=CAMPAIGN, userId="nobody", numResults=3)
    assert len(answer["itemList"]) == 3
    assert all(one["reason"] == ["Popular item"] for one in answer["itemList"])


def test_recommenders_and_kinds_by_name(runtime):
    answer = runtime.get_recommendations(recommenderArn=f"{ARN}recommender/complements", itemId="DRIP")
    assert set(ids(answer)) == {"FILT", "SERV"}
    with refused("InvalidInputException", 400):
        runtime.get_recommendations(recommenderArn=f"{ARN}recommender/complements", userId="c1")


def test_banned_and_sold_out_items_are_never_recommended(barred, runtime):
    assert not {"SERV", "FILT"} & set(
        ids(runtime.get_recommendations(campaignArn=CAMPAIGN, itemId="DRIP", numResults=50))
    )


def test_filters_with_and_without_values(runtime):
    def asked(name, **values):
        return set(ids(runtime.get_recommendations(
            campaignArn=CAMPAIGN, itemId="MUG", numResults=50, filterArn=f"{ARN}filter/{name}", filterValues=values
        )))  # fmt: skip

    assert asked("brew") == {"DRIP", "FILT", "SERV"}
    assert "FILT" in asked("cheap", MAX="7000")
    assert "DRIP" not in asked("cheap", MAX="7000")
    assert not {"DRIP", "FILT", "SERV"} & asked("not-kind", KIND='"brew","kettles"')
    assert {"DRIP", "FILT"} <= asked("not-kind")
    with refused("InvalidInputException", 400):
        asked("cheap")
    with refused("ResourceNotFoundException", 404):
        asked("unheard-of")


def test_a_filter_looks_at_the_history_of_those_alone_who_allowed_it(site, runtime):
    """Customers with an even number consented to personalization."""
    owned = site.shop.records.person("customer:c2").owned & {"DRIP", "FILT", "SERV", "MUG", "SPOON", "KETTLE", "TOWEL"}
    assert owned
    asked = {"campaignArn": CAMPAIGN, "numResults": 50, "filterArn": f"{ARN}filter/not-bought"}
    assert not owned & set(ids(runtime.get_recommendations(userId="c2", **asked)))
    stranger = set(ids(runtime.get_recommendations(userId="c3", **asked)))
    assert stranger == set(ids(runtime.get_recommendations(userId="nobody", **asked)))


def test_a_promotion_takes_its_share_of_the_list(runtime):
    answer = runtime.get_recommendations(
        campaignArn=CAMPAIGN, itemId="MUG", numResults=4,
        promotions=[{"name": "p1", "percentPromotedItems": 50, "filterArn": f"{ARN}filter/brew"}],
    )  # fmt: skip
    promoted = [one for one in answer["itemList"] if one.get("promotionName") == "p1"]
    assert len(answer["itemList"]) == 4
    assert len(promoted) == 2
    assert all(one["reason"] == ["Promoted item"] and one["itemId"] in {"DRIP", "FILT", "SERV"} for one in promoted)


def test_metadata_columns_come_along(runtime):
    answer = runtime.get_recommendations(
        campaignArn=CAMPAIGN, itemId="DRIP", numResults=1, metadataColumns={"ITEMS": ["PRICE", "CATEGORY_L1"]}
    )
    assert answer["itemList"][0]["metadata"] == {"price": "6500.0", "category_l1": "brew"}


def test_a_ranking_returns_every_input_and_what_cannot_be_sold_last(barred, runtime):
    given = ["SERV", "unheard-of", "SPOON", "FILT", "DRIP", "MUG"]
    answer = runtime.get_personalized_ranking(campaignArn=CAMPAIGN, inputList=given, userId="c2")
    ranked = ids(answer, "personalizedRanking")
    assert sorted(ranked) == sorted(given)
    scores = dict(zip(ranked, (one["score"] for one in answer["personalizedRanking"]), strict=True))
    assert ranked[3:] == ["SERV", "unheard-of", "FILT"]
    assert [scores[name] for name in ranked[3:]] == [0, 0, 0]
    assert all(scores[name] > 0 for name in ranked[:3])
    assert sum(scores.values()) == pytest.approx(1)


def test_a_ranking_follows_what_the_person_bought(runtime):
    answer = runtime.get_personalized_ranking(
        campaignArn=CAMPAIGN, inputList=["TOWEL", "SPOON", "FILT"], userId="c2", filterArn=f"{ARN}filter/brew"
    )
    assert ids(answer, "personalizedRanking") == ["FILT"]


def test_events_go_in_once_and_purchases_of_one_moment_are_one_order(site, events):
    at = datetime(2026, 3, 20, 9, tzinfo=UTC)
    sent = {
        "trackingId": "t", "userId": "apz-1", "sessionId": "s-1",
        "eventList": [
            {"eventId": "apz-e1", "eventType": "View", "itemId": "DRIP", "sentAt": at},
            {"eventId": "apz-e2", "eventType": "Purchase", "itemId": "DRIP", "eventValue": 24000.0, "sentAt": at},
            {"eventId": "apz-e3", "eventType": "Purchase", "itemId": "FILT", "sentAt": at,
             "properties": json.dumps({"qty": 2, "price": 6500}), "metricAttribution": {"eventAttributionSource": "mail"}},
        ],
    }  # fmt: skip
    for _ in range(2):
        assert events.put_events(**sent)["ResponseMetadata"]["HTTPStatusCode"] == 200
    about = site.shop.records.about(["customer:apz-1"])
    assert sorted(event["name"] for event in about["events"]) == ["Order Completed", "Product Viewed"]
    lines = {line["product_id"]: (line["quantity"], line["order_id"]) for line in about["order_lines"]}
    assert lines == {"DRIP": (1, "apz-e2"), "FILT": (2, "apz-e2")}


def test_an_event_that_names_its_recommendation_is_a_response(site, runtime, events):
    answer = runtime.get_recommendations(campaignArn=CAMPAIGN, itemId="DRIP", userId="c2", numResults=2)
    shown, decision = ids(answer), answer["recommendationId"]
    events.put_events(trackingId="t", sessionId="s-2", userId="c2", eventList=[{
        "eventType": "click", "itemId": shown[0], "sentAt": datetime(2026, 3, 21, tzinfo=UTC), "recommendationId": decision,
        "impression": [*shown, "never-offered"],
    }])  # fmt: skip
    found = site.shop.records.about(["customer:c2"])
    own = decision.removeprefix("RID-")
    assert {row["product_id"] for row in found.get("exposures", ()) if row["decision_id"] == own} == set(shown)
    assert [row["action"] for row in found.get("responses", ()) if row["decision_id"] == own] == ["click"]


def test_items_and_users_are_put(site, events):
    arn = f"{ARN}dataset/d/ITEMS"
    before = site.served.catalog.find("SPOON").title
    events.put_items(datasetArn=arn, items=[
        {"itemId": "APZ-NEW", "properties": json.dumps({"price": 12.5, "categoryL1": "tea", "color": "red"})},
        {"itemId": "SPOON", "properties": json.dumps({"MATERIAL": "steel"})},
    ])  # fmt: skip
    fresh, spoon = site.served.catalog.find("APZ-NEW"), site.served.catalog.find("SPOON")
    assert (fresh.category, str(fresh.price.amount), fresh.attributes["COLOR"]) == ("tea", "12.5", "red")
    assert (spoon.title, spoon.attributes["MATERIAL"], int(spoon.price.amount)) == (before, "steel", 3000)
    events.put_users(datasetArn=f"{ARN}dataset/d/USERS", users=[{"userId": "apz-2", "properties": '{"AGE": 33}'}])
    rows = site.shop.records.table("customers", ["traits"], "customer_id = ?", ["apz-2"]).to_pylist()
    assert json.loads(rows[0]["traits"]) == {"AGE": 33}


def test_actions_are_offers_and_what_people_do_with_them_responses(site, runtime, events):
    events.put_actions(datasetArn=f"{ARN}dataset/d/ACTIONS", actions=[
        {"actionId": "join-club", "properties": json.dumps({"title": "Join our club", "benefit": "free delivery"})}
    ])  # fmt: skip
    assert site.shop.offers.show("join-club")["kind"] == "advice"
    answer = runtime.get_action_recommendations(campaignArn=CAMPAIGN, userId="c2")
    assert [one["actionId"] for one in answer["actionList"]] == ["join-club"]
    events.put_action_interactions(trackingId="t", actionInteractions=[{
        "actionId": "join-club", "userId": "c2", "sessionId": "s", "timestamp": datetime(2026, 3, 22, tzinfo=UTC),
        "eventType": "Taken", "recommendationId": answer["recommendationId"],
    }])  # fmt: skip
    own = answer["recommendationId"].removeprefix("RID-")
    told = [row["action"] for row in site.shop.records.about(["customer:c2"])["responses"] if row["decision_id"] == own]
    assert told == ["accept"]


def test_a_door_is_outside_holdouts_until_it_is_bound(site, runtime):
    standing = site.shop.experiments.hold_out(0.5, author="mina", reason="test", has_agreed=True)["experiment_id"]
    try:

        def told(name, n):
            answer = runtime.get_recommendations(campaignArn=f"{ARN}campaign/{name}", userId=f"c{n}")
            return site.shop.decision(answer["recommendationId"].removeprefix("RID-"))

        assert {told("any", n)["arm"] for n in range(0, 24, 2)} == {None}
        bound = [told("bound", n) for n in range(0, 24, 2)]
        assert len({one["arm"] for one in bound}) == 2
        assert {one["policy"] for one in bound} == {"helpful"}
    finally:
        site.shop.experiments.stop(standing, "mina", "test")


def test_wrong_input_is_told_in_their_shape(site, client, runtime, events):
    with refused("InvalidInputException", 400):
        runtime.get_recommendations(campaignArn="arn:aws:nonsense", itemId="DRIP")
    with refused("InvalidInputException", 400):
        runtime.get_recommendations(campaignArn=CAMPAIGN, itemId="DRIP", numResults=501)
    with refused("InvalidInputException", 400):
        events.put_events(trackingId="t", sessionId="s", eventList=[
            {"eventType": "View", "itemId": "A", "sentAt": 1, "properties": "no JSON"}
        ])  # fmt: skip
    with refused("UnrecognizedClientException", 401):
        client("personalize-runtime", "AKIAUNKNOWN").get_recommendations(campaignArn=CAMPAIGN, itemId="DRIP")
    with refused("AccessDeniedException", 403):
        client("personalize-runtime", site.publishable).get_recommendations(campaignArn=CAMPAIGN, itemId="DRIP")
    answer = httpx.post(f"{site.url}/compat/personalize/nonsense", content=b"{}")
    assert answer.status_code == 404
    assert answer.headers["x-amzn-errortype"] == "ResourceNotFoundException"
    assert set(answer.json()) == {"message"}
