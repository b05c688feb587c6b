"""Google's own Retail client over REST, unmodified, against the door."""

import json

import httpx
import pytest
from google.api_core.client_options import ClientOptions
from google.api_core.exceptions import BadRequest, Forbidden, NotFound, Unauthorized
from google.cloud import retail_v2
from google.oauth2.credentials import Credentials
from google.protobuf.timestamp_pb2 import Timestamp

CATALOG = "projects/p/locations/global/catalogs/default_catalog"
BRANCH = f"{CATALOG}/branches/default_branch"


@pytest.fixture(scope="module")
def client(site):
    def of(kind, key=site.secret):
        options = ClientOptions(api_endpoint=f"{site.url}/compat/retail")
        return kind(transport="rest", credentials=Credentials(token=key), client_options=options)

    return of


@pytest.fixture(scope="module")
def predictions(client):
    return client(retail_v2.PredictionServiceClient)


@pytest.fixture(scope="module")
def events(client):
    return client(retail_v2.UserEventServiceClient)


@pytest.fixture(scope="module")
def products(client):
    return client(retail_v2.ProductServiceClient)


def detail(product, quantity=None):
    return retail_v2.ProductDetail(product=retail_v2.Product(id=product), quantity=quantity)


def event(kind="detail-page-view", *ids, visitor="v-1", **more):
    return retail_v2.UserEvent(
        event_type=kind, visitor_id=visitor, product_details=[detail(one) for one in ids], **more
    )


def predict(predictions, name="any", kind="detail-page-view", ids=("DRIP",), **more):
    return predictions.predict(retail_v2.PredictRequest(
        placement=f"{CATALOG}/servingConfigs/{name}", user_event=event(kind, *ids), **more
    ))  # fmt: skip


def test_predictions_are_what_decide_gives_and_are_recorded(site, predictions):
    answer = predict(predictions, page_size=4)
    listed = [one.id for one in answer.results]
    assert listed[:2] == ["FILT", "SERV"]
    assert len(listed) == 4
    kept = site.shop.decision(answer.attribution_token)
    assert [offer["product"] for offer in kept["offers"]] == listed
    assert site.shop.replay(answer.attribution_token).is_equal


def test_placements_carts_products_and_scores(predictions):
    answer = predictions.predict(retail_v2.PredictRequest(
        placement=f"{CATALOG}/placements/any", user_event=event("add-to-cart", "DRIP", "FILT", "unheard-of"), page_size=3,
        params={"returnProduct": True, "returnScore": True}, labels={"k": "v"},
    ))  # fmt: skip
    assert list(answer.missing_ids) == ["unheard-of"]
    first = answer.results[0]
    assert first.id == "SERV"
    assert dict(first.metadata)["product"]["title"] == "Glass server"
    assert dict(first.metadata)["score"] > 0


def test_banned_and_sold_out_products_are_never_predicted(barred, predictions):
    assert not {"SERV", "FILT"} & {one.id for one in predict(predictions, page_size=100).results}


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ('(categories: ANY("brew"))', {"FILT", "SERV"}),
        ('categories: ANY("brew") AND NOT (categories: ANY("brew > servers"))', {"FILT"}),
        ('tag="nobody-has-it"', set()),
        ('filterOutOfStockItems categories: ANY("brew")', {"FILT", "SERV"}),
    ],
)
def test_filters_in_both_syntaxes(predictions, text, wanted):
    answer = predict(predictions, page_size=50, filter=text, params={"filterSyntaxV2": True})
    assert {one.id for one in answer.results} == wanted


def test_an_empty_answer_may_be_filled_with_what_is_popular(predictions):
    answer = predict(predictions, page_size=5, filter='tag="nobody-has-it"', params={"strictFiltering": False})
    assert len(answer.results) == 5


def test_validation_alone_records_nothing(site, predictions):
    before = site.shop.records.table("decisions", ["decision_id"]).num_rows
    answer = predict(predictions, page_size=2, validate_only=True)
    assert answer.validate_only
    assert not answer.attribution_token
    assert site.shop.records.table("decisions", ["decision_id"]).num_rows == before


def test_events_are_written_and_answer_to_their_prediction(site, predictions, events):
    token = predict(predictions, page_size=3).attribution_token
    at = Timestamp(seconds=1_772_700_000)
    bought = retail_v2.UserEvent(
        event_type="purchase-complete", visitor_id="v-2", event_time=at, attribution_token=token,
        user_info=retail_v2.UserInfo(user_id="ret-1"), product_details=[detail("FILT", 2), detail("SERV", 1)],
        purchase_transaction=retail_v2.PurchaseTransaction(id="ret-o1", revenue=34000.0, currency_code="KRW"),
    )  # fmt: skip
    for _ in range(2):
        answer = events.write_user_event(retail_v2.WriteUserEventRequest(parent=CATALOG, user_event=bought))
        assert answer.visitor_id == "v-2"
    lines = site.shop.records.about(["customer:ret-1"])["order_lines"]
    assert {(line["order_id"], line["product_id"], line["quantity"]) for line in lines} == {
        ("ret-o1", "FILT", 2),
        ("ret-o1", "SERV", 1),
    }
    found = site.shop.records.table("responses", ["decision_id", "product_id", "action"]).to_pylist()
    assert {(one["product_id"], one["action"]) for one in found if one["decision_id"] == token} == {
        ("FILT", "accept"),
        ("SERV", "accept"),
    }


def test_two_visits_to_a_page_are_two_events(site, events):
    for _ in range(2):
        events.write_user_event(
            retail_v2.WriteUserEventRequest(parent=CATALOG, user_event=event("home-page-view", visitor="v-home"))
        )
    assert site.shop.records.about(["anonymous:v-home"])["events"]


def test_pixels_collect_with_either_key(site, client, events):
    text = json.dumps(
        {"eventType": "detail-page-view", "visitorId": "v-pixel", "productDetails": [{"product": {"id": "MUG"}}]}
    )
    events.collect_user_event(retail_v2.CollectUserEventRequest(parent=CATALOG, user_event=text))
    pixel = f"{site.url}/compat/retail/v2/{CATALOG}/userEvents:collect"
    assert httpx.get(pixel, params={"userEvent": text, "key": site.publishable}).status_code == 200
    named = json.dumps({**json.loads(text), "userInfo": {"userId": "somebody"}})
    assert httpx.get(pixel, params={"userEvent": named, "key": site.publishable}).status_code == 403
    assert [one["product_id"] for one in site.shop.records.about(["anonymous:v-pixel"])["events"]]


def test_many_events_are_imported_by_an_operation(site, events):
    at = Timestamp(seconds=1_772_600_000)
    several = [
        event("detail-page-view", "MUG", visitor="v-many", event_time=at),
        event("search", visitor="v-many", event_time=at, search_query="tea"),
        event("detail-page-view", "MUG", visitor="v-many"),
    ]  # fmt: skip
    config = retail_v2.UserEventInputConfig(
        user_event_inline_source=retail_v2.UserEventInlineSource(user_events=several)
    )
    operation = events.import_user_events(retail_v2.ImportUserEventsRequest(parent=CATALOG, input_config=config))
    result = operation.result(timeout=20)
    assert (operation.metadata.success_count, operation.metadata.failure_count) == (2, 1)
    assert "eventTime" in result.error_samples[0].message
    assert {one["name"] for one in site.shop.records.about(["anonymous:v-many"])["events"]} == {
        "Product Viewed",
        "Products Searched",
    }


def test_the_catalog_is_imported_by_an_operation_and_read_again(site, products):
    made = [
        retail_v2.Product(
            id="RET-1", title="Matcha", categories=["Drinks > Tea"], brands=["Uji"], availability=1, uri="http://x/m",
            tags=["new"],
            price_info=retail_v2.PriceInfo(currency_code="KRW", price=18000), available_quantity=3,
            attributes={"material": retail_v2.CustomAttribute(text=["leaf"])},
        ),
        retail_v2.Product(id="RET-2", categories=["Drinks"]),
        retail_v2.Product(id="SPOON", title="Spoon", categories=["spoons"], availability="OUT_OF_STOCK"),
    ]  # fmt: skip

    def sent(which, mode=1):
        config = retail_v2.ProductInputConfig(product_inline_source=retail_v2.ProductInlineSource(products=which))
        return products.import_products(
            retail_v2.ImportProductsRequest(parent=BRANCH, input_config=config, reconciliation_mode=mode)
        )

    operation = sent(made)
    operation.result(timeout=20)
    assert (operation.metadata.success_count, operation.metadata.failure_count) == (2, 1)
    again = products.get_operation({"name": operation.operation.name})
    assert again.done
    matcha, spoon = products.get_product(name=f"{BRANCH}/products/RET-1"), site.served.overlay().row("SPOON")
    assert (matcha.title, list(matcha.categories), matcha.price_info.price, matcha.availability) == (
        "Matcha",
        ["Drinks > Tea"],
        18000,
        1,
    )
    assert site.served.catalog.find("RET-1").attributes["tags"] == ["new"]
    assert (spoon.stock, spoon.price_micros) == (0, 3_000_000_000)
    sent([retail_v2.Product(id="SPOON", title="Spoon", categories=["spoons"], availability=1)])
    assert site.served.overlay().row("SPOON").stock is None
    with pytest.raises(BadRequest, match="FULL"):
        sent(made[:1], mode=2)


def test_an_api_key_serves_as_well_as_a_token(site):
    def by_key(key):
        options = ClientOptions(api_endpoint=f"{site.url}/compat/retail", api_key=key)
        return retail_v2.PredictionServiceClient(transport="rest", client_options=options)

    assert predict(by_key(site.secret)).results
    with pytest.raises(Unauthorized):
        predict(by_key("sk_nobody"))


def test_wrong_input_is_told_in_their_shape(site, client, predictions, products):
    with pytest.raises(BadRequest, match="filter"):
        predict(predictions, filter="colors: SOME(1)")
    with pytest.raises(BadRequest, match="priceRerankLevel"):
        predict(predictions, params={"priceRerankLevel": "very"})
    with pytest.raises(BadRequest, match="visitorId"):
        predictions.predict(
            retail_v2.PredictRequest(placement=f"{CATALOG}/servingConfigs/any", user_event=event(visitor=""))
        )
    with pytest.raises(BadRequest, match="about products"):
        predict(predictions, "similar-items", "home-page-view", ())
    with pytest.raises(NotFound):
        products.get_product(name=f"{BRANCH}/products/unheard-of")
    with pytest.raises(NotFound):
        products.get_operation({"name": "projects/p/operations/nonsense"})
    with pytest.raises(Forbidden):
        predict(client(retail_v2.PredictionServiceClient, site.publishable))
    answer = httpx.get(f"{site.url}/compat/retail/v2/nonsense").json()
    assert answer["error"]["status"] == "NOT_FOUND"
