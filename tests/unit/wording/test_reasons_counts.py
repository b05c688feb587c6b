"""Reasons that count orders or people: what was counted, beside chance, in each language."""

import pytest

from crosslift.domain.decision import Reason, ReasonCode
from crosslift.errors import BadInput
from crosslift.wording.reasons import operator_sentence, sentence

TITLES = {"en": "V60 dripper", "ko": "V60 드리퍼", "ja": "V60 ドリッパー"}
TEST = {"lift": 1.9, "lift_low": 1.7, "lift_high": 2.1, "q_value": 1e-9}
OWNED = TEST | {"anchor": "p-1", "anchor_titles": TITLES, "n_both": 400, "n_a": 1200, "expected": 210.4, "n_gap": 800}
PATHS = {"from_category": "pour-over/drippers", "to_category": "pour-over/paper-filters"}
COMPANION = TEST | PATHS | {"anchor": "p-1", "anchor_titles": TITLES, "n_both": 310, "n_a": 2000, "expected": 120.2}
SEARCH = {"query": "v60", "n_searchers": 300, "n_bought": 45}


def owned(**changes: object) -> Reason:
    return Reason(ReasonCode.OWNED_TOGETHER, OWNED | changes)


def companion(**changes: object) -> Reason:
    return Reason(ReasonCode.CATEGORY_COMPANION, COMPANION | changes)


def searched(**changes: object) -> Reason:
    return Reason(ReasonCode.SEARCHED, SEARCH | changes)


def early(**evidence: object) -> Reason:
    return Reason(ReasonCode.EARLY_DAYS, evidence)


@pytest.mark.parametrize(
    ("reason", "language", "said"),
    [
        (
            owned(),
            "en",
            "Of the customers who have V60 dripper, 400 of 1,200 have this too; about 210 would be chance.",
        ),
        (
            owned(),
            "ko",
            "V60 드리퍼를 가진 고객 1,200명 중 400명이 이 상품도 가지고 있어요. 우연이라면 약 210명이에요.",
        ),
        (
            owned(),
            "ja",
            "「V60 ドリッパー」をお持ちのお客様1,200名のうち、400名がこの商品もお持ちです。偶然なら約210名です。",
        ),
        (
            companion(),
            "en",
            "Of the orders with products like V60 dripper, 310 of 2,000 also hold one of this kind; about 120 would be chance.",
        ),
        (searched(), "en", "Of those who searched for “v60”, 45 of 300 bought this."),
        (searched(), "ko", "‘v60’ 검색을 한 방문자 300명 중 45명이 이 상품을 구매했어요."),
        (searched(), "ja", "「v60」を検索された方300名のうち、45名がこの商品を購入されています。"),
        (early(n_orders=6), "en", "Early days: only 6 orders say so yet."),
        (early(n_orders=6), "ko", "아직 초기 단계예요. 지금까지 근거가 된 주문은 6건이에요."),
        (early(n_orders=6), "ja", "まだ初期段階です。根拠となった注文は6件です。"),
    ],
)
def test_shopper_reads_what_was_counted(reason, language, said):
    assert sentence(reason, language) == said


def test_companions_by_category_name_what_the_shopper_looks_at():
    assert sentence(companion(), "ko") == (
        "V60 드리퍼 같은 상품이 담긴 주문 2,000건 중 310건에 이런 종류의 상품도 담겼어요. 우연이라면 약 120건이에요."
    )
    assert sentence(companion(), "ja") == (
        "「V60 ドリッパー」のような商品を含む注文2,000件のうち、310件にこの種類の商品も入っています。偶然なら約120件です。"
    )


def test_of_visitors_without_a_name_it_says_what_they_looked_at():
    looked = searched(n_bought=None, n_viewed=60)
    assert sentence(looked, "en") == "Of those who searched for “v60”, 60 of 300 looked at this."
    assert sentence(looked, "ko") == "‘v60’ 검색을 한 방문자 300명 중 60명이 이 상품을 살펴봤어요."
    assert sentence(looked, "ja") == "「v60」を検索された方300名のうち、60名がこの商品をご覧になっています。"


def test_one_is_singular_and_chance_below_one_is_said_so():
    assert sentence(owned(n_both=1, expected=0.1), "en") == (
        "Of the customers who have V60 dripper, 1 of 1,200 has this too; less than one would be chance."
    )
    assert "1 of 2,000 also holds" in sentence(companion(n_both=1, expected=0.1), "en")
    assert sentence(early(n_orders=1), "en") == "Early days: only 1 order says so yet."


def test_label_counts_the_orders_with_both_where_they_are_known():
    assert "only 3 orders" in sentence(early(n_both=3, n_orders=90), "en")


@pytest.mark.parametrize(
    ("reason", "complaint"),
    [
        (owned(expected=400), "400 customers with both are no more than chance alone gives"),
        (companion(expected=311), "310 orders with both categories are no more than chance"),
        (searched(expected=45), "45 people after the search are no more than chance"),
        (searched(n_bought=301), "n_bought 301 cannot exceed n_searchers 300"),
        (owned(n_both=1201), "n_both 1201 cannot exceed n_a 1200"),
    ],
)
def test_counts_that_speak_against_the_offer_are_no_reason(reason, complaint):
    with pytest.raises(BadInput, match=complaint):
        sentence(reason, "ja")
    with pytest.raises(BadInput, match=complaint):
        operator_sentence(reason)


def test_operator_reads_every_figure():
    assert operator_sentence(owned()) == (
        "Of the 1,200 who have V60 dripper (p-1), 400 have this too; chance alone gives 210.4. "
        "Lift 1.90 [1.70; 2.10] at 95%, q = 1e-09. Also: n_gap 800."
    )
    assert operator_sentence(companion()).startswith(
        "By category, not by product: 310 of the 2,000 orders with pour-over/drippers also hold pour-over/paper-filters; "
        "chance alone gives 120.2. Lift 1.90"
    )
    assert operator_sentence(searched(expected=10.2)) == (
        "Of the 300 who searched for 'v60', 45 bought it. "
        "Lift not recorded (interval not recorded), q not recorded. Also: expected 10.2."
    )
    assert operator_sentence(early(n_both=6, n_orders=90)) == ("Too early to say, orders so far: 6. Also: n_orders 90.")
