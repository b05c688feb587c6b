"""The cold routes: FastAPI for everything that is not asked thousands of times a second."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any

import msgspec
from fastapi import Depends, FastAPI, Path, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRouter
from starlette.exceptions import HTTPException

from crosslift.domain import policy_text
from crosslift.domain.link import LinkKind
from crosslift.domain.policy import HELPFUL
from crosslift.errors import CrossliftError
from crosslift.web import openapi, problems
from crosslift.web.api import (
    bundles,
    confirmations,
    consents,
    contact_times,
    coupons,
    customers,
    decisions,
    experiments,
    facts,
    guard,
    health,
    library,
    links,
    policies,
    products,
    promises,
    segments,
    snapshots,
    thresholds,
    transparency,
    variants,
    voice,
)
from crosslift.web.api.operation import MAX_BATCH
from crosslift.web.figures import MEDIA_TYPE
from crosslift.web.pages import fields, files, how_we_recommend, reference, storefront
from crosslift.web.problems import Problem
from crosslift.web.security import check, secret_only
from crosslift.web.served import ServedShop
from crosslift.web.wire import ClientGone, read_body

GUARDS = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}


def build(served: ServedShop) -> FastAPI:
    """Put the cold routes together."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
    for kind in (CrossliftError, Problem, HTTPException, RequestValidationError, Exception):
        app.add_exception_handler(kind, answer_problem)
    app.add_exception_handler(ClientGone, answer_nobody)
    app.include_router(_api(served))
    files.mount(app, served)
    reference.mount(app, served)
    storefront.mount(app, served)
    return app


def _api(served: ServedShop) -> APIRouter:
    router = APIRouter(redirect_slashes=False)

    async def secret(request: Request) -> None:
        secret_only(check(served.shop, request.scope["headers"]), f"{request.method} {request.url.path}")

    async def body(request: Request) -> bytes:
        return await read_body(request.scope, request.receive, served.shop.settings["serve.max_body_bytes"])

    merchant = [Depends(secret)]
    Body = Annotated[bytes, Depends(body)]  # noqa: N806 - a type
    After = Annotated[int, Query(ge=0, le=links.LAST)]  # noqa: N806 - a type
    Behind = Annotated[str, Query(max_length=250)]  # noqa: N806 - a type
    Limit = Annotated[int, Query(ge=1, le=MAX_BATCH)]  # noqa: N806 - a type
    Newest = Annotated[int, Query(ge=0, le=customers.MOST_NEWEST)]  # noqa: N806 - a type
    Language = Annotated[str, Query(min_length=1, max_length=35)]  # noqa: N806 - a type
    Days = Annotated[int, Query(ge=0, le=consents.MOST_DAYS)]  # noqa: N806 - a type
    Who = Annotated[str, Query(min_length=1, max_length=250)]  # noqa: N806 - a type
    Name = Annotated[str, Path(min_length=1, max_length=250)]  # noqa: N806 - a type
    Ahead = Annotated[float, Query(gt=0, le=contact_times.MOST_AHEAD)]  # noqa: N806 - a type
    End = Annotated[str, Query(min_length=1, max_length=200)]  # noqa: N806 - a type
    Channels = Annotated[tuple[str, ...], Query(max_length=20)]  # noqa: N806 - a type

    @router.put(products.PUT.path, dependencies=merchant)
    async def put_products(sent: Body) -> Response:
        return _json(await products.put(served, sent))

    @router.patch(products.PATCH.path, dependencies=merchant)
    async def patch_products(sent: Body) -> Response:
        return _json(await products.patch(served, sent))

    @router.put(links.PUT.path, dependencies=merchant)
    async def put_links(sent: Body) -> Response:
        return _json(await links.put(served, sent))

    @router.get(links.GET.path, dependencies=merchant)
    async def get_links(after: After = 0, limit: Limit = links.PAGE) -> Response:
        return _json(await links.get(served, after, limit))

    @router.delete(links.DELETE.path, dependencies=merchant)
    async def delete_link(from_id: End, to_id: End, kind: LinkKind) -> Response:
        return _json(await links.delete(served, from_id, to_id, kind))

    @router.put(bundles.PUT.path, dependencies=merchant)
    async def put_bundles(sent: Body) -> Response:
        return _json(await bundles.put(served, sent))

    @router.get(bundles.GET.path, dependencies=merchant)
    async def get_bundles(after: After = 0, limit: Limit = links.PAGE) -> Response:
        return _json(await bundles.get(served, after, limit))

    @router.put(facts.OPERATION.path, dependencies=merchant)
    async def put_facts(dataset: str, sent: Body) -> Response:
        return _json(await facts.put(served, dataset, sent))

    @router.post(voice.OPERATION.path)
    async def post_voice(source: Name, request: Request) -> Response:
        return _json(await voice.post(served, source, request.scope["headers"], lambda: body(request)))

    @router.get(customers.SHOW.path, dependencies=merchant)
    async def get_customer(
        customer: Name, newest: Newest = customers.NEWEST, language: Language | None = None
    ) -> Response:
        return _json(await customers.show(served, customer, newest, language))

    @router.get(customers.EXPORT.path, dependencies=merchant)
    async def export_customer(customer: Name) -> Response:
        named = {**GUARDS, "Content-Disposition": 'attachment; filename="export.zip"'}
        return Response(await customers.export(served, customer), media_type=customers.EXPORT.media_type, headers=named)

    @router.delete(customers.ERASE.path, dependencies=merchant)
    async def erase_customer(customer: Name) -> Response:
        return _json(await customers.erase(served, customer))

    @router.post(customers.IDENTIFY.path, dependencies=merchant)
    async def identify(sent: Body) -> Response:
        return _json(await customers.identify(served, sent))

    @router.post(customers.IDENTITIES.path, dependencies=merchant)
    async def put_identity(sent: Body) -> Response:
        return _json(await customers.put_identity(served, sent))

    @router.put(segments.PUT.path, dependencies=merchant)
    async def put_segment(sent: Body) -> Response:
        return _json(await segments.put(served, sent))

    @router.get(segments.GET.path, dependencies=merchant)
    async def get_segments() -> Response:
        return _json(await segments.get(served))

    @router.get(segments.MEMBERS.path, dependencies=merchant)
    async def get_segment_members(segment_id: Name, after: Behind = "", limit: Limit = segments.PAGE) -> Response:
        return _json(await segments.members(served, segment_id, after, limit))

    @router.get(segments.OF.path, dependencies=merchant)
    async def get_customer_segments(customer: Name) -> Response:
        return _json(await segments.of(served, customer))

    @router.get(contact_times.GET.path, dependencies=merchant)
    async def get_contact_time(
        customer: Name, channel: Channels = (), reachable: Channels = (), policy: Who = contact_times.POLICY,
        market: Who | None = None, days: Ahead = contact_times.AHEAD,
    ) -> Response:  # fmt: skip
        return _json(await contact_times.get(served, customer, channel, reachable, policy, market, days))

    @router.post(consents.POST.path, dependencies=merchant)
    async def post_consents(sent: Body) -> Response:
        return _json(await consents.post(served, sent))

    @router.get(consents.RENEWALS.path, dependencies=merchant)
    async def get_renewals(within_days: Days = consents.WITHIN_DAYS) -> Response:
        return _json(await consents.renewals(served, within_days))

    @router.get(consents.GET.path, dependencies=merchant)
    async def get_consents(customer: Who) -> Response:
        return _json(await consents.get(served, customer))

    @router.post(consents.ASK.path, dependencies=merchant)
    async def ask_consent(sent: Body) -> Response:
        return _json(await consents.ask(served, sent))

    @router.post(consents.CONFIRM.path, dependencies=merchant)
    async def confirm_consent(sent: Body) -> Response:
        return _json(await consents.confirm(served, sent))

    @router.get(decisions.OPERATION.path, dependencies=merchant)
    async def get_decision(decision_id: str, trace: bool = False) -> Response:
        return _json(await decisions.get(served, decision_id, with_trace=trace))

    @router.get(transparency.OPERATION.path)
    async def get_how_we_recommend(
        request: Request, policy: Behind = HELPFUL.name, language: Language | None = None
    ) -> Response:
        return how_we_recommend.tagged(request, _json(await transparency.get(served, policy, language)))

    @router.get(snapshots.OPERATION.path, dependencies=merchant)
    async def get_snapshots() -> Response:
        return _json(await snapshots.get(served))

    @router.get(health.HEALTHZ.path)
    async def healthz() -> Response:
        return _json(health.alive())

    @router.get(health.READYZ.path)
    async def readyz() -> Response:
        return _json(health.ready(served))

    @router.get(health.METRICS.path)
    async def metrics() -> Response:
        return Response(served.figures.text(), media_type=MEDIA_TYPE, headers=GUARDS)

    @router.get("/openapi.json")
    async def document() -> Response:
        return _json(fields.document())

    for add in (_add_offers, _add_guard, _add_policies, _add_coupons, _add_experiments):
        add(router, served, merchant, body)
    _add_figures(router, served, merchant)
    return router


def _add_policies(router: APIRouter, served: ServedShop, merchant: list[Any], body: Callable[..., Any]) -> None:
    """Add the policies and the stop switch; fixed words before names."""
    Body = Annotated[bytes, Depends(body)]  # noqa: N806 - a type
    Name = Annotated[str, Path(min_length=1, max_length=60)]  # noqa: N806 - a type
    Version = Annotated[int | None, Query(ge=0, lt=2**31)]  # noqa: N806 - a type

    @router.get(policies.GET.path, dependencies=merchant)
    async def get_policies() -> Response:
        return _json(await policies.get(served))

    @router.get(policies.SCHEMA.path, dependencies=merchant)
    async def get_policy_schema() -> Response:
        return _json(policy_text.schema())

    @router.get(policies.SHOW.path, dependencies=merchant)
    async def get_policy(name: Name, version: Version = None) -> Response:
        return _json(await policies.show(served, name, version))

    @router.get(policies.DIFF.path, dependencies=merchant)
    async def get_policy_changes(name: Name, version: Version = None) -> Response:
        return _json(await policies.diff(served, name, version))

    @router.post(policies.CHECK.path, dependencies=merchant)
    async def check_policy(sent: Body) -> Response:
        return _json(await policies.check(served, sent))

    @router.put(policies.PUT.path, dependencies=merchant)
    async def draft_policy(sent: Body) -> Response:
        return _json(await policies.draft(served, sent))

    @router.post(policies.PUBLISH.path, dependencies=merchant)
    async def publish_policy(name: Name, sent: Body) -> Response:
        return _json(await policies.publish(served, name, sent))

    @router.post(policies.ROLLBACK.path, dependencies=merchant)
    async def roll_back_policy(name: Name, sent: Body) -> Response:
        return _json(await policies.rollback(served, name, sent))

    @router.post(policies.STOP.path, dependencies=merchant)
    async def stop_shop(sent: Body) -> Response:
        return _json(await policies.stop(served, sent))

    @router.post(policies.RESUME.path, dependencies=merchant)
    async def resume_shop(sent: Body) -> Response:
        return _json(await policies.resume(served, sent))


def _add_experiments(router: APIRouter, served: ServedShop, merchant: list[Any], body: Callable[..., Any]) -> None:
    """Add experiments and the standing holdout."""
    Body = Annotated[bytes, Depends(body)]  # noqa: N806 - a type
    Name = Annotated[str, Path(min_length=1, max_length=60)]  # noqa: N806 - a type

    @router.put(experiments.PUT.path, dependencies=merchant)
    async def put_experiments(sent: Body) -> Response:
        return _json(await experiments.put(served, sent))

    @router.get(experiments.GET.path, dependencies=merchant)
    async def get_experiments() -> Response:
        return _json(await experiments.get(served))

    @router.get(experiments.SHOW.path, dependencies=merchant)
    async def get_experiment(experiment_id: Name) -> Response:
        return _json(await experiments.show(served, experiment_id))

    @router.post(experiments.STOP.path, dependencies=merchant)
    async def stop_experiment(experiment_id: Name, sent: Body) -> Response:
        return _json(await experiments.stop(served, experiment_id, sent))

    @router.post(experiments.HOLD_OUT.path, dependencies=merchant)
    async def hold_out(sent: Body) -> Response:
        return _json(await experiments.hold_out(served, sent))


def _add_offers(router: APIRouter, served: ServedShop, merchant: list[Any], body: Callable[..., Any]) -> None:
    """Add the offer library and its promises."""
    Body = Annotated[bytes, Depends(body)]  # noqa: N806 - a type
    Name = Annotated[str, Path(min_length=1, max_length=250)]  # noqa: N806 - a type
    Language = Annotated[str, Query(min_length=1, max_length=35)]  # noqa: N806 - a type

    @router.put(library.PUT.path, dependencies=merchant)
    async def put_offers(sent: Body) -> Response:
        return _json(await library.put(served, sent))

    @router.get(library.GET.path, dependencies=merchant)
    async def get_offers() -> Response:
        return _json(await library.get(served))

    @router.get(library.SHOW.path, dependencies=merchant)
    async def get_offer(offer_id: Name) -> Response:
        return _json(await library.show(served, offer_id))

    @router.post(promises.MAKE.path, dependencies=merchant)
    async def make_promise(decision_id: Name, sent: Body) -> Response:
        return _json(await promises.make(served, decision_id, sent))

    @router.get(promises.GET.path, dependencies=merchant)
    async def get_promise(code: Name, language: Language | None = None) -> Response:
        return _json(await promises.get(served, code, language))

    @router.post(promises.REDEEM.path, dependencies=merchant)
    async def redeem_promise(code: Name, sent: Body) -> Response:
        return _json(await promises.redeem(served, code, sent))


def _add_guard(router: APIRouter, served: ServedShop, merchant: list[Any], body: Callable[..., Any]) -> None:
    """Add what customers confirm of sales made with them, and the guard over those sales."""
    Body = Annotated[bytes, Depends(body)]  # noqa: N806 - a type
    Agent = Annotated[str, Query(min_length=1, max_length=200)]  # noqa: N806 - a type

    @router.post(confirmations.ASK.path, dependencies=merchant)
    async def ask_confirmation(sent: Body) -> Response:
        return _json(await confirmations.ask(served, sent))

    @router.post(confirmations.SHOW.path, dependencies=merchant)
    async def show_confirmation(sent: Body) -> Response:
        return _json(await confirmations.show(served, sent))

    @router.post(confirmations.CONFIRM.path, dependencies=merchant)
    async def answer_confirmation(sent: Body) -> Response:
        return _json(await confirmations.confirm(served, sent))

    @router.get(guard.ALARMS.path, dependencies=merchant)
    async def get_guard_alarms(
        agent: Agent | None = None, since: datetime | None = None, until: datetime | None = None
    ) -> Response:
        return _json(await guard.alarms(served, agent, since, until))

    @router.get(guard.REVIEW.path, dependencies=merchant)
    async def get_guard_review(
        agent: Agent | None = None, since: datetime | None = None, until: datetime | None = None
    ) -> Response:
        return _json(await guard.review(served, agent, since, until))


def _add_coupons(router: APIRouter, served: ServedShop, merchant: list[Any], body: Callable[..., Any]) -> None:
    """Add coupon campaigns and their codes."""
    Body = Annotated[bytes, Depends(body)]  # noqa: N806 - a type
    Code = Annotated[str, Path(min_length=1, max_length=250)]  # noqa: N806 - a type
    Language = Annotated[str, Query(min_length=1, max_length=35)]  # noqa: N806 - a type

    @router.put(coupons.PUT.path, dependencies=merchant)
    async def put_campaigns(sent: Body) -> Response:
        return _json(await coupons.put(served, sent))

    @router.get(coupons.GET.path, dependencies=merchant)
    async def get_campaigns() -> Response:
        return _json(await coupons.get(served))

    @router.post(coupons.ISSUE.path, dependencies=merchant)
    async def issue_coupon(sent: Body) -> Response:
        return _json(await coupons.issue(served, sent))

    @router.get(coupons.SHOW.path, dependencies=merchant)
    async def get_coupon(code: Code, language: Language | None = None) -> Response:
        return _json(await coupons.show(served, code, language))

    @router.post(coupons.REDEEM.path, dependencies=merchant)
    async def redeem_coupon(code: Code, sent: Body) -> Response:
        return _json(await coupons.redeem(served, code, sent))

    @router.post(coupons.RELEASE.path, dependencies=merchant)
    async def release_coupon(code: Code, sent: Body) -> Response:
        return _json(await coupons.release(served, code, sent))


def _add_figures(router: APIRouter, served: ServedShop, merchant: list[Any]) -> None:
    """Add what was learned while serving, and the bar that orders speak for."""
    Worth = Annotated[float, Query(ge=0, le=thresholds.DEAREST)]  # noqa: N806 - a type
    Currency = Annotated[str | None, Query(pattern="^[A-Z]{3}$")]  # noqa: N806 - a type
    Margin = Annotated[float | None, Query(gt=0, le=1)]  # noqa: N806 - a type

    @router.get(variants.OPERATION.path, dependencies=merchant)
    async def get_variants() -> Response:
        return _json(await variants.get(served))

    @router.get(thresholds.OPERATION.path, dependencies=merchant)
    async def suggest_threshold(worth: Worth, currency: Currency = None, margin: Margin = None) -> Response:
        return _json(await thresholds.suggest(served, worth, currency, margin))


def _json(value: Any) -> Response:
    return Response(msgspec.json.encode(value), media_type="application/json", headers=GUARDS)


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
    return ", ".join(one.method for one in openapi.OPERATIONS if _fits(one.path, path))


def _fits(pattern: str, path: str) -> bool:
    parts, given = pattern.split("/"), path.split("/")
    return len(parts) == len(given) and all(
        p == g or p.startswith("{") for p, g in zip(parts, given, strict=True)
    )  # fmt: skip


def _of_validation(error: RequestValidationError) -> Problem:
    """Name wrong parameters as wrong bodies are named."""
    faults = tuple({"parameter": str(one["loc"][-1]), "detail": str(one["msg"])} for one in error.errors())
    return Problem(422, "bad_input", f"{faults[0]['parameter']}: {faults[0]['detail']}", faults)
