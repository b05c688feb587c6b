"""The process of the jobs: every shop of a folder, settings as they are now, and gone when it is asked to go."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crosslift.jobs import child
from crosslift.jobs.child import Child
from crosslift.jobs.runner import Runner, Stopped
from crosslift.jobs.worker import Worker
from crosslift.shop import Shop
from crosslift.shop.homes import homes_in

NOW = datetime(2026, 11, 2, 3, 5, tzinfo=UTC)
PATIENCE = 30


def make(home, toml=""):
    Shop(home).close()
    (home / "shop.toml").write_text(toml)
    return home


def until(is_so, what):
    deadline = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < deadline, what
        time.sleep(0.01)


def states(home):
    with closing(sqlite3.connect(f"file:{home / 'records.db'}?mode=ro", uri=True)) as records:
        return {name for (name,) in records.execute("select name from jobs")}


def test_shops_are_the_one_in_the_folder_or_those_beneath(tmp_path):
    assert homes_in(tmp_path) == {tmp_path.name: tmp_path}
    for name in ("b", "a", ".going"):
        make(tmp_path / name)
    (tmp_path / "c").mkdir()
    assert homes_in(tmp_path) == {"a": tmp_path / "a", "b": tmp_path / "b"}
    assert homes_in(tmp_path / "a") == {"a": tmp_path / "a"}


def test_a_worker_looks_after_every_shop_and_one_that_fails_keeps_no_other_waiting(tmp_path):
    make(tmp_path / "good")
    bad = make(tmp_path / "bad", '[jobs]\nlearn = "at night"\n')
    worker = Worker(tmp_path, lambda home: Shop(home, clock=lambda: NOW))
    worker.look()
    assert states(tmp_path / "good") >= {"learn", "quality"}
    (bad / "shop.toml").write_text('[jobs]\nlearn = "every hour"\n')
    os.utime(bad / "shop.toml", (1, 1))
    worker.look()
    worker.close()
    assert states(bad) >= {"learn"}


def test_settings_changed_meanwhile_count_at_the_next_look(tmp_path):
    home = make(tmp_path / "home", '[jobs]\nlearn = "never"\n')
    worker = Worker(home, lambda home: Shop(home, clock=lambda: NOW))
    worker.look()
    (home / "shop.toml").write_text('[jobs]\nlearn = "every 15 minutes"\n')
    os.utime(home / "shop.toml", (1, 1))
    worker.look()
    assert worker._opened[home].runner.timetable["learn"].schedule.said == "every 15 minutes"
    worker.close()


def test_a_shop_that_is_gone_is_let_go_of(tmp_path):
    make(tmp_path / "a")
    make(tmp_path / "b")
    worker = Worker(tmp_path)
    worker.look()
    (tmp_path / "b").rename(tmp_path / ".gone")
    worker.look()
    assert set(worker._opened) == {tmp_path / "a"}
    worker.close()


def test_a_stop_ends_the_job_under_way_and_writes_that_down(tmp_path, monkeypatch):
    home = make(tmp_path / "home")
    with Shop(home) as shop:
        shop.records.change_job("learn", {"asked_at": 1}, 1)
    worker = Worker(home)

    def work(_):
        worker.stop(signal.SIGTERM, None)

    init = Runner.__init__
    monkeypatch.setattr(Runner, "__init__", lambda self, shop, tell: init(self, shop, tell, {"learn": work}))
    worker.run()
    with Shop(home) as shop:
        assert [run["state"] for run in shop.records.job_runs("learn")] == ["stopped"]
    assert not issubclass(Stopped, Exception)


SERVER = """
import sys, time
from pathlib import Path
from crosslift.jobs.child import jobs_beside
with jobs_beside(Path(sys.argv[1])) as beside:
    while beside.pid is None:
        time.sleep(0.01)
    print(beside.pid, flush=True)
    time.sleep(600)
"""


def test_the_process_beside_a_server_is_confined_runs_jobs_and_goes_with_it_even_when_it_is_killed(tmp_path):
    home = make(tmp_path / "home", "[jobs]\nmemory_mb = 3000\n")
    with subprocess.Popen([sys.executable, "-c", SERVER, home], stdout=subprocess.PIPE, text=True) as server:
        pid = int(server.stdout.readline())
        until(lambda: states(home), "no job was ever looked at")
        assert os.getpriority(os.PRIO_PROCESS, pid) == min(os.getpriority(os.PRIO_PROCESS, 0) + 10, 19)
        limits = Path(f"/proc/{pid}/limits").read_text().splitlines()
        assert next(line.split()[3] for line in limits if line.startswith("Max data size")) == str(3000 << 20)
        server.kill()
    until(lambda: not Path(f"/proc/{pid}").exists(), "it outlived the server")


def test_one_that_ends_is_started_again_and_ended_with_the_server(monkeypatch):
    monkeypatch.setattr(child, "FIRST_PAUSE", 0.01)
    one = Child([sys.executable, "-c", "import sys; sys.stdin.read()"])
    until(lambda: one.pid, "it was not started")
    first = one.pid
    os.kill(first, signal.SIGKILL)
    until(lambda: one.pid not in (None, first), "it was not started again")
    last = one.pid
    one.stop()
    assert not Path(f"/proc/{last}").exists()


def test_a_process_that_cannot_start_is_tried_ever_more_slowly(monkeypatch):
    waits = []
    monkeypatch.setattr(child, "FIRST_PAUSE", 0.01)
    one = Child([sys.executable, "-c", "raise SystemExit(3)"])
    wait = one._stopping.wait
    one._stopping.wait = lambda pause=None: (waits.append(pause), wait(pause))[1]
    until(lambda: len(waits) >= 2, "it was not tried again")
    one.stop()
    assert waits[0] < waits[1]


@pytest.fixture(autouse=True)
def _no_compiler(monkeypatch):
    monkeypatch.setenv("CROSSLIFT_NO_JIT", "1")
