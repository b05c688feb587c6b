import pytest

from crosslift.domain.persona import Cluster, Mark, MarkCode
from crosslift.errors import BadInput
from crosslift.wording.messages import LANGUAGES
from crosslift.wording.personas import cluster_names, mark


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
