"""`/v1/guard`: agents whose sales are unlike their team's, and the look-back over sales that nobody confirmed."""

from datetime import datetime
from typing import Any

import msgspec

from crosslift.web.api.operation import SECRET, Operation, Parameter
from crosslift.web.served import ServedShop

Row = dict[str, Any]


class Alarms(msgspec.Struct):
    """What was compared. `alarms` are questions, the most unusual first; `figures` are those of everybody."""

    since: str
    until: str
    n_sales: int
    n_agents: int
    alarms: list[Row]
    figures: list[Row]
    not_estimable: list[Row]


class Review(msgspec.Struct):
    """Sales that call for something, oldest first, each with its hash; customers to be told, and what goes back to whom."""

    agent: str | None
    since: str
    until: str
    as_of: str
    n_sales: int
    sales: list[dict[str, str]]
    customers: list[Row]
    charged: list[Row]
    refunds: list[Row]
    manifest: Row


async def alarms(served: ServedShop, agent: str | None, since: datetime | None, until: datetime | None) -> Alarms:
    """Compare the agents with one another."""
    return msgspec.convert(await served.in_thread(lambda: served.shop.guard.alarms(since, until, agent)), Alarms)


async def review(served: ServedShop, agent: str | None, since: datetime | None, until: datetime | None) -> Review:
    """Look back over sales."""
    return msgspec.convert(await served.in_thread(lambda: served.shop.guard.review(agent, since, until)), Review)


AGENT = "An agent, by id or by a name only one of them has."
_INSTANT = {"type": "string", "format": "date-time", "examples": ["2026-08-01T00:00:00+09:00"]}
_TIME = (
    Parameter("since", "query", "First instant; by default `guard.window_days` before the last.", _INSTANT),
    Parameter("until", "query", "Instant after the last; now by default.", _INSTANT),
)
_PROBLEMS = (401, 403, 422, 503)
ALARMS = Operation(
    name="get_guard_alarms",
    method="GET",
    path="/v1/guard/alarms",
    summary="Ask about agents unlike their team",
    about=(
        "Each agent against the others of the team: sales for each week worked, share ended early, share not confirmed by "
        "the customer, share on the last days of a month. `p` is adjusted over all agents and figures. An alarm is a "
        "question, not a verdict; where fewer than six agents sell, nothing is judged and `not_estimable` says so."
    ),
    group="measure",
    keys=(SECRET,),
    parameters=(Parameter("agent", "query", f"{AGENT} Their alarms and figures alone."), *_TIME),
    answer=Alarms,
    answer_example={
        "since": "2026-08-03T12:00:00+00:00", "until": "2026-11-01T12:00:00+00:00", "n_sales": 360, "n_agents": 8,
        "alarms": [
            {
                "agent_id": "mina", "figure": "unconfirmed_share", "n": 40, "of": 80, "value": 0.5, "team_value": 0.0,
                "team": "desk", "n_team": 7, "p": 0.00002, "is_alarm": True, "name": "Mina",
                "says": "Mina: share of sales the customer did not confirm 50 % (40 of 80), with the 7 others of desk 0 % …",
            }
        ],
        "figures": [], "not_estimable": [],
    },
    problems=_PROBLEMS,
)  # fmt: skip
REVIEW = Operation(
    name="get_guard_review",
    method="GET",
    path="/v1/guard/review",
    summary="Look back over sales nobody confirmed",
    about=(
        "Sales without the customer's confirmation, denied by them, charged above what they confirmed, or ended early; what "
        "each charged, and what goes back to whom, by currency. Each row's `hash` holds the row before it, and `manifest` "
        "the last, with the shop's seal: a row that is dropped shows."
    ),
    group="measure",
    keys=(SECRET,),
    parameters=(Parameter("agent", "query", f"{AGENT} All of them by default."), *_TIME),
    answer=Review,
    answer_example={
        "agent": "mina", "since": "2026-08-03T12:00:00+00:00", "until": "2026-11-01T12:00:00+00:00",
        "as_of": "2026-11-01T12:00:00+00:00", "n_sales": 80,
        "sales": [
            {
                "sale": "subscription", "subscription_id": "s320", "product_id": "account", "agent_id": "mina",
                "customer_id": "c320", "sold_at": "2026-09-17T12:00:00+00:00", "findings": "not_confirmed ended_early",
                "charged": "5", "to_tell": "yes", "to_refund": "5", "currency": "USD", "hash": "9f2c…",
            }
        ],
        "customers": [
            {
                "customer_id": "c320", "account_id": None, "n_sales": 1,
                "to_refund": [{"amount": "5.00", "currency": "USD"}], "n_unknown": 0,
            }
        ],
        "charged": [{"amount": "5.00", "currency": "USD"}], "refunds": [{"amount": "5.00", "currency": "USD"}],
        "manifest": {"format": 1, "n_rows": 1, "last": "9f2c…", "seal": "77ab…"},
    },
    problems=(401, 403, 404, 422, 503),
)  # fmt: skip
