import numpy as np
import pytest

from crosslift.decide import candidates, sources
from crosslift.decide.candidates import Candidates
from crosslift.decide.context import Context
from crosslift.domain.placement import PLACEMENTS
from crosslift.domain.policy import HELPFUL, RELEVANCE, Policy

NOBODY = np.zeros(0, dtype=np.int32)


@pytest.fixture
def gather(tea_known, places):
    """Gather for a cart; gives product ids with the source that named them."""

    def gather(*cart, policy=HELPFUL, placement="cart"):
        context = Context(cart=places(tea_known, *cart) if cart else NOBODY)
        names = sources.sources_of(policy, PLACEMENTS[placement], ())
        found = candidates.gather(tea_known, context, names)
        products = [tea_known.products[i] for i in found.items]
        return dict(zip(products, [found.sources[rank] for rank in found.rank], strict=True)), found

    return gather


def test_complements_of_anything_in_the_cart_are_candidates(gather):
    assert set(gather("tea")[0]) == {"honey", "cup", "spoon"}
    # tea is a complement of cup; what is in the cart is stopped by its gate, not hidden here
    assert set(gather("tea", "cup")[0]) == {"honey", "cup", "spoon", "saucer", "tea"}
    assert gather("n00")[0] == {}


def test_complements_are_scored_by_the_whole_cart(gather, tea_known, places):
    _, alone = gather("tea")
    _, with_cup = gather("tea", "cup")
    ids, scores = tea_known.merger.merge(places(tea_known, "tea", "cup"))
    expected = dict(zip(ids.tolist(), np.round(scores, 6).tolist(), strict=True))
    assert [expected[i] for i in with_cup.items.tolist()] == with_cup.scores.tolist()
    assert alone.scores.tolist() != with_cup.scores[np.isin(with_cup.items, alone.items)].tolist()


def test_an_empty_cart_has_no_complements_and_bestsellers_only_where_the_placement_lets_them(gather, tea_known):
    assert gather()[0] == {}
    labeled, found = gather(placement="home")
    assert set(labeled.values()) == {"bestseller"}
    assert set(found.items.tolist()) == set(tea_known.bestsellers.tolist())


def test_bestsellers_stand_behind_complements_and_each_product_once(gather):
    labeled, found = gather("tea", placement="home")
    assert labeled["honey"] == "complement"
    assert labeled["n00"] == "bestseller"
    assert len(set(found.items.tolist())) == len(found.items)


def test_relevance_ranks_whatever_completes_the_basket_then_bestsellers(gather):
    labeled, _ = gather("tea", policy=RELEVANCE)
    assert {labeled[name] for name in ("honey", "cup", "spoon")} == {"completion"}
    assert labeled["n00"] == "bestseller"
    assert "complement" not in labeled.values()


def test_only_what_speaks_for_the_basket_completes_it(gather, tea_known, places):
    _, found = gather("tea", policy=Policy("plain", 1, ("completion",)))
    assert (found.scores > 0).all()
    ids, scores = tea_known.merger.merge(places(tea_known, "tea"))
    assert found.items.tolist() == ids[scores > 0].tolist()


def test_scores_are_compared_to_one_millionth(gather):
    for found in (gather("tea")[1], gather("tea", policy=RELEVANCE)[1]):
        assert found.scores.tolist() == np.round(found.scores, 6).tolist()


def test_a_source_nobody_knows_gives_nothing(gather):
    labeled, found = gather("tea", policy=Policy("odd", 1, ("horoscope", "complement")))
    assert set(labeled.values()) == {"complement"}
    assert found.sources == ("complement",)
    assert gather("tea", policy=Policy("none", 1, ("horoscope",)))[0] == {}


@pytest.mark.parametrize("is_ascending", [True, False])
def test_a_few_products_are_found_where_they_stand(is_ascending):
    items = np.array([2, 5, 9, 40] if is_ascending else [9, 2, 40, 5], dtype=np.int32)
    none = np.full(4, -1)
    found = Candidates(items, none, none, none, none, none, ("complement",), None, is_ascending)
    for asked in ([], [1, 41, 6], [40, 2], [9, 9, 5]):
        expected = [items.tolist().index(item) for item in asked if item in items]
        assert found.places_of(asked) == expected
