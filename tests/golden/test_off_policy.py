"""Off-policy values equal Open Bandit Pipeline's, to the last digit it prints; figures as SCIENCE 4.5 has them.

`open_bandit.npz` holds what they were worked out from: the 10,000 rounds of the small Open Bandit Dataset, random policy, all
items (ZOZO, CC BY 4.0, as the package obp 0.5.7 brings it): `action`, `position`, `reward`, `pscore`; and `choice`, shape
(actions, positions), the probabilities of Bernoulli Thompson sampling with the shop's own prior (`BernoulliTS`, 100,000 draws,
random state 12345), which obp printed for us in an environment of its own.

Source: Saito, Aihara, Matsutani & Narita (2021), Open Bandit Dataset and Pipeline, NeurIPS Datasets and Benchmarks.
"""

from pathlib import Path

import numpy as np
import pytest

from crosslift.stats.offpolicy import LEAST_EFFECTIVE, Logged, value_of

IPS, SNIPS = 0.00455288, 0.0047758330812309535
"""What obp's `InverseProbabilityWeighting` and `SelfNormalizedInverseProbabilityWeighting` give."""
PUBLISHED_RATIO = 1.198126
"""Of the value to that of the random policy, as obp's own README has it."""


@pytest.fixture(scope="module")
def logged():
    """The rounds, as choices asked about another policy."""
    with np.load(Path(__file__).with_name("open_bandit.npz")) as kept:
        target = kept["choice"][kept["action"], kept["position"]]
        return Logged.of(kept["reward"], kept["pscore"], target)


def test_values_are_those_of_the_open_bandit_pipeline(logged):
    found = value_of(logged)
    assert found.ips.value == pytest.approx(IPS, rel=1e-9)
    assert found.snips.value == pytest.approx(SNIPS, rel=1e-9)
    assert found.on_policy.value == pytest.approx(0.0038, rel=1e-12)
    assert found.ips.value / found.on_policy.value == pytest.approx(PUBLISHED_RATIO, abs=5e-7)


def test_weights_are_told_as_published(logged):
    found = value_of(logged)
    assert found.mean_weight == pytest.approx(0.95332, abs=5e-6)
    assert found.effective == pytest.approx(1639.5, abs=0.05)
    assert found.max_weight == pytest.approx(19.5984, abs=5e-5)
    assert found.share_clipped == 0


def test_intervals_hold_what_the_other_policy_earned_when_it_ran(logged):
    """0.0042 of 10,000 rounds of its own, in the same package."""
    found = value_of(logged)
    for one in (found.ips, found.snips):
        assert one.low < 0.0042 < one.high


def test_part_of_the_log_too_small_to_speak_says_nothing(logged):
    few = slice(0, 1000)
    found = value_of(Logged.of(logged.outcome[few], logged.probability[few], logged.target[few]))
    assert found.effective < LEAST_EFFECTIVE
    assert found.ips is found.snips is None
