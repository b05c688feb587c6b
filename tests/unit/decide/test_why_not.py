"""Why not, over many questions: what is told of each product is what the decision itself did with it."""

import numpy as np
import pytest

from crosslift.domain.decision import DropCode
from crosslift.domain.why_not import Fate, NoCandidate


@pytest.fixture(scope="module")
def shop(load_script, tmp_path_factory):
    little = load_script("tests/unit/shop/little.py")
    with little.no_jit():
        pantry = little.pantry(700)
        home = tmp_path_factory.mktemp("why") / "home"
        home.mkdir()
        with little.stocked(home, pantry.orders, pantry.catalog) as shop:
            yield shop


def test_what_is_told_of_every_product_agrees_with_the_decision(shop):
    chance = np.random.default_rng(3)
    names = list(shop.knowledge.products)
    shop.patch_products([{"product_id": "P03", "stock": 0}])
    for _ in range(12):
        cart = chance.choice(names, size=chance.integers(1, 4), replace=False).tolist()
        asked = {"cart": cart, "k": int(chance.integers(1, 5)), "exclude": [names[int(chance.integers(24))]]}
        decision = shop.decide(str(chance.choice(["cart", "product", "checkout", "home"])), with_trace=True, **asked)
        traced = {one.product_id: one for one in decision.trace.candidates}
        found = {name: shop.why_not(decision.decision_id, name) for name in names}
        assert {name for name, one in found.items() if one.fate is Fate.OFFERED} == {
            one.product_id for one in decision.offers
        }  # fmt: skip
        for name, one in found.items():
            assert one.difference is None
            if name in traced:
                assert (one.source, one.code or None, one.place) == (
                    traced[name].source, traced[name].dropped, traced[name].place
                )  # fmt: skip
                assert (one.gate is None) == (one.code in ("", DropCode.BEYOND_COUNT, DropCode.CATEGORY_FULL))
            else:
                assert (one.fate, one.code in tuple(NoCandidate)) == (Fate.NO_CANDIDATE, True)
        assert sum(found[names[0]].asked.values()) >= len(traced)
