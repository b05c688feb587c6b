"""`/v1/keys`: API keys and tokens that name a customer, for whoever may manage the shop."""

from typing import Annotated, Any

import msgspec

from crosslift.domain.access import Role
from crosslift.shop.keys import MOST_DAYS, MOST_HOURS, MOST_ORIGINS, OVERLAP_HOURS, TOKEN_MINUTES
from crosslift.web.api.operation import SECRET, Id, Operation, Parameter
from crosslift.web.served import ServedShop
from crosslift.web.wire import decode

Label = Annotated[str, msgspec.Meta(max_length=200)]
Roles = Annotated[tuple[Role, ...], msgspec.Meta(min_length=1, max_length=len(Role))]
Origin = Annotated[str, msgspec.Meta(min_length=1, max_length=300)]
Origins = Annotated[tuple[Origin, ...], msgspec.Meta(max_length=MOST_ORIGINS)]
Days = Annotated[float, msgspec.Meta(gt=0, le=MOST_DAYS)]
Hours = Annotated[float, msgspec.Meta(ge=0, le=MOST_HOURS)]
Minutes = Annotated[float, msgspec.Meta(gt=0, le=TOKEN_MINUTES)]


class CreateKey(msgspec.Struct, forbid_unknown_fields=True):
    """What key is wanted; a publishable one has no roles."""

    kind: Annotated[str, msgspec.Meta(pattern="^(secret|publishable)$")] = "secret"
    label: Label = ""
    roles: Roles = (Role.ADMIN,)
    origins: Annotated[
        Origins, msgspec.Meta(description="Of a publishable key: pages that may use it, as `https://shop.example`.")
    ] = ()
    days: Annotated[Days | None, msgspec.Meta(description="How long it works; for ever without.")] = None


class RotateKey(msgspec.Struct, forbid_unknown_fields=True):
    """How long the old key goes on working."""

    hours: Hours = OVERLAP_HOURS


class MintToken(msgspec.Struct, forbid_unknown_fields=True):
    """Whom a token shall name, and how long."""

    customer: Id
    minutes: Minutes = TOKEN_MINUTES


class MadeKey(msgspec.Struct):
    """The key itself, this once."""

    key: str


class MintedToken(msgspec.Struct):
    """The token, as `customer_token` in a body or the header X-Crosslift-Customer, beside a publishable key."""

    token: str


class KeyList(msgspec.Struct):
    """Every key without the key itself; instants in microseconds UTC, `used_at` to the minute."""

    keys: list[dict[str, Any]]


class RevokedKey(msgspec.Struct):
    """The key that works no more."""

    key_id: str


_create = msgspec.json.Decoder(CreateKey)
_rotate = msgspec.json.Decoder(RotateKey)
_token = msgspec.json.Decoder(MintToken)


async def create(served: ServedShop, body: bytes) -> MadeKey:
    """Make a key."""
    sent = decode(_create, body)
    keys = served.shop.keys
    return MadeKey(
        await served.in_thread(lambda: keys.create(sent.kind, sent.label, sent.roles, sent.days, sent.origins))
    )


async def get(served: ServedShop) -> KeyList:
    """List the keys."""
    return KeyList(await served.in_thread(served.shop.keys.known))


async def rotate(served: ServedShop, key_id: str, body: bytes) -> MadeKey:
    """Make a key in another's place."""
    sent = decode(_rotate, body)
    return MadeKey(await served.in_thread(lambda: served.shop.keys.rotate(key_id, sent.hours)))


async def revoke(served: ServedShop, key_id: str) -> RevokedKey:
    """Revoke a key."""
    await served.in_thread(lambda: served.shop.keys.revoke(key_id))
    return RevokedKey(key_id)


async def mint(served: ServedShop, body: bytes) -> MintedToken:
    """Mint a customer token."""
    sent = decode(_token, body)
    return MintedToken(served.shop.keys.token(sent.customer, sent.minutes))


_ID = Parameter("key_id", "path", "As `GET /v1/keys` lists it.", {"type": "string", "examples": ["4f1c0c9ad6f04c2f"]})

CREATE = Operation(
    name="create_key",
    method="POST",
    path="/v1/keys",
    summary="Make an API key",
    about=(
        "It is given this once and kept as a hash. `roles` are what a secret key may do, `origins` the pages a publishable one "
        "answers."
    ),
    group="operate",
    keys=(SECRET,),
    bodies=(CreateKey,),
    body_example={"kind": "secret", "label": "till", "roles": ["agent"], "days": 365},
    answer=MadeKey,
    answer_example={"key": "sk_…"},
    problems=(400, 401, 403, 408, 413, 422, 503),
)
GET = Operation(
    name="get_keys",
    method="GET",
    path="/v1/keys",
    summary="List API keys",
    about="With roles, when each was made, last used, expires, was revoked, and which it took the place of.",
    group="operate",
    keys=(SECRET,),
    answer=KeyList,
    problems=(401, 403),
)
ROTATE = Operation(
    name="rotate_key",
    method="POST",
    path="/v1/keys/{key_id}/rotate",
    summary="Replace an API key",
    about="The new one has roles, label and length of life of the old, which goes on working for `hours`.",
    group="operate",
    keys=(SECRET,),
    parameters=(_ID,),
    bodies=(RotateKey,),
    body_example={"hours": 24},
    answer=MadeKey,
    answer_example={"key": "sk_…"},
    problems=(400, 401, 403, 404, 408, 413, 422, 503),
)
REVOKE = Operation(
    name="revoke_key",
    method="DELETE",
    path="/v1/keys/{key_id}",
    summary="Revoke an API key",
    about="It stops working with the next request, in every process.",
    group="operate",
    keys=(SECRET,),
    parameters=(_ID,),
    answer=RevokedKey,
    answer_example={"key_id": "4f1c0c9ad6f04c2f"},
    problems=(401, 403, 404, 422, 503),
)
TOKEN = Operation(
    name="mint_token",
    method="POST",
    path="/v1/keys/token",
    summary="Let a browser speak for one customer",
    about=(
        "For a customer who is signed in at your shop: your server asks for a token and hands it to the page, which sends it "
        "as `customer_token` or `X-Crosslift-Customer` beside its publishable key. It names this one customer of this shop, for "
        "30 minutes at most."
    ),
    group="operate",
    keys=(SECRET,),
    bodies=(MintToken,),
    body_example={"customer": "17850"},
    answer=MintedToken,
    answer_example={"token": "ct_…"},
    problems=(400, 401, 403, 408, 413, 422, 503),
)
OPERATIONS = (CREATE, GET, TOKEN, ROTATE, REVOKE)
