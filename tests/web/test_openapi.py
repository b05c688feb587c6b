"""One document over hot and cold routes: complete, consistent, and readable as a page."""

import json
import re

import msgspec
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator, validate

from crosslift.domain.audit import Entry
from crosslift.domain.guardrail import Guarded, Sign
from crosslift.domain.pausing import paused
from crosslift.shop.guardrails import PAUSE
from crosslift.web.api import collect, decide, experiments, offers, respond
from crosslift.web.cold import build as build_cold
from crosslift.web.conditional import GUARDED
from crosslift.web.openapi import OPERATIONS, document
from crosslift.web.paging import LISTS
from crosslift.web.problems import TITLES
from crosslift.web.router import HOT

DOCUMENT = document()


def test_it_is_valid_openapi():
    validate(json.loads(json.dumps(DOCUMENT)), cls=OpenAPIV31SpecValidator)


def references(value):
    if isinstance(value, dict):
        yield from ([value["$ref"]] if "$ref" in value else [])
        for one in value.values():
            yield from references(one)
    elif isinstance(value, list):
        for one in value:
            yield from references(one)


def test_it_is_served_as_it_is_made(door):
    answer = door.ask("GET", "/openapi.json", key=None)
    assert answer.json() == json.loads(json.dumps(DOCUMENT))
    assert DOCUMENT["openapi"] == "3.1.0"


def test_every_reference_leads_somewhere():
    parts = DOCUMENT["components"]
    known = {f"#/components/{part}/{name}" for part in ("schemas", "parameters") for name in parts[part]}
    assert set(references(DOCUMENT)) == known


def test_every_route_of_the_api_is_in_it_and_nothing_else(door):
    described = {(one.method, one.path) for one in OPERATIONS}
    cold = build_cold(door.served)
    routed = {(method, route.path) for route in flat(cold.routes) for method in route.methods or ()}
    api = {one for one in routed if one[1].startswith(("/v1/", "/healthz", "/readyz", "/metrics"))}
    assert described == api | {("POST", path) for path in HOT}


def flat(routes):
    for route in routes:
        if hasattr(route, "path") and hasattr(route, "methods"):
            yield route
        else:
            inner = getattr(route, "original_router", None) or getattr(route, "router", None)
            yield from flat(inner.routes if inner else getattr(route, "routes", ()))


def test_names_are_unique_and_every_problem_is_described():
    names = [one.name for one in OPERATIONS]
    assert len(set(names)) == len(names)
    for one in OPERATIONS:
        answers = DOCUMENT["paths"][one.path][one.method.lower()]["responses"]
        said = {"200", *map(str, one.problems), *(("429",) if one.keys or one.is_signed else ())}
        is_read = one.method == "GET" and one.path.startswith("/v1/") and one.media_type == "application/json"
        again = ("400", "409", "503") if one.keys and one.method != "GET" else ()
        paged = ("422",) if one.name in LISTS or one.parameters else ()
        assert set(answers) == said | {
            *(("304",) if is_read else ()), *again, *paged, *(("412",) if one.name in GUARDED else ())
        }  # fmt: skip
    assert DOCUMENT["components"]["schemas"]["Problem"]["properties"]["code"]["enum"] == sorted(TITLES)


@pytest.mark.parametrize("struct", [decide.Ask, offers.Answer, respond.Said, collect.Batch])
def test_schemas_are_those_of_the_structs(struct):
    schema = DOCUMENT["components"]["schemas"][struct.__name__]
    assert list(schema["properties"]) == list(struct.__struct_encode_fields__)


@pytest.mark.parametrize("one", [one for one in OPERATIONS if one.body_example is not None], ids=lambda one: one.name)
def test_examples_are_understood_by_the_endpoint(door, one):
    made = door.decide(k=1)["decision_id"]
    text = json.dumps(one.body_example).replace("4f1c0c9ad6f04c2f8b1a2f7f0d9a3e11", made).replace("22699", "FILT")
    if one.name == "confirm_consent":
        text = json.dumps({"token": door.shop.consents.ask("17850", "marketing", "email", "form", "Yes.")})
    if one.path.startswith("/v1/confirmations/"):
        sold = {"order_id": "o-881", "customer_id": "17850", "product_id": "MUG", "quantity": 1, "unit_price": "9000"}
        door.shop.put_facts("orders", [{**sold, "ordered_at": "2026-03-30T00:00:00Z", "currency": "KRW"}])
        token = door.shop.confirmations.ask("17850", "Yes.", order="o-881")["token"]
        text = text.replace(json.dumps("q1w2…"), json.dumps(token))
    if one.name == "value_policy":
        rows = [{"choice_id": f"x{i}", "unit_id": "c1", "at": "2026-03-01T00:00:00Z", "action": action, "probability": 0.5}
                for i, action in enumerate(("letter", "nothing"))]  # fmt: skip
        door.shop.put_facts("logged_choices", [{**row, "outcome": 1} for row in rows])
    body = json.loads(text)
    named = {
        parameter.name: made if parameter.name in ("decision_id", "code") else parameter.schema["examples"][0]
        for parameter in one.parameters
        if parameter.place == "path"
    }
    headers = {}
    if one.path.startswith("/v1/coupons"):
        campaign = {
            "kind": "amount_off", "titles": {"en": "Thanks"}, "value": 1, "budget": 9, "currency": "KRW",
            "ends_at": "2036-01-01T00:00:00Z", "author": "mina", "reason": "thanks",
        }  # fmt: skip
        codes = {"thanks": None, "all": made.upper()}
        door.shop.coupons.put([{**campaign, "campaign_id": name, "code": code} for name, code in codes.items()])
        door.shop.coupons.redeem(made, "10293", cart_value=9, currency="KRW")
    if one.name in ("publish_policy", "roll_back_policy"):
        drafted(door.shop.policies, is_published=one.name == "roll_back_policy")
    if one.name in ("stop_experiment", "promote_arm", "roll_back_promotion"):
        door.shop.experiments.put(experiments.PUT.body_example["experiments"], "mina", "does a longer text help")
    if one.name == "roll_back_promotion":
        door.shop.promotions.promote("cart-words", "long", "mina", "the brand asks for it", is_forced=True)
    if one.name == "lift_pause":
        rests(door.shop, body)
    if one.is_signed:
        sender = "facts" if one.name == "post_webhook" else "standard"
        headers = door.sign(door.shop.webhooks.create(named["source"], sender), json.dumps(body).encode())
    if "key_id" in named:
        named["key_id"] = door.shop.records.api_keys()[-1]["key_id"]
    if one.name in ("sign_in", "choose_password", "change_user"):
        invited = door.shop.users.invite("mina", ["marketer"])
        named["user_id"] = invited["user_id"]
        if one.name == "sign_in":
            door.shop.users.choose_password(invited["token"], body["password"])
        body = {**body, "token": invited["token"]} if one.name == "choose_password" else body
    answer = door.ask(one.method, one.path.format(**named), body, headers=headers)
    assert answer.status_code == 200, answer.text
    if not isinstance(one.answer, dict):
        msgspec.json.decode(answer.content, type=one.answer)
        msgspec.convert(one.answer_example, one.answer)


def rests(shop, body):
    """Let what is to be lifted rest as if a guardrail had paused it."""
    text = f'name = "{body["policy"]}"\nextends = "helpful"\n'
    shop.policies.publish(body["policy"], shop.policies.draft(text, "mina", "to try")["version"], "mina")
    standing = shop.known.rulings.named(body["policy"])
    shop.in_force.amend(paused(standing, Guarded(body["of"]), body["target"], Sign.DECLINED), "g", "b", is_less=True)
    told = {"policy": body["policy"], "of": body["of"], "target": body["target"], "version_before": standing.version}
    shop.records.append_audit(Entry(0, PAUSE, "strategy upgrade", told))


def drafted(policies, *, is_published):
    """Write two versions of the policy that the examples name."""
    for version, at_most in ((1, 5), (2, 6)):
        policies.draft(
            f'name = "our-shop"\nextends = "helpful"\n[offers]\nat_most = {at_most}\n', "mina", "fewer offers"
        )
        if is_published:
            policies.publish("our-shop", version, "mina")


def test_the_reference_shows_every_endpoint_with_a_call_and_every_problem(door):
    page = door.ask("GET", "/docs", key=None)
    for one in OPERATIONS:
        assert f'id="{one.name}"' in page.text
        assert one.summary in page.text
    assert page.text.count("curl ") >= len(OPERATIONS)
    for code in TITLES:
        assert f'id="problem-{code}"' in page.text


@pytest.mark.parametrize("path", ["/docs", "/", "/preview"])
def test_pages_load_nothing_from_outside_and_nothing_inline(door, path):
    page = door.ask("GET", path, key=None)
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert not re.search(r"<style|style=|<script(?![^>]* src=)|\son\w+=|javascript:", page.text)
    loaded = re.findall(r'<(?:img|script|link)[^>]*(?:src|href)="([^"]+)"', page.text)
    assert loaded
    assert all(one.startswith("/") and not one.startswith("//") for one in loaded)


def test_a_shop_without_demo_has_a_front_page_with_both_doors(door):
    page = door.ask("GET", "/", key=None).text
    assert 'href="/docs"' in page
    assert 'href="/preview"' in page
