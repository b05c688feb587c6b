"""A bad answer of a known customer opens one case, always the same; history and unknown people open none."""

import msgspec
import pytest

from crosslift.collect.facts import FACTS, FactRows
from crosslift.collect.rows import DAY
from crosslift.collect.voice import judge
from crosslift.collect.voice_cases import Answer, as_columns, bad_signs, case_of, cases_in, gravest
from crosslift.domain.contact import CaseSeverity
from crosslift.domain.voice import BadSign, Judged, Topic
from crosslift.errors import BadInput
from crosslift.settings import Settings

NOW = 20_000 * DAY
SILENT = Judged(None, 0.0, (), (), "en")
BLAME = Judged(-0.5, 0.6, (Topic.DELIVERY, Topic.PRICE), (), "en")


def answer(kind="csat", rating=None, scale=5.0, **more):
    return Answer("f1", NOW - DAY, kind, **({"customer_id": "c1"} | more), rating=rating, scale=scale)


def opened(given, judged=SILENT, **settings):
    names = {f"voice.{name}": value for name, value in settings.items()}
    return case_of(given, judged, Settings.load(names, environment={}), NOW)


@pytest.mark.parametrize(
    ("kind", "rating", "scale", "is_bad"),
    [
        ("nps", 0, 10, True),
        ("nps", 6, 10, True),
        ("nps", 7, 10, False),
        ("nps", 6, None, True),
        ("nps", 7, None, False),
        ("csat", 2, 5, True),
        ("csat", 2.5, 5, False),
        ("review", 1, 5, True),
        ("review", 4, 10, True),
        ("review", 5, 10, False),
        ("survey", 1, None, False),
        ("survey", None, 5, False),
    ],
)
def test_low_ratings_are_bad_each_by_its_rule(kind, rating, scale, is_bad):
    assert (opened(answer(kind, rating, scale)) is not None) == is_bad


@pytest.mark.parametrize(
    ("sentiment", "confidence", "is_bad"),
    [(-0.4, 0.6, True), (-0.39, 0.9, False), (-0.9, 0.59, False), (0.9, 0.9, False), (None, 0.0, False)],
)
def test_words_are_bad_where_blame_and_confidence_both_suffice(sentiment, confidence, is_bad):
    judged = Judged(sentiment, confidence, (), (), "en")
    assert (opened(answer("mention", None, None), judged) is not None) == is_bad


def test_knobs_move_every_bound():
    assert opened(answer("nps", 6, 10), bad_nps=5) is None
    assert opened(answer("csat", 3), bad_rating=0.6) is not None
    assert opened(answer(), BLAME, bad_sentiment=-0.6) is None
    assert opened(answer(), BLAME, min_confidence=0.7) is None
    assert opened(answer("nps", 0, 10), BLAME, open_cases=False) is None


def test_the_case_says_whose_it_is_what_about_and_why():
    case = opened(answer("review", 2, text="late", product_id="T-40", channel="web"), BLAME)
    assert (case.case_id, case.customer_id, case.opened_at) == ("voice:f1", "c1", NOW - DAY)
    assert (case.topic, case.severity) == (Topic.DELIVERY, CaseSeverity.NORMAL)
    assert (case.text, case.product_id, case.channel) == ("late", "T-40", "web")
    assert case.signs == (BadSign.RATING, BadSign.TEXT)
    assert msgspec.json.decode(case.attributes) == {
        "source": "voice", "feedback_id": "f1", "signs": ["rating", "text"],
    }  # fmt: skip


def test_the_same_answer_always_gives_the_same_case():
    assert opened(answer("nps", 3, 10), BLAME) == opened(answer("nps", 3, 10), BLAME)


@pytest.mark.parametrize(
    ("kind", "rating", "scale", "judged", "severity"),
    [
        ("nps", 6, 10, SILENT, CaseSeverity.LOW),
        ("nps", 6, 10, BLAME, CaseSeverity.NORMAL),
        ("nps", 4, 10, SILENT, CaseSeverity.NORMAL),
        ("nps", 2, 10, SILENT, CaseSeverity.HIGH),
        ("csat", 2, 5, SILENT, CaseSeverity.NORMAL),
        ("csat", 1, 5, SILENT, CaseSeverity.HIGH),
        ("review", 5, 5, Judged(-0.8, 0.7, (), (), "en"), CaseSeverity.HIGH),
    ],
)
def test_severity_follows_rating_and_words(kind, rating, scale, judged, severity):
    assert opened(answer(kind, rating, scale), judged).severity is severity


def test_somebody_unknown_opens_no_case():
    assert opened(answer("nps", 0, 10, customer_id=None)) is None


def test_history_that_is_imported_opens_no_case():
    old = Answer("f1", NOW - 31 * DAY, "nps", "c1", 0, 10)
    assert opened(old) is None
    assert opened(old, case_days=31) is not None


def test_praise_with_a_good_rating_is_no_complaint_and_a_slip_of_the_list_opens_nothing():
    judged = judge("This is wickedly good, terrible for my diet", None, 5, 5)
    assert bad_signs(answer("review", 5), judged, Settings.load(environment={})) == ()


def test_a_rating_off_its_scale_is_refused():
    with pytest.raises(BadInput, match="a rating of 7 on a scale to 5 cannot be"):
        opened(answer("csat", 7))


def test_rows_of_feedback_open_the_cases_they_ask_for():
    columns = FACTS["feedback"].columns
    row = dict.fromkeys(columns) | {"feedback_id": "f1", "at": NOW, "kind": "mention", "customer_id": "c1"}
    bad = row | {"answer": "awful", "sentiment": -0.8, "sentiment_confidence": 0.7, "topics": '["price"]'}
    rows = [tuple(one[name] for name in columns) for one in (row, bad)]
    (case,) = cases_in(columns, rows, Settings.load(environment={}), NOW)
    assert (case.topic, case.text, case.severity) == (Topic.PRICE, "awful", CaseSeverity.HIGH)


def test_cases_are_rows_of_their_dataset_as_if_they_had_come_in_a_file():
    case = opened(answer("nps", 3, 10, text="meh"))
    ((table, columns, (row,)),) = FactRows(FACTS["cases"], "voice").build(as_columns([case]), {})
    cell = dict(zip(columns, row, strict=True))
    assert table == "cases"
    assert (cell["case_id"], cell["status"], cell["severity"]) == ("voice:f1", "open", "normal")
    assert (cell["opened_at"], cell["updated_at"], cell["closed_at"]) == (NOW - DAY, NOW - DAY, None)
    assert msgspec.json.decode(cell["attributes"])["source"] == "voice"


def test_no_cases_make_no_rows():
    ((_, _, rows),) = FactRows(FACTS["cases"], "voice").build(as_columns([]), {})
    assert rows == []


def test_of_several_answers_the_gravest_case_stands_and_the_first_of_equals():
    low, normal, high = (opened(answer("nps", rating, 10, text=str(rating))) for rating in (6, 3, 0))
    assert [case.severity for case in (low, normal, high)] == ["low", "normal", "high"]
    assert gravest([low, high, normal]) is high
    other = opened(answer("nps", 4, 10))
    assert gravest([normal, low, other]) is normal
    assert gravest([]) is None
