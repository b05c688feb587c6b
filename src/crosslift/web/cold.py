"""The cold routes: FastAPI for everything that is not asked thousands of times a second."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Path, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRouter
from starlette.exceptions import HTTPException

from crosslift.domain.link import LinkKind
from crosslift.domain.policy import HELPFUL
from crosslift.errors import CrossliftError
from crosslift.shop.cards import MOST_GAPS
from crosslift.web import guards, merchants, openapi, overview, problems, sessions
from crosslift.web.answers import GUARDS, as_json
from crosslift.web.api import (
    bundles,
    consents,
    contact_times,
    customers,
    decisions,
    facts,
    fragment,
    gaps,
    health,
    links,
    products,
    segments,
    text,
    transparency,
    voice,
    webhooks,
)
from crosslift.web.api.operation import MAX_BATCH
from crosslift.web.browser import files as browser
from crosslift.web.compat import mount as compat
from crosslift.web.figures import MEDIA_TYPE
from crosslift.web.office import mount as office
from crosslift.web.pages import fields, files, reference, storefront, theme
from crosslift.web.pages import fragment as fragments
from crosslift.web.permissions import needed
from crosslift.web.problems import Problem
from crosslift.web.served import ServedShop
from crosslift.web.wire import ClientGone, read_body


def build(served: ServedShop) -> FastAPI:
    """Put the cold routes together."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
    for kind in (CrossliftError, Problem, HTTPException, RequestValidationError, Exception):
        app.add_exception_handler(kind, answer_problem)
    app.add_exception_handler(ClientGone, answer_nobody)
    app.include_router(_api(served))
    files.mount(app, served)
    browser.mount(app, served)
    reference.mount(app, served)
    storefront.mount(app, served)
    theme.mount(app, served)
    fragments.mount(app, served)
    office.mount(app, served)
    compat.mount(app, served)
    return app


def _api(served: ServedShop) -> APIRouter:
    router = APIRouter(redirect_slashes=False)

    async def secret(request: Request) -> None:
        permission = needed(openapi.name_of(request.method, request.scope["route"].path))
        sessions.require(served, request.scope, permission)

    async def body(request: Request) -> bytes:
        return await read_body(request.scope, request.receive, served.shop.settings["serve.max_body_bytes"])

    merchant = [Depends(secret)]
    Body = Annotated[bytes, Depends(body)]
    After = Annotated[int, Query(ge=0, le=links.LAST)]
    Behind = Annotated[str, Query(max_length=250)]
    Limit = Annotated[int, Query(ge=1, le=MAX_BATCH)]
    Newest = Annotated[int, Query(ge=0, le=customers.MOST_NEWEST)]
    Language = Annotated[str, Query(min_length=1, max_length=35)]
    Days = Annotated[int, Query(ge=0, le=consents.MOST_DAYS)]
    Who = Annotated[str, Query(min_length=1, max_length=250)]
    Name = Annotated[str, Path(min_length=1, max_length=250)]
    Ahead = Annotated[float, Query(gt=0, le=contact_times.MOST_AHEAD)]
    End = Annotated[str, Query(min_length=1, max_length=200)]
    Channels = Annotated[tuple[str, ...], Query(max_length=20)]
    Rows = Annotated[int, Query(ge=1, le=gaps.MOST)]

    @router.put(products.PUT.path, dependencies=merchant)
    async def put_products(sent: Body) -> Response:
        return as_json(await products.put(served, sent))

    @router.patch(products.PATCH.path, dependencies=merchant)
    async def patch_products(sent: Body) -> Response:
        return as_json(await products.patch(served, sent))

    @router.put(links.PUT.path, dependencies=merchant)
    async def put_links(sent: Body) -> Response:
        return as_json(await links.put(served, sent))

    @router.get(links.GET.path, dependencies=merchant)
    async def get_links(after: After = 0, limit: Limit = links.PAGE) -> Response:
        return as_json(await links.get(served, after, limit))

    @router.delete(links.DELETE.path, dependencies=merchant)
    async def delete_link(from_id: End, to_id: End, kind: LinkKind) -> Response:
        return as_json(await links.delete(served, from_id, to_id, kind))

    @router.put(bundles.PUT.path, dependencies=merchant)
    async def put_bundles(sent: Body) -> Response:
        return as_json(await bundles.put(served, sent))

    @router.get(bundles.GET.path, dependencies=merchant)
    async def get_bundles(after: After = 0, limit: Limit = links.PAGE) -> Response:
        return as_json(await bundles.get(served, after, limit))

    @router.put(facts.OPERATION.path, dependencies=merchant)
    async def put_facts(dataset: str, sent: Body) -> Response:
        return as_json(await facts.put(served, dataset, sent))

    @router.get(customers.SHOW.path, dependencies=merchant)
    async def get_customer(
        customer: Name, newest: Newest = customers.NEWEST, language: Language | None = None
    ) -> Response:
        return as_json(await customers.show(served, customer, newest, language))

    @router.get(customers.EXPORT.path, dependencies=merchant)
    async def export_customer(customer: Name) -> Response:
        named = {**GUARDS, "Content-Disposition": 'attachment; filename="export.zip"'}
        return Response(await customers.export(served, customer), media_type=customers.EXPORT.media_type, headers=named)

    @router.delete(customers.ERASE.path, dependencies=merchant)
    async def erase_customer(customer: Name) -> Response:
        return as_json(await customers.erase(served, customer))

    @router.post(customers.IDENTIFY.path, dependencies=merchant)
    async def identify(sent: Body) -> Response:
        return as_json(await customers.identify(served, sent))

    @router.post(customers.IDENTITIES.path, dependencies=merchant)
    async def put_identity(sent: Body) -> Response:
        return as_json(await customers.put_identity(served, sent))

    @router.put(segments.PUT.path, dependencies=merchant)
    async def put_segment(sent: Body) -> Response:
        return as_json(await segments.put(served, sent))

    @router.get(segments.GET.path, dependencies=merchant)
    async def get_segments() -> Response:
        return as_json(await segments.get(served))

    @router.get(segments.MEMBERS.path, dependencies=merchant)
    async def get_segment_members(segment_id: Name, after: Behind = "", limit: Limit = segments.PAGE) -> Response:
        return as_json(await segments.members(served, segment_id, after, limit))

    @router.get(segments.OF.path, dependencies=merchant)
    async def get_customer_segments(customer: Name) -> Response:
        return as_json(await segments.of(served, customer))

    @router.get(contact_times.GET.path, dependencies=merchant)
    async def get_contact_time(
        customer: Name, channel: Channels = (), reachable: Channels = (), policy: Who = contact_times.POLICY,
        market: Who | None = None, days: Ahead = contact_times.AHEAD,
    ) -> Response:  # fmt: skip
        return as_json(await contact_times.get(served, customer, channel, reachable, policy, market, days))

    @router.post(consents.POST.path, dependencies=merchant)
    async def post_consents(sent: Body) -> Response:
        return as_json(await consents.post(served, sent))

    @router.get(consents.RENEWALS.path, dependencies=merchant)
    async def get_renewals(within_days: Days = consents.WITHIN_DAYS) -> Response:
        return as_json(await consents.renewals(served, within_days))

    @router.get(consents.GET.path, dependencies=merchant)
    async def get_consents(customer: Who) -> Response:
        return as_json(await consents.get(served, customer))

    @router.post(consents.ASK.path, dependencies=merchant)
    async def ask_consent(sent: Body) -> Response:
        return as_json(await consents.ask(served, sent))

    @router.post(consents.CONFIRM.path, dependencies=merchant)
    async def confirm_consent(sent: Body) -> Response:
        return as_json(await consents.confirm(served, sent))

    @router.get(gaps.OPERATION.path, dependencies=merchant)
    async def get_card_gaps(language: Channels = (), most: Rows = MOST_GAPS) -> Response:
        return as_json(await gaps.get(served, language, most))

    @router.get(fragment.OPERATION.path)
    async def get_fragment(request: Request) -> Response:
        return await fragments.get(served, request)

    _decisions(router, served, merchant, body)
    _signed(router, served, body)
    _operate(router, served)
    for routes in (merchants, guards, overview):
        routes.add_to(router, served, merchant, body)
    return router


def _decisions(router: APIRouter, served: ServedShop, merchant: list[Any], body: Callable[..., Any]) -> None:
    """Add decisions as text, decisions made before, and how they are made."""
    Body = Annotated[bytes, Depends(body)]
    Behind = Annotated[str, Query(max_length=250)]
    Language = Annotated[str, Query(min_length=1, max_length=35)]

    @router.post(text.OPERATION.path, dependencies=merchant)
    async def decide_text(sent: Body) -> Response:
        said, decision_id = await text.decide(served, sent)
        named = {**GUARDS, text.DECISION_HEADER: decision_id} if decision_id else GUARDS
        return Response(said, media_type=text.TYPE, headers=named)

    @router.get(decisions.OPERATION.path, dependencies=merchant)
    async def get_decision(decision_id: str, trace: bool = False) -> Response:
        return as_json(await decisions.get(served, decision_id, with_trace=trace))

    @router.get(transparency.OPERATION.path)
    async def get_how_we_recommend(policy: Behind = HELPFUL.name, language: Language | None = None) -> Response:
        told = as_json(await transparency.get(served, policy, language))
        told.headers["Cache-Control"] = "no-cache"
        return told


def _operate(router: APIRouter, served: ServedShop) -> None:
    """Add what whoever runs the server asks, without a key."""

    @router.get(health.HEALTHZ.path)
    async def healthz() -> Response:
        return as_json(health.alive())

    @router.get(health.READYZ.path)
    async def readyz() -> Response:
        return as_json(health.ready(served))

    @router.get(health.METRICS.path)
    async def metrics() -> Response:
        return Response(served.figures.text(), media_type=MEDIA_TYPE, headers=GUARDS)

    @router.get("/openapi.json")
    async def document() -> Response:
        return as_json(fields.document())


def _signed(router: APIRouter, served: ServedShop, body: Callable[[Request], Awaitable[bytes]]) -> None:
    """Add what is signed instead of keyed: nothing of it is read before its signature was found right."""
    Name = Annotated[str, Path(min_length=1, max_length=250)]

    @router.post(voice.OPERATION.path)
    async def post_voice(source: Name, request: Request) -> Response:
        return as_json(await voice.post(served, source, request.scope["headers"], lambda: body(request)))

    @router.post(webhooks.OPERATION.path)
    async def post_webhook(source: Name, request: Request) -> Response:
        return as_json(await webhooks.post(served, source, request.scope["headers"], lambda: body(request)))


async def answer_problem(request: Request, error: Exception) -> Response:
    """Answer whatever was raised as problem+json."""
    found = _of_validation(error) if isinstance(error, RequestValidationError) else problems.of(error)
    if found.status == 405:
        found = problems.method_not_allowed(allowed(request.url.path) or found.headers["Allow"])
    return Response(
        found.body(request.url.path),
        found.status,
        headers={**GUARDS, **found.headers},
        media_type="application/problem+json",
    )


async def answer_nobody(_: Request, __: Exception) -> Response:
    """End the request of a caller who hung up."""
    return Response(status_code=400)


def allowed(path: str) -> str:
    """Name the methods an API path answers, for `Allow`; empty for pages."""
    given = path.split("/")
    return ", ".join(one.method for one in openapi.OPERATIONS if openapi.fits(one.path.split("/"), given))


def _of_validation(error: RequestValidationError) -> Problem:
    """Name wrong parameters as wrong bodies are named."""
    faults = tuple({"parameter": str(one["loc"][-1]), "detail": str(one["msg"])} for one in error.errors())
    return Problem(422, "bad_input", f"{faults[0]['parameter']}: {faults[0]['detail']}", faults)
