"""The cold routes of what came in and what it shows: imports, figures, a policy tried on the past, attention taken of people."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Annotated, Any

from fastapi import Depends, Path, Query, Response
from fastapi.routing import APIRouter

from crosslift.shop.experiments import STANDING
from crosslift.web.answers import as_json
from crosslift.web.api import (
    contacts,
    earned,
    feelings,
    goals,
    imports,
    journey,
    metrics,
    opportunities,
    promotions,
    simulations,
    watching,
)
from crosslift.web.served import ServedShop


def add_to(router: APIRouter, served: ServedShop, merchant: list[Any], body: Callable[..., Any]) -> None:
    """Add all of them.

    Parameters
    ----------
    merchant : list
        What has to hold before any of them is asked: a role that may.
    body : callable
        Reads what was sent.
    """
    Body = Annotated[bytes, Depends(body)]
    Name = Annotated[str, Path(min_length=1, max_length=250)]
    Number = Annotated[int, Path(ge=1, lt=2**53)]
    Product = Annotated[str | None, Query(min_length=1, max_length=200)]

    @router.get(imports.GET.path, dependencies=merchant)
    async def get_imports() -> Response:
        return as_json(await imports.get(served))

    @router.post(imports.UNDO.path, dependencies=merchant)
    async def undo_import(import_id: Number) -> Response:
        return as_json(await imports.undo(served, import_id))

    @router.get(metrics.OPERATION.path, dependencies=merchant)
    async def get_metrics(
        since: datetime | None = None, until: datetime | None = None, anchor: Product = None, attached: Product = None,
        by: Annotated[str | None, Query(min_length=1, max_length=40)] = None,
    ) -> Response:  # fmt: skip
        return as_json(await metrics.get(served, since, until, anchor, attached, by))

    @router.get(earned.EFFECTS.path, dependencies=merchant)
    async def get_experiment_effects(experiment_id: Name, control: Product = None, fixed: bool = False) -> Response:
        return as_json(await earned.effects(served, experiment_id, control, is_fixed=fixed))

    @router.get(earned.DETAILS.path, dependencies=merchant)
    async def get_experiment_details(
        experiment_id: Name, control: Product = None, fixed: bool = False, by: Product = None
    ) -> Response:  # fmt: skip
        return as_json(await earned.details(served, experiment_id, control, by, is_fixed=fixed))

    @router.get(promotions.MARKETS.path, dependencies=merchant)
    async def get_experiment_markets(experiment_id: Name, control: Product = None, fixed: bool = False) -> Response:
        return as_json(await promotions.markets(served, experiment_id, control, is_fixed=fixed))

    @router.get(earned.HOLDOUT.path, dependencies=merchant)
    async def get_holdout(experiment_id: Annotated[str, Query(min_length=1, max_length=200)] = STANDING) -> Response:
        return as_json(await earned.holdout(served, experiment_id))

    @router.get(earned.FUNNEL.path, dependencies=merchant)
    async def get_funnel(since: datetime | None = None, until: datetime | None = None) -> Response:
        return as_json(await earned.funnel(served, since, until))

    @router.get(opportunities.OPERATION.path, dependencies=merchant)
    async def get_opportunities(
        since: datetime | None = None, until: datetime | None = None,
        most: Annotated[int, Query(ge=1, le=opportunities.MOST)] = 20,
        weeks: Annotated[int, Query(ge=1, le=opportunities.MOST_WEEKS)] = 4,
    ) -> Response:  # fmt: skip
        return as_json(await opportunities.get(served, since, until, most, weeks))

    @router.get(journey.OPERATION.path, dependencies=merchant)
    async def get_journey(since: datetime | None = None, until: datetime | None = None) -> Response:
        return as_json(await journey.get(served, since, until))

    @router.get(feelings.SATISFACTION.path, dependencies=merchant)
    async def get_satisfaction(
        experiment_id: Annotated[str, Query(min_length=1, max_length=200)] = STANDING,
    ) -> Response:
        return as_json(await feelings.effect(served, experiment_id))

    @router.get(feelings.FEEDBACK.path, dependencies=merchant)
    async def get_feedback(
        since: datetime | None = None, until: datetime | None = None,
        most: Annotated[int, Query(ge=1, le=feelings.MOST)] = 50,
    ) -> Response:  # fmt: skip
        return as_json(await feelings.feedback(served, since, until, most))

    @router.get(goals.GET.path, dependencies=merchant)
    async def get_goals(since: datetime | None = None, until: datetime | None = None) -> Response:
        return as_json(await goals.get(served, since, until))

    @router.put(goals.PUT.path, dependencies=merchant)
    async def put_goals(sent: Body) -> Response:
        return as_json(await goals.put(served, sent))

    @router.delete(goals.DELETE.path, dependencies=merchant)
    async def delete_goal(goal_id: Name) -> Response:
        return as_json(await goals.delete(served, goal_id))

    @router.get(watching.OPERATION.path, dependencies=merchant)
    async def get_watch(day: date | None = None, days: Annotated[int, Query(ge=1, le=7)] = 1) -> Response:
        return as_json(await watching.get(served, day, days))

    @router.post(earned.OFF_POLICY.path, dependencies=merchant)
    async def value_policy(sent: Body) -> Response:
        return as_json(await earned.value(served, sent))

    @router.post(simulations.OPERATION.path, dependencies=merchant)
    async def simulate_policy(sent: Body) -> Response:
        return as_json(await simulations.post(served, sent))

    @router.get(contacts.GET.path, dependencies=merchant)
    async def get_contacts(customer: Name) -> Response:
        return as_json(await contacts.get(served, customer))

    @router.post(contacts.MUTE.path, dependencies=merchant)
    async def mute_customer(customer: Name, sent: Body) -> Response:
        return as_json(await contacts.mute(served, customer, sent))

    @router.post(contacts.UNMUTE.path, dependencies=merchant)
    async def unmute_customer(customer: Name, sent: Body) -> Response:
        return as_json(await contacts.unmute(served, customer, sent))
