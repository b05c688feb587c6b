"""The cold routes of how a shop decides, what it promises, and what it tries: policies, offers, coupons, experiments, figures."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, Path, Query, Response
from fastapi.routing import APIRouter

from crosslift.domain import policy_text
from crosslift.web.answers import as_json
from crosslift.web.api import (
    confirmations,
    coupons,
    experiments,
    guard,
    guardrails,
    jobs,
    library,
    plugins,
    policies,
    promises,
    promotions,
    snapshots,
    thresholds,
    variants,
)
from crosslift.web.api.operation import MAX_BATCH
from crosslift.web.served import ServedShop


def add_to(router: APIRouter, served: ServedShop, merchant: list[Any], body: Callable[..., Any]) -> None:
    """Add all of them.

    Parameters
    ----------
    merchant : list
        What has to hold before any of them is asked: a secret key.
    body : callable
        Reads what was sent.
    """
    for add in (_offers, _guard, _policies, _coupons, _experiments, _guardrails, _jobs):
        add(router, served, merchant, body)
    _figures(router, served, merchant)


def _policies(router: APIRouter, served: ServedShop, merchant: list[Any], body: Callable[..., Any]) -> None:
    """Add the policies and the stop switch; fixed words before names."""
    Body = Annotated[bytes, Depends(body)]
    Name = Annotated[str, Path(min_length=1, max_length=60)]
    Version = Annotated[int | None, Query(ge=0, lt=2**31)]

    @router.get(policies.GET.path, dependencies=merchant)
    async def get_policies() -> Response:
        return as_json(await policies.get(served))

    @router.get(policies.SCHEMA.path, dependencies=merchant)
    async def get_policy_schema() -> Response:
        return as_json(policy_text.schema())

    @router.get(policies.SHOW.path, dependencies=merchant)
    async def get_policy(name: Name, version: Version = None) -> Response:
        return as_json(await policies.show(served, name, version))

    @router.get(policies.DIFF.path, dependencies=merchant)
    async def get_policy_changes(name: Name, version: Version = None) -> Response:
        return as_json(await policies.diff(served, name, version))

    @router.post(policies.CHECK.path, dependencies=merchant)
    async def check_policy(sent: Body) -> Response:
        return as_json(await policies.check(served, sent))

    @router.put(policies.PUT.path, dependencies=merchant)
    async def draft_policy(sent: Body) -> Response:
        return as_json(await policies.draft(served, sent))

    @router.post(policies.PUBLISH.path, dependencies=merchant)
    async def publish_policy(name: Name, sent: Body) -> Response:
        return as_json(await policies.publish(served, name, sent))

    @router.post(policies.ROLLBACK.path, dependencies=merchant)
    async def roll_back_policy(name: Name, sent: Body) -> Response:
        return as_json(await policies.rollback(served, name, sent))

    @router.post(policies.STOP.path, dependencies=merchant)
    async def stop_shop(sent: Body) -> Response:
        return as_json(await policies.stop(served, sent))

    @router.post(policies.RESUME.path, dependencies=merchant)
    async def resume_shop(sent: Body) -> Response:
        return as_json(await policies.resume(served, sent))


def _experiments(router: APIRouter, served: ServedShop, merchant: list[Any], body: Callable[..., Any]) -> None:
    """Add experiments and the standing holdout."""
    Body = Annotated[bytes, Depends(body)]
    Name = Annotated[str, Path(min_length=1, max_length=60)]

    @router.put(experiments.PUT.path, dependencies=merchant)
    async def put_experiments(sent: Body) -> Response:
        return as_json(await experiments.put(served, sent))

    @router.get(experiments.GET.path, dependencies=merchant)
    async def get_experiments() -> Response:
        return as_json(await experiments.get(served))

    @router.get(experiments.SHOW.path, dependencies=merchant)
    async def get_experiment(experiment_id: Name) -> Response:
        return as_json(await experiments.show(served, experiment_id))

    @router.post(experiments.STOP.path, dependencies=merchant)
    async def stop_experiment(experiment_id: Name, sent: Body) -> Response:
        return as_json(await experiments.stop(served, experiment_id, sent))

    @router.post(promotions.PROMOTE.path, dependencies=merchant)
    async def promote_arm(experiment_id: Name, sent: Body) -> Response:
        return as_json(await promotions.promote(served, experiment_id, sent))

    @router.post(promotions.ROLLBACK.path, dependencies=merchant)
    async def roll_back_promotion(experiment_id: Name, sent: Body) -> Response:
        return as_json(await promotions.rollback(served, experiment_id, sent))

    @router.post(experiments.HOLD_OUT.path, dependencies=merchant)
    async def hold_out(sent: Body) -> Response:
        return as_json(await experiments.hold_out(served, sent))


def _guardrails(router: APIRouter, served: ServedShop, merchant: list[Any], body: Callable[..., Any]) -> None:
    """Add what rests by a guardrail."""

    @router.get(guardrails.GET.path, dependencies=merchant)
    async def get_guardrails() -> Response:
        return as_json(await guardrails.get(served))

    @router.post(guardrails.LIFT.path, dependencies=merchant)
    async def lift_pause(sent: Annotated[bytes, Depends(body)]) -> Response:
        return as_json(await guardrails.lift(served, sent))


def _jobs(router: APIRouter, served: ServedShop, merchant: list[Any], body: Callable[..., Any]) -> None:
    """Add what runs by itself."""
    Body = Annotated[bytes, Depends(body)]
    Name = Annotated[str, Path(min_length=1, max_length=60)]
    Before = Annotated[int | None, Query(ge=0, lt=2**63)]
    Limit = Annotated[int, Query(ge=1, le=MAX_BATCH)]

    @router.get(jobs.GET.path, dependencies=merchant)
    async def get_jobs() -> Response:
        return as_json(await jobs.get(served))

    @router.get(jobs.RUNS.path, dependencies=merchant)
    async def get_job_runs(job: Name, before: Before = None, limit: Limit = jobs.PAGE) -> Response:
        return as_json(await jobs.runs(served, job, before, limit))

    @router.post(jobs.RUN.path, dependencies=merchant)
    async def run_job(job: Name, sent: Body) -> Response:
        return as_json(await jobs.run(served, job, sent))

    @router.post(jobs.PAUSE.path, dependencies=merchant)
    async def pause_job(job: Name, sent: Body) -> Response:
        return as_json(await jobs.pause(served, job, sent, is_paused=True))

    @router.post(jobs.RESUME.path, dependencies=merchant)
    async def resume_job(job: Name, sent: Body) -> Response:
        return as_json(await jobs.pause(served, job, sent, is_paused=False))


def _offers(router: APIRouter, served: ServedShop, merchant: list[Any], body: Callable[..., Any]) -> None:
    """Add the offer library and its promises."""
    Body = Annotated[bytes, Depends(body)]
    Name = Annotated[str, Path(min_length=1, max_length=250)]
    Language = Annotated[str, Query(min_length=1, max_length=35)]

    @router.put(library.PUT.path, dependencies=merchant)
    async def put_offers(sent: Body) -> Response:
        return as_json(await library.put(served, sent))

    @router.get(library.GET.path, dependencies=merchant)
    async def get_offers() -> Response:
        return as_json(await library.get(served))

    @router.get(library.SHOW.path, dependencies=merchant)
    async def get_offer(offer_id: Name) -> Response:
        return as_json(await library.show(served, offer_id))

    @router.post(promises.MAKE.path, dependencies=merchant)
    async def make_promise(decision_id: Name, sent: Body) -> Response:
        return as_json(await promises.make(served, decision_id, sent))

    @router.get(promises.GET.path, dependencies=merchant)
    async def get_promise(code: Name, language: Language | None = None) -> Response:
        return as_json(await promises.get(served, code, language))

    @router.post(promises.REDEEM.path, dependencies=merchant)
    async def redeem_promise(code: Name, sent: Body) -> Response:
        return as_json(await promises.redeem(served, code, sent))


def _guard(router: APIRouter, served: ServedShop, merchant: list[Any], body: Callable[..., Any]) -> None:
    """Add what customers confirm of sales made with them, and the guard over those sales."""
    Body = Annotated[bytes, Depends(body)]
    Agent = Annotated[str, Query(min_length=1, max_length=200)]

    @router.post(confirmations.ASK.path, dependencies=merchant)
    async def ask_confirmation(sent: Body) -> Response:
        return as_json(await confirmations.ask(served, sent))

    @router.post(confirmations.SHOW.path, dependencies=merchant)
    async def show_confirmation(sent: Body) -> Response:
        return as_json(await confirmations.show(served, sent))

    @router.post(confirmations.CONFIRM.path, dependencies=merchant)
    async def answer_confirmation(sent: Body) -> Response:
        return as_json(await confirmations.confirm(served, sent))

    @router.get(guard.ALARMS.path, dependencies=merchant)
    async def get_guard_alarms(
        agent: Agent | None = None, since: datetime | None = None, until: datetime | None = None
    ) -> Response:
        return as_json(await guard.alarms(served, agent, since, until))

    @router.get(guard.REVIEW.path, dependencies=merchant)
    async def get_guard_review(
        agent: Agent | None = None, since: datetime | None = None, until: datetime | None = None
    ) -> Response:
        return as_json(await guard.review(served, agent, since, until))


def _coupons(router: APIRouter, served: ServedShop, merchant: list[Any], body: Callable[..., Any]) -> None:
    """Add coupon campaigns and their codes."""
    Body = Annotated[bytes, Depends(body)]
    Code = Annotated[str, Path(min_length=1, max_length=250)]
    Language = Annotated[str, Query(min_length=1, max_length=35)]

    @router.put(coupons.PUT.path, dependencies=merchant)
    async def put_campaigns(sent: Body) -> Response:
        return as_json(await coupons.put(served, sent))

    @router.get(coupons.GET.path, dependencies=merchant)
    async def get_campaigns() -> Response:
        return as_json(await coupons.get(served))

    @router.post(coupons.ISSUE.path, dependencies=merchant)
    async def issue_coupon(sent: Body) -> Response:
        return as_json(await coupons.issue(served, sent))

    @router.get(coupons.SHOW.path, dependencies=merchant)
    async def get_coupon(code: Code, language: Language | None = None) -> Response:
        return as_json(await coupons.show(served, code, language))

    @router.post(coupons.REDEEM.path, dependencies=merchant)
    async def redeem_coupon(code: Code, sent: Body) -> Response:
        return as_json(await coupons.redeem(served, code, sent))

    @router.post(coupons.RELEASE.path, dependencies=merchant)
    async def release_coupon(code: Code, sent: Body) -> Response:
        return as_json(await coupons.release(served, code, sent))


def _figures(router: APIRouter, served: ServedShop, merchant: list[Any]) -> None:
    """Add what was learned, also while serving, and the bar that orders speak for."""
    Worth = Annotated[float, Query(ge=0, le=thresholds.DEAREST)]
    Currency = Annotated[str | None, Query(pattern="^[A-Z]{3}$")]
    Margin = Annotated[float | None, Query(gt=0, le=1)]

    @router.get(snapshots.OPERATION.path, dependencies=merchant)
    async def get_snapshots() -> Response:
        return as_json(await snapshots.get(served))

    @router.get(plugins.OPERATION.path, dependencies=merchant)
    async def get_plugins() -> Response:
        return as_json(await plugins.get(served))

    @router.get(variants.OPERATION.path, dependencies=merchant)
    async def get_variants() -> Response:
        return as_json(await variants.get(served))

    @router.get(thresholds.OPERATION.path, dependencies=merchant)
    async def suggest_threshold(
        worth: Worth, currency: Currency = None, margin: Margin = None, since: datetime | None = None,
        until: datetime | None = None,
    ) -> Response:  # fmt: skip
        return as_json(await thresholds.suggest(served, worth, currency, margin, since, until))
