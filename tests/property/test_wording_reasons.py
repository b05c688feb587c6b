"""Whatever a merchant calls a product, the sentence stays a sentence and the title stays itself."""

import re
from contextlib import suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from crosslift.domain.decision import Reason, ReasonCode
from crosslift.errors import BadInput
from crosslift.wording.messages import LANGUAGES
from crosslift.wording.reasons import operator_sentence, sentence

titles = st.text(min_size=1, max_size=60).filter(str.strip)
languages = st.sampled_from((*LANGUAGES, "ko-KR", "fr", ""))
counts = st.integers(1, 10**9)


def figures(said: str) -> set[str]:
    return set(re.findall(r"\d[\d,]*(?:\.\d+)?", said))


def pair(code: ReasonCode, title: str, language: str, counted: tuple[int, int], expected: float = 0.0) -> Reason:
    n_both, n_a = sorted(counted)
    titles_by_language = {language or "en": title}
    return Reason(
        code,
        {"anchor": "p-1", "anchor_titles": titles_by_language, "n_both": n_both, "n_a": n_a}
        | {"expected": expected, "lift": 2.0, "n_customers": 3},
    )


@given(
    title=titles,
    language=languages,
    counted=st.tuples(counts, counts),
    code=st.sampled_from([ReasonCode.BOUGHT_TOGETHER, ReasonCode.OFTEN_IN_SUCH_BASKETS]),
)
@example(title="{n_both} {0.__class__} %s %(x)d", language="ko", counted=(12, 310), code="bought_together")
@example(title="<b onclick='x()'>&amp;</b>", language="ja", counted=(12, 310), code="bought_together")
@example(title="קפה 250 \u202e{", language="en", counted=(12, 310), code="bought_together")
@example(title="☕️👩‍👩‍👧", language="ko", counted=(12, 310), code="bought_together")
def test_any_title_survives_and_changes_nothing_else(title, language, counted, code):
    said = sentence(pair(ReasonCode(code), title, language, counted), language)
    before, _, after = sentence(pair(ReasonCode(code), "\ue000", language, counted), language).partition("\ue000")
    after = after.removeprefix("과(와)").removeprefix("이(가)")  # the Korean particle follows the title
    assert said.startswith((before + title, f"{before}\u2068{title}\u2069"))
    assert said.endswith(after)
    assert len(said) <= len(before + title + after) + len("\u2068\u2069과(와)")
    assert title in operator_sentence(pair(ReasonCode(code), title, "en", counted))


@given(languages, st.tuples(counts, counts), st.floats(0, 1.1))
def test_orders_together_are_given_beside_chance_or_there_is_no_reason(language, counted, share):
    n_both, expected = min(counted), min(counted) * share
    reason = pair(ReasonCode.BOUGHT_TOGETHER, "Kettle", language, counted, expected)
    if round(expected, 1) >= n_both:
        with pytest.raises(BadInput, match="no reason"):
            sentence(reason, language)
        return
    shown = figures(sentence(reason, language))
    assert f"{n_both:,}" in shown
    if expected >= 1:
        chances = [float(figure.replace(",", "")) for figure in shown - {f"{n_both:,}"}]
        assert [chance for chance in chances if abs(chance - expected) <= 0.5 and chance < n_both]


@given(languages, st.tuples(counts, counts))
def test_orders_in_such_baskets_are_given(language, counted):
    reason = pair(ReasonCode.OFTEN_IN_SUCH_BASKETS, "Kettle", language, counted)
    assert {f"{count:,}" for count in counted} == figures(sentence(reason, language))


@given(languages, counts, st.integers(1, 400), st.dates())
def test_bestseller_gives_its_figures(language, n_orders, window_days, to_on):
    evidence = {"n_orders": n_orders, "window_days": window_days, "to_on": to_on.isoformat()}
    said = sentence(Reason(ReasonCode.BESTSELLER, evidence), language)
    assert {f"{n_orders:,}", str(to_on.year), str(to_on.day)} <= figures(said)
    assert str(window_days) in figures(said) or window_days == 1


junk = st.one_of(st.none(), st.booleans(), st.integers(-5, 5), st.floats(), st.text(max_size=3), st.lists(st.none()))


@given(
    st.sampled_from(ReasonCode),
    st.dictionaries(
        st.sampled_from(
            [
                "anchor",
                "anchor_title",
                "anchor_titles",
                "n_both",
                "n_a",
                "expected",
                "n_orders",
                "window_days",
                "to_on",
            ]
        ),
        junk,
    ),
    languages,
)
def test_any_evidence_gives_a_sentence_or_bad_input(code, evidence, language):
    with suppress(BadInput):
        assert sentence(Reason(code, evidence), language).strip()
