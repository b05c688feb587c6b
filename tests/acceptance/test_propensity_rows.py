"""Propensity to have a product, calibrated and with a stated start; uplift of an action from choices logged by chance."""

import json

import numpy as np
import pytest

N = 320
SHELF = {
    "tea": "drinks", "coffee": "drinks", "cocoa": "drinks", "mate": "drinks",
    "honey": "pantry", "jam": "pantry", "salt": "pantry", "lamp": "lights",
}  # fmt: skip


@pytest.fixture(scope="module")
def market(little, tmp_path_factory):
    """Whoever drinks tea has honey in 6 of 10 cases, others in 1 of 10; salt is chance; mate, jam and the lamp are young."""
    home = tmp_path_factory.mktemp("market")
    chance = np.random.default_rng(4)
    tea = chance.random(N) < 0.5
    rates = {"tea": tea, "honey": np.where(tea, 0.6, 0.1), "salt": 0.3, "coffee": 0.25, "cocoa": 0.2, "mate": 0.02}
    has = {name: chance.random(N) < rate for name, rate in rates.items()}
    has["lamp"] = np.arange(N) < 4
    bought = [[name for name in SHELF if name in has and has[name][row]] for row in range(N)]
    made = [
        little.Order((name,), f"c{row}", 24.0 * chance.integers(1, 300)) for row in range(N) for name in bought[row]
    ]
    catalog = [
        {"product_id": name, "title": name, "category": category, "price": "5", "currency": "USD"}
        for name, category in SHELF.items()
    ]
    with little.no_jit(), little.open_shop(home) as shop:
        shop.collect(little.write(home / "o.csv", little.order_rows(made)), little.write(home / "p.csv", catalog))
        yield shop, dict(zip((f"customer:c{row}" for row in range(N)), bought, strict=True))


def choices(n, effect, seed=5):
    """A letter or nothing, half of the time each; newcomers are the ones it moves."""
    chance = np.random.default_rng(seed)
    is_new, is_letter = chance.random((2, n)) < 0.5
    came = chance.random(n) < 0.2 + effect * is_letter * is_new
    return [
        {
            "choice_id": f"x{row}", "at": "2026-10-01T10:00:00Z", "unit_id": f"u{row}", "probability": 0.5,
            "action": "letter" if is_letter[row] else "nothing", "outcome": int(came[row]),
            "context": {"is_new": bool(is_new[row]), "city": "Jeju"},
        }
        for row in range(n)
    ]  # fmt: skip


def test_u04_p_is_learned_and_its_calibration_error_reported(market):
    shop, bought = market
    found = shop.propensities.of_product("honey")
    assert found["basis"] == "learned"
    assert 0 < found["calibration_error"] < 0.1  # of 33 people a decile; chance alone makes .06
    assert found["n_positive"] == sum("honey" in some and some != ["honey"] for some in bought.values())
    assert found["base_rate"] == found["n_positive"] / found["n_people"]
    p = {row["person_id"]: row["p"] for row in found["people"]}
    assert set(p) == {who for who, some in bought.items() if some and "honey" not in some}
    with_tea, without = ([p[who] for who in p if ("tea" in bought[who]) is said] for said in (True, False))
    assert np.mean(with_tea) == pytest.approx(0.6, abs=0.1)
    assert np.mean(without) == pytest.approx(0.1, abs=0.08)
    assert list(p.values()) == sorted(p.values(), reverse=True)


def test_u04_what_is_bought_by_chance_tells_nobody_apart(market):
    found = market[0].propensities.of_product("salt")
    assert (found["basis"], found["people"], found["calibration_error"]) == ("starting", None, None)
    assert "not surely apart" in found["why"]


def test_u04_a_cold_start_says_what_it_starts_from(market):
    found = market[0].propensities.of_product("mate")
    start = found["start"]
    assert found["basis"] == "starting"
    assert found["n_positive"] < 50
    assert start["source"] == "mean of 3 other products of the category 'drinks'"
    assert f"{found['n_positive']} of {found['n_people']} people hold or bought 'mate'" in found["why"]
    expected = (found["n_positive"] + start["n_pseudo"] * start["rate"]) / (found["n_people"] + start["n_pseudo"])
    assert found["rate"] == pytest.approx(expected)


def test_u04_too_few_without_a_start_are_not_estimable(market):
    found = market[0].propensities.of_product("lamp")
    assert (found["basis"], found["rate"], found["people"]) == ("not_estimable", None, None)
    assert "people hold or bought 'lamp'; at least 50" in found["why"]
    assert "somebody has 0 other products of its category 'lights'; at least 3 needed for a start" in found["why"]


def test_u04_uplift_refuses_few_choices_and_gives_an_effect_with_its_interval_from_many(fresh):
    fresh.put_facts("logged_choices", choices(120, 0.4))
    refused = fresh.propensities.uplift("letter")
    assert refused["basis"] == "not_estimable"
    assert "at least 200 needed" in refused["why"]
    fresh.put_facts("logged_choices", choices(1_600, 0.4))
    found = fresh.propensities.uplift("letter")
    [row] = found["compared"]
    assert (found["basis"], row["against"], found["context"]) == ("measured", "nothing", ["city", "is_new"])
    for name in ("difference", "weighted", "doubly_robust"):
        assert row[name]["low"] < 0.2 < row[name]["high"]
        assert row[name]["low"] > 0
    assert row["n_action"] + row["n_against"] == found["n_choices"] == 1_600
    assert row["sample_ratio_p"] > 0.001
    json.dumps(found)


def test_u04_uplift_of_an_action_that_does_nothing_has_an_interval_around_zero(fresh):
    fresh.put_facts("logged_choices", choices(1_200, 0.0, seed=6))
    [row] = fresh.propensities.uplift("letter")["compared"]
    assert row["weighted"]["low"] < 0 < row["weighted"]["high"]
