"""Row O08: the clients people already have, unmodified from PyPI, against the doors of one served shop."""

import json
import shutil
from datetime import UTC, datetime

import boto3
import pytest
from google.api_core.client_options import ClientOptions
from google.cloud import retail_v2
from google.oauth2.credentials import Credentials
from gorse import Gorse
from segment.analytics.client import Client as Segment

ARN = "arn:aws:personalize:eu-west-1:1:"
CATALOG = "projects/p/locations/global/catalogs/default_catalog"
AT = datetime(2026, 10, 20, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def site(little, pantry_home, load_script, tmp_path_factory):
    """A copy of the little shop behind a real server, one of its products banned and one sold out."""
    home = tmp_path_factory.mktemp("doors") / "home"
    shutil.copytree(pantry_home, home)
    with pytest.MonkeyPatch.context() as patch:
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
            patch.delenv(name, raising=False)
        patch.setenv("CROSSLIFT_NO_JIT", "1")
        with (
            little.open_shop(home, little.Clock()) as shop,
            load_script("tests/web/compat/serving.py").serving(shop) as served,
        ):
            ids = sorted(served.served.catalog.products)
            best = [
                offer.product_id
                for offer in shop.decide("home", policy="doors", k=len(ids), kinds=["bestseller"]).offers
            ]
            served.anchor, served.banned, served.gone = best[0], best[1], best[2]
            ban = {"from_id": "*", "to_id": served.banned, "kind": "complement", "action": "ban"}
            shop.put_links([{**ban, "reason": "recalled", "author": "mina"}])
            shop.patch_products([{"product_id": served.gone, "stock": 0}])
            served.ids = ids
            yield served


def personalize(site, service):
    return boto3.client(
        service, endpoint_url=f"{site.url}/compat/personalize", region_name="eu-west-1", aws_access_key_id=site.secret,
        aws_secret_access_key="x" * 20,
    )  # fmt: skip


def retail(site, kind):
    options = ClientOptions(api_endpoint=f"{site.url}/compat/retail")
    return kind(transport="rest", credentials=Credentials(token=site.secret), client_options=options)


def allowed(site, found):
    """Tell that something was answered, and nothing banned or sold out."""
    return bool(found) and not {site.banned, site.gone} & set(found)


def test_o08_personalize(site):
    runtime, events = personalize(site, "personalize-runtime"), personalize(site, "personalize-events")
    answer = runtime.get_recommendations(campaignArn=f"{ARN}campaign/a", itemId=site.anchor, numResults=20)
    found = [one["itemId"] for one in answer["itemList"]]
    assert allowed(site, found)
    kept = site.shop.decision(answer["recommendationId"].removeprefix("RID-"))
    assert [offer["product"] for offer in kept["offers"]] == found
    ranking = runtime.get_personalized_ranking(
        campaignArn=f"{ARN}campaign/a", inputList=[site.banned, site.gone, *found[:2]], userId="u"
    )
    ranked = [(one["itemId"], one["score"]) for one in ranking["personalizedRanking"]]
    assert {name for name, _ in ranked[:2]} == set(found[:2])
    assert ranked[2:] == [(site.banned, 0), (site.gone, 0)]
    bought = {"eventType": "Purchase", "itemId": found[0], "eventId": "o08-apz", "eventValue": 5.0, "sentAt": AT}
    for _ in range(2):
        events.put_events(trackingId="t", userId="o08-apz", sessionId="s", eventList=[bought])
    assert len(site.shop.records.about(["customer:o08-apz"])["order_lines"]) == 1
    events.put_items(
        datasetArn=f"{ARN}dataset/d/ITEMS", items=[{"itemId": "O08", "properties": json.dumps({"PRICE": 3})}]
    )
    assert site.served.catalog.find("O08").price.amount == 3


def test_o08_google_retail(site):
    event = retail_v2.UserEvent(
        event_type="detail-page-view", visitor_id="v",
        product_details=[retail_v2.ProductDetail(product=retail_v2.Product(id=site.anchor))],
    )  # fmt: skip
    answer = retail(site, retail_v2.PredictionServiceClient).predict(
        retail_v2.PredictRequest(placement=f"{CATALOG}/servingConfigs/a", user_event=event, page_size=20)
    )
    found = [one.id for one in answer.results]
    assert allowed(site, found)
    assert [offer["product"] for offer in site.shop.decision(answer.attribution_token)["offers"]] == found
    events = retail(site, retail_v2.UserEventServiceClient)
    for _ in range(2):
        event.event_time = AT
        events.write_user_event(retail_v2.WriteUserEventRequest(parent=CATALOG, user_event=event))
    assert len(site.shop.records.about(["anonymous:v"])["events"]) == 1
    config = retail_v2.ProductInputConfig(product_inline_source=retail_v2.ProductInlineSource(
        products=[retail_v2.Product(id="O08-R", title="New", categories=["a > b"])]
    ))  # fmt: skip
    operation = retail(site, retail_v2.ProductServiceClient).import_products(
        retail_v2.ImportProductsRequest(parent=f"{CATALOG}/branches/0", input_config=config)
    )
    operation.result(timeout=20)
    assert operation.metadata.success_count == 1
    assert site.served.catalog.find("O08-R").category == "a/b"


def test_o08_segment(site):
    client = Segment(site.secret, host=f"{site.url}/compat/segment", sync_mode=True, gzip=True)
    bought = {
        "order_id": "o08",
        "currency": "USD",
        "products": [{"product_id": site.anchor, "quantity": 2, "price": 5}],
    }
    for _ in range(2):
        client.track("o08-seg", "Order Completed", bought, message_id="o08-message", timestamp=AT)
    client.identify("o08-seg", {"plan": "gold"})
    about = site.shop.records.about(["customer:o08-seg"])
    assert sorted(event["name"] for event in about["events"]) == ["Order Completed", "identify"]
    assert [line["quantity"] for line in about["order_lines"]] == [2]


def test_o08_gorse(site):
    client = Gorse(f"{site.url}/compat/gorse", site.secret)
    assert allowed(site, [one.id for one in client.get_recommend("nobody", n=20)])
    neighbors = [one["Id"] for one in client.get_neighbors(site.anchor)]
    decided = site.shop.decide("comparison", product=site.anchor, policy="doors", kinds=["substitute", "alike"], k=10)
    assert neighbors == [offer.product_id for offer in decided.offers]
    assert allowed(site, neighbors)
    feedback = {
        "FeedbackType": "purchase",
        "UserId": "o08-gor",
        "ItemId": site.anchor,
        "Timestamp": AT.isoformat(),
        "Value": 1.0,
    }
    for _ in range(2):
        assert client.insert_feedbacks([feedback]) == {"RowAffected": 1}
    assert len(site.shop.records.about(["customer:o08-gor"])["order_lines"]) == 1
    assert client.insert_item(
        {"ItemId": "O08-G", "IsHidden": True, "Categories": [], "Labels": {}, "Comment": "x"}
    ) == {"RowAffected": 1}
    assert client.get_item("O08-G")["IsHidden"] is True
