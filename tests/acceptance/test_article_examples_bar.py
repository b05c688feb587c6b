"""The example of the threshold bar: how far it is, and what fits the gap without overshooting it."""

from decimal import Decimal

import pytest

from crosslift.domain.decision import ReasonCode
from crosslift.wording.reasons import sentence

pytestmark = pytest.mark.usefixtures("_no_compiler")
PRICES = {"tea": "42", "honey": "9", "cup": "12", "spoon": "3", "samovar": "90"}
POLICY = """
name = "with-bar"
extends = "helpful"

[[bars]]
id = "post"
amount = 50
currency = "USD"
title = { en = "Free delivery", ko = "무료 배송", ja = "送料無料" }
"""


@pytest.fixture(scope="module")
def shop(little, tmp_path_factory):
    baskets = [
        *[["tea", "honey"]] * 40, *[["tea", "cup"]] * 30, *[["tea", "spoon"]] * 25, *[["tea", "samovar"]] * 20,
        *([[f"n{i:02}"] for i in range(20)] * 12),
    ]  # fmt: skip
    catalog = [
        {"product_id": name, "title": name.title(), "category": name, "price": price, "currency": "USD"}
        for name, price in PRICES.items()
    ]
    home = tmp_path_factory.mktemp("bar")
    with little.no_jit(), little.stocked(home, little.orders(*baskets, days=20), catalog) as made:
        made.policies.publish(
            "with-bar", made.policies.draft(POLICY, "mina", "free delivery from 50")["version"], "mina"
        )
        yield made


def test_example_37_fillers_bring_the_cart_over_the_bar_and_not_far_over(shop):
    made = shop.decide("bar", ["tea"], policy="with-bar", k=5)
    assert (made.bar.bar_id, made.bar.missing) == ("post", 8.0)
    names = [offer.product_id for offer in made.offers]
    assert names[0] == "honey", "the more related and the closer to the gap, the better"
    assert set(names) == {"honey", "cup"}, "a spoon does not reach it, a samovar goes far beyond"
    for offer in made.offers:
        assert offer.reason.code is ReasonCode.FILLS_THRESHOLD
        said = {language: sentence(offer.reason, language) for language in ("en", "ko", "ja")}
        assert "Free delivery" in said["en"]
        assert "무료 배송" in said["ko"]
        assert "送料無料" in said["ja"]
        assert all("8" in one for one in said.values())
    assert shop.replay(made.decision_id).is_equal


def test_example_37_over_the_bar_nothing_is_pushed(shop):
    made = shop.decide("bar", ["tea"], policy="with-bar", cart_value=Decimal(60))
    assert made.offers == ()
    assert made.bar.missing == 0
