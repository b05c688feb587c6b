"""Shops that are too small each, pooled: the mean of all, and each drawn to it."""

import pytest

from crosslift.errors import BadUsage
from crosslift.shop.pooling import pooled


def result(value, error, reach=2.5, headline="profit", **more):
    relative = {"value": value, "low": value - reach * error, "high": value + reach * error, "standard_error": error}
    row = {"outcome": headline, "arm": "treated", "n": 300, "n_control": 20, "relative": relative}
    return {"headline": headline, "compared": [row], **more}


def test_shops_that_show_nothing_alone_show_it_together():
    found = pooled({f"s{number}": result(0.04 + 0.002 * number, 0.025) for number in range(9)})
    assert all(one["alone"]["low"] < 0 for one in found["shops"])
    assert found["value"] == pytest.approx(0.048)
    assert found["low"] == pytest.approx(0.048 - 2.5 * 0.025 / 3)
    assert found["low"] > 0
    assert found["spread"] == 0
    assert {round(one["drawn"]["value"], 9) for one in found["shops"]} == {0.048}, "they differ by no more than chance"


def test_true_differences_stay_and_widen_what_is_said_of_all():
    found = pooled({"a": result(0.0, 0.01), "b": result(0.2, 0.01, reach=4)})
    assert found["spread"] == pytest.approx((2 * 0.01 - 0.0001) ** 0.5, rel=0.01)
    assert found["low"] < 0
    assert found["high"] - found["value"] == pytest.approx(4 * 0.1, rel=0.01), "as wide as the widest asks"
    a, b = (one["drawn"]["value"] for one in found["shops"])
    assert 0 < a < 0.01
    assert 0.19 < b < 0.2


def test_shops_that_cannot_be_judged_are_left_out_with_why():
    found = pooled({"a": result(0.1, 0.02), "b": {"not_estimable": "fewer than 30 units"}})
    assert (found["shops"], found["left_out"]) == ([], {"b": "fewer than 30 units"})
    assert "1 shops can be judged" in found["not_estimable"]
    mixed = pooled({"a": result(0.1, 0.02), "b": result(0.1, 0.02, headline="revenue")})
    assert mixed["left_out"] == {"a": "no revenue is known"}
    with pytest.raises(BadUsage, match="one shop alone"):
        pooled({"a": result(0.1, 0.02)})
