"""The Hillstrom e-mail trial (MineThatData E-Mail Analytics Challenge, 2008) and scikit-uplift's figures on it.

Effects, standard errors, intervals and the sample ratio: SCIENCE 4.4, Welch's t. Ranking figures: scikit-uplift 0.5.1.
"""

import gzip

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import csv

from crosslift.learn.customers.uplift import learn_uplift
from crosslift.stats.trials import Arm, Covariate, adjusted_difference, mean_difference, sample_ratio
from crosslift.stats.uplift import Ranked, auuc, qini, uplift_at
from crosslift.stats.weighted import Choices, weighted_difference

pytestmark = pytest.mark.data
MENS, WOMENS, NONE = "Mens E-Mail", "Womens E-Mail", "No E-Mail"
CONTEXT = ("recency", "history", "mens", "womens", "zip_code", "newbie", "channel")


@pytest.fixture(scope="module")
def trial(shared):
    with gzip.open(shared / "data/hillstrom/hillstrom.csv.gz") as stream:
        table = csv.read_csv(stream)
    assert table.num_rows == 64_000
    return table


def column(trial, name, *arms):
    of_arm = np.isin(np.asarray(trial["segment"]), arms or (MENS, WOMENS, NONE))
    return np.asarray(trial[name])[of_arm].astype(float)


def logged(trial, outcome):
    """As choices: each arm had one chance in three."""
    return pa.table(
        {
            "unit_id": [f"u{number}" for number in range(trial.num_rows)],
            "action": trial["segment"],
            "probability": np.full(trial.num_rows, 1 / 3),
            "outcome": trial[outcome].cast(pa.float64()),
        }
        | {name: trial[name] for name in CONTEXT}
    )


@pytest.mark.parametrize(
    ("arm", "outcome", "value", "error", "low", "high", "relative"),
    [
        (MENS, "visit", 0.076590, 0.003386, 0.069953, 0.083226, 0.721),
        (MENS, "conversion", 0.006805, 0.000921, 0.005000, 0.008610, 1.188),
        (MENS, "spend", 0.769827, 0.145247, 0.485140, 1.054515, 1.179),
        (WOMENS, "visit", 0.045233, 0.003234, 0.038893, 0.051573, 0.426),
        (WOMENS, "conversion", 0.003111, 0.000823, 0.001499, 0.004724, 0.543),
        (WOMENS, "spend", 0.424412, 0.130333, 0.168957, 0.679868, 0.650),
    ],
)
def test_effects_of_the_mailings(trial, arm, outcome, value, error, low, high, relative):
    one, other = column(trial, outcome, arm), column(trial, outcome, NONE)
    found = mean_difference(Arm.of(one), Arm.of(other))
    assert found[:4] == pytest.approx((value, low, high, error), abs=6e-7)
    assert found.value / other.mean() == pytest.approx(relative, abs=5e-4)
    arms = np.repeat([True, False], [one.size, other.size])
    weighted = weighted_difference(Choices.of(np.concatenate([one, other]), arms, np.full(arms.size, 1 / 3)))
    assert weighted[:4] == pytest.approx((value, low, high, error), abs=1e-6 if outcome != "spend" else 8e-6)


def test_tests_of_spend(trial):
    none = Arm.of(column(trial, "spend", NONE))
    mens, womens = (mean_difference(Arm.of(column(trial, "spend", arm)), none) for arm in (MENS, WOMENS))
    assert mens.value / mens.standard_error == pytest.approx(5.3001, abs=5e-5)
    assert womens.p_value == pytest.approx(0.001129, abs=5e-7)


def test_arms_have_the_sizes_that_were_planned():
    assert sample_ratio([21_307, 21_387, 21_306], [1, 1, 1]) == pytest.approx((0.2025313, 0.9036930), abs=5e-8)


def test_what_was_spent_before_takes_little_off(trial):
    """CUPED with last year's spend: variance falls by .04 % only."""
    arms = [(column(trial, "spend", arm), column(trial, "history", arm)) for arm in (MENS, NONE)]
    outcome = [Arm.of(spent) for spent, _ in arms]
    before = [Covariate(known.sum(), known @ known, known @ spent) for spent, known in arms]
    found, theta = adjusted_difference(*outcome, *before)
    assert theta == pytest.approx(0.00122290, abs=5e-9)
    assert (found.value, found.standard_error) == pytest.approx((0.767438, 0.145215), abs=6e-7)
    assert 1 - (found.standard_error / mean_difference(*outcome).standard_error) ** 2 == pytest.approx(0.0004, abs=5e-5)


@pytest.mark.parametrize(
    ("score", "sign", "expected"),
    [
        ("history", 1, (0.0026215, 0.0010476, 0.0479424, 0.0484067)),
        ("womens", 1, (0.0640155, 0.0294312, 0.0716004, 0.0714163)),
        ("recency", -1, (-0.0045198, -0.0019704, None, None)),
    ],
)
def test_ranking_figures_are_scikit_uplifts(trial, score, sign, expected):
    arms = WOMENS, NONE
    treated = np.isin(np.asarray(trial["segment"]), arms)
    treated = np.asarray(trial["segment"])[treated] == WOMENS
    ranked = Ranked.of(column(trial, "visit", *arms), sign * column(trial, score, *arms), treated)
    found = (
        qini(ranked),
        auuc(ranked),
        uplift_at(ranked, 0.3, ties="rows"),
        uplift_at(ranked, 0.3, strategy="by_group", ties="rows"),
    )
    for figure, theirs in zip(found, expected, strict=True):
        assert theirs is None or figure == pytest.approx(theirs, abs=6e-8)


def test_ranking_figures_of_the_toy():
    outcome, treated = [int(digit) for digit in "1010100100"], [int(digit) for digit in "1110001100"]
    ranked = Ranked.of(outcome, np.arange(10, 0, -1), treated)
    assert (qini(ranked), auuc(ranked)) == pytest.approx((0.15, -0.0949074), abs=5e-8)


def test_too_few_are_refused(trial):
    """Of the first 2,000 about 667 got each mailing, and 1 in 100 bought."""
    few = logged(trial, "conversion").slice(0, 2_000)
    assert "at least 10 of each needed" in learn_uplift(few, WOMENS, NONE, seed=1).why


@pytest.mark.long
def test_whom_the_mailings_move(trial, record_property):
    """Women's mail moves some more than others, surely; of men's mail that cannot be said."""
    found = {arm: learn_uplift(logged(trial, "visit"), arm, NONE, seed=1, context=CONTEXT) for arm in (MENS, WOMENS)}
    for arm, uplift in found.items():
        told = uplift.individual
        record_property(f"Qini {arm}", [round(figure, 4) for figure in told.qini_interval])
        print(f"{arm}: effect {uplift.doubly_robust}, Qini {told.qini_interval}, top 30 % {told.uplift_at_share:.4f}")
        assert uplift.doubly_robust.value == pytest.approx(uplift.difference.value, abs=0.0005)
        assert uplift.doubly_robust.high - uplift.doubly_robust.low < uplift.difference.high - uplift.difference.low
        assert uplift.sample_ratio == pytest.approx((0.2025313, 0.9036930), abs=5e-8)
    assert found[WOMENS].individual.is_better_than_random
    assert 0.04 < found[WOMENS].individual.qini < 0.08
    assert not found[MENS].individual.is_better_than_random
