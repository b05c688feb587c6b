"""What is learned depends on the orders and on nothing else: not on their order, their names, their years."""

import os
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crosslift.errors import QualityGate
from crosslift.learn.baskets import from_lines
from crosslift.learn.products import complements
from crosslift.wording import reasons

NAMES = ("cup", "honey", "jar", "spoon", "tea")
FEW = settings(deadline=None, max_examples=40)


@pytest.fixture(scope="module")
def little(load_script):
    return load_script("tests/unit/shop/little.py")


@pytest.fixture(scope="module", autouse=True)
def _no_compiler():
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(os.environ, "CROSSLIFT_NO_JIT", "1")
        yield


baskets = st.lists(
    st.tuples(
        st.lists(st.sampled_from(NAMES), min_size=1, max_size=4).map(tuple),
        st.one_of(st.none(), st.sampled_from(("c1", "c2", "c3", "c4"))),
        st.integers(0, 60 * 24),
        st.sampled_from((None, "KR", "JP")),
    ),
    min_size=1,
    max_size=60,
)


@pytest.fixture(scope="module")
def made(little):
    """Turn drawn rows into orders."""
    return lambda drawn: [
        little.Order(products, customer, float(hours), market) for products, customer, hours, market in drawn
    ]


def learned(little, orders, **knobs):
    try:
        return little.learned(orders, learn_min_baskets=1, learn_min_customers=1, learn_max_q_value=1.0, **knobs)
    except QualityGate:
        return None


def same(one, two, *, apart=()):
    if one is None or two is None:
        return one is two
    return all(
        np.array_equal(one.arrays[name], two.arrays[name], equal_nan=True) for name in one.arrays if name not in apart
    )


@FEW
@given(baskets, st.randoms(use_true_random=False))
def test_the_order_of_orders_and_of_their_lines_does_not_matter(little, made, drawn, chance):
    orders = made(drawn)
    mixed = [replace(o, products=tuple(chance.sample(o.products, len(o.products)))) for o in orders]
    chance.shuffle(mixed)
    assert same(learned(little, orders), learned(little, mixed))


@FEW
@given(baskets)
def test_repeated_lines_do_not_matter(little, made, drawn):
    orders = made(drawn)
    assert same(learned(little, orders), learned(little, [replace(o, products=o.products * 2) for o in orders]))


@FEW
@given(baskets, st.integers(1, 20))
def test_the_year_does_not_matter(little, made, drawn, years):
    orders = made(drawn)
    before = [replace(o, hours_ago=o.hours_ago + years * 24 * 365) for o in orders]
    assert same(learned(little, orders), learned(little, before), apart=("as_of",))


@FEW
@given(baskets)
def test_the_names_of_customers_do_not_matter(little, made, drawn):
    orders = made(drawn)
    names = {None: None, "c1": "zoe", "c2": "yun", "c3": "xi", "c4": "wan"}
    assert same(learned(little, orders), learned(little, [replace(o, customer=names[o.customer]) for o in orders]))


@settings(deadline=None, max_examples=150)
@given(baskets)
def test_evidence_is_a_recount_and_can_all_be_true(little, made, drawn):
    orders = made(drawn)
    known = little.settings(learn_min_baskets=1, learn_min_customers=1, learn_max_q_value=1.0, learn_min_lift=0.0)
    counted, pairs = complements.count(from_lines(little.lines(orders)), known)
    found = complements.find_complements(counted, pairs, known)
    ones, twos = little.recount(orders)
    names = counted.products
    assert {(names[a], names[b]): n for a, b, n in zip(found.first, found.second, found.n_both, strict=True)} == dict(
        twos
    )
    assert found.item_counts.tolist() == [ones[name] for name in names]
    assert (found.n_customers <= found.n_both).all()
    assert ((found.lift_low <= found.lift) & (found.lift <= found.lift_high)).all()
    assert ((found.q_value >= 0) & (found.q_value <= 1)).all()
    assert ((found.npmi >= -1) & (found.npmi <= 1) | np.isnan(found.npmi)).all()
    assert (found.n_both[found.is_relation] > found.expected[found.is_relation]).all()


@settings(deadline=None, max_examples=60)
@given(baskets, st.floats(0, 2), st.floats(0, 1))
def test_whatever_the_settings_every_relation_can_be_told(little, made, drawn, min_lift, max_q_value):
    from crosslift.decide.candidates import Candidates
    from crosslift.decide.context import Context
    from crosslift.decide.curation import NOTHING
    from crosslift.decide.evidence import reasons_for
    from crosslift.decide.knowledge import Knowledge

    orders = made(drawn)
    try:
        found = little.learned(orders, learn_min_baskets=1, learn_min_customers=1, learn_min_lift=min_lift,
                               learn_max_q_value=max_q_value)  # fmt: skip
    except QualityGate:
        return
    known = Knowledge("s1", found.arrays, found.texts)
    for anchor in range(known.n_items):
        others = known.edges_of(anchor)[0]
        none, ones = np.full(len(others), -1), np.ones(len(others))
        candidates = Candidates(others, ones, np.zeros(len(others), np.int8), none, none, ones, ("complement",))
        context = Context(cart=np.array([anchor], dtype=np.int32))
        for why in reasons_for(known, candidates, list(range(len(others))), context, NOTHING, lambda _item: None):
            assert all(reasons.sentence(why, language) for language in ("en", "ko", "ja"))


@FEW
@given(baskets)
def test_a_customer_more_or_less_who_buys_one_thing_makes_no_pair(little, made, drawn):
    orders = made(drawn)
    known = little.settings()
    pairs = complements.count(from_lines(little.lines(orders)), known)[1]
    more = complements.count(
        from_lines(little.lines([*orders, *(little.Order(("tea",), f"n{i}") for i in range(9))])), known
    )
    assert pairs.n_both.sum() == more[1].n_both.sum()
