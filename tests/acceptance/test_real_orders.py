"""A stranger brings a real shop's file: 541,909 raw rows, cancellations, bad rows, no catalog, fifteen years old."""

import json

import crosslift
from crosslift.wording import reasons


def test_the_format_is_named_and_every_row_accounted_for(retail_home):
    with crosslift.open(retail_home) as shop:
        (report,) = [r for r in shop.records.imports() if r.dataset == "orders"]
        assert report.format == "UCI Online Retail"
        assert report.n_rows == 541_909
        cleaned = shop.cleaned()
        assert cleaned.lines.num_rows + sum(cleaned.dropped.values()) == 541_909


def test_non_products_are_inferred_from_the_shops_own_data_and_listed(retail_home):
    with crosslift.open(retail_home) as shop:
        rows = shop.products().select(["product_id", "kind", "kind_source", "kind_reason"]).to_pylist()
    set_apart = {row["product_id"] for row in rows if row["kind_source"] == "inferred"}
    assert {"POST", "DOT", "D", "M", "BANK CHARGES", "AMAZONFEE", "C2", "S", "CRUK"} <= set_apart
    assert len(set_apart) < 25
    assert all(row["kind_reason"] for row in rows if row["product_id"] in set_apart)


def test_collecting_the_same_file_again_changes_nothing(retail_home, shared, run_crosslift):
    done = run_crosslift("--home", retail_home, "collect", shared / "data/online_retail/online_retail.csv.gz", check=0)
    assert "already collected" in done.stdout


def test_what_your_orders_say_names_pairs_money_and_gaps(retail_home):
    with crosslift.open(retail_home) as shop:
        said = json.loads(shop.records.snapshots()[0]["report"])["orders_say"]
    assert len(said["strongest_pairs"]) == 10
    assert len(said["sells_alone"]) == 10
    missed = said["most_missed"]
    assert 0 < missed["yearly_revenue"]["low"] < missed["yearly_revenue"]["high"]
    assert missed["currency"] == "GBP"
    assert missed["yearly_margin"] == "not estimable: no cost known"
    assert any("margin" in line for line in said["cannot_say"])
    assert any("stock" in line for line in said["cannot_say"])


def test_a_real_cart_gets_offers_with_evidence_and_a_sentence(retail_home, run_crosslift):
    done = run_crosslift(
        "--home", retail_home, "decide", "--placement", "cart", "--cart", "85123A,22423", "-k", 5, "--explain", check=0
    )
    assert done.stdout.count("Bought together with") == 5
    assert "Lift" in done.stdout
    assert "candidates" in done.stdout


def test_python_gives_the_same_offers_as_the_command_line(retail_home, run_crosslift):
    done = run_crosslift("--home", retail_home, "decide", "--cart", "85123A,22423", "-k", 5, "--json", check=0)
    told = json.loads(done.stdout)["offers"]
    with crosslift.open(retail_home) as shop:
        decision = shop.decide("cart", ["85123A", "22423"], k=5)
        assert [(o.product_id, o.p) for o in decision.offers] == [(o["product"], o["p"]) for o in told]
        assert [reasons.sentence(o.reason, "en") for o in decision.offers] == [o["reason"] for o in told]
        assert shop.replay(decision.decision_id).is_equal


def test_later_baskets_are_completed_better_than_by_popularity_confidence_and_lift(retail_home, run_crosslift):
    done = run_crosslift("--home", retail_home, "measure", "offline", "--json", check=0)
    ndcg = {row["method"]: row["ndcg10"] for row in json.loads(done.stdout)["rows"]}
    print({name: round(value, 4) for name, value in ndcg.items()})
    assert set(ndcg) == {"popularity", "confidence", "lift", "cosine", "Jaccard", "EASE", "crosslift"}
    assert ndcg["crosslift"] > max(ndcg["popularity"], ndcg["confidence"], ndcg["lift"])
    assert abs(ndcg["crosslift"] - ndcg["EASE"]) < 0.002


def test_figures_of_a_period_have_intervals(retail_home, run_crosslift):
    done = run_crosslift(
        "--home", retail_home, "measure", "--from", "2011-10-01", "--to", "2011-11-01", "--anchor", "85123A",
        "--attached", "22423", "--json", check=0,
    )  # fmt: skip
    rows = json.loads(done.stdout)
    told = {row["metric"]: row for row in rows if "not_estimable" not in row or row["not_estimable"] is None}
    per_order = {"aov", "units_per_order", "products_per_order", "attach_rate"}
    assert per_order | {"revenue_per_customer", "repeat_rate", "return_rate"} <= told.keys()
    assert all(told[name]["low"] < told[name]["value"] < told[name]["high"] for name in per_order)
    assert all(
        row["not_estimable"] for row in rows if row["metric"] in ("conversion", "margin_per_customer")
    )  # no page, no cost
