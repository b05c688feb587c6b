"""`PUT` and `PATCH /v1/products`: the catalog, by the very code of the file door; effective on the next decision."""

from typing import Annotated, Any

import msgspec

from crosslift.collect.schemas import Type
from crosslift.web.api.columns import JSON, body_of, row_of
from crosslift.web.api.operation import MAX_BATCH, SECRET, Operation
from crosslift.web.served import ServedShop
from crosslift.web.wire import decode


class Products(msgspec.Struct, forbid_unknown_fields=True):
    """Products as JSON objects; their fields are checked by the code that reads files."""

    products: Annotated[list[dict[str, Any]], msgspec.Meta(min_length=1, max_length=MAX_BATCH)]


class Put(msgspec.Struct):
    """What became of the products."""

    new: int
    replaced: int
    same: int


class Patched(msgspec.Struct):
    """How many products were changed, and the ids nobody knows."""

    changed: int
    unknown: list[str]


_decoder = msgspec.json.Decoder(Products)


async def put(served: ServedShop, body: bytes) -> Put:
    """Insert or replace products."""
    products = decode(_decoder, body).products

    def work() -> dict[str, Any]:
        outcome = served.shop.put_products(products)
        served.refresh_catalog()
        return outcome

    return Put(**await served.in_thread(work))


async def patch(served: ServedShop, body: bytes) -> Patched:
    """Change price, stock or activity alone."""
    changes = decode(_decoder, body).products
    return Patched(**await served.in_thread(lambda: served.shop.patch_products(changes)))


PUT_SCHEMA = body_of(
    "products",
    row_of(
        "products",
        ("product_id", "title"),
        "Canonical columns of a products file; `title_<language>` translates, the rest is kept as attributes.",
        title_ko={"type": "string"},
        title_ja={"type": "string"},
    ),
    "PutProducts",
)
PATCH_SCHEMA = body_of(
    "products",
    {
        "type": "object",
        "properties": {
            "product_id": {"type": "string"},
            "price": {**JSON[Type.MONEY], "minimum": 0},
            "currency": JSON[Type.CURRENCY],
            "stock": JSON[Type.INTEGER],
            "active": JSON[Type.FLAG],
        },
        "required": ["product_id"],
        "minProperties": 2,
        "additionalProperties": False,
    },
    "PatchProducts",
)

PUT = Operation(
    name="put_products",
    method="PUT",
    path="/v1/products",
    summary="Add or replace products",
    about=(
        "At most 1,000 products, all or none. Price, stock and activity hold on the very next decision; what goes "
        "with a new product is known after the next learning. Variants name their product in `parent_id`."
    ),
    group="collect",
    keys=(SECRET,),
    bodies=(PUT_SCHEMA,),
    body_example={
        "products": [
            {
                "product_id": "T-40", "title": "Teapot 0.8 l", "title_ko": "찻주전자 0.8 l", "category": "tea/pots",
                "price": "24.90", "currency": "GBP", "stock": 12,
            }
        ]
    },
    answer=Put,
    answer_example={"new": 1, "replaced": 0, "same": 0},
    problems=(400, 401, 403, 408, 413, 422, 503),
)  # fmt: skip
PATCH = Operation(
    name="patch_products",
    method="PATCH",
    path="/v1/products",
    summary="Change price, stock or activity",
    about="At most 1,000 changes; they hold on the very next decision, nothing is learned again.",
    group="collect",
    keys=(SECRET,),
    bodies=(PATCH_SCHEMA,),
    body_example={"products": [{"product_id": "T-40", "stock": 0}, {"product_id": "T-41", "price": "19.90"}]},
    answer=Patched,
    answer_example={"changed": 1, "unknown": ["T-41"]},
    problems=(400, 401, 403, 408, 413, 422, 503),
)
