"""Profiles in sentences: none is missing in any language, each says its figures, none judges."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import crosslift
from crosslift.domain.persona import Cluster, Mark, MarkCode
from crosslift.domain.profile import ClvBasis, ContributionClass, Stage
from crosslift.domain.profile_codes import ContributionReason, RfmSegment, StageSign, Unknown
from crosslift.errors import BadInput
from crosslift.wording.messages import LANGUAGES
from crosslift.wording.profiles import Told, churn, contribution, rfm, stage, told, unknown, value

SIGNS = {
    StageSign.DAYS_SINCE_ORDER: 152.0, StageSign.DAYS_SINCE_SEEN: 38.0, StageSign.SILENCE_DAYS: 30.0,
    StageSign.INTERVAL_DAYS: 25.0, StageSign.VISITS: 3.0, StageSign.CARTS: 0.0, StageSign.SEARCHES: 17.0,
    StageSign.HELD: 2.0, StageSign.DAYS_SINCE_USE: 11.0,
}  # fmt: skip
SHOWN = {
    Stage.AWARE: {StageSign.DAYS_SINCE_SEEN},
    Stage.CONSIDER: {
        StageSign.DAYS_SINCE_ORDER, StageSign.INTERVAL_DAYS, StageSign.VISITS, StageSign.CARTS, StageSign.SEARCHES,
    },
    Stage.BUY: {StageSign.DAYS_SINCE_ORDER, StageSign.INTERVAL_DAYS},
    Stage.USE: {StageSign.DAYS_SINCE_ORDER, StageSign.INTERVAL_DAYS, StageSign.HELD, StageSign.DAYS_SINCE_USE},
    Stage.LAPSE: {StageSign.DAYS_SINCE_ORDER, StageSign.DAYS_SINCE_SEEN, StageSign.SILENCE_DAYS},
}  # fmt: skip
"""What a run writes as evidence of each stage."""
FIGURES = {
    StageSign.DAYS_SINCE_ORDER: "5", StageSign.DAYS_SINCE_SEEN: "38", StageSign.SILENCE_DAYS: "30",
    StageSign.INTERVAL_DAYS: "25", StageSign.VISITS: "3", StageSign.CARTS: "0", StageSign.SEARCHES: "17",
    StageSign.HELD: "2", StageSign.DAYS_SINCE_USE: "11",
}  # fmt: skip
REASONS = {
    ContributionReason.GROSS_MARGIN: 30_000.0, ContributionReason.RETURNS: 42_500.0, ContributionReason.DISCOUNTS: 1_100.0,
    ContributionReason.SERVICE: 2_200.0, ContributionReason.DEFAULTS: 3_300.0, ContributionReason.ORDERS_WITH_RETURN: 5.0,
    ContributionReason.DRAWN_RETURN_SHARE: 0.44, ContributionReason.CONTACTS: 7.0,
}  # fmt: skip
AHEAD = {
    "currency": "KRW", "clv_basis": "margin", "clv_horizon_days": 365.0, "expected_orders": 2.34, "clv": 5_000.4,
    "clv_low": 0.0, "clv_high": 12_000.0, "p_alive": 0.211, "churn_risk": 0.93,
}  # fmt: skip
JUDGING = re.compile(
    r"\b(?:bad|worst|abus|fraud|cheat|greedy|problem|worthless|unwanted|toxic|loser|guilt|refuse)\w*"
    r"|불량|진상|악성|문제|골칫|상습|悪質|迷惑|問題|不良|常習|ブラック",
    re.IGNORECASE,
)


def of_stage(code, *signs):
    return {"stage": code, "stage_evidence": [[sign.value, SIGNS[sign]] for sign in signs]}


def of_class(code, net=-12_000.0, **reasons):
    said = reasons or REASONS
    return {
        "currency": "KRW", "contribution_class": code, "net_contribution": net,
        "contribution_reasons": [[str(name), amount] for name, amount in said.items()],
    }  # fmt: skip


def of_cell(code, recency, frequency, monetary):
    return {"rfm_segment": code, "rfm_recency": recency, "rfm_frequency": frequency, "rfm_monetary": monetary}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_has_a_sentence_of_its_own(language):
    said = [
        [stage(of_stage(code), language) for code in Stage],
        [contribution({**of_class(code, None), "contribution_reasons": []}, language) for code in ContributionClass],
        [rfm(of_cell(code, 1.0, 1.0, 1.0), language) for code in RfmSegment],
        [value({**AHEAD, "clv_basis": basis}, language) for basis in ClvBasis],
        [unknown(code, ["aov"], language) for code in Unknown],
        [contribution(of_class("profitable", **{reason: REASONS[reason]}), language) for reason in ContributionReason],
    ]
    for sentences in said:
        assert len(set(sentences)) == len(sentences)
        assert not [sentence for sentence in sentences if JUDGING.search(sentence) or re.search(r"[{}]", sentence)]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", Stage)
def test_a_stage_is_told_with_all_its_evidence(code, language):
    sentence = stage(of_stage(code, *SHOWN[code]), language)
    for sign in SHOWN[code]:
        assert re.search(rf"(?<!\d){FIGURES[sign]}(?!\d)", sentence), (sign, sentence)


def test_every_sign_speaks_for_some_stage():
    assert set().union(*SHOWN.values()) == set(StageSign)


def test_a_stage_says_only_what_is_known():
    bought = [StageSign.DAYS_SINCE_ORDER]
    assert stage(of_stage("buy", *bought), "en").endswith("time to buy again. Last order 5 months ago.")
    assert "No order is on record, but a contract." in stage(of_stage("use"), "en")
    looks = (StageSign.VISITS, StageSign.CARTS, StageSign.SEARCHES)
    assert "No order or contract is on record. Lately: visits 3" in stage(of_stage("consider", *looks), "en")
    today = {"stage": "aware", "stage_evidence": [["days_since_seen", 0.0]]}
    assert stage(today, "en").endswith("Last seen less than a day ago.")
    assert stage(today, "ko").endswith("마지막 활동 후 하루도 안 지났어요.")
    assert stage(today, "ja").endswith("最後の動きから1日未満です。")


def test_the_time_to_buy_again_has_passed_or_not_as_the_stage_says():
    order = (StageSign.DAYS_SINCE_ORDER, StageSign.INTERVAL_DAYS)
    assert "has passed" in stage(of_stage("use", *order), "en")
    assert "has passed" in stage(of_stage("consider", *order), "en")
    assert "The usual time to the next is about 25 days." in stage(of_stage("buy", *order), "en")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", ContributionClass)
def test_a_contribution_is_told_with_its_amounts_in_the_shops_currency(code, language):
    sentence = contribution(of_class(code), language)
    assert ("-12,000원" in sentence or "-₩12,000" in sentence) == (code is not ContributionClass.UNKNOWN)
    shown = ("30,000", "42,500", "1,100", "2,200", "3,300", "5", "44%", "7")
    assert all(re.search(rf"(?<![\d,]){figure}(?!\d|,\d)", sentence) for figure in shown)


def test_a_loss_for_certain_is_told_where_costs_are_missing():
    said = contribution(of_class("unprofitable", None), "en")
    assert said.startswith(
        "The cost of the goods is not known; returns, service and defaults alone exceed what was paid. "
    )
    assert "None" not in said


def test_value_and_churn_are_told_with_their_horizon():
    assert value(AHEAD, "en") == (
        "Expected within 1 year from now: orders 2.3; margin at today's value ₩5,000. Likely ₩0 to ₩12,000."
    )
    gone = {**AHEAD, "expected_orders": 0.0123, "clv_high": 0.0}
    assert "orders 0.012; " in value(gone, "en")
    assert value(gone, "en").endswith("Most likely nothing comes.")
    assert churn(AHEAD, "ko") == "지금도 고객일 확률은 21%, 지금부터 1년 뒤에는 떠나 있을 확률은 93%입니다."


@pytest.mark.parametrize(
    ("p", "said"), [(0.0, "less than 1%"), (0.004, "less than 1%"), (0.5, "50%"), (1.0, "more than 99%")]
)
def test_a_chance_is_never_told_as_never_or_always(p, said):
    assert f"now: {said};" in churn({**AHEAD, "p_alive": p}, "en")


def test_the_cell_stands_beside_the_segment():
    said = rfm(of_cell("champions", 5.0, 4.0, 5.0), "en")
    assert said.startswith("Last order recent; orders and spend together above the middle. Recency 5, frequency 4, ")


def test_figures_missing_for_one_reason_are_told_together():
    profile = {"unknown": {"aov": "no_orders", "last_nps": "no_answer", "clv": "no_orders"}}
    assert told(profile, [], {}, "en") == [
        Told("unknown", "no_orders", "Nothing was ordered yet. Not known for this reason: aov, clv"),
        Told("unknown", "no_answer", "The question whether they would recommend us has no answer yet. "
             "Not known for this reason: last_nps"),
    ]  # fmt: skip


def test_a_reason_of_an_earlier_version_stands_as_it_was_written():
    said = unknown("19 people came back, at least 50 needed", ["clv"], "en")
    assert said == "19 people came back, at least 50 needed. Not known for this reason: clv"


def test_what_is_told_of_a_group_is_its_size_name_and_card():
    tea = Mark(MarkCode.CATEGORY, "category:차", 0.9, 0.3, "share", 1.5, "차")
    often = Mark(MarkCode.FREQUENT, "n_orders", 9, 2, "count", 1.0)
    clusters = [Cluster("frequent+category:차", (tea, often), 1_234, 0.31, {}), Cluster("usual", (), 9, 0.1, {})]
    cards = {"category:차": {"n_people": 1_234, "goals": [{"name": "sleep", "n_people": 8}]}}
    known = told({"cluster": "frequent+category:차", "persona": "category:차"}, clusters, cards, "en")
    assert known == [
        Told("cluster", "frequent+category:차",
             "One of 1,234 people, 31% of those with orders, who behave alike: much 차, buy often"),
        Told("persona", "category:차", "Persona “much 차”, 1,234 people: declared goals: sleep"),
    ]  # fmt: skip
    assert told({"cluster": "gone", "persona": "gone"}, clusters, cards, "en") == []
    assert told({"cluster": None}, clusters, cards, "en") == []


def test_a_profile_is_told_in_its_order_and_says_as_of_when():
    profile = {
        "as_of": 1_767_225_600_000_000, **of_stage("aware", StageSign.DAYS_SINCE_SEEN), **of_class("unknown"), **AHEAD,
        **of_cell("new", 5, 1, 1), "unknown": {"aov": "no_prices"}, "persona": None,
    }  # fmt: skip
    found = told(profile, [], {}, "ja")
    assert [(one.about, one.code) for one in found] == [
        ("as_of", None), ("stage", "aware"), ("contribution_class", "unknown"), ("rfm_segment", "new"), ("churn_risk", None),
        ("clv_basis", "margin"), ("unknown", "no_prices"),
    ]  # fmt: skip
    assert found[0].text == "2026年1月1日時点です。期間はすべてこの日から数えています。"


@pytest.mark.parametrize(
    ("profile", "message"),
    [
        ({"stage": "gone"}, "stage is 'gone'; it can be aware, consider"),
        ({"contribution_class": "profitable", "net_contribution": 1.0}, "currency in the evidence is None"),
        (of_stage("lapse") | {"stage_evidence": [["days_since_seen", -1.0]]}, "days_since_seen in the evidence is -1.0"),
        (of_stage("lapse") | {"stage_evidence": ["days_since_seen"]}, "is no evidence: a code and its value"),
        (of_cell("new", None, 1, 1), "rfm_recency in the evidence is None"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(profile, message):
    with pytest.raises(BadInput, match=re.escape(message)):
        told(profile, [], {}, "en")


amounts = st.floats(-1e9, 1e9)
counts = st.integers(0, 10**6).map(float)
days = st.floats(0, 20_000)
signs = st.fixed_dictionaries({}, optional={
    sign.value: days if sign.value.endswith("_days") or "since" in sign.value else counts for sign in StageSign
})  # fmt: skip
reasons = st.fixed_dictionaries({}, optional={
    reason.value: st.floats(0, 1) if reason is ContributionReason.DRAWN_RETURN_SHARE
    else counts.map(lambda n: n + 1) if reason in ("orders_with_return", "contacts") else amounts
    for reason in ContributionReason
})  # fmt: skip
profiles = st.fixed_dictionaries({
    "as_of": st.integers(0, 4 * 10**15), "currency": st.sampled_from(["KRW", "JPY", "USD", "EUR", "KWD"]),
    "stage": st.sampled_from(Stage), "stage_evidence": signs.map(lambda found: [list(pair) for pair in found.items()]),
    "contribution_class": st.sampled_from(ContributionClass), "net_contribution": st.none() | amounts,
    "contribution_reasons": reasons.map(lambda found: [list(pair) for pair in found.items()]),
    "rfm_segment": st.sampled_from(RfmSegment), "rfm_recency": st.integers(1, 5), "rfm_frequency": st.integers(1, 5),
    "rfm_monetary": st.integers(1, 5), "clv_basis": st.sampled_from(ClvBasis), "clv_horizon_days": st.integers(1, 3_650),
    "expected_orders": st.floats(0, 1e4), "clv": amounts, "clv_low": amounts, "clv_high": amounts,
    "p_alive": st.floats(0, 1), "churn_risk": st.floats(0, 1),
    "unknown": st.dictionaries(st.sampled_from(["aov", "clv", "sentiment"]), st.sampled_from(Unknown)),
})  # fmt: skip


@given(profiles, st.sampled_from(LANGUAGES))
def test_any_profile_can_be_told_whole_and_without_judgment(profile, language):
    found = told(profile, [], {}, language)
    assert [one.about for one in found][:6] == [
        "as_of", "stage", "contribution_class", "rfm_segment", "churn_risk", "clv_basis",
    ]  # fmt: skip
    assert {one.code for one in found if one.about == "unknown"} == set(profile["unknown"].values())
    for one in found:
        assert one.text == one.text.strip()
        assert not re.search(r"[{}]|None|nan|\binf\b", one.text)
        assert not JUDGING.search(one.text)


def test_the_sentences_are_asked_for_by_the_operators_page_alone():
    """What is told of a person is for those who serve them; a second user has to be thought about."""
    source = Path(crosslift.__file__).parent
    users = {
        file.relative_to(source).as_posix()
        for file in source.rglob("*.py")
        if "crosslift.wording.profiles" in file.read_text(encoding="utf-8")
    }
    assert users == {"shop/customers.py"}
