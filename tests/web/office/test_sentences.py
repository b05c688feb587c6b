"""The page of every sentence customers read: side by side, filtered, and as a file."""

import csv
import io
import re

import pytest

from crosslift.wording.sentences import sentences


@pytest.mark.parametrize("language", ["en", "ko", "ja"])
def test_every_sentence_stands_there_with_its_key_in_each_language_of_the_page(see, language):
    page = see(f"/app/sentences?lang={language}").text
    listed = re.findall(r"<code class=\"muted\">([^<]+)</code>", page)
    assert listed == [one.key for one in sentences()]
    assert page.count('lang="ko"') >= len(listed)
    assert "코드 {code}: {on}까지 계산대에서 이 가격이에요." in page


def test_filters_hold_and_stay_chosen(see):
    page = see("/app/sentences?where=chat&register=honorific&q=chat.stop").text
    assert set(re.findall(r"<code class=\"muted\">([^<]+)</code>", page)) == {"chat.stop.done", "chat.stop.here"}
    assert '<option value="chat" selected>' in page
    assert '<option value="honorific" selected>' in page
    assert "No sentence has these words." in see("/app/sentences?q=zzzz").text


def test_what_is_no_filter_of_ours_asks_for_everything(see):
    page = see("/app/sentences?where=moon&register=rude").text
    assert len(re.findall(r"<code class=\"muted\">", page)) == len(sentences())


def test_the_file_holds_what_the_page_shows(see):
    answer = see("/app/sentences.csv?where=text")
    assert answer.headers["content-disposition"] == 'attachment; filename="sentences.csv"'
    assert answer.text.startswith("\ufeff")
    read = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert [row["key"] for row in read] == [one.key for one in sentences(where="text")]
    assert read[0].keys() >= {"en", "ko", "ja", "register_ko", "remark"}


def test_nobody_sees_it_without_signing_in(see):
    assert see("/app/sentences", None).status_code == 303
    assert see("/app/sentences.csv", None).status_code == 303
