"""`/v1/experiments/{id}/effects`, `/v1/holdout`, `/v1/funnel`, `/v1/off-policy`: what trials and offers brought."""

from datetime import datetime
from typing import Annotated, Any

import msgspec

from crosslift.web.api.operation import SECRET, Operation, Parameter
from crosslift.web.served import ServedShop
from crosslift.web.wire import decode

Share = Annotated[float, msgspec.Meta(ge=0, le=1)]


class Difference(msgspec.Struct):
    """A difference with its interval; of one that does not exist, why."""

    value: float | None = None
    low: float | None = None
    high: float | None = None
    standard_error: float | None = None
    p_value: float | None = None
    not_estimable: str | None = None


class ComparedOutcome(msgspec.Struct):
    """One outcome of one arm against the control; a mean is a unit's."""

    outcome: str
    arm: str
    n: int
    n_control: int
    mean: float
    mean_control: float
    absolute: Difference
    relative: Difference
    p_adjusted: float
    p_better: float
    loss_if_chosen: float
    loss_if_not: float
    variance_saved: float
    is_approximate: bool
    verdict: str


class RatioOf(msgspec.Struct):
    """A ratio of sums over the units of an arm, against the control's."""

    ratio: str
    arm: str
    value: float
    value_control: float
    absolute: Difference


class FigureOf(msgspec.Struct):
    """A figure of an arm less the control's, or of the arm alone; `share` says which quantile."""

    of: str
    arm: str
    value: float
    low: float
    high: float
    share: float | None = None


class BestArm(msgspec.Struct):
    """How probably an arm is the best, and what is lost on average by choosing it."""

    arm: str
    p_best: float
    loss: float


class SlicedOutcome(ComparedOutcome, kw_only=True):
    """One outcome of one arm in one part of the units; `p_adjusted` over all parts."""

    slice: str


class TrialDetails(msgspec.Struct):
    """More ways to read the same units, or in `not_estimable` why there is none."""

    headline: str | None = None
    ratios: list[RatioOf] = []
    quantiles: list[FigureOf] = []
    shares: list[FigureOf] = []
    exact: list[FigureOf] = []
    stratified: list[FigureOf] = []
    left_out: list[str] = []
    best: list[BestArm] = []
    slices: list[SlicedOutcome] = []
    not_estimable: str | None = None


class Effects(msgspec.Struct):
    """What a trial shows, or in `not_estimable` why it shows nothing."""

    experiment_id: str
    control: str
    judgement: str
    units: dict[str, int]
    since: str
    until: str
    currency: str
    n_crossed: int
    limits: dict[str, float] = {}
    sample_ratio_p: float | None = None
    costed: float | None = None
    compared: list[ComparedOutcome] | None = None
    not_estimable: str | None = None


class Credit(msgspec.Struct):
    """What is credited to offers, bought anyway or not; `by` says for which reason how many lines."""

    lines: int
    revenue: float
    margin: float
    by: dict[str, int]
    click_days: float


class Amount(msgspec.Struct):
    """An amount with its interval."""

    value: float
    low: float
    high: float


class HoldoutResult(Effects):
    """What offers earned against those from whom all are kept back, and beside it what is credited to them."""

    credited: Credit | None = None
    headline: str | None = None
    verdict: str | None = None
    incremental: dict[str, Amount] | None = None
    least_effect: float | None = None
    people_needed: int | None = None


class FunnelRow(msgspec.Struct):
    """Offers of one placement and strategy."""

    placement: str
    source: str
    served: int
    seen: int
    clicked: int
    added: int
    bought: int
    kept: int


class Funnel(msgspec.Struct):
    """From served to kept; each offer counts once in every step."""

    rows: list[FunnelRow]


class AskPolicy(msgspec.Struct, forbid_unknown_fields=True):
    """A way of choosing: the probability of each action, 1 in all."""

    shares: Annotated[dict[str, Share], msgspec.Meta(min_length=1, max_length=1000)]
    clip: Annotated[float, msgspec.Meta(gt=0, description="Weights above it count as it.")] | None = None


class PolicyValue(msgspec.Struct):
    """What it would have earned a choice, three ways, what the log is worth to the question, and `why` where nothing is said."""

    shares: dict[str, float]
    n_choices: int
    n_without_outcome: int
    effective: float
    max_weight: float
    mean_weight: float
    share_clipped: float
    why: str | None
    warnings: list[str]
    ips: Amount | None
    snips: Amount | None
    doubly_robust: Amount | None
    on_policy: Amount | None


_decoder = msgspec.json.Decoder(AskPolicy)


async def effects(served: ServedShop, experiment_id: str, control: str | None, *, is_fixed: bool) -> Effects:
    """Judge a trial."""
    earned = served.shop.earned
    return msgspec.convert(
        await served.in_thread(lambda: earned.experiment(experiment_id, control, is_fixed=is_fixed)), Effects
    )


async def details(
    served: ServedShop, experiment_id: str, control: str | None, by: str | None, *, is_fixed: bool
) -> TrialDetails:  # fmt: skip
    """Look closer at a trial."""
    earned = served.shop.earned
    return msgspec.convert(
        await served.in_thread(lambda: earned.details(experiment_id, control, is_fixed=is_fixed, by=by)), TrialDetails
    )


async def holdout(served: ServedShop, experiment_id: str) -> HoldoutResult:
    """Say what offers earned."""
    return msgspec.convert(await served.in_thread(lambda: served.shop.earned.holdout(experiment_id)), HoldoutResult)


async def funnel(served: ServedShop, since: datetime | None, until: datetime | None) -> Funnel:
    """Count offers from served to kept."""
    begin, end = (served.shop.local(moment) if moment is not None else None for moment in (since, until))
    rows = await served.in_thread(lambda: served.shop.credited.funnel_of(begin, end))
    return msgspec.convert({"rows": rows}, Funnel)


async def value(served: ServedShop, body: bytes) -> PolicyValue:
    """Value a way of choosing from the log."""
    sent = decode(_decoder, body)
    found: dict[str, Any] = await served.in_thread(lambda: served.shop.off_policy.value(sent.shares, sent.clip))
    return msgspec.convert(found, PolicyValue)


_ID = Parameter("experiment_id", "path", "The id of the experiment.", {"type": "string", "examples": ["launch"]})
_INSTANT = {"type": "string", "format": "date-time", "examples": ["2026-03-01T00:00:00+09:00"]}
_PROBLEMS = (400, 401, 403, 404, 422, 503)
_TOLD = {
    "experiment_id": "launch", "control": "control", "judgement": "any_time", "units": {"control": 1200, "new": 1188},
    "since": "2026-03-01T00:00:00+00:00", "until": "2026-04-01T00:00:00+00:00", "currency": "KRW", "n_crossed": 3,
    "sample_ratio_p": 0.81, "costed": 0.97,
}  # fmt: skip
_COMPARED = {
    "outcome": "revenue", "arm": "new", "n": 1188, "n_control": 1200, "mean": 41200.0, "mean_control": 40100.0,
    "absolute": {"value": 1100.0, "low": -900.0, "high": 3100.0, "standard_error": 620.0, "p_value": 0.41},
    "relative": {"value": 0.027, "low": -0.022, "high": 0.077, "standard_error": 0.015, "p_value": 0.41},
    "p_adjusted": 1.0, "p_better": 0.96, "loss_if_chosen": 9.0, "loss_if_not": 1109.0, "variance_saved": 0.12,
    "is_approximate": False, "verdict": "not_proven",
}  # fmt: skip
EFFECTS = Operation(
    name="get_experiment_effects",
    method="GET",
    path="/v1/experiments/{experiment_id}/effects",
    summary="Say what a trial shows",
    about=(
        "Every unit counts in its first arm, whatever it saw. A trial written with an end is locked until then and judged once; "
        "any other may be looked at at any time, and its intervals hold for all looks. Arms that are not as large as planned are "
        "refused whole. Trials run elsewhere come in as `assignments`: name their `control`."
    ),
    group="measure",
    keys=(SECRET,),
    parameters=(
        _ID,
        Parameter(
            "control", "query", "The arm the others are compared with; known of a holdout and of an arm `control`."
        ),
        Parameter(
            "fixed",
            "query",
            "Run elsewhere: its size was fixed beforehand, and this is the only look.",
            {"type": "boolean"},
        ),
    ),
    answer=Effects,
    answer_example={**_TOLD, "compared": [_COMPARED]},
    problems=_PROBLEMS,
)
DETAILS = Operation(
    name="get_experiment_details",
    method="GET",
    path="/v1/experiments/{experiment_id}/details",
    summary="Look closer at a trial",
    about=(
        "Ratios by the delta method over the units that were assigned; quantiles by bootstrap and rare shares by Newcombe, for "
        "one look alone; amounts by who had bought before; how probably each arm is the best; and every outcome in each part."
    ),
    group="measure",
    keys=(SECRET,),
    parameters=(
        _ID,
        Parameter("control", "query", "The arm the others are compared with."),
        Parameter("fixed", "query", "Run elsewhere: its size was fixed beforehand.", {"type": "boolean"}),
        Parameter("by", "query", "Parts to compare.", {"type": "string", "enum": ["market", "before"]}),
    ),
    answer=TrialDetails,
    answer_example={
        "headline": "revenue",
        "best": [{"arm": "new", "p_best": 0.96, "loss": 9.0}, {"arm": "control", "p_best": 0.04, "loss": 1109.0}],
        "ratios": [{"ratio": "order_value", "arm": "new", "value": 52000.0, "value_control": 50100.0,
                    "absolute": {"value": 1900.0, "low": -300.0, "high": 4100.0, "standard_error": 700.0, "p_value": 0.12}}],
        "quantiles": [{"of": "revenue", "arm": "new", "share": 0.9, "value": 2000.0, "low": -1000.0, "high": 5000.0}],
        "shares": [{"of": "bought", "arm": "new", "value": 0.011, "low": -0.006, "high": 0.028}],
        "exact": [{"of": "bought", "arm": "new", "value": 0.12, "low": 0.102, "high": 0.14}],
        "stratified": [{"of": "revenue", "arm": "new", "value": 1050.0, "low": -700.0, "high": 2800.0}],
    },
    problems=_PROBLEMS,
)  # fmt: skip
HOLDOUT = Operation(
    name="get_holdout",
    method="GET",
    path="/v1/holdout",
    summary="Say what offers earned",
    about=(
        "The difference to those from whom all offers are kept back, net of what came back, tax, service and contacts, with an "
        "interval that holds at every look; beside it what is credited to offers, which is where sales came by and not what "
        "offers changed."
    ),
    group="measure",
    keys=(SECRET,),
    parameters=(
        Parameter("experiment_id", "query", "Which holdout; the standing one by default.", {"type": "string"}),
    ),
    answer=HoldoutResult,
    answer_example={
        **_TOLD, "experiment_id": "standing-holdout", "control": "held", "units": {"held": 60, "treated": 1140},
        "compared": [{**_COMPARED, "arm": "treated"}], "headline": "revenue", "verdict": "not_proven",
        "incremental": {"total": {"value": 1254000.0, "low": -1026000.0, "high": 3534000.0},
                        "per_thousand": {"value": 1100000.0, "low": -900000.0, "high": 3100000.0}},
        "credited": {"lines": 310, "revenue": 5200000.0, "margin": 1900000.0, "by": {"stated": 40, "clicked": 270},
                     "click_days": 7.0},
        "least_effect": 1740.0, "people_needed": 9100,
    },
    problems=_PROBLEMS,
)  # fmt: skip
FUNNEL = Operation(
    name="get_funnel",
    method="GET",
    path="/v1/funnel",
    summary="Count offers from served to kept",
    about=(
        "By placement and strategy: served in an answer, seen, clicked, added, bought (an order line credited to it), kept. The "
        "last 30 days by default."
    ),
    group="measure",
    keys=(SECRET,),
    parameters=(
        Parameter("since", "query", "First instant.", _INSTANT), Parameter("until", "query", "Instant after the last.", _INSTANT),
    ),
    answer=Funnel,
    answer_example={
        "rows": [{"placement": "cart", "source": "complement", "served": 900, "seen": 610, "clicked": 80, "added": 31,
                  "bought": 28, "kept": 26}]
    },
    problems=_PROBLEMS,
)  # fmt: skip
OFF_POLICY = Operation(
    name="value_policy",
    method="POST",
    path="/v1/off-policy",
    summary="Value another way of choosing from the log",
    about=(
        "From `logged_choices` alone: by inverse propensity, self-normalized, and doubly robust. Where the log is worth fewer "
        "than 200 choices of equal weight to the question, no figure is given and `why` says so."
    ),
    group="measure",
    keys=(SECRET,),
    bodies=(AskPolicy,),
    body_example={"shares": {"letter": 0.7, "nothing": 0.3}},
    answer=PolicyValue,
    answer_example={
        "shares": {"letter": 0.7, "nothing": 0.3}, "n_choices": 4000, "n_without_outcome": 12, "effective": 3570.0,
        "max_weight": 1.4, "mean_weight": 1.0, "share_clipped": 0.0, "why": None, "warnings": [],
        "ips": {"value": 0.131, "low": 0.118, "high": 0.144}, "snips": {"value": 0.131, "low": 0.119, "high": 0.143},
        "doubly_robust": {"value": 0.13, "low": 0.119, "high": 0.141}, "on_policy": {"value": 0.12, "low": 0.11, "high": 0.13},
    },
    problems=(400, 401, 403, 404, 408, 413, 422, 503),
)  # fmt: skip
OPERATIONS = (EFFECTS, DETAILS, HOLDOUT, FUNNEL, OFF_POLICY)
