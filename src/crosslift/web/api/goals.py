"""`/v1/goals`: what the shop wants to reach together, and what each team contributed."""

from datetime import datetime
from typing import Annotated, Any

import msgspec

from crosslift.domain.goal import MOST_GOALS
from crosslift.web.api.operation import SECRET, Operation, Parameter
from crosslift.web.served import ServedShop
from crosslift.web.wire import decode

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


class Reached(msgspec.Struct):
    """What a figure is by now, or why nobody can say."""

    value: float | None = None
    low: float | None = None
    high: float | None = None
    unit: str | None = None
    not_estimable: str | None = None


class GoalRow(msgspec.Struct):
    """One goal of the whole shop; `share` of the target, `gone` of its time."""

    goal_id: str
    title: str
    figure: str
    target: float
    since: str
    until: str
    author: str
    reached: Reached
    share: float | None
    gone: float
    state: str


class TeamGain(msgspec.Struct):
    """What offers earned through a team since the standing holdout began, or why nobody can say."""

    value: float | None = None
    low: float | None = None
    high: float | None = None
    not_estimable: str | None = None


class TeamRow(msgspec.Struct):
    """What a team sold, what of it is credited to offers, and what those earned; a team is never one person."""

    team: str
    lines: int
    amount: float
    credited_lines: int
    credited: float
    incremental: TeamGain


class Contribution(msgspec.Struct):
    """Of each team, in margin or revenue."""

    since: str
    until: str
    currency: str
    amounts: str
    teams: list[TeamRow]


class Board(msgspec.Struct):
    """The goals, and who contributed."""

    goals: list[GoalRow]
    contribution: Contribution


class SetGoals(msgspec.Struct, forbid_unknown_fields=True):
    """Goals with goal_id, title, figure, target, since and until each."""

    goals: Annotated[list[dict[str, Any]], msgspec.Meta(min_length=1, max_length=MOST_GOALS)]
    author: Name


class GoalOutcome(msgspec.Struct):
    """What became of one: new, replaced, same or dropped."""

    goal_id: str
    outcome: str


class GoalsSet(msgspec.Struct):
    """What became of each."""

    goals: list[GoalOutcome]


_decoder = msgspec.json.Decoder(SetGoals)


async def get(served: ServedShop, since: datetime | None, until: datetime | None) -> Board:
    """Show the board."""
    begin, end = (served.shop.local(moment) if moment is not None else None for moment in (since, until))
    return msgspec.convert(await served.in_thread(lambda: served.shop.goals.board(begin, end)), Board)


async def put(served: ServedShop, body: bytes) -> GoalsSet:
    """Set goals."""
    sent = decode(_decoder, body)
    found = await served.in_thread(lambda: served.shop.goals.put(sent.goals, sent.author))
    return msgspec.convert({"goals": found}, GoalsSet)


async def delete(served: ServedShop, goal_id: str) -> GoalOutcome:
    """Take one back."""
    return msgspec.convert(await served.in_thread(lambda: served.shop.goals.drop(goal_id)), GoalOutcome)


_INSTANT = {"type": "string", "format": "date-time", "examples": ["2026-03-01T00:00:00+09:00"]}
_GOAL = {
    "goal_id": "spring-margin", "title": "Earn more in spring", "figure": "margin", "target": 9000000.0,
    "since": "2026-03-01T00:00:00+00:00", "until": "2026-06-01T00:00:00+00:00",
}  # fmt: skip
GET = Operation(
    name="get_goals",
    method="GET",
    path="/v1/goals",
    summary="Show the goals of the shop and who contributed",
    about=(
        "Goals of the whole shop, how far they are, and what each team sold, what of it is credited to offers, and what offers "
        "earned through it by the standing holdout. A team of fewer than three people who sell is counted under `other`; nothing "
        "is told by person or product. Contributions are of the last 30 days by default."
    ),
    group="measure",
    keys=(SECRET,),
    parameters=(
        Parameter("since", "query", "Contributions: first instant.", _INSTANT),
        Parameter("until", "query", "Contributions: instant after the last.", _INSTANT),
    ),
    answer=Board,
    answer_example={
        "goals": [{
            **_GOAL, "author": "mina", "reached": {"value": 3100000.0, "low": 3100000.0, "high": 3100000.0, "unit": "KRW"},
            "share": 0.344, "gone": 0.33, "state": "running",
        }],
        "contribution": {
            "since": "2026-03-01T00:00:00+00:00", "until": "2026-03-31T00:00:00+00:00", "currency": "KRW", "amounts": "margin",
            "teams": [{
                "team": "web", "lines": 900, "amount": 2700000.0, "credited_lines": 120, "credited": 410000.0,
                "incremental": {"not_estimable": "held: fewer than 30 units; wait for more"},
            }],
        },
    },
    problems=(400, 401, 403, 404, 422, 503),
)  # fmt: skip
PUT = Operation(
    name="put_goals",
    method="PUT",
    path="/v1/goals",
    summary="Set goals of the whole shop",
    about=(
        "A goal of a person or team, one for selling a product, and a title that sets somebody a number of sales are refused "
        "with 422: what is sold to meet such a goal is not sold to help."
    ),
    group="measure",
    keys=(SECRET,),
    bodies=(SetGoals,),
    body_example={"goals": [_GOAL], "author": "mina"},
    answer=GoalsSet,
    answer_example={"goals": [{"goal_id": "spring-margin", "outcome": "new"}]},
    problems=(400, 401, 403, 404, 408, 413, 422, 503),
)
DELETE = Operation(
    name="delete_goal",
    method="DELETE",
    path="/v1/goals/{goal_id}",
    summary="Take a goal back",
    about="The audit keeps that it was.",
    group="measure",
    keys=(SECRET,),
    parameters=(Parameter("goal_id", "path", "The goal.", {"type": "string", "examples": ["spring-margin"]}),),
    answer=GoalOutcome,
    answer_example={"goal_id": "spring-margin", "outcome": "dropped"},
    problems=(400, 401, 403, 404, 422, 503),
)
OPERATIONS = (GET, PUT, DELETE)
