"""Counting what follows what: by person, watched to the end, against people who ordered at the same time."""

import numpy as np
import pytest

from crosslift.testing.demo.catalog import CATALOG, PLACE
from crosslift.testing.demo.counted.sequences import DAYS, SequenceCounts, quartiles
from crosslift.testing.demo.counted.together import sellable
from crosslift.testing.demo.people import People
from crosslift.testing.demo.process import Orders
from crosslift.testing.demo.seasons import N_DAYS

KETTLE, SCALE, MUG, BEANS = (PLACE[name] for name in ("KTL-EL-800", "SCL-TIMER", "MUG-STONE", "BLD-SEOUL"))


def _orders(rows: list[tuple[int, int, int]]) -> Orders:
    """Orders of one line each from (person, day, product)."""
    person, day, product = np.array(sorted(rows, key=lambda row: row[1])).T
    n = int(person.max()) + 1
    zero = np.zeros(n, dtype=np.int64)
    people = People(zero, zero, np.ones(n), zero, zero, zero)
    return Orders(people, person, day, np.zeros_like(day), np.arange(len(day)), product)


def _counted(rows: list[tuple[int, int, int]]) -> SequenceCounts:
    counts = SequenceCounts()
    counts.add(_orders(rows), sellable())
    return counts


def test_first_purchase_and_next_later_one_count_once_a_person() -> None:
    counts = _counted([(0, 5, KETTLE), (0, 9, KETTLE), (0, 20, SCALE), (0, 30, SCALE), (1, 3, KETTLE)])
    assert counts.n_both[KETTLE, SCALE] == 1
    assert counts.n_both[SCALE, KETTLE] == 0
    assert counts.n_first[KETTLE] == 2
    assert np.flatnonzero(counts.lags[KETTLE * len(CATALOG) + SCALE]).tolist() == [15]


def test_same_day_is_not_later_and_after_a_year_is_too_late() -> None:
    counts = _counted(
        [(0, 5, KETTLE), (0, 5, SCALE), (1, 5, KETTLE), (1, 5 + DAYS + 1, SCALE), (2, 5, KETTLE), (2, 5 + DAYS, SCALE)]
    )
    assert counts.n_both[KETTLE, SCALE] == 1


def test_what_came_before_and_comes_again_has_followed() -> None:
    counts = _counted([(0, 2, SCALE), (0, 5, KETTLE), (0, 20, SCALE)])
    assert counts.n_both[KETTLE, SCALE] == counts.n_both[SCALE, KETTLE] == 1


def test_who_cannot_be_watched_to_the_end_counts_as_seen_alone() -> None:
    late = N_DAYS - DAYS + 3
    counts = _counted([(0, late, KETTLE), (0, late + 10, SCALE)])
    assert counts.n_both[KETTLE, SCALE] == 0
    assert counts.n_first[KETTLE] == 0
    assert counts.n_seen[KETTLE, SCALE] == 1


def test_by_independence_everybody_who_takes_as_much_is_followed_alike() -> None:
    rows = [(person, 5, MUG if person % 2 else KETTLE) for person in range(40)]
    rows += [(person, 60, BEANS if person % 4 else SCALE) for person in range(40)]
    rows += [(person, 5, KETTLE) for person in range(40, 60)]  # who never come back are compared with their like
    counts = _counted(rows)
    assert counts.n_both[KETTLE, SCALE] == 10
    assert counts.n_both[MUG, SCALE] == 0
    assert counts.expected[KETTLE, SCALE] == pytest.approx(20 * 10 / 40)
    assert counts.expected[MUG, SCALE] == pytest.approx(20 * 10 / 40)


def test_quartiles_are_read_from_counts_per_day() -> None:
    histogram = np.zeros(DAYS + 1, dtype=np.uint32)
    histogram[[10, 20, 30, 40]] = 1
    assert quartiles(histogram) == (10.0, 20.0, 30.0)
