import numpy as np
import pytest

from crosslift.errors import BadInput
from crosslift.stats.levels import FEWEST, MOST, Levels, Table


def test_every_frequent_number_has_a_level_and_rare_ones_join_their_lower_neighbor():
    values = np.repeat([0.0, 1.0, 2.0, 7.0], [50, 30, 20, FEWEST - 1])
    levels = Levels.of(values)
    assert levels.lows.tolist() == [-np.inf, 1.0, 2.0]
    assert levels.codes(np.array([0.0, 1.0, 2.0, 7.0, 99.0, -3.0, np.nan])).tolist() == [1, 2, 3, 3, 3, 1, 0]


def test_many_numbers_become_about_as_many_levels_as_allowed_of_like_size():
    values = np.random.default_rng(1).normal(size=5_000)
    levels = Levels.of(values)
    sizes = np.bincount(levels.codes(values))[1:]
    assert MOST - 2 <= len(sizes) <= MOST
    assert sizes.min() > 0.9 * 5_000 / MOST


def test_rare_unseen_and_missing_words():
    levels = Levels.of(np.array(["shop"] * 20 + ["web"] * 12 + ["fax"] * 3 + [""] * 5))
    assert levels.words == ("shop", "web")
    assert levels.codes(np.array(["web", "shop", "fax", "drone", "", None], object)).tolist() == [2, 1, 3, 3, 0, 0]
    assert levels.size == 4


def test_words_of_which_none_is_frequent_still_differ_from_missing():
    levels = Levels.of(np.array(["a", "b", ""]))
    assert levels.codes(np.array(["a", "z", ""])).tolist() == [1, 1, 0]


def test_a_column_without_any_value_has_nothing_to_say():
    assert Levels.of(np.full(30, np.nan)).codes(np.array([np.nan, 3.0])).tolist() == [0, 1]


def test_levels_fit_in_a_byte():
    words = np.repeat([f"w{number}" for number in range(400)], 12)
    assert Levels.of(words).size <= MOST
    assert Levels.of(words).codes(words).dtype == np.uint8


def test_words_where_numbers_were_learned_are_refused():
    with pytest.raises(BadInput, match="a column of words; it was learned as one of numbers"):
        Levels.of(np.arange(40.0)).codes(np.array(["a"]))


def test_words_are_split_one_by_one_and_numbers_in_order():
    columns = [np.tile([1.0, 2.0], 20), np.repeat(["x", "y"], 20)]
    table = Table.of(columns)
    codes = table.codes(columns)
    ordered = table.ordered(codes)
    assert table.sizes == (3, 4)
    assert ordered.shape == (40, 1 + 4)
    assert (ordered[:, 1:].sum(axis=1) == 1).all()


def test_who_is_known():
    table = Table.of([np.arange(40.0), np.repeat(["x", "y"], 20)])
    codes = table.codes([np.array([np.nan, np.nan, 3.0]), np.array(["", "x", ""])])
    assert table.is_known(codes).tolist() == [False, True, True]


def test_other_columns_than_learned_are_refused():
    table = Table.of([np.arange(40.0)])
    with pytest.raises(BadInput, match="2 columns; 1 were learned"):
        table.codes([np.arange(3.0), np.arange(3.0)])
    with pytest.raises(BadInput, match="columns of \\[2, 3\\] rows"):
        Table.of([np.arange(40.0)] * 2).codes([np.arange(2.0), np.arange(3.0)])
