"""Jobs of one shop: when they run, once, again, or not; and who hears of it."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from crosslift.errors import BadInput, BadUsage, Busy, NotFound, TryAgain
from crosslift.jobs.runner import KEEP, TRIES, Runner, Stopped
from crosslift.jobs.timetable import NAMES
from crosslift.jobs.work import Done
from crosslift.shop import Shop

MONDAY = datetime(2026, 11, 2, 2, 30, tzinfo=UTC)


class Clock:
    def __init__(self):
        self.now = MONDAY

    def __call__(self):
        return self.now

    def move(self, **by):
        self.now += timedelta(**by)


class Jobs:
    """A shop whose jobs only note that they ran; `does` says what one does instead."""

    def __init__(self, home, **settings):
        self.clock, self.ran, self.news, self.does = Clock(), [], [], {}
        self.home, self.settings = home, {f"jobs.{name}": "never" for name in NAMES} | settings
        self.shop = Shop(home, self.settings, clock=self.clock)
        self.runner = self.another()

    def another(self):
        return Runner(self.shop, self.tell, {name: self._noting(name) for name in NAMES})

    def tell(self, kind, facts):
        self.news.append((kind, facts["job"]))

    def _noting(self, name):
        def work(shop):
            self.ran.append(name)
            done = self.does.get(name, Done)
            if isinstance(done, BaseException):
                raise done
            return done()

        return work

    def tick(self, **by):
        self.clock.move(**by)
        before = len(self.ran)
        self.runner.tick()
        return self.ran[before:]

    def runs(self, name):
        return [(run["cause"], run["state"]) for run in reversed(self.shop.records.job_runs(name))]

    def said(self, name):
        return msgspec.json.decode(self.shop.records.job_runs(name, limit=1)[0]["said"])


@pytest.fixture
def made(tmp_path):
    opened = []

    def make(**settings):
        jobs = Jobs(tmp_path / "home", **{f"jobs.{name}": value for name, value in settings.items()})
        opened.append(jobs.shop)
        return jobs

    yield make
    for shop in opened:
        shop.close()


def test_what_is_due_runs_once_each_time(made):
    jobs = made(learn="every day at 03:00", quality="every day at 03:00", review="every Monday at 07:00")
    assert jobs.tick() == []
    assert jobs.tick(minutes=29) == []
    assert jobs.tick(minutes=2) == ["learn", "quality"]
    assert jobs.tick() == jobs.tick(hours=3) == []
    assert jobs.tick(hours=1) == ["review"]
    assert jobs.tick(days=1, hours=-4) == ["learn", "quality"]
    assert jobs.runs("learn") == [("timetable", "done")] * 2


def test_nothing_was_missed_before_the_shop_had_jobs(made):
    jobs = made(learn="every day at 02:00")
    assert jobs.tick() == jobs.tick(hours=1) == []


def test_what_was_missed_runs_once_however_long_nobody_was_there(made):
    jobs = made(learn="every day at 03:00", quality="every day at 03:00, skip if missed")
    jobs.tick()
    assert jobs.tick(days=9) == ["learn"]
    assert jobs.tick() == []
    assert (jobs.runs("learn"), jobs.runs("quality")) == ([("missed", "done")], [("missed", "skipped")])
    assert jobs.tick(days=1, minutes=35) == ["learn", "quality"]


def test_two_processes_run_one_job_one_at_a_time_and_not_once_more(made):
    jobs = made(learn="every day at 03:00")
    jobs.tick()
    other = jobs.another()
    jobs.clock.move(hours=1)

    def work():
        assert other.tick() == 0
        with pytest.raises(Busy, match="learn is running in another process"):
            other.run("learn")
        return Done()

    jobs.does["learn"] = work
    assert jobs.runner.tick() == 1
    assert other.tick() == 0
    assert jobs.ran == ["learn"]


def test_what_failed_is_tried_again_ever_later_and_told_once_it_is_given_up(made):
    jobs = made(learn="every day at 03:00")
    jobs.tick()
    jobs.does["learn"] = TryAgain("somebody else learns")
    assert jobs.tick(hours=1) == ["learn"]
    for minutes in (1, 2, 4, 8):
        assert jobs.tick(seconds=60 * minutes - 1) == []
        assert jobs.tick(seconds=1) == ["learn"]
    assert len(jobs.runs("learn")) == TRIES
    assert jobs.tick(hours=2) == []
    assert jobs.news == [("job.failed", "learn")]
    assert jobs.tick(days=1)[:1] == ["learn"]
    assert jobs.news == [("job.failed", "learn")]
    jobs.does.clear()
    jobs.tick(hours=1)
    assert jobs.news == [("job.failed", "learn"), ("job.recovered", "learn")]
    assert jobs.tick(hours=1) == []


def test_what_is_refused_waits_for_its_next_time(made):
    jobs = made(collect="every hour")
    jobs.tick()
    jobs.does["collect"] = BadInput("no such folder", where="/none", problems=("a", "b"))
    assert jobs.tick(hours=1) == ["collect"]
    assert jobs.tick(minutes=20) == []
    assert jobs.said("collect") == {"why": "/none: no such folder", "problems": ["a", "b"]}
    assert jobs.tick(hours=1) == ["collect"]
    assert jobs.news == [("job.failed", "collect")]


@pytest.mark.parametrize(
    ("error", "state", "why"),
    [
        (ValueError("c1@example.com"), "failed", "ValueError; see the log"),
        (MemoryError(), "failed", "it needed more memory than jobs.memory_mb allows"),
        (BadUsage("no"), "refused", "no"),
    ],
)
def test_how_it_failed_is_said_without_values(made, error, state, why):
    jobs = made()
    jobs.does["learn"] = error
    run = jobs.runner.run("learn")
    assert run["state"] == state
    assert jobs.said("learn")["why"].startswith(why)
    assert "c1@" not in run["said"]


def test_what_died_with_its_process_is_told_as_such_and_tried_again(made):
    jobs = made(learn="every day at 03:00")
    jobs.tick()
    jobs.clock.move(hours=1)
    row = {"job": "learn", "cause": "timetable", "due_at": 0, "started_at": 0, "state": "running", "worker": "gone:1"}
    now = int(jobs.clock().timestamp() * 1e6)
    jobs.shop.records.start_job_run(row, {"due_until": now})
    assert jobs.tick(seconds=1) == []
    assert jobs.runs("learn") == [("timetable", "died")]
    assert jobs.tick(minutes=1) == ["learn"]
    assert jobs.runs("learn")[-1] == ("retry", "done")


def test_what_was_stopped_goes_on_with_the_next_process_and_is_no_failure(made):
    jobs = made(learn="every day at 03:00")
    jobs.tick()
    jobs.does["learn"] = Stopped()
    jobs.tick(minutes=31)
    assert jobs.runs("learn") == [("timetable", "stopped")]
    jobs.does.clear()
    jobs.runner = jobs.another()
    assert jobs.tick() == ["learn"]
    assert jobs.news == []


def test_a_paused_job_runs_only_when_somebody_asks(made):
    jobs = made(learn="every day at 03:00")
    jobs.tick()
    now = int(jobs.clock().timestamp() * 1e6)
    jobs.shop.records.change_job("learn", {"paused_at": now, "paused_by": "mina"}, now)
    assert jobs.tick(hours=1) == []
    jobs.shop.records.change_job("learn", {"asked_at": now, "asked_by": "mina"}, now)
    assert jobs.tick() == ["learn"]
    assert jobs.tick() == []
    jobs.shop.records.change_job("learn", {"paused_at": None, "paused_by": None}, now)
    assert jobs.tick() == ["learn"]  # the one of three o'clock
    assert jobs.runs("learn") == [("asked", "done"), ("missed", "done")]


@pytest.mark.parametrize("jump", [timedelta(days=400), timedelta(days=-400)])
def test_a_clock_that_jumps_stops_no_job_for_long(made, jump):
    jobs = made(learn="every day at 03:00")
    jobs.tick()
    assert jobs.tick(hours=1) == ["learn"]
    jobs.tick(seconds=jump.total_seconds())
    jobs.tick(seconds=-jump.total_seconds())
    before = len(jobs.ran)
    for _ in range(3):
        jobs.tick(days=1)
    assert len(jobs.ran) - before in (2, 3)


def test_a_retry_is_not_lost_to_a_clock_that_went_back(made):
    jobs = made(learn="every day at 03:00")
    jobs.tick()
    jobs.does["learn"] = TryAgain("later")
    assert jobs.tick(hours=1) == ["learn"]
    assert jobs.tick(days=-30) == ["learn"]


def test_news_that_could_not_be_told_are_told_later(made):
    jobs = made(learn="every day at 03:00")
    jobs.tick()
    jobs.does["learn"] = BadInput("no")
    tell, heard = jobs.tell, []

    def deaf(kind, facts):
        heard.append(kind)
        raise TryAgain("no mail now")

    jobs.runner._tell = deaf
    jobs.tick(hours=1)
    jobs.tick(minutes=1)
    assert heard == ["job.failed"]
    jobs.runner._tell = tell
    jobs.tick(minutes=5)
    jobs.tick(minutes=5)
    assert jobs.news == [("job.failed", "learn")]


def test_what_a_job_found_is_told_and_kept(made):
    jobs = made()
    jobs.does["quality"] = lambda: Done({"findings": 2}, ("no_cost: 3 products have no cost",))
    jobs.runner.run("quality")
    assert jobs.news == [("job.attention", "quality")]
    assert jobs.said("quality") == {"findings": 2, "attention": ["no_cost: 3 products have no cost"]}


def test_history_is_bounded_and_unknown_jobs_are_named(made):
    jobs = made(sealing="every 1 minutes")
    jobs.tick()
    for _ in range(KEEP + 5):
        jobs.tick(minutes=1)
    assert len(jobs.shop.records.job_runs("sealing", limit=10_000)) == KEEP
    with pytest.raises(NotFound, match="no job 'lern'; there are collect, sealing"):
        jobs.runner.run("lern")


def test_a_sentence_that_says_no_time_names_its_setting(made):
    with pytest.raises(BadInput, match=r"jobs\.learn: 'nightly' says no time"):
        made(learn="nightly")


def test_the_timetable_can_be_read_aloud(made):
    jobs = made(learn="every day at 03:00", quality="every weekday at 5:00, skip if missed")
    said = [entry.aloud() for entry in jobs.runner.timetable.entries]
    assert "learn and publish a snapshot: every day at 03:00; what was missed is made up for once" in said
    assert "look at the data for what is odd: every weekday at 5:00; what was missed is skipped" in said
    assert "delete what is past its days: never" in said
