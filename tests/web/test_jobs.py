"""`/v1/jobs`: the timetable, its history, one now, a pause."""

import pytest

WHO = {"author": "mina"}


def test_the_timetable_is_read_with_how_it_goes(door):
    jobs = {job["name"]: job for job in door.ask("GET", "/v1/jobs").json()["jobs"]}
    assert jobs["learn"]["aloud"] == (
        "learn and publish a snapshot: every day at 03:00; what was missed is made up for once"
    )
    assert (jobs["learn"]["state"], jobs["learn"]["next_at"]) == ("waiting", "2026-04-02T03:00:00Z")
    assert (jobs["collect"]["state"], jobs["collect"]["next_at"]) == ("never", None)


def test_a_job_is_asked_for_paused_and_resumed(door):
    assert door.ask("POST", "/v1/jobs/learn/run", WHO).json()["state"] == "asked"
    [row] = [row for row in door.shop.records.jobs() if row["name"] == "learn"]
    assert row["asked_by"] == "mina"
    paused = door.ask("POST", "/v1/jobs/quality/pause", WHO).json()
    assert (paused["state"], paused["paused_by"]) == ("paused", "mina")
    assert door.ask("POST", "/v1/jobs/quality/resume", WHO).json()["state"] == "waiting"


def test_runs_come_page_by_page(door):
    records = door.shop.records
    records.change_job("learn", {}, 0)
    row = {"job": "learn", "cause": "asked", "due_at": 0, "started_at": 0, "state": "running", "worker": "w"}
    for second in range(1, 4):
        run = records.start_job_run(row, {})
        records.end_job_run(run, "done", second * 1_000_000, f'{{"n":{second}}}', {}, 10)
    first = door.ask("GET", "/v1/jobs/learn/runs?limit=2").json()
    assert [(run["seconds"], run["said"]) for run in first["runs"]] == [(3, {"n": 3}), (2, {"n": 2})]
    second = door.ask("GET", f"/v1/jobs/learn/runs?limit=2&before={first['next']}").json()
    assert ([run["said"]["n"] for run in second["runs"]], second["next"]) == ([1], None)


@pytest.mark.parametrize(("method", "path"), [("GET", "/v1/jobs/lern/runs"), ("POST", "/v1/jobs/lern/run")])
def test_a_job_there_is_not_is_told(door, problem, method, path):
    said = problem(door.ask(method, path, WHO if method == "POST" else None), 404, "not_found")
    assert "there are collect, sealing" in said["detail"]


def test_who_asks_is_named(door, problem):
    problem(door.ask("POST", "/v1/jobs/learn/run", {}), 422, "bad_input")
    problem(door.ask("GET", "/v1/jobs/learn/runs?limit=0"), 422, "bad_input")
