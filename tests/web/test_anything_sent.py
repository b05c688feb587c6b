"""Whatever is sent to a door: an answer or a problem of the caller, never a failure of ours."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from crosslift.collect.schemas import SCHEMAS
from crosslift.collect.sources.segment import Message
from crosslift.web.api import collect, consents, customers, decide, products, respond, segments

DOORS = [
    ("POST", "/v1/decide"), ("POST", "/v1/collect"), ("POST", "/v1/respond"), ("PUT", "/v1/products"),
    ("PATCH", "/v1/products"), ("POST", "/v1/identify"), ("POST", "/v1/identities"), ("POST", "/v1/consents"),
    ("POST", "/v1/consents/ask"), ("POST", "/v1/consents/confirm"), ("PUT", "/v1/segments"), ("PUT", "/v1/links"),
    ("PUT", "/v1/bundles"), ("POST", "/storefront/respond"), ("PUT", "/v1/facts/orders"),
    ("PUT", "/v1/facts/feedback"), ("PUT", "/v1/facts/logged_choices"),
]  # fmt: skip
NAMES = sorted({
    *decide.Ask.__struct_encode_fields__, *respond.Said.__struct_encode_fields__,
    *respond.Responses.__struct_fields__, *collect.Batch.__struct_encode_fields__, *Message.__struct_encode_fields__,
    *products.Products.__struct_fields__, *customers.Identify.__struct_fields__, *customers.Split.__struct_fields__,
    *consents.AskConsent.__struct_fields__, "consents", *segments.PutSegment.__struct_fields__,
    *SCHEMAS["consents"].names, "token", *SCHEMAS["products"].names, *SCHEMAS["links"].names,
    *SCHEMAS["bundles"].names, "title_ko", "sku", "links", "bundles", *SCHEMAS["orders"].names,
    *SCHEMAS["feedback"].names, *SCHEMAS["logged_choices"].names, "orders", "feedback",
})  # fmt: skip
LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=20), st.sampled_from(
        ["cart", "product", "email", "DRIP", "FILT", "c2", "click", "exposure", "track", "KRW", "2026-03-05T00:00:00Z",
         "orders >= 1", "helpful", "relevance", "marketing", "1e400", "-0", "\x00", "true", "{}"]
    ),
)  # fmt: skip
BODIES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=6),
    max_leaves=12,
)


def wrapped(path, body):
    """Half the time inside the outline the door expects, so that the inside is reached."""
    outline = {"/v1/collect": "batch", "/v1/respond": "responses", "/v1/products": "products", "/v1/links": "links",
               "/v1/consents": "consents",
               "/v1/bundles": "bundles", "/v1/facts/orders": "orders", "/v1/facts/feedback": "feedback",
               "/v1/facts/logged_choices": "logged_choices"}.get(path)  # fmt: skip
    return {outline: body if isinstance(body, list) else [body]} if outline else body


@pytest.mark.parametrize(("method", "path"), DOORS)
def test_any_json_is_answered_or_refused_with_a_problem(door, method, path):
    @settings(max_examples=120, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(body=BODIES, is_wrapped=st.booleans())
    def send(body, is_wrapped):
        answer = door.ask(method, path, json.dumps(wrapped(path, body) if is_wrapped else body).encode())
        assert answer.status_code < 500, (body, answer.text)
        if answer.status_code >= 400:
            assert answer.headers["content-type"] == "application/problem+json"

    with capture_logs() as logs:
        send()
    assert [one for one in logs if one["log_level"] == "error"] == []


@pytest.mark.parametrize(("method", "path"), DOORS)
def test_any_bytes_are_answered_or_refused(door, method, path):
    @settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(body=st.binary(max_size=60))
    def send(body):
        assert door.ask(method, path, body).status_code < 500

    send()
