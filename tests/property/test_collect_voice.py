"""The customer's voice: whatever is written, the judgment is bounded, repeatable and soon there."""

import time
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from crosslift.collect.lexicon import MAX_CHARACTERS, lexicon, normal
from crosslift.collect.voice import judge
from crosslift.domain.voice import Topic

pieces = st.sampled_from(
    [
        "not ",
        "good",
        "but ",
        "좋",
        "지 않",
        "지만 ",
        "안 ",
        "良く",
        "ない",
        "けど",
        "면 좋겠",
        "i wish ",
        "?",
        ". ",
        ", ",
        "ㅠㅠ",
        "😍",
        "🏽",
    ]
)
texts = st.one_of(st.text(max_size=200), st.lists(pieces, max_size=60).map("".join))
languages = st.one_of(st.none(), st.sampled_from(["en", "ko-KR", "ja", "fr", "", "zh_TW"]))


@settings(deadline=None)
@given(texts, languages)
@example("", None)
@example("\ufdfa" * 300, None)
def test_any_text_gets_a_judgment_within_bounds(text, language):
    found = judge(text, language)
    assert 0 <= found.confidence < 1
    assert len(set(found.topics)) == len(found.topics)
    assert set(found.topics) <= set(Topic)
    if found.sentiment is None:
        assert (found.confidence, found.evidence) == (0.0, ())
    else:
        assert -1 < found.sentiment < 1
        assert found.evidence
    assert judge(text, language) == found


@settings(deadline=None)
@given(texts, st.floats(0, 5), st.sampled_from([5.0, 10.0]))
def test_a_rating_never_changes_what_the_words_say(text, rating, scale):
    alone, rated = judge(text), judge(text, None, rating, scale)
    assert (rated.sentiment, rated.topics, rated.evidence) == (alone.sentiment, alone.topics, alone.evidence)
    assert 0 <= rated.confidence <= 1


@settings(deadline=None)
@given(texts)
def test_terms_found_stand_in_order_and_never_overlap(text):
    written = normal(text)
    found = list(lexicon("en", "ko", "ja").find(written))
    assert all(one.start < one.end <= len(written) for one in found)
    assert all(one.end <= other.start for one, other in pairwise(found))


@settings(max_examples=20, deadline=None)
@given(st.lists(st.one_of(pieces, st.text(min_size=1, max_size=5)), min_size=1, max_size=6).map("".join))
@example("a" * 7)
@example("good으면 좋")
@example("http://")
@example("안 좋지 않지만 ")
def test_a_hostile_text_costs_no_more_than_a_long_one(text):
    begun = time.process_time()
    judge((text * 1_000_000)[:1_000_000])
    assert time.process_time() - begun < 0.5


@pytest.mark.parametrize("far", [MAX_CHARACTERS, 10 * MAX_CHARACTERS])
def test_what_stands_beyond_the_limit_is_not_read(far):
    assert judge("좋아요 " + "그 " * far + "최악").evidence == judge("좋아요").evidence
