"""The journey of the shop's people, read from everything that happened to them: events, orders, cases, reviews, contacts."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from crosslift.collect.voice import BAD_SHARE, GOOD_SHARE
from crosslift.domain.pressure import ContactState
from crosslift.errors import BadInput
from crosslift.measure.journey import TOUCHES, TOUCHPOINTS, journey, people_by_stage, scores
from crosslift.shop.credited import USUAL_DAYS, Credited
from crosslift.shop.sales import unit_of
from crosslift.store.frames import Frames
from crosslift.store.ports import Records

Row = dict[str, Any]
_ACTIVITIES = ("call", "visit", "meeting", "chat", "quote", "demo")


class Journeys:
    """The journey map of one shop.

    Parameters
    ----------
    records, frames : Records, Frames
        Where facts live.
    credited : Credited
        What was offered to whom.
    clock : callable
        Gives the present instant.
    """

    def __init__(self, records: Records, frames: Frames, credited: Credited, clock: Callable[[], datetime]) -> None:
        self._records = records
        self._frames = frames
        self._credited = credited
        self._clock = clock

    def map(self, since: datetime | None = None, until: datetime | None = None) -> Row:
        """Map touchpoints, drop-offs and moments for an offer.

        Parameters
        ----------
        since, until : datetime, optional
            The period, the second not included; the last `USUAL_DAYS` days by default.

        Returns
        -------
        dict
            since, until; `stages`: people of each stage; `touchpoints`, by stage and then by people: stage, name, channel
            ("" where nobody says), volume, people, went_on, dropped, offered, `moment` (natural, wait or pain) and score
            (0..100, None where an offer has no place or too few came).

        Raises
        ------
        BadInput
            If the period ends before it begins.
        """
        end = until or self._clock()
        begin = since or end - timedelta(days=USUAL_DAYS)
        if begin >= end:
            raise BadInput(f"the period ends ({end:%Y-%m-%d}) before it begins ({begin:%Y-%m-%d})")
        first, last = (int(moment.timestamp() * 1_000_000) for moment in (begin, end))
        touches = self.touches(first, last)
        offered = self._credited.served(first, last).select(["unit", "at"])
        offered = offered.filter(pc.is_valid(offered["unit"]))
        rows = journey(touches, offered, self._frames.lazies).to_pylist()
        people = people_by_stage(touches, self._frames.lazies)
        places = {stage: place for place, stage in enumerate(people)}
        told = [_told(row, score) for row, score in zip(rows, scores(rows), strict=True)]
        return {
            "since": begin.isoformat(), "until": end.isoformat(), "stages": people,
            "touchpoints": sorted(told, key=lambda row: places[row["stage"]]),
        }  # fmt: skip

    def touches(self, since: int, until: int) -> pa.Table:
        """Give everything that happened to people in a period: `measure.journey.TOUCHES`."""
        whose = self._records.people()
        kinds = {name: pa.int64() if name in ("n", "first_at", "last_at") else pa.string() for name in TOUCHES}
        parts = [pa.schema(kinds).empty_table()]
        for part in (*self._events(), *self._told()):
            inside = pc.and_(pc.greater_equal(part["at"], since), pc.less(part["at"], until))
            rows = part.filter(pc.and_(inside, pc.is_valid(part["identity"])))
            named = pa.table({
                "unit": unit_of(rows["identity"], whose), "name": rows["name"], "channel": pc.fill_null(rows["channel"], ""),
                "at": rows["at"],
            })  # fmt: skip
            sums = named.group_by(["unit", "name", "channel"]).aggregate(
                [("at", "count"), ("at", "min"), ("at", "max")]
            )
            renamed = sums.rename_columns({"at_count": "n", "at_min": "first_at", "at_max": "last_at"})
            parts.append(renamed.select([*TOUCHES]).cast(pa.schema(kinds)))
        return pa.concat_tables(parts)

    def _events(self) -> Iterator[pa.Table]:
        known = pa.array([*TOUCHPOINTS], pa.string())
        for part in self._frames.event_parts(("identity", "at", "name", "channel")):
            yield part.filter(pc.is_in(part["name"], value_set=known))

    def _told(self) -> Iterator[pa.Table]:
        """Give what other records tell, as events."""
        lines = self._frames.order_lines(("order_id", "customer_id", "ordered_at", "channel"))
        orders = lines.group_by(["order_id", "customer_id", "ordered_at", "channel"]).aggregate([])
        yield _as_events(orders["customer_id"], orders["ordered_at"], "order", orders["channel"])
        buyers = orders.group_by("order_id").aggregate([("customer_id", "min")])
        back = self._frames.returns()
        whose = pc.take(
            buyers["customer_id_min"], pc.index_in(back["order_id"], value_set=buyers["order_id"].combine_chunks())
        )
        yield _as_events(whose, back["returned_at"], "return")
        cases = self._records.table("cases", ("customer_id", "opened_at", "closed_at", "channel"))
        yield _as_events(cases["customer_id"], cases["opened_at"], "case opened", cases["channel"])
        solved = cases.filter(pc.is_valid(cases["closed_at"]))
        yield _as_events(solved["customer_id"], solved["closed_at"], "case solved", solved["channel"])
        yield self._reviews()
        done = self._records.table("activities", ("customer_id", "at", "kind", "channel"))
        done = done.filter(pc.is_in(done["kind"], value_set=pa.array(_ACTIVITIES)))
        yield _as_events(done["customer_id"], done["at"], done["kind"], done["channel"])
        failed = self._records.table("payments_failed", ("customer_id", "at"))
        yield _as_events(failed["customer_id"], failed["at"], "payment failed")
        sent = self._records.table(
            "contacts", ("identity", "at", "channel"), f"state = '{ContactState.CONFIRMED.value}'"
        )
        yield sent.append_column("name", pa.repeat("message", sent.num_rows))

    def _reviews(self) -> pa.Table:
        rows = self._records.table("feedback", ("customer_id", "at", "channel", "rating", "scale"), "kind = 'review'")
        rating, scale = (
            np.asarray(rows[name].cast(pa.float64()).to_numpy(), np.float64) for name in ("rating", "scale")
        )
        share = np.divide(rating, scale, out=np.full(rows.num_rows, np.nan), where=scale > 0)
        names = np.where(share >= GOOD_SHARE, "good review", np.where(share <= BAD_SHARE, "bad review", "review"))
        return _as_events(rows["customer_id"], rows["at"], pa.array(names.tolist(), pa.string()), rows["channel"])


def _as_events(
    customer: pa.ChunkedArray, at: pa.ChunkedArray, name: str | pa.Array | pa.ChunkedArray,
    channel: pa.ChunkedArray | None = None,
) -> pa.Table:  # fmt: skip
    return pa.table({
        "identity": pc.binary_join_element_wise("customer", customer, ":"), "at": at,
        "name": pa.repeat(name, len(at)) if isinstance(name, str) else name,
        "channel": pa.nulls(len(at), pa.string()) if channel is None else channel,
    })  # fmt: skip


def _told(row: Row, score: float | None) -> Row:
    touchpoint = TOUCHPOINTS[row["name"]]
    moment = "natural" if touchpoint.is_natural else "pain" if touchpoint.is_pain else "wait"
    return {"stage": touchpoint.stage, **row, "moment": moment, "score": score}
