"""Words that set a number for whoever sells are found in every language; quotas of other things are none."""

import pytest

from crosslift.wording.quotas import quota_words


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("The quota is eight.", ("en", "quota")),
        ("QUOTAS by Friday", ("en", "QUOTAS")),
        ("quota_of_cards", ("en", "quota")),
        ("Mind your sales target", ("en", "your sales target")),
        ("the individual target for June", ("en", "individual target")),
        ("at least 8 accounts per adviser", ("en", "8 accounts per adviser")),
        ("3 cards a shift", ("en", "3 cards a shift")),
        ("이번 달 할당량", ("ko", "할당량")),
        ("개인 판매 목표를 채우세요", ("ko", "개인 판매 목표")),
        ("1인당 8건", ("ko", "1인당 8건")),
        ("今月のノルマ", ("ja", "ノルマ")),
        ("個人目標を達成", ("ja", "個人目標")),
        ("一人あたり8件", ("ja", "一人あたり8件")),
    ],
)
def test_a_number_for_whoever_sells_is_found(text, found):
    assert quota_words(text) == [found]


@pytest.mark.parametrize(
    "text",
    [
        "", "For whoever has used up the storage quota.", "When the data quota runs out", "personal goals",
        "Helps clients reach their sales goals.", "One account per customer.", "저장 용량 할당", "목표가 있는 고객에게",
        "目標がある方に", "お一人様でも",
    ],
)  # fmt: skip
def test_other_quotas_and_the_customers_own_goals_are_none(text):
    assert quota_words(text) == []
