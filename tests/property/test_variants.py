"""Draws of small sets over random sets, logs and decisions: probabilities are whole, floored, logged as they were."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crosslift.decide.variants import draw, probabilities
from crosslift.domain.chance import of
from crosslift.domain.variant import Tried, VariantSet
from crosslift.stats.bandit import p_best

OPTIONS = tuple("abcdefgh")
counts = st.integers(0, 20_000).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n)))


@st.composite
def sets(draw_of):
    n = draw_of(st.integers(2, 8))
    return VariantSet("s", OPTIONS[:n], floor=draw_of(st.floats(0.001, 1 / n)))


def table(one, rows):
    best = p_best([k for _, k in rows], [n for n, _ in rows]).round(9).tolist()
    return {option: Tried(n, k, p) for option, (n, k), p in zip(one.options, rows, best, strict=True)}


@given(sets(), st.data())
def test_probabilities_are_whole_and_no_option_is_under_its_floor(one, data):
    known = table(one, data.draw(st.lists(counts, min_size=len(one.options), max_size=len(one.options))))
    shares = probabilities(one, known)
    assert sum(shares) == pytest.approx(1, abs=1e-12)
    assert min(shares) >= one.floor - 1e-12
    ranked = sorted(zip((of.p_best for of in known.values()), shares, strict=True))
    assert [share for _, share in ranked] == sorted(shares), "the likelier best is never drawn less often"


@given(sets(), st.data(), st.lists(st.text(min_size=1), min_size=1, max_size=20))
def test_every_draw_carries_the_probability_it_had_and_can_be_drawn_again(one, data, decisions):
    known = {"s": table(one, data.draw(st.lists(counts, min_size=len(one.options), max_size=len(one.options))))}
    shares = dict(zip(one.options, probabilities(one, known["s"]), strict=True))
    for decision in decisions:
        (drawn,) = draw([one], "cart", known, of(b"secret", decision))
        assert drawn.probability == shares[drawn.option]
        assert drawn.was_drawn
        assert draw([one], "cart", known, of(b"secret", decision)) == (drawn,)
