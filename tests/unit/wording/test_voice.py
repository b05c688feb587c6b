"""What a customer said, in the operator's words."""

import pytest

from crosslift.domain.voice import BadSign, Judged, Topic
from crosslift.errors import BadInput
from crosslift.wording.messages import LANGUAGES
from crosslift.wording.voice import because, sentiment, sureness, topic, topics, verdict


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_topic_has_its_own_name(language):
    assert len({topic(one, language) for one in Topic}) == len(Topic)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (-1, "very negative"), (-0.7, "very negative"), (-0.69, "negative"), (-0.25, "negative"), (-0.24, "mixed"),
        (0, "mixed"), (0.25, "positive"), (0.7, "very positive"), (None, "no telling words"),
    ],
)  # fmt: skip
def test_sentiment_is_said_in_five_steps_or_as_unknown(value, said):
    assert sentiment(value, "en-GB") == said


@pytest.mark.parametrize("value", [-1.01, 2, float("nan")])
def test_a_sentiment_that_cannot_be_is_refused(value):
    with pytest.raises(BadInput, match="it goes from -1 to 1"):
        sentiment(value, "en")


@pytest.mark.parametrize(
    ("value", "said"), [(0.6, "sure"), (0.59, "fairly sure"), (0.4, "fairly sure"), (0.39, "unsure")]
)
def test_sureness_is_said_in_three_steps(value, said):
    assert sureness(value, "en") == said


def test_a_verdict_names_what_is_known_and_nothing_else():
    known = Judged(-0.6, 0.5, (Topic.DELIVERY, Topic.TASTE), (), "ko")
    assert verdict(known, "en") == "negative (fairly sure): delivery, taste and scent"
    assert verdict(known, "ko") == "부정적 (어느 정도 확실함): 배송, 맛과 향"
    assert verdict(known, "ja") == "否定的（ある程度確実）：配送、味と香り"
    assert verdict(Judged(None, 0.0, (Topic.SIZE,), (), "en"), "en") == "no telling words: size and fit"
    assert verdict(Judged(0.5, 0.7, (), (), "en"), "en") == "positive (sure)"
    assert topics((), "ko") == ""


@pytest.mark.parametrize(
    ("sign", "language", "said"),
    [
        (BadSign.NPS, "en", "Answered 3 of 10 when asked whether they would recommend us."),
        (BadSign.NPS, "ko", "추천할 생각이 있는지 묻는 질문에 10점 만점 중 3점으로 답했어요."),
        (BadSign.RATING, "ja", "10点満点中3点でした。"),
        (BadSign.TEXT, "en", "negative (sure): price"),
    ],
)
def test_a_bad_answer_says_why(sign, language, said):
    assert because(sign, Judged(-0.5, 0.7, (Topic.PRICE,), (), "en"), 3.0, 10.0, language) == said


def test_a_rating_is_no_reason_without_its_scale():
    with pytest.raises(BadInput, match="nps is no reason without a rating and its scale; give both"):
        because(BadSign.NPS, Judged(None, 0.0, (), (), "en"), 3, None, "en")
