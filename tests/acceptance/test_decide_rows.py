"""Rows D: the offer that may be made, truly explained, or none."""

import re

import pytest

from crosslift.errors import NotReplayable
from crosslift.wording import reasons


def offered(decision):
    return [offer.product_id for offer in decision.offers]


def grant(shop, little, folder, customer, *purposes):
    rows = [
        {
            "customer_id": customer,
            "purpose": purpose,
            "channel": "*",
            "status": "granted",
            "source": "test",
            "at": "2026-01-01T00:00:00Z",
        }
        for purpose in purposes
    ]
    shop.collect(little.write(folder / "consents.csv", rows))


def test_d02_whole_cart(shop):
    """A second item in the cart changes the ranking in the same request."""
    assert offered(shop.decide("cart", ["P00"], k=1)) == ["P01"]
    both = offered(shop.decide("cart", ["P00", "P02"], k=2))
    assert set(both) == {"P01", "P03"}
    assert offered(shop.decide("cart", ["P02", "P00"], k=2)) == both


@pytest.mark.parametrize(
    ("change", "code"),
    [({"stock": 0}, "out_of_stock"), ({"active": False}, "inactive"), ({"price": None}, "price_missing")],
)
def test_d04_inactive_stock_price(shop, change, code):
    """Ineligible is never returned, and the trace says which gate stopped it."""
    assert offered(shop.decide("product", ["P00"], k=1)) == ["P01"]
    shop.patch_products([{"product_id": "P01", **change}])
    decision = shop.decide("product", ["P00"], k=12, with_trace=True)
    assert "P01" not in offered(decision)
    assert decision.dropped[code] == 1
    assert {t.product_id: t.dropped for t in decision.trace.candidates}["P01"] == code
    assert "P01" not in offered(shop.decide("product", ["P00"], k=12, policy="relevance"))


def test_d05_cart_owned_requested(shop, little, tmp_path):
    """In the cart, owned and asked-to-be-left-out are honored; owned by history only as consent allows."""
    assert "P01" not in offered(shop.decide("cart", ["P00", "P01"], k=12))
    assert "P01" not in offered(shop.decide("cart", ["P00"], k=12, exclude=["P01"]))
    assert "P01" not in offered(shop.decide("cart", ["P00"], k=12, holdings=["P01"]))
    assert "P01" in offered(shop.decide("cart", ["P00"], k=12, holdings=["P01"], policy="relevance"))
    owner = next(o.customer for o in little.pantry(800).orders if o.customer and "P01" in o.products)
    assert "P01" in offered(shop.decide("cart", ["P00"], k=12, customer=owner))
    grant(shop, little, tmp_path, owner, "personalization")
    assert "P01" not in offered(shop.decide("cart", ["P00"], k=12, customer=owner))


def test_d05_cart_owned_requested_consumables_again(shop):
    """What is used up may be offered again to whoever owns it; what lasts may not; in the cart it is in the cart."""
    assert "P01" not in offered(shop.decide("cart", ["P00"], holdings=["P01"]))
    beans = {"product_id": "P01", "title": "Beans", "price": "9", "currency": "USD", "attributes": {"consumable": True}}
    shop.put_products([beans])
    shop.learn()
    assert "P01" in offered(shop.decide("cart", ["P00"], holdings=["P01"]))
    assert "P01" not in offered(shop.decide("cart", ["P00", "P01"], holdings=["P01"]))


def test_d11_fails_closed_on_the_history(shop, little, tmp_path, pantry):
    """Without consent an owner is answered like a stranger, labeled contextual, and kept under no name."""
    owner = next(o.customer for o in pantry.orders if o.customer and "P01" in o.products)
    stranger, same = shop.decide("cart", ["P00"]), shop.decide("cart", ["P00"], customer=owner)
    assert same.offers == stranger.offers
    assert (same.purpose, shop.decision(same.decision_id)["identity"]) == ("contextual", None)
    asked = shop.decide("cart", ["P00"], customer=owner, purpose="personalization")
    assert (asked.purpose, asked.warnings) == ("contextual", ("no_consent:personalization",))
    grant(shop, little, tmp_path, owner, "personalization")
    mine = shop.decide("cart", ["P00"], customer=owner)
    assert (mine.offers, mine.purpose) == ((), "personalization")
    row = shop.decision(mine.decision_id)
    assert (row["identity"], row["consent_id"] > 0) == (f"customer:{owner}", True)


def test_d11_fails_closed(shop, little, tmp_path):
    """Without marketing consent nothing is decided for a message; with it, the decision names the ledger entry."""
    refused = shop.decide("email", ["P00"], customer="c1")
    assert (refused.no_offer, refused.offers) == ("no_consent", ())
    assert shop.decide("email", ["P00"]).no_offer == "no_consent"
    assert shop.decide("email", ["P00"], customer="nobody").no_offer == "no_consent"
    grant(shop, little, tmp_path, "c1", "marketing")
    allowed = shop.decide("email", ["P00"], customer="c1")
    assert allowed.offers
    assert allowed.purpose == "marketing"
    assert allowed.consent_id > 0
    assert shop.decision(allowed.decision_id)["consent_id"] == allowed.consent_id


def test_d12_count_and_variety(shop):
    """At most N, default three, each product once, at most two of a category."""
    everything = [f"P{i:02}" for i in range(0, 6, 2)]
    assert len(shop.decide("cart", everything).offers) <= 3
    assert len(shop.decide("cart", everything, k=1).offers) == 1
    home = shop.decide("home", k=12)
    assert len(offered(home)) == len(set(offered(home))) > 3
    categories = [row["category"] for row in shop.products().to_pylist() if row["product_id"] in offered(home)]
    assert max(categories.count(one) for one in categories) <= 2
    assert len(shop.decide("home", k=20, policy="relevance").offers) > len(home.offers)


def test_d14_no_offer(shop):
    """Nothing that helps is a valid answer with its code, recorded like any other."""
    lonely = next(p for p in shop.knowledge.products if not len(shop.knowledge.edges_of(shop.knowledge.index[p])[0]))
    nothing = shop.decide("product", [lonely])
    assert (nothing.offers, nothing.no_offer) == ((), "no_candidates")
    assert shop.decision(nothing.decision_id)["no_offer"] == "no_candidates"
    partners = [shop.knowledge.products[int(i)] for i in shop.knowledge.edges_of(shop.knowledge.index["P00"])[0]]
    assert shop.decide("product", ["P00"], exclude=partners).no_offer == "all_excluded"


def test_d15_labeled(shop):
    """A fallback says what it is: a bestseller, in so many orders, never "for you"."""
    home = shop.decide("home", k=3)
    assert {offer.kind for offer in home.offers} == {"bestseller"}
    assert all(offer.p is None for offer in home.offers)
    for language, word in (("en", "bestseller"), ("ko", "인기 상품"), ("ja", "人気商品")):
        for offer in home.offers:
            sentence = reasons.sentence(offer.reason, language)
            assert word in sentence
            assert "for you" not in sentence.lower()


def test_d17_explained_and_replayed(shop, clock):
    """Every candidate has its gate and factor; the decision id replays to the identical result, until its inputs are gone."""
    decision = shop.decide("cart", ["P00", "NOPE"], k=1, customer="nobody", with_trace=True)
    assert set(decision.warnings) == {"unknown_product:NOPE", "unknown_customer:nobody"}
    assert [t.place for t in decision.trace.candidates if t.product_id == "P01"] == [0]
    assert all((t.place is None) == (t.dropped is not None) for t in decision.trace.candidates)
    shop.patch_products([{"product_id": "P01", "stock": 0}])
    again = shop.replay(decision.decision_id)
    assert again.is_equal
    assert again.decision.offers == decision.offers
    clock.move(days=31)
    shop.records.expire(int(clock().timestamp() * 1_000_000))
    with pytest.raises(NotReplayable, match="30 days"):
        shop.replay(decision.decision_id)


def test_d18_true_sentence(shop, pantry, little):
    """Sentences in three languages whose every number is a recount from the raw orders."""
    _, twos = little.recount(pantry.orders)
    for a, b in pantry.pairs:
        offer = next(o for o in shop.decide("product", [a], k=12).offers if o.product_id == b)
        sentences = [reasons.sentence(offer.reason, language) for language in ("en", "ko", "ja")]
        assert len(set(sentences)) == 3
        for sentence, title in zip(sentences, ("en", "ko", "ja"), strict=True):
            numbers = [int(n.replace(",", "")) for n in re.findall(r"\d[\d,]*", sentence)]
            assert little.both(twos, a, b) in numbers
            told = offer.reason.evidence["anchor_titles"].get(title) or offer.reason.evidence["anchor_title"]
            assert told in sentence
