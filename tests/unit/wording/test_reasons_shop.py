"""Reasons that come from the shop itself: its words stay its words, its sets save what they say."""

import pytest

from crosslift.domain.decision import Reason, ReasonCode
from crosslift.errors import BadInput
from crosslift.wording.reasons import operator_sentence, sentence

SET = {"price": 52000, "sum": 58000, "saving": 6000, "currency": "KRW", "n_parts": 3}
PAGE = {"title": "How to brew", "basis": "learned", "n_readers": 400, "n_bought": 30}


def recommended(**evidence: object) -> Reason:
    return Reason(ReasonCode.RECOMMENDED, evidence)


def read(**changes: object) -> Reason:
    return Reason(ReasonCode.FOR_READERS, PAGE | changes)


def saving(**changes: object) -> Reason:
    return Reason(ReasonCode.SET_SAVING, SET | changes)


@pytest.mark.parametrize(
    ("reason", "language", "said"),
    [
        (recommended(reason="Our favorite."), "en", "The shop recommends it: Our favorite."),
        (recommended(reason="향이 좋아요"), "ko", "상점에서 추천하는 상품이에요: 향이 좋아요"),
        (recommended(reason={"ja": "香り高い"}), "ja", "当店のおすすめです：香り高い"),
        (recommended(reason=None, author="mina"), "en", "The shop recommends it."),
        (read(), "en", "Of the readers of “How to brew”, 30 of 400 bought this."),
        (read(), "ko", "‘How to brew’ 글을 본 방문자 400명 중 30명이 이 상품을 구매했어요."),
        (read(), "ja", "「How to brew」をご覧になった方400名のうち、30名がこの商品を購入されています。"),
        (read(basis="named"), "en", "Named in “How to brew”."),
        (read(basis="curated"), "en", "The shop suggests this to readers of “How to brew”."),
        (saving(), "en", "With what is in your cart this makes a set: ₩52,000 instead of ₩58,000."),
        (saving(), "ko", "장바구니에 담긴 상품과 함께 세트가 돼요: 58,000원 대신 52,000원"),
        (saving(currency="JPY"), "ja", "カートの商品と合わせるとセットになります：58,000円のところ52,000円"),
        (
            saving(held_titles=["Kettle", "Scale"]),
            "en",
            "With Kettle and Scale in your cart this makes a set: ₩52,000 instead of ₩58,000.",
        ),
        (
            saving(held_titles=["주전자", "저울"]),
            "ko",
            "장바구니에 담긴 주전자, 저울과 함께 세트가 돼요: 58,000원 대신 52,000원",
        ),
        (
            saving(held_titles=[{"ja": "ケトル", "en": "Kettle"}], currency="JPY"),
            "ja",
            "カートの「ケトル」と合わせるとセットになります：58,000円のところ52,000円",
        ),
    ],
)
def test_shopper_reads_what_the_shop_says(reason, language, said):
    assert sentence(reason, language) == said


def test_author_is_named_to_operators_only():
    reason = recommended(reason="Our favorite.", author="mina@example.com")
    assert "mina" not in sentence(reason, "en")
    assert operator_sentence(reason) == "Recommended by mina@example.com: Our favorite."
    assert operator_sentence(recommended(author="mina")) == "Recommended by mina, no reason given."
    assert operator_sentence(recommended(reason="Ours.")) == "Recommended by an author not recorded: Ours."


@pytest.mark.parametrize(
    ("reason", "complaint"),
    [
        (recommended(), "author in the evidence is None"),
        (recommended(reason=" "), "reason in the evidence"),
        (read(title=None), "title in the evidence is None"),
        (read(basis=None), "a page and a product are linked curated, named, learned"),
        (read(n_bought=None), "n_bought"),
        (read(n_bought=401), "n_bought 401 cannot exceed n_readers 400"),
        (read(expected=30), "30 buyers among the readers are no more than chance"),
        (saving(saving=0), "a set that saves nothing is no reason"),
        (saving(saving=-1), "a set that saves nothing is no reason"),
        (saving(saving=9000), "saving 9000 in the evidence is not sum 58000 less price 52000"),
        (saving(price=58000, saving=1), "is not sum 58000 less price 58000"),
        (saving(n_parts=1), "n_parts"),
        (saving(price=-1), "a price is not negative"),
        (saving(currency=None), "currency in the evidence"),
        (saving(held_titles=[""]), "held_titles"),
    ],
)
def test_missing_or_impossible_evidence_is_no_reason(reason, complaint):
    with pytest.raises(BadInput, match=complaint):
        sentence(reason, "en")


def test_saving_may_be_off_by_the_rounding_of_its_prices():
    assert "$52.00 instead of $58.00" in sentence(saving(price=51.996, sum=58.004, saving=6.008, currency="USD"), "en")


def test_operator_reads_every_figure():
    assert operator_sentence(saving()) == "A set of 3 for ₩52,000 instead of ₩58,000, a saving of ₩6,000."
    assert operator_sentence(read(anchor="p-1", anchor_title="Kettle", lift=3.0, expected=10.0)) == (
        "Page 'How to brew', about Kettle (p-1), basis learned: of 400 readers 30 bought it. "
        "Lift 3.00 (interval not recorded), q not recorded. Also: expected 10."
    )
    assert operator_sentence(read(basis="named")).startswith("Page 'How to brew', basis named.")
