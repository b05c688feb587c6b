"""O12: plugins of six kinds from a package that pip installed, the faults they may have, and the shop's own list."""

import json
import sys
import time

import pytest

from crosslift.domain.decision import DropCode
from crosslift.errors import BadInput, NotFound
from crosslift.jobs.news import News
from crosslift.testing.demo.samples import samples
from crosslift.wording.reasons import operator_sentence, sentence

QUICK = {"plugins.online_ms": 1000.0}
FACTS = {"shop": "Tea", "job": "learn", "run_id": 7, "state": "failed", "why": "no orders"}


@pytest.fixture(scope="module")
def pluggable(load_script):
    return load_script("tests/unit/shop/pluggable.py")


@pytest.fixture(scope="session")
def sample(load_script, once):
    """The sample package as pip installed it."""
    return once("sample-plugin", load_script("tests/unit/shop/pluggable.py").install_sample)


@pytest.fixture
def installed(sample, monkeypatch):
    monkeypatch.syspath_prepend(str(sample))
    yield sample
    for name in [one for one in sys.modules if one.partition(".")[0] == "crosslift_sample"]:
        del sys.modules[name]


@pytest.fixture
def faulty(pluggable, tmp_path, monkeypatch):
    """A package whose plugins do what they should not; what hangs is let go at the end."""
    folder = pluggable.package(tmp_path / "site", "faulty_plugins", pluggable.FAULTS, pluggable.FAULTY)
    monkeypatch.syspath_prepend(str(folder))
    yield lambda: sys.modules["faulty_plugins"]
    if (module := sys.modules.pop("faulty_plugins", None)) is not None:
        module.go_on.set()


@pytest.fixture
def opened(pantry_home, tmp_path, clock, _no_compiler):
    """Open a copy of the little shop with plugins: `opened("season, season-words", **{"plugins.online_ms": 50.0})`."""
    import shutil

    from crosslift.shop import Shop

    shutil.copytree(pantry_home, tmp_path / "home")
    shops = []

    def opened(enabled, **knobs):
        shops.append(Shop(tmp_path / "home", {**QUICK, "plugins.enabled": enabled, **knobs}, clock))
        return shops[-1]

    yield opened
    for shop in shops:
        shop.close()


def test_o12_a_package_that_is_installed_runs_nothing_until_the_settings_name_it(
    sample, run_crosslift, monkeypatch, tmp_path
):
    monkeypatch.setenv("PYTHONPATH", str(sample))
    monkeypatch.setenv("CROSSLIFT_PLUGINS_ENABLED", "season, season-words")
    listed = json.loads(run_crosslift("--home", tmp_path / "home", "plugins", "--json", check=0).stdout)
    assert {(one["package"], one["version"]) for one in listed} == {("crosslift-sample-plugin", "1.0")}
    assert {(one["kind"], one["name"], one["state"]) for one in listed} == {
        ("candidates", "season", "running"), ("reasons", "season-words", "running"),
        ("sources", "corner-till", "installed"), ("gates", "by-hand", "installed"),
        ("channels", "notice-file", "installed"), ("metrics", "single-item", "installed"),
    }  # fmt: skip


def test_o12_a_source_of_candidates_its_reason_and_its_gates_hold_in_a_decision_and_in_its_replay(installed, opened):
    shop = opened("season, season-words, by-hand")
    decision = shop.decide("cart", ["P00"], k=9, with_trace=True)
    named = {one.product_id: one for one in decision.offers if one.kind == "plugin"}
    assert set(named) == {"P07", "P03"}
    reason = named["P07"].reason
    assert (reason.evidence["plugin"], reason.evidence["version"]) == ("season", "1.0")
    assert sentence(reason, "en") == "The shop’s choice for November."
    assert sentence(reason, "ko") == "상점이 고른 11월 상품이에요."
    assert "Plugin season 1.0 named it" in operator_sentence(reason)
    assert "P01" not in {one.product_id for one in decision.offers}
    row = next(one for one in decision.trace.candidates if one.product_id == "P01")
    assert (row.dropped, row.rule) == (
        "by_hand_only", "plugin:by-hand: Somebody has to show it. (plugin by-hand 1.0)"
    )  # fmt: skip
    assert decision.dropped["by_hand_only"] == 1
    assert "P01" in {one.product_id for one in shop.decide("desk", ["P00"], k=9).offers}
    found = shop.why_not(decision.decision_id, "P01")
    assert (found.code, found.rule.owner) == ("by_hand_only", "plugin by-hand 1.0")


def test_o12_what_plugins_said_is_in_the_record_so_that_it_replays_without_them(installed, opened):
    shop = opened("season, season-words, by-hand")
    decision = shop.decide("cart", ["P00"], k=9)
    shop.close()
    plain = opened("")
    again = plain.replay(decision.decision_id)
    assert (again.is_equal, again.difference) == (True, None)
    assert again.decision.offers == decision.offers
    assert plain.decision(decision.decision_id)["offers"][0].keys() >= {"kind", "evidence"}
    kept = [one for one in plain.decision(decision.decision_id)["offers"] if one["kind"] == "plugin"]
    assert [one["evidence"] for one in kept] == [["season", "1.0"]] * 2
    assert {one.kind for one in plain.decide("cart", ["P00"], k=9).offers}.isdisjoint({"plugin"})


def test_o12_a_source_of_files_a_metric_and_a_channel(installed, opened, tmp_path, monkeypatch):
    monkeypatch.setenv("CROSSLIFT_NOTICES", str(tmp_path / "notices.jsonl"))
    shop = opened("corner-till, single-item, notice-file")
    receipts = tmp_path / "bons.csv"
    receipts.write_text(
        "Bon;Gebucht;Artikel;Stueck;Einzelpreis;Zustand\n1;2026-10-30T10:00:00+00:00;P00;2;3,50;bezahlt\n"
        "1;2026-10-30T10:00:00+00:00;P01;1;4,50;Storno\n",
        encoding="utf-8",
    )
    (report,) = shop.collect(receipts)
    assert (report.format, report.n_new, report.dataset) == ("Corner till orders", 2, "orders")
    lines = shop.records.table("order_lines", ["product_id", "unit_price_micros", "status"], "source = 'Corner till'")
    assert sorted(lines.to_pylist(), key=str) == [
        {"product_id": "P00", "unit_price_micros": 3_500_000, "status": "placed"},
        {"product_id": "P01", "unit_price_micros": 4_500_000, "status": "cancelled"},
    ]
    found = next(one for one in shop.measure() if one.metric.name == "single_item_orders")
    assert 0 < found.figure.low < found.figure.value < found.figure.high < 1
    News(shop)("job.failed", FACTS)
    (line,) = (tmp_path / "notices.jsonl").read_text(encoding="utf-8").splitlines()
    assert json.loads(line)["id"] == "job.failed-7"


def test_o12_a_source_that_raises_is_skipped_named_switched_off_and_switched_on_again_by_a_person(faulty, opened):
    shop = opened("raising, fine", **{"plugins.most_failures": 2})
    for _ in range(3):
        assert "plugin" in {one.kind for one in shop.decide("cart", ["P00"], k=9).offers}
    assert faulty().calls.count("raising") == 2
    row = next(one for one in shop.plugins.listed() if one["name"] == "raising")
    assert (row["state"], row["why"]) == ("failed", "error: RuntimeError in faulty_plugins.py, line 23")
    assert row["failures"]["error"] == 2
    assert shop.plugins.troubled() == ["raising"]
    assert shop.plugins.switch("raising", is_on=True)["state"] == "running"
    shop.decide("cart", ["P00"])
    assert faulty().calls.count("raising") == 3
    assert shop.records.audit()[0]["action"] == "plugin.on"
    with pytest.raises(NotFound, match=r"no plugin 'other' in plugins\.enabled; there are raising, fine"):
        shop.plugins.switch("other", is_on=False)


def test_o12_a_source_that_hangs_holds_no_request_up(faulty, opened):
    shop = opened("hanging", **{"plugins.online_ms": 20.0, "plugins.most_failures": 3, "plugins.threads": 2})
    begun = time.monotonic()
    for _ in range(6):
        assert shop.decide("cart", ["P00"]).offers
    assert time.monotonic() - begun < 5
    assert faulty().calls.count("hanging") == 2
    (row,) = (one for one in shop.plugins.listed() if one["name"] == "hanging")
    assert (row["state"], row["failures"]) == ("failed", {"error": 0, "slow": 2, "busy": 1, "answer": 0})


@pytest.mark.parametrize("gate", ["raising-gate", "hanging-gate"])
def test_o12_a_gate_that_fails_keeps_what_it_judges_back_and_nothing_else(faulty, opened, gate):
    shop = opened(gate, **{"plugins.online_ms": 20.0, "plugins.most_failures": 2})
    for _ in range(3):
        decision = shop.decide("cart", ["P00"], k=9, with_trace=True)
        judged = {one.product_id for one in decision.trace.candidates if one.dropped == DropCode.PLUGIN_FAILED}
        assert "P01" in judged  # of the shelf it is about
        assert {int(name[1:]) % 4 for name in judged} == {1}
        assert shop.replay(decision.decision_id).is_equal
    assert len(faulty().calls) == 2
    shop.plugins.switch(gate, is_on=False)
    assert DropCode.PLUGIN_FAILED not in shop.decide("cart", ["P00"], k=9).dropped


def test_o12_who_asks_is_told_only_with_consent(faulty, opened, load_script):
    shop = opened("fine")
    shop.decide("cart", ["P00"], customer="c1")
    load_script("tests/acceptance/situations.py").grant(shop, "c1")
    shop.decide("cart", ["P00"], customer="c1", market="KR")
    assert [one.customer_id for one in faulty().asked] == [None, "c1"]
    last = faulty().asked[-1]
    assert (last.placement, last.channel, last.cart, last.market, last.at) == (
        "cart",
        "web",
        ("P00",),
        "KR",
        shop.clock(),
    )


def test_o12_a_variant_stands_for_its_product_and_what_nobody_knows_for_nothing(faulty, opened):
    shop = opened("variants")
    row = {"title": "Spoon, large", "price": "9.00", "currency": "USD", "stock": 3}
    shop.put_products([{"product_id": "P07-X", "parent_id": "P07", **row}])
    decision = shop.decide("cart", ["P00"], k=9)
    assert [one.product_id for one in decision.offers if one.kind == "plugin"] == ["P07-X"]
    assert shop.replay(decision.decision_id).is_equal


def test_o12_an_answer_that_cannot_be_is_a_failure_too(faulty, opened):
    shop = opened("lying")
    assert {one.kind for one in shop.decide("cart", ["P00"], k=9).offers}.isdisjoint({"plugin"})
    (row,) = (one for one in shop.plugins.listed() if one["name"] == "lying")
    assert (row["state"], row["failures"]["answer"]) == ("running", 1)


@pytest.mark.parametrize(
    ("enabled", "said"),
    [
        ("old", r"plugin 'old' of faulty_plugins 1.0 states api_version 0 and this crosslift speaks 1; install a version of "),
        ("gone", r"plugin 'gone' is not installed in this environment \(there are: .*\); install its package"),
    ],
)  # fmt: skip
def test_o12_what_cannot_run_here_is_refused_at_the_start(faulty, opened, enabled, said):
    shop = opened(enabled)
    with pytest.raises(BadInput, match=f"plugins.enabled: {said}.*, or take it out of plugins.enabled"):
        shop.decide("cart", ["P00"])


def test_o12_the_shops_own_list_is_offered_in_its_order_behind_the_gates_and_said_to_be_its_own(
    shop, little, pantry, tmp_path
):
    path = tmp_path / "own.csv"
    little.write(path, [
        {**row, "recommended_ids": {"P20": "P09|P14|nobody|P15|P20"}.get(row["product_id"], "")} for row in pantry.catalog
    ])  # fmt: skip
    (report,) = shop.collect(path)
    (finding,) = (one for one in report.findings if one.code == "unknown_product")
    assert (finding.count, finding.samples) == (1, ("nobody",))
    shop.learn()
    rows = shop.relations_of("P20", ["own_list"])
    assert [(row["product"], row["rank"], row["n_listed"]) for row in rows] == [
        ("P09", 1, 3),
        ("P14", 2, 3),
        ("P15", 3, 3),
    ]
    shop.patch_products([{"product_id": "P14", "stock": 0}])
    decision = shop.decide("product", product="P20", kinds=["own_list"], k=9)
    assert [one.product_id for one in decision.offers] == ["P09", "P15"]
    assert decision.dropped == {"out_of_stock": 1}
    assert sentence(decision.offers[1].reason, "en") == (f"On the shop’s own list for {pantry.catalog[20]['title']}.")
    assert operator_sentence(decision.offers[1].reason).startswith("Place 3 of 3 on the shop's own list for")
    assert shop.replay(decision.decision_id).is_equal
    named = next(one for one in shop.quality().findings if one.code == "listed_unknown_product")
    assert named.samples == ("nobody",)
    shop.undo_import()
    shop.learn()
    assert shop.relations_of("P20", ["own_list"]) == []


def test_o12_a_shop_without_a_single_order_offers_its_own_list(fresh, tmp_path):
    one = next(one for one in samples() if one.name == "own_list.csv")
    (tmp_path / one.name).write_bytes(one.content)
    (report,) = fresh.collect(tmp_path / one.name)
    assert (report.n_new, [found.code for found in report.findings]) == (one.n_rows, [])
    fresh.learn()
    decision = fresh.decide("product", product="DRP-V60-02", k=5)
    assert [offer.kind for offer in decision.offers] == ["own_list"] * 3
    assert [offer.product_id[:7] for offer in decision.offers] == ["FLT-02", "KTL-EL-", "SRV-600"]
    said = [sentence(decision.offers[0].reason, language) for language in ("ko", "ja")]
    assert said == [
        "원추형 드리퍼 02 도자기를 위해 상점이 직접 고른 목록에 있는 상품이에요.",
        "「円すいドリッパー 02 陶器」に合わせて当店が選んだ一覧の商品です。",
    ]
