"""Queues that end: whoever comes while they are full is told to come back, and nothing that was let in is lost."""

import asyncio
import threading

import pytest

from crosslift.errors import Busy
from crosslift.store import engine
from crosslift.web import recorder


def test_writes_wait_in_a_queue_that_ends(shop, monkeypatch):
    monkeypatch.setattr(engine, "MOST_WAITING", 3)
    begun, let_go = threading.Event(), threading.Event()

    def slow(_):
        begun.set()
        assert let_go.wait(20)

    first = shop.records.submit(slow)
    assert begun.wait(20)
    waiting = [shop.records.submit(lambda _, n=n: n) for n in range(3)]
    with pytest.raises(Busy, match=r"3 writes wait for .* already; try again in a moment"):
        shop.records.submit(lambda _: None)
    let_go.set()
    assert [one.result(20) for one in (first, *waiting)] == [None, 0, 1, 2]
    shop.records.set_meta("after", "all is well")
    assert shop.records.meta("after") == "all is well"


def test_decisions_wait_for_their_commit_in_a_queue_that_ends(monkeypatch):
    monkeypatch.setattr(recorder, "MOST_WAITING", 2)
    monkeypatch.setattr(recorder, "rows_of", lambda made: ([one] for one in made))
    let_go, kept = threading.Event(), []

    class Records:
        def record_decisions(self, *rows):
            assert let_go.wait(20)
            kept.extend(rows)
            return []

    async def run():
        one = recorder.Recorder(Records())
        first = one.record(0)
        await asyncio.sleep(0)
        others = [one.record(n) for n in (1, 2)]
        with pytest.raises(Busy, match="2 decisions wait for their commit already"):
            one.record(3)
        let_go.set()
        assert await asyncio.gather(first, *others) == [True] * 3
        one.close()

    asyncio.run(run())
    assert kept == [[0], [1], [2]]


def test_what_is_decided_in_one_turn_of_the_loop_is_committed_together_and_much_of_it_at_once(monkeypatch):
    monkeypatch.setattr(recorder, "rows_of", lambda made: (list(made),))
    commits = []

    class Records:
        def record_decisions(self, rows):
            commits.append(rows)
            return [place for place, made in enumerate(rows) if made == 7]

    async def run():
        one = recorder.Recorder(Records())
        found = await asyncio.gather(*(one.record(n) for n in range(20)))
        assert found == [n != 7 for n in range(20)]
        await asyncio.gather(*(one.record(n) for n in range(100, 150)))
        one.close()

    asyncio.run(run())
    assert commits == [[*range(20)], [*range(100, 132)], [*range(132, 150)]]


def test_more_requests_than_are_answered_at_once_are_told_to_come_back_and_the_operator_is_answered(door, problem):
    door.app._n_under_way = door.shop.settings["serve.max_in_flight"]
    for method, path in (("POST", "/v1/decide"), ("GET", "/v1/snapshots")):
        answer = door.ask(method, path, {"placement": "cart"} if method == "POST" else None)
        problem(answer, 503, "overloaded")
        assert answer.headers["retry-after"] == "1"
    assert door.ask("GET", "/readyz", key=None).status_code == 200
    assert 'crosslift_requests_total{status="503",verb="overloaded"} 2.0' in door.ask("GET", "/metrics", key=None).text
    door.app._n_under_way = 0
    assert door.decide()["offers"]


def test_whatever_becomes_of_a_request_it_is_not_under_way_any_more(door):
    door.decide()
    door.ask("POST", "/v1/decide", b"{")
    door.ask("GET", "/no/such/path")
    assert door.app._n_under_way == 0


def test_a_server_that_drains_is_not_ready_and_answers(door, problem):
    door.app.drain()
    said = problem(door.ask("GET", "/readyz", key=None), 503, "not_ready")
    assert "about to stop" in said["detail"]
    assert door.decide()["offers"]
