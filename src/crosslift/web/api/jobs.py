"""`/v1/jobs`: what runs by itself, when it ran, one now, a pause."""

from typing import Annotated, Any

import msgspec

from crosslift.jobs.office import Office
from crosslift.jobs.timetable import NAMES
from crosslift.web.api.operation import SECRET, Operation, Parameter
from crosslift.web.served import ServedShop
from crosslift.web.wire import decode

PAGE = 50
Word = Annotated[str, msgspec.Meta(min_length=1, max_length=500)]


class ForJob(msgspec.Struct, forbid_unknown_fields=True):
    """Who wants it."""

    author: Word


class Job(msgspec.Struct):
    """One job; `aloud` says its timetable, `state` is running, asked, paused, retry, troubled, waiting or never."""

    name: str
    about: str
    schedule: str
    aloud: str
    state: str
    next_at: str | None
    last_run_at: str | None
    last_state: str | None
    paused_by: str | None
    n_failed: int


class Jobs(msgspec.Struct):
    """All of them, in the order in which they run."""

    jobs: list[Job]


class Run(msgspec.Struct):
    """One run; `state` is running, done, failed, refused, died, stopped or skipped, `said` what it did or why not."""

    run_id: int
    job: str
    cause: str
    state: str
    due_at: str
    started_at: str
    seconds: float | None
    worker: str
    said: dict[str, Any]


class Runs(msgspec.Struct):
    """Runs of a job, newest first; `next` is the cursor of the following page, null on the last."""

    runs: list[Run]
    next: int | None


_decoder = msgspec.json.Decoder(ForJob)


async def get(served: ServedShop) -> Jobs:
    """List the jobs."""
    return Jobs(msgspec.convert(await served.in_thread(lambda: Office(served.shop).jobs()), list[Job]))


async def runs(served: ServedShop, job: str, before: int | None, limit: int) -> Runs:
    """Give one page of the runs of a job."""
    found = await served.in_thread(lambda: Office(served.shop).history(job, before, limit))
    told = msgspec.convert(found, list[Run])
    return Runs(told, told[-1].run_id if len(told) == limit else None)


async def run(served: ServedShop, job: str, body: bytes) -> Job:
    """Let the process of the jobs run one as soon as it looks."""
    sent = decode(_decoder, body)
    return msgspec.convert(await served.in_thread(lambda: Office(served.shop).ask(job, sent.author)), Job)


async def pause(served: ServedShop, job: str, body: bytes, *, is_paused: bool) -> Job:
    """Pause a job, or end its pause."""
    sent = decode(_decoder, body)
    found = await served.in_thread(lambda: Office(served.shop).pause(job, sent.author, is_paused=is_paused))
    return msgspec.convert(found, Job)


_NAME = Parameter("job", "path", "The job.", {"type": "string", "enum": list(NAMES), "examples": ["learn"]})
_JOB: dict[str, Any] = {
    "name": "learn", "about": "learn and publish a snapshot", "schedule": "every day at 03:00",
    "aloud": "learn and publish a snapshot: every day at 03:00; what was missed is made up for once", "state": "waiting",
    "next_at": "2026-11-23T03:00:00Z", "last_run_at": "2026-11-22T03:00:02Z", "last_state": "done", "paused_by": None,
    "n_failed": 0,
}  # fmt: skip
_RUN: dict[str, Any] = {
    "run_id": 12, "job": "learn", "cause": "timetable", "state": "done", "due_at": "2026-11-22T03:00:00Z",
    "started_at": "2026-11-22T03:00:02Z", "seconds": 41.2, "worker": "shop-1:2201",
    "said": {"snapshot_id": "20261122T030041-000000", "n_products": 240, "n_relations": 1180},
}  # fmt: skip
_CHANGES = (400, 401, 403, 404, 408, 413, 422, 503)

GET = Operation(
    name="get_jobs",
    method="GET",
    path="/v1/jobs",
    summary="Read the timetable",
    about="What runs by itself, when it is due next, and how it went last. Times are set under `jobs` in `shop.toml`.",
    group="operate",
    keys=(SECRET,),
    answer=Jobs,
    answer_example={"jobs": [_JOB]},
    problems=(401, 403, 422, 503),
)
RUNS = Operation(
    name="get_job_runs",
    method="GET",
    path="/v1/jobs/{job}/runs",
    summary="See what became of the last runs",
    about="Newest first; the newest 200 of each job are kept.",
    group="operate",
    keys=(SECRET,),
    parameters=(
        _NAME,
        Parameter("before", "query", "The cursor `next` of the page before.", {"type": "integer", "minimum": 0}),
        Parameter("limit", "query", "How many.", {"type": "integer", "minimum": 1, "maximum": 1000, "default": PAGE}),
    ),
    answer=Runs,
    answer_example={"runs": [_RUN], "next": None},
    problems=(401, 403, 404, 422, 503),
)
RUN = Operation(
    name="run_job",
    method="POST",
    path="/v1/jobs/{job}/run",
    summary="Run a job now",
    about="The process of the jobs begins it within seconds, paused or not; the answer does not wait for it.",
    group="operate",
    keys=(SECRET,),
    parameters=(_NAME,),
    bodies=(ForJob,),
    body_example={"author": "mina"},
    answer=Job,
    answer_example={**_JOB, "state": "asked"},
    problems=_CHANGES,
)
PAUSE = Operation(
    name="pause_job",
    method="POST",
    path="/v1/jobs/{job}/pause",
    summary="Pause a job",
    about="It does not run by itself until it is resumed. One that runs now goes on.",
    group="operate",
    keys=(SECRET,),
    parameters=(_NAME,),
    bodies=(ForJob,),
    body_example={"author": "mina"},
    answer=Job,
    answer_example={**_JOB, "state": "paused", "paused_by": "mina"},
    problems=_CHANGES,
)
RESUME = Operation(
    name="resume_job",
    method="POST",
    path="/v1/jobs/{job}/resume",
    summary="Let a paused job run by itself again",
    about="What was due meanwhile was missed: it runs once, or is left out, as the timetable says.",
    group="operate",
    keys=(SECRET,),
    parameters=(_NAME,),
    bodies=(ForJob,),
    body_example={"author": "mina"},
    answer=Job,
    answer_example=_JOB,
    problems=_CHANGES,
)
OPERATIONS = (GET, RUNS, RUN, PAUSE, RESUME)
