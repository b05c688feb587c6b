"""Rows have the numbers a person sees in the file."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from crosslift.collect.row_numbers import RowNumbers

STEPS = st.lists(st.lists(st.sampled_from([0, 1, 1, 1, 2, 7]), max_size=8), max_size=5)


@given(st.integers(1, 5), STEPS)
def test_every_row_has_the_number_it_was_given(first, batches):
    numbers = RowNumbers(first)
    real = first
    told = []
    for steps in batches:
        here = []
        for step in steps:
            real += step
            here.append(real)
        numbers.add(np.array(here, dtype=np.int64))
        told += here
    assert [numbers.of(first + place) for place in range(len(told))] == told


def test_rows_before_the_first_keep_theirs():
    assert RowNumbers(2).of(2) == 2
