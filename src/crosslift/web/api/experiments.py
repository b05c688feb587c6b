"""`/v1/experiments`: trials and the standing holdout, in versions, counted by first arm."""

from typing import Annotated, Any

import msgspec

from crosslift.shop.experiments import MOST_HELD
from crosslift.web.api.operation import SECRET, Operation, Parameter
from crosslift.web.served import ServedShop
from crosslift.web.wire import decode

Said = Annotated[str, msgspec.Meta(max_length=500)]
Word = Annotated[str, msgspec.Meta(min_length=1, max_length=500)]


class PutExperiments(msgspec.Struct, forbid_unknown_fields=True):
    """Experiments, who writes them and why."""

    experiments: Annotated[list[dict[str, Any]], msgspec.Meta(min_length=1, max_length=100)]
    author: Said | None = None
    reason: Said | None = None


class StopExperiment(msgspec.Struct, forbid_unknown_fields=True):
    """Who ends it, and why."""

    author: Word
    reason: Word


class HoldOut(msgspec.Struct, forbid_unknown_fields=True):
    """The share of the people who get no offers, and whether the merchant agrees to what that costs."""

    share: Annotated[float, msgspec.Meta(gt=0, le=MOST_HELD)]
    author: Word
    reason: Word
    agreed: Annotated[bool, msgspec.Meta(description="Without it the cost is told, and nothing is held out.")] = False


class WrittenExperiment(msgspec.Struct):
    """What became of one experiment: new, replaced by a next version, or the same as it was."""

    experiment_id: str
    version: int
    outcome: str


class WrittenExperiments(msgspec.Struct):
    """What became of them."""

    experiments: list[WrittenExperiment]


class StandingHoldout(msgspec.Struct):
    """What the holdout costs, and the version in force; `told` and null where nobody agreed yet."""

    experiment_id: str
    version: int | None
    outcome: str
    expected_cost: str


class ExperimentVersion(msgspec.Struct):
    """One version; `state` is waiting, running, ended or stopped; `promoted` the arm that won, by market, `*` for all."""

    experiment_id: str
    version: int
    state: str
    kind: str
    arms: dict[str, float]
    unit: str
    placements: list[str]
    strategies: list[str]
    group: str
    policies: dict[str, str]
    expected_cost: str
    starts_at: str
    ends_at: str | None
    active: bool
    limits: dict[str, float]
    promoted: dict[str, str]
    author: str
    reason: str


class ExperimentList(msgspec.Struct):
    """The newest version of every experiment."""

    experiments: list[ExperimentVersion]


class ShownExperiment(ExperimentVersion):
    """An experiment, the units first assigned to each arm, and the people whose identities were in two."""

    units: dict[str, int]
    n_crossovers: int
    versions: list[ExperimentVersion]


_put = msgspec.json.Decoder(PutExperiments)
_stop = msgspec.json.Decoder(StopExperiment)
_hold_out = msgspec.json.Decoder(HoldOut)


async def put(served: ServedShop, body: bytes) -> WrittenExperiments:
    """Write experiments, or their next versions."""
    sent = decode(_put, body)
    found = await served.in_thread(lambda: served.shop.experiments.put(sent.experiments, sent.author, sent.reason))
    return msgspec.convert({"experiments": found}, WrittenExperiments)


async def get(served: ServedShop) -> ExperimentList:
    """List the experiments."""
    return msgspec.convert({"experiments": await served.in_thread(served.shop.experiments.list)}, ExperimentList)


async def show(served: ServedShop, experiment_id: str) -> ShownExperiment:
    """Show one experiment."""
    return msgspec.convert(await served.in_thread(lambda: served.shop.experiments.show(experiment_id)), ShownExperiment)


async def stop(served: ServedShop, experiment_id: str, body: bytes) -> WrittenExperiment:
    """End an experiment."""
    sent = decode(_stop, body)
    found = await served.in_thread(lambda: served.shop.experiments.stop(experiment_id, sent.author, sent.reason))
    return msgspec.convert(found, WrittenExperiment)


async def hold_out(served: ServedShop, body: bytes) -> StandingHoldout:
    """Agree to the standing holdout, or be told what it costs."""
    sent = decode(_hold_out, body)
    found = await served.in_thread(
        lambda: served.shop.experiments.hold_out(sent.share, sent.author, sent.reason, has_agreed=sent.agreed)
    )
    return msgspec.convert(found, StandingHoldout)


_ID = Parameter("experiment_id", "path", "The id of the experiment.", {"type": "string", "examples": ["cart-words"]})
_WRITTEN: dict[str, Any] = {
    "experiment_id": "cart-words", "kind": "variant", "arms": {"short": 0.5, "long": 0.5}, "placements": ["cart"],
    "ends_at": "2026-12-31T15:00:00+00:00",
}  # fmt: skip
_VERSION: dict[str, Any] = {
    "experiment_id": "cart-words", "version": 1, "state": "running", "kind": "variant",
    "arms": {"short": 0.5, "long": 0.5}, "unit": "customer", "placements": ["cart"], "strategies": [], "group": "",
    "policies": {}, "expected_cost": "", "starts_at": "2026-11-20T09:00:00+00:00", "ends_at": "2026-12-31T15:00:00+00:00",
    "active": True, "limits": {"revenue": 500000.0}, "promoted": {}, "author": "mina", "reason": "does a longer text help",
}  # fmt: skip

PUT = Operation(
    name="put_experiments",
    method="PUT",
    path="/v1/experiments",
    summary="Write experiments",
    about=(
        "Each as its first or next version, in force on the very next decision; the same content once more changes nothing. "
        "Kind, unit and arms of one that has units stay; shares may change for who comes next. Two that would both choose the "
        "policy of one request are a conflict, unless they share a `group`."
    ),
    group="measure",
    keys=(SECRET,),
    bodies=(PutExperiments,),
    body_example={"experiments": [_WRITTEN], "author": "mina", "reason": "does a longer text help"},
    answer=WrittenExperiments,
    answer_example={"experiments": [{"experiment_id": "cart-words", "version": 1, "outcome": "new"}]},
    problems=(400, 401, 403, 408, 409, 413, 422, 503),
)
GET = Operation(
    name="get_experiments",
    method="GET",
    path="/v1/experiments",
    summary="List experiments",
    about="The newest version of each, ended ones too.",
    group="measure",
    keys=(SECRET,),
    answer=ExperimentList,
    answer_example={"experiments": [_VERSION]},
    problems=(401, 403, 503),
)
SHOW = Operation(
    name="get_experiment",
    method="GET",
    path="/v1/experiments/{experiment_id}",
    summary="Show an experiment and its units",
    about=(
        "Units are counted by the arm they were first assigned to. Whoever was in two arms before their identities were known to "
        "be one person crossed over: the first arm counts."
    ),
    group="measure",
    keys=(SECRET,),
    parameters=(_ID,),
    answer=ShownExperiment,
    answer_example={**_VERSION, "units": {"long": 4980, "short": 5020}, "n_crossovers": 3, "versions": [_VERSION]},
    problems=(401, 403, 404, 503),
)
STOP = Operation(
    name="stop_experiment",
    method="POST",
    path="/v1/experiments/{experiment_id}/stop",
    summary="End an experiment",
    about="In force on the very next decision, in every process. Arms that were given stay on record.",
    group="measure",
    keys=(SECRET,),
    parameters=(_ID,),
    bodies=(StopExperiment,),
    body_example={"author": "mina", "reason": "the longer text confuses"},
    answer=WrittenExperiment,
    answer_example={"experiment_id": "cart-words", "version": 2, "outcome": "replaced"},
    problems=(400, 401, 403, 404, 408, 409, 413, 422, 503),
)
HOLD_OUT = Operation(
    name="hold_out",
    method="POST",
    path="/v1/holdout",
    summary="Agree to the standing holdout",
    about=(
        "A share of the people gets no offers, so that what offers bring can be proven. Without `agreed` the expected cost is "
        "told and nothing is held out."
    ),
    group="measure",
    keys=(SECRET,),
    bodies=(HoldOut,),
    body_example={"share": 0.05, "author": "mina", "reason": "we want to know what offers bring", "agreed": True},
    answer=StandingHoldout,
    answer_example={
        "experiment_id": "standing-holdout", "version": 1, "outcome": "new",
        "expected_cost": "At most about 120.50 USD of sales a month: 5.0% of what people accepted in the last 90 days, at the "
        "prices shown. Part of it they would have bought anyway, and how much is what the holdout finds out.",
    },
    problems=(400, 401, 403, 408, 409, 413, 422, 503),
)  # fmt: skip
OPERATIONS = (PUT, GET, SHOW, STOP, HOLD_OUT)
