"""Whatever is written to the chat: an answer, the same again, and never an offer on a complaint."""

import shutil

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crosslift.collect.voice import judge
from crosslift.deliver.answering.hearing import hear
from crosslift.deliver.answering.words import Intent, terms
from crosslift.shop.chat.chats import LONGEST
from crosslift.wording.messages import LANGUAGES

BLAME = (
    "It arrived broken.",
    "Terrible, I am very disappointed.",
    "파손돼서 왔어요.",
    "정말 최악이에요.",
    "壊れていました。",
    "ひどいです。最悪です。",
)
ANYTHING = st.text(min_size=1, max_size=LONGEST).filter(str.strip)
QUESTIONS = st.sampled_from(sorted(term.strip("^$") for language in LANGUAGES for _, _, term in terms(language)))
MIXED = (
    st.lists(
        st.one_of(
            QUESTIONS,
            st.sampled_from(["Cone dripper", "드립 주전자", "ペーパーフィルター", "FILT", "it", "<b>", "\x00", "🫖"]),
            st.text(max_size=20),
        ),
        min_size=1,
        max_size=6,
    )
    .map(lambda parts: " ".join(parts)[:LONGEST])
    .filter(str.strip)
)
CALM = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@pytest.fixture(scope="module")
def talking(load_script):
    return load_script("tests/unit/shop/chat/talking.py")


@pytest.fixture(scope="module")
def ask(talking, load_script, tmp_path_factory):
    """Ask one shop that stands still, whatever is asked: nothing of it is counted."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CROSSLIFT_NO_JIT", "1")
        folder = tmp_path_factory.mktemp("talking")
        home = talking.build(folder, load_script("tests/web/conftest.py").write_files)
        with talking.open_shop(home) as shop:
            yield lambda text, **said: talking.ask(shop, text, **{"is_counted": False, "customer": "c2", **said})
        shutil.rmtree(folder)


@CALM
@given(st.one_of(ANYTHING, MIXED), st.sampled_from(["en", "ko", "ja", "fr", ""]))
def test_any_text_is_answered_in_one_of_our_languages_and_the_same_again(ask, text, language):
    told = ask(text, language=language, product="DRIP")
    assert told["answer"].strip()
    assert told["language"] in LANGUAGES
    assert 0 <= told["confidence"] <= 1
    assert told == ask(text, language=language, product="DRIP")


@CALM
@given(st.sampled_from(BLAME), MIXED, st.booleans())
def test_a_complaint_never_gets_an_offer_whatever_else_is_asked_nor_does_what_follows_it(ask, blame, other, is_first):
    text = (f"{blame} {other}" if is_first else f"{other[: LONGEST - 60]}. {blame}")[:LONGEST]
    told = ask(text, product="DRIP")
    assert told["offers"] == []
    assert told["decision_id"] is None
    if told["kind"] == "complaint" or hear(text, "en").intent is Intent.COMPLAINT:
        after = ask("What goes well with the cone dripper?", conversation=told["conversation"])
        assert after["offers"] == []


@CALM
@given(MIXED)
def test_words_of_blame_that_are_sure_enough_are_heard_as_a_complaint(ask, text):
    heard, judged = hear(text, "en"), judge(text, hear(text, "en").language)
    is_bad = judged.sentiment is not None and judged.sentiment <= -0.6 and judged.confidence >= 0.7
    told = ask(text)
    if is_bad and heard.intent not in (Intent.STOP, Intent.RESUME, Intent.NO_THANKS, Intent.THANKS, Intent.GREETING):
        assert told["offers"] == []
