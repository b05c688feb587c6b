import pytest


def test_a_file_is_recognized_counted_and_looked_at(run, tmp_path, little, pantry):
    orders = little.write(tmp_path / "orders.csv", little.order_rows(pantry.orders))
    ran = run("--home", tmp_path / "h", "collect", orders)
    assert ran.code == 0
    assert ran.out.startswith("orders.csv: canonical orders, committed\n")
    n = sum(len(order.products) for order in pantry.orders)
    assert f"{n:,} read, {n:,} new" in ran.out
    assert "What can be learned: thin (700 orders, at least 1,000 advised" in ran.out


def test_the_same_file_again_changes_nothing(run, own_home):
    assert (
        "orders.csv: canonical orders, already collected"
        in run("--home", own_home, "collect", own_home / "orders.csv").out
    )


def test_a_dry_run_shows_the_first_rows_and_keeps_nothing(run, tmp_path, little, pantry):
    orders = little.write(tmp_path / "orders.csv", little.order_rows(pantry.orders))
    ran = run("--home", tmp_path / "h", "collect", orders, "--dry-run", "--json")
    assert ran.json["imports"][0]["state"] == "dry run"
    assert ran.json["imports"][0]["preview"][0]["order_id"] == "o0"
    assert ran.json["quality"] is None
    assert run("--home", tmp_path / "h", "collect", "--quality", "--json").json["quality"]["readiness"]["n_orders"] == 0


def test_columns_are_mapped_by_name_or_to_one_value(run, tmp_path, little, pantry):
    rows = [{"no": r["order_id"], "when": r["ordered_at"], "sku": r["product_id"], "qty": 1, "price": "5"}
            for r in little.order_rows(pantry.orders[:50])]  # fmt: skip
    file = little.write(tmp_path / "export.csv", rows)
    pairs = ("order_id=no", "ordered_at=when", "product_id=sku", "quantity=qty", "unit_price=price", "currency=:EUR")
    ran = run("--home", tmp_path / "h", "collect", file, *(x for pair in pairs for x in ("--map", pair)), "--json")
    assert (ran.code, ran.json["imports"][0]["n_new"]) == (0, len(rows))


@pytest.mark.parametrize("pair", ["order_id", "=no", "order_id="])
def test_a_mapping_that_maps_nothing_is_usage(run, tmp_path, pair):
    ran = run("--home", tmp_path / "h", "collect", "x.csv", "--map", pair)
    assert ran.code == 2
    assert "write canonical=column" in ran.err


def test_no_file_is_usage(run, tmp_path):
    assert run("--home", tmp_path / "h", "collect").code == 2


def test_bad_rows_stop_the_file_and_are_named_or_left_out_when_asked(run, tmp_path, little, pantry):
    rows = little.order_rows(pantry.orders[:20])
    rows[3]["quantity"] = "three"
    file = little.write(tmp_path / "orders.csv", rows)
    ran = run("--home", tmp_path / "h", "collect", file, "--json")
    assert ran.code == 1
    assert "row 5, quantity: 'three' is no whole number" in ran.json["error"]["message"]
    ran = run("--home", tmp_path / "h", "collect", file, "--skip-bad-rows", "--json")
    assert (ran.code, ran.json["imports"][0]["n_refused"]) == (0, 1)


def test_the_quality_report_alone(run, stocked_home):
    ran = run("--home", stocked_home, "collect", "--quality")
    assert ran.code == 0
    assert "What can be learned" in ran.out
    assert "missing_picture" not in ran.out  # said in words, not in codes
    assert "products have no picture" in ran.out
