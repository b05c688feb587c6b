"""Whatever is sent to a door: an answer or a problem of the caller, never a failure of ours."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from crosslift.collect.answers.known import SENDERS
from crosslift.collect.coupons import CampaignText
from crosslift.collect.deliveries.known import PLATFORMS
from crosslift.collect.experiments import ExperimentText
from crosslift.collect.schemas import SCHEMAS
from crosslift.collect.schemas_offers import OFFERS
from crosslift.collect.sources.segment import Message
from crosslift.shop.goals import FIELDS
from crosslift.web.api import (
    chat,
    collect,
    confirmations,
    consents,
    coupons,
    customers,
    decide,
    experiments,
    explain,
    policies,
    products,
    respond,
    segments,
    widget,
)
from crosslift.web.api.goals import SetGoals

DOORS = [
    ("POST", "/v1/decide"), ("POST", "/v1/decide/page"), ("POST", "/v1/decide/text"), ("POST", "/v1/chat"),
    ("POST", "/v1/widget"), ("POST", "/v1/explain"), ("POST", "/v1/collect"),
    ("POST", "/v1/respond"),
    ("PUT", "/v1/products"), ("PATCH", "/v1/products"), ("POST", "/v1/identify"), ("POST", "/v1/identities"),
    ("POST", "/v1/consents"),
    ("PUT", "/v1/policies"), ("POST", "/v1/policies/check"), ("POST", "/v1/policies/ours/publish"),
    ("POST", "/v1/policies/ours/rollback"), ("POST", "/v1/policies/stop"), ("POST", "/v1/consents/ask"),
    ("POST", "/v1/consents/confirm"), ("PUT", "/v1/segments"), ("PUT", "/v1/links"),
    ("PUT", "/v1/bundles"), ("POST", "/storefront/respond"), ("PUT", "/v1/facts/orders"),
    ("PUT", "/v1/facts/feedback"), ("PUT", "/v1/facts/logged_choices"), ("PUT", "/v1/offers"),
    ("POST", "/v1/decisions/d/promise"), ("POST", "/v1/promises/K7QM3XPA/redeem"),
    ("PUT", "/v1/coupon-campaigns"), ("POST", "/v1/coupons"), ("POST", "/v1/coupons/SPRING/redeem"),
    ("POST", "/v1/coupons/SPRING/release"),
    ("POST", "/v1/confirmations/ask"), ("POST", "/v1/confirmations/show"), ("POST", "/v1/confirmations/confirm"),
    ("PUT", "/v1/experiments"), ("PUT", "/v1/goals"), ("POST", "/v1/experiments/words/stop"), ("POST", "/v1/holdout"),
    ("POST", "/v1/jobs/learn/run"), ("POST", "/v1/jobs/learn/pause"), ("POST", "/v1/jobs/learn/resume"),
    ("PUT", "/v1/facts/agents"), ("PUT", "/v1/facts/confirmations"),
    *(("POST", f"/v1/voice/{sender}") for sender in SENDERS),
    *(("POST", f"/v1/webhooks/{platform}") for platform in PLATFORMS),
    ("POST", "/v1/session"), ("POST", "/v1/session/password"), ("POST", "/v1/users"), ("POST", "/v1/keys"),
    ("POST", "/v1/keys/token"), ("POST", "/v1/policies/simulate"), ("POST", "/v1/customers/c1/mute"),
    ("POST", "/v1/customers/c1/unmute"), ("POST", "/v1/imports/99/undo"),
]  # fmt: skip
NAMES = sorted({
    *decide.Ask.__struct_encode_fields__, *chat.AskChat.__struct_fields__, "paper", "width",
    *widget.AskWidget.__struct_encode_fields__, *widget.Spot.__struct_fields__, *explain.Explain.__struct_fields__,
    *respond.Said.__struct_encode_fields__,
    *respond.Responses.__struct_fields__, *collect.Batch.__struct_encode_fields__, *Message.__struct_encode_fields__,
    *products.Products.__struct_fields__, *customers.Identify.__struct_fields__, *customers.Split.__struct_fields__,
    *consents.AskConsent.__struct_fields__, "consents", *segments.PutSegment.__struct_fields__,
    *OFFERS.names, "offers", "title_en", "benefit_en", "label_en", "text_en", "source", "order", "language",
    *CampaignText.__struct_fields__, *coupons.RedeemCoupon.__struct_fields__, *coupons.IssueCoupon.__struct_fields__,
    *SetGoals.__struct_fields__, *FIELDS, *ExperimentText.__struct_fields__, *experiments.HoldOut.__struct_fields__,
    "experiments",
    *policies.DraftPolicy.__struct_fields__, *policies.RollBack.__struct_fields__,
    *SCHEMAS["consents"].names, "token", *SCHEMAS["products"].names, *SCHEMAS["links"].names,
    *SCHEMAS["bundles"].names, "title_ko", "sku", "links", "bundles", *SCHEMAS["orders"].names,
    *SCHEMAS["feedback"].names, *SCHEMAS["logged_choices"].names, "orders", "feedback", "data", "timestamp", "fields",
    *confirmations.AskConfirmation.__struct_fields__, *SCHEMAS["confirmations"].names, *SCHEMAS["agents"].names,
    "confirmations", "agents", "form_response", "answers", "hidden", "review", "reviewer", "email",
})  # fmt: skip
LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=20), st.sampled_from(
        ["cart", "product", "email", "DRIP", "FILT", "c2", "click", "exposure", "track", "KRW", "2026-03-05T00:00:00Z",
         "orders >= 1", 'name = "ours"', 'name = "ours"\nextends = "helpful"',
         "helpful", "relevance", "marketing", "1e400", "-0", "\x00", "true", "{}"]
    ),
)  # fmt: skip
BODIES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=6),
    max_leaves=12,
)


RESPONSES = {
    "/v1/webhooks/shopify": lambda body: {
        "name": "#1", "created_at": "2026-03-05T00:00:00Z", "currency": "KRW", "financial_status": body[0], "email": body[0],
        "line_items": [{"id": 1, "sku": body[0], "quantity": body[0], "price": "1", "name": str(body)}, *body],
        "refunds": [{"created_at": body[0], "refund_line_items": body}],
    },
    "/v1/webhooks/woocommerce": lambda body: {
        "id": 1, "status": body[0], "date_created_gmt": "2026-03-05T00:00:00", "currency": "KRW", "billing": body[0],
        "line_items": [{"id": 1, "quantity": one, "subtotal": one, "total": body[0], "sku": one} for one in body],
    },
    "/v1/webhooks/facts": lambda body: {"type": "orders", "data": body},
    "/v1/voice/typeform": lambda body: {
        "event_type": "form_response",
        "form_response": {
            "form_id": "f", "token": "t", "submitted_at": "2026-03-05T00:00:00Z", "hidden": {"user_id": body[0]},
            "answers": [{"type": "text", "text": str(one), "field": {"id": str(n)}} for n, one in enumerate(body[:3])],
        },
    },
    "/v1/voice/tally": lambda body: {
        "eventType": "FORM_RESPONSE",
        "data": {
            "responseId": "r", "createdAt": "2026-03-05T00:00:00Z",
            "fields": [
                {"key": f"{kind}{n}", "type": kind, "label": kind, "value": one, "options": [{"id": "cart", "text": "Cart"}]}
                for n, one in enumerate(body[:3])
                for kind in ("HIDDEN_FIELDS", "INPUT_EMAIL", "RATING", "LINEAR_SCALE", "TEXTAREA", "CHECKBOXES", "MATRIX")
            ],
        },
    },
    "/v1/voice/judgeme": lambda body: {
        "review": {"id": 1, "rating": 1, "created_at": "2026-03-05T00:00:00Z", "title": body[0], "body": str(body)},
    },
}  # fmt: skip
"""Responses of services that say hardly anything unless their outline is theirs."""


def wrapped(path, body):
    """Half the time inside the outline the door expects, so that the inside is reached."""
    outline = {"/v1/collect": "batch", "/v1/coupon-campaigns": "campaigns", "/v1/experiments": "experiments",
               "/v1/offers": "offers", "/v1/respond": "responses", "/v1/products": "products", "/v1/links": "links",
               "/v1/consents": "consents",
               "/v1/bundles": "bundles", "/v1/facts/orders": "orders", "/v1/facts/feedback": "feedback",
               "/v1/facts/agents": "agents", "/v1/facts/confirmations": "confirmations",
               "/v1/facts/logged_choices": "logged_choices", "/v1/voice/standard": "data",
               "/v1/goals": "goals"}.get(path)  # fmt: skip
    if path in RESPONSES:
        return RESPONSES[path](body if isinstance(body, list) and body else [body])
    return {outline: body if isinstance(body, list) else [body]} if outline else body


def signer(door, path):
    """Sign what is sent to a webhook's door, so that its inside is reached."""
    sender = path.rpartition("/")[2]
    if not path.startswith(("/v1/voice/", "/v1/webhooks/")):
        return lambda _: {}
    webhook = door.shop.webhooks.create(sender, sender, scales={"RATING": "5", "LINEAR_SCALE": "nps"})
    topics = {"X-Shopify-Topic": "orders/create", "X-WC-Webhook-Topic": "order.created"}
    return lambda content: door.sign(webhook, content) | topics


@pytest.mark.parametrize(("method", "path"), DOORS)
def test_any_json_is_answered_or_refused_with_a_problem(door, method, path):
    @settings(max_examples=120, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(body=BODIES, is_wrapped=st.booleans())
    def send(body, is_wrapped):
        content = json.dumps(wrapped(path, body) if is_wrapped else body).encode()
        answer = door.ask(method, path, content, headers=sign(content))
        assert answer.status_code < 500, (body, answer.text)
        if answer.status_code >= 400:
            assert answer.headers["content-type"] == "application/problem+json"

    sign = signer(door, path)
    with capture_logs() as logs:
        send()
    assert [one for one in logs if one["log_level"] == "error"] == []


@pytest.mark.parametrize(("method", "path"), DOORS)
def test_any_bytes_are_answered_or_refused(door, method, path):
    @settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(body=st.binary(max_size=60))
    def send(body):
        assert door.ask(method, path, body, headers=sign(body)).status_code < 500

    sign = signer(door, path)
    send()
