"""Why a product is not among the companions of another: the first reason is the one that holds first."""

import pytest

from crosslift.learn.baskets import from_lines
from crosslift.shop import pair

PLAIN = {"learn_narrow_items": 0, "learn_narrow_share": 1.0}
DAY = 86_400_000_000
TITLES = {"tea": "Green Tea", "honey": "Honey", "cup": "Cup"}


@pytest.fixture(scope="module")
def made(little):
    """Tea with honey 40 times; tea and cup five times, too few to be sure; pot never sold."""
    return little.orders(
        *[["tea", "honey"]] * 40,
        *[["tea"]] * 20,
        *[["cup"]] * 60,
        *[["tea", "cup"]] * 5,
        *[[f"n{i % 20}"] for i in range(300)],
    )


@pytest.fixture(scope="module")
def found(little, made):
    rows = [{"product_id": name, "title": TITLES.get(name, name), "category": "drinks/tea" if name == "tea" else "table"}
            for name in ("tea", "honey", "cup", "pot", *(f"n{i}" for i in range(20)))]  # fmt: skip
    return little.learned(made, little.products(*rows), **PLAIN)


@pytest.fixture
def ask(little, made, found):
    """Explain a pair, with curated links and links of other kinds."""

    def ask(a, b, *curated, links=(), live=(), orders=made):
        known = little.with_links(found, *links)
        return pair.explain_pair(
            known, little.overlay(known, *live), from_lines(little.lines(orders)), curated, a, b,
            little.settings(**PLAIN), found.report["p_threshold"], little.micros(little.NOW),
        )  # fmt: skip

    return ask


def curated(little, from_id, to_id, action="ban", kind="complement", days=None):
    return {
        "from_id": from_id, "to_id": to_id, "kind": kind, "action": action, "reason": "They quarrel", "author": "ana",
        "value": None, "market": None, "expires_at": None if days is None else little.micros(little.NOW) + days * DAY,
    }  # fmt: skip


def test_a_related_pair_is_there_with_its_evidence(ask):
    said = ask("tea", "honey")
    assert (said["is_related"], said["code"], said["reasons"]) == (True, "related", [])
    assert said["relation"]["n_both"] == said["figures"]["n_both"] == 40
    assert said["relation"]["lift"] == pytest.approx(said["figures"]["lift"], rel=1e-3)
    assert (said["a_title"], said["b_title"]) == ("Green Tea", "Honey")


def test_figures_are_counted_in_the_direction_asked(ask):
    assert (ask("tea", "honey")["figures"]["n_a"], ask("honey", "tea")["figures"]["n_a"]) == (65, 40)


@pytest.mark.parametrize(
    ("a", "b", "code"),
    [("tea", "ghost", "not_in_catalog"), ("tea", "pot", "never_sold"), ("tea", "n1", "too_few_together"),
     ("tea", "cup", "not_sure")],
)  # fmt: skip
def test_the_first_reason_in_words(ask, a, b, code):
    said = ask(a, b)
    assert (said["is_related"], said["code"], said["why"]) == (False, code, said["reasons"][0]["words"])
    assert (said["figures"] is None) == (code == "not_in_catalog")


@pytest.mark.parametrize("target", ["honey", "category:table"])
def test_a_ban_comes_first_and_names_its_author(little, ask, target):
    said = ask("tea", "honey", curated(little, "*", target))
    assert said["is_related"]
    assert (said["code"], said["why"]) == ("banned", "banned, written by ana: They quarrel")
    assert said["curated"][0]["state"] == "in force"


def test_a_ban_of_another_pair_or_the_other_direction_says_nothing(little, ask):
    links = [
        curated(little, "honey", "tea"),
        curated(little, "category:drinks/teapots", "honey"),
        curated(little, "tea", "cup"),
    ]
    assert ask("tea", "honey", *links)["code"] == "related"


def test_never_together_holds_both_ways(little, ask):
    assert ask("tea", "honey", curated(little, "honey", "tea", "link", "apart"))["code"] == "never_together"


def test_a_ban_until_a_day_says_so_and_an_expired_one_no_longer_counts(little, ask):
    until = ask("tea", "honey", curated(little, "tea", "honey", days=2))
    assert until["why"] == "banned until 2026-11-03, written by ana: They quarrel"
    gone = ask("tea", "honey", curated(little, "tea", "honey", days=-2))
    assert gone["code"] == "related"
    assert [reason["code"] for reason in gone["reasons"]] == ["expired"]
    assert gone["reasons"][0]["words"] == "a ban ended on 2026-10-30, written by ana: They quarrel"
    never = ask("tea", "cup", curated(little, "tea", "cup", days=-2))
    assert (never["code"], never["reasons"][-1]["code"]) == ("not_sure", "expired")


def test_a_ban_comes_before_what_orders_say_which_is_told_all_the_same(little, ask):
    said = ask("tea", "cup", curated(little, "tea", "cup"))
    assert [reason["code"] for reason in said["reasons"]][:2] == ["banned", "not_sure"]


def test_a_substitute_is_told_as_one(little, ask, found):
    links = little.link(found, "substitute", ("cup", "tea"), texts={"basis": "viewed", "shared": []}, n_viewed_both=30)
    said = ask("tea", "cup", links=[links])
    assert (said["code"], said["why"]) == (
        "substitute",
        "Green Tea is bought instead of Cup, not with it: a substitute",
    )
    assert [row["n_viewed_both"] for row in said["other_kinds"] if row["kind"] == "substitute"] == [30]


def test_a_related_pair_that_does_not_fit_is_stopped_a_step_up_is_not(little, ask, found):
    texts = {"basis": "curated", "reason": None}
    stopped = ask("tea", "honey", links=[little.link(found, "excludes", ("tea", "honey"), texts=texts)])
    assert (stopped["is_related"], stopped["code"]) == (True, "excludes")
    step = ask("tea", "honey", links=[little.link(found, "upgrade", ("tea", "honey"), texts=texts)])
    assert step["code"] == "related"


def test_a_related_product_that_is_out_of_stock_is_not_offered_now(little, ask):
    said = ask("tea", "honey", live=[little.live("honey", stock=0)])
    assert (said["code"], said["is_related"]) == ("out_of_stock", True)
    assert said["why"] == "the two go together, but Honey is not offered now: out of stock"


def test_orders_newer_than_the_snapshot_ask_for_another_run(little, ask, made):
    later = little.orders(*[["n1", "n2"]] * 60)
    assert ask("n1", "n2", orders=[*made, *later])["code"] == "not_learned_yet"


def test_the_shop_answers_for_its_own_orders_and_links(own_shop, little, pantry):
    ones, twos = little.recount(pantry.orders)
    said = own_shop.why_not_related("P00", "P10")
    assert (said["figures"]["n_a"], said["figures"]["n_both"]) == (ones["P00"], little.both(twos, "P00", "P10"))
    assert said["figures"]["p_threshold"] == own_shop.learning_report()["p_threshold"]
    assert own_shop.why_not_related("P00", "P01")["code"] == "related"
    own_shop.put_links(
        [{"from_id": "P00", "to_id": "P01", "kind": "complement", "action": "ban", "reason": "No", "author": "kim"}]
    )
    assert own_shop.why_not_related("P00", "P01")["why"] == "banned, written by kim: No"
    own_shop.remove_link("P00", "P01", "complement")
    assert own_shop.why_not_related("P00", "P01")["code"] == "related"
