import numpy as np
import pytest

from crosslift.errors import BadInput
from crosslift.stats.uplift import Ranked, auuc, qini, qini_interval, uplift_at

TREATED = np.array([1, 1, 0, 0, 1, 0, 1, 0], bool)
BOUGHT = np.array([1, 0, 0, 1, 1, 0, 0, 1])


def trial(n, seed, strength):
    """The offer moves those with a high sign; they are a third."""
    random = np.random.default_rng(seed)
    sign, treated = random.random(n), random.random(n) < 0.5
    bought = random.random(n) < 0.2 + strength * treated * (sign > 2 / 3)
    return sign, treated, bought


def test_a_prophet_scores_one():
    """Treated buyers first, untreated buyers last."""
    assert qini(Ranked.of(BOUGHT, np.where(TREATED, BOUGHT, -BOUGHT), TREATED)) == pytest.approx(1)


def test_everybody_alike_scores_nothing():
    ranked = Ranked.of(BOUGHT, np.zeros(8), TREATED)
    assert (qini(ranked), auuc(ranked)) == (0, 0)


def test_the_reversed_order_is_worse_than_random():
    sign, treated, bought = trial(20_000, 1, 0.3)
    assert qini(Ranked.of(bought, sign, treated)) > 0.1
    assert qini(Ranked.of(bought, -sign, treated)) < -0.1


def test_uplift_of_the_top_share_is_a_difference_of_means():
    score = np.arange(8, 0, -1)
    assert uplift_at(Ranked.of(BOUGHT, score, TREATED), 0.5) == pytest.approx(1 / 2 - 1 / 2)
    assert uplift_at(Ranked.of(BOUGHT, score, TREATED), 0.5, strategy="by_group") == pytest.approx(1 / 2 - 1 / 2)
    assert uplift_at(Ranked.of(BOUGHT, score, TREATED), 1.0) == pytest.approx(2 / 4 - 2 / 4)
    assert np.isnan(uplift_at(Ranked.of(BOUGHT, score, TREATED), 0.25))


def test_a_tie_across_the_border_counts_in_part():
    """All eight tie, so the top half is half of each: the uplift of all."""
    tied = Ranked.of(BOUGHT, np.ones(8), TREATED)
    assert uplift_at(tied, 0.5) == pytest.approx(0.0)
    assert uplift_at(tied, 0.5, ties="rows") == pytest.approx(1 / 2 - 1 / 2)


def test_intervals_tell_an_order_from_a_random_one():
    sign, treated, bought = trial(6_000, 2, 0.25)
    good = qini_interval(Ranked.of(bought, sign, treated), seed=1, draws=200)
    noise = qini_interval(Ranked.of(bought, np.random.default_rng(3).random(6_000), treated), seed=1, draws=200)
    assert good.low > 0
    assert noise.low < 0 < noise.high
    assert good.low < good.value < good.high
    assert good == qini_interval(Ranked.of(bought, sign, treated), seed=1, draws=200)


def test_weights_stand_for_rows():
    random = np.random.default_rng(5)
    score, treated, bought = random.integers(0, 5, 300), random.random(300) < 0.5, random.random(300) < 0.3
    times = random.integers(1, 4, 300)
    repeated = Ranked.of(*(np.repeat(column, times) for column in (bought, score, treated)))
    weighted = Ranked.of(bought, score, treated, times)
    assert qini(weighted) == pytest.approx(qini(repeated))
    assert auuc(weighted) == pytest.approx(auuc(repeated))


@pytest.mark.parametrize(
    ("outcome", "score", "treated", "message"),
    [
        ([0, 2], [1, 2], [True, False], "outcomes must be 0 or 1"),
        ([0, 1], [1, np.nan], [True, False], "scores must be finite"),
        ([0, 1], [1, 2], [True, True], "one arm is empty"),
        ([0, 1, 1], [1, 2], [True, False], "give one of each for each unit"),
    ],
)
def test_what_cannot_be_ranked_is_refused(outcome, score, treated, message):
    with pytest.raises(BadInput, match=message):
        Ranked.of(outcome, score, treated)


def test_a_share_outside_is_refused():
    with pytest.raises(BadInput, match="share 0"):
        uplift_at(Ranked.of(BOUGHT, BOUGHT, TREATED), 0)
