"""The shop's own lists as links: in their order, of known products, a variant's where its product has none."""

import pytest

from crosslift.collect.rows import as_json
from crosslift.learn.catalog import catalog_of
from crosslift.learn.products.own_list import find_own_lists


@pytest.fixture(scope="module")
def little(load_script):
    return load_script("tests/unit/shop/little.py")


def listed(little, *rows):
    """Give source, target and rank of every link; rows are id, parent and list."""
    table = little.products(*(
        {"product_id": name, "parent_id": parent, "attributes": as_json({} if ids is None else {"recommended_ids": ids})}
        for name, parent, ids in rows
    ))  # fmt: skip
    catalog = catalog_of([], table)
    links = find_own_lists(catalog, table)
    names = catalog.products
    ends = zip(links.sources.tolist(), links.targets.tolist(), links.columns["rank"].tolist(), strict=True)
    return [(names[start], names[end], int(rank)) for start, end, rank in ends]


def test_a_list_keeps_its_order(little):
    found = listed(little, ("a", None, ["c", "b", "d"]), ("b", None, None), ("c", None, None), ("d", None, ["a"]))
    assert found == [("a", "c", 1), ("a", "b", 2), ("a", "d", 3), ("d", "a", 1)]


def test_the_product_itself_and_unknown_ones_are_passed_over_and_ranks_close_up(little):
    assert listed(little, ("a", None, ["a", "gone", "b"]), ("b", None, None)) == [("a", "b", 1)]


def test_variants_stand_for_their_product_whose_own_list_goes_first(little):
    rows = [("a", None, None), ("a-1", "a", ["b-1", "b"]), ("b", None, ["a-1"]), ("b-1", "b", ["c"]), ("c", None, None)]
    assert listed(little, *rows) == [("a", "b", 1), ("b", "a", 1)]


@pytest.mark.parametrize("odd", ["text", 7, {"x": 1}, []])
def test_what_is_no_list_is_none(little, odd):
    assert listed(little, ("a", None, odd), ("b", None, None)) == []
