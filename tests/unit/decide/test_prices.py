import numpy as np
import pytest

from crosslift.decide import prices
from crosslift.decide.amounts import Amounts
from crosslift.decide.candidates import Candidates
from crosslift.decide.context import Context
from crosslift.domain.value import ValueTerms

NAMES = ("honey", "cup", "spoon", "saucer")


@pytest.fixture
def weigh(little, tea_known, places):
    """Judge four candidates at given prices beside a cart; `anchors` are what steps up start from."""

    def weigh(of, cart=("tea",), sources=("complement",) * 4, anchors=None, costs=None, tax_rate=0.0, known=tea_known):
        rows = [
            little.live(name, price_micros=None if price is None else int(price * 1e6)) for name, price in of.items()
        ]
        live = little.overlay(known, *rows)
        items = places(known, *NAMES)
        names = [known.products[i] for i in items]
        kinds = tuple(dict.fromkeys(sources))
        by_name = dict(zip(NAMES, sources, strict=True))
        rank = np.array([kinds.index(by_name[name]) for name in names], np.int8)
        from_ = np.array([known.index[(anchors or {}).get(name)] if name in (anchors or {}) else -1 for name in names])
        found = Candidates(items, np.ones(4), rank, from_, from_, np.ones(4), kinds)
        if costs is not None:
            known.costs = np.array([costs.get(name, np.nan) for name in known.products])
        amounts = Amounts(known, live, found, Context(cart=places(known, *cart)), tax_rate)

        def named(mask):
            return {name for name, is_in in zip(names, mask.tolist(), strict=True) if is_in}

        return found, amounts, named

    return weigh


def test_a_companion_far_dearer_than_what_it_stands_beside_is_too_dear(weigh):
    found, amounts, named = weigh({"tea": 20, "honey": 5_000, "cup": 60, "spoon": 60.01, "saucer": None})
    assert named(prices.too_dear(found, amounts, ValueTerms(max_cross_ratio=3.0))) == {"honey", "spoon"}


def test_the_dearest_thing_in_sight_is_the_measure(weigh):
    of = {"tea": 20, "wine": 2_000, "honey": 5_000, "cup": 60, "spoon": 1, "saucer": 1}
    found, amounts, named = weigh(of, cart=("tea", "wine"))
    assert named(prices.too_dear(found, amounts, ValueTerms(max_cross_ratio=3.0))) == set()


@pytest.mark.parametrize("of", [{"tea": None}, {"tea": 0}])
def test_nothing_is_dear_beside_what_has_no_price_but_free_things_make_it_so(weigh, of):
    found, amounts, named = weigh({**of, "honey": 5_000})
    dear = named(prices.too_dear(found, amounts, ValueTerms(max_cross_ratio=3.0)))
    assert dear == (set() if of["tea"] is None else {"honey", "cup", "spoon", "saucer"})


def test_without_anything_in_sight_nothing_is_compared(weigh):
    found, amounts, named = weigh({"honey": 5_000}, cart=())
    assert named(prices.too_dear(found, amounts, ValueTerms(max_cross_ratio=0.1))) == set()


def test_what_is_told_as_a_need_or_pinned_by_the_merchant_is_not_asked(weigh):
    found, amounts, named = weigh({"tea": 1, "honey": 50, "cup": 50, "spoon": 50, "saucer": 50},
                                  sources=("required", "pinned", "complement", "bestseller"))  # fmt: skip
    assert named(prices.too_dear(found, amounts, ValueTerms(max_cross_ratio=3.0))) == {"spoon"}


def test_a_step_up_is_measured_from_what_it_steps_up_from(weigh):
    sources = ("upgrade", "upgrade", "upgrade", "complement")
    of = {"tea": 10, "wine": 100, "honey": 12, "cup": 13.1, "spoon": 120, "saucer": 900}
    found, amounts, named = weigh(
        of, cart=("tea", "wine"), sources=sources, anchors={"honey": "tea", "cup": "tea", "spoon": "wine"}
    )
    assert named(prices.too_dear(found, amounts, ValueTerms(max_step=0.3))) == {"cup"}


def test_prices_of_other_currencies_are_not_compared(weigh, little, tea):
    known = little.knowledge(tea, little.products(
        {"product_id": "honey", "title": "Honey", "currency": "KRW"}, {"product_id": "cup", "title": "Cup"}
    ))  # fmt: skip
    found, amounts, named = weigh({"tea": 1, "honey": 5_000, "cup": 50}, known=known)
    dear = named(prices.too_dear(found, amounts, ValueTerms(max_cross_ratio=3.0)))
    assert "honey" not in dear
    assert "spoon" in dear


def test_what_earns_less_than_the_floor_is_stopped_and_an_unknown_cost_passes_and_is_counted(weigh, little, tea):
    known = little.knowledge(tea)
    costs = {"honey": 8.0, "cup": 7.99, "spoon": 11.0}
    _, amounts, named = weigh(dict.fromkeys(NAMES, 10), costs=costs, known=known)
    assert named(prices.below_floor(amounts, 0.2)) == {"spoon"}
    assert named(prices.below_floor(amounts, 0.201)) == {"honey", "spoon"}  # 7.99 leaves 20.1 % to the cent
    assert named(prices.margin_unknown(amounts)) == {"saucer"}


def test_the_floor_is_asked_of_the_price_without_tax(weigh, little, tea):
    known = little.knowledge(tea)
    _, amounts, named = weigh(dict.fromkeys(NAMES, 12), costs=dict.fromkeys(NAMES, 8.0), tax_rate=0.2, known=known)
    assert amounts.net.tolist() == pytest.approx([10] * 4)
    assert named(prices.below_floor(amounts, 0.2)) == set()
    assert named(prices.below_floor(amounts, 0.21)) == set(NAMES)


def test_what_is_given_away_at_a_cost_is_below_any_floor(weigh, little, tea):
    known = little.knowledge(tea)
    _, amounts, named = weigh(dict.fromkeys(NAMES, 0), costs={"cup": 1.0}, known=known)
    assert named(prices.below_floor(amounts, 0.0)) == {"cup"}


def test_terms_say_whether_they_ask_at_all():
    assert not prices.is_asked(ValueTerms())
    assert all(prices.is_asked(ValueTerms(**{name: 1.0})) for name in ("max_cross_ratio", "max_step", "margin_floor"))


@pytest.mark.parametrize(("market", "rate"), [("DE", 0.19), ("KR", 0.1), (None, 0.1)])
def test_tax_is_that_of_the_market(market, rate):
    assert ValueTerms(tax_rates={"DE": 0.19, "*": 0.1}).tax_rate(market) == rate
    assert ValueTerms().tax_rate(market) == 0.0
