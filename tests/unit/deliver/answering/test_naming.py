"""Products found in what people write."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crosslift.deliver.answering.naming import MOST, Titles


@pytest.fixture
def titles():
    shelf = Titles()
    for number, titles in {
        "FLT-02": ("Paper filters, size 02", "종이 필터 02", "ペーパーフィルター02"),
        "FLT-01": ("Paper filters, size 01", "종이 필터 01", "ペーパーフィルター01"),
        "DRP-V60-02": ("Cone dripper 02", "원추형 드리퍼 02", "円すいドリッパー02"),
        "KTL": ("Gooseneck kettle", "드립 주전자", "ドリップケトル"),
        "MUG": ("Mug", "머그", "マグ"),
    }.items():
        shelf.put(number, titles)
    return shelf


def named(titles, text):
    return [one.product_id for one in titles.mentions(text)]


@pytest.mark.parametrize(
    "text",
    [
        "Gooseneck Kettles",
        "GOOSENECK-KETTLE",
        "드립 주전자를",
        "드립주전자 있나요",
        "ﾄﾞﾘｯﾌﾟｹﾄﾙ",
        "どりっぷけとる",
        "ktl?",
    ],
)
def test_a_title_is_found_however_it_is_written(titles, text):
    assert named(titles, text) == ["KTL"]


@pytest.mark.parametrize("text", ["flt-02", "FLT02", "flt 02", "ＦＬＴ－０２", "FLT-02가 있나요", "FLT-02の価格"])
def test_a_product_number_is_surest(titles, text):
    (found,) = titles.mentions(text)
    assert (found.product_id, found.sureness, found.others) == ("FLT-02", 1.0, ())


def test_two_products_are_two_mentions(titles):
    assert named(titles, "Does FLT-02 fit the cone dripper?") == ["FLT-02", "DRP-V60-02"]


def test_a_part_of_a_number_names_it_too(titles):
    assert "DRP-V60-02" in named(titles, "이게 V60에 맞나요")


def test_what_could_be_several_names_them_all(titles):
    (found, *_) = titles.mentions("paper filters")
    assert {found.product_id, *found.others} == {"FLT-01", "FLT-02"}
    assert found.sureness <= 0.5


def test_english_words_that_name_nothing_name_nothing(titles):
    titles.put("BOOK", ("The book of it",))
    assert named(titles, "what is the meaning of it") == []


def test_a_product_that_is_put_again_loses_its_old_title_and_one_that_is_dropped_is_gone(titles):
    titles.put("KTL", ("Teapot",))
    assert named(titles, "gooseneck kettle") == []
    titles.drop("KTL")
    assert named(titles, "teapot") == []
    assert len(titles) == 4


@given(st.text(max_size=600))
def test_any_text_finds_at_most_a_few_and_the_same_again(text):
    shelf = Titles()
    shelf.put("A-1", ("Ceramic mug", text[:40]))
    shelf.put("A-2", ("Glass mug",))
    found = shelf.mentions(text)
    assert len(found) <= MOST
    assert found == shelf.mentions(text)
    assert all(0 <= one.sureness <= 1 for one in found)
