"""What levers won and gave up, redone by hand: every state, both kinds of cost, and what cannot be priced is counted."""

from datetime import timedelta

import pytest

from crosslift.domain.decision import Action, Response
from crosslift.errors import BadUsage

LEVER = '\n[[levers]]\nid = "{name}"\nfactor = 90\nauthor = "mina"\nreason = "new"\nuntil = {until}\nproducts = ["{product}"]\n'


@pytest.fixture
def publish(own_shop):
    """Put a policy with some levers in force: `publish(("push", "P07"), objective="margin")`."""

    def publish(*levers, objective="relevance", more="", days=7):
        until = (own_shop.clock() + timedelta(days=days)).isoformat().replace("+00:00", "Z")
        text = f'name = "helpful"\nextends = "helpful"\n[value]\nobjectives = {{ "*" = "{objective}" }}\n'
        text += "".join(LEVER.format(name=name, product=product, until=until) + more for name, product in levers)
        written = own_shop.policies.draft(text, "mina", "levers")
        own_shop.policies.publish("helpful", written["version"], "mina")

    return publish


def two(shop, **given):
    """Ask for one of the two companions of a cart of two."""
    return shop.decide("cart", ["P00", "P02"], k=1, with_trace=True, **given)


def other_than(shop):
    """Give of the two companions the one that does not go first by itself."""
    return ({"P01", "P03"} - {two(shop).offers[0].product_id}).pop()


def levers(shop, **given):
    return {one["lever"]: one for one in shop.levers.report(**given)["levers"]}


def test_what_is_no_money_is_told_as_a_share_of_relevance(own_shop, publish):
    pushed = other_than(own_shop)
    scores = {one.product_id: one.score for one in two(own_shop).trace.candidates}
    publish(("push", pushed))
    assert two(own_shop).offers[0].product_id == pushed
    found = levers(own_shop)["push"]
    assert (found["n_won"], found["state"], found["not_replayed"]) == (1, "on", {})
    lost = 1 - scores[pushed] / max(scores.values())
    assert found["cost"]["relevance_given_up"] == pytest.approx(lost, abs=1e-4)
    assert (found["cost"]["amount"], found["cost"]["n_ranked"], found["cost"]["n_decisions"]) == (None, 1, 0)
    assert "money" in found["cost"]["not_estimable"]


def test_a_lever_on_what_stands_there_anyway_won_nothing(own_shop, publish):
    first = two(own_shop).offers[0].product_id
    publish(("push", first))
    two(own_shop)
    found = levers(own_shop)["push"]
    assert (found["n_won"], found["cost"]["relevance_given_up"]) == (0, None)


def test_states_of_a_lever(own_shop, publish, clock):
    pushed = other_than(own_shop)
    waiting = f"from = {(clock() + timedelta(days=1)).isoformat().replace('+00:00', 'Z')}\n"
    publish(("push", pushed), more=waiting)
    assert (levers(own_shop)["push"]["state"], two(own_shop).offers[0].product_id != pushed) == ("waiting", True)
    publish(("push", pushed), more='may_win = "10 %"\n')
    two(own_shop)
    own_shop.learn(force=True)
    assert levers(own_shop)["push"]["state"] == "resting"
    publish()
    found = levers(own_shop)["push"]
    assert (found["state"], found["n_won"], "factor" in found) == ("gone", 1, False)
    publish(("push", pushed))
    clock.move(days=7)
    assert levers(own_shop)["push"]["state"] == "ended"
    assert levers(own_shop, days=6)["push"]["n_won"] == 0


def test_of_two_levers_each_is_taken_away_alone(own_shop, publish):
    """Both on the same product: without one of them the other still wins, and nothing is given up."""
    pushed = other_than(own_shop)
    publish(("push", pushed), ("shove", pushed))
    two(own_shop)
    found = levers(own_shop)
    assert {name: one["n_won"] for name, one in found.items()} == {"push": 1, "shove": 1}
    assert {one["cost"]["relevance_given_up"] for one in found.values()} == {0.0}


def test_what_cannot_be_made_again_is_counted_and_not_priced(own_shop, publish, clock):
    publish(("push", other_than(own_shop)))
    for _ in range(3):
        made = two(own_shop)
    own_shop.respond([Response("r1", made.decision_id, Action.EXPOSURE, clock())])
    assert levers(own_shop, most=2)["push"]["not_replayed"] == {"older_than_tried": 1}
    clock.move(days=31)
    own_shop.records.expire(int(clock().timestamp() * 1_000_000))
    found = levers(own_shop, days=60)["push"]
    assert (found["n_won"], found["not_replayed"], found["cost"]["n_ranked"]) == (3, {"inputs_gone": 3}, 0)


def test_wrong_calls(own_shop):
    assert own_shop.levers.report()["levers"] == []
    for wrong in ({"days": 0}, {"most": 0}, {"policy": "nobody's"}):
        with pytest.raises(BadUsage):
            own_shop.levers.report(**wrong)
