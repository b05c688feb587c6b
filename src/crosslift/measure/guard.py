"""Agents whose sales are unlike those of their team: a question for a person to ask, never a verdict.

Four figures for each agent, each against the others of the team, who differ among themselves; the p-values of all agents
and figures are adjusted together (Benjamini-Hochberg), so that of the alarms raised few are false.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum

import numpy as np

from crosslift.measure.guard_sale import Sale, SaleState
from crosslift.measure.guard_terms import DAY, GuardTerms
from crosslift.stats.arrays import FloatArray
from crosslift.stats.multiplicity import adjust
from crosslift.stats.outliers import LEAST_PEERS, unusual_counts, unusual_shares

EVERYBODY = "all other agents"
"""Where those are compared whose own team is too small."""


class GuardFigure(StrEnum):
    """What is looked at; each is suspicious when it is high."""

    OPENINGS = "openings"
    EARLY_SHARE = "early_share"
    UNCONFIRMED_SHARE = "unconfirmed_share"
    PERIOD_END_SHARE = "period_end_share"


@dataclass(frozen=True, slots=True)
class AgentFigure:
    """One figure of one agent beside the same of the others.

    Attributes
    ----------
    n, of : int
        Sales counted, and what they are counted against: weeks, days, contacts or sales.
    value, team_value : float
        n for each of `of`; the same of the others together.
    team : str
        With whom they were compared.
    n_team : int
        How many others.
    p : float
        Chance of so many if they worked as the others do, adjusted over all agents and figures.
    is_alarm : bool
        Whether that is at most `guard.max_q_value`.
    """

    agent_id: str
    figure: GuardFigure
    n: int
    of: int
    value: float
    team_value: float
    team: str
    n_team: int
    p: float
    is_alarm: bool

    def said(self, name: str, terms: GuardTerms) -> str:
        """Say it for the person who has to ask."""
        what, is_share = _SAID[self.figure]
        told = what.format(early=terms.early_days, end=terms.period_end_days, per=_PER[terms.per])
        amounts = (f"{100 * x:.0f} %" if is_share else f"{x:.2f}" for x in (self.value, self.team_value))
        value, others = amounts
        return (
            f"{name}: {told} {value} ({self.n} of {self.of}), with the {self.n_team} others of {self.team} {others} "
            f"(adjusted p {self.p:.2g}). This is a question, not a verdict: look at the sales and ask."
        )


_PER = {"week": "week worked", "day": "day worked", "contact": "contact with a customer"}
_SAID = {
    GuardFigure.OPENINGS: ("sales for each {per}", False),
    GuardFigure.EARLY_SHARE: ("share of sales ended or brought back within {early} days", True),
    GuardFigure.UNCONFIRMED_SHARE: ("share of sales the customer did not confirm", True),
    GuardFigure.PERIOD_END_SHARE: ("share of sales on the last {end} days of a month", True),
}


@dataclass(frozen=True, slots=True)
class Watched:
    """What was looked at: every figure that could be judged, and those that could not, with the reason."""

    figures: tuple[AgentFigure, ...]
    not_estimable: tuple[tuple[str, GuardFigure, str], ...]

    @property
    def alarms(self) -> tuple[AgentFigure, ...]:
        """Those that call for a question, the most unusual first."""
        return tuple(sorted((one for one in self.figures if one.is_alarm), key=lambda one: (one.p, one.agent_id)))


Counts = Mapping[str, tuple[int, int]]
"""By agent: sales counted, and what against."""


def watch(
    sales: Sequence[Sale], exposures: Mapping[str, int], teams: Mapping[str, str | None], terms: GuardTerms, now: int
) -> Watched:
    """Compare each agent with the others.

    Parameters
    ----------
    sales : sequence of Sale
        Of the time looked at; only those that need a confirmation are counted.
    exposures : mapping of str to int
        Weeks, days or contacts of each agent who worked at all; those without any are left out of `openings`.
    teams : mapping of str to str or None
        Teams of agents; those of too small a team are compared with one another.
    now : int
        Sales count for `early_share` once the early days are over, for `unconfirmed_share` once the grace is.

    Returns
    -------
    Watched
        Agents with fewer than `LEAST_PEERS` others cannot be judged, and are not.
    """
    guarded = [sale for sale in sales if sale.is_guarded]
    agents = sorted({*exposures, *(sale.agent_id for sale in guarded)})
    judged: list[AgentFigure] = []
    untold: list[tuple[str, GuardFigure, str]] = []
    for team, members in _groups(agents, teams).items():
        for figure, count in _COUNTS.items():
            counts = count(guarded, members, exposures, terms, now)
            found = _judge(team, figure, counts)
            judged += found
            if not found and counts:
                why = f"{len(counts)} agents; at least {LEAST_PEERS + 1} are needed to know how much they differ"
                untold.append((team, figure, why))
    q = adjust([one.p for one in judged], "bh") if judged else np.zeros(0)
    figures = (replace(one, p=float(p), is_alarm=bool(p <= terms.max_q)) for one, p in zip(judged, q, strict=True))
    return Watched(tuple(figures), tuple(untold))


def _groups(agents: Iterable[str], teams: Mapping[str, str | None]) -> dict[str, list[str]]:
    """Put agents with whom they are compared: the own team where it is large enough, else everybody else."""
    found: dict[str, list[str]] = {}
    for agent in agents:
        found.setdefault(teams.get(agent) or "", []).append(agent)
    rest = sorted(
        agent for team, members in found.items() if not team or len(members) <= LEAST_PEERS for agent in members
    )
    large = {team: members for team, members in sorted(found.items()) if team and len(members) > LEAST_PEERS}
    return {**large, EVERYBODY: rest} if rest else large


def _judge(team: str, figure: GuardFigure, counts: Counts) -> list[AgentFigure]:
    names = sorted(counts)
    n, of = (np.array([counts[name][place] for name in names], np.int64) for place in (0, 1))
    p: FloatArray | None = None
    if names:
        p = unusual_counts(n, of) if figure is GuardFigure.OPENINGS else unusual_shares(n, of)
    if p is None:
        return []
    return [
        AgentFigure(
            name, figure, int(n[i]), int(of[i]), float(n[i] / of[i]),
            float((n.sum() - n[i]) / max(of.sum() - of[i], 1)), team, len(names) - 1, float(p[i]), False,
        )
        for i, name in enumerate(names)
    ]  # fmt: skip


def _openings(
    sales: Sequence[Sale], members: Sequence[str], exposures: Mapping[str, int], terms: GuardTerms, now: int
) -> Counts:
    n = dict.fromkeys(members, 0)
    for sale in sales:
        if sale.agent_id in n:
            n[sale.agent_id] += 1
    return {agent: (n[agent], exposures[agent]) for agent in members if exposures.get(agent, 0) > 0}


def _shares(
    is_asked: Callable[[Sale, GuardTerms, int], bool], is_hit: Callable[[Sale, GuardTerms, int], bool]
) -> Callable[[Sequence[Sale], Sequence[str], Mapping[str, int], GuardTerms, int], Counts]:
    """Count hits among the sales that are old enough to be asked; agents without such a sale are left out."""

    def count(
        sales: Sequence[Sale], members: Sequence[str], _exposures: Mapping[str, int], terms: GuardTerms, now: int
    ) -> Counts:
        chosen, found = set(members), dict[str, tuple[int, int]]()
        for sale in sales:
            if sale.agent_id in chosen and is_asked(sale, terms, now):
                n, of = found.get(sale.agent_id, (0, 0))
                found[sale.agent_id] = n + is_hit(sale, terms, now), of + 1
        return found

    return count


def _at_period_end(sale: Sale, terms: GuardTerms, _now: int) -> bool:
    return (sale.sold_on + timedelta(days=terms.period_end_days)).month != sale.sold_on.month


_COUNTS = {
    GuardFigure.OPENINGS: _openings,
    GuardFigure.EARLY_SHARE: _shares(
        lambda sale, terms, now: sale.sold_at + terms.early_days * DAY <= now, lambda sale, _terms, _now: sale.is_early
    ),
    GuardFigure.UNCONFIRMED_SHARE: _shares(
        lambda sale, terms, now: sale.state is SaleState.DENIED or sale.sold_at + terms.grace_days * DAY <= now,
        lambda sale, _terms, _now: sale.state is not None and sale.state.is_unconfirmed,
    ),
    GuardFigure.PERIOD_END_SHARE: _shares(lambda _sale, _terms, _now: True, _at_period_end),
}
