"""How people feel with offers and without, by the arms of the standing holdout."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from crosslift.domain.estimate import NotEstimable
from crosslift.domain.experiment import HELD
from crosslift.measure.satisfaction import ANSWERS, Felt, felt, nps_score
from crosslift.shop.experiments import STANDING
from crosslift.shop.held import Held
from crosslift.shop.sales import unit_of
from crosslift.store.frames import Frames
from crosslift.store.ports import Records

Row = dict[str, Any]
CASE_SCALE = 5.0
"""Satisfaction with a solved case is asked from 1 to 5; where some of the shop's are higher, their scale is 10 or 100."""
_SCALES = (CASE_SCALE, 10.0, 100.0)


class Satisfaction:
    """The satisfaction effect of one shop's offers.

    Parameters
    ----------
    records, frames : Records, Frames
        Where answers and arms live.
    clock : callable
        Gives the present instant.
    """

    def __init__(self, records: Records, frames: Frames, clock: Callable[[], datetime]) -> None:
        self._records = records
        self._frames = frames
        self._clock = clock

    def effect(self, experiment_id: str = STANDING) -> Row:
        """Compare how people feel who get offers with those from whom all are kept back.

        Returns
        -------
        dict
            experiment_id, units by arm, until; `measures`: csat and nps, each with n, n_control, mean, mean_control, and
            `difference` (value, low, high, p_value) or not_estimable.

        Raises
        ------
        NotFound
            If there is no such holdout.
        BadInput
            If it is a trial that keeps back nothing, or assigns by something that answers do not name.
        """
        held = Held.read(self._records, experiment_id)
        now = self._clock()
        found = felt(
            held.arms.units, self.answers(held.whose), HELD, self._frames.lazies, int(now.timestamp() * 1_000_000)
        )
        why = "the arms are not as large as planned: the draw or the record of it is broken" if held.is_broken else ""
        return {
            "experiment_id": experiment_id, "units": dict(held.arms.counts), "until": now.isoformat(),
            "measures": [_told(one, why) for one in found],
        }  # fmt: skip

    def answers(self, whose: pa.Table) -> pa.Table:
        """Give every rating of CSAT and NPS, those of solved cases included: `measure.satisfaction.ANSWERS`."""
        rows = self._records.table(
            "feedback", ("customer_id", "at", "kind", "rating", "scale"),
            "kind in ('csat', 'nps') and rating is not null and scale > 0 and customer_id is not null",
        )  # fmt: skip
        said = [
            nps_score(rating, scale) if kind == "nps" else rating / scale
            for kind, rating, scale in zip(
                *(rows[name].to_pylist() for name in ("kind", "rating", "scale")), strict=True
            )
        ]
        cases = self._records.table(
            "cases", ("customer_id", "closed_at", "satisfaction"),
            "satisfaction is not null and closed_at is not null and customer_id is not null",
        )  # fmt: skip
        rated = np.asarray(cases["satisfaction"], np.float64)
        most = float(rated.max(initial=0.0))
        scale = next((one for one in _SCALES if most <= one), max(most, CASE_SCALE))
        parts = [
            (rows["customer_id"], rows["at"], rows["kind"], pa.array(said, pa.float64())),
            (cases["customer_id"], cases["closed_at"], pa.repeat("csat", len(rated)), pa.array(rated / scale)),
        ]
        return pa.concat_tables([
            pa.table(
                [unit_of(pc.binary_join_element_wise("customer", who, ":"), whose), at, kind, score], names=[*ANSWERS]
            )
            for who, at, kind, score in parts
        ])  # fmt: skip


def _told(one: Felt, broken: str = "") -> Row:
    row: Row = {
        "measure": one.measure, "n": one.n, "n_control": one.n_control, "mean": one.mean, "mean_control": one.mean_control,
    }  # fmt: skip
    found = NotEstimable(broken) if broken else one.difference
    if isinstance(found, NotEstimable):
        return {**row, "not_estimable": found.why}
    return {**row, "difference": dict(found._asdict())}
