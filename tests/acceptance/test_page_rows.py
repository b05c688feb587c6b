"""A whole page in one call, what stands where nothing better is known, and the consent a message needs in every process."""

import asyncio
import os
import subprocess
import sys
from contextlib import ExitStack
from datetime import timedelta

import httpx
import pytest

from crosslift.domain.decision import DropCode, NoOffer, Request
from crosslift.domain.placement import GOES_WITH
from crosslift.errors import TryAgain
from crosslift.shop.degraded import degraded
from crosslift.web.app import build
from crosslift.wording import reasons

pytestmark = pytest.mark.usefixtures("_no_compiler")
LANGUAGES = ("en", "ko", "ja")
FLATTERY = ("for you", "recommended for", "고객님을 위한", "맞춤", "당신을 위한", "あなたに", "おすすめ")
"""What only somebody who is known may be told."""


@pytest.fixture
def at(load_script):
    return load_script("tests/acceptance/situations.py")


@pytest.fixture
def shops(at, little, tmp_path):
    with ExitStack() as until:
        yield at.Shops(little, tmp_path, until)


def names(decision):
    return [offer.product_id for offer in decision.offers]


def kinds(decision):
    return {offer.kind for offer in decision.offers}


# D12: one page, every product once


@pytest.fixture
def page(shop, clock):
    """Decide the placements of one page beside a cart of three."""

    def page(*placements, **given):
        cart = ("P00", "P02", "P04")
        return shop.decide_page([Request(one, clock(), cart=cart, **given) for one in placements], with_trace=True)

    return page


def test_d12_page_shows_no_product_twice_over_all_its_placements(shop, page):
    """Each placement alone would show the same; together each product stands once, and the later one says why it let it go."""
    alone = [names(shop.decide(one, ["P00", "P02", "P04"])) for one in ("cart", "confirmation", "home")]
    assert alone[0] == alone[1]
    assert set(alone[0]) <= set(alone[2])
    together = page("cart", "confirmation", "home")
    shown = [name for decision in together for name in names(decision)]
    assert names(together[0]) == alone[0]
    assert len(shown) == len(set(shown)) > len(alone[0])
    assert together[1].no_offer == NoOffer.ALL_EXCLUDED
    assert together[1].dropped == {DropCode.ON_PAGE: len(alone[0])}
    assert kinds(together[2]) == {"bestseller"}
    for decision in together:
        assert shop.replay(decision.decision_id).is_equal


def test_d12_page_knows_a_variant_as_its_product(shop, page):
    """What one placement shows in one size no other shows in another."""
    sizes = [{"product_id": f"P01-{size}", "title": f"Cup {size}", "price": price, "currency": "USD", "parent_id": "P01"}
             for size, price in (("S", "5"), ("L", "7"))]  # fmt: skip
    shop.put_products(sizes)
    first, second = page("cart", "checkout", k=9)
    assert "P01-S" in names(first)
    assert not [name for name in names(second) if name.startswith("P01")]


def test_d12_page_count_and_category_cap_are_the_policys(shop, page, at):
    """At most as many as the policy says whatever is asked, and at most so many of a shelf in each list."""
    at.publish(shop, "[offers]\nat_most = 2\nat_most_of_category = 1")
    shelf = {row["product_id"]: row["category"] for row in shop.products().to_pylist()}
    for decision in page("home", "cart", k=9):
        assert len(decision.offers) <= 2
        assert len({shelf[name] for name in names(decision)}) == len(decision.offers)
    assert page("home", k=9)[0].trace is not None
    assert "category_full" in {one.dropped for one in page("home", k=9)[0].trace.candidates}


def test_d12_page_over_http(shop):
    """One call, one answer for each placement in the order asked, no product in two of them."""
    key = {"Authorization": f"Bearer {shop.create_key('secret', 'page')}"}
    app = build(shop)
    app.served.catch_up()

    async def ask():
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://shop.test", headers=key) as client:
            spots = [{"placement": "cart"}, {"placement": "checkout"}, {"placement": "home", "k": 2}]
            return (await client.post("/v1/decide/page", json={"cart": ["P00", "P02"], "page": spots})).json()[
                "answers"
            ]

    answers = asyncio.run(ask())
    app.served.close()
    shown = [offer["product"] for one in answers for offer in one["offers"]]
    assert len(answers) == 3
    assert len(shown) == len(set(shown)) == 4
    assert answers[1]["no_offer"] == "all_excluded"
    assert len({one["decision_id"] for one in answers}) == 3


# D15: what stands where nothing better is known


def labeled(decision, *expected):
    """See that each offer is what it is called, and that no sentence claims to know somebody."""
    assert kinds(decision) == set(expected)
    for offer in decision.offers:
        for language in LANGUAGES:
            told = reasons.sentence(offer.reason, language)
            if offer.kind == "bestseller":
                assert {"en": "bestseller", "ko": "인기 상품", "ja": "人気商品"}[language] in told
            assert not [word for word in FLATTERY if word in told.lower()], told


def test_d15_chain_of_the_home_page_from_what_is_known_to_nothing(shop, at, pantry):
    """What you bought, what you looked at, what sells, nothing: each step is called what it is."""
    buyer = next(
        order.customer for order in pantry.orders
        if order.customer and {"P00", "P02", "P04"} & set(order.products)
        and not {"P01", "P03", "P05"} & {name for one in pantry.orders if one.customer == order.customer for name in one.products}
    )  # fmt: skip
    labeled(shop.decide("home", customer=buyer, k=1), "bestseller")
    at.grant(shop, buyer)
    known = shop.decide("home", customer=buyer, k=1)
    labeled(known, "complement")
    assert known.purpose == "personalization"
    labeled(shop.decide("home", viewed=["P00"], k=1), "complement")
    best = shop.decide("home", k=20)
    labeled(best, "bestseller")
    assert all(offer.p is None for offer in best.offers)
    assert shop.decide("home", exclude=shop.knowledge.products).no_offer == NoOffer.ALL_EXCLUDED


def test_d15_chain_of_a_product_page_never_ends_in_what_merely_sells(at, shops, little):
    """Tested companions, else what its shelf goes with, else silence; out of stock what serves instead. Never a bestseller."""
    shelves = {"mug": "cups", "cup": "cups", "bowl": "cups", "tea": "tea", "green tea": "tea", "black tea": "tea"}
    named = [at.product(name, 9, category=f"kitchen/{shelf}", stock=30) for name, shelf in shelves.items()]
    made = at.baskets("tea", {"mug": 60})
    made += [("green tea", "cup"), ("black tea", "bowl"), ("black tea", "cup")] * 12
    shop = shops.of(little.orders(*made, days=90), *named, at.product("white tea", 9, category="kitchen/tea", stock=30))
    labeled(shop.decide("product", product="tea", k=1), "complement")
    by_shelf = shop.decide("product", product="white tea")
    labeled(by_shelf, "category_companion")
    assert kinds(by_shelf) <= GOES_WITH
    assert shop.decide("product", product="N00", kinds=["complement"]).no_offer == NoOffer.NO_CANDIDATES
    for page in ("tea", "white tea", "N00"):
        assert "bestseller" not in kinds(shop.decide("product", product=page, k=12))


def test_d15_chain_ends_with_the_safe_list_when_the_store_is_down(shop):
    """From memory, marked, without an id, about nobody; and nothing at all for what interrupts."""
    shop.decide("home")
    answer = degraded(Request("home", shop.clock(), "c1"), shop.known, shop.key)
    labeled(answer, "bestseller")
    assert (answer.is_degraded, answer.decision_id, answer.purpose) == (True, "", "contextual")
    assert degraded(Request("popup", shop.clock(), cart=("P00",)), shop.known, shop.key).no_offer == NoOffer.STORE_DOWN


def test_d15_chain_of_a_shop_without_an_order_is_silent(fresh):
    """Before anything is learned nothing is made up: the shop says that it is not ready."""
    fresh.put_products([{"product_id": "P1", "title": "Cup", "price": "5", "currency": "USD"}])
    with pytest.raises(TryAgain, match="learn"):
        fresh.decide("home")


# D11: marketing by channel, with its proof, in every process at once


ASK = """
import sys
from datetime import datetime
from crosslift.shop import Shop
with Shop(sys.argv[1], {}, lambda: datetime.fromisoformat(sys.argv[2])) as shop:
    shop.decide("cart", ["P00"])
    print("ready", flush=True)
    for line in sys.stdin:
        made = shop.decide("email", ["P00"], customer=line.strip())
        print(made.no_offer, made.consent_id, len(made.offers), flush=True)
"""


@pytest.fixture
def other(shop, clock, crosslift_cache):
    """Another process that serves the same home: `other("c1")` asks it for a mail and gives what it says."""
    in_an_hour = (clock() + timedelta(hours=1)).isoformat()
    process = subprocess.Popen(
        [sys.executable, "-c", ASK, str(shop.home), in_an_hour], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        env={**os.environ, "CROSSLIFT_CACHE": str(crosslift_cache), "CROSSLIFT_NO_JIT": "1"},
    )  # fmt: skip

    def said():
        for line in process.stdout:
            if not line.startswith(("{", "20")):  # no log lines
                return line.split()
        raise AssertionError("the other process ended")

    assert said() == ["ready"]

    def ask(customer):
        process.stdin.write(f"{customer}\n")
        process.stdin.flush()
        return said()

    yield ask
    process.stdin.close()
    process.stdout.close()
    assert process.wait(20) == 0


def test_d11_channels_are_asked_one_by_one(shop, at):
    """A yes to mails is none to messages in the shop, nor to being known; a no to one channel leaves the others."""
    at.grant(shop, "c1", purpose="marketing", channel="email")
    assert names(shop.decide("email", ["P00"], customer="c1")) == ["P01"]
    assert (
        shop.decide("popup", ["P00"], customer="c1", purpose="marketing", dwell_seconds=30).no_offer
        == NoOffer.NO_CONSENT
    )
    at.grant(shop, "c2", purpose="marketing")
    shop.clock.move(minutes=1)
    shop.consents.withdraw("c2", "marketing", "email")
    assert shop.decide("email", ["P00"], customer="c2").no_offer == NoOffer.NO_CONSENT
    assert shop.decide("popup", ["P00"], customer="c2", purpose="marketing", dwell_seconds=30).offers


def test_d11_channels_proof_is_attached_to_the_decision(shop, at):
    """The decision names the entry of the ledger that allowed it: with its source, wording and time; none, no decision."""
    yes = {"customer_id": "c1", "purpose": "marketing", "channel": "email", "status": "granted", "source": "newsletter form",
           "wording": "We write once a week.", "at": shop.clock().isoformat()}  # fmt: skip
    shop.consents.record([{**yes, "at": "2026-01-01T00:00:00Z", "source": "old form"}, yes])
    made = shop.decide("email", ["P00"], customer="c1")
    entry = shop.records.table("consents", ("source", "wording", "status"), "id = ?", (made.consent_id,)).to_pylist()
    assert entry == [{"source": "newsletter form", "wording": "We write once a week.", "status": "granted"}]
    assert shop.decision(made.decision_id)["consent_id"] == made.consent_id
    assert shop.replay(made.decision_id).is_equal
    refused = shop.decide("email", ["P00"], customer="c2")
    assert (refused.offers, refused.consent_id) == ((), 0)


def test_d11_channels_withdrawn_in_one_process_is_withdrawn_in_every_other(shop, at, other, clock):
    """Two processes serve one home: what one is told counts on the very next decision of the other, both ways."""
    at.grant(shop, "c1", "c2", purpose="marketing", channel="email")
    no_offer, consent_id, n_offers = other("c1")
    assert (no_offer, int(consent_id) > 0, n_offers) == ("None", True, "1")
    clock.move(minutes=1)
    shop.consents.withdraw("c1", "marketing", "email")
    assert other("c1") == ["no_consent", "0", "0"]
    assert other("c2")[0] == "None"
    clock.move(minutes=1)
    at.grant(shop, "c1", purpose="marketing", channel="email")
    assert other("c1")[0] == "None"
