"""Products without a catalog: newest title, newest price, kinds proposed."""

import pytest

from crosslift.collect import derive as deriving
from crosslift.collect.derive import COLUMNS


@pytest.fixture
def derive(make):
    """Derive from lines written by hand; gives dicts by product id."""

    def run(lines, known=(), **settings):
        rows = deriving.derive(make.lines_of(*lines), make.products_of(*known), make.settings_of(**settings))
        return {row[0]: dict(zip(COLUMNS, row, strict=True)) for row in rows}

    return run


def test_title_and_price_are_those_of_the_newest_line(derive):
    found = derive([
        {"title": "New", "unit_price_micros": 7, "day": 5},
        {"title": "Old", "unit_price_micros": 3, "day": 1},
    ])["P"]  # fmt: skip
    assert (found["title"], found["price_micros"], found["currency"]) == ("New", 7, "USD")
    assert (found["is_derived"], found["kind"], found["kind_source"], found["stock"], found["is_active"]) == (
        True, "goods", "assumed", None, True,
    )  # fmt: skip


def test_of_lines_of_one_moment_the_last_collected_counts(derive):
    assert derive([{"title": "A"}, {"title": "B"}])["P"]["title"] == "B"


@pytest.mark.parametrize("title", [None, "", "?", "??", "  "])
def test_a_line_that_says_nothing_does_not_rename(derive, title):
    assert derive([{"title": " Mug "}, {"title": title, "day": 1}])["P"]["title"] == "Mug"


@pytest.mark.parametrize(
    "odd",
    [{"status": "cancelled", "quantity": -1}, {"status": "adjustment"}, {"quantity": -3}, {"unit_price_micros": 0}],
)
def test_sales_name_and_price_a_product_before_anything_else(derive, odd):
    found = derive(
        [{"title": "Mug", "unit_price_micros": 5}, {"title": "damaged", "unit_price_micros": 9, "day": 1, **odd}]
    )["P"]
    assert (found["title"], found["price_micros"]) == ("Mug", 5)


def test_a_try_makes_nothing_a_product(derive):
    assert set(derive([{"product_id": "P"}, {"product_id": "TRY", "status": "test"}])) == {"P"}
    assert derive([{"status": "test"}]) == {}


def test_without_any_sale_other_lines_will_do(derive):
    found = derive([{"title": "found again", "status": "adjustment", "unit_price_micros": 0}])["P"]
    assert (found["title"], found["price_micros"], found["currency"]) == ("found again", None, None)


def test_a_code_that_never_had_a_title_is_its_own(derive):
    assert derive([{"title": None, "unit_price_micros": None}])["P"]["title"] == "P"


def test_a_cataloged_product_is_left_alone(derive):
    found = derive([{}, {"product_id": "Q"}], [{"product_id": "P"}])
    assert set(found) == {"Q"}
    assert derive([{}], [{"product_id": "P"}]) == {}


def test_a_derived_product_is_derived_anew(derive):
    assert set(derive([{"title": "New"}], [{"product_id": "P", "is_derived": True}])) == {"P"}


def test_no_lines_give_no_products(derive):
    assert derive([]) == {}


def shop(n=30):
    return [{"product_id": f"{i}", "title": f"Mug {i}", "order_id": str(i % 20)} for i in range(100, 100 + n)]


POST = {"product_id": "POST", "title": "Postage", "order_id": "1"}


def test_kinds_are_proposed_with_their_reason(derive):
    found = derive([*shop(), POST])
    assert (found["POST"]["kind"], found["POST"]["kind_source"]) == ("shipping", "inferred")
    assert "title says 'postage'" in found["POST"]["kind_reason"]
    assert {row["kind"] for code, row in found.items() if code != "POST"} == {"goods"}


def test_proposals_can_be_switched_off(derive):
    assert derive([*shop(), POST], infer_non_products=False)["POST"]["kind"] == "goods"


def test_the_catalogs_own_codes_show_what_is_unusual(derive):
    """Only POST is missing from the catalog: it is still judged against the whole shop."""
    catalog = [{"product_id": row["product_id"]} for row in shop()]
    assert derive([*shop(), POST], catalog)["POST"]["kind"] == "shipping"


def test_what_the_merchant_decided_stays(derive):
    reviewed = {"product_id": "POST", "is_derived": True, "kind": "goods", "kind_source": "merchant"}
    found = derive([*shop(), POST], [reviewed])["POST"]
    assert (found["kind"], found["kind_source"]) == ("goods", "merchant")
