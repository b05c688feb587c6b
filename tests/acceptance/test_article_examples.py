"""The examples of the articles that the landed rooms can perform: a small situation in, the named offer out, truly."""

import pytest

from crosslift.wording import reasons

pytestmark = pytest.mark.usefixtures("_no_compiler")


def offers_for(anchor, companions, little, tmp_path):
    """Learn a little shop where companions were bought with an anchor, each by its share, and ask for the anchor."""
    noise = [f"N{i:02}" for i in range(20)]
    made = []
    for n in range(900):
        held = {noise[n % 20], noise[(7 * n) % 20]}
        if n % 3 == 0:
            held.add(anchor)
            held |= {
                name for place, (name, share) in enumerate(companions.items()) if (n // 3 + 37 * place) % 100 < share
            }
        made.append(tuple(sorted(held)))
    catalog = [
        {
            "product_id": name, "title": name, "title_ko": f"{name} (ko)", "title_ja": f"{name} (ja)", "price": "9",
            "currency": "USD",
        }
        for name in [*noise, anchor, *companions]
    ]  # fmt: skip
    home = tmp_path / "home"
    home.mkdir()
    with little.stocked(home, little.orders(*made, days=90), catalog) as shop:
        decision = shop.decide("cart", [anchor], k=len(companions))
    for offer in decision.offers:
        told = [reasons.sentence(offer.reason, language) for language in ("en", "ko", "ja")]
        assert anchor in told[0]
        assert f"{anchor} (ko)" in told[1]
        assert f"{anchor} (ja)" in told[2]
        assert all(str(offer.reason.evidence["n_both"]) in sentence for sentence in told)
    return [offer.product_id for offer in decision.offers]


def test_example_01_goes_with(little, tmp_path):
    found = offers_for("laptop", {"bag": 70, "mouse": 40, "headset": 25}, little, tmp_path)
    assert found[0] == "bag"
    assert set(found) == {"bag", "mouse", "headset"}


def test_example_04_goes_with(little, tmp_path):
    assert set(offers_for("shoes", {"socks": 60, "shoe care": 35}, little, tmp_path)) == {"socks", "shoe care"}


def test_example_10_goes_with(little, tmp_path):
    found = offers_for("main dish", {"wine": 45, "dessert": 40, "coffee": 35}, little, tmp_path)
    assert set(found) == {"wine", "dessert", "coffee"}
