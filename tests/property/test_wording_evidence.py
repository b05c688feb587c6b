"""Whatever true evidence a reason holds, its sentence is whole and gives the figures; from anything else there is none."""

import re
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crosslift.domain.decision import Reason, ReasonCode
from crosslift.errors import BadInput
from crosslift.wording.formats import duration
from crosslift.wording.messages import LANGUAGES
from crosslift.wording.pressure import pressure_words
from crosslift.wording.reasons import operator_sentence, sentence

languages = st.sampled_from((*LANGUAGES, "ko-KR", "fr"))
counts = st.integers(1, 10**7)
names = st.sampled_from(["Kettle", "주전자", "ケトル 2", "V60", "50% {off}", "קפה", "☕️"])
days = st.dates(date(2000, 1, 1), date(2090, 1, 1))
currencies = st.sampled_from(["KRW", "JPY", "USD", "KWD"])
attributes = st.sampled_from(["burr_mm", "warranty_years", "milliliters", "own_thing", "Größe"])
spans = st.floats(0.05, 4000)


def maybe(**optional: st.SearchStrategy[object]) -> st.SearchStrategy[dict[str, object]]:
    """Evidence that may be unknown: each fact there, None or absent."""
    facts = {name: st.one_of(st.none(), values) for name, values in optional.items()}
    return st.fixed_dictionaries({}, optional=facts)


def joined(*parts: st.SearchStrategy[dict[str, object]]) -> st.SearchStrategy[dict[str, object]]:
    return st.tuples(*parts).map(lambda found: {key: value for part in found for key, value in part.items()})


@st.composite
def counted(draw: st.DrawFn, part: str = "n_both", whole: str = "n_a", expected: str | None = "expected"):
    n_part, n_whole = sorted(draw(st.tuples(counts, counts)))
    facts: dict[str, object] = {part: n_part, whole: n_whole}
    if expected:
        facts[expected] = draw(st.floats(0, max(0.0, n_part - 0.1)).filter(lambda x: round(x, 1) < n_part))
    return facts


@st.composite
def lagged(draw: st.DrawFn):
    lags = dict(zip(("lag_q1", "lag_median", "lag_q3"), sorted(draw(st.tuples(spans, spans, spans))), strict=True))
    unknown = draw(st.sets(st.sampled_from(sorted(lags))))
    return {name: None if name in unknown else value for name, value in lags.items()}


@st.composite
def bought_before(draw: st.DrawFn):
    last_on = draw(days)
    due = last_on + timedelta(days=draw(st.integers(0, 900)))
    return {"last_on": last_on.isoformat(), "due_on": due.isoformat(), "n_gaps": draw(st.integers(0, 40))}


@st.composite
def cheaper_set(draw: st.DrawFn):
    price, saving = draw(st.integers(1, 10**7)), draw(st.integers(1, 10**6))
    return {"price": price, "sum": price + saving, "saving": saving, "n_parts": draw(st.integers(2, 9))}


def fixed(**facts: st.SearchStrategy[object]) -> st.SearchStrategy[dict[str, object]]:
    return st.fixed_dictionaries(facts)


anchored = joined(fixed(anchor=st.just("p-1")), maybe(anchor_title=names))
benefit = st.builds(
    lambda name, low, more: {"attribute": name, "from": low, "to": low + more}, attributes, counts, counts
)
shared = st.builds(lambda name, value: {"attribute": name, "value": value}, attributes, st.one_of(counts, names))
test = maybe(lift=st.floats(1, 900), q_value=st.floats(0, 0.05), similarity=st.floats(0, 1))
prices = fixed(price_from=st.integers(0, 10**7), price_to=st.integers(0, 10**7), currency=currencies)
texts = st.sampled_from(["잘 맞아요", "Fits well.", "{0}", "ぴったり"])

FOR_NOVEMBER = {"en": "For November.", "ko": "11월에 어울려요.", "ja": "11月向けの商品です。"}
EVIDENCE = {
    ReasonCode.BOUGHT_LATER: joined(anchored, counted(), lagged(), test),
    ReasonCode.OWNED_TOGETHER: joined(anchored, counted(), test),
    ReasonCode.NEEDED: st.one_of(
        joined(anchored, fixed(basis=st.just("mined")), counted(expected=None)),
        joined(anchored, fixed(basis=st.just("rule"), attribute=attributes, value=counts)),
        joined(anchored, fixed(basis=st.just("curated")), maybe(reason=texts)),
    ),
    ReasonCode.STEP_UP: joined(
        anchored,
        fixed(
            delta_price=st.integers(-(10**6), 10**6),
            currency=currencies,
            benefits=st.lists(benefit, min_size=1, max_size=5),
        ),
        maybe(n_switched=counts, similarity=st.floats(0, 1)),
    ),
    ReasonCode.INSTEAD_OF: st.one_of(
        joined(anchored, fixed(n_viewed_both=counts)),
        joined(anchored, fixed(basis=st.just("alike"), shared=st.lists(shared, min_size=1, max_size=5))),
        joined(anchored, fixed(basis=st.just("curated")), maybe(reason=texts)),
    ),
    ReasonCode.STAND_IN: st.one_of(anchored, joined(anchored, prices)),
    ReasonCode.REFILL_DUE: joined(fixed(interval_days=spans), st.one_of(st.just({}), bought_before())),
    ReasonCode.SERVICE_DUE: joined(
        anchored,
        fixed(every=counts, unit=st.sampled_from(["km", "pages", "hours", "days", "Seiten"]), meter=st.just("counter")),
        maybe(value=st.integers(0, 10**6)),
    ),
    ReasonCode.ALIKE: st.one_of(
        joined(anchored, fixed(shared=st.lists(shared, min_size=1, max_size=5))),
        joined(anchored, fixed(words=st.lists(names, min_size=1, max_size=5))),
    ),
    ReasonCode.CATEGORY_COMPANION: joined(
        anchored,
        fixed(from_category=st.sampled_from(["a/b-c", "b"]), to_category=st.sampled_from(["커피/필터", "ケトル"])),
        counted(),
        test,
    ),
    ReasonCode.SEARCHED: st.one_of(
        joined(fixed(query=names), counted("n_bought", "n_searchers", None), test),
        joined(fixed(query=names), counted("n_viewed", "n_searchers", None), test),
    ),
    ReasonCode.FOR_READERS: st.one_of(
        joined(fixed(title=names, basis=st.just("learned")), counted("n_bought", "n_readers", None), test),
        fixed(title=names, basis=st.sampled_from(["named", "curated"])),
    ),
    ReasonCode.MERCHANT_OFFER: st.one_of(
        fixed(offer=st.just("care"), offer_version=st.integers(1, 99)),
        joined(anchored, fixed(offer=st.just("care"), offer_version=st.integers(1, 99))),
        fixed(offer=st.just("care"), offer_version=st.integers(1, 99), benefit=st.just({"en": "Keeps it working"})),
    ),
    ReasonCode.SERVES_GOAL: st.one_of(
        fixed(
            goal=st.just("more-calls"),
            goal_titles=st.just({"en": "More calls", "ko": "문의 늘리기", "ja": "問い合わせを増やす"}),
        ),
        fixed(
            goal=st.just("more-calls"),
            goal_titles=st.just({"en": "More calls"}),
            offer=st.just("seo"),
            offer_version=st.integers(1, 99),
            benefit=st.just({"en": "Found when people search"}),
        ),
    ),
    ReasonCode.PLAN_NEARLY_USED: fixed(
        offer=st.just("bigger"),
        offer_version=st.integers(1, 99),
        meter=st.just("storage"),
        used_share=st.sampled_from([0.5, 0.8, 1.0]),
    ),
    ReasonCode.FILLS_THRESHOLD: fixed(
        bar=st.just("post"),
        bar_titles=st.just({"en": "Free delivery", "ko": "무료 배송", "ja": "送料無料"}),
        missing=st.sampled_from([1, 5, 9]),
        price=st.sampled_from([9, 20, 50]),
        amount=st.just(100),
        currency=currencies,
    ),
    ReasonCode.RECOMMENDED: joined(fixed(author=st.just("mina")), maybe(reason=texts)),
    ReasonCode.OWN_LIST: joined(anchored, counted("rank", "n_listed", None)),
    ReasonCode.PLUGIN: joined(
        fixed(plugin=st.just("season"), version=st.just("1.0")),
        maybe(
            facts=st.just({"month": 11}),
            told=st.just({"en": "For November.", "ko": "11월에 어울려요.", "ja": "11月向けの商品です。"}),
        ),
    ),
    ReasonCode.SET_SAVING: joined(cheaper_set(), fixed(currency=currencies), maybe(held_titles=st.lists(names))),
    ReasonCode.NEAR_DATE: fixed(best_before=days.map(date.isoformat)),
    ReasonCode.EARLY_DAYS: st.one_of(fixed(n_orders=counts), fixed(n_both=counts, n_orders=counts)),
}
SHOWN = {
    ReasonCode.BOUGHT_LATER: ("n_both",),
    ReasonCode.OWNED_TOGETHER: ("n_both", "n_a"),
    ReasonCode.CATEGORY_COMPANION: ("n_both", "n_a"),
    ReasonCode.NEEDED: ("n_both", "n_a", "value"),
    ReasonCode.INSTEAD_OF: ("n_viewed_both",),
    ReasonCode.SERVICE_DUE: ("every", "value"),
    ReasonCode.SEARCHED: ("n_bought", "n_searchers"),
    ReasonCode.FOR_READERS: ("n_bought", "n_readers"),
    ReasonCode.SET_SAVING: ("price", "sum"),
}
"""Whole figures a shopper must read, where the evidence has them."""
FIRST_CODES = {ReasonCode.BOUGHT_TOGETHER, ReasonCode.OFTEN_IN_SUCH_BASKETS, ReasonCode.BESTSELLER}
"""Those of test_wording_reasons.py."""

reasons = st.sampled_from(sorted(EVIDENCE)).flatmap(lambda code: EVIDENCE[code].map(lambda facts: Reason(code, facts)))


def test_every_reason_has_its_evidence_here():
    assert EVIDENCE.keys() | FIRST_CODES == set(ReasonCode)


def figures(said: str) -> set[str]:
    return set(re.findall(r"\d+(?:,\d{3})*", said))


def plain(said: str) -> str:
    """The sentence without what merchants wrote, in which anything may stand."""
    return said.replace("50% {off}", "").replace("{0}", "")


@given(reasons, languages)
def test_sentence_is_whole_and_gives_its_figures(reason, language):
    said = sentence(reason, language)
    assert said.strip() == said != ""
    assert not re.search(r"[{}]|None|nan|\b[a-z]+\.[a-z]+_[a-z]", plain(said))
    assert pressure_words(said, language) == []
    shown = figures(said)
    for name in SHOWN.get(reason.code, ()):
        value = reason.evidence.get(name)
        assert value is None or f"{value:,}" in shown, name


@given(reasons)
def test_operator_reads_every_whole_figure(reason):
    said = operator_sentence(reason)
    assert said.strip() == said != ""
    assert not re.search(r"[{}]|\bNone\b|\bnan\b", plain(said))
    shown = figures(said)
    for name, value in reason.evidence.items():
        is_said_in_words = name == "n_gaps" and value == 0  # "no own gap yet"
        if isinstance(value, int) and not is_said_in_words:
            assert f"{abs(value):,}" in shown, name


@given(reasons, languages, st.data())
def test_reason_without_a_figure_it_shows_is_refused(reason, language, data):
    needed = [name for name in SHOWN.get(reason.code, ()) if name in reason.evidence and name != "value"]
    if not needed:
        return
    name = data.draw(st.sampled_from(needed))
    broken = data.draw(st.sampled_from(["", "x", True, float("inf"), -1, [], {}]))
    with pytest.raises(BadInput):
        sentence(Reason(reason.code, {**reason.evidence, name: broken}), language)
    if name != "n_viewed_both":  # without it a substitute is looked for in what both share
        with pytest.raises(BadInput):
            sentence(Reason(reason.code, {k: v for k, v in reason.evidence.items() if k != name}), language)


@given(EVIDENCE[ReasonCode.STAND_IN], languages)
def test_stand_in_is_only_called_cheaper_when_it_is(facts, language):
    said = sentence(Reason(ReasonCode.STAND_IN, facts), language)
    cheaper, dearer = {"en": ("less", "more"), "ko": ("저렴", "비싸"), "ja": ("お安く", "高く")}[
        language[:2] if language[:2] in LANGUAGES else "en"
    ]
    difference = facts.get("price_to", 0) - facts.get("price_from", 0)
    assert (cheaper in said, dearer in said) == (difference < 0, difference > 0)
    assert difference == 0 or f"{abs(difference):,}" in said


@given(EVIDENCE[ReasonCode.STEP_UP], languages)
def test_step_up_gives_its_benefits_and_its_price(facts, language):
    said = sentence(Reason(ReasonCode.STEP_UP, facts), language)
    for benefit in facts["benefits"][:3]:
        assert f"{benefit['from']:,} → {benefit['to']:,}" in said
    assert facts["delta_price"] == 0 or f"{abs(facts['delta_price']):,}" in said
    with pytest.raises(BadInput):
        sentence(Reason(ReasonCode.STEP_UP, {**facts, "benefits": []}), language)


@given(EVIDENCE[ReasonCode.SET_SAVING], languages, st.integers(0, 10**6))
def test_set_that_saves_nothing_is_never_shown(facts, language, dearer):
    price = facts["sum"] + dearer
    with pytest.raises(BadInput, match="saves nothing"):
        sentence(Reason(ReasonCode.SET_SAVING, {**facts, "price": price, "saving": -dearer}), language)
    with pytest.raises(BadInput, match="is not sum"):
        sentence(Reason(ReasonCode.SET_SAVING, {**facts, "price": price}), language)


@given(st.floats(0.05, 10**5))
def test_span_is_told_within_three_percent_or_half_a_day(span):
    n, unit = duration(span, "en").split()
    size = {"day": 1, "week": 7, "month": 365.25 / 12, "year": 365.25}[unit.rstrip("s")]
    assert abs(int(n.replace(",", "")) * size - span) <= max(0.03 * span, 0.5) or (span < 1 and n == "1")
    assert [re.findall(r"[\d,]+", duration(span, language)) for language in ("ko", "ja")] == [[n], [n]]
