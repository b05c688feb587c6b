"""What operators read beside a reason: every figure, and what was not recorded."""

import numpy as np

from crosslift.wording.figures import TESTED, also, by_chance, lift_and_q, named


def test_anchor_without_a_title_is_named_once():
    assert named({"anchor": "p-1", "anchor_title": "Kettle"}) == "Kettle (p-1)"
    assert named({"anchor": "p-1"}) == "p-1"


def test_unknown_lift_interval_and_q_are_said():
    assert lift_and_q({}) == "Lift not recorded (interval not recorded), q not recorded"
    assert lift_and_q({"lift": 2, "lift_low": float("nan"), "lift_high": 3}) == (
        "Lift 2.00 (interval not recorded), q not recorded"
    )
    assert lift_and_q({"lift": 2, "lift_low": 1, "lift_high": 3, "q_value": 0.0}).endswith(
        "[1.00; 3.00] at 95%, q < 1e-300"
    )


def test_chance_below_one_keeps_two_figures():
    assert [by_chance(expected) for expected in (1234.56, 0.00412, 0.0)] == ["1,234.6", "0.0041", "0"]


def test_all_other_figures_follow_by_name_and_nothing_twice():
    facts = {
        "n_both": 3,
        "n_gap": np.int64(4800),
        "similarity": np.float32(0.25),
        "is_new": True,
        "why": "x",
        "q2": None,
    }
    assert also(facts, TESTED) == " Also: n_gap 4,800, similarity 0.25."
    assert also(facts, TESTED | {"n_gap", "similarity"}) == ""
