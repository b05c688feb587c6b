"""The value card: benefit first, nothing invented, and what is missing is named instead of padded."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from crosslift.deliver.channels.blocks import BLOCKS, WHERE, kinds_of
from crosslift.deliver.channels.card import Call, Gap, Goods, Known, card_of
from crosslift.deliver.channels.comparison import compared
from crosslift.deliver.channels.quotes import MIN_RATINGS, Review, Reviewed, quote_of, rating_of
from crosslift.domain.catalog import Product
from crosslift.domain.decision import Reason, ReasonCode
from crosslift.domain.money import Money
from crosslift.domain.offer import Offer, OfferKind, Period, PriceLine, Proof
from crosslift.domain.placement import NEEDS, PLACEMENTS
from crosslift.domain.policy import HELPFUL
from crosslift.wording import formats

NOW = datetime(2026, 11, 1, tzinfo=UTC)
SMALL = Product("S", "Hand mill", {"ko": "핸드밀"}, attributes={"burr_mm": 38, "material": "ceramic", "cluster": 7})
LARGE = Product(
    "L", "Pro mill", {"ko": "프로 밀"}, attributes={"burr_mm": 48, "material": "ceramic", "cluster": 9, "weight_g": 600}
)
STEP = Reason(ReasonCode.STEP_UP, {
    "anchor": "S", "anchor_titles": {"en": "Hand mill"}, "delta_price": 110_000.0, "currency": "KRW",
    "benefits": [{"attribute": "burr_mm", "from": 38, "to": 48}],
})  # fmt: skip
TOGETHER = Reason(ReasonCode.BOUGHT_TOGETHER, {"anchor": "S"})
GOODS = Goods("L", "Pro mill", "/p/L", "/pictures/l.svg", True, "₩199,000", True)


def won(amount):
    return Money(Decimal(amount), "KRW")


def offer(**said):
    return Offer("step", 1, OfferKind.GOODS, {"en": "Pro mill"}, "mina", "spring", NOW, product_id="L", **said)


def card(language="en", *, reason=TOGETHER, market=None, **known):
    given = {
        "kind": "upgrade" if reason is STEP else "complement", "product": LARGE, "anchor": SMALL, "price": won(199_000),
        "anchor_price": won(89_000), "goods": GOODS, **known,
    }  # fmt: skip
    one = Known(
        decision_id="d1", reason=reason, sentence="A true sentence.", labels=(), evidence=(("Orders", "9"),), **given
    )  # fmt: skip
    return card_of(one, language, "en", market, lambda money: formats.money(money, language))


def test_the_benefit_goes_before_what_it_is_like():
    sold = offer(benefits={"en": ("Even grounds in half the time", "Quiet in the morning"), "ko": ("고르게 갈려요",)})
    made = card(offer=sold)
    assert (made.benefit.text, made.benefit.language) == ("Even grounds in half the time", "en")
    assert made.features == ("Quiet in the morning",)
    assert card("ko", offer=sold).benefit.text == "고르게 갈려요"
    assert Gap.BENEFIT not in made.gaps


def test_a_missing_benefit_is_a_gap_and_no_other_text_takes_its_place():
    made = card("ja", offer=offer(benefits={"en": ("Even grounds",)}))
    assert made.benefit is None
    assert Gap.BENEFIT in made.gaps
    assert made.features == ("刃の直径 48mm", "陶磁器", "重さ 600g")


def test_the_catalogs_own_benefit_counts_in_its_language():
    told = replace(LARGE, attributes={"benefit": "Grinds evenly", "benefit_ko": ["고르게 갈려요"]})
    assert [card(tag, product=told).benefit and card(tag, product=told).benefit.text for tag in ("en", "ko", "ja")] == [
        "Grinds evenly", "고르게 갈려요", None,
    ]  # fmt: skip


def test_a_step_up_says_what_it_costs_more_and_what_that_buys():
    made = card(reason=STEP)
    assert made.difference == "₩110,000 more than Hand mill."
    assert made.gains == ("burr 38 → 48 mm",)
    assert [(row.name, row.theirs, row.ours, row.is_different) for row in made.comparison.rows] == [
        ("burr", "38 mm", "48 mm", True), ("material", "ceramic", "ceramic", False),
    ]  # fmt: skip
    assert made.reason is None
    assert made.sentence == "A true sentence."


@pytest.mark.parametrize(("price", "said"), [(89_000, "same price"), (80_000, "₩9,000 less"), (90_000, "₩1,000 more")])
def test_the_difference_is_told_either_way(price, said):
    assert said in card(reason=STEP, price=won(price)).difference


def test_prices_of_two_currencies_are_never_subtracted():
    assert card(reason=STEP, anchor_price=Money(Decimal(89), "USD")).difference is None
    assert card(reason=STEP, anchor_price=None).difference is None


def test_a_companion_is_not_compared_with_what_it_goes_with():
    made = card()
    assert (made.difference, made.comparison, made.gains) == (None, None, ())
    assert made.reason == "A true sentence."


def test_only_what_is_known_of_both_is_compared():
    assert compared(SMALL, replace(LARGE, attributes={"material": "ceramic"}), "en") is None
    assert compared(replace(SMALL, attributes={}), LARGE, "en") is None
    assert [row.name for row in compared(SMALL, LARGE, "en").rows] == ["burr", "material"]


def test_what_is_paid_when_and_in_all_is_told_where_one_price_would_hide_it():
    lines = (PriceLine(won(30_000)), PriceLine(won(9_900), Period.MONTH, 3, labels={"en": "beans"}))
    sold = offer(prices=lines, total=won(59_700), cancellation={"en": "Ends by itself"})
    made = card(offer=sold, price=won(59_700))
    assert made.lines == ("₩30,000 once", "beans: ₩9,900 every month, 3 times")
    assert made.total == "₩59,700"
    assert made.cancellation.text == "Ends by itself"
    assert Gap.GUARANTEE not in made.gaps
    assert card(offer=offer(prices=(PriceLine(won(199_000)),))).lines == ()


def test_terms_are_told_in_the_language_there_is_and_say_which():
    made = card("ja", offer=offer(guarantee={"ko": "2년 보증"}))
    assert (made.guarantee.text, made.guarantee.language) == ("2년 보증", "ko")


def test_advice_is_looked_at_and_goods_go_into_the_cart():
    assert card().call is Call.ADD
    advice = replace(offer(), kind=OfferKind.ADVICE)
    assert card(offer=advice).call is Call.SEE
    assert card(goods=replace(GOODS, is_in_stock=False)).call is Call.SEE
    assert card(goods=replace(GOODS, price=None)).call is Call.SEE


def test_a_film_is_shown_with_captions_or_not_at_all():
    def of(**more):
        return card(product=replace(LARGE, attributes=more), film=lambda one: one if isinstance(one, str) else None)

    assert of(video="/v.mp4", captions_en="/v.vtt").film.captions == "/v.vtt"
    assert of(video="/v.mp4").film is None
    assert Gap.CAPTIONS in of(video="/v.mp4").gaps
    assert Gap.CAPTIONS not in of().gaps


def review(number, rating, said=None, language="en", **more):
    return Review(f"r{number}", date(2026, 3, number), rating, said, language, **more)


def test_a_review_is_quoted_whole_in_the_readers_language_with_its_source():
    said = Reviewed.of([
        review(1, 1.0, "Warm for a whole morning.", url="https://shop.example/r/1"),
        review(2, 1.0, "따뜻하게 오래 가요. 좋아요.", "ko"),
        review(3, 0.4, "It leaked on the second day."), review(4, 1.0, "x" * 300), review(5, 1.0, "Fine"),
    ])  # fmt: skip
    found = quote_of(None, said, "en-GB", None)
    assert (found.text, found.url) == ("Warm for a whole morning.", "https://shop.example/r/1")
    assert found.source == "A review written in this shop on 1 Mar 2026"
    assert quote_of(None, said, "ko", None).text == "따뜻하게 오래 가요. 좋아요."
    assert quote_of(None, said, "ja", None) is None


def test_a_proof_of_the_readers_market_goes_first_and_another_markets_is_never_quoted():
    proofs = (
        Proof({"en": "Used in 40 cafes of Seoul."}, "https://case.example/kr", "KR"),
        Proof({"en": "Tested for two years."}, "Lab report 7"),
    )
    sold = offer(proofs=proofs)
    assert quote_of(sold, None, "en", "KR").text == "Used in 40 cafes of Seoul."
    assert quote_of(sold, None, "en", "JP") == quote_of(sold, None, "en", None)
    assert (quote_of(sold, None, "en", "JP").source, quote_of(sold, None, "en", "JP").url) == ("Lab report 7", None)
    assert quote_of(sold, None, "ko", "KR") is None


def test_the_mean_counts_the_bad_ratings_and_too_few_say_nothing():
    some = [review(1, 1.0), review(2, 1.0), review(3, 0.2)]
    assert rating_of(Reviewed.of(some), "en") == "3.7 of 5 on average, from 3 ratings"
    assert rating_of(Reviewed.of(some[: MIN_RATINGS - 1]), "en") is None
    assert Reviewed.of([]) == Reviewed(0, 0.0, ())


def test_every_place_of_the_widget_has_its_own_sources_cap_and_fallback():
    assert all(PLACEMENTS[name].sources for name in WHERE)
    assert all(HELPFUL.max_extras[name] >= 1 for name in WHERE)
    assert HELPFUL.max_extras["checkout"] == 2
    assert {name for name in WHERE if PLACEMENTS[name].fallback == "bestsellers"} == {"home", "category", "search"}
    assert len({PLACEMENTS[name].sources for name in WHERE}) > 10


def test_blocks_of_a_placement_share_no_source():
    for name in WHERE:
        named = [kind for block in ("needs", "goes_with", "step_up", "running_out") for kind in kinds_of(block, name)]
        assert len(named) == len(set(named))
    assert BLOCKS["needs"] == NEEDS
