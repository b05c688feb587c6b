"""Goals of the whole shop: set, kept with who set them, held against what happened; and what each team contributed.

There is no goal of a person and none for pushing a product: whoever is measured by what they sell of one thing sells it to those
who do not want it. What asks for that is refused.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import msgspec
import structlog

from crosslift.domain.audit import Entry
from crosslift.domain.estimate import Estimate, Figure, NotEstimable
from crosslift.domain.goal import LOWER_IS_BETTER, MOST_GOALS, Goal, GoalFigure
from crosslift.errors import BadInput, NotFound
from crosslift.shop.agents import Agents
from crosslift.shop.contributions import Contributions, Reached
from crosslift.store.ports import Records
from crosslift.wording.quotas import quota_words

log = structlog.get_logger()
Row = dict[str, Any]
Rows = list[Row]
_KEY = "goals"
FIELDS = ("goal_id", "title", "figure", "target", "since", "until")
PERSONS = frozenset({"agent", "agent_id", "agents", "person", "seller", "employee", "staff", "team", "store", "owner"})
"""Fields that would make a goal somebody's own."""
PRODUCTS = frozenset({"product", "product_id", "products", "category", "offer", "offer_id", "sku", "bundle_id"})
"""Fields that would make it a push for a product."""


class Goals:
    """The goals of one shop.

    Parameters
    ----------
    records : Records
        Where they are kept.
    contributions : Contributions
        What happened, whole and by team.
    agents : Agents
        Who sells: a goal names none of them.
    clock, local : callable
        Give the present instant, and the shop's zone to one that comes without.
    """

    def __init__(
        self, records: Records, contributions: Contributions, agents: Agents, clock: Callable[[], datetime],
        local: Callable[[datetime], datetime],
    ) -> None:  # fmt: skip
        self._records = records
        self._contributions = contributions
        self._agents = agents
        self._clock = clock
        self._local = local

    def put(self, rows: Sequence[Mapping[str, Any]], author: str) -> Rows:
        """Set goals, each new or in place of the one of its id.

        Parameters
        ----------
        rows : sequence of mapping
            goal_id, title, figure (`domain.goal.GoalFigure`), target, since and until.
        author : str
            Who sets them.

        Returns
        -------
        list of dict
            goal_id and outcome of each: new, replaced or same.

        Raises
        ------
        BadInput
            For a goal of a person or team, one for a product, one whose title sets somebody a number of sales or names who sells,
            and one that cannot be; nothing is kept then.
        """
        fresh = [self._read(row, author, place) for place, row in enumerate(rows, 1)]
        with self._records.alone("goals", "somebody else is setting goals; try again"):
            kept = {one.goal_id: one for one in self.list()}
            told = []
            for goal in fresh:
                before = kept.get(goal.goal_id)
                is_same = before is not None and replace(before, author=goal.author) == goal
                told.append(
                    {"goal_id": goal.goal_id, "outcome": "same" if is_same else "replaced" if before else "new"}
                )
                kept[goal.goal_id] = goal
            if len(kept) > MOST_GOALS:
                raise BadInput(f"{len(kept)} goals; keep at most {MOST_GOALS}, and drop those that are over")
            self._keep(kept, "goal.put", ", ".join(goal.goal_id for goal in fresh))
        log.info("goals_set", goals=[goal.goal_id for goal in fresh])
        return told

    def drop(self, goal_id: str) -> Row:
        """Take a goal back.

        Raises
        ------
        NotFound
            If there is none of that id.
        """
        with self._records.alone("goals", "somebody else is setting goals; try again"):
            kept = {one.goal_id: one for one in self.list()}
            if goal_id not in kept:
                raise NotFound(f"there is no goal {goal_id!r}; `crosslift measure goals` shows them")
            del kept[goal_id]
            self._keep(kept, "goal.drop", goal_id)
        return {"goal_id": goal_id, "outcome": "dropped"}

    def list(self) -> list[Goal]:
        """Give every goal, by its end and id."""
        kept = msgspec.json.decode(self._records.meta(_KEY) or "[]", type=list[Goal])
        return sorted(kept, key=lambda one: (one.until, one.goal_id))

    def board(self, since: datetime | None = None, until: datetime | None = None) -> Row:
        """Show how far the goals are (as `progress`), and what each team contributed.

        Parameters
        ----------
        since, until : datetime, optional
            Of the contributions, the second not included; the last 30 days by default.

        Returns
        -------
        dict
            `goals`, and `contribution` as `Contributions.by_team` gives it.
        """
        return {"goals": self.progress(), "contribution": self._contributions.by_team(since, until)}

    def progress(self) -> Rows:
        """Show how far the goals are.

        Returns
        -------
        list of dict
            goal_id, title, figure, target, since, until, author, `reached` (value, low and high where it is an estimate, unit;
            or not_estimable), share of the target, `gone` (share of its time), state: waiting, running, met, missed, or unknown
            where its time is over and nobody can say.
        """
        reached = self._contributions.reached()
        return [self._told(goal, reached) for goal in self.list()]

    def _keep(self, goals: Mapping[str, Goal], action: str, what: str) -> None:
        at = int(self._clock().timestamp() * 1_000_000)
        self._records.set_meta(_KEY, msgspec.json.encode(list(goals.values())).decode(), Entry(at, action, what))

    def _read(self, row: Mapping[str, Any], author: str, place: int) -> Goal:
        where = f"goals[{place - 1}]"
        if PERSONS & row.keys():
            raise BadInput(
                f"a goal of one person or team ({', '.join(sorted(PERSONS & row.keys()))}) is not set here; goals are shared, "
                "and the board shows what each team contributed",
                where=where,
            )
        if PRODUCTS & row.keys():
            raise BadInput(
                f"a goal for selling one thing ({', '.join(sorted(PRODUCTS & row.keys()))}) pushes it on people; set one for "
                "what the shop earns or how customers fare",
                where=where,
            )
        if row.keys() - {*FIELDS} or {*FIELDS} - row.keys():
            raise BadInput(f"a goal has the fields {', '.join(FIELDS)} and no others", where=where)
        title = str(row["title"])
        self._check_words(title, where)
        try:
            figure, target = GoalFigure(row["figure"]), float(row["target"])
            begin, end = (self._instant(row[name]) for name in ("since", "until"))
        except (ValueError, TypeError):
            raise BadInput(
                f"figure is one of {', '.join(GoalFigure)}, target a number, since and until instants such as 2026-10-01",
                where=where,
            ) from None
        return Goal(str(row["goal_id"]), title, figure, target, begin, end, author)

    def _check_words(self, title: str, where: str) -> None:
        """Refuse a title that sets somebody a number of sales."""
        found = quota_words(title)
        if found:
            raise BadInput(
                f"{found[0][1]!r} sets somebody a number of sales; what is sold to meet it is not sold to help. Say what the "
                "shop wants to reach together",
                where=where,
            )
        named = next((one for one in self._agents.list() if one.name.casefold() in title.casefold()), None)
        if named is not None:
            raise BadInput(
                f"the title names {named.agent_id}, who sells; goals are shared, none is a person's", where=where
            )

    def _instant(self, given: Any) -> datetime:
        moment = given if isinstance(given, datetime) else datetime.fromisoformat(str(given))
        return self._local(moment).astimezone(UTC)

    def _told(self, goal: Goal, reached: Reached) -> Row:
        now = self._clock()
        found = (
            reached(goal.figure, goal.since, min(now, goal.until))
            if goal.since < now
            else NotEstimable("it has not begun")
        )
        gone = (now - goal.since) / (goal.until - goal.since)
        value = found.value if isinstance(found, Estimate) else None
        is_met = value is not None and (
            value <= goal.target if goal.figure in LOWER_IS_BETTER else value >= goal.target
        )
        state = "waiting" if gone <= 0 else "running" if gone < 1 else "met" if is_met else "missed"
        return {
            "goal_id": goal.goal_id, "title": goal.title, "figure": goal.figure.value, "target": goal.target,
            "since": goal.since.isoformat(), "until": goal.until.isoformat(), "author": goal.author, "reached": _plain(found),
            "share": None if value is None else value / goal.target, "gone": min(max(gone, 0.0), 1.0),
            "state": "unknown" if gone >= 1 and value is None else state,
        }  # fmt: skip


def _plain(found: Figure) -> Row:
    if isinstance(found, NotEstimable):
        return {"not_estimable": found.why}
    return {"value": found.value, "low": found.low, "high": found.high, "unit": found.unit}
