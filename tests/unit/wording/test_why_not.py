"""Why not: whatever became of a product, operators are told all of it and shoppers one sentence that gives nothing away."""

import re

import pytest

from crosslift.domain.decision import DropCode, NoOffer
from crosslift.domain.rule import Gate, Rule
from crosslift.domain.why_not import Fate, NoCandidate, NotAsked, WhyNot
from crosslift.wording.messages import LANGUAGES
from crosslift.wording.why_not import OF_EVERYTHING, PUBLIC, operator_sentences, shopper_sentence

RULE = Rule("no-cups", Gate.SUITABLE, "too_young", "legal", "Cups wait.", law="Cup Act")
FOUND = [
    WhyNot("d", "p", Fate.OFFERED, place=0, source="complement", offered_as="p-xl"),
    WhyNot("d", "p", Fate.OFFERED, is_replayed=False),
    WhyNot("d", "p", Fate.WITHHELD, place=0, source="complement"),
    *(WhyNot("d", "p", Fate.DROPPED, code, source="pinned", gate=Gate.ALLOWED) for code in DropCode),
    WhyNot("d", "p", Fate.DROPPED, "too_young", source="filler", gate=Gate.SUITABLE, rule=RULE, now="inactive"),
    *(
        WhyNot(
            "d",
            "p",
            Fate.NO_CANDIDATE,
            code,
            asked={"complement": 2},
            led_by={"upgrade": why},
            difference="stage gates",
        )
        for code in NoCandidate
        for why in NotAsked
    ),
    *(WhyNot("d", "p", Fate.NOT_ASKED, code) for code in NoOffer),
]


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_that_can_become_of_a_product_is_said_in_whole_sentences(language):
    for found in FOUND:
        said = operator_sentences(found, language, "Kettle")
        assert said
        assert all(one.strip() == one != "" and "{" not in one for one in said), said


@pytest.mark.parametrize("language", LANGUAGES)
def test_shoppers_are_told_one_sentence_without_codes_rules_or_figures(language):
    for found in FOUND:
        said = shopper_sentence(found, language)
        assert not re.search(r"[a-z]_[a-z]|\d|legal|no-cups|Cup Act|margin|마진|利益率", said), (found, said)


def test_a_rule_with_the_code_of_a_gate_is_told_to_shoppers_as_the_shops_own():
    own, built_in = (WhyNot("d", "p", Fate.DROPPED, "too_young", source="offer", rule=rule) for rule in (RULE, None))
    assert shopper_sentence(own, "en") == "The shop does not offer it here."
    assert shopper_sentence(built_in, "en") == "The age it asks for is not known to be reached."
    assert "The rule is no-cups, of legal (Cup Act): Cups wait." in operator_sentences(own, "en", "Kettle")


def test_what_stops_everything_is_told_as_where_nothing_was_offered_and_nothing_is_told_twice():
    assert {code.value for code in OF_EVERYTHING} <= {code.value for code in NoOffer}
    assert not PUBLIC & OF_EVERYTHING
    found = WhyNot("d", "p", Fate.DROPPED, DropCode.CAPPED, source="offer", gate=Gate.ALLOWED)
    assert shopper_sentence(found, "en") == "Enough was offered lately; nothing more for now."


def test_notes_stand_behind_what_they_speak_of():
    found = WhyNot("d", "p", Fate.NO_CANDIDATE, NoCandidate.NO_RELATION, asked={"complement": 0}, now="out_of_stock")
    assert operator_sentences(found, "ko", "주전자") == [
        "여기에서 주전자로 이어지는 관계가 없었어요.", "확인한 출처: 함께 쓰는 상품", "지금은 이래요: 재고가 없어요."
    ]  # fmt: skip
