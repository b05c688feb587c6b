"""The whole API by its own description: whatever fits it, or nearly, gets an answer that is described; nothing of ours fails."""

import json
import shutil

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis.checks import load_all_checks
from schemathesis.core import NOT_SET
from schemathesis.core.transport import Response
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from crosslift.shop import Shop
from crosslift.web.openapi import document

load_all_checks()
SCHEMA = schemathesis.openapi.from_dict(json.loads(json.dumps(document())))
OPERATIONS = {one.ok().definition.raw["operationId"]: one.ok() for one in SCHEMA.get_all_operations()}
CHECKS = [status_code_conformance, content_type_conformance, response_headers_conformance, response_schema_conformance]
OURS = frozenset({
    "authorization", "x-crosslift-key", "cookie", "content-type", "content-length", "host", "transfer-encoding",
    "idempotency-key", "if-match", "if-none-match",
})  # fmt: skip
"""Headers that are not made up here: a wrong one would be all that is answered. `test_manners` has them."""
NOT_READY = {"readyz"}


@pytest.fixture(scope="module")
def one(learned_home, tmp_path_factory, now, open_door):
    home = tmp_path_factory.mktemp("whole") / "home"
    shutil.copytree(learned_home, home)
    with Shop(home, {"shop.currency": "KRW", "limits.address_per_second": 0.0}, clock=lambda: now) as shop:
        shop.offers.put([{
            "offer_id": "visit", "kind": "service", "title_en": "Visit", "currency": "KRW", "lines": [{"price": "30000"}],
            "total": "30000", "benefit_en": ["set up"], "cancellation_en": "any time", "author": "m", "reason": "r",
        }])  # fmt: skip
        with open_door(shop) as door:
            yield door.wait_until_ready()


def sent(door, case, key):
    """Send a case as it stands, with a key of ours; None for what no client can put on the wire."""
    kwargs = case.as_transport_kwargs(base_url="http://shop.test")
    headers = {name: str(value) for name, value in (kwargs.get("headers") or {}).items() if name.lower() not in OURS}
    content = kwargs.get("data")
    if "json" in kwargs:
        content = json.dumps(kwargs["json"]).encode()
    if isinstance(content, str):
        content = content.encode(errors="surrogatepass")
    if content is not None and case.media_type:
        headers["Content-Type"] = case.media_type
    if not all(value.isascii() for value in headers.values()):
        return None
    return door.ask(
        case.method, kwargs["url"], content if case.body is not NOT_SET else None, key=key, headers=headers,
        params=kwargs.get("params"),
    )  # fmt: skip


def fuzz(door, name, most):
    operation, mode = OPERATIONS[name], schemathesis.GenerationMode
    cases = operation.as_strategy(generation_mode=mode.POSITIVE)
    if operation.body or operation.query or operation.path_parameters:
        cases |= operation.as_strategy(generation_mode=mode.NEGATIVE)

    @seed(20_261_123)
    @settings(
        max_examples=most, deadline=None, database=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(cases)
    def whatever(case):
        answer = sent(door, case, "secret")
        if answer is None:
            return
        assert answer.status_code < 500 or name in NOT_READY, (answer.status_code, answer.text, case.as_curl_command())
        if answer.status_code != 405:
            case.validate_response(Response.from_httpx(answer, verify=False), checks=CHECKS)

    whatever()


@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_every_endpoint_answers_as_it_says(one, name):
    fuzz(one, name, 3)


@pytest.mark.long
@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_every_endpoint_answers_as_it_says_whatever_is_sent(one, name):
    fuzz(one, name, 400)
    print(f"{name}: 400 requests, none failed")
