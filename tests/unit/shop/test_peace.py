"""What can be muted: products, offers and categories somebody knows, by customers known or not."""

import pytest

from crosslift.errors import NotFound

CARE = {
    "offer_id": "care-plan", "kind": "service", "title_en": "Care", "is_free": True, "category": "services/care",
    "author": "mina", "reason": "asked for",
}  # fmt: skip


@pytest.fixture
def shop(little, tmp_path, clock):
    """A catalog with a variant and a path of categories, and an offer with a category of its own."""
    with little.open_shop(tmp_path / "home", clock) as shop:
        shop.put_products([
            {"product_id": "T-40", "title": "Green tea", "category": "Tea/Green"},
            {"product_id": "T-40-S", "title": "Green tea, small", "variant_of": "T-40"},
        ])  # fmt: skip
        shop.offers.put(CARE)
        yield shop


def muted(shop):
    return [(one["product"], one["category"]) for one in shop.peace.of("stranger")["muted"]]


@pytest.mark.parametrize("name", ["T-40", "T-40-S", "care-plan"])
def test_a_product_a_variant_or_an_offer_is_muted(shop, name):
    shop.peace.mute("stranger", product=name)
    assert muted(shop) == [(name, None)]


@pytest.mark.parametrize("name", ["Tea/Green", "Tea", "services", "services/care"])
def test_a_category_is_muted_with_all_below_it(shop, name):
    shop.peace.mute("stranger", category=name)
    assert muted(shop) == [(None, name)]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"product": "t-4O"}, "no product or offer 't-4O'; did you mean T-40?"),
        ({"product": "careplan"}, "no product or offer 'careplan'; did you mean care-plan?"),
        ({"product": "zzzzz"}, "no product or offer 'zzzzz'$"),
        ({"category": "tea"}, "no category 'tea' in the catalog or the offers; did you mean Tea?"),
        ({"category": "Tea/Gren"}, "did you mean Tea/Green?"),
        ({"category": "Coffee"}, "no category 'Coffee' in the catalog or the offers$"),
        ({"category": ""}, "no category ''"),
    ],
)
def test_what_nobody_knows_is_refused_with_a_guess_and_nothing_is_kept(shop, asked, said):
    with pytest.raises(NotFound, match=said.replace("?", r"\?")):
        shop.peace.mute("stranger", **asked)
    assert muted(shop) == []
