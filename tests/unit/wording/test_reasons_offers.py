"""Reasons of the merchant's own offers: told as the merchant's word, never as data."""

import pytest

from crosslift.domain.decision import Reason, ReasonCode
from crosslift.errors import BadInput
from crosslift.wording.reasons import operator_sentence, sentence

TOLD = {"offer": "visit", "offer_version": 2, "benefit": {"en": "brews on day one", "ko": "첫날부터 마셔요"}}
BESIDE = {"anchor": "T-40", "anchor_title": "Teapot", "anchor_titles": {"ko": "찻주전자", "ja": "ティーポット"}}
GOAL = {"goal": "traffic", "goal_titles": {"en": "more traffic", "ko": "방문 늘리기"}}
USED = {"meter": "storage", "used_share": 0.805}


def offer(**evidence):
    return Reason(ReasonCode.MERCHANT_OFFER, {**TOLD, **evidence})


def goal(**evidence):
    return Reason(ReasonCode.SERVES_GOAL, {**GOAL, **evidence})


def used(**evidence):
    return Reason(ReasonCode.PLAN_NEARLY_USED, {**TOLD, **USED, **evidence})


@pytest.mark.parametrize(
    ("reason", "language", "said"),
    [
        (offer(), "en", "From the shop: brews on day one"),
        (offer(), "ko-KR", "상점 안내: 첫날부터 마셔요"),
        (offer(), "ja", "ショップのご案内：brews on day one"),
        (offer(benefit=None, **BESIDE), "en", "The shop offers this with Teapot."),
        (offer(benefit=None, **BESIDE), "ko", "찻주전자와 함께 상점에서 제안해요."),
        (offer(benefit=None, **BESIDE), "ja", "ティーポットと一緒に、ショップがご提案しています。"),
        (offer(benefit=None), "en", "The shop offers this."),
        (offer(benefit={"en": "100% {off} & <b>"}), "en", "From the shop: 100% {off} & <b>"),
        (goal(), "en", "For a goal you named, more traffic, the shop offers this."),
        (goal(), "ko", "말씀하신 목표(방문 늘리기)에 맞춰 상점에서 제안해요."),
        (goal(goal_titles={}), "ja", "お聞きした目標「traffic」のために、ショップがご提案しています。"),
        (goal(**TOLD), "en", "For a goal you named, more traffic, the shop says: brews on day one"),
        (used(benefit=None), "en", "At least 80% of your storage is used."),
        (used(), "ko", "storage 사용량이 80% 이상이에요. 상점 안내: 첫날부터 마셔요"),
        (used(benefit=None), "ja", "storageのご利用が80%以上になっています。"),
    ],
)
def test_shopper_reads_what_the_merchant_says(reason, language, said):
    assert sentence(reason, language) == said


WORD = "the merchant's word, not measured"
OPERATOR = (
    (
        offer(price_from=10.0, price_to=30.0, **BESIDE),
        (
            f"Offer 'visit', version 2, put beside Teapot (T-40); {WORD}: 'From the shop: brews on day one'. "
            "Also: price_from 10, price_to 30."
        ),
    ),
    (goal(), f"The policy says that it serves the goal 'traffic', which the person named; {WORD}."),
    (goal(**TOLD), f"Offer 'visit', version 2 says that it serves the goal 'traffic', which the person named; {WORD}."),
    (
        used(benefit=None),
        (
            "Offer 'visit', version 2 is for those who used at least 80% of 'storage': "
            "'At least 80% of your storage is used.'."
        ),
    ),
)


@pytest.mark.parametrize(("reason", "said"), OPERATOR)
def test_operator_reads_whose_word_it_is(reason, said):
    assert operator_sentence(reason) == said


@pytest.mark.parametrize(
    ("reason", "what"),
    [
        (offer(offer=None), "offer in the evidence is None"),
        (offer(benefit={"en": " "}), "benefit in the evidence is None"),
        (goal(goal="", goal_titles={}), "goal in the evidence is ''"),
        (used(used_share=0.0), "nothing is nearly used up"),
        (used(meter=None), "meter in the evidence is None"),
    ],
)
def test_evidence_that_is_missing_says_nothing(reason, what):
    with pytest.raises(BadInput, match=what):
        sentence(reason, "en")
    with pytest.raises(BadInput, match=what):
        operator_sentence(reason)
