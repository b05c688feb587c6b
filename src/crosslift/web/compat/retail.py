"""Google Cloud Retail over REST: predict, user events, catalog imports; enumerations travel as integers or names."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from crosslift.collect.sources.interactions import event_name
from crosslift.collect.sources.retail import last_part
from crosslift.domain.access import Permission
from crosslift.errors import BadInput
from crosslift.web.compat import items, retail_filters, retail_imports
from crosslift.web.compat.asking import Keep, Scored, Wish, preview, recommend
from crosslift.web.compat.bindings import Binding, binding_of
from crosslift.web.compat.call import Answer, Call, Reply, not_here
from crosslift.web.problems import Problem
from crosslift.web.security import Key

USUAL, MOST = 20, 100
_CATALOG = r"/v2/projects/[^/]+/locations/[^/]+/catalogs/[^/]+"
_PATHS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(pattern))
    for name, pattern in (
        ("predict", rf"{_CATALOG}/(?:servingConfigs|placements)/([^/:]+):predict"),
        ("write", rf"{_CATALOG}/userEvents:write"),
        ("collect", rf"{_CATALOG}/userEvents:collect"),
        ("import_events", rf"{_CATALOG}/userEvents:import"),
        ("import_products", rf"{_CATALOG}/branches/[^/]+/products:import"),
        ("operation", r"/v2/projects/.+/operations/[^/]+"),
        ("product", rf"{_CATALOG}/branches/[^/]+/products/[^:]+"),
    )
)
_STATUS = {
    400: "INVALID_ARGUMENT", 401: "UNAUTHENTICATED", 403: "PERMISSION_DENIED", 404: "NOT_FOUND", 409: "ABORTED",
    413: "INVALID_ARGUMENT", 429: "RESOURCE_EXHAUSTED", 500: "INTERNAL", 503: "UNAVAILABLE",
}  # fmt: skip
_PRICE = tuple(f"{level}-price-reranking" for level in ("no", "low", "medium", "high"))
_DIVERSITY = tuple(f"{level}-diversity" for level in ("no", "low", "medium", "high", "auto"))
_FLAGS = ("returnProduct", "returnScore", "strictFiltering", "filterSyntaxV2")
_IN_CART = ("Product Added", "Cart Viewed", "Order Completed")


class Retail:
    """The door."""

    is_for_browsers = True

    def find(self, call: Call) -> Answer:
        """Name what answers."""
        for name, pattern in _PATHS:
            methods, verb = _VERBS[name]
            if pattern.fullmatch(call.path) and call.method in methods:
                return verb
        raise not_here(call.method, call.path)

    def key_of(self, call: Call) -> str | None:
        """Find our key: a bearer token, or an API key in header or query."""
        scheme, _, token = call.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            return token.strip()
        return call.headers.get("x-goog-api-key") or call.parameter("key") or None

    def wrong(self, problem: Problem) -> Reply:
        """Say what is wrong as Google does."""
        status = 400 if problem.status in (405, 408, 410, 422) else problem.status
        said = {"code": status, "message": problem.detail, "status": _STATUS.get(status, "UNKNOWN"), "details": []}
        return Reply({"error": said}, status, problem.headers)


async def _predict(call: Call, key: Key) -> Reply:
    key.needs(Permission.ASK, "predict")
    sent = call.object()
    event, params = sent.get("userEvent"), sent.get("params") or {}
    if not isinstance(event, dict):
        raise BadInput("userEvent is missing", where="userEvent")
    _check(params)
    call.served.check_ready()
    found = next(pattern.fullmatch(call.path) for name, pattern in _PATHS if name == "predict")
    binding = binding_of(call.served.shop.settings, "retail", found[1] if found else "")
    wish = _wish(call, sent, event, binding)
    if binding.needs_product and not (wish.product or wish.cart):
        raise BadInput(
            "this serving config answers about products; productDetails are missing", where="userEvent.productDetails"
        )
    anchors = [*wish.cart, *([wish.product] if wish.product else [])]
    missing = items.missing(call.served, anchors)
    if sent.get("validateOnly"):
        results, token = preview(call.served, replace(wish, keep=None)).products, ""
    else:
        answer = await recommend(call.served, wish)
        if not answer.products and wish.keep is not None and params.get("strictFiltering") is False:
            answer = await recommend(
                call.served, replace(wish, keep=None, binding=replace(binding, kinds=("bestseller",)))
            )
        results, token = answer.products, answer.decision_id
    told = [_result(call, one, params) for one in results]
    said = {
        "results": told,
        "attributionToken": token,
        "missingIds": missing,
        "validateOnly": bool(sent.get("validateOnly")),
    }
    return Reply({name: value for name, value in said.items() if value not in ([], "", False) or name == "results"})


def _wish(call: Call, sent: Mapping[str, Any], event: Mapping[str, Any], binding: Binding) -> Wish:
    kind, visitor = event.get("eventType"), event.get("visitorId")
    if not isinstance(kind, str) or not kind:
        raise BadInput("eventType is missing", where="userEvent.eventType")
    if not isinstance(visitor, str) or not 1 <= len(visitor) <= 128:
        raise BadInput("visitorId must be a text of 1 to 128 characters", where="userEvent.visitorId")
    n = sent.get("pageSize", 0)
    if not isinstance(n, int) or isinstance(n, bool) or n < 0:
        raise BadInput("pageSize must be a whole number of 0 or more", where="pageSize")
    user, ids = event.get("userInfo") or {}, _products(event)
    name = event_name(kind)
    page = ids[0] if ids and name not in _IN_CART else None
    return Wish(
        binding, min(n or USUAL, MOST), str(user["userId"]) if isinstance(user, dict) and user.get("userId") else None, visitor,
        _text(event.get("sessionId")), page, tuple(ids) if page is None else (), tuple(ids[1:]) if page else (), tuple(ids),
        keep=_keep(call, sent.get("filter")),
    )  # fmt: skip


def _products(event: Mapping[str, Any]) -> list[str]:
    details = event.get("productDetails") or []
    if not isinstance(details, list) or len(details) > 100:
        raise BadInput("productDetails must be a list of at most 100", where="userEvent.productDetails")
    found = []
    for place, one in enumerate(details):
        product = one.get("product") if isinstance(one, dict) else None
        own = (product.get("id") or last_part(product.get("name"))) if isinstance(product, dict) else None
        if not isinstance(own, str) or not 1 <= len(own) <= 250:
            raise BadInput("product.id is missing", where=f"userEvent.productDetails[{place}]")
        found.append(own)
    return list(dict.fromkeys(found))


def _keep(call: Call, text: Any) -> Keep | None:
    if not text:
        return None
    if not isinstance(text, str):
        raise BadInput("filter must be a text", where="filter")
    test = retail_filters.read(text)
    return lambda name: test(items.facts_of(call.served, name))


def _check(params: Any) -> None:
    if not isinstance(params, dict):
        raise BadInput("params must be an object", where="params")
    for name in _FLAGS:
        if not isinstance(params.get(name, False), bool):
            raise BadInput(f"{name} must be true or false", where=f"params.{name}")
    for name, words in (("priceRerankLevel", _PRICE), ("diversityLevel", _DIVERSITY)):
        if name in params and params[name] not in words:
            raise BadInput(f"{name} must be one of {', '.join(words)}", where=f"params.{name}")


def _result(call: Call, one: Scored, params: Mapping[str, Any]) -> dict[str, Any]:
    metadata: dict[str, Any] = {}
    if params.get("returnProduct"):
        metadata["product"] = retail_imports.product_told(call.served, one.product)
    if params.get("returnScore"):
        metadata["score"] = one.score
    return {"id": one.product, **({"metadata": metadata} if metadata else {})}


def _text(value: Any) -> str | None:
    return value[:250] if isinstance(value, str) and value else None


_VERBS: Mapping[str, tuple[tuple[str, ...], Answer]] = {
    "predict": (("POST",), _predict),
    "write": (("POST",), retail_imports.write_event),
    "collect": (("GET", "POST"), retail_imports.collect_event),
    "import_events": (("POST",), retail_imports.import_events),
    "import_products": (("POST",), retail_imports.import_products),
    "operation": (("GET",), retail_imports.get_operation),
    "product": (("GET",), retail_imports.get_product),
}
