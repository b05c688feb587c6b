"""Figures are told as people read them."""

import pytest

from crosslift.cli.figures import instant, number, of_profile, of_unit
from crosslift.domain.profile import PROFILE_COLUMNS


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "0"), (-12.5, "-12.5"), (1e6, "1,000,000"), (1_234_567.0, "1,235,000"), (99_995.0, "100,000"),
     (0.00012345, "0.0001234"), (7.0, "7"), (1e-9, "0.000000001"), (float("inf"), "inf"), (float("nan"), "nan")],
)  # fmt: skip
def test_numbers_have_four_digits_and_no_exponent(value, text):
    assert number(value) == text


def test_units_are_told():
    assert of_unit(25_000, "money", "KRW") == "25,000 KRW"
    assert of_unit(91.5321, "days", "KRW") == "91.53 days"
    assert of_unit(0.3638, "share", "KRW") == "36.38%"
    assert of_unit(3, "1..5", "KRW") == "3"


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("as_of", 1_793_489_447_000_000, "2026-10-31 23:30"),
        ("revenue", 25_000.0, "25,000 EUR"),
        ("categories", {"beans": 0.56, "filters": 0.44}, "beans 56%, filters 44%"),
        ("traits", {"skin": "dry", "age": "41"}, "skin: dry, age: 41"),
        ("holdings", ["plan", "club"], "plan, club"),
        ("stage", "consider", "consider"),
        ("contribution_reasons", [["gross_margin", 9926.71]], "gross_margin 9,927"),
        ("stage_evidence", [{"code": "seen", "value": 3, "limit": None}], "seen 3"),
    ],
)
def test_a_profile_is_told_by_what_its_columns_are(name, value, text):
    assert of_profile(value, PROFILE_COLUMNS[name], "EUR") == text


def test_instants_are_told_to_the_minute():
    assert instant(0) == "1970-01-01 00:00"
