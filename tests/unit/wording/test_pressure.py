"""The lint knows the words that press, and leaves honest ones alone."""

import pytest

from crosslift.wording.pressure import Finding, pressure_words


@pytest.mark.parametrize(
    ("text", "language", "plays_on"),
    [
        ("Last chance to save", "en", "urgency"),
        ("Only today: free shipping", "en", "urgency"),
        ("HURRY, ends soon", "en", "urgency"),
        ("Don’t miss this", "en", "urgency"),
        ("15 minutes left", "en", "urgency"),
        ("Only 3 left", "en", "scarcity"),
        ("12 people are viewing this", "en", "scarcity"),
        ("No thanks, I prefer full price", "en", "shaming"),
        ("I don't want to save money", "en", "shaming"),
        ("마감임박", "ko", "urgency"),
        ("마감 임박 세일", "ko", "urgency"),
        ("지금 안 사면 늦어요", "ko", "urgency"),
        ("오늘만 이 가격", "ko", "urgency"),
        ("마지막 기회예요", "ko", "urgency"),
        ("놓치지 마세요", "ko", "urgency"),
        ("품절 임박", "ko", "scarcity"),
        ("단 3개 남았어요", "ko", "scarcity"),
        ("아니요, 할인을 포기할게요", "ko", "shaming"),
        ("나중에 후회할 거예요", "ko", "shaming"),
        ("今だけ半額", "ja", "urgency"),
        ("本日限り", "ja", "urgency"),
        ("お急ぎください", "ja", "urgency"),
        ("残りわずか", "ja", "scarcity"),
        ("残り3点", "ja", "scarcity"),
        ("いいえ、お得な情報はいりません", "ja", "shaming"),
        ("買わないと損", "ja", "shaming"),
        ("LAST CHANCE 세일", "ko", "urgency"),
        ("last chance", "fr", "urgency"),
    ],
)
def test_pressing_words_are_found(text, language, plays_on):
    assert plays_on in {finding.plays_on for finding in pressure_words(text, language)}


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Goes well with your dripper. 12 in stock.", "en"),
        ("Chosen last, changed only once", "en"),
        ("No thanks", "en"),
        ("The remaining 3 filters fit as well", "en"),
        ("함께 쓰시면 좋아요", "ko"),
        ("오늘 주문하시면 내일 도착해요", "ko"),
        ("지금 주문하실 수 있어요", "ko"),
        ("관심 없어요", "ko"),
        ("よろしければご覧ください", "ja"),
        ("ご不要の場合はこのままで問題ございません", "ja"),
        ("今月のおすすめ", "ja"),
        ("", "ja"),
    ],
)
def test_honest_words_are_left_alone(text, language):
    assert pressure_words(text, language) == []


def test_findings_come_in_order_with_their_place():
    text = "今だけ、残りわずか"
    found = pressure_words(text, "ja-JP")
    assert found == [Finding("今だけ", "urgency", 0, 3), Finding("残りわずか", "scarcity", 4, 9)]
    assert [text[f.start : f.end] for f in found] == [f.words for f in found]
