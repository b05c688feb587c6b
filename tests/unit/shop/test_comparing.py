"""Two snapshots beside each other, made of little shops whose difference is known."""

import pytest

from crosslift.shop import comparing

FILL = [[f"n{i % 20}"] for i in range(300)]
PLAIN = {"learn_narrow_items": 0, "learn_narrow_share": 1.0}


@pytest.fixture(scope="module")
def old(little):
    """Tea with honey and cup with tray."""
    return little.learned(little.orders(*[["tea", "honey"]] * 40, *[["cup", "tray"]] * 40, *FILL), **PLAIN)


@pytest.fixture(scope="module")
def new(little):
    """Tea with honey still; cup and tray no longer; pot with lid is sure, oil with salt is early."""
    made = little.orders(
        *[["tea", "honey"]] * 40,
        *[["cup"]] * 40,
        *[["tray"]] * 40,
        *[["pot", "lid"]] * 40,
        *[["oil", "salt"]] * 5,
        *FILL,
    )
    return little.learned(made, **PLAIN)


@pytest.fixture(scope="module")
def before(little, old):
    links = little.link(
        old, "sequence", ("tea", "cup"), ("tea", "tray"), ("cup", "n1"), ("cup", "n2"), ("cup", "n3"), lag_median=9
    )
    return little.with_links(old, links)


@pytest.fixture(scope="module")
def after(little, new):
    """The order turned round; tea leads to nothing but the cup."""
    links = little.link(new, "sequence", ("cup", "n3"), ("cup", "n2"), ("cup", "n1"), ("tea", "cup"), lag_median=11)
    return little.with_links(new, links)


def test_pairs_that_came_and_went_with_the_evidence_they_had(before, after):
    rows = {(row["change"], row["from"], row["product"]): row for row in comparing.changes(before, after)
            if row["kind"] == "complement"}  # fmt: skip
    assert set(rows) == {("in", "lid", "pot"), ("in", "oil", "salt"), ("out", "cup", "tray")}
    assert rows["in", "oil", "salt"]["evidence"]["n_both"] == 5
    assert rows["out", "cup", "tray"]["evidence"]["n_both"] == 40


def test_links_of_other_kinds_come_and_go_too(before, after):
    rows = [row for row in comparing.changes(before, after) if row["kind"] == "sequence"]
    assert [(row["change"], row["from"], row["product"], row["evidence"]["lag_median"]) for row in rows] == [
        ("out", "tea", "tray", 9),
    ]


def test_nothing_changes_between_a_snapshot_and_itself(before):
    assert comparing.changes(before, before) == []
    assert {row["overlap"] for row in comparing.stability(before, before)} == {1.0, None}


def test_stability_is_shared_over_all_and_a_rank_correlation(before, after):
    rows = {row["kind"]: row for row in comparing.stability(before, after)}
    assert (rows["complement"]["before"], rows["complement"]["after"], rows["complement"]["shared"]) == (2, 3, 1)
    assert rows["complement"]["overlap"] == 0.25
    assert rows["complement"]["rank_correlation"] is None  # of one shared pair
    assert (rows["sequence"]["shared"], rows["sequence"]["overlap"]) == (4, 0.8)
    assert rows["sequence"]["rank_correlation"] == -1.0  # before: tea, n1, n2, n3; after: n3, n2, n1, tea
    assert rows["held"] == {
        "kind": "held", "before": 0, "after": 0, "shared": 0, "overlap": None, "rank_correlation": None,
    }  # fmt: skip


def test_sure_new_pairs_wait_for_a_look_early_ones_do_not(before, after):
    (row,) = comparing.review_queue(before, after, [])
    assert (row["from"], row["product"], row["strength"], row["n_both"]) == ("lid", "pot", "clear", 40)


@pytest.mark.parametrize("judged", [("pot", "lid"), ("lid", "pot")])
def test_a_curated_link_in_either_direction_is_a_look(before, after, judged):
    assert comparing.review_queue(before, after, [judged]) == []


def test_before_the_second_snapshot_every_sure_pair_is_new_the_surest_first(after):
    rows = comparing.review_queue(None, after, [])
    assert {(row["from"], row["product"]) for row in rows} == {("lid", "pot"), ("honey", "tea")}
    assert rows[0]["lift_low"] >= rows[1]["lift_low"]
