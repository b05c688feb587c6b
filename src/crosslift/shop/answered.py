"""Which messages were answered, by channel and the hour their readers' clocks showed: recounted from the log at each learning."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import msgspec

from crosslift.decide.pressure import local_at
from crosslift.decide.responses import SETTLES_AFTER, counted_by_hour
from crosslift.domain.decision import Action
from crosslift.domain.identity import customer_of
from crosslift.domain.placement import MESSAGES
from crosslift.domain.policy import Policy
from crosslift.domain.pressure import ContactState
from crosslift.shop.logged import DAY, WINDOW_DAYS
from crosslift.store.ports import Records

_ZONE = "timezone"
_ANSWERS = (Action.CLICK.value, Action.ACCEPT.value)


def answered(records: Records, now: int, policies: Sequence[Policy], timezone: str) -> dict[str, Any]:
    """Count messages of the last `WINDOW_DAYS` by channel and local hour: sent, and of these clicked or accepted.

    Parameters
    ----------
    now : int
        Microseconds UTC. A message younger than two days does not count: its answer may still come.
    policies : sequence of Policy
        Those in force: of the one a message was decided by, the time zones of markets.
    timezone : str
        The shop's, where nobody says another.

    Returns
    -------
    dict
        Channel to `sent` and `answered`, 24 whole numbers each. What was never reported as sent is not there.
    """
    channels = sorted({placement.channel for placement in MESSAGES})
    marks = ", ".join("?" * len(channels))
    where, values = f"channel in ({marks}) and at between ? and ?", (*channels, now - WINDOW_DAYS * DAY, now)
    columns = ("identity", "decision_id", "channel", "at")
    sent = records.table("contacts", columns, f"state = '{ContactState.CONFIRMED}' and {where}", values)
    if not sent.num_rows:
        return {}
    homes = _homes(records, f"select identity from contacts where {where}", values)
    policy_of = dict(_rows(records, "decisions", ("decision_id", "policy"), where, values))
    elsewhere = {"*": timezone}
    zones = {policy.name: elsewhere | dict(policy.timezones) for policy in policies}
    said = (*_ANSWERS, now - WINDOW_DAYS * DAY)
    taken = {name for (name,) in _rows(records, "responses", ("decision_id",), "action in (?, ?) and at >= ?", said)}

    def messages() -> Iterator[tuple[str, int, bool]]:
        for identity, decision_id, channel, at in zip(*(c.to_pylist() for c in sent.columns), strict=True):
            if at <= now - SETTLES_AFTER:
                moment = datetime.fromtimestamp(at // 1_000_000, UTC)
                own, market = homes.get(customer_of(identity) or "", (None, None))
                hour = local_at(moment, own, market, zones.get(policy_of.get(decision_id, ""), elsewhere)).hour
                yield channel, hour, decision_id in taken

    return {channel: asdict(counts) for channel, counts in counted_by_hour(messages()).items()}


def _homes(records: Records, among: str, values: tuple[Any, ...]) -> dict[str, tuple[str | None, str | None]]:
    """Read time zone and market of those who were written to."""
    where = f"'customer:' || customer_id in ({among})"
    found: dict[str, tuple[str | None, str | None]] = {}
    for customer, market, traits in _rows(records, "customers", ("customer_id", "market", "traits"), where, values):
        told = msgspec.json.decode(traits) if _ZONE in traits else {}
        zone = told.get(_ZONE)
        found[customer] = (zone if isinstance(zone, str) else None), market
    return found


def _rows(
    records: Records, table: str, columns: tuple[str, ...], where: str, values: tuple[Any, ...]
) -> Iterator[tuple[Any, ...]]:
    read = records.table(table, columns, where, values)
    return zip(*(column.to_pylist() for column in read.columns), strict=True)
