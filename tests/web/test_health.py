"""Alive, ready, figures; and a newer snapshot taken up while requests go on."""

import threading
import time

import pytest
from structlog.testing import capture_logs

from crosslift.shop import Shop
from crosslift.store import snapshot as snapshots


def until(true, seconds=10):
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "took too long"
        time.sleep(0.02)


def test_ready_names_the_snapshot_in_force(door):
    assert door.ask("GET", "/healthz", key=None).json()["status"] == "alive"
    ready = door.ask("GET", "/readyz", key=None).json()
    assert ready == {"status": "ready", "snapshot_id": door.shop.knowledge.snapshot_id, "plugins_failed": []}


def test_a_shop_that_learned_nothing_is_alive_but_not_ready_until_it_did(
    open_door, problem, tmp_path, learned_home, now
):
    with Shop(tmp_path / "late", clock=lambda: now) as shop, open_door(shop) as door:
        assert door.ask("GET", "/healthz", key=None).status_code == 200
        until(lambda: "learn" in problem(door.ask("GET", "/readyz", key=None), 503, "not_ready")["detail"])
        assert door.ask("GET", "/preview", key=None).status_code == 503
        shop.collect(learned_home.parent / "products.csv", learned_home.parent / "orders.csv")
        shop.learn()
        until(lambda: door.ask("GET", "/readyz", key=None).status_code == 200)
        assert door.decide(k=1)["offers"]


def test_a_newer_snapshot_is_taken_up_while_decisions_go_on(door, monkeypatch, now):
    before = door.shop.knowledge.snapshot_id
    load, loading, let_go = snapshots.load, threading.Event(), threading.Event()

    def slow(*arguments):
        if threading.current_thread() is not learned:  # learning compares with the published snapshot
            loading.set()
            assert let_go.wait(60)
        return load(*arguments)

    monkeypatch.setattr(snapshots, "load", slow)
    monkeypatch.setattr(door.shop, "clock", lambda: now.replace(day=2))
    learned = threading.Thread(target=lambda: door.shop.learn(force=True))
    learned.start()
    learned.join(60)
    assert loading.wait(60)
    asked = [door.decide()["decision_id"] for _ in range(3)]
    assert {door.shop.decision(one)["snapshot_id"] for one in asked} == {before}
    let_go.set()
    until(lambda: door.ask("GET", "/readyz", key=None).json()["snapshot_id"] != before)
    assert door.shop.decision(door.decide()["decision_id"])["snapshot_id"] != before


def test_a_damaged_snapshot_is_refused_once_and_the_old_one_kept(door):
    before = door.shop.knowledge.snapshot_id
    folder = door.shop.snapshot_folder
    with capture_logs() as logs:
        (folder / "broken").mkdir()
        (folder / snapshots.POINTER).write_text("broken\n")
        until(lambda: any(one["event"] == "snapshot_refused" for one in logs))
        time.sleep(1.2)
    assert [one["event"] for one in logs].count("snapshot_refused") == 1
    assert door.ask("GET", "/readyz", key=None).json()["snapshot_id"] == before
    assert door.decide()["offers"]


def test_the_shop_is_its_own_again_after_serving(shop, open_door, monkeypatch, now):
    with open_door(shop) as door:
        door.wait_until_ready()
    before = shop.knowledge.snapshot_id
    monkeypatch.setattr(shop, "clock", lambda: now.replace(day=2))
    shop.learn(force=True)
    assert shop.knowledge.snapshot_id != before


def test_figures_count_requests_and_decisions(door):
    door.decide()
    door.decide(cart=["no-such"])
    door.ask("POST", "/v1/decide", b"{")
    door.ask("GET", "/v1/decisions/unknown")
    door.ask("GET", "/some/path/nobody/knows")
    text = door.ask("GET", "/metrics", key=None).text
    for line in (
        'crosslift_requests_total{status="200",verb="POST /v1/decide"} 2.0',
        'crosslift_requests_total{status="400",verb="POST /v1/decide"} 1.0',
        'crosslift_requests_total{status="404",verb="GET /v1/decisions/{decision_id}"} 1.0',
        'crosslift_requests_total{status="404",verb="other"} 1.0',
        'crosslift_decisions_total{no_offer="",placement="cart"} 1.0',
        'crosslift_decisions_total{no_offer="no_candidates",placement="cart"} 1.0',
        "crosslift_decision_seconds_count 2.0",
        "crosslift_snapshot_age_seconds 0.0",
    ):
        assert line in text
    assert "nobody" not in text


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_nothing_of_this_is_kept_by_caches(door, path):
    assert door.ask("GET", path, key=None).headers["cache-control"] == "no-store"
