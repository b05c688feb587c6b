"""The decisions of a period as they were reasoned: how much each offered, what stopped the rest, what offers started from."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from crosslift.decide import record
from crosslift.domain.decision import ReasonCode
from crosslift.measure.opportunities import DECIDED, STOPS
from crosslift.store.ports import Records

Row = dict[str, Any]
DAY = 86_400_000_000


@dataclass(frozen=True, slots=True)
class Stopped:
    """What was decided, and what was not.

    Attributes
    ----------
    decided, stops : pa.Table
        See `measure.opportunities.DECIDED` and `STOPS`; without what was withheld or only evaluated.
    anchors : frozenset of str
        Products that the reason of some offer starts from.
    """

    decided: pa.Table
    stops: pa.Table
    anchors: frozenset[str]

    @classmethod
    def read(
        cls, records: Records, since: int, until: int, amounts: Mapping[str, float], people: Mapping[str, str]
    ) -> "Stopped":
        """Read the decisions of a period day by day, so that no more than a day of their bodies is held at once.

        Parameters
        ----------
        amounts : mapping of str to float
            What is credited to each decision.
        people : mapping of str to str
            The person of each identity that belongs to another's.
        """
        columns = ("decision_id", "placement", "identity", "body")
        where = "at >= ? and at < ? and not is_withheld and purpose <> 'evaluation'"
        decided: dict[str, list[Any]] = {name: [] for name in DECIDED}
        stops: dict[str, list[Any]] = {name: [] for name in STOPS}
        anchors: set[str] = set()
        first, last = _ends(records)
        end = min(until, last + 1)
        for begin in range(max(since, first), end, DAY):
            rows = records.table("decisions", columns, where, (begin, min(begin + DAY, end)))
            for decision_id, placement, identity, body in zip(*(rows[n].to_pylist() for n in columns), strict=True):
                made = record.read_slim(body)
                unit = people.get(identity, identity) or decision_id
                n_offers = len(made["offers"]) + len(made["sets"])
                _append(decided, (decision_id, unit, placement, n_offers, float(amounts.get(decision_id, 0.0))))
                for code, n in made["dropped"].items():
                    _append(stops, (decision_id, made["policy"], code, n))
                anchors.update(_anchors(made["offers"]))
        return cls(_table(decided), _table(stops), frozenset(anchors))


def _ends(records: Records) -> tuple[int, int]:
    """Give the instants of the first and the last decision; a period named wider holds no more."""
    ends = [
        at
        for order in ("at", "at desc")
        for at in records.table("decisions", ("at",), f"1 = 1 order by {order} limit 1")["at"].to_pylist()
    ]
    return (ends[0], ends[-1]) if ends else (0, -1)


def _append(columns: Mapping[str, list[Any]], values: Iterable[Any]) -> None:
    for column, value in zip(columns.values(), values, strict=True):
        column.append(value)


def _table(columns: Mapping[str, list[Any]]) -> pa.Table:
    kinds = {"offers": pa.int64(), "amount": pa.float64(), "n": pa.int64()}
    return pa.table({name: pa.array(column, kinds.get(name, pa.string())) for name, column in columns.items()})


def _anchors(offers: Iterable[Row]) -> Iterable[str]:
    """Name what offers were made because of; evidence holds an anchor's id, and numbers otherwise."""
    for offer in offers:
        if offer["reason"] != ReasonCode.PLUGIN:
            yield from (one for one in offer["evidence"][:2] if isinstance(one, str))
