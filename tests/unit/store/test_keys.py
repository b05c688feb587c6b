"""Which of two versions of a fact stands."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crosslift.store.keys import KEYS, Keeps, Key, Verdict, judge, rank
from crosslift.store.sql_versions import _RANKS
from crosslift.store.tables import metadata

NEWEST, LAST = Key(("id",)), Key(("id",), Keeps.LAST)
FIRST = Key(("id",), times=())
EARLIEST = KEYS["assignments"]
TOLD = KEYS["logged_choices"]


@pytest.mark.parametrize(
    ("key", "is_same", "times", "before", "verdict"),
    [
        (NEWEST, False, (2,), (1,), "replaced"),
        (NEWEST, False, (1,), (None,), "replaced"),
        (NEWEST, False, (1,), (2,), "conflict"),
        (NEWEST, False, (1,), (1,), "conflict"),
        (NEWEST, False, (None,), (None,), "conflict"),
        (NEWEST, True, (1,), (2,), "same"),
        (NEWEST, True, (2,), (1,), "replaced"),
        (FIRST, False, (), (), "conflict"),
        (FIRST, True, (), (), "same"),
        (LAST, False, (None,), (5,), "replaced"),
        (LAST, False, (5,), (5,), "replaced"),
        (LAST, False, (4,), (5,), "conflict"),
        (LAST, True, (None,), (5,), "same"),
        (EARLIEST, False, (1,), (2,), "replaced"),
        (EARLIEST, True, (1,), (2,), "replaced"),
        (EARLIEST, False, (3,), (2,), "conflict"),
        (EARLIEST, True, (3,), (2,), "same"),
        (TOLD, True, (1.0, 9), (None, None), "replaced"),
        (TOLD, True, (1.0, None), (None, None), "replaced"),
        (TOLD, True, (None, None), (1.0, 9), "same"),
        (TOLD, True, (2.0, 10), (1.0, 9), "replaced"),
        (TOLD, True, (2.0, 9), (1.0, 9), "conflict"),
        (TOLD, False, (2.0, 99), (1.0, 9), "conflict"),
    ],
)
def test_two_versions(key, is_same, times, before, verdict):
    assert judge(key, is_same, times, before) == verdict


@given(key=st.sampled_from([NEWEST, EARLIEST]), times=st.lists(st.integers(-5, 5), unique=True, min_size=2, max_size=2))
def test_of_two_times_one_stands_whichever_comes_first(key, times):
    first, second = ((time,) for time in times)
    stands = {
        second if judge(key, False, second, first) is Verdict.REPLACED else first,
        first if judge(key, False, first, second) is Verdict.REPLACED else second,
    }
    assert len(stands) == 1


def test_keys_and_times_are_columns_of_their_tables():
    for table, key in KEYS.items():
        known = set(metadata.tables[table].columns.keys())
        assert {*key.columns, *key.times} <= known, table


def test_every_way_to_choose_can_be_said_in_sql():
    assert set(_RANKS) == set(Keeps)
    assert rank(FIRST, ()) < rank(NEWEST, (0,))
