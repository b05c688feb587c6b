"""How people feel, by first arm: arithmetic anybody can redo."""

import pyarrow as pa
import pytest

from crosslift.domain.estimate import NotEstimable
from crosslift.measure.satisfaction import felt, nps_score
from crosslift.store.duckdb import DuckdbFrames

N = 40


def units(n=N):
    names = [f"p{i}" for i in range(2 * n)]
    return pa.table({"unit": names, "arm": ["held", "treated"] * n, "at": pa.array([10] * (2 * n), pa.int64())})


def answers(*rows):
    unit, at, measure, score = zip(*rows, strict=True) if rows else ((),) * 4
    return pa.table({
        "unit": pa.array(unit, pa.string()), "at": pa.array(at, pa.int64()), "measure": pa.array(measure, pa.string()),
        "score": pa.array(score, pa.float64()),
    })  # fmt: skip


def test_the_mean_of_each_persons_answers_is_compared_and_others_are_passed_over():
    rows = [(f"p{i}", 20, "csat", 0.6 + 0.2 * (i % 2)) for i in range(2 * N)]
    rows += [("p1", 21, "csat", 1.0), ("p0", 5, "csat", 0.0), ("p2", 99, "csat", 0.0), ("stranger", 20, "csat", 0.0)]
    csat, nps = felt(units(), answers(*rows), "held", DuckdbFrames.lazies, 50)
    assert (csat.measure, csat.n, csat.n_control) == ("csat", N, N)
    assert csat.mean_control == pytest.approx(0.6)
    assert csat.mean == pytest.approx((0.8 * (N - 1) + 0.9) / N)
    assert csat.difference.value == pytest.approx(csat.mean - csat.mean_control)
    assert (nps.n, nps.mean) == (0, None)
    assert isinstance(nps.difference, NotEstimable)


def test_arms_that_answer_unequally_are_not_compared():
    big = units(400)
    rows = [(f"p{i}", 20, "nps", 1.0) for i in range(800) if i % 2 or i % 8 == 0]
    nps = felt(big, answers(*rows), "held", DuckdbFrames.lazies, 50)[1]
    assert (nps.n, nps.n_control) == (400, 100)
    assert "answers are of different people" in nps.difference.why


@pytest.mark.parametrize(("rating", "score"), [(10, 1), (9, 1), (8, 0), (7, 0), (6, -1), (0, -1)])
def test_nine_and_ten_promote_and_six_and_below_detract(rating, score):
    assert nps_score(rating, 10) == score
