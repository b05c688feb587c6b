"""Row M05, pooled: holdouts of single strategies; and shops too small to show anything alone, together."""

from datetime import timedelta

import pytest

from crosslift.shop.pooling import pooled

N = 200
BY = {"author": "mina", "reason": "what do companions bring"}


@pytest.fixture
def situations(load_script):
    return load_script("tests/acceptance/situations.py")


def test_m05_pooled_a_single_strategy_has_its_own_holdout(shop, clock, situations):
    """Companions alone are kept back; who saw them buys for ten more, everybody for twenty."""
    vars(shop)["key"] = bytes(32)
    shop.experiments.put({
        "experiment_id": "companions", "kind": "holdout", "held": 0.5, "strategies": ["complement"], "unit": "customer", **BY
    })  # fmt: skip
    names = [f"s{number}" for number in range(N)]
    now = clock().isoformat()
    shop.put_facts("customers", [{"customer_id": name, "created_at": now} for name in names])
    situations.grant(shop, *names)
    made = {name: shop.decide("cart", ["P00"], customer=name) for name in names}
    held = {name for name, one in made.items() if one.arm == "companions=held"}
    assert not any(offer.kind == "complement" for name in held for offer in made[name].offers)
    assert any(offer.kind == "complement" for name in set(names) - held for offer in made[name].offers)
    clock.now += timedelta(days=1)
    at = clock().isoformat()
    shop.put_facts("orders", [
        {"order_id": f"o-{name}", "line_id": "1", "customer_id": name, "product_id": "P00", "quantity": 1, "currency": "USD",
         "unit_price": str(20 + number % 5 + (0 if name in held else 10)), "ordered_at": at}
        for number, name in enumerate(names)
    ])  # fmt: skip
    clock.now += timedelta(hours=1)
    found = shop.earned.holdout("companions")
    assert found["units"] == {"held": len(held), "treated": N - len(held)}
    assert found["verdict"] == "better"
    total = found["incremental"]["total"]
    assert total["low"] < 10 * (N - len(held)) < total["high"]


def test_m05_pooled_small_shops_show_together_what_none_shows_alone():
    """Nine shops of which each leaves it open; the mean of all does not."""

    def shop(value):
        relative = {"value": value, "low": value - 0.1, "high": value + 0.1, "standard_error": 0.03}
        row = {"outcome": "profit", "arm": "treated", "n": 400, "n_control": 40, "relative": relative}
        return {"headline": "profit", "compared": [row]}

    found = pooled({f"shop {number}": shop(0.03 + 0.005 * number) for number in range(9)})
    assert all(one["alone"]["low"] < 0 < one["alone"]["high"] for one in found["shops"])
    assert found["low"] > 0
    assert all(one["drawn"]["low"] > one["alone"]["low"] for one in found["shops"])
