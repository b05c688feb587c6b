"""`/v1/experiments/{id}/promote`, `/rollback`, `/markets`: winners of trials, in all markets or in one, and back."""

from typing import Annotated

import msgspec

from crosslift.web.api.operation import SECRET, Operation, Parameter
from crosslift.web.served import ServedShop
from crosslift.web.wire import decode

Word = Annotated[str, msgspec.Meta(min_length=1, max_length=500)]


class Bounds(msgspec.Struct):
    """An effect with its interval."""

    value: float
    low: float
    high: float


class OfMarket(msgspec.Struct):
    """One arm in one market: the market alone, and drawn towards all of them by as much as they differ by chance."""

    market: str
    arm: str
    n: int
    n_control: int
    alone: Bounds
    drawn: Bounds
    verdict: str


class Markets(msgspec.Struct):
    """What a trial shows in each market, or in `not_estimable` why it shows nothing."""

    outcome: str
    markets: list[OfMarket] | None = None
    not_estimable: str | None = None


class Evidence(msgspec.Struct, omit_defaults=True):
    """The numbers of the headline outcome that were seen; of one market `alone` and `drawn`; `why` says it in a sentence."""

    outcome: str
    control: str
    judgement: str
    until: str
    why: str
    verdict: str | None = None
    market: str | None = None
    arm: str | None = None
    n: int | None = None
    n_control: int | None = None
    value: float | None = None
    low: float | None = None
    high: float | None = None
    p_adjusted: float | None = None
    alone: Bounds | None = None
    drawn: Bounds | None = None


class PromoteArm(msgspec.Struct, forbid_unknown_fields=True):
    """Which arm, who says so and why, who approves it; in which market alone; and whether though nothing is proven."""

    arm: Word
    author: Word
    reason: Word
    approved_by: Word | None = None
    market: Annotated[str, msgspec.Meta(min_length=1, max_length=10)] | None = None
    forced: bool = False


class Promoted(msgspec.Struct):
    """The version of the experiment that ended it, the policy published where there is one, and what it rested on."""

    experiment_id: str
    version: int
    arm: str
    market: str
    evidence: Evidence
    policy: str | None = None
    policy_version: int | None = None
    version_before: int | None = None


class TakeBack(msgspec.Struct, forbid_unknown_fields=True):
    """Who takes it back and why, and who approves that."""

    author: Word
    reason: Word
    approved_by: Word | None = None


class TakenBack(msgspec.Struct):
    """The version of the experiment, and what is promoted now."""

    experiment_id: str
    version: int
    promoted: dict[str, str]


_promote = msgspec.json.Decoder(PromoteArm)
_back = msgspec.json.Decoder(TakeBack)


async def markets(served: ServedShop, experiment_id: str, control: str | None, *, is_fixed: bool) -> Markets:
    """Judge a trial in each market."""
    promotions = served.shop.promotions
    return msgspec.convert(
        await served.in_thread(lambda: promotions.markets(experiment_id, control, is_fixed=is_fixed)), Markets
    )


async def promote(served: ServedShop, experiment_id: str, body: bytes) -> Promoted:
    """Promote an arm."""
    sent = decode(_promote, body)
    found = await served.in_thread(
        lambda: served.shop.promotions.promote(
            experiment_id, sent.arm, sent.author, sent.reason, sent.approved_by, sent.market, is_forced=sent.forced
        )
    )
    return msgspec.convert(found, Promoted)


async def rollback(served: ServedShop, experiment_id: str, body: bytes) -> TakenBack:
    """Take the newest promotion back."""
    sent = decode(_back, body)
    found = await served.in_thread(
        lambda: served.shop.promotions.rollback(experiment_id, sent.author, sent.reason, sent.approved_by)
    )
    return msgspec.convert(found, TakenBack)


_ID = Parameter("experiment_id", "path", "The id of the experiment.", {"type": "string", "examples": ["cart-words"]})
MARKETS = Operation(
    name="get_experiment_markets",
    method="GET",
    path="/v1/experiments/{experiment_id}/markets",
    summary="Say what a trial shows in each market",
    about=(
        "Profit a unit, or revenue where no cost is known. Markets are drawn towards all of them by as much as they differ by "
        "chance (empirical Bayes), so that the luckiest of many small ones is not taken for the best."
    ),
    group="measure",
    keys=(SECRET,),
    parameters=(
        _ID,
        Parameter("control", "query", "The arm the others are compared with."),
        Parameter("fixed", "query", "Run elsewhere: its size was fixed beforehand.", {"type": "boolean"}),
    ),
    answer=Markets,
    answer_example={"outcome": "revenue", "markets": [{
        "market": "KR", "arm": "new", "n": 640, "n_control": 655, "alone": {"value": 1900.0, "low": 300.0, "high": 3500.0},
        "drawn": {"value": 1400.0, "low": 210.0, "high": 2590.0}, "verdict": "better",
    }]},
    problems=(400, 401, 403, 404, 422, 503),
)  # fmt: skip
PROMOTE = Operation(
    name="promote_arm",
    method="POST",
    path="/v1/experiments/{experiment_id}/promote",
    summary="Promote an arm of an experiment",
    about=(
        "Ends the experiment; everybody gets what the arm got, from the very next decision on. The policy of the arm is "
        "published in place of the control's; of texts and layouts the answer goes on to name the arm. Refused where the trial "
        "does not show it to be better, unless `forced`. Approved as the policies concerned ask for."
    ),
    group="measure",
    keys=(SECRET,),
    parameters=(_ID,),
    bodies=(PromoteArm,),
    body_example={"arm": "long", "author": "mina", "reason": "the brand asks for it", "approved_by": "jun", "forced": True},
    answer=Promoted,
    answer_example={
        "experiment_id": "cart-words", "version": 2, "arm": "long", "market": "*",
        "evidence": {
            "outcome": "revenue", "control": "short", "judgement": "any_time", "until": "2026-12-31T15:00:00+00:00",
            "n": 4980, "n_control": 5020, "value": 1100.0, "low": 400.0, "high": 1800.0, "p_adjusted": 0.004,
            "verdict": "better", "why": "revenue a unit +1100, between +400 and +1800",
        },
    },
    problems=(400, 401, 403, 404, 408, 409, 413, 422, 503),
)  # fmt: skip
ROLLBACK = Operation(
    name="roll_back_promotion",
    method="POST",
    path="/v1/experiments/{experiment_id}/rollback",
    summary="Take the newest promotion back",
    about="What held before holds again, from the very next decision on.",
    group="measure",
    keys=(SECRET,),
    parameters=(_ID,),
    bodies=(TakeBack,),
    body_example={"author": "mina", "reason": "returns went up", "approved_by": "jun"},
    answer=TakenBack,
    answer_example={"experiment_id": "cart-words", "version": 3, "promoted": {}},
    problems=(400, 401, 403, 404, 408, 409, 413, 422, 503),
)
OPERATIONS = (MARKETS, PROMOTE, ROLLBACK)
