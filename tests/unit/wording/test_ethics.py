"""The lint finds each dark pattern in each language, names rule and place, and leaves honest words alone."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from crosslift.domain.bundle import Bundle, BundleKind, Part
from crosslift.domain.money import Money
from crosslift.domain.offer import Offer, OfferKind, Period, PriceLine, Proof
from crosslift.domain.policy import HELPFUL, RELEVANCE, Goal
from crosslift.domain.pressure import Cooldown, PressureLimits, Reaction
from crosslift.domain.rule import Gate, Rule
from crosslift.domain.value import Bar, Lever, ValueTerms
from crosslift.wording.ethics import of_bundle, of_offer, of_policy, of_text

NOW = datetime(2026, 11, 1, tzinfo=UTC)


def eur(amount):
    return Money(Decimal(str(amount)), "EUR")


CARE = Offer(
    "care", 1, OfferKind.SERVICE, {"en": "Care plan", "ko": "케어 플랜"}, "mina", "asked for often", NOW,
    prices=(PriceLine(eur(5), Period.MONTH, 12, Decimal("0.19")),), total=eur(60),
    cancellation={"en": "Cancel any day, in your account.", "ko": "계정에서 언제든 해지할 수 있어요."},
)  # fmt: skip

BAD = [
    ("fake_urgency", "en", "Hurry, act now"), ("fake_urgency", "ko", "마감 임박"), ("fake_urgency", "ja", "今だけ"),
    ("fake_scarcity", "en", "Only 2 left"), ("fake_scarcity", "ko", "품절 임박"), ("fake_scarcity", "ja", "残りわずか"),
    ("confirm_shaming", "en", "No thanks, I prefer to pay more"), ("confirm_shaming", "ko", "혜택을 포기할게요"),
    ("confirm_shaming", "ja", "いいえ、お得はいりません"),
    ("pre_ticked", "en", "Insurance is added by default"), ("pre_ticked", "en", "Untick the box if you do not want it"),
    ("pre_ticked", "ko", "보험이 자동 추가됩니다"), ("pre_ticked", "ja", "保険は自動的に追加されます"),
    ("hidden_cost", "en", "29 € plus fees"), ("hidden_cost", "en", "Charges may apply"),
    ("hidden_cost", "ko", "부가세 별도"), ("hidden_cost", "ko", "추가 요금이 발생합니다"), ("hidden_cost", "ja", "送料別途"),
    ("forced_bundle", "en", "Only sold together"), ("forced_bundle", "ko", "세트로만 판매"),
    ("forced_bundle", "ja", "単品購入不可"),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "language", "text"), BAD)
def test_each_pattern_is_found_in_each_language(rule, language, text):
    found = of_text(text, language, "popup.title")
    assert [f.rule_id for f in found if f.rule_id.startswith(rule)] != []
    assert all(f.where == "popup.title" and f.instead and f.is_severe for f in found)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Goes well with your grinder. All taxes and delivery are included."),
        ("en", "Choose what you like; every part can be bought alone."),
        ("en", "No, thanks"),
        ("ko", "그라인더와 잘 어울려요. 부가세와 배송비가 포함된 가격이에요."),
        ("ko", "괜찮아요"),
        ("ja", "ミルとよく合います。税込み・送料込みの価格です。"),
        ("ja", "今回は見送る"),
    ],
)
def test_honest_words_pass(language, text):
    assert of_text(text, language, "x") == []


def test_hurry_is_true_where_an_end_stands_behind_it_and_shame_never_is():
    assert of_text("Last day", "en", "x", has_true_end=True) == []
    assert of_text("No thanks, I hate deals: last day", "en", "x", has_true_end=True)[0].rule_id == "confirm_shaming.en"


def test_a_clean_offer_passes():
    assert of_offer(CARE) == []


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        ({"cancellation": {"en": "Any day."}}, "hidden_renewal"),
        ({"benefits": {"ko": ("지금 아니면 늦어요",)}}, "fake_urgency.ko"),
        ({"terms": {"en": "Setup fees apply"}}, "hidden_cost.en"),
        ({"proofs": (Proof({"en": "Hurry, it saves an hour"}, "https://example.org/case"),)}, "fake_urgency.en"),
    ],
)
def test_what_an_offer_hides_or_presses_is_named(changed, rule):
    assert rule in [f.rule_id for f in of_offer(replace(CARE, **changed))]


def test_a_product_without_a_price_lacks_the_full_price():
    goods = replace(CARE, product_id="mill", prices=(), total=None)
    assert of_offer(goods) == []
    assert [f.rule_id for f in of_offer(goods, has_price=False)] == ["missing_full_price"]


def test_a_part_that_nobody_can_buy_alone_is_a_forced_bundle():
    tea = Bundle("tea", BundleKind.FIXED, (Part("pot"), Part("cup")), 2, titles={"en": "Tea for two"})
    assert of_bundle(tea, lambda _: True) == []
    assert [f.words for f in of_bundle(tea, lambda part: part == "pot")] == ["cup"]


def test_built_in_policies_pass_and_one_that_nags_does_not():
    assert of_policy(HELPFUL) == of_policy(RELEVANCE) == []
    nagging = replace(
        HELPFUL, pressure=PressureLimits(cooldowns=(Cooldown(Reaction.DECLINED, 3), Cooldown(Reaction.MUTED, 999)))
    )
    assert [f.rule_id for f in of_policy(nagging)] == ["nagging"]
    pressing = Rule("r", Gate.SUITABLE, "not_now", "mina", "마감 임박 상품은 먼저 보여 줍니다.")
    assert [f.rule_id for f in of_policy(replace(HELPFUL, rules=(pressing,)))] == ["fake_urgency.ko"]
    bar = Bar("post", 50, "EUR", {"en": "Hurry: free delivery"})
    assert [f.rule_id for f in of_policy(replace(HELPFUL, value=ValueTerms(bars=(bar,))))] == ["fake_urgency.en"]


def test_a_number_set_for_whoever_sells_is_found_wherever_staff_or_policies_say_it():
    brief = of_offer(replace(CARE, staff_brief="Quota: 8 a week, 이번 주 할당 8건, ノルマ八件"))
    assert [f.rule_id for f in brief] == ["individual_quota.en", "individual_quota.ko", "individual_quota.ja"]
    assert all(f.where == "offer care.staff_brief" and f.is_severe for f in brief)
    goal = Goal("quota-cards", {"en": "Cards"})
    lever = Lever("push", 2.0, "mina", "each adviser's quota", NOW)
    rule = Rule("r", Gate.SUITABLE, "too_early", "mina", "keeps the individual target within reach")
    for changed in ({"goals": (goal,)}, {"value": ValueTerms(levers=(lever,))}, {"rules": (rule,)}):
        assert [f.rule_id for f in of_policy(replace(HELPFUL, **changed))] == ["individual_quota.en"]
