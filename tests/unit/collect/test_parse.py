"""Cells of text to numbers, amounts, instants and flags: exact, or refused."""

from datetime import datetime

import pyarrow as pa
import pytest

from crosslift.collect.parse import normalized, parse, to_utc
from crosslift.collect.schemas import Field, Type
from crosslift.errors import BadInput


def read(kind, *cells, zone="UTC", **options):
    """Give (value or None, is_bad) of each cell."""
    values, bad = parse(Field("x", kind, **options), pa.array(cells, pa.string()), zone)
    return list(zip(values.to_pylist(), bad.tolist(), strict=True))


def instant(text):
    return int(datetime.fromisoformat(text).timestamp() * 1_000_000)


@pytest.mark.parametrize("kind", list(Type))
def test_missing_and_empty_cells_are_neither_values_nor_bad(kind):
    assert read(kind, None, "", "  ", "\t") == [(None, False)] * 4


@pytest.mark.parametrize("kind", list(Type))
def test_a_column_of_nothing_is_read(kind):
    assert read(kind) == []
    assert read(kind, None) == [(None, False)]


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("5", 5),
        ("-3", -3),
        ("+7", 7),
        (" 12 ", 12),
        ("5.0", 5),
        ("5.", 5),
        ("0", 0),
        ("-0", 0),
        ("999999999999999", 10**15 - 1),
    ],
)
def test_whole_numbers(cell, value):
    assert read(Type.INTEGER, cell) == [(value, False)]


@pytest.mark.parametrize(
    "cell", ["one", "1.5", "1e3", "1,000", "５", "0x10", "--1", "1 000", "1000000000000000", "NaN", "inf"]
)
def test_what_is_no_whole_number(cell):
    assert read(Type.INTEGER, cell) == [(None, True)]


@pytest.mark.parametrize(
    ("cell", "micros"),
    [
        ("2.55", 2_550_000), ("-2.55", -2_550_000), ("+.5", 500_000), ("5.", 5_000_000), ("0", 0), ("1e3", 1_000_000_000),
        ("1E-6", 1), ("0.0000004", 0), ("0.0000005", 0), ("0.0000015", 2), ("999999999.999999", 999_999_999_999_999),
        ("1000000000", 10**15), ("899999999999.999999", 899_999_999_999_999_999), ("0.1", 100_000),
        ("0.30000000000000004", 300_000), ("1234567.891234", 1_234_567_891_234),
    ],
)  # fmt: skip
def test_amounts_are_exact_in_millionths(cell, micros):
    assert read(Type.MONEY, cell) == [(micros, False)]


@pytest.mark.parametrize(
    "cell", ["£5", "5 USD", "1,5", "1,234.50", "1.2.3", "9000000000000", "1e99", "free", "NaN", "inf", "-"]
)
def test_what_is_no_amount(cell):
    assert read(Type.MONEY, cell) == [(None, True)]


def test_small_and_large_amounts_stand_side_by_side():
    cells = ["1.25", None, "2000000000.000001", "x", "-3000000000.5"]
    assert [v for v, _ in read(Type.MONEY, *cells)] == [
        1_250_000,
        None,
        2_000_000_000_000_001,
        None,
        -3_000_000_000_500_000,
    ]


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("2024-03-05", "2024-03-05T00:00:00+00:00"),
        ("2024-03-05 07:08", "2024-03-05T07:08:00+00:00"),
        ("2024-03-05T07:08:09", "2024-03-05T07:08:09+00:00"),
        ("2024-03-05T07:08:09.5", "2024-03-05T07:08:09.500000+00:00"),
        ("2024-03-05T07:08:09.123456Z", "2024-03-05T07:08:09.123456+00:00"),
        ("2024-03-05T07:08:09.1234567Z", "2024-03-05T07:08:09.123456+00:00"),
        ("2024-03-05t07:08:09z", "2024-03-05T07:08:09+00:00"),
        ("2024-03-05T07:08:09+09:00", "2024-03-04T22:08:09+00:00"),
        ("2024-03-05 07:08:09-0330", "2024-03-05T10:38:09+00:00"),
        ("12/1/2010 8:26", "2010-12-01T08:26:00+00:00"),
        ("12/31/2010 23:59:58", "2010-12-31T23:59:58+00:00"),
        ("2024-02-29", "2024-02-29T00:00:00+00:00"),
        ("1969-12-31T23:59:59Z", "1969-12-31T23:59:59+00:00"),
    ],
)
def test_instants(cell, expected):
    assert read(Type.INSTANT, cell) == [(instant(expected), False)]


@pytest.mark.parametrize(
    "cell",
    [
        "2023-02-29", "2024-02-30", "2/31/2010 8:26", "13/12/2010 8:26", "0/1/2010 8:26", "2024-13-01", "2024-01-01T24:01",
        "2024-01-01T10:61", "yesterday", "20240101", "1704067200", "2024-1-5", "05.03.2024", "2024-01-01T10:00:00+99:99",
        "12/1/2010 28:26", "2024-01-01T10:00:00 Europe/London", "0000-01-01", "1/1/0000 0:00",
    ],
)  # fmt: skip
def test_what_is_no_instant(cell):
    assert read(Type.INSTANT, cell) == [(None, True)]


@pytest.mark.parametrize("zone", ["UTC", "Asia/Seoul", "America/New_York"])
def test_far_dates_are_read_in_every_zone(zone):
    assert [bad for _, bad in read(Type.INSTANT, "0000-01-01", "1000-01-01", "9999-12-31 23:59", zone=zone)] == [
        True, False, False,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("cell", "day"),
    [("2024-01-01", 19_723), (" 2024-02-29 ", 19_782), ("2024-01-01T00:00:00", 19_723), ("1969-12-31", -1)],
)
def test_dates_are_days(cell, day):
    assert read(Type.DATE, cell, zone="Asia/Seoul") == [(day, False)]


@pytest.mark.parametrize(
    "cell", ["2024-02-30", "2024-1-1", "1.2.2024", "2024-01-01T09:00", "2024-01-01T00:00:00Z", "today"]
)
def test_what_is_no_date(cell):
    assert read(Type.DATE, cell, "2024-01-01") == [(None, True), (19_723, False)]


def test_one_bad_instant_leaves_the_others():
    found = read(
        Type.INSTANT, "2024-01-01", "2024-02-31", "2024-01-02T00:00:00Z", "1/2/2024 0:00", None, "2024-01-03t00:00:00z"
    )
    days = [instant(f"2024-01-0{n}T00:00:00+00:00") for n in (1, 2, 2, 3)]
    assert found == [
        (days[0], False),
        (None, True),
        (days[1], False),
        (days[2], False),
        (None, False),
        (days[3], False),
    ]


@pytest.mark.parametrize(
    ("zone", "cell", "expected"),
    [
        ("Asia/Seoul", "2024-03-05 07:08", "2024-03-04T22:08+00:00"),
        ("Asia/Seoul", "2024-03-05", "2024-03-04T15:00+00:00"),
        ("Asia/Seoul", "2024-03-05T07:08Z", "2024-03-05T07:08+00:00"),
        ("Asia/Seoul", "1988-07-01 12:00", "1988-07-01T02:00+00:00"),  # Seoul had summer time then
        ("Asia/Kolkata", "2024-03-05 07:08", "2024-03-05T01:38+00:00"),
        ("Europe/London", "2024-01-15 12:00", "2024-01-15T12:00+00:00"),
        ("Europe/London", "2024-07-15 12:00", "2024-07-15T11:00+00:00"),
        ("America/New_York", "3/10/2024 1:59", "2024-03-10T06:59+00:00"),
        ("America/New_York", "3/10/2024 3:00", "2024-03-10T07:00+00:00"),
        ("America/New_York", "2024-11-03 00:59", "2024-11-03T04:59+00:00"),
        ("America/New_York", "2024-11-03 02:00", "2024-11-03T07:00+00:00"),
        # twice on the clock: the first of the two; never on the clock: as if it had not been put forward
        ("America/New_York", "2024-11-03 01:30", "2024-11-03T05:30+00:00"),
        ("America/New_York", "2024-03-10 02:30", "2024-03-10T07:30+00:00"),
        ("Australia/Lord_Howe", "2024-10-06 01:59", "2024-10-05T15:29+00:00"),
        ("Australia/Lord_Howe", "2024-10-06 02:30", "2024-10-05T15:30+00:00"),
    ],
)
def test_instants_without_a_zone_are_the_shops_local_time(zone, cell, expected):
    assert read(Type.INSTANT, cell, zone=zone) == [(instant(expected), False)]


def test_an_unknown_time_zone_is_the_settings_fault():
    for zone in ("Mars/Olympus", "", "../etc/passwd", "Asia"):
        with pytest.raises(BadInput, match=r"shop.time_zone = .* is no time zone such as 'Asia/Seoul'"):
            to_utc(pa.array([0]), zone)


@pytest.mark.parametrize(
    ("cell", "value"), [("42.5", 42.5), ("-3", -3.0), ("1e3", 1000.0), (" .5 ", 0.5), ("12.", 12.0)]
)
def test_numbers(cell, value):
    assert read(Type.NUMBER, cell) == [(value, False)]


@pytest.mark.parametrize("cell", ["12,5", "nan", "inf", "1e400", "0x1f", "5 km", "--1", "9" * 40])
def test_what_is_no_number(cell):
    assert read(Type.NUMBER, cell)[0][1]


def test_both_bounds_are_kept():
    cells = ("-0.1", "0", "55.5", "100", "100.1")
    assert [bad for _, bad in read(Type.NUMBER, *cells, low=0, high=100)] == [True, False, False, False, True]


def test_flags():
    yes, no = ["true", "1", "YES", "y", "T"], ["False", "0", "no", "N", "f"]
    assert read(Type.FLAG, *yes) == [(True, False)] * 5
    assert read(Type.FLAG, *no) == [(False, False)] * 5
    assert read(Type.FLAG, "maybe", "2") == [(None, True)] * 2


def test_currencies_are_three_letters_in_capitals():
    assert read(Type.CURRENCY, "usd", " KRW ") == [("USD", False), ("KRW", False)]
    assert read(Type.CURRENCY, "$", "US", "DOLLAR", "US1", "ÜSD") == [(None, True)] * 5


def test_choices_are_held_to_their_list_whatever_the_case():
    options = {"choices": ("placed", "cancelled")}
    assert read(Type.TEXT, "Placed", "CANCELLED", **options) == [("placed", False), ("cancelled", False)]
    assert read(Type.TEXT, "shipped", **options) == [("shipped", True)]


def test_a_lower_bound_is_kept():
    assert [bad for _, bad in read(Type.MONEY, "-0.01", "0", "", low=0)] == [True, False, False]
    assert [bad for _, bad in read(Type.INTEGER, "0", "1", low=1)] == [True, False]


def test_ids_stay_the_text_they_are():
    for cell in ("00123", "17850.0", "1e5", "+7", "0x1F", "NULL", "nan", "True"):
        assert read(Type.TEXT, cell) == [(cell, False)]


def test_text_is_trimmed_and_composed():
    decomposed, composed = "cafe\u0301 \u1100\u1161", "caf\u00e9 \uac00"
    assert read(Type.TEXT, f"  {decomposed}\u3000", decomposed, "plain") == [
        (composed, False), (composed, False), ("plain", False),
    ]  # fmt: skip


def test_what_unicode_calls_compatible_is_not_the_same():
    assert read(Type.TEXT, "ｶﾌｪ", "①", "ﬁ") == [("ｶﾌｪ", False), ("①", False), ("ﬁ", False)]


def test_plain_text_is_not_copied_for_normalizing():
    column = pa.array(["a", None, ""])
    assert normalized(column) is column
    assert normalized(pa.nulls(2, pa.string())).to_pylist() == [None, None]
