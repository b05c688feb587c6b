"""`GET /v1/variants`: what small sets of wordings or levers taught, and how their options are drawn now."""

from typing import Any

import msgspec

from crosslift.web.api.operation import SECRET, Operation
from crosslift.web.served import ServedShop


class Option(msgspec.Struct):
    """One option; `rate` is accepted of shown with its interval, or why there is none. `p_best` is null where unknown."""

    option: str
    n_shown: int
    n_accepted: int
    rate: dict[str, Any]
    p_best: float | None
    probability: float
    levers: list[str]


class VariantSet(msgspec.Struct):
    """One set of a policy in force, as the snapshot knows it; `note` says where nothing is known yet."""

    policy: str
    policy_version: int
    set: str
    placements: list[str]
    floor: float
    snapshot_id: str
    options: list[Option]
    note: str | None


class Variants(msgspec.Struct):
    """All of them, by policy."""

    variants: list[VariantSet]


async def get(served: ServedShop) -> Variants:
    """Tell of every set of the policies in force."""
    return Variants(msgspec.convert(await served.in_thread(served.shop.variants), list[VariantSet]))


OPERATION = Operation(
    name="get_variants",
    method="GET",
    path="/v1/variants",
    summary="See what small sets taught",
    about=(
        "Of each set of variants of the policies in force: decisions that drew each option and offered something, those of "
        "them with an acceptance, the posterior probability that it is the best, and the probability it is drawn with until "
        "the next learning run. Decisions where the default stood without a draw are not counted."
    ),
    group="measure",
    keys=(SECRET,),
    answer=Variants,
    answer_example={
        "variants": [
            {
                "policy": "our-shop", "policy_version": 3, "set": "words", "placements": ["cart"], "floor": 0.05,
                "snapshot_id": "20261101T120000-000000", "note": None,
                "options": [
                    {"option": "plain", "n_shown": 1000, "n_accepted": 120, "p_best": 0.0249322,
                     "rate": {"value": 0.12, "low": 0.1013, "high": 0.1416}, "probability": 0.072439, "levers": []},
                    {"option": "warm", "n_shown": 1000, "n_accepted": 150, "p_best": 0.9750678,
                     "rate": {"value": 0.15, "low": 0.1292, "high": 0.1735}, "probability": 0.927561, "levers": []},
                ],
            }
        ]
    },
    problems=(401, 403, 503),
)  # fmt: skip
