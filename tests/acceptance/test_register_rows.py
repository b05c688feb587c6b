"""Row D18, registers: what shoppers read keeps one level of politeness a language; Japanese is indirect."""

import re
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crosslift.domain.coupon import CouponRefusal
from crosslift.domain.decision import Reason, ReasonCode
from crosslift.shop.batch import plain
from crosslift.shop.packs import Packs
from crosslift.wording import coupons, reasons
from crosslift.wording.how_we_recommend import KEYS as HOW
from crosslift.wording.messages import text
from crosslift.wording.storefront import labels
from crosslift.wording.why_not import KEYS as WHY_NOT

pytestmark = pytest.mark.usefixtures("_no_compiler")
BY = {"author": "mina", "reason": "we decided so"}
POLITE = ("です", "ます", "ません", "でした", "ました", "ください")
DIRECT = re.compile(r"あなた|ぜひ|今すぐ|絶対|お見逃し|ましょう|なさい|してみて|買って|べき|[!！]")
"""What a Japanese shop would not say to a guest: it presses, bids, or names them."""
ASKS = re.compile(r"(?:よろしければ|恐れ入りますが|お手数ですが)[^。]*ください")
BLUNT = re.compile(r"(?:お客様|方)[^。]*?(?:(?:購入|検索)し(?:た|ています)|見て)|(?:購入|検索)した(?:お客様|方)")
"""Verbs of guests without respect."""


def is_indirect(said):
    """Whether a Japanese sentence is polite to the end, leaves the choice to its reader, and speaks of guests with respect."""
    whole = re.findall(r"[^。]+(?=。)", said)
    asks = [one for one in whole if "ください" in one]
    return (
        all(one.endswith(POLITE) for one in whole)
        and all(ASKS.search(one) for one in asks)
        and not DIRECT.search(said)
        and not BLUNT.search(said)
    )


def is_level(said):
    """Whether each whole Korean sentence keeps to 해요."""
    whole = (one for one in re.split(r"(?<=[.?])\s+", said) if one.endswith((".", "?")))
    return all(one.rstrip(".?").endswith("요") for one in whole)


def shoppers(language):
    """Give every fixed sentence a shopper may read."""
    yield from (reasons.no_offer_sentence(code, language) for code in (*reasons.NoOffer, "own"))
    yield from (reasons.drop_sentence(code, language) for code in reasons.DropCode)
    yield from labels(language).values()
    yield from (text(f"how.{key}", language) for key in HOW)
    yield from (text(f"why_not.{key}", language) for key in WHY_NOT if key.startswith("shopper."))
    yield from (coupons.why(code, language) for code in CouponRefusal)


def test_d18_registers_every_fixed_sentence_keeps_its_level():
    assert [one for one in shoppers("ja") if not is_indirect(one)] == []
    assert [one for one in shoppers("ko") if not is_level(one)] == []


def test_d18_registers_the_measure_itself_tells_them_apart():
    for pressing in (
        "今すぐご購入ください。",
        "あなたにおすすめです。",
        "一緒に買いましょう。",
        "必ず役立つ!",
        "お試しください。",
        "12名のお客様が購入しています。",
    ):
        assert not is_indirect(pressing), pressing
    assert is_indirect("よろしければご覧ください。ご不要の場合はこのままで問題ございません。")
    assert not is_level("지금 구매하십시오.")
    assert not is_level("함께 담겼습니다.")


@pytest.fixture(scope="module")
def kinds(load_script):
    """Evidence of every kind of reason, as the property tests draw it."""
    return load_script("tests/property/test_wording_evidence.py")


@given(data=st.data())
def test_d18_registers_and_sentences_of_every_kind_of_reason(kinds, data):
    """Any true evidence of any reason there is: the sentence keeps its level, but for what the merchant wrote."""
    code = data.draw(st.sampled_from(sorted(ReasonCode)))
    if code in kinds.FIRST_CODES:
        return
    evidence = data.draw(kinds.EVIDENCE[code])
    own = evidence.get("reason") if code is ReasonCode.RECOMMENDED else None
    said = {language: reasons.sentence(Reason(code, evidence), language) for language in ("ko", "ja")}
    ours = {language: text.replace(own, "") if own else text for language, text in said.items()}
    assert is_level(ours["ko"])
    assert is_indirect(ours["ja"])


def test_d18_registers_under_the_pack_of_japan_what_is_decided_is_said_indirectly(shop):
    """Goods, sets, offers, goals, bars, a step up, stand-ins, and every answer that nothing is offered, to a guest in Japan."""
    offers = (
        Packs()
        .told("market/jp")["offers"]
        .replace('markets = ["JP"]', 'markets = ["JP"]\nbeside = ["P00"]\ngoals = ["calm"]')
    )
    shop.offers.put(tomllib.loads(offers)["offers"], **BY)
    shop.offers.put({"offer_id": "plus", "kind": "service", "title_ja": "上位プラン", "benefit_ja": ["長くお使いいただけます"],
                     "price": "9", "currency": "USD", "step_of": "P00"}, **BY)  # fmt: skip
    shop.put_bundles(
        [
            {"bundle_id": "S", "product_id": one, "kind": "fixed", "price": "5", "currency": "USD"}
            for one in ("P00", "P01")
        ]
    )
    shop.put_links([{"from_id": "P02", "to_id": "P07", "kind": "complement", "action": "pin", "author": "mina",
                     "reason": "静かな朝に向いています"}])  # fmt: skip
    policy = (
        'name = "helpful"\nextends = "helpful"\npacks = ["market/jp"]\n'
        '[[goals]]\nid = "calm"\ntitle.ja = "静かな朝"\n'
        '[[bars]]\nid = "post"\namount = 12\ncurrency = "USD"\ntitle.ja = "送料無料"\n'
    )
    shop.policies.publish("helpful", shop.policies.draft(policy, **BY)["version"], "mina")
    guest = {"market": "JP", "language": "ja"}
    decisions = [
        shop.decide("product", product="P00", k=9, **guest), shop.decide("cart", ["P00", "P04"], k=9, **guest),
        shop.decide("bar", ["P00"], **guest), shop.decide("cart", ["P02"], k=9, **guest), shop.decide("home", k=4, **guest),
        shop.decide("product", product="P00", goals=["calm"], k=9, **guest),
        shop.decide("popup", ["P00"], anonymous="b", dwell_seconds=30, **guest),
        shop.decide("desk", ["P00"], customer="c1", **guest),
        shop.decide("email", customer="c1", **guest),
    ]  # fmt: skip
    spoken = [reason for decision in decisions for offer in decision.offers for reason in (offer.reason, *offer.labels)]
    assert {one.code for one in spoken} >= {
        ReasonCode.BOUGHT_TOGETHER, ReasonCode.MERCHANT_OFFER, ReasonCode.SERVES_GOAL, ReasonCode.BESTSELLER,
        ReasonCode.RECOMMENDED, ReasonCode.FILLS_THRESHOLD,
    }  # fmt: skip
    silent = {decision.no_offer for decision in decisions} - {None}
    assert silent >= {"value_first", "no_consent"}
    answers = [plain(decision, "ja") for decision in decisions]
    said = [text for one in answers for offer in one["offers"] for text in (offer["reason"], *offer["labels"])]
    sets = [one["reason"] for answer in answers for one in answer.get("sets", ()) if one["reason"]]
    assert sets
    said += sets
    said += [reasons.no_offer_sentence(code, "ja") for code in silent]
    assert [one for one in said if not is_indirect(one)] == []


def test_d18_registers_the_offers_of_the_pack_of_japan_are_humble():
    """What the pack brings along for Japan says what could be done, in humble verbs, and bids nobody."""
    offers = tomllib.loads(Packs().told("market/jp")["offers"])["offers"]
    for offer in offers:
        spoken = [
            offer["title_ja"],
            *offer["benefit_ja"],
            *(offer[name] for name in ("terms_ja", "cancellation_ja") if name in offer),
        ]
        assert all(is_indirect(f"{one.removesuffix('。')}。") or one == offer["title_ja"] for one in spoken), spoken
        assert all(one.endswith(("いたします", "承ります", "ございます")) for one in offer["benefit_ja"])
