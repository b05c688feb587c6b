"""`/v1/bundles`: sets with one price, by the very code of the file door."""

from typing import Annotated, Any

import msgspec

from crosslift.web.api.columns import body_of, page_of, row_of
from crosslift.web.api.links import PAGING, PUT_PROBLEMS, Kept
from crosslift.web.api.operation import MAX_BATCH, SECRET, Operation
from crosslift.web.served import ServedShop
from crosslift.web.wire import decode


class Bundles(msgspec.Struct, forbid_unknown_fields=True):
    """Parts of bundles as JSON objects; their fields are checked by the code that reads files."""

    bundles: Annotated[list[dict[str, Any]], msgspec.Meta(min_length=1, max_length=MAX_BATCH)]


_decoder = msgspec.json.Decoder(Bundles)


async def put(served: ServedShop, body: bytes) -> Kept:
    """Insert or replace bundles."""
    parts = decode(_decoder, body).bundles
    return Kept(**await served.in_thread(lambda: served.shop.put_bundles(parts)))


async def get(served: ServedShop, after: int, limit: int) -> dict[str, Any]:
    """List the bundles."""
    return await served.in_thread(lambda: served.shop.bundles(after, limit))


ROW = row_of(
    "bundles",
    ("bundle_id", "product_id"),
    "One part, in the canonical columns of a bundles file. What is said of the whole bundle (kind, price, title ...) may "
    "stand in any of its parts, and nowhere differently.",
    title_ko={"type": "string"},
    title_ja={"type": "string"},
)

PUT = Operation(
    name="put_bundles",
    method="PUT",
    path="/v1/bundles",
    summary="Add or replace bundles",
    about=(
        "At most 1,000 parts, all or none. A bundle needs two parts, a kind, and a price or a discount; a look may have "
        "neither. It is replaced as a whole: a part that is not named again is no part any more. `active: false` takes "
        "it out of sight."
    ),
    group="collect",
    keys=(SECRET,),
    bodies=(body_of("bundles", ROW, "PutBundles"),),
    body_example={
        "bundles": [
            {
                "bundle_id": "TEA-FOR-TWO", "kind": "fixed", "price": "39.00", "currency": "GBP",
                "title": "Tea for two", "title_ko": "둘을 위한 차", "product_id": "T-40", "role": "pot",
            },
            {"bundle_id": "TEA-FOR-TWO", "product_id": "C-07", "role": "cup", "quantity": 2},
        ]
    },
    answer=Kept,
    answer_example={"new": 2, "replaced": 0, "same": 0, "conflicts": [], "unknown": []},
    problems=PUT_PROBLEMS,
)  # fmt: skip
GET = Operation(
    name="get_bundles",
    method="GET",
    path="/v1/bundles",
    summary="List the bundles",
    about="Part by part, inactive ones included; a page may run over its limit to end with a whole bundle, and can be put again.",
    group="collect",
    keys=(SECRET,),
    parameters=PAGING,
    answer=page_of("bundles", ROW, "BundlePage"),
    problems=(401, 403, 422, 503),
)
