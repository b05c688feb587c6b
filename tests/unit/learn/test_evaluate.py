from dataclasses import replace

import numpy as np
import pytest

from crosslift.domain.estimate import NotEstimable
from crosslift.learn import evaluate
from crosslift.learn.baskets import from_lines
from crosslift.stats import ranking


@pytest.fixture(scope="module")
def pantry(little):
    return little.pantry(n_orders=900)


@pytest.fixture(scope="module")
def cut(little):
    """Cut some orders into earlier and later ones."""

    def cut(made, now=little.NOW, **knobs):
        return evaluate.cut_slice(from_lines(little.lines(made, now)), little.settings(**knobs))

    return cut


def named(part, halves):
    return [{part.train.products[i] for i in half} for half in halves]


def test_days_count_from_the_newest_order_never_from_the_clock(little, pantry, cut):
    today, long_ago = cut(pantry.orders), cut(pantry.orders, little.NOW.replace(year=2011))
    assert today.cut == little.micros(little.NOW) - 30 * little.DAY
    assert today.cut - long_ago.cut == little.micros(little.NOW) - little.micros(little.NOW.replace(year=2011))
    assert [len(half) for half in today.given] == [len(half) for half in long_ago.given]


def test_nothing_of_the_later_orders_is_learned_from(little, pantry, cut):
    part = cut(pantry.orders)
    assert part.train.at.max() < part.cut
    n_later = sum(order.hours_ago <= 30 * 24 for order in pantry.orders)
    assert part.train.n_baskets == len(pantry.orders) - n_later


def test_half_of_each_later_order_is_given_and_the_rest_is_asked_for(little, pantry, cut):
    part = cut(pantry.orders)
    assert len(part.given) == len(part.rest) == len(part.queries) == len(part.customers)
    for given, rest in zip(part.given, part.rest, strict=True):
        assert len(given) == max((len(given) + len(rest)) // 2, 1)
        assert not set(given) & set(rest)
    later = [set(o.products) for o in pantry.orders if o.hours_ago <= 30 * 24 and len(set(o.products)) > 1]
    whole = [g | r for g, r in zip(named(part, part.given), named(part, part.rest), strict=True)]
    assert sorted(map(sorted, whole)) == sorted(map(sorted, later))


def test_two_runs_split_the_same_order_alike(little, pantry, cut):
    one = cut(pantry.orders)
    more = [*pantry.orders, *(replace(o, hours_ago=o.hours_ago - 100, customer="new") for o in pantry.orders[-20:])]
    two = cut(more)
    split = dict(zip(two.queries, zip(named(two, two.given), named(two, two.rest), strict=True), strict=True))
    shared = [place for place, query in enumerate(one.queries) if query in split]
    assert len(shared) > 30
    for place in shared:
        assert (named(one, one.given)[place], named(one, one.rest)[place]) == split[one.queries[place]]


def test_where_there_are_more_orders_than_can_be_asked_two_runs_ask_about_the_same(little, pantry, cut, monkeypatch):
    everything = cut(pantry.orders)
    monkeypatch.setattr(evaluate, "MAX_QUERIES", 60)
    one = cut(pantry.orders)
    assert len(one.given) == 60
    assert set(one.queries) < set(everything.queries)
    older = [
        little.Order((f"old {i}", "older"), "c", 24 * 100 + i) for i in range(7)
    ]  # other numbers for every product
    two = cut([*older, *pantry.orders[:-5]])
    assert len(set(one.queries) & set(two.queries)) >= 50


def test_the_order_of_lines_and_of_orders_does_not_change_the_split(little, pantry, cut):
    turned = [replace(order, products=order.products[::-1]) for order in reversed(pantry.orders)]
    one, two = cut(pantry.orders), cut(turned)
    assert dict(zip(one.queries, map(bytes, one.given), strict=True)) == dict(
        zip(two.queries, map(bytes, two.given), strict=True)
    )


def test_a_product_nobody_could_know_of_is_not_asked_for(little, pantry, cut):
    fresh = [little.Order(("P00", "P01", "launched today"), "c", 1)]
    part = cut([*pantry.orders, *fresh])
    assert "launched today" not in set().union(*named(part, part.given), *named(part, part.rest))


def test_too_thin_a_month_gives_way_to_the_newest_fifth(little, cut):
    spread = little.pantry(n_orders=400).orders
    part = cut([replace(order, hours_ago=order.hours_ago * 20) for order in spread])
    assert part.train.n_baskets == pytest.approx(0.8 * len(spread), rel=0.05)


def test_a_month_that_is_the_whole_shop_gives_way_to_the_newest_fifth(little, pantry, cut):
    part = cut([replace(order, hours_ago=order.hours_ago / 200) for order in pantry.orders])
    assert part.train.n_baskets == pytest.approx(0.8 * len(pantry.orders), rel=0.05)


def test_too_few_orders_say_so(little, cut):
    verdict = cut(little.orders(*[["a", "b"]] * 99))
    assert verdict == NotEstimable("99 orders hold several products, at least 100 needed")


def test_orders_of_one_instant_cannot_be_cut(little, cut):
    verdict = cut([little.Order(("a", "b"), f"c{i}") for i in range(200)])
    assert isinstance(verdict, NotEstimable)
    assert "0 later orders can be completed" in verdict.why


@pytest.fixture(scope="module")
def compared(little, pantry, cut):
    with little.no_jit():
        return evaluate.compare(cut(pantry.orders), little.settings(), little.quiet)


def test_every_baseline_stands_in_the_table(compared):
    table, _, _ = compared
    methods = ["popularity", "confidence", "lift", "cosine", "Jaccard", "EASE", "crosslift"]
    assert [row["method"] for row in table.rows] == methods
    assert all(0 <= row["ndcg10"] <= 1 and row["se_ndcg"] > 0 for row in table.rows)


def test_popularity_redone_by_hand(little, pantry, cut, compared):
    part, table = cut(pantry.orders), compared[0]
    several = [set(o.products) for o in pantry.orders if o.hours_ago > 30 * 24 and len(set(o.products)) > 1]
    popular = {name: sum(name in order for order in several) for name in part.train.products}
    best = sorted(part.train.products, key=lambda name: (-popular[name], name))
    expected = []
    for given, rest in zip(named(part, part.given), named(part, part.rest), strict=True):
        shown = [name in rest for name in best if name not in given][:10]
        gain = sum(hit / np.log2(place + 2) for place, hit in enumerate(shown))
        expected.append(gain / sum(1 / np.log2(place + 2) for place in range(min(10, len(rest)))))
    assert table.ndcg["popularity"] == pytest.approx(np.array(expected))
    assert table.rows[0]["ndcg10"] == pytest.approx(np.mean(expected))


def test_what_was_planted_beats_popularity(little, cut):
    with little.no_jit():
        table, _, _ = evaluate.compare(cut(little.pantry(1_500, n_pairs=12).orders), little.settings(), little.quiet)
    mean, low, high = table.versus("crosslift", "popularity")
    assert 0 < low < mean < high


def test_a_paired_comparison_of_the_same_lists_is_nothing(compared):
    assert compared[0].versus("EASE", "EASE") == (0.0, 0.0, 0.0)


def test_with_every_neighbor_kept_ours_ranks_as_its_model(compared):
    table, _, _ = compared
    assert table.ndcg["crosslift"] == pytest.approx(table.ndcg["EASE"], abs=1e-6)


def test_scores_and_hits_for_the_probability_are_those_of_fresh_candidates(compared, cut, pantry):
    _, scores, hits = compared
    part = cut(pantry.orders)
    assert len(scores) == len(hits)
    assert (scores > 0).all()
    assert set(np.unique(hits)) == {0.0, 1.0}
    assert hits.sum() <= sum(map(len, part.rest))
    assert hits[scores > np.median(scores)].mean() > hits[scores <= np.median(scores)].mean()


def test_a_shop_of_one_customer_has_no_interval(little, compared):
    table = replace(compared[0], customers=np.zeros_like(compared[0].customers))
    verdict = table.versus("crosslift", "popularity")
    assert isinstance(verdict, NotEstimable)
    assert "1 customer" in verdict.why


def test_progress_is_told_method_by_method(little, pantry, cut):
    told = []
    with little.no_jit():
        evaluate.compare(cut(pantry.orders), little.settings(), lambda *step: told.append(step))
    assert told[0] == ("popularity", 0, 7)
    assert told[-1] == ("compared", 7, 7)


def test_ranked_lists_never_hold_what_was_given(little, pantry, cut):
    part = cut(pantry.orders)
    counts = part.train.item_counts()
    for given in part.given[:50]:
        top = ranking.rank_scores(np.zeros(len(counts)), counts, given, 10)
        assert not set(top) & set(given)
