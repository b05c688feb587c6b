"""Whom offers reached, by group of a trait."""

import pytest


@pytest.fixture
def told(own_shop):
    """Thirty customers in two groups; each of the first is offered something, of the second a third."""
    rows = [{"customer_id": f"r{n}", "traits": {"faith": "a" if n < 15 else "b"}} for n in range(30)]
    own_shop.put_facts("customers", rows)
    own_shop.consents.record([
        {"customer_id": f"r{n}", "purpose": "personalization", "channel": "*", "status": "granted", "source": "form",
         "at": "2026-10-01T00:00:00Z"} for n in range(30)
    ])  # fmt: skip
    own_shop.learn(force=True)
    for n in (*range(15), *range(15, 20)):
        own_shop.decide("cart", ["tea"], customer=f"r{n}", purpose="personalization", k=2)
    return own_shop


def test_reach_and_worth_are_counted_by_group(told):
    first, second, *others = [one for one in told.audiences.reach("faith") if one["group"] in ("a", "b")]
    assert others == []
    assert (first["group"], first["n_people"], first["n_decisions"]) == ("a", 15, 15)
    assert (second["group"], second["n_people"], second["n_decisions"]) == ("b", 15, 5)
    assert first["n_reached"] / 15 >= second["n_reached"] / 15
    assert first["n_offers"] == 15 * second["n_offers"] / 5
    assert first["value"] == pytest.approx(3 * second["value"])


def test_a_shop_without_decisions_has_reached_nobody(own_shop):
    own_shop.put_facts("customers", [{"customer_id": f"r{n}", "traits": {"faith": "a"}} for n in range(12)])
    own_shop.learn(force=True)
    assert all(one["n_offers"] == 0 and one["value_per_offer"] is None for one in own_shop.audiences.reach("faith"))
