"""Words compared as people mean them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crosslift.deliver.answering.folding import bare, compact, folded, language_in, words


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ＦＬＴ－０２", "flt 02"),
        ("ﾄﾞﾘｯﾊﾟｰ", "どりっぱー"),
        ("ドリッパ", "ドリッパー"),
        ("Paper FILTERS", "paper filters"),
        ("café", "cafe\u0301"),
    ],
)
def test_width_case_and_kana_do_not_matter(one, other):
    assert compact(one) == compact(other)


@given(st.text(max_size=400))
def test_folding_twice_is_folding_once(text):
    assert folded(folded(text)) == folded(text)
    assert all(word == word.strip() and word for word in words(text))


@pytest.mark.parametrize(
    "particle", ["은", "는", "이", "가", "을", "를", "과", "와", "에", "에서", "으로", "까지", "에는"]
)
def test_a_korean_particle_falls_off_and_short_words_stay(particle):
    assert bare(f"드리퍼{particle}") == "드리퍼"
    assert bare("나이") == "나이"


@pytest.mark.parametrize(
    ("word", "alone"), [("filters", "filter"), ("boxes", "box"), ("glass", "glass"), ("bus", "bus"), ("gas", "gas")]
)
def test_an_english_plural_falls_off(word, alone):
    assert bare(word) == alone


@pytest.mark.parametrize(
    ("text", "page", "language"),
    [
        ("필터 있어요?", "en", "ko"),
        ("ありますか", "ko", "ja"),
        ("Does it fit my dripper?", "ko", "en"),
        ("V60?", "ko", "ko"),
        ("再開", "ja", "ja"),
        ("再開", "en", "ja"),
        ("", "ja", "ja"),
        ("12", "ko", "ko"),
    ],
)
def test_the_script_tells_the_language_and_else_the_page(text, page, language):
    assert language_in(text, page) == language
