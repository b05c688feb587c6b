"""Chance that anybody with the secret can draw again, and nobody without it."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from crosslift.domain.chance import of, uniform


@given(st.binary(max_size=64), st.text(), st.text())
def test_a_draw_lies_in_the_unit_interval_and_can_be_made_again(secret, subject, purpose):
    u = uniform(secret, subject, purpose)
    assert 0 <= u < 1
    assert u == uniform(secret, subject, purpose) == of(secret, subject)(purpose)


def test_subject_and_purpose_never_run_into_each_other():
    assert uniform(b"k", "ab", "c") != uniform(b"k", "a", "bc")
    assert uniform(b"k", "d", "x") != uniform(b"l", "d", "x")


def test_draws_are_even_and_purposes_independent():
    one = np.array([uniform(b"k", f"d{i}", "explore") for i in range(20_000)])
    two = np.array([uniform(b"k", f"d{i}", "slot") for i in range(20_000)])
    counts = np.bincount((one * 20).astype(int), minlength=20)
    assert ((counts - 1000) ** 2 / 1000).sum() < 50.8  # chi-squared, 19 degrees, p = 1e-4
    assert abs(np.corrcoef(one, two)[0, 1]) < 0.03
