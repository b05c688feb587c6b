"""Small sets through the shop: counted from the log at every learning run, told, and drawn as the snapshot knows them."""

import shutil
from collections import Counter
from dataclasses import replace

import pytest

from crosslift.domain.decision import Action, Response
from crosslift.errors import NotReady
from crosslift.shop import requests
from crosslift.shop.counting import rows_of
from crosslift.stats.bandit import p_best

POLICY = 'name = "ours"\nextends = "helpful"\n[[variants]]\nid = "words"\noptions = ["plain", "warm"]\nplacements = ["cart"]\n'
N = 120


@pytest.fixture(scope="module")
def served_home(little, tmp_path_factory):
    """A shop that served a day: `warm` is accepted every second time, `plain` every tenth; then strangers and empty answers."""
    home = tmp_path_factory.mktemp("served") / "home"
    baskets = [*[["tea", "honey"]] * 40, *[["tea", "cup"]] * 30, *([[f"n{i:02}"] for i in range(20)] * 12)]
    with little.no_jit(), little.stocked(home, little.orders(*baskets, days=20)) as shop:
        publish(shop, POLICY)
        counted = Counter()
        for number in range(N):
            made = shop.decide("cart", ["tea"], policy="ours", anonymous=f"b{number}")
            option = made.variants[0].option
            counted[option, "shown"] += 1
            if counted[option, "shown"] % (2 if option == "warm" else 10) == 0:
                accept(shop, made, made.offers[0].product_id)
                counted[option, "accepted"] += 1
        stranger = shop.decide("cart", ["tea"], policy="ours")
        accept(shop, stranger, None)
        assert shop.decide("cart", ["n00"], policy="ours", anonymous="b0").no_offer
        assert shop.decide("till", ["tea"], policy="ours", anonymous="b0").variants == ()
    return home, counted


def publish(shop, text):
    written = shop.policies.draft(text, "mina", "which words")
    shop.policies.publish("ours", written["version"], "mina")


def accept(shop, made, product):
    shop.respond([Response(f"a{made.decision_id}", made.decision_id, Action.ACCEPT, shop.clock(), product)])


@pytest.fixture
def shop(little, served_home, tmp_path):
    shutil.copytree(served_home[0], tmp_path / "home")
    with little.open_shop(tmp_path / "home", little.Clock()) as shop, little.no_jit():
        yield shop


def test_before_the_first_learning_run_every_option_is_drawn_alike_and_that_is_said(shop):
    (told,) = shop.variants()
    assert [one["probability"] for one in told["options"]] == [0.5, 0.5]
    assert [one["p_best"] for one in told["options"]] == [None, None]
    assert told["note"].startswith("this snapshot was learned before the set had these options")
    assert told["options"][0]["rate"] == {"not_estimable": "0 decisions, at least 20 needed"}


def test_a_learning_run_counts_the_log_and_tabulates_who_is_probably_best(shop, served_home):
    counted = served_home[1]
    shown, accepted = ([counted[o, what] for o in ("plain", "warm")] for what in ("shown", "accepted"))
    assert sum(shown) == N
    report = shop.learn()
    (told,) = shop.variants()
    assert told["snapshot_id"] == report["snapshot_id"]
    assert [(one["n_shown"], one["n_accepted"]) for one in told["options"]] == list(zip(shown, accepted, strict=True))
    best = p_best(accepted, shown)
    assert [one["p_best"] for one in told["options"]] == pytest.approx(best.tolist(), abs=1e-9)
    assert [one["probability"] for one in told["options"]] == pytest.approx([0.05 + 0.9 * p for p in best], abs=1e-9)
    assert told["note"] is None
    rate = told["options"][1]["rate"]
    assert rate["low"] < accepted[1] / shown[1] == rate["value"] < rate["high"]
    drawn = Counter()
    for number in range(60):
        made = shop.decide("cart", ["tea"], policy="ours", anonymous=f"c{number}")
        (one,) = made.variants
        drawn[one.option] += 1
        assert one.probability == told["options"][one.option == "warm"]["probability"]
        assert shop.decision(made.decision_id)["variants"][0]["probability"] == one.probability
        assert shop.replay(made.decision_id).is_equal
    assert drawn["warm"] > 45


def test_options_that_changed_begin_anew_and_say_so(shop):
    shop.learn()
    publish(shop, POLICY.replace('"warm"]', '"warm", "brief"]'))
    (told,) = shop.variants()
    assert [one["probability"] for one in told["options"]] == pytest.approx([1 / 3] * 3)
    assert [one["n_shown"] for one in told["options"]] == [0, 0, 0]
    assert told["note"].startswith("this snapshot was learned before")
    shop.learn()
    (told,) = shop.variants()
    assert told["options"][1]["n_shown"] > 20, "what the log holds of the old options counts on"
    assert told["options"][2]["n_shown"] == 0
    assert told["note"] is None


def test_a_set_nobody_met_says_that_nothing_was_counted(shop):
    publish(shop, POLICY.replace('"words"', '"looks"'))
    shop.learn()
    (told,) = shop.variants()
    assert told["note"].startswith("no decision that drew an option and offered something was counted yet")
    assert [(one["p_best"], one["probability"]) for one in told["options"]] == [(0.5, 0.5), (0.5, 0.5)]


def test_what_was_withheld_or_is_older_than_the_window_says_nothing(shop):
    request = requests.build("cart", ["tea"], None, (), None, shop.clock(), (), "ours", None, "en", None,
                             policies=shop.known.rulings, anonymous="b0")  # fmt: skip
    made = shop.decide_unrecorded(request)
    place = made.slim.index(made.decision.is_withheld)
    held = replace(made, slim=(*made.slim[:place], True, *made.slim[place + 1 :]))
    shop.records.record_decisions(*rows_of([held]))
    assert shop.decision(made.decision.decision_id)["is_withheld"]
    shop.learn()
    assert sum(one["n_shown"] for one in shop.variants()[0]["options"]) == N
    shop.clock.move(days=91)
    shop.learn()
    assert sum(one["n_shown"] for one in shop.variants()[0]["options"]) == 0


def test_nothing_learned_is_not_ready(little, tmp_path):
    with little.open_shop(tmp_path / "new") as empty, pytest.raises(NotReady):
        empty.variants()
