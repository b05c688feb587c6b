def test_learning_ends_with_what_the_orders_say(run, own_home):
    ran = run("--home", own_home, "learn")
    assert ran.code == 0
    parts = ["Snapshot ", "3 relations over 6 of 24 products, from 700 orders", "tested against size-aware chance",
             "Offline check", "NDCG@10", "crosslift", "What your orders say", "Strongest pairs", "Sell alone",
             "Most missed companion", "What cannot be said yet"]  # fmt: skip
    places = [ran.out.find(part) for part in parts]
    assert -1 not in places
    assert places == sorted(places)
    assert "of revenue a year, if 1% to 5% of the orders with" in ran.out


def test_too_few_later_orders_are_said_to_be_too_few(run, tmp_path, little, pantry):
    home = tmp_path / "h"
    run("--home", home, "collect", little.write(tmp_path / "orders.csv", little.order_rows(pantry.orders[:25])))
    ran = run("--home", home, "learn")
    assert ran.code == 0
    assert "Offline check: not estimable" in ran.out
    assert "not estimable: no pair is strong enough yet" in ran.out


def test_in_json_the_whole_report(run, own_home):
    report = run("--home", own_home, "learn", "--json").json
    assert report["n_relations"] == 3
    assert report["orders_say"]["most_missed"]["assumption"]
    assert report["against_published"]["high"] == 0


def test_snapshots_are_listed_and_rolled_back(run, own_home):
    (first,) = run("--home", own_home, "learn", "--list", "--json").json
    second = run("--home", own_home, "learn", "--json").json["snapshot_id"]
    ran = run("--home", own_home, "learn", "--rollback", first["snapshot_id"], "--json")
    assert {row["snapshot_id"]: row["is_current"] for row in ran.json} == {first["snapshot_id"]: True, second: False}
    assert first["snapshot_id"] in run("--home", own_home, "learn", "--list").out
    assert run("--home", own_home, "learn", "--rollback", "1999").code == 1
