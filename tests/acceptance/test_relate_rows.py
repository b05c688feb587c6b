"""Rows R01 to R07: relations of every kind, learned from files, told with their evidence, decided where they belong."""

from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from crosslift.domain.decision import ReasonCode
from crosslift.domain.placement import GOES_WITH, PLACEMENTS

pytestmark = pytest.mark.usefixtures("_no_compiler")


@pytest.fixture
def at(load_script):
    return load_script("tests/acceptance/situations.py")


@pytest.fixture
def shops(at, little, tmp_path):
    with ExitStack() as until:
        yield at.Shops(little, tmp_path, until)


def related(shop, product, kind):
    """Give a product's relations of one kind as the report has them, best first."""
    return {row["product"]: row for row in shop.relations(product, [kind]).to_pylist()}


def viewed(little, *visits):
    """Give visits as product views, a minute apart, one visitor each."""
    return [
        {
            "type": "track", "event": "Product Viewed", "anonymousId": f"v{number}", "properties": {"product_id": product},
            "timestamp": (little.NOW - timedelta(hours=2 * (len(visits) - number), minutes=-minute)).isoformat(),
        }
        for number, visit in enumerate(visits) for minute, product in enumerate(visit)
    ]  # fmt: skip


def noise(at, rng):
    """Two of the products that go with nothing."""
    return set(rng.choice(at.NOISE, 2, replace=False).tolist())


def by_month(at, little, market, seasons, n=720):
    """Orders of one market over a year: in their months two products are bought together, in others one at a time."""
    rng = np.random.default_rng(len(market) + n)
    made = []
    for number in range(n):
        hours = 24 * 365 * (1 - (number + 1) / n)
        month = (little.NOW - timedelta(hours=hours)).month
        held = noise(at, rng)
        for turn, (pair, months) in enumerate(seasons.items()):
            if number % 5 == turn:
                held |= set(pair) if month in months else {pair[number // 5 % 2]}
        made.append(little.Order(tuple(sorted(held)), f"{market}{number}", hours, market))
    return made


WINTER, SUMMER, ALL_YEAR, NEVER = (12, 1, 2), (6, 7, 8), tuple(range(1, 13)), ()


def test_r01_conditions_seasons_and_markets(at, shops, little):
    """A pair bought together in winter holds in winter, one bought together in one market holds in that market."""
    here = by_month(at, little, "DE", {("sled", "gloves"): WINTER, ("tea", "jam"): ALL_YEAR, ("rod", "bait"): ALL_YEAR})
    there = by_month(at, little, "TH", {("tea", "jam"): ALL_YEAR, ("rod", "bait"): NEVER})
    shop = shops.of(here + there)
    sled = related(shop, "sled", "complement")["gloves"]
    assert {"Dec", "Jan", "Feb"} <= set(sled["months"].split()) <= {"Nov", "Dec", "Jan", "Feb", "Mar"}
    tea, rod = related(shop, "tea", "complement")["jam"], related(shop, "rod", "complement")["bait"]
    assert (tea["months"], tea["markets"], rod["markets"]) == ("all", "all", "DE")
    assert at.offered(shop.decide("product", product="rod", market="DE"), here + there) == ["bait"]
    assert "bait" not in at.offered(shop.decide("product", product="rod", market="TH", kinds=["complement"]))


def test_r01_conditions_returned_together(at, shops):
    """Orders in which both came back are counted beside the relation."""
    made = shops.bought("lamp", {"bulb": 60, "shade": 50})[1]
    both = [f"o{n}" for n, order in enumerate(made) if {"lamp", "bulb"} <= set(order.products)][:7]
    back = [{"order_id": order, "product_id": name, "quantity": 1, "returned_at": "2026-10-31T12:00:00Z"}
            for order in both for name in ("lamp", "bulb")]  # fmt: skip
    told = shops.bought("lamp", {"bulb": 60, "shade": 50}, returns=back)[0]
    lamp = related(told, "lamp", "complement")
    assert (lamp["bulb"]["n_returned_together"], lamp["shade"]["n_returned_together"]) == (7, 0)
    assert lamp["bulb"]["n_both"] == sum({"lamp", "bulb"} <= set(order.products) for order in made) - 7


def test_r02(at, shops, little):
    """The lag median is learned for each pair: lenses come a month after the camera, bags a quarter later."""
    rng = np.random.default_rng(2)
    made = [little.Order(tuple(noise(at, rng)), f"n{n % 200}", 24.0 * rng.uniform(0, 300)) for n in range(400)]
    made += [little.Order((("lens", "bag")[n % 2],), f"n{n}", 24.0 * rng.uniform(0, 300)) for n in range(80)]
    lags = {"lens": 30.0, "bag": 90.0}
    for number in range(240):
        bought = 24.0 * rng.uniform(150, 300)
        made.append(little.Order(("camera",), f"c{number}", bought))
        for product, median in lags.items():
            if rng.random() < 0.5:
                lag = median * np.exp(0.3 * rng.standard_normal())
                made.append(little.Order((product,), f"c{number}", bought - 24.0 * lag))
    shop = shops.of(made)
    found = related(shop, "camera", "sequence")
    assert set(found) == set(lags)
    for product, median in lags.items():
        row = found[product]
        assert row["median_low"] <= row["lag_median"] <= row["median_high"]
        assert row["lag_q1"] < row["lag_median"] < row["lag_q3"]
        assert row["lag_median"] == pytest.approx(median, rel=0.15)
        assert row["n_both"] > 10 * row["n_back"]
        assert row["q_value"] < 0.05
    assert not {"camera"} & {*related(shop, "lens", "sequence"), *related(shop, "bag", "sequence")}
    decision = shop.decide("confirmation", cart=["camera"])
    assert set(at.offered(decision)) == set(lags)
    assert {offer.reason.code for offer in decision.offers} == {ReasonCode.BOUGHT_LATER}


def kettles(at, little, shops):
    """Two kettles of one shelf, looked at side by side and bought with the same filters, a dearer one, and tea."""
    shelf = {"category": "kitchen/kettles", "need": "boil water", "material": "steel"}
    named = [
        at.product("red kettle", 40, **shelf, tier=1), at.product("blue kettle", 40, **shelf, tier=1),
        at.product("smart kettle", 70, **shelf, tier=2, temperature_control=True),
        {**at.product("red kettle 1l", 42, **shelf), "parent_id": "red kettle"},
    ]  # fmt: skip
    rng, made = np.random.default_rng(3), []
    for n in range(900):
        held = {("red kettle", "blue kettle")[n % 2], "filters"} if n % 3 == 0 else noise(at, rng)
        held |= {"smart kettle"} if n % 90 == 1 else set()
        made.append(little.Order(tuple(sorted(held)), f"c{n}", 2.0 * (900 - n)))
    visits = [("red kettle", "blue kettle")] * 60 + [(name,) for name in at.NOISE for _ in range(15)]
    return shops.of(made, *named, events=viewed(little, *visits)), made


def test_r03(at, shops, little):
    """What is looked at together and never bought together is a substitute, with both counts; what is bought along is not."""
    shop, _ = kettles(at, little, shops)
    row = related(shop, "red kettle", "substitute")["blue kettle"]
    assert (row["n_viewed_both"], row["n_both"], row["basis"]) == (60, 0, "viewed")
    assert row["n_viewed_both"] > row["expected_viewed"]
    assert row["expected"] > 10
    assert "filters" not in related(shop, "red kettle", "substitute")
    decision = shop.decide("comparison", product="red kettle", kinds=["substitute"])
    assert at.offered(decision) == ["blue kettle"]
    assert at.spoken(decision.offers[0].reason)["en"]


def test_r04_every_kind(at, shops, little):
    """A substitute, a duplicate, a step up: none of them ever says "goes with"; each stands under its own name or not at all."""
    shop, _ = kettles(at, little, shops)
    assert set(related(shop, "red kettle", "substitute")) == {"blue kettle"}
    assert set(related(shop, "red kettle", "upgrade")) == {"smart kettle"}
    for placement in sorted(PLACEMENTS):
        for cart, page in ((["red kettle"], None), ([], "red kettle"), (["red kettle 1l"], "filters")):
            decision = shop.decide(placement, cart, product=page, k=12)
            told = at.kinds(decision)
            assert {told.get("blue kettle"), told.get("smart kettle")} & GOES_WITH == set()
            assert told.get("smart kettle") in {None, "upgrade", "alike"}
            assert not {"red kettle", "red kettle 1l"} & set(told)
    assert at.kinds(shop.decide("product", product="red kettle"))["filters"] == "complement"


def test_r05(at, shops, little):
    """A kettle and a filter nobody has bought get candidates by shelf, words and facts, typed as such, and are some."""
    names = {"kettles": ["red kettle", "blue kettle"], "filters": ["paper filters", "cloth filters"]}
    named = [at.product(name, 20, category=f"kitchen/{shelf}") for shelf, those in names.items() for name in those]
    new = [
        at.product("green kettle", 21, category="kitchen/kettles"),
        at.product("steel filters", 9, category="kitchen/filters"),
    ]
    rest = [at.product(name, 9, category=f"else/{n % 5}") for n, name in enumerate(at.NOISE)]
    rng = np.random.default_rng(5)
    bought = [
        (names["kettles"][n // 3 % 2], names["filters"][n // 6 % 2]) if n % 3 == 0 else noise(at, rng)
        for n in range(600)
    ]
    made = little.orders(*bought)
    shop = shops.of(made, *named, *new, *rest)
    assert shop.knowledge.popularity[shop.knowledge.index["green kettle"]] == 0
    cart = shop.decide("cart", ["green kettle"])
    assert set(at.offered(cart)) <= {*names["filters"], "steel filters"}
    assert set(at.kinds(cart).values()) == {"category_companion"}
    assert {offer.reason.code for offer in cart.offers} == {ReasonCode.CATEGORY_COMPANION}
    alike = shop.decide("comparison", product="green kettle", kinds=["alike"])
    assert set(at.offered(alike)) == set(names["kettles"])
    assert at.reason_of(alike, "red kettle").evidence["words"][0] == "kettle"
    beside = shop.decide("cart", ["red kettle"], exclude=["paper filters"])
    assert at.kinds(beside) == {"cloth filters": "complement", "steel filters": "category_companion"}
    assert at.offered(beside, made)


LAPTOPS = ((699, 8, 256), (899, 16, 512), (1199, 32, 1024))


def test_r06(at, shops):
    """The ladder of a laptop line comes back in order, each step with its price and what it gives more."""
    line = [
        at.product(f"laptop {ram}", price, category="laptops", tier=tier, ram_gb=ram, disk_gb=disk)
        for tier, (price, ram, disk) in enumerate(LAPTOPS, 1)
    ]
    shop, _ = shops.bought("laptop 8", {"bag": 60}, *line)
    steps = related(shop, "laptop 8", "upgrade")
    assert list(steps) == ["laptop 16", "laptop 32"]
    assert [row["delta_price"] for row in steps.values()] == [200, 500]
    assert list(related(shop, "laptop 16", "upgrade")) == ["laptop 32"]
    assert not related(shop, "laptop 32", "upgrade")
    benefits = shop.relations_of("laptop 8", ["upgrade"])[0]["benefits"]
    assert {(one["attribute"], one["from"], one["to"]) for one in benefits if one["attribute"] != "tier"} == {
        ("ram_gb", 8, 16), ("disk_gb", 256, 512)
    }  # fmt: skip
    decision = shop.decide("product", product="laptop 8")
    assert at.kinds(decision) == {"bag": "complement", "laptop 16": "upgrade"}
    told = at.spoken(at.reason_of(decision, "laptop 16"))
    assert all(figure in sentence for sentence in told.values() for figure in ("8 → 16", "256 → 512", "200"))
    shop.patch_products([{"product_id": "laptop 16", "price": "849"}])
    assert at.reason_of(shop.decide("product", product="laptop 8"), "laptop 16").evidence["delta_price"] == 150


def test_r07(at, shops, little):
    """A case only for its model, whatever orders say; no second cable beside the one in the box; what fits, fits both ways."""
    named = [
        at.product("phone A", 500, category="phones", includes=["cable"]),
        at.product("phone B", 500, category="phones"),
        *(at.product(f"case {model}", 20, category="cases", fits=[f"phone {model}"]) for model in "AB"),
    ]
    rng = np.random.default_rng(7)
    bought = (
        ("phone A", ("case A", "case B")[n % 4 == 0], "cable") if n % 3 == 0 else ("phone B", "case B") if n % 3 == 1
        else noise(at, rng)
        for n in range(600)
    )  # fmt: skip
    made = little.orders(*bought, days=90)
    shop = shops.of(made, *named)
    decision = shop.decide("product", product="phone A", k=12, with_trace=True)
    assert at.offered(decision, made) == ["case A"]
    gates = {one.product_id: one.dropped for one in decision.trace.candidates}
    assert (gates["cable"], decision.dropped["included"]) == ("included", 1)
    assert "case B" not in at.offered(shop.decide("cart", ["phone A"], k=12, policy="relevance"), made)
    assert at.offered(shop.decide("product", product="phone B", k=12), made) == ["case B"]
    assert {*related(shop, "phone A", "excludes")} == {"case B"}
    assert {*related(shop, "case A", "fits")} == {"phone A"}
    shop.put_links([{"from_id": "phone B", "to_id": "case B", "kind": "excludes", "reason": "new mold"}])
    shop.learn()
    assert at.offered(shop.decide("product", product="phone B", k=12)) == []


def test_r07_what_is_needed_and_fits_comes_first(at, shops):
    """A need of its catalog rule is met by what fits, told as needed; what serves another size is not offered."""
    named = [
        at.product("dripper", 30, category="brew/drippers", requires={"category": "brew/filters", "match": "size"}, size="02"),
        at.product("filters 01", 5, category="brew/filters", size="01"),
        at.product("filters 02", 5, category="brew/filters", size="02"),
    ]  # fmt: skip
    shop, made = shops.bought("dripper", {"filters 02": 40, "filters 01": 40, "mug": 40}, *named)
    decision = shop.decide("product", product="dripper", k=12)
    assert at.offered(decision, made)[0] == "filters 02"
    assert at.kinds(decision) == {"filters 02": "required", "mug": "complement"}
    assert decision.dropped["does_not_fit"] == 1


def test_r13_learned(at, shops, little):
    """Winter goes to July where it is south: a relation's months are learned in each market."""
    north = by_month(at, little, "DE", {("sled", "gloves"): WINTER}, n=900)
    south = by_month(at, little, "AU", {("sled", "gloves"): SUMMER}, n=900)
    shop = shops.of(north + south)
    row = shop.relations_of("sled", ["complement"])[0]
    assert (row["product"], row["months"], row["markets"]) == ("gloves", "all", "all")
    months = {market: set(told.split()) for market, told in row["seasons"].items()}
    assert {"Dec", "Jan", "Feb"} <= months["DE"] <= {"Nov", "Dec", "Jan", "Feb", "Mar"}
    assert {"Jun", "Jul", "Aug"} <= months["AU"] <= {"May", "Jun", "Jul", "Aug", "Sep"}


def test_r13_gate(at, shops, little):
    """Gloves go with a sled in the north's winter and in the south's, and with nothing in either's summer."""
    north = by_month(at, little, "DE", {("sled", "gloves"): WINTER}, n=900)
    south = by_month(at, little, "AU", {("sled", "gloves"): SUMMER}, n=900)
    shop = shops.of(north + south)

    def beside(month, market):
        return shop.decide("product", product="sled", market=market, at=datetime(2027, month, 10, tzinfo=UTC), k=12)

    for month, market, holds in ((1, "DE", True), (7, "DE", False), (1, "AU", False), (7, "AU", True)):
        assert ("gloves" in at.offered(beside(month, market), north + south)) is holds
        assert (beside(month, market).dropped.get("not_yet", 0) == 0) is holds
    # where nobody ordered yet the hemisphere tells
    assert ["gloves" in at.offered(beside(7, market), north + south) for market in ("FR", "NZ")] == [False, True]
    summer = beside(7, "DE")
    assert shop.replay(summer.decision_id).is_equal
