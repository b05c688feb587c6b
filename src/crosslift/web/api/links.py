"""`/v1/links`: what the merchant says of pairs, by the very code of the file door; effective on the next decision."""

from typing import Annotated, Any

import msgspec

from crosslift.domain.link import LinkKind
from crosslift.web.api.columns import body_of, page_of, row_of
from crosslift.web.api.operation import MAX_BATCH, SECRET, Operation, Parameter
from crosslift.web.served import ServedShop
from crosslift.web.wire import decode

PAGE = 100
LAST = 2**53
"""Places in a list are whole numbers that JSON can hold."""


class Links(msgspec.Struct, forbid_unknown_fields=True):
    """Links as JSON objects; their fields are checked by the code that reads files."""

    links: Annotated[list[dict[str, Any]], msgspec.Meta(min_length=1, max_length=MAX_BATCH)]


class Kept(msgspec.Struct):
    """What became of them; conflicts came with an older `updated_at` than what is kept, unknown are products."""

    new: int
    replaced: int
    same: int
    conflicts: list[str]
    unknown: list[str]


class Removed(msgspec.Struct):
    """How many links were taken back."""

    removed: int


_decoder = msgspec.json.Decoder(Links)


async def put(served: ServedShop, body: bytes) -> Kept:
    """Insert, replace or take back links."""
    links = decode(_decoder, body).links
    return Kept(**await served.in_thread(lambda: served.shop.put_links(links)))


async def get(served: ServedShop, after: int, limit: int) -> dict[str, Any]:
    """List the links in force."""
    return await served.in_thread(lambda: served.shop.links(after, limit))


async def delete(served: ServedShop, from_id: str, to_id: str, kind: LinkKind) -> Removed:
    """Take one link back."""
    await served.in_thread(lambda: served.shop.remove_link(from_id, to_id, kind.value))
    return Removed(1)


ROW = row_of(
    "links",
    ("from_id", "to_id", "kind"),
    "Canonical columns of a links file; the rest is kept as attributes. Without an action it is a plain link.",
)
PAGING = (
    Parameter("after", "query", "The `next` of the page before.", {"type": "integer", "minimum": 0, "default": 0}),
    Parameter(
        "limit", "query", "At most so many rows.",
        {"type": "integer", "minimum": 1, "maximum": MAX_BATCH, "default": PAGE},
    ),
)  # fmt: skip
PUT_PROBLEMS = (400, 401, 403, 408, 413, 422, 503)

PUT = Operation(
    name="put_links",
    method="PUT",
    path="/v1/links",
    summary="Link products, pin, boost, bury or ban",
    about=(
        "At most 1,000 links, all or none. One link stands for each `from_id`, `to_id` and `kind`: the last written "
        "counts, `action` `remove` takes it back. `from_id` is a product, `category:<path>`, `*` for the whole shop, or "
        "for kind `content` a page. What overrules learning (pin, boost, bury, ban) needs a reason and an author. "
        "Products nobody knows are named in the answer; what is said of them waits until they are collected."
    ),
    group="collect",
    keys=(SECRET,),
    bodies=(body_of("links", ROW, "PutLinks"),),
    body_example={
        "links": [
            {
                "from_id": "T-40", "to_id": "F-12", "kind": "required", "action": "pin", "author": "mina",
                "reason": "the filter is not in the box",
            },
            {"from_id": "F-12", "to_id": "F-12", "kind": "refill", "value": "90 days"},
        ]
    },
    answer=Kept,
    answer_example={"new": 2, "replaced": 0, "same": 0, "conflicts": [], "unknown": ["F-12"]},
    problems=PUT_PROBLEMS,
)  # fmt: skip
GET = Operation(
    name="get_links",
    method="GET",
    path="/v1/links",
    summary="List the links in force",
    about="In the order they were written; neither those taken back nor those expired. A page can be put again as it is.",
    group="collect",
    keys=(SECRET,),
    parameters=PAGING,
    answer=page_of("links", ROW, "LinkPage"),
    answer_example={
        "links": [{"from_id": "F-12", "to_id": "F-12", "kind": "refill", "action": "link", "value": "90 days"}],
        "next": None,
    },
    problems=(401, 403, 422, 503),
)
DELETE = Operation(
    name="delete_link",
    method="DELETE",
    path="/v1/links",
    summary="Take a link back",
    about="It holds no more on the very next decision; what was learned holds again.",
    group="collect",
    keys=(SECRET,),
    parameters=(
        Parameter("from_id", "query", "Where it starts.", is_required=True),
        Parameter("to_id", "query", "Where it leads.", is_required=True),
        Parameter("kind", "query", "Which one.", {"type": "string", "enum": list(LinkKind)}, is_required=True),
    ),
    answer=Removed,
    answer_example={"removed": 1},
    problems=(401, 403, 404, 422, 503),
)
