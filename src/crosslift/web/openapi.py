"""One OpenAPI 3.1 document over hot and cold routes, made from what each endpoint says of itself."""

from typing import Any

import msgspec

from crosslift.settings import VERSION
from crosslift.web.api import (
    audit,
    bundles,
    collect,
    confirmations,
    consents,
    contact_times,
    coupons,
    customers,
    decide,
    decisions,
    experiments,
    explain,
    facts,
    guard,
    health,
    jobs,
    keys,
    library,
    links,
    page,
    policies,
    products,
    promises,
    respond,
    segments,
    snapshots,
    thresholds,
    transparency,
    users,
    variants,
    voice,
    webhooks,
)
from crosslift.web.api.operation import EITHER, Operation, Parameter
from crosslift.web.problems import TITLES

OPERATIONS: tuple[Operation, ...] = (
    collect.OPERATION,
    products.PUT,
    products.PATCH,
    links.PUT,
    links.GET,
    links.DELETE,
    bundles.PUT,
    bundles.GET,
    facts.OPERATION,
    voice.OPERATION,
    webhooks.OPERATION,
    customers.SHOW,
    customers.EXPORT,
    customers.ERASE,
    customers.IDENTIFY,
    customers.IDENTITIES,
    segments.PUT,
    segments.GET,
    segments.MEMBERS,
    segments.OF,
    contact_times.GET,
    consents.POST,
    consents.GET,
    consents.RENEWALS,
    consents.ASK,
    consents.CONFIRM,
    snapshots.OPERATION,
    decide.OPERATION,
    page.OPERATION,
    decisions.OPERATION,
    explain.OPERATION,
    transparency.OPERATION,
    *policies.OPERATIONS,
    library.PUT,
    library.GET,
    library.SHOW,
    respond.OPERATION,
    promises.MAKE,
    promises.GET,
    promises.REDEEM,
    *coupons.OPERATIONS,
    *experiments.OPERATIONS,
    confirmations.ASK,
    confirmations.SHOW,
    confirmations.CONFIRM,
    guard.ALARMS,
    guard.REVIEW,
    variants.OPERATION,
    thresholds.OPERATION,
    *jobs.OPERATIONS,
    *audit.OPERATIONS,
    *keys.OPERATIONS,
    *users.OPERATIONS,
    health.HEALTHZ,
    health.READYZ,
    health.METRICS,
)
"""Every endpoint of the API; the routes are checked against this list by a test."""

_NAMES = {(one.method, one.path): one.name for one in OPERATIONS}


def name_of(method: str, path: str) -> str:
    """Give the name of an endpoint by its method and path, placeholders as they stand; empty where there is none."""
    return _NAMES.get((method, path), "")


GROUPS = {
    "collect": "Bring in what happened and what is sold.",
    "customers": "Know who the customer is, and keep what was promised.",
    "learn": "See what was learned.",
    "decide": "Ask what to offer, and why.",
    "deliver": "Tell what was shown and what became of it.",
    "measure": "See whether it helped, and whom it did not.",
    "operate": "Run the server.",
}
REF = "#/components/schemas/{name}"
FAULTS = {
    400: "The body is no JSON, or the call makes no sense.",
    401: "No key, or one that is unknown or revoked.",
    403: "This key or purpose may not.",
    404: "Nobody knows it.",
    408: "The body took too long.",
    409: "It was done already, with something else.",
    410: "It can no longer be replayed.",
    413: "The body is too large.",
    422: "The body is JSON but wrong; `errors` names the places.",
    429: "Too many requests; `Retry-After` says when to come back.",
    503: "Not ready or busy; try again.",
}
UNSIGNED = {401: "No signature, or one that is wrong or too old."}
PROBLEM: dict[str, Any] = {
    "title": "Problem",
    "type": "object",
    "description": "RFC 9457. `code` is stable; `errors` names single faults.",
    "properties": {
        "type": {"type": "string", "format": "uri-reference", "examples": ["/docs#problem-bad_input"]},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string", "enum": sorted(TITLES)},
        "instance": {"type": "string", "format": "uri-reference"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "pointer": {"type": "string", "description": "RFC 6901, into the body."},
                    "parameter": {"type": "string", "description": "Of the query."},
                    "detail": {"type": "string"},
                },
                "required": ["detail"],
            },
        },
    },
    "required": ["type", "title", "status", "detail", "code", "instance"],
}
SECURITY = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "`Authorization: Bearer sk_…` or `pk_…`"},
    "header": {"type": "apiKey", "in": "header", "name": "X-Crosslift-Key"},
}


def document() -> dict[str, Any]:
    """Give the whole document as plain values.

    Examples
    --------
    >>> document()["paths"]["/v1/decide"]["post"]["operationId"]
    'decide'
    """
    kinds = [kind for one in OPERATIONS for kind in (*one.bodies, one.answer) if _is_type(kind)]
    schemas, components = msgspec.json.schema_components(kinds, ref_template=REF)
    by_kind = {id(kind): schema for kind, schema in zip(kinds, schemas, strict=True)}
    paths: dict[str, dict[str, Any]] = {}
    for one in OPERATIONS:
        paths.setdefault(one.path, {})[one.method.lower()] = _operation(one, by_kind)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "crosslift",
            "version": VERSION,
            "summary": "Know what goes with what, and say it at the right moment.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "tags": [{"name": name, "description": about} for name, about in GROUPS.items()],
        "paths": paths,
        "components": {
            "schemas": {"Problem": PROBLEM, **dict(sorted(components.items()))},
            "securitySchemes": SECURITY,
        },
    }


def _is_type(kind: Any) -> bool:
    return not isinstance(kind, dict)


def _operation(one: Operation, by_kind: dict[int, dict[str, Any]]) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": one.name,
        "tags": [one.group],
        "summary": one.summary,
        "description": f"{one.about}\n\n{_keys(one)}",
        "security": [{name: []} for name in SECURITY] if one.keys else [],
        "responses": _responses(one, by_kind),
    }
    if one.parameters:
        described["parameters"] = [_parameter(parameter) for parameter in one.parameters]
    if one.bodies:
        schemas = [_schema(body, by_kind) for body in one.bodies]
        content: dict[str, Any] = {"schema": schemas[0] if len(schemas) == 1 else {"anyOf": schemas}}
        if one.body_example is not None:
            content["example"] = one.body_example
        described["requestBody"] = {"required": True, "content": {"application/json": content}}
    return described


def _keys(one: Operation) -> str:
    if one.is_signed:
        return "Takes no key: the sender signs what it sends."
    if not one.keys:
        return "Needs no key."
    return "Takes a secret or a publishable key." if one.keys == EITHER else "Needs a secret key."


def _responses(one: Operation, by_kind: dict[int, dict[str, Any]]) -> dict[str, Any]:
    content: dict[str, Any] = {"schema": _schema(one.answer, by_kind)}
    if one.answer_example is not None:
        content["example"] = one.answer_example
    faults = FAULTS | UNSIGNED if one.is_signed else FAULTS
    problem = {"application/problem+json": {"schema": {"$ref": REF.format(name="Problem")}}}
    return {
        "200": {"description": "Done.", "content": {one.media_type: content}},
        **{str(status): {"description": faults[status], "content": problem} for status in _refusals(one)},
    }


def _refusals(one: Operation) -> list[int]:
    """Give every status an endpoint may refuse with; whoever needs a key may come too often."""
    return sorted({*one.problems, *((429,) if one.keys or one.is_signed else ())})


def _parameter(parameter: Parameter) -> dict[str, Any]:
    return {
        "name": parameter.name,
        "in": parameter.place,
        "required": parameter.place == "path" or parameter.is_required,
        "description": parameter.about,
        "schema": dict(parameter.schema),
    }


def _schema(kind: Any, by_kind: dict[int, dict[str, Any]]) -> dict[str, Any]:
    return by_kind[id(kind)] if _is_type(kind) else dict(kind)
