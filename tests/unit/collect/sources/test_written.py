"""Amounts and times as people write them."""

from datetime import datetime

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crosslift.collect.schemas import ORDERS
from crosslift.collect.sources import written


def one(function, text, **options):
    return function(pa.array([text], pa.string()), **options).to_pylist()[0]


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("₩12,000", "12000"), ("￦12,000", "12000"), ("12,000원", "12000"), ("12,000 원", "12000"), ("¥1,200", "1200"),
        ("￥１，２００", "1200"), ("1,200円", "1200"), ("\\1,200", "1200"), ("$5.50", "5.50"), ("US$5.50", "5.50"),
        ("KRW 12000", "12000"), ("15.00 USD", "15.00"), ("-₩500", "-500"), ("₩-500", "-500"), ("(1,200)", "-1200"),
        ("(¥1,200)", "-1200"), ("△1,200", "-1200"), ("▲500", "-500"), ("−500", "-500"), ("+7", "+7"), ("2개", "2"),
        ("3個", "3"), ("1,234,567.89", "1234567.89"), (" 42 ", "42"), ("0", "0"), ("", ""), (None, None),
    ],
)  # fmt: skip
def test_signs_counters_and_thousands_come_off(cell, number):
    assert one(written.amounts, cell) == number


@pytest.mark.parametrize(
    "cell", ["1,5", "12,34", "1,2345", "1.234,56", "twelve", "1 2", "12-3", "5원짜리", "A12", "1e5"]
)
def test_what_is_not_surely_a_number_stays_as_it_is(cell):
    assert one(written.amounts, cell) == cell


def test_a_comma_is_no_thousand_where_semicolons_separate():
    assert one(written.amounts, "12,000", with_commas=False) == "12,000"


@given(st.integers(-(10**12), 10**12), st.sampled_from(["₩{}", "{}원", "{}円", "¥{}", "{} KRW", "{}"]))
def test_any_whole_amount_is_read_back(amount, form):
    assert one(written.amounts, form.format(f"{amount:,}")) == str(amount)


@pytest.mark.parametrize(
    ("cell", "instant"),
    [
        ("2026/11/22 14:03", "2026-11-22 14:03"), ("2026.11.22", "2026-11-22"), ("2026. 11. 22.", "2026-11-22"),
        ("20261122", "2026-11-22"), ("20261122140359", "2026-11-22 14:03:59"), ("202611221403", "2026-11-22 14:03"),
        ("20261122 14:03:59", "2026-11-22 14:03:59"), ("2026-1-2", "2026-01-02"), ("2026-11-22 9:05", "2026-11-22 09:05"),
        ("2026년 11월 22일", "2026-11-22"), ("2026年11月22日 14時03分05秒", "2026-11-22 14:03:05"),
        ("2026-11-22 오후 2:03", "2026-11-22 14:03"), ("2026-11-22 오전 12:03", "2026-11-22 00:03"),
        ("2026/11/22 午後12:30", "2026-11-22 12:30"), ("2026/11/22 2:03 PM", "2026-11-22 14:03"),
        ("2026/11/22(日) 14:03", "2026-11-22 14:03"), ("２０２６／１１／２２", "2026-11-22"),
        ("2026-11-22 14:03:05 +0900", "2026-11-22 14:03:05+0900"), ("2026/11/22 14:03 UTC", "2026-11-22 14:03Z"),
        ("2026-11-22T14:03:05.123Z", "2026-11-22T14:03:05.123Z"), ("", ""), (None, None),
    ],
)  # fmt: skip
def test_dates_of_east_asia_become_iso(cell, instant):
    assert one(written.instants, cell) == instant


@pytest.mark.parametrize(
    "cell", ["22/11/2026", "11/22/2026 14:03", "yesterday", "2026/11", "26/11/22", "2026/11/22 noon"]
)
def test_dates_that_may_mean_two_days_stay_for_the_reader_to_judge(cell):
    assert one(written.instants, cell) == cell


@given(st.datetimes(datetime.fromisoformat("1000-01-01"), datetime.fromisoformat("2999-12-31")))
def test_any_minute_is_read_back_however_it_is_written(moment):
    moment = moment.replace(second=0, microsecond=0)
    forms = (
        f"{moment:%Y/%m/%d %H:%M}", f"{moment:%Y.%m.%d %H:%M}", f"{moment.year}年{moment.month}月{moment.day}日 {moment:%H:%M}",
        f"{moment:%Y%m%d%H%M}",
    )  # fmt: skip
    assert {one(written.instants, form) for form in forms} == {f"{moment:%Y-%m-%d %H:%M}"}


def test_only_typed_columns_are_rewritten():
    columns = {"order_id": pa.array(["1,000"]), "unit_price": pa.array(["1,000"]), "ordered_at": pa.array(["20261122"])}
    plain = {name: column.to_pylist() for name, column in written.plain(ORDERS, columns).items()}
    assert plain == {"order_id": ["1,000"], "unit_price": ["1000"], "ordered_at": ["2026-11-22"]}


def test_a_line_is_divided_by_its_count_and_parts_are_added():
    totals, counts = pa.array(["24,000원", "10", "5", "x", None]), pa.array(["2", "3", "0", "1", "1"])
    assert written.divided(totals, counts).to_pylist() == ["12000", "3.333333", None, None, None]
    extra = pa.array(["500", "", "1.5", "1", "1"])
    assert written.added(totals, extra).to_pylist() == ["24500", "10", "6.5", "x", None]


@pytest.mark.parametrize(
    ("state", "status"),
    [
        ("배송완료", "placed"), ("취소완료", "cancelled"), ("환불접수", "cancelled"), ("キャンセル", "cancelled"),
        ("返品済み", "cancelled"), ("Refunded", "cancelled"), ("Not cancelled", "placed"), ("Unreturned", "placed"),
        ("취소안함", "placed"), ("부분취소", "placed"), ("", "placed"), (None, "placed"),
    ],
)  # fmt: skip
def test_states_are_told_by_their_words(state, status):
    assert one(written.statuses, state) == status


@pytest.mark.parametrize(
    ("cells", "currency"),
    [(["₩1", "2원"], "KRW"), (["1円", None], "JPY"), (["€5"], "EUR"), (["5"], None), (["₩1", "¥2"], None), ([], None)],
)
def test_a_currency_is_told_by_its_sign(cells, currency):
    assert written.currency_of(cells) == currency
