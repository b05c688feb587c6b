"""A response as rows: one a question, the only words to the only stars, and whose they are."""

import pytest

from crosslift.collect.answers.survey import Answered, Survey, numbered, rows_of

STARS = Answered("s", "Stars?", rating=2, scale=5)
WORDS = Answered("w", "Why?", text="Too slow.")
CHOICE = Answered("c", "Which?", answer="Shop")


def rows(*answers, **more):
    return rows_of(Survey("tool:1", "2026-03-01T00:00:00Z", answers, **more))


def test_the_only_words_belong_to_the_only_stars():
    first, second = rows(WORDS, CHOICE, STARS)
    assert (second["feedback_id"], second["rating"], second["text"]) == ("tool:1:s", 2, "Too slow.")
    assert (first["feedback_id"], first["answer"], first["rating"]) == ("tool:1:c", "Shop", None)


@pytest.mark.parametrize("answers", [(STARS, STARS, WORDS), (STARS, WORDS, WORDS), (STARS, CHOICE), (WORDS, CHOICE)])
def test_otherwise_every_answer_is_a_row_of_its_own(answers):
    assert len(rows(*answers)) == len(answers)
    assert all(row["rating"] is None or row["text"] is None for row in rows(*answers))


def test_each_row_says_its_kind():
    asked = Answered("n", "Recommend?", rating=4, scale=10, is_nps=True)
    assert [row["kind"] for row in rows(asked, STARS, CHOICE, WORDS)] == ["nps", "csat", "survey", "survey"]


@pytest.mark.parametrize(
    ("number", "kind", "scales", "expected"),
    [
        (3, "rating", {}, (None, 3, None)), (3, "rating", {"q": "5"}, (None, 3, 5)), (7, "rating", {"q": "5"}, ("7", None, None)),
        (-1, "rating", {}, ("-1", None, None)), (3, "", {}, ("3", None, None)), (2.5, "", {}, ("2.5", None, None)),
        (3, "", {"q": "nps"}, (None, 3, 10)), (11, "nps", {}, ("11", None, None)),
        (3, "rating", {"type": "4", "q": "5"}, (None, 3, 5)),
    ],
)  # fmt: skip
def test_a_number_is_a_rating_where_its_question_is_one(number, kind, scales, expected):
    found = numbered("k", "How?", number, ("q", "type"), scales, kind)
    assert (found.answer, found.rating, found.scale) == expected
