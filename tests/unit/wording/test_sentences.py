"""The list for native review holds every sentence a customer may read, and none that only staff read."""

import pytest

from crosslift.wording import chat, slip
from crosslift.wording.messages import LANGUAGES, templates
from crosslift.wording.sentences import PLACES, STAFF, WHERE, Register, is_customers, register_of, rows, sentences


def test_no_message_of_the_catalogs_is_missing_unless_it_is_declared_the_staffs():
    listed = {one.key for one in sentences()}
    left_out = templates("en").keys() - listed
    assert {key.partition(".")[0] for key in left_out} <= set(STAFF)
    assert not any(is_customers(key) for key in left_out)
    assert {f"slip.{key}" for key in slip.KEYS} | {f"chat.{key}" for key in chat.KEYS} <= listed


def test_every_kind_of_message_has_its_place():
    kinds = {one.key.partition(".")[0] for one in sentences()}
    assert kinds - PLACES.keys() == set(), "name in PLACES where these are shown, or in STAFF that only staff read them"


def test_each_stands_in_three_languages_with_its_register():
    for one in sentences():
        assert one.texts.keys() == one.registers.keys() == set(LANGUAGES)
        assert all(text.strip() for text in one.texts.values()), one.key


def test_korean_and_japanese_sentences_are_never_plain():
    for one in sentences():
        assert one.registers["ko"] not in (Register.PLAIN, Register.HONORIFIC), one.key
        assert one.registers["ja"] not in (Register.PLAIN, Register.FORMAL, Register.MIXED), one.key


def test_filters_narrow_the_list():
    assert {one.where for one in sentences(where="chat")} == {"chat"}
    assert all(Register.HONORIFIC in one.registers.values() for one in sentences(register="honorific"))
    (found,) = sentences(words="slip.total 합계")
    assert found.texts["ko"] == "합계"
    assert sentences(words="no such words") == []
    assert [one.where for one in sentences()] == sorted((one.where for one in sentences()), key=WHERE.index)


@pytest.mark.parametrize(
    ("text", "language", "register"),
    [
        ("했어요.", "ko", Register.POLITE),
        ("했습니다. 했어요.", "ko", Register.MIXED),
        ("하십시오.", "ko", Register.FORMAL),
        ("합계", "ko", Register.LABEL),
        ("です。", "ja", Register.POLITE),
        ("ご覧ください。", "ja", Register.HONORIFIC),
        ("合計", "ja", Register.LABEL),
        ("Done.", "en", Register.PLAIN),
    ],
)
def test_the_register_is_read_from_the_endings(text, language, register):
    assert register_of(text, language) is register


def test_a_table_has_a_heading_and_a_column_for_remarks():
    head, first, *_ = rows(sentences(where="text"))
    assert head == ["key", "where", "en", "ko", "ja", "register_en", "register_ko", "register_ja", "remark"]
    assert first[1] == "text"
