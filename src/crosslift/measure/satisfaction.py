"""What offers do to how people feel: the answers of those who get offers against those of the people held back.

Every person counts in their first arm, whether they saw an offer or not. Only who answers can be counted, so it is told how many
did in each arm: where offers change who answers, the answers compare different people, and no difference is given.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from crosslift.domain.estimate import NotEstimable
from crosslift.measure.trial import MIN_UNITS, SRM_ALARM
from crosslift.stats.effects import at_any_time, of_means, of_shares
from crosslift.stats.trials import Arm, Difference, sample_ratio

ANSWERS = ("unit", "at", "measure", "score")
"""Columns of answers: whose, when (microseconds UTC), which of `MEASURES`, and its score."""
MEASURES = ("csat", "nps")
"""csat: the rating as a share of its scale, 0..1. nps: 1 promoter, 0 passive, −1 detractor; the mean is the score over 100."""
PROMOTER, DETRACTOR = 0.9, 0.6
"""As shares of a scale to 10: 9 and 10 promote, 6 and below detract."""


@dataclass(frozen=True, slots=True)
class Felt:
    """One measure, compared.

    Attributes
    ----------
    n, n_control : int
        People who answered since they were assigned.
    mean, mean_control : float or None
        A person's mean answer, over people; None where nobody answered.
    difference : Difference or NotEstimable
        Those with offers less those held back; its interval holds at every look.
    """

    measure: str
    n: int
    n_control: int
    mean: float | None
    mean_control: float | None
    difference: Difference | NotEstimable


def nps_score(rating: float, scale: float) -> float:
    """Score an answer to "would you recommend us".

    Examples
    --------
    >>> nps_score(9, 10), nps_score(8, 10), nps_score(6, 10)
    (1.0, 0.0, -1.0)
    """
    share = rating / scale
    return 1.0 if share >= PROMOTER - 1e-9 else -1.0 if share <= DETRACTOR + 1e-9 else 0.0


def felt(
    units: pa.Table,
    answers: pa.Table,
    control: str,
    lazies: Callable[[Mapping[str, pa.Table]], Mapping[str, Any]],
    until: int,
) -> list[Felt]:
    """Compare how people of two arms feel.

    Parameters
    ----------
    units : pa.Table
        unit, arm, at: see `arms.Arms`; two arms.
    answers : pa.Table
        See `ANSWERS`; several answers of one person count as their mean, those before the assignment not at all.
    control : str
        The arm held back.
    until : int
        Microseconds UTC; later answers do not count.
    """
    import narwhals as nw

    frames = lazies({"units": units, "answers": answers})
    assigned = frames["units"].select("unit", "arm", nw.col("at").alias("assigned_at"))
    after = (nw.col("at") >= nw.col("assigned_at")) & (nw.col("at") < until)
    means = (
        frames["answers"]
        .join(assigned, on="unit", how="inner")
        .filter(after)
        .group_by("unit", "arm", "measure")
        .agg(nw.col("score").mean())
        .sort("unit", "measure")
    )
    found = means.collect("pyarrow").to_native()
    sizes = [int(pc.sum(pc.equal(units["arm"], control)).as_py() or 0)]
    sizes.insert(0, units.num_rows - sizes[0])
    return [_compared(name, found.filter(pc.equal(found["measure"], name)), control, sizes) for name in MEASURES]


def _compared(name: str, rows: pa.Table, control: str, sizes: list[int]) -> Felt:
    is_control = np.asarray(pc.equal(rows["arm"], control), np.bool_)
    scores = np.asarray(rows["score"], np.float64)
    treated, held = Arm.of(scores[~is_control]), Arm.of(scores[is_control])
    means = [arm.mean if arm.n else None for arm in (treated, held)]
    return Felt(name, treated.n, held.n, means[0], means[1], _difference(treated, held, sizes))


def _difference(treated: Arm, held: Arm, sizes: list[int]) -> Difference | NotEstimable:
    if min(treated.n, held.n) < MIN_UNITS:
        return NotEstimable(
            f"{treated.n} answers of people with offers and {held.n} of those held back, at least {MIN_UNITS} of each needed"
        )
    ratio = sample_ratio([treated.n, held.n], [size / sum(sizes) for size in sizes])
    if ratio.p_value < SRM_ALARM:
        gap = of_shares((treated.n, sizes[0]), (held.n, sizes[1])).value
        return NotEstimable(
            f"{gap:+.1%} more of the people with offers answered than of those held back (p = {ratio.p_value:.1e}): their "
            "answers are of different people"
        )
    return at_any_time(of_means(treated, held))
