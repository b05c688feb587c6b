"""Who contributes: what was sold and credited by team. A team is never one person, and nothing is told by person or product."""

from collections.abc import Callable, Mapping
from typing import Any

import pyarrow as pa

from crosslift.domain.goal import Team

OTHER = "other"
"""What no team is known for, and teams so small that they would be a person."""
MIN_AGENTS = 3
"""A team of fewer people is not told of its own."""
OF_CHANNEL: Mapping[str, Team] = {
    "web": Team.WEB, "app": Team.WEB, "email": Team.MARKETING, "sms": Team.MARKETING, "push": Team.MARKETING,
    "till": Team.SALES, "phone": Team.SALES, "sales": Team.SALES, "desk": Team.SERVICE, "chat": Team.SERVICE,
}  # fmt: skip
"""Whose work a channel is, where nobody is named who sold."""
SOLD = ("line", "channel", "agent", "revenue", "margin")
"""Columns of order lines; agent is null where nobody is named, channel where nobody says."""


def team_of(named: str | None) -> Team:
    """Give the team of somebody who sells, by what their team is called; who is on none sells.

    Examples
    --------
    >>> team_of("Service"), team_of("North branch"), team_of(None)
    (<Team.SERVICE: 'service'>, <Team.SALES: 'sales'>, <Team.SALES: 'sales'>)
    """
    name = (named or "").strip().casefold()
    return Team(name) if name in {*Team} else Team.SALES


def teams_of_lines(sold: pa.Table, teams: Mapping[str, str | None]) -> pa.Array:
    """Give the team of each order line, `OTHER` where it would be a person or is not known.

    Parameters
    ----------
    sold : pa.Table
        See `SOLD`.
    teams : mapping of str to str or None
        What the team of each agent is called.
    """
    agents = sold["agent"].to_pylist()
    people: dict[Team, set[str]] = {}
    for agent in agents:
        if agent is not None:
            people.setdefault(team_of(teams.get(agent)), set()).add(agent)
    named = {team for team, who in people.items() if len(who) >= MIN_AGENTS}
    found: list[str] = []
    for agent, channel in zip(agents, sold["channel"].to_pylist(), strict=True):
        if agent is None:
            found.append(str(OF_CHANNEL.get(channel or "", OTHER)))
            continue
        team = team_of(teams.get(agent))
        found.append(team.value if team in named else OTHER)
    return pa.array(found, pa.string())


def contributed(
    sold: pa.Table, credited: pa.Table, lazies: Callable[[Mapping[str, pa.Table]], Mapping[str, Any]]
) -> pa.Table:
    """Add up what each team sold, and what of it is credited to offers.

    Parameters
    ----------
    sold : pa.Table
        line, team, revenue, margin.
    credited : pa.Table
        line: those credited to an offer.

    Returns
    -------
    pa.Table
        team, lines, revenue, margin, credited_lines, credited_revenue, credited_margin; in order of team.
    """
    import narwhals as nw

    frames = lazies({"sold": sold, "credited": credited})
    is_credited = frames["credited"].select("line").unique().with_columns(nw.lit(1).alias("is_credited"))
    whole = frames["sold"].join(is_credited, on="line", how="left")
    has = ~nw.col("is_credited").is_null()
    parts = whole.with_columns(
        has.cast(nw.Int64()).alias("credited_lines"),
        *(nw.when(has).then(nw.col(n)).otherwise(0.0).alias(f"credited_{n}") for n in ("revenue", "margin")),
    )
    sums = ("revenue", "margin", "credited_revenue", "credited_margin")
    found = (
        parts.group_by("team")
        .agg(
            nw.len().alias("lines"),
            nw.col("credited_lines").sum().cast(nw.Int64()),
            *(nw.col(name).sum() for name in sums),
        )
        .sort("team")
    )
    table: pa.Table = found.collect("pyarrow").to_native()
    return table
