"""`crosslift jobs`."""

import pytest


@pytest.fixture
def jobs(run, own_home):
    return lambda *arguments: run("--home", own_home, "jobs", *arguments)


def test_the_timetable_can_be_read_aloud(jobs):
    said = jobs("list").out
    assert "learn      learn and publish a snapshot: every day at 03:00; what was missed is made up for once" in said
    assert {row["name"]: row["state"] for row in jobs("list", "--json").json}["collect"] == "never"


def test_a_job_is_run_now_and_stands_in_the_history(jobs):
    ran = jobs("run", "sealing", "--json").json
    assert (ran["state"], ran["said"]) == ("done", {"days": 0, "events": 0, "days_decided": 0})
    assert "sealing: done in" in jobs("run", "sealing").out
    assert [row["run_id"] for row in jobs("history", "sealing", "--json").json] == [ran["run_id"] + 1, ran["run_id"]]
    assert "events 0" in jobs("history").out


def test_one_that_is_refused_ends_with_1_and_says_why(jobs, own_home):
    (own_home / "shop.toml").write_text('[jobs]\ncollect_from = "/no/such/folder"\n')
    ran = jobs("run", "collect")
    assert ran.code == 1
    assert "why: 1 could not be collected: /no/such/folder: cannot be read" in ran.out


def test_a_pause_is_seen_and_ended(jobs):
    assert jobs("pause", "learn").code == 0
    assert {row["name"]: row["state"] for row in jobs("list", "--json").json}["learn"] == "paused"
    jobs("resume", "learn")
    assert {row["name"]: row["state"] for row in jobs("list", "--json").json}["learn"] == "waiting"


def test_a_job_there_is_not_and_a_time_that_is_none_are_told(jobs, own_home):
    assert "no job 'lern'" in jobs("run", "lern").err
    (own_home / "shop.toml").write_text('[jobs]\nlearn = "nightly"\n')
    assert "jobs.learn: 'nightly' says no time" in jobs("list").err
