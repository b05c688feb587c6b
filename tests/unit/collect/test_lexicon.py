"""The word lists: readable lines, every term once, the longest wins."""

from collections import Counter
from importlib import resources

import pytest

from crosslift.collect.lexicon import LANGUAGES, MAX_CHARACTERS, Role, lexicon, normal
from crosslift.domain.voice import Topic

FOLDER = resources.files("crosslift.collect") / "voice_words"
LISTS = (*LANGUAGES, "signs")
REACHING = {Role.NOT_NEXT, Role.NOT_LAST, Role.WISH_NEXT, Role.WISH_LAST}


def lines(name):
    text = (FOLDER / f"{name}.tsv").read_text(encoding="utf-8")
    return [line.split("\t") for line in text.splitlines() if line and not line.startswith("#")]


def words(text, *languages):
    text = normal(text)
    return [(text[one.start : one.end], one.term.role) for one in lexicon(*languages).find(text)]


@pytest.mark.parametrize("name", LISTS)
def test_every_line_has_terms_a_role_and_a_number_that_fits_it(name):
    for terms, role, number, *topics in lines(name):
        assert all(term and term == term.strip() for term in terms.split("|")), terms
        assert all(topic in set(Topic) for topic in topics)
        match Role(role):
            case Role.FEELING:
                assert 0 < abs(float(number)) <= 3
            case Role.DEGREE:
                assert 0 < float(number) <= 2
            case role if role in REACHING:
                assert 1 <= float(number) <= 40
            case Role.TOPIC:
                assert len(topics) == 1
                assert number == "."
            case _:
                assert (number, topics) == (".", [])


def test_no_term_is_listed_twice_in_any_language():
    counted = Counter(
        normal(term.lstrip("^").rstrip("*") or term)
        for name in LISTS for terms, role, *_ in lines(name) if role != Role.COMMON for term in terms.split("|")
    )  # fmt: skip
    assert [term for term, n in counted.items() if n > 1] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_speaks_of_every_topic_in_praise_and_blame(language):
    said = {
        (topic, float(number) > 0) for _, role, number, *topics in lines(language) if role == Role.FEELING
        for topic in topics
    }  # fmt: skip
    assert said == {(topic.value, side) for topic in Topic for side in (True, False)}


def test_the_longest_term_wins_and_hides_what_is_in_it():
    assert words("no complaints, never again.", "en") == [
        ("no complaints", Role.FEELING), (",", Role.PAUSE), ("never again", Role.FEELING), (".", Role.END),
    ]  # fmt: skip
    assert words("안내 안 멋진", "ko") == [("안내", Role.PLAIN), ("안", Role.NOT_NEXT), ("멋진", Role.FEELING)]


def test_latin_terms_are_whole_words_unless_they_are_open():
    assert words("goods disappointing 'good' GOOD좋", "en", "ko") == [
        ("disappointing", Role.FEELING), ("good", Role.FEELING), ("good", Role.FEELING), ("좋", Role.FEELING),
    ]  # fmt: skip


def test_korean_stems_close_with_a_consonant_and_their_spaces_may_be_missing():
    assert [word for word, _ in words("느린 비싼 맘에쏙 맘에 쏙", "ko")] == ["느린", "비싼", "맘에쏙", "맘에 쏙"]


def test_a_term_for_the_beginning_of_a_word_is_not_found_inside():
    assert words("상품별로 별로", "ko") == [("별로", Role.FEELING)]


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("Ｇｏｏｄ！", "good!"),
        ("soooo", "soo"),
        ("don’t", "don't"),
        ("👍🏽❤️", "👍❤"),
        ("ㅠㅠㅠ ㅋㅋㅋㅋ", "ㅠㅠ ㅋㅋ"),
        ("@shop see https://e.org/best  now", " see now"),
        ("ﾐﾙｸ", "ミルク"),
    ],
)
def test_a_text_is_written_as_the_lists_are(text, written):
    assert normal(text) == written


def test_a_text_that_grows_in_normal_form_is_cut_again():
    assert len(normal("\ufdfa" * MAX_CHARACTERS)) == MAX_CHARACTERS


def test_marks_are_drawn_in_emoticons():
    assert [word for word, _ in words("^^ ^_^ 2^3")] == ["^^", "^_^"]


def test_lists_are_read_once():
    assert lexicon(*LANGUAGES) is lexicon(*LANGUAGES)
    assert lexicon().common == frozenset()
