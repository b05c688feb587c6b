"""The examples of the articles for where, how long and never: markets, dates, and what no number of orders can allow."""

from contextlib import ExitStack
from datetime import timedelta

import pytest

from crosslift.domain.decision import DropCode, ReasonCode
from crosslift.wording import reasons

pytestmark = pytest.mark.usefixtures("_no_compiler")


@pytest.fixture
def at(load_script):
    return load_script("tests/acceptance/situations.py")


@pytest.fixture
def shops(at, little, tmp_path):
    with ExitStack() as until:
        yield at.Shops(little, tmp_path, until)


def test_example_33_one_jacket_in_two_markets(at, shops, little):
    """All of it is sold in both, but each market's orders hold other things with the jacket; who names no market hears of all."""
    with_it = {"DE": {"scarf": 50, "gloves": 40}, "TH": {"sunglasses": 50}}
    accessories = ("scarf", "gloves", "sunglasses")
    made = [
        little.Order(
            tuple({*basket, accessories[n // 15 % 3]} if n % 5 == 0 else basket),
            f"{market}{n}",
            2.0 * (600 - n),
            market,
        )
        for market, companions in with_it.items()
        for n, basket in enumerate(at.baskets("jacket", companions))
    ]
    shop = shops.of(sorted(made, key=lambda order: -order.hours_ago))
    for market, companions in with_it.items():
        assert set(at.offered(shop.decide("product", product="jacket", market=market), made)) == set(companions)
    assert set(at.offered(shop.decide("product", product="jacket"), made)) == set(accessories)


def dated(little, days):
    return (little.NOW + timedelta(days=days)).date().isoformat()


@pytest.mark.parametrize(("days", "first"), [(10, "biscuits"), (200, "jam")])
def test_example_34_near_its_date_goes_first_and_says_so(at, shops, little, days, first):
    """Of what goes with it anyway, what must be sold soon goes first and is labeled; far from its date it waits its turn."""
    biscuits = at.product("biscuits", 4, stock=80, best_before=dated(little, days))
    shop, made = shops.bought("tea", {"jam": 70, "biscuits": 40}, biscuits)
    decision = shop.decide("cart", ["tea"])
    assert at.offered(decision, made) == [first, *({"jam", "biscuits"} - {first})]
    labels = {offer.product_id: [label.code for label in offer.labels] for offer in decision.offers}
    assert labels == {"jam": [], "biscuits": [ReasonCode.NEAR_DATE] if first == "biscuits" else []}
    if first == "biscuits":
        told = at.spoken(decision.offers[0].labels[0])
        assert all("11" in sentence for sentence in told.values() if sentence != told["en"])
        assert "Nov" in told["en"]


@pytest.mark.parametrize(
    ("slow", "found"),
    [
        (None, ["jam", "honey", "lemon", "syrup"]),
        ("honey", ["honey", "jam", "lemon", "syrup"]),
        ("syrup", ["jam", "honey", "lemon", "syrup"]),
    ],
)
def test_example_34_slow_stock_goes_first_among_what_is_relevant_enough(at, shops, slow, found):
    """What lies in stock goes first where it goes with the cart nearly as well as the best; what hardly does stays behind."""
    shares = {"jam": 90, "honey": 70, "lemon": 18, "syrup": 9}
    stocked = [at.product(name, 6, stock=9_000 if name == slow else 40) for name in (*at.NOISE, *shares)]
    shop, made = shops.bought("tea", shares, *stocked)
    known = shop.knowledge
    assert {known.products[item] for item in known.is_slow.nonzero()[0]} == ({slow} - {None})
    decision = shop.decide("cart", ["tea"], k=4)
    assert at.offered(decision, made) == found


def test_example_34_in_a_bundle_until_its_date(at, shops, little):
    """A set with what must be sold soon is offered; once the day is over neither the set nor the product is."""
    tea_time = [
        {"bundle_id": "tea time", "product_id": name, "kind": "fixed", "discount_percent": "20", "title": "Tea time"}
        for name in ("tea", "biscuits")
    ]
    biscuits = at.product("biscuits", 4, stock=80, best_before=dated(little, 3))
    shop, made = shops.bought("tea", {"jam": 70, "biscuits": 40}, biscuits, bundles=tea_time)
    shown = at.set_of(shop.decide("cart", ["tea"]), "tea time")
    assert at.parts_of(shown) == ["tea", "biscuits"]
    assert all("10.40" in sentence and "13" in sentence for sentence in at.set_reasons(shown).values())
    later = shop.decide("cart", ["tea"], at=little.NOW + timedelta(days=4))
    assert at.offered(later, made) == ["jam"]
    assert later.dropped == {DropCode.EXPIRED: 1}
    assert all("biscuits" not in at.parts_of(left) for left in later.sets)


@pytest.fixture
def sports(at, shops):
    """A shop where cake and cigars were bought with the fitness DVD, again and again; the merchant parts the categories."""
    shelves = {
        "fitness DVD": "fitness",
        "yoga mat": "fitness/mats",
        "cake": "sweets/cakes",
        "cigars": "smoking",
        "lighter": "smoking",
    }
    rows = [at.product(name, category=category, stock=9) for name, category in shelves.items()]
    links = [
        {"from_id": "category:fitness", "to_id": to, "kind": "apart", "reason": "Works against it", "author": "Mina"}
        for to in ("category:sweets", "category:smoking")
    ]
    together = {"cake": 70, "cigars": 60, "lighter": 40, "yoga mat": 30}
    return shops.bought("fitness DVD", together, *rows, links=links)


def test_example_35_never_cake_nor_smoking_goods(at, sports):
    shop, made = sports
    decision = shop.decide("product", product="fitness DVD", k=5, with_trace=True)
    assert at.offered(decision, made) == ["yoga mat"]
    never = {"cake", "cigars", "lighter"}
    assert decision.dropped == {DropCode.NEVER_TOGETHER: 3}
    stopped = {traced.product_id: traced.dropped for traced in decision.trace.candidates if traced.dropped}
    assert stopped == dict.fromkeys(never, DropCode.NEVER_TOGETHER)
    assert all(never.isdisjoint(at.parts_of(shown)) for shown in decision.sets)
    told = {reasons.drop_sentence(DropCode.NEVER_TOGETHER, language) for language in at.LANGUAGES}
    assert len(told) == 3


def test_example_35_nor_the_other_way_round(at, sports):
    shop, made = sports
    apart = {"fitness DVD", "yoga mat"}
    for placement in ("product", "cart", "till", "desk"):
        for anchor in ("cake", "cigars"):
            decision = shop.decide(placement, [anchor], k=12)
            assert apart.isdisjoint(at.offered(decision, made))
            assert all(apart.isdisjoint(at.parts_of(shown)) for shown in decision.sets)
