"""Attributes in the shopper's words: known ones translated, the merchant's own kept, units behind the number."""

from decimal import Decimal

import numpy as np
import pytest

from crosslift.errors import BadInput
from crosslift.wording.attributes import NAMES, VALUES, attribute_of, change, described, fact, measured, same
from crosslift.wording.messages import LANGUAGES


@pytest.mark.parametrize(
    ("attribute", "value", "en", "ko", "ja"),
    [
        ("filter_size", "cone-02", "filter size cone-02", "필터 크기 cone-02", "フィルターサイズ cone-02"),
        ("size", "02", "size 02", "크기 02", "サイズ 02"),
        ("material", "ceramic", "ceramic", "도자기", "陶磁器"),
        ("Material", "Stainless Steel", "stainless steel", "스테인리스", "ステンレス"),
        ("material", "bamboo", "bamboo", "bamboo", "bamboo"),
        ("colour", "grey", "gray", "회색", "グレー"),
        ("burr_mm", 48, "burr 48 mm", "날 지름 48mm", "刃の直径 48mm"),
        ("burr_mm", "48", "burr 48 mm", "날 지름 48mm", "刃の直径 48mm"),
        ("milliliters", 1000, "capacity 1,000 ml", "용량 1,000ml", "容量 1,000ml"),
        ("warranty_years", 1, "warranty 1 year", "보증 기간 1년", "保証期間 1年"),
        ("warranty-year", 2.5, "warranty 2.5 years", "보증 기간 2.5년", "保証期間 2.5年"),
        ("temperature_control", True, "temperature control", "온도 조절", "温度調節"),
        ("temperature_control", "no", "no temperature control", "온도 조절 없음", "温度調節なし"),
        ("Mahlgrad_Stufen", 40, "Mahlgrad Stufen 40", "Mahlgrad Stufen 40", "Mahlgrad Stufen 40"),
        ("Blade_depth_mm", 1.25, "Blade depth 1.25 mm", "Blade depth 1.25mm", "Blade depth 1.25mm"),
        ("burr_mm", "large", "burr mm large", "burr mm large", "burr mm large"),
    ],
)
def test_attribute_reads_in_each_language(attribute, value, en, ko, ja):
    assert (fact(attribute, value, "en"), fact(attribute, value, "ko"), fact(attribute, value, "ja")) == (en, ko, ja)


@pytest.mark.parametrize("value", [None, "", " ", [], {}, float("nan"), float("inf")])
def test_value_that_cannot_be_shown_is_refused(value):
    with pytest.raises(BadInput, match="a text, a number or true is needed"):
        fact("size", value, "en")


@pytest.mark.parametrize(
    ("attribute", "before", "after", "said"),
    [
        ("burr_mm", 38, 48, "burr 38 → 48 mm"),
        ("warranty_years", 1, 2, "warranty 1 → 2 years"),
        ("material", "plastic", "ceramic", "material plastic → ceramic"),
        ("memory_gb", np.int64(8), np.float32(16.0), "memory 8 → 16 GB"),
        ("temperature_control", False, True, "temperature control"),
        ("warranty_years", None, 2, "warranty 2 years"),
        ("origin", "a blend", "one farm", "origin a blend → one farm"),
    ],
)
def test_change_says_from_what_to_what(attribute, before, after, said):
    assert change(attribute, before, after, "en") == said


@pytest.mark.parametrize(("before", "after"), [(1, 1), ("a", "a"), (True, False), (True, "yes"), (3, None)])
def test_no_change_and_a_loss_are_no_benefit(before, after):
    with pytest.raises(BadInput, match="that is no benefit; leave it out"):
        change("induction", before, after, "ko")


def test_units_are_counted_and_symbols_stand_as_the_language_has_them():
    assert [measured(n, "pages", "en") for n in (1, 2, 0)] == ["1 page", "2 pages", "0 pages"]
    assert measured(Decimal("29400.5"), "KM", "en") == "29,400.5 km"
    assert measured(3, "month", "ko") == "3개월"
    assert measured(500, "Tassen", "ja") == "500Tassen"


def test_shared_attribute_is_named_without_its_unit():
    assert [same("burr_mm", language) for language in LANGUAGES] == ["same burr", "같은 날 지름", "同じ刃の直径"]


@pytest.mark.parametrize("entry", [None, 3, "", {}, {"attribute": " "}, {"value": 3}])
def test_entry_without_a_name_is_refused(entry):
    with pytest.raises(BadInput, match="names no attribute"):
        attribute_of(entry)
    with pytest.raises(BadInput):
        described(entry, "en")


def test_name_of_underscores_names_nothing():
    with pytest.raises(BadInput, match="names no attribute"):
        fact("__", 3, "en")


def test_name_from_right_to_left_keeps_the_figure_in_its_place():
    assert fact("גודל", 3, "en") == "\u2068גודל\u2069 3"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_known_name_and_value_has_its_own_words(language):
    assert len({same(name, language) for name in NAMES}) == len(NAMES)
    for name, values in VALUES.items():
        assert len({fact(name, value.replace("_", " "), language) for value in values}) == len(values)
