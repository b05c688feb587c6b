"""Sets that page and cart have begun: what may not be offered alone here is no part of one."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from crosslift.decide.case import Case
from crosslift.decide.gates import Gates
from crosslift.decide.knowledge import Knowledge
from crosslift.decide.reading import Live
from crosslift.decide.sets import sets_for
from crosslift.domain.bundle import Bundle, SetOffer

MOST_KEPT = 10_000
"""So many answers are kept with one state of the live values."""


def sets_begun(case: Case, gates: Gates) -> tuple[tuple[Bundle, ...], tuple[SetOffer, ...]]:
    """Give the merchant's sets that were met, and the sets to show."""
    request, knowledge, policy, live = case.request, case.knowledge, case.policy, case.live
    if not policy.offers_sets or not case.placement.shows_sets or request.kinds or gates.last.stop is not None:
        return (), ()
    in_cart = frozenset(live.parent_of(name) for name in request.cart)
    begun = in_cart | {live.parent_of(request.product)} if request.product else in_cart
    merchants, bundles, parts = case.page.once(_met, (live.values, knowledge), begun)
    if not bundles:
        return (), ()
    key = begun.intersection(parts), in_cart.intersection(parts), policy.max_sets
    kept = live.sets.get(key)
    barred = _barred(case, gates, parts)
    if barred or kept is None:
        shown = _shown(case, begun, in_cart, bundles, barred)
        if not barred and not any(bundle.expires_at for bundle in bundles):
            if len(live.sets) >= MOST_KEPT:
                live.sets.clear()
            live.sets[key] = shown
        return merchants, shown
    for name in parts:
        live.part(name)  # it is what the sets rest on, and is recorded with the decision
    return merchants, kept


def _met(
    live: Live, knowledge: Knowledge, begun: frozenset[str]
) -> tuple[tuple[Bundle, ...], tuple[Bundle, ...], tuple[str, ...]]:
    """Give the merchant's sets that some products are part of, these and those mined, and the parts of them all."""
    merchants = tuple(live.bundles_with(begun)) if begun else ()
    bundles = (*merchants, *knowledge.bundles_with(begun))
    return merchants, bundles, tuple(dict.fromkeys(name for bundle in bundles for name in bundle.product_ids))


def _barred(case: Case, gates: Gates, parts: Sequence[str]) -> frozenset[str]:
    """Name those of some parts that may not be offered here."""
    index, excluded = case.knowledge.index, case.request.exclude
    place_of = {name: index[name] for name in parts if name in index}
    stopped = gates.barred(np.array(sorted(set(place_of.values())), dtype=np.int32))
    if not (stopped or excluded):
        return frozenset()
    return frozenset(name for name in parts if name in excluded or place_of.get(name) in stopped)


def _shown(
    case: Case, begun: frozenset[str], in_cart: frozenset[str], bundles: Sequence[Bundle], barred: frozenset[str]
) -> tuple[SetOffer, ...]:
    """Work the sets out, and tell whether the cart holds part of one or only the page shows one."""
    found = sets_for(
        begun, bundles, case.live.part, barred.__contains__, case.policy.max_sets, case.request.at,
        case.knowledge.min_margin,
    )  # fmt: skip
    return tuple(replace(one, evidence={**one.evidence, "begun_by": _begun_by(one, in_cart)}) for one in found)


def _begun_by(offer: SetOffer, in_cart: frozenset[str]) -> str:
    """Tell whether the cart holds part of a set, or only the page shows one: the sentence must not claim more."""
    return "cart" if any(part.product_id in in_cart for part in offer.parts) else "page"
