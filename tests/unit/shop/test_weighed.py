"""Exploration and objectives through the shop: draws that can be made again, and the factors in the trace."""

from collections import Counter
from dataclasses import replace

import pytest

from crosslift.domain.policy import HELPFUL
from crosslift.domain.value import Objective, ValueTerms


@pytest.fixture
def shop(little, tmp_path):
    """A shop with tea that goes with four things."""
    baskets = [
        *[["tea", "honey"]] * 40, *[["tea", "cup"]] * 30, *[["tea", "spoon"]] * 25, *[["tea", "lemon"]] * 22,
        *([[f"n{i:02}"] for i in range(20)] * 12),
    ]  # fmt: skip
    catalog = [
        {"product_id": name, "title": name, "category": name, "price": "5", "currency": "USD", "cost": "2"}
        for name in ("tea", "honey", "cup", "spoon", "lemon")
    ]
    opened = little.stocked(tmp_path / "home", little.orders(*baskets, days=20), catalog)
    yield opened
    opened.close()


@pytest.fixture
def ruled(shop, monkeypatch):
    """Let the shop decide by a changed built-in policy: `ruled(epsilon=0.5)`."""

    def ruled(**changed):
        policy = replace(HELPFUL, **changed)
        monkeypatch.setattr(type(shop.known.rulings), "named", lambda *_: policy)
        monkeypatch.setattr(type(shop.known.rulings), "version", lambda *_: policy)
        return shop

    return ruled


def test_a_drawn_slot_is_logged_with_its_probability_and_replays(ruled):
    shop = ruled(epsilon=0.5)
    plain = shop.decide("cart", ["tea"], k=2)
    assert [offer.slot_probability for offer in plain.offers] == [1.0, 1.0], "a stranger is never explored with"
    usual = tuple(offer.product_id for offer in plain.offers)
    seen: Counter[tuple[str, ...]] = Counter()
    for number in range(60):
        made = shop.decide("cart", ["tea"], k=2, anonymous=f"b{number}")
        names = tuple(offer.product_id for offer in made.offers)
        seen[names] += 1
        expected = [0.75 if name == usual[slot] else 0.125 for slot, name in enumerate(names)]
        assert [offer.slot_probability for offer in made.offers] == pytest.approx(expected)
        replayed = shop.replay(made.decision_id)
        assert replayed.is_equal, replayed.difference
    assert len(seen) > 1
    assert seen[usual] > 15


def test_the_trace_shows_the_multiplication(shop):
    made = shop.decide("cart", ["tea"], with_trace=True)
    assert made.trace.candidates
    for row in made.trace.candidates:
        product = row.factors["p"] * row.factors["c"] * row.factors["v"] * row.factors["l"]
        assert row.factors["priority"] == pytest.approx(product, abs=2e-6)


def test_another_objective_is_weighed_in_money(ruled):
    shop = ruled(value=ValueTerms({"*": Objective.MARGIN}))
    made = shop.decide("cart", ["tea"], with_trace=True)
    values = {row.product_id: row.factors["v"] for row in made.trace.candidates if row.place is not None}
    assert set(values.values()) == {3.0}
    priorities = [offer.priority for offer in made.offers]
    assert priorities == sorted(priorities, reverse=True)
    assert shop.replay(made.decision_id).is_equal
