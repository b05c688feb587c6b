"""Dresses every placement of a page of a shop: what `POST /v1/widget` answers, and a fragment is made of."""

from collections.abc import Sequence
from typing import Any

import msgspec

from crosslift.deliver.channels.blocks import KNOWN, SET, WHERE, kinds_of
from crosslift.domain.decision import Decision
from crosslift.errors import BadInput
from crosslift.web.api.decide import Ask, Moment, notes, request_of
from crosslift.web.api.widget import AskWidget, Shown, ShownBar, Spot, Widget
from crosslift.web.pages.addresses import PLACE, ShopPages, is_web
from crosslift.web.pages.doors import SCRIPT, Doors
from crosslift.web.pages.rendering import written
from crosslift.web.pages.window import BarCard, SetCard, Slot, Window
from crosslift.web.security import Key, speaking_for
from crosslift.web.served import ServedShop
from crosslift.web.wire import decode
from crosslift.wording.messages import language_of
from crosslift.wording.widget import words

SPOKEN = ("thanks_noted", "undo", "undone", "close", "no_thanks", "added_to_cart", "not_saved", "offers")
"""What the widget's script says itself."""
_decoder = msgspec.json.Decoder(AskWidget)


async def widget(served: ServedShop, key: Key, body: bytes) -> Widget:
    """Decide and dress every placement of a page; what an earlier one shows no later one shows again."""
    ask = decode(_decoder, body)
    return await dressed(served, speaking_for(served.shop, key, ask.customer_token), ask, SCRIPT)


async def dressed(served: ServedShop, key: Key, ask: AskWidget, doors: Doors) -> Widget:
    """Answer for a page whose cards post to `doors`.

    Raises
    ------
    BadInput
        For a placement or block that is none, a block the placement does not have, or an address no page may link to.
    """
    _check(ask)
    language = ask.language or served.shop.settings["shop.language"]
    spots = [*ask.page, *([Spot("bar")] if ask.bar else [])]
    by_place = await _decided(served, key, ask, spots)
    window = Window(served, language, ShopPages(served.demo, ask.base, ask.link), ask.market)
    await window.read(by_place.values())
    shown = [_shown(window, ask, spot, by_place[place], doors) for place, spot in enumerate(ask.page)]
    bar = _bar(window, ask, by_place[len(ask.page)], doors) if ask.bar else None
    said = words(language)
    return Widget(language_of(language), shown, bar, {name: said[name] for name in SPOKEN}, notes(key, ask))


async def _decided(served: ServedShop, key: Key, ask: AskWidget, spots: Sequence[Spot]) -> dict[int, Decision]:
    """Decide the spots of a page together, no product twice; sets that stand apart beside them, as they do in one placement.

    Sets are those of the decision of their whole placement where the page has one, else of one that is asked for them alone.
    """
    twins = {place: _twin(spots, one) for place, one in enumerate(spots) if one.block == SET}
    together = [place for place in range(len(spots)) if place not in twins]
    alone = [place for place, twin in twins.items() if twin is None]
    found: dict[int, Decision] = {}
    for places in (together, *([place] for place in alone)):
        requests = [request_of(served, key, _with(ask, spots[place])) for place in places]
        if key.not_counted(ask.traffic):
            decisions = served.decide_uncounted(requests)
        else:
            decisions = await served.decide_page(requests) if requests else []
        found |= dict(zip(places, decisions, strict=True))
    return found | {place: found[twin] for place, twin in twins.items() if twin is not None}


def _twin(spots: Sequence[Spot], wanted: Spot) -> int | None:
    """Find the whole placement on a page whose sets stand apart."""
    same = (wanted.placement, wanted.product)
    return next(
        (n for n, one in enumerate(spots) if not one.block and (one.placement, one.product) == same and not one.kinds),
        None,
    )


def _check(ask: AskWidget) -> None:
    for name, address in (("base", ask.base), ("link", ask.link)):
        if address and not is_web(address):
            raise BadInput(f"{address!r} is no address a page may link to; begin with https:// or /", where=name)
    if ask.link is not None and PLACE not in ask.link:
        raise BadInput(f"{ask.link!r} has no place for the id; write {PLACE} where it belongs", where="link")
    for spot in ask.page:
        if spot.placement not in WHERE:
            raise BadInput(f"{spot.placement!r} is none of {', '.join(WHERE)}", where="placement")
        if spot.block is not None and spot.block not in KNOWN:
            raise BadInput(f"{spot.block!r} is none of {', '.join(KNOWN)}", where="block")
        if spot.block not in (None, SET) and not kinds_of(str(spot.block), spot.placement):
            raise BadInput(f"placement {spot.placement!r} has no block {spot.block!r}", where="block")


def _with(ask: AskWidget, spot: Spot) -> Ask:
    own = {name: getattr(spot, name) for name in ("product", "query", "content") if getattr(spot, name) is not None}
    common = {name: getattr(ask, name) for name in Moment.__struct_fields__}
    kinds = spot.kinds or (kinds_of(spot.block, spot.placement) if spot.block not in (None, SET) else ask.kinds)
    k = 1 if spot.block == SET else spot.k or ask.k or WHERE[spot.placement]
    return Ask(**{**common, **own, "placement": spot.placement, "kinds": kinds, "k": k, "trace": False})


def _shown(window: Window, ask: AskWidget, spot: Spot, decision: Decision, doors: Doors) -> Shown:
    slots = () if spot.block == SET else window.slots(decision)
    stand_apart = spot.block is None and any(one.block == SET and one.placement == spot.placement for one in ask.page)
    sets = window.sets(decision) if spot.block in (None, SET) and not stand_apart else ()
    prefix = "-".join(("crosslift", spot.placement, *([spot.block] if spot.block else [])))
    return Shown(
        spot.placement, spot.block, decision.decision_id or None, decision.no_offer,
        sum(len(one.cards) for one in slots) + len(sets), **_dressed(window, ask, slots, sets, None, doors, prefix),
    )  # fmt: skip


def _bar(window: Window, ask: AskWidget, decision: Decision, doors: Doors) -> ShownBar | None:
    bar = window.bar(decision)
    if bar is None:
        return None
    slots = window.slots(decision)
    return ShownBar(
        "bar", None, decision.decision_id or None, decision.no_offer, sum(len(one.cards) for one in slots),
        sentence=bar.sentence, amount=bar.amount, missing=bar.missing, share=bar.share, is_reached=bar.is_reached,
        **_dressed(window, ask, slots, (), bar, doors, "crosslift-bar"),
    )  # fmt: skip


def _dressed(
    window: Window, ask: AskWidget, slots: tuple[Slot, ...], sets: tuple[SetCard, ...], bar: BarCard | None, doors: Doors,
    prefix: str,
) -> dict[str, Any]:  # fmt: skip
    found: dict[str, Any] = {}
    if ask.html:
        found["html"] = written(
            "widget/shown.html", slots=slots, sets=sets, bar=bar, t=words(window.language), doors=doors.named(prefix)
        ).strip()
    if ask.cards:
        found["slots"] = [msgspec.to_builtins(one) for one in slots]
        found["sets"] = [msgspec.to_builtins(one) for one in sets]
    return found
