"""What is answered while the store cannot be read or written: little, from memory, about nobody, and marked as such."""

from dataclasses import replace

from crosslift.decide.assignment import NO_LOT, Lot, assign
from crosslift.decide.consent import Ground
from crosslift.decide.decider import decide
from crosslift.decide.outset import outset
from crosslift.domain.customer import Person, Purpose
from crosslift.domain.decision import Decision, NoOffer, Request
from crosslift.domain.placement import PLACEMENTS
from crosslift.domain.policy import BUILT_IN, HELPFUL, Policy
from crosslift.shop.assigning import is_outside, units_of
from crosslift.shop.known import Known
from crosslift.shop.plugins import Plugins
from crosslift.shop.rulings import Ruling
from crosslift.store.ports import PersonRow

NOBODY = Person()
OWN_PAGES = "web"
"""The channel whose pages people open themselves; at desk and till somebody speaks, and that is counted."""


def degraded(request: Request, known: Known, key: bytes, plugins: Plugins | None = None) -> Decision:
    """Answer without the store.

    Only places on a page that the person opened themselves answer, from page and cart alone, with products of the
    snapshot's safe list: in good stock when it was learned, with a price, and free of any age or licence. Whatever
    interrupts or writes is `no_offer: store_down`: who cannot be counted is not disturbed. Nothing is recorded, so the
    answer has no decision id and nothing can be reported on it. Whom a holdout would draw now gets nothing: stored arms cannot
    be read, and but for changed shares and merged people they are the same.

    Parameters
    ----------
    known : Known
        Of it only what is in memory: the last snapshot, live values, policies and experiments.
    key : bytes
        The shop's, which arms are drawn with.
    plugins : Plugins, optional
        Their gates hold here too.
    """
    placement = PLACEMENTS[request.placement]
    asked = replace(
        request, customer_id=None, anonymous_id=None, session_id=None, account_id=None, agent_id=None, goals=(),
        purpose=Purpose.CONTEXTUAL,
    )  # fmt: skip
    last, ruling = known.last(), known.rulings.last()
    policy = known.rulings.kept(request.policy) or BUILT_IN.get(request.policy, HELPFUL)
    snapshot_id, number = (last[0].snapshot_id, last[1].change_number) if last else ("", 0)
    ground = Ground(Purpose.CONTEXTUAL, may_use_history=False)
    begun = outset(asked, "", snapshot_id, number, NOBODY, policy, placement, ground)
    nothing = begun(offers=(), no_offer=NoOffer.STORE_DOWN, dropped={}, is_degraded=True)
    is_own_page = placement.channel == OWN_PAGES and not placement.interrupts
    is_inline = is_own_page and not placement.is_message and request.purpose is not Purpose.MARKETING
    if last is None or not is_inline:
        return nothing
    if ruling is not None and ruling.stops(request):
        return replace(nothing, no_offer=NoOffer.STOPPED)
    knowledge, overlay = last
    asked_too = plugins.round(policy) if plugins is not None and plugins.is_online else None
    live = asked_too.beside(overlay, knowledge, asked, placement, NOBODY) if asked_too else overlay
    policy, lot = asked_too.policy if asked_too else policy, _lot(request, policy, ruling, key)
    made, _ = decide(asked, "", knowledge, live, NOBODY, policy, placement, lot=lot)
    safe = tuple(offer for offer in made.offers if knowledge.is_safe_to_offer(overlay.parent_of(offer.product_id)))
    return replace(
        made,
        offers=safe,
        withheld=(),
        is_withheld=False,
        arm=None,
        sets=(),
        is_degraded=True,
        no_offer=None if safe else made.no_offer or NoOffer.STORE_DOWN,
    )


def _lot(request: Request, policy: Policy, ruling: Ruling | None, key: bytes) -> Lot:
    """Draw what a holdout withholds, from memory."""
    if ruling is None or is_outside(request, policy):
        return NO_LOT
    units = units_of(request, PersonRow(0, False, frozenset(), {}, {}, 0))
    arms = assign(ruling.experiments, units, (), request.at, request.placement, key)
    return Lot(withholds=arms.withholds(ruling.experiments))
