"""Other ways of choosing, valued from the log."""

import numpy as np
import pytest

from crosslift.errors import BadInput, NotFound

N = 1200
WORTH = {"letter": 0.3, "call": 0.5, "nothing": 0.1}


@pytest.fixture
def shop(own_shop):
    """Choices with unequal, logged probabilities; what comes of them depends on age as well."""
    chance = np.random.default_rng(6)
    names = list(WORTH)
    rows = []
    for i in range(N):
        action = int(chance.choice(3, p=[0.5, 0.3, 0.2]))
        age = int(chance.integers(20, 70))
        p = WORTH[names[action]] + (age - 45) / 250
        rows.append({
            "choice_id": f"c{i}", "unit_id": f"u{i}", "at": "2026-10-01T00:00:00Z", "action": names[action],
            "probability": (0.5, 0.3, 0.2)[action], "outcome": int(chance.random() < p), "context": {"age": age},
        })  # fmt: skip
    rows.append({**rows[0], "choice_id": "open", "outcome": None})
    own_shop.put_facts("logged_choices", [{k: v for k, v in row.items() if v is not None} for row in rows])
    return own_shop


def test_all_three_estimates_hold_the_truth_and_say_what_they_rest_on(shop):
    asked = {"letter": 0.2, "call": 0.8}
    truth = sum(share * WORTH[name] for name, share in asked.items())
    found = shop.off_policy.value(asked)
    assert (found["n_choices"], found["n_without_outcome"], found["why"], found["warnings"]) == (N, 1, None, [])
    for name in ("ips", "snips", "doubly_robust"):
        assert found[name]["low"] < truth < found[name]["high"]
    assert found["max_weight"] == pytest.approx(0.8 / 0.3)
    width = {name: found[name]["high"] - found[name]["low"] for name in ("ips", "doubly_robust")}
    assert width["doubly_robust"] < width["ips"]


def test_the_policy_that_chose_is_worth_what_it_earned(shop):
    found = shop.off_policy.value({"letter": 0.5, "call": 0.3, "nothing": 0.2})
    assert found["ips"]["value"] == pytest.approx(found["on_policy"]["value"])
    assert found["effective"] == pytest.approx(N)


def test_a_policy_the_log_hardly_speaks_of_is_refused(own_shop):
    rows = [
        {"choice_id": f"c{i}", "unit_id": f"u{i}", "at": "2026-10-01T00:00:00Z", "action": "ab"[i % 10 == 0],
         "probability": 0.1 if i % 10 == 0 else 0.9, "outcome": 1}
        for i in range(500)
    ]  # fmt: skip
    own_shop.put_facts("logged_choices", rows)
    found = own_shop.off_policy.value({"b": 1})
    assert (found["ips"], found["snips"], found["doubly_robust"]) == (None, None, None)
    assert "worth 50 choices of equal weight to this policy, at least 200 needed" in found["why"]
    assert found["on_policy"]["value"] == 1


def test_probabilities_that_cannot_be_right_are_warned_of(shop):
    wrong = [
        {
            "choice_id": f"w{i}",
            "unit_id": f"w{i}",
            "at": "2026-10-01T00:00:00Z",
            "action": "call",
            "probability": 0.05,
            "outcome": 1,
        }
        for i in range(300)
    ]
    shop.put_facts("logged_choices", wrong)
    assert "hardly those the choices were made with" in shop.off_policy.value({"call": 1})["warnings"][0]


@pytest.mark.parametrize("shares", [{}, {"letter": 0.5}, {"letter": 1.5, "call": -0.5}, {"letter": float("nan")}])
def test_shares_that_are_no_policy_are_refused(own_shop, shares):
    with pytest.raises(BadInput, match="1 in all"):
        own_shop.off_policy.value(shares)


def test_nothing_logged_and_unknown_actions_are_named(shop, little, tmp_path, clock):
    with pytest.raises(NotFound, match="no choice of 'visit' was logged; logged were call, letter, nothing"):
        shop.off_policy.value({"visit": 1})
    with little.open_shop(tmp_path / "bare", clock) as bare, pytest.raises(NotFound, match="no choices were logged"):
        bare.off_policy.value({"letter": 1})
