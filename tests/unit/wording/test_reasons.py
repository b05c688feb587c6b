"""One true sentence per reason: every figure in it stands in the evidence."""

from datetime import date

import numpy as np
import pytest

from crosslift.domain.decision import DropCode, NoOffer, Reason, ReasonCode
from crosslift.domain.relation import RelationKind
from crosslift.errors import BadInput
from crosslift.wording.messages import LANGUAGES
from crosslift.wording.pressure import pressure_words
from crosslift.wording.reasons import (
    KINDS,
    STRENGTHS,
    drop_sentence,
    kind_word,
    no_offer_sentence,
    operator_sentence,
    sentence,
    strength_word,
)

TOGETHER = {
    "anchor": "p-101",
    "anchor_titles": {"en": "V60 dripper", "ko": "V60 드리퍼", "ja": "V60 ドリッパー"},
    "n_both": 412,
    "n_a": 5120,
    "expected": 38.2,
    "lift": 10.8,
    "lift_low": 9.8,
    "lift_high": 11.9,
    "q_value": 2e-9,
    "n_customers": 390,
}
SALES = {"n_orders": 95, "window_days": 28, "to_on": "2026-10-31"}


def together(**changes: object) -> Reason:
    return Reason(ReasonCode.BOUGHT_TOGETHER, TOGETHER | changes)


def in_baskets(**changes: object) -> Reason:
    return Reason(ReasonCode.OFTEN_IN_SUCH_BASKETS, TOGETHER | {"n_both": 12, "n_a": 310} | changes)


def bestseller(**changes: object) -> Reason:
    return Reason(ReasonCode.BESTSELLER, SALES | changes)


@pytest.mark.parametrize(
    ("reason", "language", "said"),
    [
        (together(), "en", "Bought together with V60 dripper in 412 orders; about 38 would be chance."),
        (together(), "ko", "V60 드리퍼와 함께 주문 412건에 담겼어요. 우연이라면 약 38건이에요."),
        (together(), "ja", "「V60 ドリッパー」と一緒に412件の注文で購入されています。偶然なら約38件です。"),
        (in_baskets(), "en", "Also bought in 12 of 310 orders with V60 dripper."),
        (in_baskets(), "ko", "V60 드리퍼가 담긴 주문 310건 중 12건에 이 상품도 담겼어요."),
        (in_baskets(), "ja", "「V60 ドリッパー」を含む注文310件のうち、12件にこの商品も入っています。"),
        (bestseller(), "en", "A bestseller: in 95 orders over the 28 days to 31 Oct 2026."),
        (bestseller(), "ko", "인기 상품이에요. 2026년 10월 31일까지 28일 동안 주문 95건에 담겼어요."),
        (bestseller(), "ja", "人気商品です。2026年10月31日までの28日間に95件の注文で購入されています。"),
    ],
)
def test_shopper_reads_one_true_sentence_in_each_language(reason, language, said):
    assert sentence(reason, language) == said


def test_one_order_is_singular_in_english():
    assert "in 1 order;" in sentence(together(n_both=1, expected=0.01), "en")
    assert sentence(in_baskets(n_both=1, n_a=1), "en") == "Also bought in 1 of 1 order with V60 dripper."
    assert sentence(bestseller(n_orders=1), "en").startswith("A bestseller: in 1 order over")


def test_chance_below_one_order_is_said_so_and_not_rounded_to_zero():
    said = {language: sentence(together(n_both=5, expected=0.04), language) for language in LANGUAGES}
    assert said["en"].endswith("in 5 orders; less than one would be chance.")
    assert said["ko"].endswith("우연이라면 1건도 되지 않아요.")
    assert said["ja"].endswith("偶然なら1件未満です。")


def test_chance_near_the_count_keeps_a_decimal_so_that_the_difference_shows():
    assert "in 39 orders; about 38.6 would" in sentence(together(n_both=39, expected=38.6), "en")


@pytest.mark.parametrize("expected", [412, 411.96, 500.0])
def test_no_more_than_chance_is_no_reason(expected):
    with pytest.raises(BadInput, match="412 orders together are no more than chance alone gives"):
        sentence(together(expected=expected), "en")


def test_one_day_of_sales_names_that_day():
    assert sentence(bestseller(window_days=1), "en") == "A bestseller: in 95 orders on 31 Oct 2026."
    assert "10월 31일 하루 동안" in sentence(bestseller(window_days=1), "ko")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("reason", [together(), together(expected=0.2), in_baskets(), bestseller()])
def test_shopper_sentences_never_press_and_bestsellers_are_never_personal(reason, language):
    said = sentence(reason, language)
    assert pressure_words(said, language) == []
    assert "for you" not in said.lower()


@pytest.mark.parametrize(
    ("reason", "key"),
    [
        *((together(), key) for key in ("anchor", "n_both", "n_a", "expected")),
        *((in_baskets(), key) for key in ("anchor", "n_both", "n_a")),
        *((bestseller(), key) for key in SALES),
    ],
)
@pytest.mark.parametrize("broken", [None, "", True, float("nan"), -1, []])
def test_reason_without_its_evidence_is_not_shown(reason, key, broken):
    with pytest.raises(BadInput, match=key):
        sentence(Reason(reason.code, {**reason.evidence, key: broken}), "ko")
    with pytest.raises(BadInput, match=key):
        sentence(Reason(reason.code, {k: v for k, v in reason.evidence.items() if k != key}), "ko")


@pytest.mark.parametrize("none_or_part", [0, 1.5, "12"])
def test_counts_are_whole_and_from_one(none_or_part):
    with pytest.raises(BadInput, match="a count from 1 is needed"):
        sentence(together(n_both=none_or_part), "en")


@pytest.mark.parametrize("code", list(ReasonCode))
def test_empty_evidence_is_refused(code):
    with pytest.raises(BadInput):
        sentence(Reason(code, {}), "en")
    with pytest.raises(BadInput):
        operator_sentence(Reason(code, {}))


def test_more_orders_together_than_alone_cannot_be_true():
    with pytest.raises(BadInput, match="n_both 412 cannot exceed n_a 300"):
        sentence(together(n_a=300), "en")


def test_numbers_of_the_engines_are_read_and_dates_may_be_dates():
    numpy_evidence = together(n_both=np.int64(412), n_a=np.uint32(5120), expected=np.float32(38.2))
    assert sentence(numpy_evidence, "en") == sentence(together(), "en")
    assert sentence(bestseller(to_on=date(2026, 10, 31)), "ja") == sentence(bestseller(), "ja")


@pytest.mark.parametrize(
    ("titles", "plain", "language", "shown"),
    [
        ({"en": "Kettle", "ko": "주전자"}, "Wasserkessel", "ko-KR", "주전자"),
        ({"en": "Kettle"}, "주전자", "ko", "주전자"),
        ({"en": "Kettle", "ja": "ケトル"}, None, "ko", "Kettle"),
        ({"de": "Kessel", "ja": "ケトル"}, None, "ko", "Kessel"),
        ({"fr": "Bouilloire", "en": "Kettle"}, None, "fr", "Bouilloire"),
        ({"en": "  "}, None, "en", "p-101"),
        (None, None, "en", "p-101"),
    ],
)
def test_title_is_the_best_the_shopper_can_read(titles, plain, language, shown):
    assert shown in sentence(together(anchor_titles=titles, anchor_title=plain), language)


def test_unknown_language_reads_english():
    assert sentence(bestseller(), "sv-SE") == sentence(bestseller(), "en")


def test_operator_reads_every_figure():
    assert operator_sentence(together()) == (
        "In 412 of the 5,120 orders with V60 dripper (p-101); size-aware chance alone gives 38.2. "
        "Lift 10.80 [9.80; 11.90] at 95%, q = 2e-09, customers: 390."
    )
    assert operator_sentence(in_baskets()).startswith("In 12 of the 310 orders with V60 dripper (p-101), 3.9%;")
    assert operator_sentence(bestseller()) == (
        "Bestseller, not personal. Orders: 95; window in days: 28, to 31 Oct 2026."
    )


def test_operator_is_told_what_was_not_recorded_and_never_q_zero():
    assert "Lift 10.80 (interval not recorded), q not recorded" in operator_sentence(
        together(lift_low=None, q_value=None)
    )
    assert "q < 1e-300" in operator_sentence(together(q_value=0.0))
    assert "gives 0.0041." in operator_sentence(together(expected=0.00412))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_and_word_has_its_own_text(language):
    said = [drop_sentence(code, language) for code in DropCode]
    said += [no_offer_sentence(code, language) for code in NoOffer]
    assert len(set(said)) == len(said)
    assert len({strength_word(strength, language) for strength in STRENGTHS}) == len(STRENGTHS)
    assert len({kind_word(kind, language) for kind in KINDS}) == len(KINDS)
    assert kind_word(RelationKind.REFILL, language) == kind_word("refill", language)


def test_unknown_words_name_the_known_ones():
    with pytest.raises(BadInput, match="No strength 'huge'; they are strong, clear, fair, early, too_early"):
        strength_word("huge", "en")
    with pytest.raises(BadInput, match="No kind 'related'; they are complement, sequence"):
        kind_word("related", "en")
