import numpy as np
import pytest

from crosslift.errors import BadInput, NotFound
from crosslift.learn.customers.propensity import Start

N = 240


@pytest.fixture
def fill(little, tmp_path):
    """Open a shop of people who all bought tea and some of them honey, which only a trait tells."""
    opened = []

    def fill(trait=None, **settings):
        shop = little.open_shop(tmp_path / f"home{len(opened)}", **settings)
        opened.append(shop)
        chance = np.random.default_rng(3)
        said = np.where(chance.random(N) < 0.5, "one", "other")
        honey = chance.random(N) < np.where(said == "one", 0.75, 0.1)
        shop.put_products([product("tea"), product("honey"), product("pot")])
        traits = [{} if trait is None else {"traits": {trait: str(word)}} for word in said]
        shop.put_facts("customers", [{"customer_id": f"c{row:03}", **traits[row]} for row in range(N)])
        shop.put_facts(
            "orders", [order(row, name) for row in range(N) for name in ("tea", "honey")[: 1 + int(honey[row])]]
        )
        return shop

    yield fill
    for shop in opened:
        shop.close()


def product(name, category="food", **more):
    return {"product_id": name, "title": name, "category": category, "price": "5", "currency": "USD", **more}


def order(row, name, n=0, **more):
    return {
        "order_id": f"o{row}-{name}-{n}", "ordered_at": f"2026-0{1 + row % 9}-03T10:00:00Z", "customer_id": f"c{row:03}",
        "product_id": name, "quantity": 1, "unit_price": "5", "currency": "USD", **more,
    }  # fmt: skip


def choice(row, action, **more):
    return {
        "choice_id": f"x{row}", "at": "2026-10-01T10:00:00Z", "unit_id": f"u{row}", "action": action, "probability": 0.5,
        "outcome": row // 2 % 2, **more,
    }  # fmt: skip


def test_a_sensitive_trait_has_no_influence_and_another_has(fill):
    without, sensitive, told = (fill(trait).propensities.of_product("honey") for trait in (None, "religion", "club"))
    assert sensitive == without
    assert without["basis"] == "starting"
    assert told["basis"] == "learned"
    assert told["people"][0]["p"] - told["people"][-1]["p"] > 0.3


def test_what_a_shop_sets_apart_has_no_influence_either(fill):
    found = fill("club", profile_sensitive_traits="club").propensities.of_product("honey")
    assert found["basis"] == "starting"


def test_people_who_have_the_product_alone_are_left_out_and_counted(fill):
    shop = fill()
    shop.put_facts("orders", [order(row, "honey") for row in range(800, 805)])
    found = shop.propensities.of_product("honey")
    assert (found["n_people"], found["n_left_out"]) == (N, 5)


def test_orders_of_the_product_do_not_show_in_the_figures(fill):
    shop = fill()
    shop.put_facts("orders", [order(0, "pot", n) for n in range(3)])
    figures = {row["person_id"]: row for row in shop.profiles.without(["pot"]).to_pylist()}["customer:c000"]
    assert figures["n_orders"] == shop.profiles.without([]).to_pylist()[0]["n_orders"] - 3
    assert "pot" not in str(figures["categories"])


def test_variants_contracts_and_names_of_one_person_count_as_having_it(fill):
    shop = fill()
    shop.put_products([product("plan"), product("plan-s", parent_id="plan")])
    shop.put_facts("orders", [order(1, "plan-s"), order(900, "plan")])
    begun = {"product_id": "plan", "started_at": "2026-01-02T00:00:00Z"}
    shop.put_facts("subscriptions", [
        {"subscription_id": "s1", "customer_id": "c002", "status": "active", **begun},
        {"subscription_id": "s2", "customer_id": "c003", "status": "ended", "ended_at": "2026-02-02T00:00:00Z", **begun},
    ])  # fmt: skip
    assert shop.propensities.of_product("plan")["n_positive"] == 2
    shop.customers.merge("c005", "c900", "anna")
    assert shop.propensities.of_product("plan")["n_positive"] == 3


def test_what_came_back_is_not_had(fill):
    shop = fill()
    before = shop.propensities.of_product("pot")["n_positive"]
    shop.put_facts("orders", [order(0, "pot")])
    assert shop.propensities.of_product("pot")["n_positive"] == before + 1
    shop.put_facts("returns", [
        {"order_id": "o0-pot-0", "product_id": "pot", "quantity": 1, "returned_at": "2026-10-01T00:00:00Z"}
    ])  # fmt: skip
    assert shop.propensities.of_product("pot")["n_positive"] == before


def test_a_belief_of_the_merchant_stands_in(fill):
    found = fill().propensities.of_product("pot", start=Start(0.1, 80, "sales"))
    assert found["rate"] == pytest.approx(8 / (N + 80))
    assert found["start"] == {"rate": 0.1, "n_pseudo": 80, "source": "sales"}
    assert found["people"] is None


def test_an_empty_shop_has_nothing_to_say(empty_shop):
    empty_shop.put_products([product("lamp")])
    found = empty_shop.propensities.of_product("lamp")
    assert (found["basis"], found["n_people"], found["base_rate"]) == ("not_estimable", 0, None)
    with pytest.raises(NotFound, match="no product 'candle' in the catalog"):
        empty_shop.propensities.of_product("candle")


def test_sensitive_context_is_no_column_wherever_it_stands(own_shop):
    said = {"context": {"city": "Jeju", "religion": "none", "asked": {"health": "well", "age": 40}}}
    own_shop.put_facts("logged_choices", [choice(row, "ab"[row % 2], **said) for row in range(40)])
    assert own_shop.propensities.uplift("a")["context"] == ["asked.age", "city"]


def test_choices_without_an_outcome_wait(own_shop):
    own_shop.put_facts("logged_choices", [choice(row, "ab"[row % 2]) for row in range(600)])
    own_shop.put_facts("logged_choices", [choice(row, "a", outcome=None) for row in range(600, 660)])
    found = own_shop.propensities.uplift("a")
    assert (found["n_choices"], found["n_without_outcome"]) == (660, 60)
    [row] = found["compared"]
    assert row["n_action"] == 300
    assert "hand in context columns" in row["doubly_robust"]["not_estimable"]


def test_two_names_of_one_person_are_one_unit(own_shop):
    own_shop.put_facts("logged_choices", [choice(row, "ab"[row % 2]) for row in range(600)])
    own_shop.customers.merge("u0", "u1", "anna")
    assert "more than once" in own_shop.propensities.uplift("a")["compared"][0]["difference"]["not_estimable"]


def test_an_action_alone_compares_with_nothing(own_shop):
    own_shop.put_facts("logged_choices", [choice(row, "a") for row in range(30)])
    found = own_shop.propensities.uplift("a")
    assert (found["basis"], found["compared"]) == ("not_estimable", [])
    assert "no other action than 'a'" in found["why"]
    assert "30 choices of 'a' tell as much as 30" in own_shop.propensities.uplift("a", "b")["why"]
    with pytest.raises(BadInput, match="compared with itself"):
        own_shop.propensities.uplift("a", "a")
    with pytest.raises(NotFound, match="no choice of 'nope' was logged; logged were a"):
        own_shop.propensities.uplift("nope")
