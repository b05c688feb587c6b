"""What the merchant's levers won, and what that cost: the offers that would have stood there without them were worth more.

A lever puts first what would not have been. Each decision it won is made again from its record, once as it was and once
without the lever; what the other list was worth more, by the objective of the placement and before any lever, is its cost.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from crosslift.decide import record
from crosslift.domain.decision import Decision
from crosslift.domain.estimate import NotEstimable
from crosslift.domain.money import Money
from crosslift.domain.policy import HELPFUL, Policy
from crosslift.domain.value import Lever, Objective
from crosslift.errors import BadUsage
from crosslift.settings import Settings
from crosslift.shop.known import Known
from crosslift.shop.simulating import MOST, Simulation
from crosslift.store.ports import Records

Row = dict[str, Any]
DAY = 86_400_000_000
NO_MONEY = (Objective.RELEVANCE, Objective.CONVERSION)


@dataclass(slots=True)
class _Won:
    """What one lever won: decisions, newest first; what the lists were worth with and without it."""

    n_offers: int = 0
    decisions: list[str] = field(default_factory=list)
    n_priced: int = 0
    given_up: Decimal = Decimal(0)
    n_ranked: int = 0
    points: list[float] = field(default_factory=lambda: [0.0, 0.0])
    not_replayed: Counter[str] = field(default_factory=Counter)

    def add(self, policy: Policy, recorded: Decision, without: Decision) -> None:
        """Add one decision, made with it and without it."""
        before, after = _worth(recorded), _worth(without)
        if policy.value.objective(recorded.placement) in NO_MONEY:
            self.n_ranked += 1
            self.points = [self.points[0] + before, self.points[1] + after]
        else:
            self.n_priced += 1
            self.given_up += Decimal(str(round(after - before, 6)))

    def cost(self, currency: str) -> Row:
        """Give what it cost; what is no money is told as a share of relevance."""
        lost = round(1 - self.points[0] / self.points[1], 4) if self.points[1] > 0 else None
        money: Row = {"amount": str(Money(self.given_up, currency).rounded().amount), "currency": currency}
        if not self.n_priced:
            why = NotEstimable("it won nothing where the objective is in money")
            money = {"amount": None, "currency": currency, "not_estimable": why.why}
        return {**money, "n_decisions": self.n_priced, "relevance_given_up": lost, "n_ranked": self.n_ranked}


class Levers:
    """Reports on the levers of policies.

    Parameters
    ----------
    simulation : callable
        Gives what makes recorded decisions again.
    """

    def __init__(
        self, records: Records, known: Known, settings: Settings, clock: Callable[[], datetime],
        simulation: Callable[[], Simulation],
    ) -> None:  # fmt: skip
        self._records, self._known, self._settings = records, known, settings
        self._clock, self._simulation = clock, simulation

    def report(self, policy: str = HELPFUL.name, days: int = 30, most: int = MOST) -> Row:
        """Say of each lever of a policy whether it works, how many offers it won, and what these gave up.

        Parameters
        ----------
        days : int
            How far back; inputs of decisions are kept `decide.blob_days`, what is older is counted and not priced.
        most : int
            Of the decisions a lever won so many are made again, the newest.

        Returns
        -------
        dict
            `n_offers` of the policy, and `levers`, each with its state (waiting, on, resting, ended, gone), its budget
            `may_win`, the `share` of offers it won as the snapshot counts it, `n_won` in these days, and its `cost`: what
            the lists without it were worth more, in expectation, in the shop's currency; where the objective is no money,
            the share of relevance they gave up.

        Raises
        ------
        BadUsage
            For days or decisions below 1, or a policy nobody knows.
        """
        if days < 1 or most < 1:
            raise BadUsage(f"{days} days and {most} decisions: both are 1 or more")
        standing = self._known.rulings.named(policy)
        now = self._clock()
        since = now - timedelta(days=days)
        n_offers, won = self._counted(policy, _micros(since), _micros(now))
        simulation = self._simulation()
        for lever_id, one in won.items():
            _price(one, lever_id, simulation, most)
        levers = {lever.lever_id: lever for lever in standing.value.levers}
        return {
            "policy": policy, "version": standing.version, "days": days, "since": since.isoformat(),
            "until": now.isoformat(), "n_offers": n_offers,
            "levers": [self._told(name, levers.get(name), won.get(name, _Won()), now)
                       for name in sorted({*levers, *won})],
        }  # fmt: skip

    def _counted(self, policy: str, since: int, until: int) -> tuple[int, dict[str, _Won]]:
        """Count the offers of a policy, and those each lever won."""
        n_offers, won = 0, dict[str, _Won]()
        for decision_id, body in self._decisions(policy, since, until):
            offers = record.read_slim(body)["offers"]
            n_offers += len(offers)
            counts = Counter(name for one in offers for name in (one.get("lever") or "").split(",") if name)
            for name, n in counts.items():
                of = won.setdefault(name, _Won())
                of.n_offers += n
                of.decisions.append(decision_id)
        return n_offers, won

    def _decisions(self, policy: str, since: int, until: int) -> Iterator[tuple[str, bytes]]:
        """Read decisions by their instants, the newest first, no more than a day of them at once."""
        where = (
            "policy = ? and at > ? and at <= ? and not is_withheld and purpose <> 'evaluation' "
            "order by at desc, rowid desc"
        )
        for end in range(until, since, -DAY):
            values = (policy, max(end - DAY, since), end)
            rows = self._records.table("decisions", ("decision_id", "body"), where, values)
            yield from zip(rows.column("decision_id").to_pylist(), rows.column("body").to_pylist(), strict=True)

    def _told(self, name: str, lever: Lever | None, won: _Won, now: datetime) -> Row:
        share = self._known.knowledge().logged.lever_shares.get(name, 0.0)
        about: Row = {} if lever is None else {
            "factor": lever.factor, "author": lever.author, "reason": lever.reason, "may_win": lever.max_share,
            "from": lever.starts_at.isoformat() if lever.starts_at else None, "until": lever.ends_at.isoformat(),
        }  # fmt: skip
        return {
            "lever": name, "state": _state(lever, share, now), **about, "share": share, "n_won": won.n_offers,
            "cost": won.cost(self._settings["shop.currency"]), "not_replayed": dict(sorted(won.not_replayed.items())),
        }  # fmt: skip


def _price(one: _Won, lever_id: str, simulation: Simulation, most: int) -> None:
    """Make the newest decisions a lever won again, with it and without it."""
    for decision_id in one.decisions[:most]:
        made = simulation.changed(decision_id, partial(_without, lever_id))
        if isinstance(made, str):
            one.not_replayed[made] += 1
        else:
            one.add(*made)
    if len(one.decisions) > most:
        one.not_replayed["older_than_tried"] = len(one.decisions) - most


def _without(lever_id: str, policy: Policy) -> Policy:
    others = tuple(lever for lever in policy.value.levers if lever.lever_id != lever_id)
    return replace(policy, value=replace(policy.value, levers=others))


def _worth(decision: Decision) -> float:
    """Add up what the offers of a list were worth before any lever: P × C × V."""
    shown = decision.trace.candidates if decision.trace else ()
    return sum(one.factors["p"] * one.factors["c"] * one.factors["v"] for one in shown if one.place is not None)


def _state(lever: Lever | None, share: float, now: datetime) -> str:
    if lever is None:
        return "gone"
    if now >= lever.ends_at:
        return "ended"
    if lever.starts_at is not None and now < lever.starts_at:
        return "waiting"
    return "resting" if lever.max_share is not None and share >= lever.max_share else "on"


def _micros(moment: datetime) -> int:
    return int(moment.timestamp() * 1_000_000)
