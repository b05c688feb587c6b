"""Thompson sampling with P(best) tabulated at each refresh: how soon the better option leads, how often the worse one."""

import numpy as np
import pytest

from crosslift.decide.variants import draw, probabilities
from crosslift.domain.chance import of
from crosslift.domain.variant import Tried, VariantSet
from crosslift.stats.bandit import p_best

WORDS = VariantSet("words", ("plain", "warm"))
SEEDS = 20


def served(rates, n_refreshes, n_between, seed):
    """Serve a season; gives by refresh the share of decisions that drew each option, and the probabilities learned."""
    outcomes = np.random.default_rng(seed)
    shown, accepted = np.zeros(len(rates), int), np.zeros(len(rates), int)
    known: dict[str, Tried] = {}
    shares, learned = [], []
    for refresh in range(n_refreshes):
        before = shown.copy()
        for number in range(n_between):
            chance = of(seed.to_bytes(4), f"{refresh}-{number}")
            (drawn,) = draw([WORDS], "cart", {"words": known} if known else {}, chance)
            place = WORDS.options.index(drawn.option)
            shown[place] += 1
            accepted[place] += outcomes.random() < rates[place]
        shares.append((shown - before) / n_between)
        best = p_best(accepted, shown).round(9).tolist()
        known = {o: Tried(int(n), int(k), p) for o, n, k, p in zip(WORDS.options, shown, accepted, best, strict=True)}
        learned.append(probabilities(WORDS, known))
    return np.array(shares), np.array(learned)


def test_the_better_option_leads_and_the_worse_seldom_does():
    """5 % against 10 %, 20 refreshes of 200 decisions: over 80 % share at the end, in all of 20 seasons but one at most."""
    ends, wrong = [], np.zeros(20, int)
    for seed in range(SEEDS):
        shares, learned = served((0.05, 0.10), 20, 200, seed)
        ends.append(shares[-5:, 1].mean())
        wrong += learned[:, 1] < 0.5
    print(f"share of the better option in the last quarter: median {np.median(ends):.3f}, least {min(ends):.3f}")
    print(f"wrong winner of {SEEDS}, after 200, 400, 1000, 2000, 4000 decisions: {wrong[[0, 1, 4, 9, 19]].tolist()}")
    assert np.median(ends) > 0.8
    assert np.mean(ends) > 0.8
    assert wrong[-1] <= 1


def test_two_that_are_alike_are_both_still_shown():
    """Nothing to learn: whichever leads, the floor keeps the other alive, and neither leads in nearly all seasons."""
    leads = 0
    for seed in range(SEEDS):
        shares, learned = served((0.08, 0.08), 10, 200, seed)
        assert learned.min() >= WORDS.floor
        assert shares.min() > 0
        leads += learned[-1, 1] > 0.5
    assert 3 <= leads <= 17


def test_the_table_is_what_drawing_posteriors_would_do():
    """P(best) by quadrature is the share of posterior draws in which an option is the highest: Thompson sampling itself."""
    random = np.random.default_rng(5)
    shown, accepted = np.array([300, 250, 60]), np.array([15, 20, 4])
    drawn = random.beta(1 + accepted, 1 + shown - accepted, size=(200_000, 3)).argmax(1)
    assert p_best(accepted, shown) == pytest.approx(np.bincount(drawn, minlength=3) / len(drawn), abs=0.004)
