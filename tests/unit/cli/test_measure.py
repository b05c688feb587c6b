import pytest


def test_the_figures_of_everything_with_their_intervals(run, stocked_home):
    rows = {row["metric"]: row for row in run("--home", stocked_home, "measure", "--json").json}
    of_orders = ["aov", "units_per_order", "products_per_order"]
    assert list(rows)[:3] == of_orders
    assert all(
        rows[name]["low"] < rows[name]["value"] < rows[name]["high"] and rows[name]["n"] == 700 for name in of_orders
    )
    assert "first day" in rows["retention"]["not_estimable"]
    assert rows["aov"]["of"] == "USD"


def test_an_attach_rate_is_a_recount_of_the_orders(run, stocked_home, little, pantry):
    ones, twos = little.recount(pantry.orders)
    rows = run("--home", stocked_home, "measure", "--anchor", "P00", "--attached", "P01", "--json").json
    [row] = [row for row in rows if row["metric"] == "attach_rate"]
    assert row["of"] == "P00 → P01"
    assert row["value"] == pytest.approx(little.both(twos, "P00", "P01") / ones["P00"])


def test_a_period_is_printed_for_people(run, stocked_home):
    out = run("--home", stocked_home, "measure", "--from", "2026-10-01", "--to", "2026-11-02").out
    assert "95 % interval" in out
    assert "Average order value" in out


def test_figures_are_split_by_what_is_asked(run, stocked_home):
    rows = run("--home", stocked_home, "measure", "--by", "month", "--json").json
    assert {row["slice"] for row in rows if row["metric"] == "aov"} >= {"2026-09", "2026-10"}


def test_what_cannot_be_estimated_says_why(run, tmp_path):
    out = run("--home", tmp_path / "h", "measure").out
    assert "not estimable  0 orders in the period, at least 20 needed" in out
    assert "Average order value" in out


def test_offline_every_baseline_stands_beside_ours(run, stocked_home):
    ran = run("--home", stocked_home, "measure", "offline")
    for method in ("popularity", "confidence", "lift", "cosine", "Jaccard", "EASE"):
        assert f"crosslift − {method}: " in ran.out
    assert "paired over customers" in ran.out


def test_offline_a_till_without_customers_names_has_no_interval(run, tmp_path, little, pantry):
    rows = [{**row, "customer_id": "till"} for row in little.order_rows(pantry.orders)]
    run("--home", tmp_path / "h", "collect", little.write(tmp_path / "orders.csv", rows))
    ran = run("--home", tmp_path / "h", "measure", "offline")
    assert ran.code == 0
    assert "crosslift − EASE: not estimable, the later orders are all of 1 customer" in ran.out


def test_offline_too_few_orders_say_so(run, tmp_path):
    ran = run("--home", tmp_path / "h", "measure", "offline", "--json")
    assert ran.json == {"not_estimable": "0 orders hold several products, at least 100 needed"}
