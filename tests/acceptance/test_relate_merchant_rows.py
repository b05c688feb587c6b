"""Rows R08 to R10, R15 to R18: what the merchant writes down beside what is learned, and what the catalog is for."""

import json
from contextlib import ExitStack
from datetime import timedelta
from decimal import Decimal

import pytest

from crosslift.domain.bundle import BundleKind
from crosslift.domain.decision import ReasonCode
from crosslift.domain.money import Money
from crosslift.domain.placement import PLACEMENTS
from crosslift.domain.policy import HELPFUL
from crosslift.errors import BadInput

pytestmark = pytest.mark.usefixtures("_no_compiler")
AUTHOR = {"author": "mina", "reason": "our own roast, try it"}


@pytest.fixture
def at(load_script):
    return load_script("tests/acceptance/situations.py")


@pytest.fixture
def shops(at, little, tmp_path):
    with ExitStack() as until:
        yield at.Shops(little, tmp_path, until)


def link(from_id, to_id, kind="complement", action="link", **more):
    return {"from_id": from_id, "to_id": to_id, "kind": kind, "action": action, **AUTHOR, **more}


COMPANIONS = {"filters": 70, "mug": 50, "scale": 35}


def test_r08_by_csv(at, shops):
    """A file of links pins, boosts and bans what was learned; nothing of the file needs a restart, and each says why."""
    plain, made = shops.bought("coffee", COMPANIONS)
    assert at.offered(plain.decide("product", product="coffee"), made) == ["filters", "mug", "scale"]
    links = [link("coffee", "N07", action="pin"), link("coffee", "scale", action="boost", value="9"),
             link("coffee", "mug", action="ban")]  # fmt: skip
    shop, _ = shops.bought("coffee", COMPANIONS, links=links)
    for placement in ("product", "cart", "checkout", "popup", "till", "desk"):
        decision = shop.decide(placement, ["coffee"], k=12, session=placement, dwell_seconds=30)
        assert at.offered(decision, made)[:3] == ["N07", "scale", "filters"][: HELPFUL.max_extras.get(placement, 3)]
    assert decision.offers[0].reason.code == ReasonCode.RECOMMENDED
    assert at.spoken(decision.offers[0].reason)["en"].endswith("our own roast, try it")


def test_r08_by_calls_effective_on_the_very_next_decision(at, shops, clock):
    """Written by API: a pin stays first until it expires, a ban holds at once, everywhere, until it is taken back."""
    shop, made = shops.bought("coffee", COMPANIONS)

    def found(placement="product", **asked):
        return at.offered(shop.decide(placement, ["coffee"], k=12, **asked), made)

    assert found() == ["filters", "mug", "scale"]
    tomorrow = (clock.now + timedelta(days=1)).isoformat()
    shop.put_links([link("coffee", "scale", action="pin", expires_at=tomorrow)])
    assert found() == ["scale", "filters", "mug"]
    shop.put_links([link("coffee", "mug", action="boost", value="9")])
    assert found() == ["scale", "mug", "filters"]
    shop.clock.move(days=2)
    assert found() == ["mug", "filters", "scale"]
    shop.put_links([link("*", "filters", action="ban")])
    for placement in sorted(PLACEMENTS):
        for policy in ("helpful", "relevance"):
            assert "filters" not in found(placement, policy=policy)
    assert "filters" not in found(purpose="evaluation")
    assert shop.decide("cart", ["coffee"]).dropped["banned"] == 1
    shop.learn()
    assert found() == ["mug", "scale"]
    shop.remove_link("*", "filters", "complement")
    assert found() == ["mug", "filters", "scale"]


def test_r08_overruling_needs_a_reason(shops):
    """A ban that says neither who nor why is refused, and nothing of its batch is kept."""
    shop, _ = shops.bought("coffee", COMPANIONS)
    with pytest.raises(BadInput, match="needs a reason and an author"):
        shop.put_links([link("coffee", "scale", action="pin"), {**link("coffee", "mug", action="ban"), "reason": ""}])
    assert shop.links()["links"] == []


def bundle(name, kind, *parts, **more):
    return [
        {"bundle_id": name, "product_id": part, "kind": kind, "currency": "USD", "role": "", **more} for part in parts
    ]


def test_r09_margin_floor(at, shops):
    """A set that would earn less than the floor is refused with its reason; one above it is offered beside the single parts."""
    named = [{**at.product(name, price), "cost": cost} for name, price, cost in
             (("camera", 400, 300), ("lens", 200, 150), ("strap", 20, 5), ("card", 30, 10))]  # fmt: skip
    sets = [
        *bundle("fair", "fixed", "camera", "lens", price="505"),
        *bundle("too cheap", "fixed", "camera", "lens", "strap", price="480"),
        *bundle("pick two", "mix", "camera", "strap", "card", discount_percent="18", min_parts=2),
    ]
    shop, made = shops.bought("camera", {"lens": 60, "strap": 50, "card": 40}, *named, bundles=sets)
    refused = {one["bundle_id"]: one for one in shop.learning_report()["proposals"]["refused_bundles"]}
    assert {name: one["code"] for name, one in refused.items()} == {"too cheap": "below_margin_floor"}
    assert "bundles.min_margin" in refused["too cheap"]["why"]
    decision = shop.decide("product", product="camera")
    assert at.set_of(decision, "too cheap") is None
    fair, mix = at.set_of(decision, "fair"), at.set_of(shop.decide("product", product="strap"), "pick two")
    assert (fair.price, fair.saving) == (Money(Decimal(505), "USD"), Money(Decimal(95), "USD"))
    assert all(at.set_reasons(fair).values())
    assert (mix.price.amount, mix.saving.amount) == (Decimal("344.40"), Decimal("75.60"))
    assert at.parts_of(mix) == ["camera", "strap"]
    assert [part.offered_as for part in mix.alternatives] == ["card"]
    assert set(at.offered(decision, made)) == {"lens", "strap", "card"}
    shop.patch_products([{"product_id": "camera", "price": "330"}])
    assert at.parts_of(at.set_of(shop.decide("product", product="strap"), "pick two")) == ["strap", "card"]
    cheaper = shop.decide("product", product="camera")
    assert at.set_of(cheaper, "fair").saving == Money(Decimal(25), "USD")
    assert set(at.offered(cheaper, made)) == {"lens", "strap", "card"}


def test_r09_margin_floor_of_sets_that_orders_and_looks_propose(at, shops, little):
    """Mined sets never ask for more discount than the floor leaves; a look has one item for each role, at its own price."""
    named = [
        {**at.product("dress", 100, category="wear/dresses", look="summer"), "cost": 60},
        {**at.product("shoes", 80, category="wear/shoes", look="summer"), "cost": 50},
        {**at.product("sandals", 60, category="wear/shoes", look="summer"), "cost": 50},
        {**at.product("belt", 20, category="wear/belts"), "cost": 19},
    ]
    shop, made = shops.bought("dress", {"shoes": 50, "sandals": 30, "belt": 60}, *named)
    found = shop.knowledge.bundles_with(frozenset({"dress"}))
    look = next(one for one in found if one.kind is BundleKind.LOOK)
    assert set(look.roles) == {"wear/dresses", "wear/shoes"}
    assert set(look.product_ids) == {"dress", "shoes", "sandals"}
    costs, prices = {"dress": 60, "shoes": 50, "belt": 19}, {"dress": 100, "shoes": 80, "belt": 20}
    mined = [one for one in found if one.kind is BundleKind.MINED and set(one.product_ids) <= set(costs)]
    assert mined
    for one in mined:
        price = one.price_of(Money(Decimal(sum(prices[name] for name in one.product_ids)), "USD")).amount
        assert price - sum(costs[name] for name in one.product_ids) >= Decimal("0.1") * price
    decision = shop.decide("product", product="dress")
    assert decision.sets
    assert set(at.offered(decision, made)) <= {"shoes", "sandals", "belt"}
    assert len(decision.offers) >= 2


def test_r10_kinds(at, shops):
    """A warranty, a service, a training, a plan: products of their kind, offered with a true reason; shipping never is."""
    kinds = {"warranty 3 years": "warranty", "set-up": "service", "training": "service", "support plan": "plan"}
    shares = dict(zip(kinds, (70, 55, 40, 30), strict=True))
    named = [at.product(name, 50, kind=kind) for name, kind in kinds.items()]
    shipping = at.product("parcel", 5, kind="shipping")
    shop, made = shops.bought("server", {**shares, "parcel": 90}, *named, shipping)
    stored = {row["product_id"]: row["kind"] for row in shop.products().to_pylist()}
    assert {name: stored[name] for name in kinds} == kinds
    decision = shop.decide("product", product="server", k=6)
    assert set(at.offered(decision, made)) == set(kinds)
    assert set(at.kinds(decision).values()) == {"complement"}
    assert "parcel" not in at.offered(shop.decide("cart", ["server"], k=12), made)


def test_r15(at, shops, little):
    """Groups are proposed, edited by an attribute, and what nothing goes with is listed with the reason."""
    sets = (("tent", "mat", "lamp"), ("kettle", "tea", "cup"))
    baskets = [
        tuple({at.NOISE[n % 20], *(one for place, one in enumerate(sets[n // 3 % 2]) if (n // 6) % 3 != place)})
        if n % 3 == 0 else (at.NOISE[n % 20], at.NOISE[(n + 1 + n // 20) % 20]) for n in range(600)
    ]  # fmt: skip
    made = little.orders(*(tuple(dict.fromkeys(one)) for one in baskets), days=90)
    shop = shops.of(made, at.product("scarf"))
    found = [members for members in groups_of(shop).values() if not {*at.NOISE} & members]
    assert sorted(map(sorted, found)) == sorted(map(sorted, sets))
    alone = {row["product"]: row for row in shop.without_companions().to_pylist()}
    assert "not sold yet" in alone["scarf"]["why"]
    assert set(at.NOISE) <= set(alone)
    assert not {name for those in sets for name in those} & set(alone)
    moved = {"price": "9", "currency": "USD", "attributes": {"group": "Camp mornings"}}
    shop.put_products([{"product_id": name, "title": name, **moved} for name in ("kettle", "scarf")])
    shop.learn()
    assert groups_of(shop)["Camp mornings"] == {"kettle", "scarf"}
    assert {"tea", "cup"} in groups_of(shop).values()


def groups_of(shop):
    """Give the groups of the report: name to products."""
    rows = shop.groups().to_pylist()
    return {json.loads(row["name"])[""]: set(json.loads(row["products"])) for row in rows}


def test_r16(at, shops, little):
    """The FAQ page of a product gives its accessories, a guide what the merchant wrote; both say so."""
    page = {"content_id": "faq-camera", "title": "Camera FAQ", "product_id": "camera"}
    event = {"type": "track", "event": "Content Viewed", "timestamp": little.NOW.isoformat(), "properties": page}
    reads = [{**event, "anonymousId": f"r{n}"} for n in range(5)]
    links = [link("guide-night", "tripod", "content"), link("guide-night", "lamp", "content", "ban")]
    shop, made = shops.bought("camera", {"filter": 60, "tripod": 40}, at.product("lamp"), events=reads, links=links)
    faq = shop.decide("content", content="faq-camera")
    assert at.offered(faq, made) == ["filter", "tripod"]
    assert set(at.kinds(faq).values()) == {"content"}
    assert {offer.reason.code for offer in faq.offers} == {ReasonCode.FOR_READERS}
    assert faq.offers[0].reason.evidence["title"] == "Camera FAQ"
    assert at.offered(shop.decide("content", content="guide-night")) == ["tripod"]
    assert at.offered(shop.decide("content", content="unknown page")) == []


def test_r17(at, shops):
    """The printer's page says that it needs a cable, before the cart; afterwards nobody sells it as an extra."""
    links = [link("printer", "cable", "required", reason="")]
    shop, made = shops.bought("printer", {"paper": 70, "ink": 60, "cable": 50}, links=links)
    page = shop.decide("product", product="printer")
    assert at.offered(page, made)[0] == "cable"
    assert page.offers[0].reason.code == ReasonCode.NEEDED
    assert all(at.spoken(page.offers[0].reason).values())
    assert at.kinds(shop.decide("checkout", ["printer"]))["cable"] == "required"
    assert "cable" not in at.kinds(shop.decide("checkout", ["printer", "cable"]))
    assert at.kinds(shop.decide("product", product="printer", holdings=["cable"])).get("cable") is None
    for placement in ("confirmation", "email", "popup"):
        decision = shop.decide(placement, ["printer"], session=placement, dwell_seconds=30)
        assert at.kinds(decision).get("cable") != "required"


def test_r18(at, shops):
    """The page of what is out of stock shows the nearest in stock, the same price or less first, and says what it costs."""
    shelf = {"category": "kitchen/kettles", "material": "steel", "color": "red"}
    named = [
        at.product("kettle", 40, **shelf, stock=5), at.product("kettle classic", 38, **shelf, stock=5),
        at.product("kettle de luxe", 55, **shelf, stock=5), at.product("kettle mini", 35, **shelf, stock=0),
    ]  # fmt: skip
    shop, made = shops.bought("kettle", {"tea": 60}, *named)
    assert "stand_in" not in at.kinds(shop.decide("product", product="kettle")).values()
    shop.patch_products([{"product_id": "kettle", "stock": 0}])
    decision = shop.decide("product", product="kettle", k=4)
    stand_ins = [offer.product_id for offer in decision.offers if offer.kind == "stand_in"]
    assert stand_ins == ["kettle classic", "kettle de luxe"]
    first = at.reason_of(decision, "kettle classic")
    assert first.code == ReasonCode.STAND_IN
    assert (first.evidence["price_from"], first.evidence["price_to"]) == (40, 38)
    assert all("2" in sentence for sentence in at.spoken(first).values())
    shop.patch_products([{"product_id": "kettle classic", "stock": 0}, {"product_id": "kettle mini", "stock": 9}])
    again = shop.decide("product", product="kettle", k=4)
    assert at.offered(again, made)[0] == "kettle mini"
