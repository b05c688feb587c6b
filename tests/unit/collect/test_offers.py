"""Offers as they come in: one code for files, TOML and JSON; what is wrong is named by its row and column."""

import csv
import json
import re
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from crosslift.collect.offers import plain, read_file, read_items
from crosslift.domain.money import Money
from crosslift.domain.offer import OfferKind, Period
from crosslift.errors import BadInput
from crosslift.settings import Settings

VISIT = {
    "offer_id": "setup-visit", "kind": "service", "title_en": "Setup visit", "title_ko": "설치 방문",
    "benefit_en": ["brews on the day it arrives", "everything explained"], "currency": "KRW",
    "lines": [{"price": "30000"}, {"price": 9900, "period": "month", "n_periods": 12, "label_en": "care"}],
    "total": "148800", "beside": ["T-40", "category:tea/pots"], "audience": "orders >= 1", "months": [11, 12],
    "proofs": [{"text_en": "“Worth every won”", "source": "review 812", "market": "KR"}],
    "starts_at": "2026-11-01T00:00:00+09:00", "author": "mina", "reason": "asked for",
    "cancellation_en": "until the day before", "cancellation_ko": "전날까지 언제든",
}  # fmt: skip
FREE = {"offer_id": "advice", "kind": "advice", "title_en": "Advice", "is_free": True}


@pytest.fixture
def settings():
    return Settings.load({"shop.time_zone": "Asia/Seoul"})


def read(settings, *items):
    return [draft.offer for draft in read_items(items, settings).drafts]


def test_one_object_is_one_offer(settings):
    [draft] = read_items([VISIT], settings).drafts
    offer = draft.offer
    assert (offer.offer_id, offer.kind, offer.titles) == (
        "setup-visit", OfferKind.SERVICE, {"en": "Setup visit", "ko": "설치 방문"}
    )  # fmt: skip
    assert offer.benefits == {"en": ("brews on the day it arrives", "everything explained")}
    assert [(line.amount, line.period, line.n_periods, dict(line.labels)) for line in offer.prices] == [
        (Money(Decimal(30000), "KRW"), None, None, {}),
        (Money(Decimal(9900), "KRW"), Period.MONTH, 12, {"en": "care"}),
    ]
    assert (offer.total, offer.months, offer.beside) == (
        Money(Decimal(148800), "KRW"), (11, 12), ("T-40", "category:tea/pots")
    )  # fmt: skip
    assert offer.proofs[0].source == "review 812"
    assert offer.starts_at == datetime(2026, 10, 31, 15, tzinfo=UTC)
    assert (draft.author, draft.reason) == ("mina", "asked for")


def test_a_single_price_line_may_stand_in_the_row_itself(settings):
    row = {"offer_id": "care", "kind": "plan_step", "title_en": "Care", "price": "9900", "currency": "krw", "period": "Month",
           "n_periods": "12", "tax_rate": "0.1", "includes_tax": "no", "label_ko": "케어", "total": "130680",
           "cancellation_en": "any day"}  # fmt: skip
    [offer] = read(settings, row)
    [line] = offer.prices
    assert (line.period, line.n_periods, line.tax_rate, line.includes_tax) == (Period.MONTH, 12, Decimal("0.1"), False)
    assert (line.labels, offer.total) == ({"ko": "케어"}, Money(Decimal(130680), "KRW"))


def test_whether_a_price_holds_tax_is_as_the_shop_says(settings):
    assert read(settings, {**FREE, "is_free": None, "price": "1", "currency": "USD"})[0].prices[0].includes_tax
    net = Settings.load({"shop.prices_include_tax": False})
    with pytest.raises(BadInput, match="without tax and nobody says how much"):
        read(net, {**FREE, "is_free": None, "price": "1", "currency": "USD"})


def test_what_is_listed_can_be_put_again(settings):
    for written in (VISIT, FREE):
        [offer] = read(settings, written)
        shown = {**plain(offer), "version": 3, "created_at": "2026-11-01T00:00:00+00:00"}
        assert read(settings, shown) == [offer]


def test_a_csv_says_several_values_with_a_bar_between_them_and_lines_in_json(settings, tmp_path):
    row = {**VISIT, "benefit_en": " | ".join(VISIT["benefit_en"]), "beside": " | ".join(VISIT["beside"]), "months": "11 | 12",
           "lines": json.dumps(VISIT["lines"]), "proofs": json.dumps(VISIT["proofs"])}  # fmt: skip
    path = tmp_path / "offers.csv"
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, [*row, *(name for name in FREE if name not in row)])
        writer.writeheader()
        writer.writerows([row, FREE])
    read_in = [draft.offer for draft in read_file(path, settings).drafts]
    assert read_in == read(settings, VISIT, FREE)


TOML = """
# what we do beyond selling

[[offers]]
offer_id = "advice"
kind = "advice"
title_en = "Advice"
is_free = true

[[offers]]
offer_id = "care"
kind = "plan_step"
title_en = "Care"
currency = "KRW"
lines = [{ price = "9900", period = "month" }]
cancellation_en = "any day"
months = [1, 2]
starts_at = 2026-11-01T00:00:00
"""


def test_a_toml_file_has_a_table_an_offer_and_names_the_line_it_begins_in(settings, tmp_path):
    path = tmp_path / "offers.toml"
    path.write_text(TOML, encoding="utf-8")
    with pytest.raises(BadInput) as refused:
        read_file(path, settings)
    assert refused.value.problems == (
        "line 10, total: missing_full_price: its total is missing; say what is paid in all over the first term, tax included",
    )
    assert str(refused.value).startswith(f"{path}: 1 thing is wrong, nothing was collected")
    path.write_text(TOML + 'total = "118800"\n', encoding="utf-8")
    offers = [draft.offer for draft in read_file(path, settings).drafts]
    assert [one.offer_id for one in offers] == ["advice", "care"]
    assert offers[1].starts_at == datetime(2026, 10, 31, 15, tzinfo=UTC)  # the shop's own midnight


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("offers = 3", r"begins with \[\[offers\]\]"),
        ("[[offer]]\nid = 1", r"begins with \[\[offers\]\]"),
        ("[[offers]\n", r"is no TOML: .*line 1"),
        ("offers = []", "there is no offer in it"),
    ],
)
def test_a_toml_of_something_else_is_named(settings, tmp_path, content, why):
    path = tmp_path / "offers.toml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(BadInput, match=why):
        read_file(path, settings)


def test_a_file_that_is_none_or_of_another_dataset_is_refused_by_its_name(settings, tmp_path):
    with pytest.raises(BadInput, match=r"offers\.csv: is no file"):
        read_file(tmp_path / "offers.csv", settings)
    path = tmp_path / "products.csv"
    path.write_text("product_id,title\nT,Tea\n", encoding="utf-8")
    with pytest.raises(BadInput, match="the columns offer_id and kind are missing"):
        read_file(path, settings)


@pytest.mark.parametrize(
    ("changed", "place", "why"),
    [
        ({"titel_en": "x"}, "titel_en", "is no column of an offer; did you mean title_en"),
        ({"kind": "thing"}, "kind", "is no one of goods, service"),
        ({"total": "much"}, "total", "'much' is no amount"),
        ({"currency": None}, "currency", "is missing beside a price"),
        ({"months": [13, "x"]}, "months", "'x' is no month"),
        ({"goals": ["a | b"]}, "goals", "holds ' | ', which stands between values"),
        ({"goals": [["a"]]}, "goals", "holds a list or an object where one text belongs"),
        ({"goals": ["g"] * 101}, "goals", "has 101 values; at most 100"),
        ({"terms_en": "x" * 4001}, "terms_en", "has 4,001 letters"),
        ({"lines": "{"}, "lines", "is no JSON"),
        ({"lines": [1]}, "lines", "holds no list of objects"),
        ({"lines": [{"price": 1, "prize": 2}]}, "lines", "line 1: 'prize' is none of"),
        ({"lines": [{"period": "month"}]}, "lines", "line 1: price is missing"),
        ({"lines": [{"price": 1, "period": "moon"}]}, "lines", "line 1: period 'moon' is no one of day, week"),
        ({"price": "1"}, "price", "stands beside lines"),
        ({"lines": None, "period": "month"}, "price", "is missing beside period"),
        ({"proofs": [{"text_en": "great"}]}, "proofs", "proof 1 needs text_en .* and source"),
        ({"proofs": [{"text_en": "a", "source": "b", "star": 5}]}, "proofs", "proof 1: 'star' is none of"),
        ({"audience": "orders >"}, "audience", "its audience cannot be read"),
        ({"offer_id": "a b"}, "offer_id", "use letters, digits"),
        ({"starts_at": "soon"}, "starts_at", "'soon' is no instant"),
    ],
)
def test_what_is_wrong_is_named_by_its_place_and_column(settings, changed, place, why):
    with pytest.raises(BadInput, match="mend them and send again") as refused:
        read(settings, FREE, {**VISIT, **changed})
    said = [problem for problem in refused.value.problems if problem.startswith(f"offers[1], {place}: ")]
    assert said, refused.value.problems
    assert any(re.search(why, problem) for problem in said), said


def test_two_rows_of_one_id_are_refused(settings):
    with pytest.raises(BadInput, match=r"'advice' stands in offers\[0\] already; one row is one offer"):
        read(settings, FREE, FREE)


def test_an_empty_list_is_refused(settings):
    with pytest.raises(BadInput, match="there is no offer in it; give at least one"):
        read(settings)
