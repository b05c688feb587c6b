"""Particles as a Korean proofreader would set them."""

import unicodedata

import pytest

from crosslift.wording.korean import josa, particle


@pytest.mark.parametrize(
    ("word", "pair", "written"),
    [
        ("드리퍼", "을/를", "드리퍼를"),
        ("원두", "과/와", "원두와"),
        ("필터", "이/가", "필터가"),
        ("저울", "을/를", "저울을"),
        ("컵", "은/는", "컵은"),
        ("서울", "으로/로", "서울로"),
        ("부산", "으로/로", "부산으로"),
        ("제주", "으로/로", "제주로"),
        ("책", "이에요/예요", "책이에요"),
        ("사과", "이에요/예요", "사과예요"),
        ("차", "이나/나", "차나"),
        ("드리퍼", "와/과", "드리퍼와"),
        ("필터 ", "을/를", "필터 를"),
    ],
)
def test_final_consonant_decides(word, pair, written):
    assert josa(word, pair) == written


@pytest.mark.parametrize(
    ("word", "pair", "after"),
    [
        ("0", "을/를", "을"),
        ("1", "으로/로", "로"),
        ("2", "을/를", "를"),
        ("3", "으로/로", "으로"),
        ("7", "으로/로", "로"),
        ("8", "이/가", "이"),
        ("9", "이/가", "가"),
        ("필터 100", "을/를", "을"),
        ("10,000", "으로/로", "으로"),
        ("1.5", "이/가", "가"),
        ("사이즈 ２", "을/를", "를"),
        ("50%", "을/를", "를"),
        ("A4", "을/를", "를"),
    ],
)
def test_numbers_are_judged_by_their_korean_reading(word, pair, after):
    assert particle(word, pair) == after


@pytest.mark.parametrize(
    ("word", "pair", "after"),
    [
        ("Kalita", "을/를", "을(를)"),
        ("MP3", "을/를", "을(를)"),
        ("V60", "과/와", "과(와)"),
        ("500ml", "이/가", "이(가)"),
        ("Hario", "으로/로", "(으)로"),
        ("Hario", "이나/나", "(이)나"),
        ("ドリッパー", "은/는", "은(는)"),
        ("1000000000000", "을/를", "을(를)"),
        ("커피 ☕", "을/를", "을(를)"),
        ('12"', "을/를", "을(를)"),
        ("ㅋ", "을/를", "을(를)"),
        ("", "을/를", "을(를)"),
    ],
)
def test_both_forms_are_written_where_readers_may_differ(word, pair, after):
    assert particle(word, pair) == after


@pytest.mark.parametrize(
    ("word", "after"),
    [
        ("드리퍼(소)", "를"),
        ("드리퍼 (흰색)", "을(를)"),
        ("원두 [200g]", "을(를)"),
        ("컵 (흰색)", "을"),
        ("‘드리퍼’", "를"),
        ("(흰색)", "을(를)"),
        (")", "을(를)"),
    ],
)
def test_bracket_counts_only_where_grammar_and_ear_agree(word, after):
    assert particle(word, "을/를") == after


def test_decomposed_hangul_as_written_by_some_systems_sounds_the_same():
    word = unicodedata.normalize("NFD", "저울")
    assert josa(word, "으로/로") == word + "로"


def test_particle_of_one_form_is_appended():
    assert josa("컵", "도") == "컵도"


def test_very_deep_brackets_are_no_trouble():
    assert josa("()" * 50_000, "을/를").endswith("을(를)")
