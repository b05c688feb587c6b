import numpy as np
import pytest

from crosslift.learn.customers.voice import Voice


@pytest.fixture
def voice(table):
    def read(*rows, people="ab"):
        person = np.array([people.find(row.get("customer_id") or "-") for row in rows], np.int32)
        return Voice.of(table("feedback", *rows), person, len(people))

    return read


def said(number, customer, at, kind="review", **more):
    return {"feedback_id": f"f{number}", "customer_id": customer, "at": at, "kind": kind} | more


def test_the_newest_rating_counts_in_stars_of_five(voice):
    found = voice(
        said(1, "a", 9, rating=8.0, scale=10.0), said(2, "a", 3, rating=1.0, scale=5.0), said(3, "b", 1, rating=3.0, scale=3.0),
    )  # fmt: skip
    assert found.rating.tolist() == [4.0, 5.0]
    assert np.isnan(found.nps).all()
    assert found.last_at.tolist() == [9, 1]


def test_the_recommendation_question_is_no_rating_and_stays_zero_to_ten(voice):
    found = voice(said(1, "a", 1, "nps", rating=9.0, scale=10.0), said(2, "a", 2, "nps", rating=6.0, scale=10.0))
    assert found.nps[0] == 6.0
    assert np.isnan(found.rating[0])


def test_of_two_answers_of_one_instant_the_last_by_id_counts_in_any_order(voice):
    first, second = said(1, "a", 5, rating=1.0, scale=5.0), said(2, "a", 5, rating=2.0, scale=5.0)
    assert voice(first, second).rating[0] == voice(second, first).rating[0] == 2.0


def test_an_answer_without_a_rating_does_not_hide_the_one_before(voice):
    found = voice(said(1, "a", 1, rating=4.0, scale=5.0), said(2, "a", 2), said(3, "a", 3, rating=4.0))
    assert found.rating[0] == 4.0


def test_surer_words_weigh_more(voice):
    found = voice(
        said(1, "a", 1, sentiment=1.0, sentiment_confidence=0.9), said(2, "a", 2, sentiment=-1.0, sentiment_confidence=0.3),
        said(3, "b", 2, sentiment=0.5, sentiment_confidence=0.0), said(4, "b", 2, sentiment_confidence=1.0),
    )  # fmt: skip
    assert found.sentiment[0] == pytest.approx(0.5)
    assert np.isnan(found.sentiment[1])


def test_a_mention_by_somebody_unknown_is_nobodys(voice):
    assert np.isnan(voice(said(1, None, 1, rating=1.0, scale=5.0)).rating).all()
