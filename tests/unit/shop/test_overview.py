from datetime import timedelta

from crosslift.shop.overview import DAYS, OLD_DAYS, overview


def test_an_empty_shop_is_told_to_collect(empty_shop):
    told = overview(empty_shop)
    assert (told.imported, told.snapshot, told.relations, told.holdout) == (None, None, 0, None)
    assert told.next == ("collect",)
    assert [one.n for one in told.days] == [0] * DAYS


def test_a_learned_shop_shows_what_came_in_and_what_is_in_force(shop):
    told = overview(shop)
    assert told.imported.state == "committed"
    assert told.snapshot["is_current"]
    assert told.relations == sum(shop.learning_report()["kinds"].values()) > 0
    assert "helpful" in [one["name"] for one in told.policies]
    assert told.next == ("hold_out",)


def test_what_is_to_be_done_follows_from_the_state(own_shop, clock, tmp_path):
    own_shop.experiments.hold_out(0.05, "mina", "to prove it", has_agreed=True)
    told = overview(own_shop)
    assert (told.holdout, told.next) == (0.05, ())
    clock.now += timedelta(days=OLD_DAYS + 1)
    assert overview(own_shop).next == ("look_old",)
    more = tmp_path / "more.csv"
    more.write_text(
        "order_id,ordered_at,customer_id,product_id,quantity,unit_price,currency\nn,2026-11-02,c,P-0,1,1,USD\n"
    )
    own_shop.collect(more)
    assert overview(own_shop).next == ("learn_again",)
    own_shop.policies.stop("mina", "prices are wrong")
    told = overview(own_shop)
    assert told.next == ("resume", "learn_again")
    assert told.stop["author"] == "mina"
