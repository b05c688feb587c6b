"""Evidence: what is there and can be true is read; everything else says what is wrong with it."""

from datetime import date
from decimal import Decimal

import numpy as np
import pytest

from crosslift.domain.money import Money
from crosslift.errors import BadInput
from crosslift.wording import evidence


def test_count_is_read_from_the_engines_and_from_columns_that_know_nan():
    assert [evidence.count({"n": n}, "n") for n in (3, 3.0, np.int64(3), np.float64(3.0))] == [3, 3, 3, 3]
    assert evidence.count({"n": 0}, "n", least=0) == 0


@pytest.mark.parametrize("broken", [None, True, 2.5, "3", 0, float("nan"), float("inf")])
def test_count_is_whole(broken):
    with pytest.raises(BadInput, match=r"n in the evidence is .*: a count from 1 is needed"):
        evidence.count({"n": broken}, "n")


def test_part_cannot_exceed_its_whole():
    with pytest.raises(BadInput, match="n_bought 5 cannot exceed n_readers 4: the first are among the second"):
        evidence.part_of({"n_bought": 5, "n_readers": 4}, "n_bought", "n_readers")


def test_day_is_a_date_or_its_text():
    assert evidence.on({"on": "2026-10-03"}, "on") == evidence.on({"on": date(2026, 10, 3)}, "on") == date(2026, 10, 3)
    with pytest.raises(BadInput, match="on '3 Oct' in the evidence is no ISO date"):
        evidence.on({"on": "3 Oct"}, "on")
    with pytest.raises(BadInput, match="on in the evidence is None: a day such as"):
        evidence.on({}, "on")


@pytest.mark.parametrize("value", [1234.5, Decimal("1234.5"), np.float64(1234.5)])
def test_amount_is_read_as_it_is_paid(value):
    assert evidence.amount({"price": value, "currency": "KRW"}, "price") == Money(Decimal(1234), "KRW")
    assert evidence.amount({"price": value, "currency": "USD"}, "price") == Money(Decimal("1234.50"), "USD")


@pytest.mark.parametrize("broken", [None, True, "5", float("nan"), float("inf"), Decimal("Infinity"), 1e16])
def test_amount_is_money(broken):
    with pytest.raises(BadInput, match="price in the evidence is"):
        evidence.amount({"price": broken, "currency": "USD"}, "price")


@pytest.mark.parametrize("currency", [None, 3, "", "won"])
def test_amount_has_a_currency(currency):
    with pytest.raises(BadInput, match="ISO 4217"):
        evidence.amount({"price": 5, "currency": currency}, "price")


def test_price_is_not_negative_and_an_interval_is_above_zero():
    with pytest.raises(BadInput, match="a price is not negative"):
        evidence.price({"price": -5, "currency": "USD"}, "price")
    with pytest.raises(BadInput, match="every in the evidence is 0: a figure above 0"):
        evidence.length({"every": 0}, "every")


def test_unknown_is_absent_none_or_nan():
    facts = {"a": None, "b": float("nan"), "c": 0, "d": "", "e": np.float64("nan")}
    assert [name for name in "abcdef" if evidence.is_known(facts, name)] == ["c", "d"]


@pytest.mark.parametrize("broken", [None, [], "abc", {}, 3])
def test_list_has_an_entry(broken):
    with pytest.raises(BadInput, match="a list of at least one is needed"):
        evidence.listed({"shared": broken}, "shared")


def test_words_are_the_merchants_or_the_best_of_one_per_language():
    assert evidence.words({"reason": " fits 02 "}, "reason", "ko") == "fits 02"
    by_language = {"reason": {"ko": "02에 맞아요", "en": "fits 02"}}
    assert evidence.words(by_language, "reason", "ko-KR") == "02에 맞아요"
    assert evidence.words(by_language, "reason", "ja") == "fits 02"
    with pytest.raises(BadInput, match="reason in the evidence is None: a text is needed"):
        evidence.words({"reason": {}}, "reason", "en")
