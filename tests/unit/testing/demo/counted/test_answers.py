"""What follows asking: by the same person, soon enough, against its share of all that is bought."""

import numpy as np
import pytest

from crosslift.testing.demo.catalog import PLACE
from crosslift.testing.demo.counted.answers import Acts, AnswerCounts

FILTER, MUG = PLACE["FLT-02"], PLACE["MUG-STONE"]


@pytest.fixture
def acts() -> Acts:
    """Person 4 takes filters at 1,000 and a mug at 9,000, person 5 both at 2,000."""
    return Acts(np.array([4, 5, 5, 4]), np.array([1_000, 2_000, 2_000, 9_000]), np.array([FILTER, FILTER, MUG, MUG]))


def _counted(acts: Acts, n_keys: int, rows: list[tuple[int, int, int]]) -> AnswerCounts:
    counts = AnswerCounts(n_keys, seconds=1_500, basis="bought")
    counts.add(*np.array(rows).T, acts)
    return counts


def test_own_purchases_soon_after_count(acts: Acts) -> None:
    counts = _counted(acts, 2, [(0, 4, 500), (0, 5, 600), (1, 4, 1_000), (1, 6, 900), (1, 5, 400)])
    assert counts.n_asked.tolist() == [2, 3]
    assert counts.n_followed[0, FILTER] == 2
    assert counts.n_followed[0, MUG] == 1
    assert counts.n_followed[1].sum() == 0


def test_product_counts_once_after_each_asking(acts: Acts) -> None:
    twice = Acts(np.append(acts.who, 4), np.append(acts.at, 1_100), np.append(acts.product, FILTER))
    assert _counted(twice, 1, [(0, 4, 500), (0, 4, 900)]).n_followed[0, FILTER] == 2


def test_what_follows_one_key_more_than_its_share_is_planted() -> None:
    counts = AnswerCounts(2, seconds=1, basis="bought")
    counts.n_shops, counts.n_asked = 1, np.array([1_000.0, 1_000.0])
    counts.n_followed[:, FILTER], counts.n_followed[:, MUG] = (300, 20), (100, 110)
    counts.n_acts[[FILTER, MUG]] = 10_000
    found = counts.answers(["드립 필터", "원두"])
    assert [(one.key, one.product, one.kind, one.lift) for one in found] == [
        ("드립 필터", "FLT-02", "planted", 1.5),
        ("원두", "MUG-STONE", "planted", 1.692),
    ]
    assert found[0].is_findable
    assert found[0].basis == "bought"
