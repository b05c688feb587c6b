"""Is it alive, is it ready, and how is it doing: for whoever runs the server."""

import msgspec

from crosslift.errors import NotReady
from crosslift.settings import VERSION
from crosslift.web.api.operation import Operation
from crosslift.web.figures import MEDIA_TYPE
from crosslift.web.served import ServedShop


class Alive(msgspec.Struct):
    """The process answers."""

    status: str
    version: str


class Ready(msgspec.Struct):
    """Decisions can be made, with this snapshot; `plugins_failed` are those that were given up."""

    status: str
    snapshot_id: str
    plugins_failed: list[str] = []


def alive() -> Alive:
    """Answer as long as the process does."""
    return Alive("alive", VERSION)


def ready(served: ServedShop) -> Ready:
    """Name the snapshot in force; `NotReady` before a snapshot is loaded and the kernels are warm, and while draining."""
    if served.is_draining:
        raise NotReady("the server is about to stop; send requests elsewhere")
    served.check_ready()
    return Ready("ready", served.shop.knowledge.snapshot_id, served.shop.plugins.troubled())


HEALTHZ = Operation(
    name="healthz",
    method="GET",
    path="/healthz",
    summary="Tell whether the process is alive",
    about="Answers without looking at anything.",
    group="operate",
    answer=Alive,
    answer_example={"status": "alive", "version": VERSION},
)
READYZ = Operation(
    name="readyz",
    method="GET",
    path="/readyz",
    summary="Tell whether decisions can be made",
    about="503 `not_ready` until a snapshot is loaded and the kernels are warm, and once a stop was asked for.",
    group="operate",
    answer=Ready,
    answer_example={"status": "ready", "snapshot_id": "20260305T120000-000000", "plugins_failed": []},
    problems=(503,),
)
METRICS = Operation(
    name="metrics",
    method="GET",
    path="/metrics",
    summary="Give figures to Prometheus",
    about=(
        "Requests by verb and status, decisions by placement and `no_offer`, their seconds, the age of the snapshot, what "
        "plugins did not answer. "
        "Open to whoever reaches the server: counts only, keep it behind your proxy."
    ),
    group="operate",
    answer={"type": "string"},
    media_type=MEDIA_TYPE,
)
