"""The small situations of the article examples: what was bought with what, the shop that learned it, what it then says."""

import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from uuid import uuid4

from crosslift.domain.bundle import SetOffer
from crosslift.domain.decision import Decision, Reason, ReasonCode
from crosslift.shop import Shop, batch
from crosslift.wording import reasons

Opened = tuple[Shop, list[Any]]
LANGUAGES = ("en", "ko", "ja")
NAMELESS = (
    ReasonCode.FOR_READERS, ReasonCode.RECOMMENDED, ReasonCode.CATEGORY_COMPANION, ReasonCode.MERCHANT_OFFER,
    ReasonCode.PLAN_NEARLY_USED,
)  # fmt: skip
"""Reasons that speak of a page, the shop's own words or categories, and so do not name the product they start from."""

NOISE = tuple(f"N{i:02}" for i in range(20))
"""What else the shop sells: two of them in an order, each pair as often as any other."""


class Shops:
    """Opens shops that have collected and learned, each in a folder of its own, until the test is over."""

    def __init__(self, little: Any, folder: Path, until: ExitStack) -> None:
        self._little, self._folder, self._until = little, folder, until

    def bought(self, anchor: str, companions: Mapping[str, int], *named: Mapping[str, Any], **more: Any) -> Opened:
        """Open a shop where companions were bought with an anchor, see `baskets`; give it and its orders."""
        made = self._little.orders(*baskets(anchor, companions), days=90)
        return self.of(made, *named, **more), made

    def of(self, made: Sequence[Any], *named: Mapping[str, Any], **more: Any) -> Shop:
        """Open a shop with these orders; `named` are catalog rows, `more` further files: links, bundles, events ..."""
        home = self._folder / uuid4().hex
        home.mkdir()
        sold = dict.fromkeys(name for order in made for name in order.products)
        return self._until.enter_context(self._little.stocked(home, made, catalog(*named, also=sold), more=more))


def product(name: str, price: float = 9, **fields: Any) -> dict[str, Any]:
    """Give the catalog row of a product; `kind`, `category`, `brand`, `stock` are columns, other fields attributes."""
    columns = {column: fields.pop(column) for column in ("kind", "category", "brand", "stock") if column in fields}
    return {
        "product_id": name, "title": name, "title_ko": f"{name} (ko)", "title_ja": f"{name} (ja)", "price": f"{price:.2f}",
        "currency": "USD", **columns, "attributes": json.dumps(fields) if fields else "",
    }  # fmt: skip


def publish(shop: Shop, more: str, name: str = "helpful") -> None:
    """Put a policy in force that extends the default; `more` is the rest of its text."""
    written = shop.policies.draft(f'name = "{name}"\nextends = "helpful"\n{more}\n', "mina", "we decided so")
    shop.policies.publish(name, written["version"], "mina")


def grant(shop: Shop, *customers: str, purpose: str = "personalization", channel: str = "*") -> None:
    """Let customers say yes, now."""
    yes = {
        "purpose": purpose,
        "channel": channel,
        "status": "granted",
        "source": "form",
        "at": shop.clock().isoformat(),
    }
    shop.consents.record([{"customer_id": customer, **yes} for customer in customers])


def stopped(decision: Decision) -> dict[str, str]:
    """Give of a decision made with its trace the code that stopped each candidate."""
    assert decision.trace is not None
    return {one.product_id: one.dropped for one in decision.trace.candidates if one.dropped}


def catalog(*named: Mapping[str, Any], also: Iterable[str] = ()) -> list[Mapping[str, Any]]:
    """Give the rows named, and plain ones for whatever else is sold."""
    known = {row["product_id"] for row in named}
    return [*named, *(product(name) for name in dict.fromkeys((*also, *NOISE)) if name not in known)]


def baskets(anchor: str, companions: Mapping[str, int], n: int = 600) -> list[tuple[str, ...]]:
    """Make orders: every third holds the anchor, and of a hundred of these so many each companion."""
    made = []
    for order in range(n):
        held = {NOISE[order % 20], NOISE[(order + order // 20) % 20]}
        if order % 3 == 0:
            turn = order // 3
            shares = enumerate(companions.items())
            held |= {anchor, *(name for place, (name, share) in shares if (turn + 37 * place) % 100 < share)}
        made.append(tuple(sorted(held)))
    return made


def offered(decision: Decision, made: Iterable[Any] = ()) -> list[str]:
    """Give the products offered, once each reason has been told in three languages and its counts were recounted.

    `made` are the orders behind it: what a reason says was bought together is counted again in them.
    """
    held = [set(order.products) for order in made]
    for offer in decision.offers:
        evidence, told = offer.reason.evidence, spoken(offer.reason)
        if "anchor" in evidence and offer.reason.code not in NAMELESS:
            anchor = evidence["anchor"]
            assert [f"{anchor}{'' if of == 'en' else f' ({of})'}" in told[of] for of in LANGUAGES] == [True] * 3
        if offer.reason.code == ReasonCode.BOUGHT_TOGETHER:
            assert evidence["n_both"] == sum({evidence["anchor"], offer.product_id} <= basket for basket in held)
            assert all(str(evidence["n_both"]) in sentence for sentence in told.values())
    return [offer.product_id for offer in decision.offers]


def spoken(reason: Reason) -> dict[str, str]:
    """Say a reason in each language, all of them different."""
    told = {language: reasons.sentence(reason, language) for language in LANGUAGES}
    assert len(set(told.values())) == len(LANGUAGES)
    return told


def kinds(decision: Decision) -> dict[str, str]:
    """Give the kind of each offer."""
    return {offer.product_id: offer.kind for offer in decision.offers}


def reason_of(decision: Decision, product_id: str) -> Reason:
    """Give the reason one product is offered for."""
    return next(offer.reason for offer in decision.offers if offer.product_id == product_id)


def set_reasons(shown: SetOffer) -> dict[str, str]:
    """Say why a set is offered, in each language, as the answer to a request has it."""
    told = {language: batch.set_row(shown, language)["reason"] for language in LANGUAGES}
    assert len(set(told.values())) == len(LANGUAGES)
    return told


def set_of(decision: Decision, bundle_id: str) -> SetOffer | None:
    """Give a set by its id; None where it is not offered."""
    return next((shown for shown in decision.sets if shown.bundle_id == bundle_id), None)


def parts_of(shown: SetOffer) -> list[str]:
    """Name the products of an offered set, in its order."""
    return [part.product_id for part in shown.parts]
