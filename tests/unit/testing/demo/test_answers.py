"""What the demo shop wrote down for its customers: answers in three languages, that are never sold and press nobody."""

from crosslift.testing.demo.answers import ANSWERS, rows
from crosslift.testing.demo.catalog import CATALOG
from crosslift.testing.demo.guides import GUIDES
from crosslift.wording.ethics import of_text

TONGUES = ("en", "ko", "ja")


def test_every_answer_is_a_page_of_the_catalog_that_is_never_sold():
    pages = {row["product_id"]: row for row in rows()}
    assert set(ANSWERS) == pages.keys()
    assert set(ANSWERS) - {one.content_id for one in GUIDES} == {"faq-returns"}
    assert {row["kind"] for row in pages.values()} == {"content"}
    assert not any("price" in row for row in pages.values())
    assert all(row["title"] and row["title_ko"] and row["title_ja"] for row in pages.values())


def test_pages_are_about_products_that_are_there():
    known = {item.product_id for item in CATALOG}
    assert {about for row in rows() if (about := row["attributes"].get("about"))} <= known


def test_answers_stand_in_three_languages_and_press_nobody():
    for page, (_, *told, keywords) in ANSWERS.items():
        assert keywords, page
        for language, text in zip(TONGUES, told, strict=True):
            assert text.strip(), page
            assert of_text(text, language, page) == []
