"""Row D16: learning while serving costs no more than it may, and whatever was drawn is logged with the probability it had."""

from collections import Counter

import pytest

from crosslift.domain.decision import Action, Response

CAP = 0.1
POLICY = """
name = "trying"
extends = "helpful"

[offers]
explore = "10 %"

[value]
objectives = { cart = "conversion" }

[[levers]]
id = "jars"
factor = 40
author = "mina"
reason = "which goes first"
until = 2027-01-01T00:00:00Z
products = ["P03"]

[[variants]]
id = "first"
options = ["usual", "jar"]
placements = ["cart"]
levers = { jar = ["jars"] }
floor = "10 %"
"""


@pytest.fixture
def trying(shop):
    shop.policies.publish("trying", shop.policies.draft(POLICY, "mina", "try a little")["version"], "mina")
    return shop


def test_d16_exploration_of_lists_stays_below_its_cap(trying):
    """By the log a list is left for a draw with exactly the cap; only what passed every gate is ever drawn."""
    cart = ["P00", "P02", "P04"]
    usual = tuple(one.product_id for one in trying.decide("till", cart, policy="trying", k=2).offers)
    n_drawn, n = 0, 250
    for number in range(n):
        made = trying.decide("till", cart, policy="trying", k=2, anonymous=f"b{number}", with_trace=True)
        logged = trying.decision(made.decision_id)["offers"]
        assert [one["slot_probability"] for one in logged] == [one.slot_probability for one in made.offers]
        passed = {row.product_id for row in made.trace.candidates if row.dropped in (None, "beyond_count")}
        assert {one.product_id for one in made.offers} <= passed, "only what passed every gate is drawn"
        was_drawn = tuple(one.product_id for one in made.offers) != usual
        n_drawn += was_drawn
        kept = [p for p in (one.slot_probability for one in made.offers) if p > 0.5]
        assert sum(1 - p for p in kept) <= CAP + 1e-9, "the probability to leave the usual list is never above the cap"
        assert len(kept) == len(made.offers) - was_drawn
    assert 0 < n_drawn / n < CAP + 5 * (CAP * (1 - CAP) / n) ** 0.5


def test_d16_exploration_of_small_sets_is_logged_and_learned_from(trying, clock):
    """Both ways are shown evenly; `jar` is taken twice as often; the next learning run draws it for nearly everybody."""
    shown = Counter()
    for number in range(160):
        made = trying.decide("cart", ["P00", "P02"], policy="trying", anonymous=f"b{number}")
        (drawn,) = made.variants
        assert trying.decision(made.decision_id)["variants"] == [
            {"set": "first", "option": drawn.option, "probability": 0.5}
        ]
        shown[drawn.option] += 1
        if shown[drawn.option] % (2 if drawn.option == "jar" else 5) == 0:
            accepted = Response(f"a{number}", made.decision_id, Action.ACCEPT, clock(), made.offers[0].product_id)
            trying.respond([accepted])
    trying.learn()
    (told,) = trying.variants()
    of = {one["option"]: one for one in told["options"]}
    assert {name: one["n_shown"] for name, one in of.items()} == shown
    assert of["jar"]["p_best"] > 0.95
    assert sum(one["probability"] for one in of.values()) == pytest.approx(1)
    assert of["usual"]["probability"] >= 0.1
    after = [trying.decide("cart", ["P00", "P02"], policy="trying", anonymous=f"c{number}") for number in range(80)]
    for made in after:
        (drawn,) = made.variants
        assert drawn.probability == of[drawn.option]["probability"]
        assert trying.replay(made.decision_id).is_equal
    assert sum(made.variants[0].option == "jar" for made in after) > 56
    stranger = trying.decide("cart", ["P00", "P02"], policy="trying")
    assert [(one.option, one.probability) for one in stranger.variants] == [("usual", 1.0)]


def test_d16_off_policy_values_a_draft_by_the_slots_exploration_filled(trying):
    """The usual list alone is accepted: without exploration every slot would have been; too few decisions say nothing."""
    text = 'name = "bold"\nextends = "helpful"\n\n[offers]\nexplore = "30 %"\n'
    trying.policies.publish("bold", trying.policies.draft(text, "mina", "to learn")["version"], "mina")
    cart = ["P00", "P02", "P04"]
    made = [trying.decide("till", cart, policy="bold", k=1, anonymous=f"b{number}") for number in range(360)]
    usual = Counter(one.offers[0].product_id for one in made).most_common(1)[0][0]
    trying.respond([
        Response(f"r{place}", one.decision_id, Action.ACCEPT, trying.clock(), usual)
        for place, one in enumerate(made) if one.offers[0].product_id == usual
    ])  # fmt: skip
    found = trying.value_slots(text, days=1)
    n_usual = sum(one.offers[0].product_id == usual for one in made)
    assert (found["n_slots"], found["n_fixed"], found["not_replayed"]) == (360, 0, {})
    assert found["on_policy"]["value"] == pytest.approx(n_usual / 360)
    assert found["effective"] == pytest.approx(n_usual)
    assert found["max_weight"] == pytest.approx(1 / 0.7)
    assert found["snips"]["value"] == pytest.approx(1.0)
    for name in ("ips", "doubly_robust"):
        reach = (found[name]["high"] - found[name]["low"]) / 2
        assert abs(found[name]["value"] - 1) < 2.5 * reach, (
            "five standard errors: what was drawn differs from run to run"
        )
    few = trying.value_slots(text, days=1, most=100)
    assert (few["ips"], few["snips"], few["doubly_robust"]) == (None, None, None)
    assert "at least 200 needed" in few["why"]
