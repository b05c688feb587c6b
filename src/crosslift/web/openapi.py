"""One OpenAPI 3.1 document over hot and cold routes, made from what each endpoint says of itself."""

from typing import Any

import msgspec

from crosslift.settings import VERSION
from crosslift.web.api import (
    audit,
    bundles,
    chat,
    collect,
    confirmations,
    consents,
    contact_times,
    contacts,
    coupons,
    customers,
    decide,
    decisions,
    earned,
    experiments,
    explain,
    facts,
    feelings,
    fragment,
    gaps,
    goals,
    guard,
    guardrails,
    health,
    imports,
    jobs,
    journey,
    keys,
    library,
    links,
    metrics,
    opportunities,
    page,
    plugins,
    policies,
    products,
    promises,
    promotions,
    respond,
    segments,
    simulations,
    snapshots,
    text,
    thresholds,
    transparency,
    users,
    variants,
    voice,
    watching,
    webhooks,
    widget,
)
from crosslift.web.api.operation import EITHER, MAX_BATCH, Operation, Parameter
from crosslift.web.conditional import GUARDED
from crosslift.web.lines import list_of
from crosslift.web.paging import LISTS
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
    *imports.OPERATIONS,
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
    *contacts.OPERATIONS,
    consents.POST,
    consents.GET,
    consents.RENEWALS,
    consents.ASK,
    consents.CONFIRM,
    snapshots.OPERATION,
    decide.OPERATION,
    text.OPERATION,
    page.OPERATION,
    widget.OPERATION,
    fragment.OPERATION,
    decisions.OPERATION,
    explain.OPERATION,
    transparency.OPERATION,
    *policies.OPERATIONS,
    simulations.OPERATION,
    *earned.OPERATIONS,
    opportunities.OPERATION,
    journey.OPERATION,
    watching.OPERATION,
    *feelings.OPERATIONS,
    *goals.OPERATIONS,
    library.PUT,
    library.GET,
    library.SHOW,
    gaps.OPERATION,
    respond.OPERATION,
    chat.OPERATION,
    promises.MAKE,
    promises.GET,
    promises.REDEEM,
    *coupons.OPERATIONS,
    *experiments.OPERATIONS,
    *guardrails.OPERATIONS,
    *promotions.OPERATIONS,
    confirmations.ASK,
    confirmations.SHOW,
    confirmations.CONFIRM,
    metrics.OPERATION,
    guard.ALARMS,
    guard.REVIEW,
    variants.OPERATION,
    thresholds.OPERATION,
    *jobs.OPERATIONS,
    *audit.OPERATIONS,
    *keys.OPERATIONS,
    *users.OPERATIONS,
    plugins.OPERATION,
    health.HEALTHZ,
    health.READYZ,
    health.METRICS,
)
"""Every endpoint of the API; the routes are checked against this list by a test."""

_NAMES = {(one.method, one.path): one.name for one in OPERATIONS}


def find(method: str, path: str) -> tuple[Operation, dict[str, str]] | None:
    """Find the endpoint that answers a path, with what stands in its placeholders; fixed words before names."""
    given = path.split("/")
    fitting = (one for one in OPERATIONS if one.method == method and fits(one.path.split("/"), given))
    found = min(fitting, key=lambda one: one.path.count("{"), default=None)
    if found is None:
        return None
    pairs = zip(found.path.split("/"), given, strict=True)
    return found, {part[1:-1]: value for part, value in pairs if part.startswith("{")}


def fits(parts: list[str], given: list[str]) -> bool:
    """Tell whether a path, in its parts, is one of a pattern."""
    return len(parts) == len(given) and all(p == g or p.startswith("{") for p, g in zip(parts, given, strict=True))


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
    412: "It is another version than `If-Match` names.",
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
CURSORS = ("after", "limit")
HEADERS: dict[str, dict[str, Any]] = {
    "after": {
        "name": "after", "in": "query", "schema": {"type": "string", "default": ""},
        "description": "The `next` of the page before.",
    },
    "limit": {
        "name": "limit", "in": "query", "description": "At most so many rows.",
        "schema": {"type": "integer", "minimum": 1, "maximum": MAX_BATCH, "default": MAX_BATCH},
    },
    "IdempotencyKey": {
        "name": "Idempotency-Key", "in": "header", "schema": {"type": "string", "maxLength": 200, "pattern": "^[!-~]+$"},
        "description": "Sent again with the same key, it is done once and answered as before.",
    },
    "IfMatch": {
        "name": "If-Match", "in": "header", "schema": {"type": "string", "pattern": "^[!-~]+$"},
        "description": "The `ETag` you read; 412 where somebody changed it since.",
    },
    "IfNoneMatch": {
        "name": "If-None-Match", "in": "header", "schema": {"type": "string", "pattern": "^[!-~]+$"},
        "description": "The `ETag` you have; 304 where it still stands.",
    },
}  # fmt: skip
"""Parameters that many endpoints have alike."""
LINE_ANSWER = (
    "One JSON object a line, in the order of the rows: `line`, `outcome`, and for what is refused `code`, `detail`."
)
UNCHANGED = {"description": "It is what you have already."}
SECURITY = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "`Authorization: Bearer sk_…` or `pk_…`"},
    "header": {"type": "apiKey", "in": "header", "name": "X-Crosslift-Key"},
}
IN_PAGES = {
    "address": {
        "type": "apiKey",
        "in": "query",
        "name": "key",
        "description": "A publishable key: no preflight is needed.",
    },
}
"""Of endpoints that pages of shops ask themselves."""


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
            "parameters": HEADERS,
            "securitySchemes": SECURITY | IN_PAGES,
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
        "security": [{name: []} for name in (SECURITY | IN_PAGES if one.keys == EITHER else SECURITY)]
        if one.keys
        else [],
        "responses": _responses(one, by_kind),
    }
    shared = [{"$ref": f"#/components/parameters/{name}"} for name in shared_parameters(one)]
    if one.parameters or shared:
        described["parameters"] = [*(_parameter(parameter) for parameter in one.parameters), *shared]
    if one.bodies:
        schemas = [_schema(body, by_kind) for body in one.bodies]
        content: dict[str, Any] = {"schema": schemas[0] if len(schemas) == 1 else {"anyOf": schemas}}
        if one.body_example is not None:
            content["example"] = one.body_example
        described["requestBody"] = {"required": True, "content": {"application/json": content}}
        if takes_lines(one):
            row = {"schema": {"type": "string", "description": "One row a line, each a JSON object."}}
            described["requestBody"]["content"]["application/x-ndjson"] = row
    return described


def takes_lines(one: Operation) -> bool:
    """Whether rows may come one a line."""
    return list_of(one.method, one.path) is not None


def shared_parameters(one: Operation) -> list[str]:
    """Name the parameters an endpoint shares with others of its kind."""
    if one.method == "GET":
        is_versioned = one.path.startswith("/v1/") and one.media_type == "application/json"
        return [*(CURSORS if one.name in LISTS else ()), *(("IfNoneMatch",) if is_versioned else ())]
    return [*(("IdempotencyKey",) if one.keys else ()), *(("IfMatch",) if one.name in GUARDED else ())]


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
    shared = shared_parameters(one)
    if "after" in shared:
        following = {"type": ["string", "null"], "description": "Send it as `after`; null on the last page."}
        page = {"type": "object", "required": ["next"], "properties": {"next": following}}
        content["schema"] = {"allOf": [content["schema"], page]}
        if "example" in content:
            content["example"] = {**content["example"], "next": None}
    done: dict[str, Any] = {"description": "Done.", "content": {one.media_type: content}}
    if takes_lines(one):
        done["content"]["application/x-ndjson"] = {"schema": {"type": "string", "description": LINE_ANSWER}}
    if "IfNoneMatch" in shared:
        done["headers"] = {"ETag": {"description": "Names this version.", "schema": {"type": "string"}}}
    faults = FAULTS | UNSIGNED if one.is_signed else FAULTS
    problem = {"application/problem+json": {"schema": {"$ref": REF.format(name="Problem")}}}
    return {
        "200": done,
        **({"304": UNCHANGED} if "IfNoneMatch" in shared else {}),
        **{str(status): {"description": faults[status], "content": problem} for status in refusals(one)},
    }


def refusals(one: Operation) -> list[int]:
    """Give every status an endpoint may refuse with; whoever needs a key may come too often."""
    asked = shared_parameters(one)
    busy = (429,) if one.keys or one.is_signed else ()
    sent_again = (400, 409, 503) if "IdempotencyKey" in asked else ()
    changed = (412,) if "IfMatch" in asked else ()
    return sorted(
        {*one.problems, *busy, *sent_again, *changed, *((422,) if "after" in asked or one.parameters else ())}
    )


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
