"""What people last said of the shop: stars, the recommendation question, the mood of their words."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from crosslift.domain.contact import FeedbackKind
from crosslift.learn.customers.bought import latest, total
from crosslift.learn.customers.people import Numbers, ranked

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

STARS = 5.0
FINE = 1_000_000
"""Confidence is added up in so many parts, so that no order of adding changes a mean."""


@dataclass(frozen=True, slots=True)
class Voice:
    """Arrays of shape (people,); nan and −1 where nothing was said.

    `rating` is in stars of five, `nps` 0..10, `sentiment` −1..1: the mean of what people wrote, weighted by how sure it is.
    """

    rating: Floats
    nps: Floats
    sentiment: Floats
    last_at: Ints

    @classmethod
    def of(cls, feedback: pa.Table, person: Numbers, n_people: int) -> "Voice":
        """Read feedback; of several answers of one instant the last by id counts."""
        at = np.asarray(feedback.column("at"), np.int64)
        rating, scale, mood, sure = (
            np.asarray(feedback.column(name).cast(pa.float64()), np.float64)
            for name in ("rating", "scale", "sentiment", "sentiment_confidence")
        )
        is_nps = np.asarray(pc.fill_null(pc.equal(feedback.column("kind"), FeedbackKind.NPS.value), False), np.bool_)
        with np.errstate(divide="ignore", invalid="ignore"):
            stars = np.where(scale > 0, rating / scale * STARS, np.nan)
        newest_first = np.lexsort((ranked(feedback.column("feedback_id"))[0], at))[::-1]
        weight = np.rint(np.nan_to_num(np.where(np.isnan(mood), 0.0, sure)) * FINE).astype(np.int64)
        weights = total(person, weight, n_people)
        moods = total(person, np.rint(np.nan_to_num(mood) * weight).astype(np.int64), n_people)
        return cls(
            _newest(np.where(is_nps, np.nan, stars), person, newest_first, n_people),
            _newest(np.where(is_nps, rating, np.nan), person, newest_first, n_people),
            np.divide(moods, weights, out=np.full(n_people, np.nan), where=weights > 0),
            latest(person, at, n_people),
        )


def _newest(values: Floats, person: Numbers, newest_first: Ints, n_people: int) -> Floats:
    found = np.full(n_people, np.nan)
    rows = newest_first[~np.isnan(values[newest_first]) & (person[newest_first] >= 0)][::-1]
    found[person[rows]] = values[rows]
    return found
