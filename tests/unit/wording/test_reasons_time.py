"""Reasons that rest on time: the days are said as people say them, and "you" only of one's own gaps."""

from datetime import UTC, date, datetime

import pytest

from crosslift.domain.decision import Reason, ReasonCode
from crosslift.errors import BadInput
from crosslift.wording.messages import LANGUAGES
from crosslift.wording.reasons import operator_sentence, sentence

TITLES = {"en": "V60 dripper", "ko": "V60 드리퍼", "ja": "V60 ドリッパー"}
ANCHOR = {"anchor": "p-1", "anchor_titles": TITLES}
LATER = ANCHOR | {
    "n_both": 112, "n_a": 900, "n_back": 9, "expected": 40.2, "lag_median": 149.3, "lag_q1": 80, "lag_q3": 240,
    "lift": 2.79, "lift_low": 2.3, "lift_high": 3.3, "q_value": 1e-9,
}  # fmt: skip
REFILL = {"last_on": "2026-10-03", "interval_days": 38, "due_on": "2026-11-10", "n_gaps": 4}
SERVICE = ANCHOR | {"meter": "odometer", "value": 29400, "unit": "km", "every": 10000}


def later(**changes: object) -> Reason:
    return Reason(ReasonCode.BOUGHT_LATER, LATER | changes)


def refill(**changes: object) -> Reason:
    return Reason(ReasonCode.REFILL_DUE, REFILL | changes)


def service(**changes: object) -> Reason:
    return Reason(ReasonCode.SERVICE_DUE, SERVICE | changes)


def near(best_before: object) -> Reason:
    return Reason(ReasonCode.NEAR_DATE, {"best_before": best_before})


@pytest.mark.parametrize(
    ("reason", "language", "said"),
    [
        (later(), "en", "112 customers who bought V60 dripper came back for this, half of them within about 5 months."),
        (
            later(),
            "ko",
            "V60 드리퍼를 구매한 고객 112명이 나중에 이 상품도 구매했어요. 그중 절반은 약 5개월 안에 구매했어요.",
        ),
        (
            later(),
            "ja",
            "「V60 ドリッパー」を購入されたお客様112名が、後日この商品も購入されています。その半数は約5か月以内のご購入です。",
        ),
        (refill(), "en", "You last bought this on 3 Oct 2026; it usually lasts you about 38 days."),
        (refill(), "ko", "2026년 10월 3일에 마지막으로 구매하셨어요. 지금까지는 보통 약 38일마다 구매하셨어요."),
        (refill(), "ja", "前回のご購入は2026年10月3日です。これまでは約38日ごとにご購入いただいています。"),
        (service(), "en", "For V60 dripper, due about every 10,000 km; your last reading was 29,400 km."),
        (service(), "ko", "V60 드리퍼에 약 10,000km마다 필요해요. 최근 기록: 29,400km"),
        (service(), "ja", "「V60 ドリッパー」には約10,000kmごとに必要です。前回の記録：29,400km"),
        (near("2026-11-12"), "en", "Best before 12 Nov 2026."),
        (near("2026-11-12"), "ko", "품질유지기한은 2026년 11월 12일까지예요."),
        (near(date(2026, 11, 12)), "ja", "賞味期限は2026年11月12日です。"),
    ],
)
def test_shopper_reads_the_time(reason, language, said):
    assert sentence(reason, language) == said


@pytest.mark.parametrize("unknown", [None, float("nan")])
def test_unknown_lag_is_left_out_and_the_rest_stays_true(unknown):
    reason = later(lag_median=unknown, lag_q1=unknown, lag_q3=unknown)
    assert sentence(reason, "en") == "112 customers who bought V60 dripper came back for this."
    assert "median unknown, quartiles unknown and unknown" in operator_sentence(reason)


def test_one_customer_has_no_half():
    assert sentence(later(n_both=1, expected=0.1), "en") == "1 customer who bought V60 dripper came back for this."


def test_half_within_a_day_is_rounded_up_so_that_it_stays_true():
    assert sentence(later(lag_q1=0.5, lag_median=1.2), "en").endswith("half of them within about 2 days.")


@pytest.mark.parametrize("lags", [{"lag_q1": 150}, {"lag_q3": 149}, {"lag_q1": 250, "lag_median": None}])
def test_lags_out_of_order_cannot_be_true(lags):
    with pytest.raises(BadInput, match="are not in order: lag_q1, lag_median, lag_q3"):
        sentence(later(**lags), "en")


def test_operators_read_the_lag_of_those_who_would_not_have_come_anyway():
    beyond = {
        "n_excess": 70.04, "excess_median": 148.2, "excess_q1": 101.0, "excess_q3": 190.55, "excess_low": 131.0,
        "excess_high": 166.31,
    }  # fmt: skip
    said = operator_sentence(later(**beyond))
    assert (
        "Without those who would have come anyway, 70.0 customers: median 148.2 [131.0; 166.3] at 95%, quartiles 101.0 and 190.6."
    ) in said
    assert "excess" not in said
    assert "anyway" not in operator_sentence(later(**beyond | {"excess_median": None}))
    assert sentence(later(**beyond), "en") == sentence(later(), "en")


def test_coming_back_no_more_than_chance_is_no_reason():
    with pytest.raises(BadInput, match="112 customers who came back are no more than chance alone gives"):
        sentence(later(expected=112.4), "ko")


def test_usually_you_needs_more_than_one_own_gap():
    assert sentence(refill(n_gaps=1), "en").endswith("so far it seems to last you about 38 days.")
    others = sentence(refill(n_gaps=0), "en")
    assert others == "You last bought this on 3 Oct 2026; it usually lasts about 38 days."


@pytest.mark.parametrize("language", LANGUAGES)
def test_nobody_is_told_of_a_purchase_without_one(language):
    anyone = sentence(Reason(ReasonCode.REFILL_DUE, {"interval_days": 38}), language)
    stated = sentence(Reason(ReasonCode.REFILL_DUE, {"interval_days": 38, "basis": "curated"}), language)
    assert "2026" not in anyone
    assert len({anyone, stated, *(sentence(refill(n_gaps=n), language) for n in (0, 1, 2))}) == 5


def test_refill_without_a_person_says_what_is_usual():
    assert sentence(Reason(ReasonCode.REFILL_DUE, {"interval_days": 38}), "en") == (
        "Usually bought again after about 38 days."
    )
    assert sentence(Reason(ReasonCode.REFILL_DUE, {"interval_days": 38, "basis": "attribute"}), "en") == (
        "Usually lasts about 38 days."
    )


def test_due_before_it_was_bought_cannot_be_true():
    with pytest.raises(BadInput, match="due_on 2026-10-02 in the evidence is before last_on 2026-10-03"):
        sentence(refill(due_on="2026-10-02"), "en")
    assert sentence(refill(last_on=datetime(2026, 10, 3, 9, tzinfo=UTC), due_on=date(2026, 10, 3)), "en")


@pytest.mark.parametrize(
    ("reason", "broken"),
    [
        (refill(interval_days=0), "interval_days"),
        (refill(interval_days=None), "interval_days"),
        (refill(n_gaps=-1), "n_gaps"),
        (refill(n_gaps=None), "n_gaps"),
        (refill(last_on="soon"), "last_on"),
        (service(unit=""), "unit"),
        (service(every=0), "every"),
        (service(value=-5), "value"),
        (service(anchor=None), "anchor"),
        (near("soon"), "best_before"),
        (near(None), "best_before"),
    ],
)
def test_missing_or_impossible_times_are_no_reason(reason, broken):
    with pytest.raises(BadInput, match=broken):
        sentence(reason, "en")
    with pytest.raises(BadInput, match=broken):
        operator_sentence(reason)


def test_service_without_a_reading_names_the_interval():
    assert sentence(service(value=None, unit="hours", every=500), "en") == "For V60 dripper, due about every 500 hours."
    assert (
        sentence(service(value=None, unit="hours", every=500), "ja")
        == "「V60 ドリッパー」には約500時間ごとに必要です。"
    )


def test_operator_reads_every_figure():
    assert operator_sentence(later()) == (
        "Of the 900 customers who bought V60 dripper (p-1), 112 bought this later; chance alone gives 40.2. "
        "Lift 2.79 [2.30; 3.30] at 95%, q = 1e-09. Lag in days: median 149.3, quartiles 80 and 240. Also: n_back 9."
    )
    assert operator_sentence(refill()) == (
        "Last bought on 3 Oct 2026; interval in days: 38, from 4 own gaps; due on 10 Nov 2026."
    )
    assert "from other customers, no own gap yet; due day not recorded" in operator_sentence(
        refill(n_gaps=0, due_on=None)
    )
    assert operator_sentence(service()) == (
        "Service for V60 dripper (p-1) every 10,000 km by odometer; last reading 29,400 km."
    )
    assert operator_sentence(near("2026-11-12")) == "Near its date: best before 12 Nov 2026."
