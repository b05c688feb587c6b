"""Rows R11 to R14 and O11: rhythms, slow stock, noise that makes no relation, and a shop that has just begun."""

from contextlib import ExitStack
from datetime import timedelta

import numpy as np
import pytest

from crosslift.domain.decision import ReasonCode

pytestmark = pytest.mark.usefixtures("_no_compiler")
DAY = 86_400_000_000


@pytest.fixture
def at(load_script):
    return load_script("tests/acceptance/situations.py")


@pytest.fixture
def shops(at, little, tmp_path):
    with ExitStack() as until:
        yield at.Shops(little, tmp_path, until)


def related(shop, product, kind="complement"):
    """Give a product's relations of one kind as the report has them."""
    return {row["product"]: row for row in shop.relations(product, [kind]).to_pylist()}


def trade(at, little, n=600, days=60, seed=6):
    """Orders of two things that go with nothing, evenly over some days, each of its own customer."""
    rng = np.random.default_rng(seed)
    return [
        little.Order(tuple(rng.choice(at.NOISE, 2, replace=False).tolist()), f"n{i}", 24 * days * (1 - (i + 1) / n))
        for i in range(n)
    ]


def test_r11_interval(at, shops, little, tmp_path):
    """The interval is learned for the product, and for each person: who drinks faster is due sooner; offered then, not before."""
    rng, made = np.random.default_rng(4), trade(at, little, 300)
    for person in range(40):
        own, day = 30.0 * np.exp(0.4 * rng.standard_normal()), 200.0 + 60 * rng.random()
        while day > 0:
            made.append(little.Order(("beans",), f"p{person}", 24 * day))
            day -= own * np.exp(0.1 * rng.standard_normal())
    for person, every, last in (("fast", 15, 3), ("slow", 60, 5)):
        made += [little.Order(("beans",), person, 24.0 * (last + every * turn)) for turn in range(4)]
    shop = shops.of(made, at.product("beans", 12, consumable=True))
    row = related(shop, "beans", "refill")["beans"]
    assert row["median_low"] <= 30 <= row["median_high"]
    assert row["interval_q1"] < row["interval_median"] < row["interval_q3"]
    dues = {person: shop.records.person(f"customer:{person}").dues[0] for person in ("fast", "slow")}
    assert dues["fast"].interval_days == pytest.approx(15, rel=0.2)
    assert dues["slow"].interval_days == pytest.approx(60, rel=0.2)
    grant = {"customer_id": "fast", "purpose": "personalization", "channel": "*", "status": "granted", "source": "form",
             "at": "2026-01-01T00:00:00Z"}  # fmt: skip
    shop.collect(little.write(tmp_path / "consents.csv", [grant]))
    assert "refill" not in at.kinds(shop.decide("account", customer="fast")).values()
    shop.clock.move(days=11)
    due = shop.decide("account", customer="fast")
    assert at.kinds(due)["beans"] == "refill"
    assert at.reason_of(due, "beans").code == ReasonCode.REFILL_DUE
    assert "refill" not in at.kinds(shop.decide("account", customer="slow")).values()


@pytest.mark.parametrize(("slow", "first"), [("honey", "honey"), ("syrup", "jam"), ("N03", "jam")])
def test_r12_relevance_floor(at, shops, slow, first):
    """Slow stock is put first where it goes with the cart well enough; below the floor, and elsewhere, it waits its turn."""
    shares = {"jam": 90, "honey": 70, "lemon": 18, "syrup": 9}
    stocked = [at.product(name, 6, stock=9_000 if name == slow else 40) for name in (*at.NOISE, *shares)]
    shop, made = shops.bought("tea", shares, *stocked)
    known = shop.knowledge
    assert [known.products[item] for item in known.is_slow.nonzero()[0]] == [slow]
    decision = shop.decide("cart", ["tea"], k=4)
    assert at.offered(decision, made)[0] == first
    assert set(at.offered(decision, made)) <= set(shares)


def test_r12_relevance_floor_of_what_must_be_sold_soon(at, shops, little):
    """Near its date above the floor it goes first and says so; past its date it is never offered."""
    biscuits = at.product("biscuits", 4, stock=80, best_before=(little.NOW + timedelta(days=10)).date().isoformat())
    shop, made = shops.bought("tea", {"jam": 70, "biscuits": 40}, biscuits)
    decision = shop.decide("cart", ["tea"])
    assert at.offered(decision, made) == ["biscuits", "jam"]
    assert [label.code for label in decision.offers[0].labels] == [ReasonCode.NEAR_DATE]
    shop.clock.move(days=12)
    late = shop.decide("cart", ["tea"])
    assert (at.offered(late, made), late.dropped["expired"]) == (["jam"], 1)


def test_r14_promotions_and_wholesale_two_days_on_sale(at, shops, little):
    """Two products sold together only on the two days of a promotion are no complements; the same orders over two months are."""
    apart = [little.Order((name,), f"{name}{day}", 24 * day + 5) for name in ("vase", "clock") for day in range(60)]
    sale = [little.Order(("vase", "clock"), f"s{i}", 24 * (20 + i % 2) + 5) for i in range(40)]
    steady = [little.Order(("vase", "clock"), f"s{i}", 24 * 1.5 * i) for i in range(40)]
    for together, expected in ((sale, []), (steady, ["clock"])):
        made = trade(at, little) + apart + together
        shop = shops.of(made)
        assert list(related(shop, "vase")) == expected
        decision = shop.decide("product", product="vase", kinds=["complement"])
        assert at.offered(decision, made) == expected
        why = shop.why_not_related("vase", "clock")
        assert (why["is_related"], why["code"]) == ((True, "related") if expected else (False, "promoted"))
        assert why["figures"]["lift_low"] > 2  # by the whole year's counts it would be a strong one


def test_r14_promotions_and_wholesale_a_reseller_is_not_a_taste(at, shops, little):
    """Orders of a reseller's size are not counted; large ones below it count, and spread their say over all they hold."""
    crate = tuple(f"W{i:02}" for i in range(120))
    box = ("vase", "clock", *(f"B{i}" for i in range(8)))
    made = trade(at, little)
    made += [little.Order((*crate, "vase", "clock"), f"r{i}", 100.0 * i) for i in range(12)]
    made += [
        little.Order((name,), f"{name}{i}", 30.0 * i) for name in ("vase", "clock", "cup", "dish") for i in range(30)
    ]
    made += [little.Order(box if i % 2 else ("vase", "clock"), f"b{i}", 60.0 * i) for i in range(20)]
    shop = shops.of(made)
    row = related(shop, "vase")["clock"]
    assert row["n_both"] == 20
    assert row["weight"] == pytest.approx(10 / 9 + 10 / 1)
    assert row["n_baskets"] == len(made) - 12
    assert not related(shop, "W00")
    why = shop.why_not_related("W00", "W01")
    assert (why["code"], why["figures"]["n_too_large"]) == ("never_sold", 12)


def test_o11(at, shops, little):
    """A shop of 200 orders: what is known early says so, the rest comes from shelves, likeness and the merchant, each labeled."""
    shelves = {"tea": ("tea", "green tea"), "jam": ("jam", "honey"), "cups": ("cup", "mug")}
    named = [
        at.product(name, 8, category=f"kitchen/{shelf}", stock=20) for shelf, those in shelves.items() for name in those
    ]
    rest = [at.product(name, 9, category=f"else/{n % 5}", stock=20) for n, name in enumerate(at.NOISE)]
    rng = np.random.default_rng(9)
    baskets = [
        ("tea", "jam") if n % 25 == 0 else (rng.choice(shelves["tea"]), rng.choice(shelves["jam"])) if n % 10 == 1
        else tuple(rng.choice(at.NOISE, 2, replace=False).tolist())
        for n in range(200)
    ]  # fmt: skip
    made = little.orders(*baskets)
    links = [
        {
            "from_id": "tea",
            "to_id": "mug",
            "kind": "complement",
            "action": "pin",
            "reason": "our pottery",
            "author": "mina",
        }
    ]
    shop = shops.of(made, *named, *rest, links=links)
    decision = shop.decide("product", product="tea", k=4)
    told = at.kinds(decision)
    assert at.offered(decision, made)[0] == "mug"
    assert told == {"mug": "pinned", "jam": "complement", "honey": "category_companion"} | {
        name: kind for name, kind in told.items() if kind == "category_companion"
    }
    jam = next(offer for offer in decision.offers if offer.product_id == "jam")
    assert jam.reason.evidence["strength"] in ("early", "fair")
    assert jam.reason.evidence["strength"] != "early" or ReasonCode.EARLY_DAYS in [label.code for label in jam.labels]
    row = related(shop, "tea")["jam"]
    assert row["lift_low"] < row["shrunk_lift"] < row["lift"]
    assert not {"N00", "N01"} & set(told)
    assert not shop.decide("product", product="N00", kinds=["complement"]).offers
    alone = {one["product"]: one["why"] for one in shop.without_companions().to_pylist()}
    assert "not sold yet" in alone["cup"]
    p = [offer.p for offer in decision.offers if offer.kind != "complement"]
    assert set(p) <= {None}
