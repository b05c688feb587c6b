"""`POST /v1/explain`: why not this product? The decision is made again, and one product is followed through it."""

from collections.abc import Mapping
from typing import Annotated, Literal

import msgspec

from crosslift.domain.customer import Purpose
from crosslift.errors import NotReplayable, Refused
from crosslift.shop import Shop, why_not
from crosslift.web.api.operation import EITHER, Id, Operation
from crosslift.web.security import Key
from crosslift.web.served import ServedShop
from crosslift.web.wire import decode

Tag = Annotated[str, msgspec.Meta(max_length=60)]


class Explain(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Which product, in which decision."""

    decision_id: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    product: Annotated[Id, msgspec.Meta(description="A product, a variant or an offer of the library.")]
    language: Annotated[Tag | None, msgspec.Meta(description="We write en, ko, ja; by default the shop's.")] = None
    audience: Annotated[
        Literal["operator", "shopper"],
        msgspec.Meta(description="With a publishable key it is always the shopper."),
    ] = "operator"


class RuleTold(msgspec.Struct):
    """A rule of the policy: its id, code, reason and owner, and the provision it stands for."""

    id: str
    code: str
    reason: str
    owner: str
    law: str | None


class Again(msgspec.Struct):
    """Whether the decision was made again, and came out the same byte for byte."""

    is_replayed: bool
    is_equal: bool | None
    difference: str | None


class ToldShopper(msgspec.Struct):
    """What a shopper may be told: whether it was offered, and one true sentence."""

    decision_id: str
    product: str
    was_offered: bool
    sentence: str


class Told(msgspec.Struct):
    """What became of a product.

    `fate` is offered, withheld, dropped (by `gate` and `rule`, or by the list), no_candidate or not_asked; `asked` counts the
    candidates of every source, `led_by` names sources that lead to it and were not asked, with placement, policy, request or
    page as the reason; `now` is the code of what stands against selling it at this moment.
    """

    decision_id: str
    product: str
    title: str
    fate: str
    code: str | None
    gate: str | None
    rule: RuleTold | None
    source: str | None
    place: int | None
    offered_as: str | None
    asked: Mapping[str, int]
    led_by: Mapping[str, str]
    now: str | None
    replay: Again
    sentences: list[str]


_decoder = msgspec.json.Decoder(Explain)


async def explain(served: ServedShop, key: Key, body: bytes) -> Told | ToldShopper:
    """Answer; of what was decided with a person in mind nothing is told to whoever cannot say who they are."""
    served.check_ready()
    asked = decode(_decoder, body)
    return await served.in_thread(lambda: answer(served.shop, key, asked))


def answer(shop: Shop, key: Key, asked: Explain) -> Told | ToldShopper:
    """Make the decision again and tell of the product.

    Raises
    ------
    Refused
        If a publishable key asks about a decision that a person's own history went into.
    NotReplayable
        If its inputs are gone; for a publishable key also if a newer snapshot is in force: an older one would be read for it.
    """
    language = asked.language or shop.settings["shop.language"]
    if key.is_secret and asked.audience == "operator":
        return msgspec.convert(why_not.told(shop, shop.why_not(asked.decision_id, asked.product), language), Told)
    if not key.is_secret:
        made = shop.decision(asked.decision_id)
        if made["purpose"] != Purpose.CONTEXTUAL:
            raise Refused("this decision was made for a known person; explaining it needs a secret key")
        if made["snapshot_id"] != shop.knowledge.snapshot_id:
            raise NotReplayable("a newer snapshot is in force; ask right after the decision, or with a secret key")
    found = shop.why_not(asked.decision_id, asked.product)
    return msgspec.convert(why_not.told_to_shopper(found, language), ToldShopper)


OPERATION = Operation(
    name="explain",
    method="POST",
    path="/v1/explain",
    summary="Ask why a product was not offered",
    about=(
        "Makes a recorded decision again and follows one product through it: offered, held back, stopped by a gate with its "
        "readable rule, code and owner, or never a candidate, with every source that was asked and those that would lead "
        "there. With a publishable key, or `audience: shopper`, one true sentence and nothing of rules, scores or other "
        "people, and only while its snapshot is in force. 410 when the inputs of the decision are gone."
    ),
    group="decide",
    keys=EITHER,
    bodies=(Explain,),
    body_example={"decision_id": "4f1c0c9ad6f04c2f8b1a2f7f0d9a3e11", "product": "22699", "language": "en"},
    answer=Told,
    answer_example={
        "decision_id": "4f1c0c9ad6f04c2f8b1a2f7f0d9a3e11", "product": "22699", "title": "ROSES REGENCY TEACUP AND SAUCER",
        "fate": "dropped", "code": "out_of_stock", "gate": "eligible", "rule": None, "source": "complement", "place": None,
        "offered_as": None, "asked": {"pinned": 0, "complement": 4}, "led_by": {}, "now": "out_of_stock",
        "replay": {"is_replayed": True, "is_equal": True, "difference": None},
        "sentences": [
            "ROSES REGENCY TEACUP AND SAUCER was a candidate: goes with.",
            "The gate “may it be offered” stopped it: out_of_stock.", "It is out of stock.",
            "At this moment: It is out of stock.",
        ],
    },
    problems=(400, 401, 403, 404, 408, 410, 413, 422, 503),
)  # fmt: skip
