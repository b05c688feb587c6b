"""Reasons that set a product beside another: needs, steps up, substitutes, stand-ins, new ones like known ones."""

import pytest

from crosslift.domain.decision import Reason, ReasonCode
from crosslift.errors import BadInput
from crosslift.wording.messages import LANGUAGES
from crosslift.wording.reasons import operator_sentence, sentence

TITLES = {"en": "V60 dripper", "ko": "V60 드리퍼", "ja": "V60 ドリッパー"}
ANCHOR = {"anchor": "p-1", "anchor_titles": TITLES}
BURR = {"attribute": "burr_mm", "from": 38, "to": 48}
SHARED = [{"attribute": "material", "value": "ceramic"}, {"attribute": "size", "value": "02"}]


def needed(basis: str, **evidence: object) -> Reason:
    return Reason(ReasonCode.NEEDED, ANCHOR | {"basis": basis} | evidence)


def step_up(**changes: object) -> Reason:
    return Reason(ReasonCode.STEP_UP, ANCHOR | {"delta_price": 109000, "currency": "KRW", "benefits": [BURR]} | changes)


def instead(**evidence: object) -> Reason:
    return Reason(ReasonCode.INSTEAD_OF, ANCHOR | evidence)


def stand_in(price_from: object, price_to: object, currency: str = "JPY") -> Reason:
    prices = {"price_from": price_from, "price_to": price_to, "currency": currency}
    return Reason(ReasonCode.STAND_IN, ANCHOR | prices)


def alike(**evidence: object) -> Reason:
    return Reason(ReasonCode.ALIKE, ANCHOR | evidence)


RULE = needed("rule", attribute="filter_size", value="cone-02")
MINED = needed("mined", n_both=98, n_a=100)


@pytest.mark.parametrize(
    ("reason", "language", "said"),
    [
        (RULE, "en", "V60 dripper needs this: filter size cone-02."),
        (RULE, "ko", "V60 드리퍼에 필요한 상품이에요: 필터 크기 cone-02"),
        (RULE, "ja", "「V60 ドリッパー」に必要な商品です：フィルターサイズ cone-02"),
        (MINED, "en", "Of the buyers of V60 dripper, 98 of 100 also have one."),
        (MINED, "ko", "V60 드리퍼를 구매한 고객 100명 중 98명이 이런 상품도 가지고 있어요."),
        (MINED, "ja", "「V60 ドリッパー」を購入されたお客様100名のうち、98名がこのような商品もお持ちです。"),
        (needed("curated"), "en", "V60 dripper needs this."),
        (step_up(), "en", "A step up from V60 dripper: burr 38 → 48 mm, for ₩109,000 more."),
        (step_up(), "ko", "V60 드리퍼보다 한 단계 위 상품이에요: 날 지름 38 → 48mm (109,000원 추가)"),
        (
            step_up(currency="JPY", delta_price=10900),
            "ja",
            "「V60 ドリッパー」よりワンランク上の商品です：刃の直径 38 → 48mm（10,900円高くなります）",
        ),
        (instead(n_viewed_both=320), "en", "320 visitors looked at both V60 dripper and this."),
        (instead(n_viewed_both=1), "en", "1 visitor looked at both V60 dripper and this."),
        (instead(n_viewed_both=320), "ko", "방문자 320명이 V60 드리퍼와 이 상품을 함께 살펴봤어요."),
        (instead(n_viewed_both=320), "ja", "「V60 ドリッパー」とこの商品の両方をご覧になった方は320名です。"),
        (instead(shared=["filter_size", "material"]), "en", "Much like V60 dripper: same filter size, same material."),
        (instead(shared=SHARED), "ko", "V60 드리퍼와 비슷한 상품이에요: 같은 소재, 같은 크기"),
        (instead(shared=SHARED), "ja", "「V60 ドリッパー」とよく似た商品です：同じ素材、同じサイズ"),
        (stand_in(3000, 2800), "en", "V60 dripper is out of stock. This one is in stock, for ¥200 less."),
        (stand_in(3000, 3000), "en", "V60 dripper is out of stock. This one is in stock, at the same price."),
        (stand_in(3000, 3200), "en", "V60 dripper is out of stock. This one is in stock, for ¥200 more."),
        (stand_in(None, 3200), "en", "V60 dripper is out of stock. This one is in stock."),
        (stand_in(3000, 3200, "KRW"), "ko", "V60 드리퍼는 품절이에요. 이 상품은 재고가 있고 200원 더 비싸요."),
        (stand_in(3000, 2800), "ja", "「V60 ドリッパー」は在庫がありません。こちらは在庫があり、200円お安くなります。"),
        (alike(shared=SHARED), "en", "Like V60 dripper: ceramic, size 02."),
        (alike(shared=SHARED), "ko", "V60 드리퍼와 닮은 점: 도자기, 크기 02"),
        (alike(shared=SHARED), "ja", "「V60 ドリッパー」との共通点：陶磁器、サイズ 02"),
        (alike(shared=[], words=["pour over"]), "en", "Described much like V60 dripper: pour over."),
    ],
)
def test_shopper_reads_how_it_compares(reason, language, said):
    assert sentence(reason, language) == said


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", [ReasonCode.NEEDED, ReasonCode.INSTEAD_OF])
def test_merchants_own_words_are_shown_as_they_are(code, language):
    words = "Only {02} papers fit – 50 % thicker."
    assert sentence(Reason(code, ANCHOR | {"basis": "curated", "reason": words}), language) == words


@pytest.mark.parametrize(
    "benefits", [None, [], "burr", ["burr"], [{"attribute": "burr_mm", "from": 48, "to": 48}], [{"from": 1, "to": 2}]]
)
def test_step_up_without_a_benefit_is_never_shown(benefits):
    with pytest.raises(BadInput):
        sentence(step_up(benefits=benefits), "en")
    with pytest.raises(BadInput):
        operator_sentence(step_up(benefits=benefits))


@pytest.mark.parametrize("delta", [None, float("nan"), "109000"])
def test_step_up_never_hides_its_price(delta):
    with pytest.raises(BadInput, match="delta_price in the evidence"):
        sentence(step_up(delta_price=delta), "en")


def test_step_up_that_costs_no_more_says_so():
    assert sentence(step_up(delta_price=0), "en").endswith("burr 38 → 48 mm, at the same price.")
    assert sentence(step_up(delta_price=-500), "ko").endswith("(500원 더 저렴)")


def test_shopper_reads_three_benefits_and_operators_all():
    benefits = [{"attribute": f"extra_{n}", "from": None, "to": n} for n in range(1, 6)]
    assert "extra 3 3, for" in sentence(step_up(benefits=benefits), "en")
    assert "extra_4 – → 4, extra_5 – → 5; price difference ₩109,000." in operator_sentence(step_up(benefits=benefits))


@pytest.mark.parametrize(
    "reason",
    [
        needed("guessed"),
        needed("rule"),
        needed("rule", attribute="size"),
        needed("mined"),
        needed("mined", n_both=5, n_a=float("nan")),
        needed("mined", n_both=101, n_a=100),
        needed("curated", reason=" "),
        instead(),
        instead(basis="liked"),
        instead(basis="viewed"),
        instead(basis="alike", n_viewed_both=320),
        instead(n_viewed_both=0),
        instead(n_viewed_both=320, expected_viewed=320),
        stand_in(3000, -1),
        stand_in("3000", 3000),
        stand_in(3000, 3000, "yen"),
        alike(),
        alike(shared=["material"]),
        alike(shared=[{"attribute": "size"}]),
        alike(words=[""]),
    ],
)
def test_missing_or_impossible_evidence_is_no_reason(reason):
    with pytest.raises(BadInput):
        sentence(reason, "en")
    with pytest.raises(BadInput):
        operator_sentence(reason)


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        (RULE, "Needed with V60 dripper (p-1), by rule: filter_size = cone-02."),
        (MINED, "Needed with V60 dripper (p-1), mined from orders. Of its 100 buyers, 98 have one."),
        (needed("curated", reason="Fits."), "Needed with V60 dripper (p-1), by the merchant: Fits."),
        (
            step_up(n_switched=31, similarity=0.8),
            (
                "Step up from V60 dripper (p-1): burr_mm 38 → 48; price difference ₩109,000. "
                "Also: n_switched 31, similarity 0.8."
            ),
        ),
        (
            instead(n_viewed_both=320, expected_viewed=40.2, shared=SHARED),
            (
                "Instead of V60 dripper (p-1), viewed; shared: material = ceramic, size = 02. Shoppers read: 320 visitors "
                "looked at both V60 dripper and this. Also: n_viewed_both 320, expected_viewed 40.2."
            ),
        ),
        (stand_in(3000, 3200), "V60 dripper (p-1) is out of stock at ¥3,000, this is in stock at ¥3,200."),
        (stand_in(None, None), "V60 dripper (p-1) is out of stock, this is not; prices not recorded."),
        (
            alike(shared=SHARED, similarity=0.71),
            "New; like V60 dripper (p-1) by content, not by orders: material = ceramic, size = 02. Also: similarity 0.71.",
        ),
    ],
)
def test_operator_reads_everything(reason, said):
    assert operator_sentence(reason) == said
