"""`/docs`: the API's reference as a page, made from the OpenAPI document; and the front page of a shop without demo."""

import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from crosslift.settings import VERSION
from crosslift.web import openapi
from crosslift.web.pages import rendering
from crosslift.web.pages.fields import Field, document, kind_of, tables
from crosslift.web.problems import STATUS, TITLES
from crosslift.web.served import ServedShop


@dataclass(frozen=True, slots=True)
class Described:
    """One endpoint, ready to be shown."""

    anchor: str
    method: str
    path: str
    summary: str
    about: tuple[str, ...]
    group: str
    parameters: tuple[Field, ...]
    body: tuple[tuple[str, tuple[Field, ...]], ...]
    answer: tuple[tuple[str, tuple[Field, ...]], ...]
    curl: str
    answer_example: str | None
    responses: tuple[tuple[str, str], ...]


def mount(app: FastAPI, served: ServedShop) -> None:
    """Serve the reference, and a front page where no demo stands at `/`."""

    async def docs(request: Request) -> Response:
        base = f"{request.url.scheme}://{request.url.netloc}"
        return rendering.page(
            "docs.html", groups=openapi.GROUPS, operations=[_described(*one, base) for one in _operations()],
            problems=problems(), storefront="/" if served.demo else "/preview", version=VERSION,
        )  # fmt: skip

    async def welcome(request: Request) -> Response:
        return rendering.page("welcome.html", shop_name=served.shop.settings["shop.name"], is_ready=served.is_ready)

    app.add_route("/docs", docs, methods=["GET"])
    if not served.demo:
        app.add_route("/", welcome, methods=["GET"])


def problems() -> list[tuple[str, str, str]]:
    """List every problem code with status and title."""
    own = {"internal_error": 500, "malformed_json": 400, "key_needed": 401, "key_unknown": 401, "signature_needed": 401,
           "signature_wrong": 401, "token_wrong": 401, "sign_in_wrong": 401, "csrf_wrong": 403, "too_many_requests": 429,
           "key_in_address": 403, "origin_refused": 403,
           "shop_unknown": 404, "overloaded": 503, "already_done": 409, "changed_meanwhile": 412,
           "body_too_large": 413, "body_too_slow": 408, "method_not_allowed": 405}  # fmt: skip
    by_code = {kind.code: status for kind, status in STATUS.items()} | own
    return [(code, str(by_code[code]), title) for code, title in sorted(TITLES.items())]


def _operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in document()["paths"].items():
        for method, operation in methods.items():
            yield path, method.upper(), operation


def _described(path: str, method: str, operation: dict[str, Any], base: str) -> Described:
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    media_type, answered = next(iter(operation["responses"]["200"]["content"].items()))
    example = answered.get("example")
    return Described(
        operation["operationId"], method, path, operation["summary"], tuple(operation["description"].split("\n\n")),
        operation["tags"][0],
        tuple(
            Field(p["name"], f"{kind_of(p['schema'])}, {p['in']}", p["required"], p["description"])
            for p in operation.get("parameters", ())
            if "name" in p
        ),
        tuple(tables(content.get("schema"))),
        tuple(tables(answered["schema"])) if media_type == "application/json" else (),
        _curl(path, method, operation, content.get("example"), base),
        _pretty(example) if example is not None else None,
        tuple((status, one["description"]) for status, one in operation["responses"].items()),
    )  # fmt: skip


def _curl(path: str, method: str, operation: dict[str, Any], example: Any, base: str) -> str:
    """Write a call that can be pasted into a shell."""
    asked = [p["name"] for p in operation.get("parameters", ()) if p.get("in") == "query" and p["required"]]
    url = f"{base}{path.replace('{decision_id}', '$DECISION')}"
    if asked:
        url = f'"{url}?{"&".join(f"{name}=${name.upper()}" for name in asked)}"'
    parts = [f"curl {url}" if method == "GET" else f"curl -X {method} {url}"]
    if operation["security"]:
        parts.append('-H "Authorization: Bearer $KEY"')
    if example is not None:
        parts += ["-H 'Content-Type: application/json'", f"-d {shlex.quote(_pretty(example))}"]
    return " \\\n  ".join(parts)


def _pretty(value: Any) -> str:
    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode()
