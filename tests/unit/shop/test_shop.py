import fcntl
import shutil
from datetime import UTC, datetime, timedelta

import pytest

import crosslift
from crosslift.domain.customer import Purpose
from crosslift.domain.decision import NoOffer
from crosslift.errors import BadInput, BadUsage, Busy, NotFound, NotReplayable, Refused
from crosslift.store import snapshot as snapshots


def offered(decision):
    return [offer.product_id for offer in decision.offers]


# opening


def test_open_makes_the_folder_and_takes_settings_by_section(tmp_path):
    with crosslift.open(tmp_path / "new" / "home", learn_min_lift=1.5) as shop:
        assert shop.settings["learn.min_lift"] == 1.5
        assert (tmp_path / "new" / "home" / "records.db").exists()


def test_a_home_that_is_a_file_is_refused(tmp_path):
    (tmp_path / "home").write_text("")
    with pytest.raises(BadInput, match="cannot be used as a shop's folder"):
        crosslift.open(tmp_path / "home")


def test_an_unknown_setting_is_refused_with_its_name(tmp_path):
    with pytest.raises(BadInput, match=r"unknown setting 'learn\.mni_lift'"):
        crosslift.open(tmp_path, learn_mni_lift=1.5)


# collect


def test_one_import_at_a_time(own_shop):
    with (own_shop.home / "collect.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        with pytest.raises(Busy, match=r"another import into .* is running"):
            own_shop.collect(own_shop.home / "orders.csv")


def test_collect_needs_a_file(own_shop):
    with pytest.raises(BadUsage, match="no file named"):
        own_shop.collect()


def test_products_show_live_values(own_shop):
    own_shop.patch_products([{"product_id": "P01", "price": "7.25", "currency": "EUR", "stock": 3}])
    row = next(r for r in own_shop.products().to_pylist() if r["product_id"] == "P01")
    assert (row["price_micros"], row["currency"], row["stock"]) == (7_250_000, "EUR", 3)


def test_a_change_of_a_product_nobody_knows_is_named(own_shop):
    assert own_shop.patch_products([{"product_id": "P01", "stock": 3}, {"product_id": "P99", "stock": 3}]) == {
        "changed": 1, "unknown": ["P99"]
    }  # fmt: skip


# decide


@pytest.mark.parametrize("change", [{"stock": 0}, {"active": False}, {"price": None}])
def test_a_change_is_effective_on_the_very_next_decision(own_shop, change):
    assert offered(own_shop.decide("cart", ["P00"])) == ["P01"]
    own_shop.patch_products([{"product_id": "P01", **change}])
    decision = own_shop.decide("cart", ["P00"])
    assert (offered(decision), decision.no_offer) == ([], NoOffer.ALL_EXCLUDED)


def test_a_change_through_one_process_is_seen_by_another(own_shop, little):
    with little.open_shop(own_shop.home) as other:
        assert offered(other.decide("cart", ["P00"])) == ["P01"]
        own_shop.patch_products([{"product_id": "P01", "stock": 0}])
        assert offered(other.decide("cart", ["P00"])) == []


def test_a_product_put_anew_is_effective_at_once(own_shop):
    own_shop.put_products([{"product_id": "P01", "title": "Cup", "price": "4", "currency": "USD", "active": False}])
    assert offered(own_shop.decide("cart", ["P00"])) == []


def test_a_decision_is_recorded_before_it_is_answered(shop):
    decision = shop.decide("cart", ["P00"], k=1)
    row = shop.decision(decision.decision_id)
    assert [o["product"] for o in row["offers"]] == ["P01"]
    assert (row["placement"], row["channel"], row["purpose"], row["is_replayable"]) == (
        "cart",
        "web",
        "contextual",
        True,
    )


def test_decision_ids_carry_128_random_bits(shop):
    ids = {shop.decide("cart", ["P00"]).decision_id for _ in range(20)}
    assert len(ids) == 20
    assert all(len(bytes.fromhex(one)) == 16 for one in ids)


def test_what_was_decided_from_context_is_not_kept_under_a_name(shop):
    decision = shop.decide("cart", ["P00"], customer="c1")
    assert decision.purpose is Purpose.CONTEXTUAL
    assert shop.decision(decision.decision_id)["identity"] is None


def test_a_decision_nobody_made_is_not_found(shop):
    with pytest.raises(NotFound, match="no decision feed"):
        shop.decision("feed")
    with pytest.raises(NotFound, match="no decision feed"):
        shop.replay("feed")


def test_the_language_is_the_requests_else_the_shops(little, stocked_home, shop):
    from crosslift.shop.batch import plain

    with little.open_shop(stocked_home, shop_language="ja") as japanese:
        decision = japanese.decide("cart", ["P00"])
        assert "件の注文" in plain(decision, japanese.settings["shop.language"])["offers"][0]["reason"]
    assert "우연" in plain(shop.decide("cart", ["P00"], language="ko"), "ko")["offers"][0]["reason"]


def test_an_instant_without_a_zone_is_the_shops_own(little, stocked_home):
    with little.open_shop(stocked_home, shop_time_zone="Asia/Seoul") as seoul:
        decision = seoul.decide("cart", ["P00"], at=datetime(2026, 10, 1, 9))  # noqa: DTZ001 - that is the case
        assert decision.at == datetime(2026, 10, 1, tzinfo=UTC)


def test_a_time_zone_that_does_not_exist_is_named(little, stocked_home):
    with (
        little.open_shop(stocked_home, shop_time_zone="Asia/Soul") as shop,
        pytest.raises(BadInput, match=r"shop\.time_zone = 'Asia/Soul' is no time zone"),
    ):
        shop.decide("cart", ["P00"], at=datetime(2026, 10, 1, 9))  # noqa: DTZ001 - that is the case


# consent


def consents(shop, little, name, *rows):
    filled = [{"customer_id": "c1", "channel": "*", "source": "form", "at": "2026-10-01", **row} for row in rows]
    return shop.collect(little.write(shop.home / name, filled))


def test_a_withdrawal_counts_on_the_very_next_decision(own_shop, little, pantry):
    owner = next(o for o in pantry.orders if "P01" in o.products and o.customer)
    ask = {"placement": "cart", "cart": ["P00"], "customer": owner.customer}
    assert offered(own_shop.decide(**ask)) == ["P01"]
    yes = {"customer_id": owner.customer, "purpose": "personalization", "status": "granted"}
    consents(own_shop, little, "yes.csv", yes)
    decision = own_shop.decide(**ask)
    assert (offered(decision), decision.purpose) == ([], Purpose.PERSONALIZATION)
    consents(own_shop, little, "no.csv", {**yes, "status": "withdrawn", "at": "2026-10-02"})
    decision = own_shop.decide(**ask)
    assert (offered(decision), decision.purpose) == (["P01"], Purpose.CONTEXTUAL)


# replay


def test_a_decision_replays_equal_after_the_shop_went_on(own_shop, little, pantry):
    decision = own_shop.decide("cart", ["P00", "P02"], customer="c1", purpose="evaluation")
    own_shop.patch_products([{"product_id": "P01", "stock": 0}, {"product_id": "P03", "price": "1"}])
    own_shop.learn()
    again = own_shop.replay(decision.decision_id)
    assert again.is_equal
    assert offered(again.decision) == offered(decision) == ["P01", "P03"]


def test_after_its_days_a_decision_is_not_replayable_and_its_slim_record_stays(own_shop, clock):
    decision = own_shop.decide("cart", ["P00"])
    clock.move(days=29)
    assert own_shop.replay(decision.decision_id).is_equal
    clock.move(days=2)
    with pytest.raises(NotReplayable, match="its inputs were kept 30 days"):
        own_shop.replay(decision.decision_id)
    row = own_shop.decision(decision.decision_id)
    assert (row["is_replayable"], row["offers"][0]["product"]) == (False, "P01")


def test_inputs_are_deleted_by_ordinary_work_not_only_hidden(own_shop, clock, little):
    own_shop.decide("cart", ["P00"])
    clock.move(days=31)
    own_shop.collect(own_shop.home / "orders.csv")
    assert own_shop.records.table("decision_inputs", ["decision_id"]).num_rows == 0
    own_shop.decide("cart", ["P00"])
    clock.move(days=31)
    own_shop.learn()
    assert own_shop.records.table("decision_inputs", ["decision_id"]).num_rows == 0


def test_without_its_snapshot_a_decision_is_not_replayable(own_shop):
    decision = own_shop.decide("cart", ["P00"])
    for newer in range(snapshots.KEEP):
        shutil.copytree(own_shop.snapshot_folder / decision.snapshot_id, own_shop.snapshot_folder / f"2027-{newer}")
    own_shop.learn()  # publishing sweeps all but the newest and the current
    assert own_shop.replay(decision.decision_id).is_equal  # still in this process's hands
    own_shop.decide("cart", ["P00"])
    with pytest.raises(NotReplayable, match=f"its snapshot {decision.snapshot_id} is gone; only the newest are kept"):
        own_shop.replay(decision.decision_id)


# measure


def test_a_day_of_measuring_is_a_day_of_the_shop(little, tmp_path):
    home = tmp_path / "seoul"
    home.mkdir()
    at = "2026-10-31T{:02}:30:00+00:00"  # 15:00 UTC is midnight in Seoul
    rows = [{"order_id": f"o{hour}", "ordered_at": at.format(hour), "product_id": "tea", "quantity": 1, "unit_price": "5",
             "currency": "KRW"} for hour in range(24)]  # fmt: skip
    with little.open_shop(home, shop_time_zone="Asia/Seoul") as shop:
        shop.collect(little.write(home / "orders.csv", rows))
        day = datetime(2026, 10, 31)  # noqa: DTZ001 - that is the case
        (units,) = [m.figure for m in shop.measure(day, day + timedelta(days=1)) if m.metric.name == "units_per_order"]
        assert units.why == "15 orders in the period, at least 20 needed"


def test_offline_measuring_needs_enough_orders(empty_shop, shop):
    assert "0 orders hold several products" in empty_shop.measure_offline().why
    assert [row["method"] for row in shop.measure_offline().rows][-1] == "crosslift"


# keys


def test_a_key_is_shown_once_and_stops_when_revoked(own_shop):
    secret, publishable = own_shop.create_key("secret", "mine"), own_shop.create_key("publishable", "shop window")
    assert (own_shop.kind_of_key(secret), own_shop.kind_of_key(publishable)) == ("secret", "publishable")
    assert secret not in str(own_shop.records.api_keys())
    own_shop.revoke_key(next(k["key_id"] for k in own_shop.records.api_keys() if k["kind"] == "secret"))
    with pytest.raises(Refused, match="unknown or revoked"):
        own_shop.kind_of_key(secret)
    assert own_shop.kind_of_key(publishable) == "publishable"


def test_a_key_of_another_kind_or_an_unknown_one_is_refused(own_shop):
    with pytest.raises(BadUsage, match="'master' is no kind of key"):
        own_shop.create_key("master", "")
    with pytest.raises(NotFound, match="no key or webhook 12"):
        own_shop.revoke_key("12")
    with pytest.raises(Refused):
        own_shop.kind_of_key("sk_forged")
