"""A server and a process of jobs killed at any moment under load: what was acknowledged is there once, nothing half is."""

import http.client
import json
import os
import random
import signal
import sqlite3
import threading
import time
from collections import Counter
from contextlib import closing

import pytest

from crosslift.shop import Shop
from crosslift.store import snapshot

CLIENTS = 4
BATCH = 3
KILLS = pytest.mark.parametrize("n_kills", [12, pytest.param(200, marks=pytest.mark.long)])


class Load:
    """Clients that decide, and tell of events three at a time, until the server is gone; they remember what it acknowledged."""

    def __init__(self, key):
        self.key, self.lock = key, threading.Lock()
        self.sent, self.acknowledged, self.decisions = [], set(), set()

    def until_gone(self, port):
        threads = [threading.Thread(target=self._ask, args=(port, n)) for n in range(CLIENTS)]
        for thread in threads:
            thread.start()
        return threads

    def _ask(self, port, client):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        try:
            while True:
                with self.lock:
                    number = len(self.sent)
                    self.sent.append(None)
                if client % 2:
                    status, _ = self._post(connection, "/v1/collect", batch(number))
                    if status == 200:
                        with self.lock:
                            self.acknowledged.add(number)
                else:
                    status, said = self._post(connection, "/v1/decide", {"placement": "cart", "cart": ["P00"]})
                    if status == 200:
                        with self.lock:
                            self.decisions.add(said["decision_id"])
        except (OSError, http.client.HTTPException, ValueError):
            pass  # it was killed
        finally:
            connection.close()

    def _post(self, connection, path, body):
        connection.request("POST", path, json.dumps(body), {"Authorization": f"Bearer {self.key}"})
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())


def batch(number):
    return [
        {"type": "track", "event": "Product Viewed", "anonymousId": f"b{number}", "messageId": f"m{number}-{n}"}
        for n in range(BATCH)
    ]


def in_store(home):
    """How often each batch's events are there, and which decisions."""
    with closing(sqlite3.connect(home / "records.db")) as records:
        assert records.execute("pragma quick_check").fetchone() == ("ok",)
        events = Counter(row[0] for row in records.execute("select identity from events"))
        decisions = {row[0] for row in records.execute("select decision_id from decisions")}
        inputs = {row[0] for row in records.execute("select decision_id from decision_inputs")}
    return {int(name.rpartition("b")[2]): n for name, n in events.items()}, decisions, inputs


@KILLS
def test_what_a_killed_server_acknowledged_is_there_once_and_nothing_half(servers, stocked, n_kills):
    home, key = stocked
    chance = random.Random(n_kills)
    load = Load(key)
    for _ in range(n_kills):
        with servers.up(home) as (pid, port):
            threads = load.until_gone(port)
            time.sleep(chance.uniform(0.02, 0.35))
            os.kill(pid, signal.SIGKILL)
            assert servers.reap(pid) == -signal.SIGKILL
            for thread in threads:
                thread.join()
    events, decisions, inputs = in_store(home)
    assert load.acknowledged
    assert load.decisions
    assert set(events.values()) == {BATCH}, "a batch was torn, or counted twice"
    assert load.acknowledged <= set(events)
    assert load.decisions <= decisions
    assert decisions == inputs, "half a decision"
    unacknowledged = {number for number in range(len(load.sent)) if number not in load.acknowledged}
    with servers.up(home) as (_, port):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        for number in sorted(unacknowledged)[-40:]:
            assert load._post(connection, "/v1/collect", batch(number))[0] == 200
        connection.close()
    again, *_ = in_store(home)
    assert set(again.values()) == {BATCH}, "sent once more, counted once more"


@pytest.mark.parametrize("n_kills", [3, pytest.param(40, marks=pytest.mark.long)])
def test_a_killed_process_of_jobs_leaves_no_half_and_the_next_one_ends_it(servers, stocked, n_kills):
    home, _ = stocked
    chance = random.Random(n_kills)
    before = snapshot.current_id(home / "snapshots")
    with Shop(home) as shop:
        for _ in range(n_kills):
            now = int(shop.clock().timestamp() * 1e6)
            shop.records.change_job("learn", {"asked_at": now, "asked_by": "test", "retry_at": None}, now)
            pid, _ = servers.start("work", home)
            time.sleep(chance.uniform(0.05, 1.2))
            os.kill(pid, signal.SIGKILL)
            assert servers.reap(pid) == -signal.SIGKILL
            loaded = snapshot.load(home / "snapshots")
            assert loaded.snapshot_id >= before
            assert all(snapshot.load(home / "snapshots", name) for name in snapshot.listed(home / "snapshots"))
        now = int(shop.clock().timestamp() * 1e6)
        shop.records.change_job("learn", {"asked_at": now, "asked_by": "test", "retry_at": None}, now)
        pid, _ = servers.start("work", home)
        deadline = time.monotonic() + 60
        while shop.records.job_runs("learn", limit=1)[0]["state"] != "done" or shop.records.jobs()[0]["asked_at"]:
            assert time.monotonic() < deadline, shop.records.job_runs("learn")
            time.sleep(0.02)
        os.kill(pid, signal.SIGTERM)
        assert servers.reap(pid) == 0
        states = {run["state"] for run in shop.records.job_runs("learn", limit=200)}
    assert states <= {"done", "died"}
    assert snapshot.load(home / "snapshots").snapshot_id > before
