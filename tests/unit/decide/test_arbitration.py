from types import SimpleNamespace

import numpy as np
import pytest

from crosslift.decide.arbitration import choose
from crosslift.decide.candidates import Candidates
from crosslift.domain.policy import Policy


def pick(scores, n_offers=3, cap=None, *, ranks=None, popularity=None, categories=None, passed=None,
         weights=None, kinds=None, reserved=None, extras=None, sources=("a", "b")):  # fmt: skip
    """Choose among candidates 0..n; gives the chosen and the passed over."""
    n = len(scores)
    known = SimpleNamespace(
        popularity=np.array(popularity or [1] * n), categories=np.array(categories or list(range(n)))
    )  # fmt: skip
    rank = np.array(ranks or [0] * n, dtype=np.int8)
    none = np.full(n, -1)
    items, value = np.arange(n, dtype=np.int32), np.array(scores, dtype=float)
    found = Candidates(items, value, rank, none, none, np.array(weights or [1.0] * n), sources)
    policy = Policy("p", 1, sources, max_per_category=cap, max_per_kind=kinds or {}, reserved=reserved or {})
    return choose(
        known, found, np.array(passed if passed is not None else [True] * n), n_offers, policy, n_extras=extras
    )


def test_the_best_scores_win_best_first():
    assert pick([0.1, 0.9, 0.5, 0.7]) == ([1, 3, 2], [])


def test_ties_go_to_the_more_popular_then_to_the_lower_id():
    assert pick([0.5] * 4, 4, popularity=[3, 9, 3, 9])[0] == [1, 3, 0, 2]


def test_an_earlier_source_goes_before_any_score_of_a_later_one():
    assert pick([0.1, 0.9, 0.2, 0.8], ranks=[0, 1, 0, 1])[0] == [2, 0, 1]


def test_what_a_gate_stopped_is_not_chosen():
    assert pick([0.1, 0.9, 0.5], passed=[True, False, True])[0] == [2, 0]
    assert pick([0.1, 0.9], passed=[False, False]) == ([], [])
    assert pick([]) == ([], [])


@pytest.mark.parametrize("n_offers", [1, 2, 5, 10])
def test_at_most_as_many_as_asked_for(n_offers):
    assert len(pick([0.5] * 5, n_offers)[0]) == min(n_offers, 5)


def test_a_full_category_is_passed_over_for_the_next_best():
    chosen, full = pick([0.9, 0.8, 0.7, 0.1], 3, cap=2, categories=[1, 1, 1, 2])
    assert (chosen, full) == ([0, 1, 3], [2])


def test_a_short_list_is_honester_than_a_third_of_the_same_kind():
    assert pick([0.9, 0.8, 0.7], 3, cap=1, categories=[1, 1, 1]) == ([0], [1, 2])


def test_what_was_never_reached_was_not_passed_over():
    chosen, full = pick([0.9, 0.8, 0.7, 0.6], 2, cap=1, categories=[1, 2, 1, 1])
    assert (chosen, full) == ([0, 1], [])


def test_among_many_candidates_the_best_are_the_same_as_by_full_sorting():
    chance = np.random.default_rng(4)
    scores = np.round(chance.random(5_000), 3)
    popularity = chance.integers(1, 5, 5_000)
    order = np.lexsort((np.arange(5_000), -popularity, -scores))
    assert pick(scores, 7, popularity=popularity.tolist())[0] == order[:7].tolist()


def test_ties_at_the_edge_of_the_short_list_are_kept():
    scores = [0.5] * 400 + [0.9]
    popularity = [*range(400), 1]
    assert pick(scores, 3, popularity=popularity)[0] == [400, 399, 398]


def test_a_category_that_fills_the_top_does_not_hide_the_others():
    # 200 mugs score best; with at most two mugs the third offer is the best of the rest, however far down it stands
    scores = [0.9] * 200 + [0.1, 0.2]
    chosen, full = pick(scores, 3, cap=2, categories=[1] * 200 + [2, 2])
    assert chosen == [0, 1, 201]
    assert full == list(range(2, 200))


def test_the_short_list_keeps_sources_apart():
    scores = [0.9] * 300 + [0.001] * 3
    assert pick(scores, 3, ranks=[1] * 300 + [0] * 3)[0] == [300, 301, 302]


def test_a_kind_keeps_its_reserved_place_where_the_list_is_long_enough():
    ranks = [0, 0, 0, 0, 1]
    assert pick([0.9, 0.8, 0.7, 0.6, 0.1], 3, ranks=ranks, reserved={"b": 1}) == ([0, 1, 4], [])
    assert pick([0.9, 0.8, 0.7, 0.6, 0.1], 2, ranks=ranks, reserved={"b": 1}) == ([0, 1], [])


def test_a_reserved_place_nothing_can_take_is_given_back():
    found = pick([0.9, 0.8, 0.7, 0.6, 0.1], 3, 2, ranks=[0, 0, 0, 0, 1], categories=[1, 1, 2, 3, 1], reserved={"b": 1})
    assert found[0] == [0, 1, 2]


def test_a_kind_has_at_most_its_share():
    assert pick([0.9, 0.8, 0.7], 3, ranks=[0, 1, 1], kinds={"b": 1}) == ([0, 1], [2])


def test_the_merchants_factor_moves_an_offer_within_its_source():
    assert pick([0.5, 0.4, 0.9], 3, ranks=[0, 0, 1], weights=[1.0, 2.0, 9.0])[0] == [1, 0, 2]


def test_extras_are_capped_and_what_is_needed_is_not():
    scores, ranks = [0.9, 0.8, 0.7, 0.6, 0.5], [0, 0, 1, 1, 1]
    assert pick(scores, 5, ranks=ranks, sources=("required", "complement"), extras=2) == ([0, 1, 2, 3], [4])
    assert pick(scores, 5, ranks=ranks, sources=("stand_in", "complement"), extras=0)[0] == [0, 1]
    assert pick(scores, 2, ranks=[1] * 5, sources=("required", "complement"), extras=3)[0] == [0, 1]


def test_a_kept_place_is_kept_among_the_extras():
    scores, ranks = [0.9, 0.8, 0.7, 0.1], [0, 0, 0, 1]
    chosen = pick(scores, 4, ranks=ranks, sources=("complement", "upgrade"), reserved={"upgrade": 1}, extras=3)[0]
    assert chosen == [0, 1, 3]


def test_extras_are_capped_however_many_candidates_there_are():
    n = 200
    chosen, _ = pick(
        [1 - i / n for i in range(n)], 3, ranks=[1] * (n - 1) + [0], sources=("required", "complement"), extras=2
    )
    assert chosen == [n - 1, 0, 1]
