"""`PUT /v1/facts/{dataset}`: rows of any dataset, by the very code of the file door."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import msgspec

from crosslift.collect.from_json import needed
from crosslift.shop.facts import DATASETS
from crosslift.web.api.columns import body_of, row_of
from crosslift.web.api.operation import MAX_BATCH, SECRET, Operation, Parameter
from crosslift.web.served import ServedShop
from crosslift.web.wire import decode

Rows = Annotated[list[dict[str, Any]], msgspec.Meta(min_length=1, max_length=MAX_BATCH)]


class Kept(msgspec.Struct):
    """What became of them: counts, and `outcomes` row by row as sent.

    Conflicts are the keys of rows that came with other content and no newer time than what is kept; unknown are products.
    """

    new: int
    replaced: int
    same: int
    outcomes: list[Literal["new", "replaced", "same", "conflict"]]
    conflicts: list[str]
    unknown: list[str]


def _decoder(dataset: str) -> msgspec.json.Decoder[Any]:
    """Give a reader of bodies that hold rows under the name of their dataset; the rows are checked by the file door."""
    return msgspec.json.Decoder(msgspec.defstruct(dataset, [(dataset, Rows)], forbid_unknown_fields=True))


_decoders: Mapping[str, msgspec.json.Decoder[Any]] = {dataset: _decoder(dataset) for dataset in DATASETS}


async def put(served: ServedShop, dataset: str, body: bytes) -> Kept:
    """Take in rows of a dataset, all or none."""
    rows = getattr(decode(_decoders[dataset], body), dataset) if dataset in _decoders else []
    return Kept(**await served.in_thread(lambda: served.shop.put_facts(dataset, rows)))


OPERATION = Operation(
    name="put_facts",
    method="PUT",
    path="/v1/facts/{dataset}",
    summary="Bring in facts from any channel",
    about=(
        "At most 1,000 rows, all or none, under the name of their dataset. What counts as the same fact, and which of two "
        "versions stands, is as in a file: a newer `updated_at` replaces, the same again changes nothing, anything else is "
        "a conflict and the first stays. So a batch may be sent again, and late. An order comes with all its lines in one "
        "call. What is bought or given back holds for its customer at once; what goes with what is known after the next "
        "learning. Products have `/v1/products`, links and bundles their own paths."
    ),
    group="collect",
    keys=(SECRET,),
    parameters=(
        Parameter(
            "dataset", "path", "What the rows are.",
            {"type": "string", "enum": list(DATASETS), "examples": ["activities"]},
        ),
    ),
    bodies=tuple(
        body_of(
            dataset,
            row_of(dataset, needed(dataset), f"Canonical columns of a file of {dataset}; others are kept beside them."),
            f"Put_{dataset}",
        )
        for dataset in DATASETS
    ),
    body_example={
        "activities": [
            {
                "activity_id": "crm-8812", "at": "2026-03-05T09:30:00Z", "kind": "visit", "account_id": "acme",
                "channel": "sales", "subject": "Spring range", "outcome": "wants a demo", "staff": "mina",
            }
        ]
    },
    answer=Kept,
    answer_example={
        "new": 1, "replaced": 0, "same": 0, "outcomes": ["new"], "conflicts": [], "unknown": [],
    },
    problems=(400, 401, 403, 404, 408, 413, 422, 503),
)  # fmt: skip
