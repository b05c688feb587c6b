"""The examples of the articles for things: a small situation in, the named offer out, with a true reason."""

from contextlib import ExitStack
from decimal import Decimal

import pytest

from crosslift.domain.decision import ReasonCode
from crosslift.domain.money import Money
from crosslift.measure.whatif import read_addition
from crosslift.wording.attributes import described

pytestmark = pytest.mark.usefixtures("_no_compiler")


@pytest.fixture
def at(load_script):
    return load_script("tests/acceptance/situations.py")


@pytest.fixture
def shops(at, little, tmp_path):
    with ExitStack() as until:
        yield at.Shops(little, tmp_path, until)


def test_example_01_goes_with(at, shops):
    shop, made = shops.bought("laptop", {"bag": 70, "mouse": 40, "headset": 25})
    found = at.offered(shop.decide("cart", ["laptop"], k=3), made)
    assert found[0] == "bag"
    assert set(found) == {"bag", "mouse", "headset"}


def test_example_01_rest(at, shops):
    """The stick, the screen, the subscription and the set-up service stand beside the bag, each as what it is."""
    companions = {"bag": 70, "USB stick": 45, "monitor": 30, "office subscription": 50, "set-up service": 25}
    plan = at.product("office subscription", 69, kind="plan")
    service = at.product("set-up service", 49, kind="service")
    shop, made = shops.bought("laptop", companions, plan, service)
    decision = shop.decide("product", product="laptop", k=5)
    found = at.offered(decision, made)
    assert found[0] == "bag"
    assert set(found) == set(companions)
    assert set(at.kinds(decision).values()) == {"complement"}
    kinds = {row["product_id"]: row["kind"] for row in shop.products().to_pylist()}
    assert (kinds["office subscription"], kinds["set-up service"]) == ("plan", "service")


def test_example_02_accessories_and_a_step_up_in_one_list(at, shops):
    phones = [
        at.product("phone 128", 599, category="phones", storage_gb=128, camera_mp=12, tier=1, stock=9),
        at.product("phone 256", 699, category="phones", storage_gb=256, camera_mp=48, tier=2, stock=9),
    ]
    shop, made = shops.bought("phone 128", {"case": 70, "film": 60, "charger": 35, "socket": 30}, *phones)
    decision = shop.decide("product", product="phone 128", k=4)
    found = at.offered(decision, made)
    assert set(found) == {"case", "film", "charger", "phone 256"}
    assert at.kinds(decision)["phone 256"] == "upgrade"
    step = at.spoken(at.reason_of(decision, "phone 256"))
    assert all(figure in sentence for sentence in step.values() for figure in ("128 → 256", "12 → 48", "100"))


def test_example_03_the_ladder_in_order_with_its_benefits(at, shops):
    family = {"category": "computers/laptops", "stock": 9}
    ladder = [
        at.product("standard", 700, memory_gb=8, cores=4, resolution="1920x1080", tier=1, **family),
        at.product("plus", 900, memory_gb=16, cores=8, resolution="1920x1080", tier=2, **family),
        at.product("studio", 1400, memory_gb=32, cores=12, resolution="3840x2160", tier=3, **family),
    ]
    shop, _ = shops.bought("standard", {"bag": 60}, *ladder)
    climbed, told = ["standard"], {}
    while step := shop.decide("comparison", product=climbed[-1], kinds=["upgrade"]).offers:
        assert len(step) == 1
        told[step[0].product_id] = at.spoken(step[0].reason)
        climbed.append(step[0].product_id)
    assert climbed == ["standard", "plus", "studio"]
    assert all("8 → 16" in sentence and "4 → 8" in sentence for sentence in told["plus"].values())
    assert all("1920x1080 → 3840x2160" in sentence for sentence in told["studio"].values())


def test_example_03_what_the_two_share_is_no_benefit(at, shops):
    ladder = [
        at.product(name, price, category="computers/laptops", memory_gb=memory, resolution="1920x1080", tier=tier)
        for name, price, memory, tier in (("standard", 700, 8, 1), ("plus", 900, 16, 2))
    ]
    shop, _ = shops.bought("standard", {"bag": 60}, *ladder)
    reason = at.reason_of(shop.decide("product", product="standard"), "plus")
    assert [benefit["attribute"] for benefit in reason.evidence["benefits"]] == ["memory_gb"]


def test_example_04_goes_with(at, shops):
    shop, made = shops.bought("shoes", {"socks": 60, "shoe care": 35})
    assert set(at.offered(shop.decide("cart", ["shoes"], k=2), made)) == {"socks", "shoe care"}


def test_example_04_rest(at, shops):
    """Shoes and belts go together, so brown shoes bring belts, a new one too; the look takes the one of the same style."""
    shoes, belts = {"category": "shoes", "style": "classic"}, {"category": "belts", "style": "classic"}
    rows = [
        at.product("black shoes", 120, color="black", **shoes),
        at.product("brown shoes", 120, color="brown", **shoes),
        at.product("black belt", 40, color="black", **belts),
        at.product("brown belt", 40, color="brown", **belts),
        at.product("brown cap", 20, color="brown", style="classic", category="caps"),
    ]
    shop, made = shops.bought("black shoes", {"black belt": 50, "socks": 60}, *rows)
    decision = shop.decide("cart", ["brown shoes"])
    assert set(at.offered(decision, made)) == {"black belt", "brown belt"}
    reason = at.reason_of(decision, "brown belt")
    assert reason.code == ReasonCode.CATEGORY_COMPANION
    n_both = sum({"black shoes", "black belt"} <= set(order.products) for order in made)
    assert reason.evidence["n_both"] == n_both
    assert all(str(n_both) in sentence for sentence in at.spoken(reason).values())
    (look,) = decision.sets
    assert (look.kind, [part.product_id for part in look.missing], look.alternatives) == ("look", ["brown belt"], ())
    shared = look.evidence["shared"]
    assert shared == [{"attribute": "style", "value": "classic"}, {"attribute": "color", "value": "brown"}]
    said = {language: [described(one, language) for one in shared] for language in at.LANGUAGES}
    assert said == {"en": ["style classic", "brown"], "ko": ["style classic", "갈색"], "ja": ["style classic", "茶色"]}


def test_example_05_the_whole_look(at, shops):
    """One product for each role; another of the same role can be taken instead, and what is chosen already stays."""
    rows = [("dress", "dress", 80), ("sandals", "shoes", 50), ("pumps", "shoes", 70), ("clutch", "bag", 40)]
    look = [
        {"bundle_id": "evening", "product_id": name, "role": role, "kind": "look", "discount_percent": "10", "title": "Evening"}
        for name, role, _ in rows
    ]  # fmt: skip
    shop, _ = shops.bought("dress", {"tights": 40}, *(at.product(name, price) for name, _, price in rows), bundles=look)
    shown = at.set_of(shop.decide("product", product="dress"), "evening")
    assert at.parts_of(shown) == ["dress", "sandals", "clutch"]
    assert [part.product_id for part in shown.alternatives] == ["pumps"]
    assert (shown.single, shown.price) == (Money(Decimal(170), "USD"), Money(Decimal(153), "USD"))
    assert all("153" in sentence and "170" in sentence for sentence in at.set_reasons(shown).values())
    chosen = at.set_of(shop.decide("cart", ["dress", "pumps"]), "evening")
    assert at.parts_of(chosen) == ["dress", "pumps", "clutch"]


def test_example_06_at_the_till_what_goes_with_it_and_before_it_the_step_up(at, shops):
    cameras = [
        at.product("camera", 500, category="cameras", resolution_mp=20, waterproof=False, tier=1),
        at.product("camera pro", 800, category="cameras", resolution_mp=33, waterproof=True, tier=2),
    ]
    shop, made = shops.bought("camera", {"memory card": 70, "bag": 45}, *cameras)
    till = shop.decide("till", ["camera"])
    assert at.offered(till, made) == ["memory card", "bag"]
    page = shop.decide("product", product="camera")
    assert at.kinds(page) == {"memory card": "complement", "bag": "complement", "camera pro": "upgrade"}
    told = at.spoken(at.reason_of(page, "camera pro"))
    assert all("20 → 33" in sentence and "300" in sentence for sentence in told.values())


def test_example_09_fries_and_drink_then_the_cheaper_set(at, shops):
    """The parts keep their own price and stand beside the set; the set says what it saves, at the prices of this moment."""
    prices = {"burger": 6, "fries": 3, "drink": 2.5}
    menu = [
        {"bundle_id": "menu", "product_id": name, "kind": "fixed", "price": "9.90", "currency": "USD", "title": "Menu"}
        for name in prices
    ]
    rows = [at.product(name, price) for name, price in prices.items()]
    shop, made = shops.bought("burger", {"fries": 60, "drink": 50}, *rows, bundles=menu)
    decision = shop.decide("till", ["burger"])
    assert set(at.offered(decision, made)) == {"fries", "drink"}
    shown = at.set_of(decision, "menu")
    assert [one.amount for one in (shown.single, shown.price, shown.saving)] == [
        Decimal("11.5"),
        Decimal("9.9"),
        Decimal("1.6"),
    ]
    assert all("9.90" in sentence and "11.50" in sentence for sentence in at.set_reasons(shown).values())
    shop.patch_products([{"product_id": "fries", "price": "1.00"}])
    assert at.set_of(shop.decide("till", ["burger"]), "menu") is None


def test_example_10_goes_with(at, shops):
    shop, made = shops.bought("main dish", {"wine": 45, "dessert": 40, "coffee": 35})
    found = at.offered(shop.decide("cart", ["main dish"], k=3), made)
    assert set(found) == {"wine", "dessert", "coffee"}


def test_example_10_rest(at, shops):
    """The set names its price for what is in the cart and what is missing; when it is complete nothing is said."""
    prices = {"main dish": 24, "wine": 9, "dessert": 7, "coffee": 3}
    dinner = [
        {"bundle_id": "dinner", "product_id": name, "kind": "fixed", "discount_percent": "15", "title": "Dinner"}
        for name in prices
    ]
    rows = [at.product(name, price) for name, price in prices.items()]
    shop, made = shops.bought("main dish", {"wine": 45, "dessert": 40, "coffee": 35}, *rows, bundles=dinner)
    decision = shop.decide("cart", ["main dish", "wine"])
    assert set(at.offered(decision, made)) == {"dessert", "coffee"}
    shown = at.set_of(decision, "dinner")
    assert [part.product_id for part in shown.missing] == ["dessert", "coffee"]
    assert (shown.single.amount, shown.price.amount) == (43, Decimal("36.55"))
    assert all("36.55" in sentence and "43" in sentence for sentence in at.set_reasons(shown).values())
    assert at.set_of(shop.decide("cart", list(prices)), "dinner") is None


def test_example_41_a_five_dollar_addition():
    """Five dollars beside a thousand orders of ten a month, taken by 35 %: 1,750 a month, to the cent."""
    added = read_addition(["price=5", "rate=35%", "orders=1000"], "USD")
    assert (added.n_sold, added.revenue) == (350, Money(Decimal(1750), "USD"))
