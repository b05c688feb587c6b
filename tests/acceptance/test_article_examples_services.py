"""The examples of the articles for guides, needs, cars and services: what a person reads, holds or is due for decides."""

from contextlib import ExitStack
from datetime import timedelta
from decimal import Decimal

import pytest

from crosslift.domain.decision import ReasonCode

pytestmark = pytest.mark.usefixtures("_no_compiler")


@pytest.fixture
def at(load_script):
    return load_script("tests/acceptance/situations.py")


@pytest.fixture
def shops(at, little, tmp_path):
    with ExitStack() as until:
        yield at.Shops(little, tmp_path, until)


def test_example_07_the_guide_page_of_a_camera(at, shops, little):
    """The page is about the camera, so it names what goes with it; the merchant's own word for the page comes first."""
    reads = [
        {
            "type": "track", "event": "Content Viewed", "anonymousId": f"a{n}", "messageId": f"m{n}",
            "timestamp": (little.NOW - timedelta(days=n + 1)).isoformat(),
            "properties": {"content_id": "camera-guide", "title": "Night photography", "product_id": "camera"},
        }
        for n in range(5)
    ]  # fmt: skip
    tripod = {"from_id": "camera-guide", "to_id": "tripod", "kind": "content"}
    shop, _ = shops.bought(
        "camera", {"filter": 60, "flash": 40}, at.product("tripod", 59), events=reads, links=[tripod]
    )
    decision = shop.decide("content", content="camera-guide")
    assert at.offered(decision) == ["tripod", "filter", "flash"]
    assert set(at.kinds(decision).values()) == {"content"}
    for offer in decision.offers:
        assert all("Night photography" in sentence for sentence in at.spoken(offer.reason).values())
        assert offer.reason.evidence["basis"] == ("curated" if offer.product_id == "tripod" else "named")
    assert shop.decide("content", content="another-guide").offers == ()


@pytest.fixture
def television(at, shops):
    """A television that needs an HDMI cable, and what it was bought with."""
    needs = {"category": "cables", "match": "connector"}
    shop, made = shops.bought(
        "television",
        {"wall mount": 60, "HDMI 2 m": 50, "soundbar": 35},
        at.product("television", 900, category="televisions", connector="HDMI", requires=needs),
        at.product("HDMI 2 m", 12, category="cables", connector="HDMI"),
        at.product("VGA 2 m", 8, category="cables", connector="VGA"),
    )
    return shop, made


def test_example_08_the_needed_cable_is_told_first(at, television):
    shop, made = television
    decision = shop.decide("product", product="television", k=4)
    assert at.offered(decision, made) == ["HDMI 2 m", "wall mount", "soundbar"]
    assert at.kinds(decision)["HDMI 2 m"] == "required"
    reason = at.reason_of(decision, "HDMI 2 m")
    assert reason.code == ReasonCode.NEEDED
    assert all("HDMI" in sentence for sentence in at.spoken(reason).values())


def test_example_08_silent_when_the_cable_is_there(at, television):
    """In the cart or owned it is not told again, in whatever words; nor is it sold as an extra once all is paid."""
    shop, made = television
    for decision in (
        shop.decide("cart", ["television", "HDMI 2 m"]),
        shop.decide("product", product="television", holdings=["HDMI 2 m"]),
    ):
        assert at.offered(decision, made) == ["wall mount", "soundbar"]
    assert "required" not in at.kinds(shop.decide("confirmation", ["television"])).values()


def test_example_11_a_new_car_with_things_and_services(at, shops):
    things = {"navigation": 60, "sunroof": 30, "dashcam": 50, "cargo liner": 35}
    services = {"warranty": ("warranty", 55), "insurance": ("plan", 45), "service pack": ("service", 40)}
    shop, made = shops.bought(
        "car",
        things | {name: share for name, (_, share) in services.items()},
        at.product("car", 20_000),
        *(at.product(name, 300, kind=kind) for name, (kind, _) in services.items()),
    )
    decision = shop.decide("desk", ["car"], k=7)
    assert set(at.offered(decision, made)) == {*things, *services}
    assert set(at.kinds(decision).values()) == {"complement"}
    kinds = {row["product_id"]: row["kind"] for row in shop.products().to_pylist()}
    assert {name: kinds[name] for name in services} == {name: kind for name, (kind, _) in services.items()}


def test_example_12_with_the_oil_change_what_is_due(at, shops, little, tmp_path):
    """Cars that run 50 km a day, read yesterday: what the meter says is due comes, for those who agreed and nobody else."""
    plans = {"tires": 40_000, "oil filter": 10_000, "brakes": 60_000}
    cars = {"forty": 39_900, "sixty": 59_900, "young": 33_000, "reserved": 39_900}
    links = [
        {"from_id": "car", "to_id": name, "kind": "refill", "value": f"{every} km"} for name, every in plans.items()
    ]
    usage = [
        {
            "customer_id": customer, "product_id": "car", "meter": "odometer", "value": last - 50 * days, "unit": "km",
            "at": (little.NOW - timedelta(days=days + 1)).isoformat(),
        }
        for customer, last in cars.items()
        for days in (0, 30, 60)
    ]  # fmt: skip
    consents = [
        {
            "customer_id": customer, "purpose": "personalization", "channel": "*", "status": "granted", "source": "test",
            "at": "2026-01-01T00:00:00Z",
        }
        for customer in ("forty", "sixty", "young")
    ]  # fmt: skip
    rows = [at.product(name) for name in ("car", *plans)]
    shop, made = shops.bought("oil change", {"wiper": 40}, *rows, links=links, usage=usage)
    shop.collect(little.write(tmp_path / "consents.csv", consents))
    for customer, due in {
        "forty": {"tires", "oil filter"}, "sixty": {"brakes", "oil filter"}, "young": set(), "reserved": set(), None: set(),
    }.items():  # fmt: skip
        decision = shop.decide("desk", ["oil change"], customer=customer, k=5)
        assert set(at.offered(decision, made)) == {"wiper", *due}
        assert {name for name, kind in at.kinds(decision).items() if kind == "refill"} == due
        for name in due:
            reason = at.reason_of(decision, name)
            assert reason.code == ReasonCode.SERVICE_DUE
            assert all(f"{plans[name]:,}" in sentence and "km" in sentence for sentence in at.spoken(reason).values())


def test_example_22_software_and_service_both_ways_from_what_is_held(at, shops, little):
    """Accounts that hold the one hold the other: who has one only is told of the other, whichever it is."""
    held = [("SEO software", "link service")] * 40 + [("SEO software",)] * 25 + [("link service",)] * 15
    held += [(f"tool {n % 6}",) for n in range(150)] + [(f"tool {n % 6}", f"tool {(n + 1) % 6}") for n in range(30)]
    subscriptions = [
        {
            "subscription_id": f"s{n}-{name}", "account_id": f"a{n}", "product_id": name, "status": "active",
            "started_at": (little.NOW - timedelta(days=30 + n)).isoformat(),
        }
        for n, names in enumerate(held)
        for name in names
    ]  # fmt: skip
    rows = [at.product("SEO software", 49, kind="plan"), at.product("link service", 99, kind="service")]
    invoices = little.orders(*(((names[0],)) for names in held))
    shop = shops.of(invoices, *rows, subscriptions=subscriptions)
    for one, other, n_holders in (("SEO software", "link service", 65), ("link service", "SEO software", 55)):
        decision = shop.decide("account", holdings=[one])
        assert at.offered(decision) == [other]
        assert at.kinds(decision) == {other: "held"}
        evidence = at.reason_of(decision, other).evidence
        assert (evidence["n_both"], evidence["n_a"]) == (40, n_holders)
        assert all("40" in sentence for sentence in at.spoken(at.reason_of(decision, other)).values())
    assert shop.decide("account", holdings=["SEO software", "link service"]).offers == ()


def test_example_23_search_words_and_search_ads_as_one_bundle(at, shops):
    prices = {"SEO": 400, "SEM": 300}
    both = [
        {"bundle_id": "search", "product_id": name, "kind": "fixed", "price": "630", "currency": "USD", "title": "Search",
         "title_ko": "검색", "title_ja": "検索"}
        for name in prices
    ]  # fmt: skip
    services = [at.product(name, price, kind="service") for name, price in prices.items()]
    shop, made = shops.bought("SEO", {"SEM": 50, "audit": 30}, *services, bundles=both)
    decision = shop.decide("product", product="SEO")
    assert set(at.offered(decision, made)) == {"SEM", "audit"}
    shown = at.set_of(decision, "search")
    assert (shown.price.amount, shown.saving.amount) == (630, Decimal(70))
    assert all("630" in sentence and "700" in sentence for sentence in at.set_reasons(shown).values())


def test_example_23_an_e_book_brings_its_design(at, shops):
    services = [at.product(name, 500, kind="service") for name in ("e-book text", "e-book design")]
    shop, made = shops.bought("e-book text", {"e-book design": 45, "proofreading": 30}, *services)
    assert at.offered(shop.decide("cart", ["e-book text"]), made) == ["e-book design", "proofreading"]


def test_example_24_after_the_advertising_visual_the_landing_page(at, shops, little):
    """Clients come back for the landing page some weeks after the visual, and not the other way round."""
    made = []
    for client in range(240):
        who, began = f"c{client}", 240 - client % 80
        usual = [f"service {(client + n * (1 + client % 7)) % 12}" for n in range(4)]
        made.append(little.Order(tuple(dict.fromkeys(usual[:2])), who, 24.0 * began))
        made += [little.Order((name,), who, 24.0 * (began - 40 * n)) for n, name in enumerate(usual[2:], 1)]
        if client % 3 == 0:
            made.append(little.Order(("advertising visual",), who, 24.0 * (began - 5)))
        if client % 6 == 0:
            made.append(little.Order(("landing page",), who, 24.0 * (began - 25)))
    services = [at.product(name, 300, kind="service") for name in ("advertising visual", "landing page")]
    shop = shops.of(sorted(made, key=lambda order: -order.hours_ago), *services)
    decision = shop.decide("confirmation", ["advertising visual"], kinds=["sequence"])
    assert at.offered(decision) == ["landing page"]
    evidence = at.reason_of(decision, "landing page").evidence
    assert (evidence["n_both"], evidence["n_back"]) == (40, 0)
    assert 20 <= evidence["lag_median"] < 21
    assert all("40" in sentence for sentence in at.spoken(at.reason_of(decision, "landing page")).values())
    assert shop.decide("confirmation", ["landing page"], kinds=["sequence"]).offers == ()
