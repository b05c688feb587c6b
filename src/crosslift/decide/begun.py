"""Sets that page and cart have begun: what may not be offered alone here is no part of one."""

from dataclasses import replace

import numpy as np

from crosslift.decide.case import Case
from crosslift.decide.gates import Gates
from crosslift.decide.sets import sets_for
from crosslift.domain.bundle import Bundle, SetOffer


def sets_begun(case: Case, gates: Gates) -> tuple[tuple[Bundle, ...], tuple[SetOffer, ...]]:
    """Give the merchant's sets that were met, and the sets to show."""
    request, knowledge, policy = case.request, case.knowledge, case.policy
    if not policy.offers_sets or not case.placement.shows_sets or request.kinds or gates.last.stop is not None:
        return (), ()
    begun = frozenset(case.live.parent_of(name) for name in (*request.cart, request.product) if name)
    if not begun:
        return (), ()
    merchants = tuple(case.live.bundles_with(begun))
    bundles = (*merchants, *knowledge.bundles_with(begun))
    if not bundles:
        return (), ()
    place_of = {
        name: knowledge.index[name] for bundle in bundles for name in bundle.product_ids if name in knowledge.index
    }
    barred = gates.barred(np.array(sorted(set(place_of.values())), dtype=np.int32))

    def is_barred(product_id: str) -> bool:
        return product_id in request.exclude or place_of.get(product_id) in barred

    shown = sets_for(
        begun, bundles, case.live.part, is_barred, policy.max_sets, request.at, knowledge.min_margin, case.live.sets
    )
    in_cart = {case.live.parent_of(name) for name in request.cart}
    return merchants, tuple(
        replace(one, evidence={**one.evidence, "begun_by": _begun_by(one, in_cart)}) for one in shown
    )


def _begun_by(offer: SetOffer, in_cart: set[str]) -> str:
    """Tell whether the cart holds part of a set, or only the page shows one: the sentence must not claim more."""
    return "cart" if any(part.product_id in in_cart for part in offer.parts) else "page"
