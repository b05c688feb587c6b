import re
from dataclasses import replace

import pytest

from crosslift.domain.persona import Cluster, Mark, MarkCode
from crosslift.errors import BadInput
from crosslift.wording.messages import LANGUAGES
from crosslift.wording.personas import TOLD, card_sentence, cluster_names, cluster_sentence, mark


def group(*codes, category=None):
    marks = tuple(Mark(code, "figure", 1, 2, "count", 1.0, category) for code in codes)
    return Cluster("+".join(codes), marks, 10, 0.5, {})


def test_a_group_is_named_by_its_marks_in_their_order():
    found = cluster_names([group(MarkCode.FREQUENT, MarkCode.DISCOUNT), group(MarkCode.CATEGORY, category="Tea")], "en")
    assert found == ["buy often, buy at a discount", "much Tea"]
    assert cluster_names([group(MarkCode.CATEGORY, category="차")], "ja") == ["「차」の割合が高い"]


def test_groups_of_one_name_are_told_apart_and_one_without_marks_has_a_name():
    found = cluster_names([group(MarkCode.SELDOM), group(MarkCode.SELDOM), group()], "ko")
    assert found == ["가끔 구매 (1)", "가끔 구매 (2)", "평균적인 고객"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_mark_has_a_name_of_its_own(language):
    told = {mark(Mark(code, "figure", 1, 2, "count", 1.0, "Tea"), language) for code in MarkCode}
    assert len(told) == len(MarkCode)


def test_a_mark_of_no_category_is_refused():
    with pytest.raises(BadInput, match="names no category"):
        mark(Mark(MarkCode.CATEGORY, "category:", 1, 2, "share", 1.0), "en")


def middle(unit, median, low, high):
    return {"median": median, "low": low, "high": high, "n": 9, "unit": unit}


CARD = {
    "persona_id": "frequent", "currency": "USD", "n_people": 1_041, "share": 0.2,
    "order_value": middle("money", 45.0, 27.5, 62.456), "items_per_order": middle("count", 4.5, 2.0, 6.25),
    "interval_days": middle("days", 30.0, 0.5, 45.6), "categories": [["SEO", 0.93], ["Content", 0.07]],
    "goals": [{"name": "more traffic", "n_people": 8}], "needs": [{"name": "Content", "n_people": 5}],
    "channel": {"name": "web", "n_people": 900}, "source": None, "market": None,
}  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_card_tells_every_line_it_has(language):
    said = card_sentence(group(MarkCode.FREQUENT), CARD, language)
    shown = (
        "1,041",
        "$45.00",
        "$27.50",
        "$62.46",
        "4.5",
        "6.2",
        "30",
        "46",
        "SEO",
        "93%",
        "Content",
        "more traffic",
        "web",
    )
    assert all(part in said for part in shown), said
    assert len(re.split("; |；", said)) == len(TOLD)


def test_a_card_leaves_out_what_cannot_be_told():
    few = {"not_estimable": "3 people with an order value, at least 5 needed"}
    card = {
        **CARD,
        "order_value": few,
        "interval_days": few,
        "categories": [],
        "goals": [],
        "needs": [],
        "channel": None,
    }
    assert card_sentence(group(), card, "en") == (
        "Persona “like most”, 1,041 people: items an order 4.5 (middle half 2 to 6.2)"
    )
    nothing = {**card, "items_per_order": few}
    assert (
        card_sentence(group(), nothing, "ko")
        == "페르소나 ‘평균적인 고객’, 1,041명이에요. 더 말해 주는 사람이 너무 적어요."
    )


def test_a_card_that_cannot_be_is_refused():
    with pytest.raises(BadInput, match="neither a name nor a category"):
        card_sentence(group(), {**CARD, "goals": ["sleep"]}, "en")
    with pytest.raises(BadInput, match="n_people in the evidence is None"):
        card_sentence(group(), {}, "en")


def test_groups_of_one_name_stay_numbered_in_their_sentences():
    two = [group(MarkCode.SELDOM), replace(group(MarkCode.SELDOM), cluster_id="seldom+2", n_people=1_200)]
    said = "One of 1,200 people, 50% of those with orders, who behave alike: buy seldom (2)"
    assert cluster_sentence(two[1], two, "en") == said
