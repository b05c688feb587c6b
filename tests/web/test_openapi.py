"""One document over hot and cold routes: complete, consistent, and readable as a page."""

import json
import re

import msgspec
import pytest

from crosslift.web.api import collect, decide, offers, respond
from crosslift.web.cold import build as build_cold
from crosslift.web.openapi import OPERATIONS, document
from crosslift.web.problems import TITLES
from crosslift.web.router import HOT

DOCUMENT = document()


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
    known = {f"#/components/schemas/{name}" for name in DOCUMENT["components"]["schemas"]}
    assert set(references(DOCUMENT)) == known - {"#/components/schemas/unused"}


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
        assert set(answers) == {"200", *map(str, one.problems)}
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
    body = json.loads(text)
    named = {
        parameter.name: parameter.schema["examples"][0] for parameter in one.parameters if parameter.place == "path"
    }
    answer = door.ask(one.method, one.path.format(**named), body)
    assert answer.status_code == 200, answer.text
    if not isinstance(one.answer, dict):
        msgspec.json.decode(answer.content, type=one.answer)
        msgspec.convert(one.answer_example, one.answer)


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
