import pytest

from crosslift.domain.segment import Segment
from crosslift.errors import BadInput


def a_segment(**given):
    told = {
        "segment_id": "loyal-grinders", "titles": {"en": "Loyal grinders", "ko": "단골"}, "rule": "n_orders>=3",
        "version": 1, "author": "kim", "reason": "spring campaign", "created_at": 5,
    }  # fmt: skip
    return Segment(**told | given)


def test_a_rule_is_kept_in_its_usual_form():
    assert a_segment().rule == "orders >= 3"
    assert a_segment().condition == a_segment(rule="(orders >= 3.0)").condition


def test_a_change_is_a_new_version_with_its_author_and_reason():
    second = a_segment().revised("orders >= 4", "lee", "too many", 9)
    assert (second.version, second.rule, second.author, second.reason, second.created_at) == (
        2, "orders >= 4", "lee", "too many", 9,
    )  # fmt: skip
    off = second.switched("lee", "season over", 10, is_active=False)
    assert (off.version, off.rule, off.is_active) == (3, "orders >= 4", False)


def test_a_title_is_given_in_the_language_or_the_next_best():
    assert a_segment().title("ko") == "단골"
    assert a_segment().title("ja") == "Loyal grinders"
    assert a_segment(titles={"ko": "단골"}).title("ja") == "단골"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"segment_id": "Loyal Grinders"}, "small letters"),
        ({"author": " "}, "no author"),
        ({"reason": ""}, "no reason"),
        ({"titles": {"en": ""}}, "no title"),
        ({"rule": "orders >"}, "compared with a number"),
    ],
)
def test_what_is_missing_is_asked_for(given, said):
    with pytest.raises(BadInput, match=said):
        a_segment(**given)
