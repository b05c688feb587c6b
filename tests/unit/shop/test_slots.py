"""What a draft would have earned at each slot, from a simulated log whose truth is known."""

from collections import Counter
from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pytest

from crosslift.domain.decision import Action
from crosslift.domain.policy import HELPFUL
from crosslift.errors import BadUsage
from crosslift.shop.slots import Slots

EPSILON, POOL, N_SLOTS = 0.4, 2, 2
RATES = {"a": 0.1, "b": 0.12, "x": 0.3, "y": 0.05}
KINDS = {"a": "complement", "b": "upgrade", "x": "upgrade", "y": "complement"}


def offer(product, probability=1.0):
    return SimpleNamespace(product_id=product, kind=KINDS[product], slot_probability=probability)


class Log:
    """A log of lists [a, b] that explored x and y; the draft would have shown what it is told."""

    def __init__(self, n, drafted, seed=7, epsilon=EPSILON):
        chance = np.random.default_rng(seed)
        self.made, self.accepted, self.drafted = {}, [], [offer(name) for name in drafted]
        for number in range(n):
            held, probability = ["a", "b"], [1 - epsilon / N_SLOTS] * N_SLOTS
            if chance.random() < epsilon:
                slot = int(chance.integers(N_SLOTS))
                held[slot], probability[slot] = "xy"[int(chance.integers(POOL))], epsilon / (N_SLOTS * POOL)
            self.made[f"d{number}"] = [offer(*one) for one in zip(held, probability, strict=True)]
            self.accepted += [(f"d{number}", name) for name in held if chance.random() < RATES[name]]

    def table(self, dataset, columns, where="", values=()):
        if dataset == "responses":
            assert Action.ACCEPT.value in values
            ids, products = zip(*self.accepted, strict=True)
            return pa.table({"decision_id": list(ids), "product_id": list(products)})
        return pa.table({"decision_id": list(self.made), "identity": [f"customer:{name}" for name in self.made]})

    def changed(self, decision_id, change):
        assert change(HELPFUL).epsilon == 0
        return HELPFUL, SimpleNamespace(offers=self.made[decision_id]), SimpleNamespace(offers=self.drafted)


def value(log, clock, **more):
    return Slots(log, clock, log.changed).value(HELPFUL, **more)


@pytest.mark.parametrize("drafted", ["ab", "xb", "ax"])
def test_the_truth_of_a_simulated_log_is_found(clock, drafted):
    found = value(Log(6000, drafted), clock)
    truth = np.mean([RATES[name] for name in drafted])
    assert found["n_slots"] == 12_000
    assert abs(found["mean_weight"] - 1) < 0.1
    for name in ("ips", "snips", "doubly_robust"):
        assert found[name]["low"] < truth < found[name]["high"], name
    assert found["on_policy"]["value"] == pytest.approx(0.12, abs=0.02)


def test_what_never_could_stand_there_is_said_and_too_thin_a_log_is_refused(clock):
    swapped = value(Log(800, "ba"), clock)
    assert swapped["why"]
    assert swapped["ips"] is None
    assert any("never possible" in one for one in swapped["warnings"])
    few = value(Log(60, "xb"), clock)
    assert few["effective"] < 200
    assert "at least 200 needed" in few["why"]


def test_slots_without_exploration_and_empty_ones_are_counted_apart(clock):
    calm = value(Log(50, "ab", epsilon=0.0), clock)
    assert Counter({name: calm[name] for name in ("n_fixed", "n_slots", "n_empty")}) == {
        "n_fixed": 100,
        "n_slots": 0,
        "n_empty": 0,
    }
    assert "let the policy explore" in calm["why"]
    short = value(Log(50, "a"), clock)
    assert (short["n_slots"], short["n_empty"]) == (50, 50)
    with pytest.raises(BadUsage, match="both are 1 or more"):
        value(Log(5, "ab"), clock, days=0)
