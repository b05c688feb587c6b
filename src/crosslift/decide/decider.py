"""The story on one page: consent → gather → gates → score → arbitrate → explain.

`decide` is handed everything it needs and opens nothing, so that a decision can be replayed from its record.
"""

from itertools import chain

from crosslift.decide import candidates, consent, evidence, explain, pressure, weighing
from crosslift.decide.assignment import NO_LOT, Lot
from crosslift.decide.begun import sets_begun
from crosslift.decide.candidates import Candidates
from crosslift.decide.case import Case
from crosslift.decide.causes import OF_SIGHT, with_cause
from crosslift.decide.context import parents_of
from crosslift.decide.gates import Gates, Judged
from crosslift.decide.knowledge import Knowledge
from crosslift.decide.outset import outset
from crosslift.decide.page import Page
from crosslift.decide.reading import Live, Read
from crosslift.decide.scoring import SCORED_BY_BASKETS
from crosslift.decide.terms import Sold
from crosslift.decide.verdicts import dropped, no_offer
from crosslift.decide.weighing import Chosen
from crosslift.decide.withholding import EVERYTHING, split
from crosslift.domain.bundle import Bundle
from crosslift.domain.customer import Person
from crosslift.domain.decision import Decision, NoOffer, Offered, Request
from crosslift.domain.placement import Placement
from crosslift.domain.policy import Policy
from crosslift.domain.value import BarState


def decide(
    request: Request,
    decision_id: str,
    knowledge: Knowledge,
    live: Live,
    person: Person,
    policy: Policy,
    placement: Placement,
    *,
    licences: frozenset[str] = frozenset(),
    lot: Lot = NO_LOT,
    with_trace: bool = False,
    page: Page | None = None,
) -> tuple[Decision, Read]:
    """Answer one request.

    Parameters
    ----------
    request : Request
        What is asked; unknown products and customers are named in the warnings, never an error.
    decision_id : str
        The golden thread.
    live : Live
        Price, stock, activity, and what the catalog says now.
    person : Person
        What is known of the person; used only as consent allows.
    licences : frozenset of str
        Licences that agent and firm both hold.
    lot : Lot
        Its draws, the arms it is in, and what a holdout withholds.
    page : Page, optional
        What the decisions of one page remember together; it changes no answer.

    Returns
    -------
    Decision, Read
        The answer, and the live values it rests on.
    """
    warnings: list[str] = []
    ground = consent.evaluate(request, person, placement)
    if request.customer_id is not None and not person.is_known:
        warnings.append(f"unknown_customer:{request.customer_id}")
    begun = outset(request, decision_id, knowledge.snapshot_id, live.change_number, person, policy, placement, ground)
    if ground.purpose is None:
        return begun(offers=(), no_offer=NoOffer.NO_CONSENT, dropped={}, warnings=tuple(warnings)), Read()
    if ground.note:
        warnings.append(ground.note)

    case = Case.of(request, knowledge, live, person, policy, placement, ground, warnings, licences, lot, page or Page())
    found = _gathered(case)
    gates = Gates(case)
    judged = gates.judge(found)
    chosen = weighing.choose(case, found, judged)
    every = _offers(case, chosen, judged.sold)
    offers, withheld = split(every, lot.withholds)
    merchants, sets = sets_begun(case, gates)
    if lot.withholds == EVERYTHING:
        withheld_sets, sets = sets, ()
    else:
        withheld_sets = ()
    is_withheld = bool(withheld or withheld_sets) and not (offers or sets)
    if judged.n_without_cost:
        warnings.append(f"cost_unknown:{judged.n_without_cost}")
    decision = begun(
        arm=lot.arm,
        is_withheld=is_withheld,
        offers=offers,
        withheld=withheld,
        bar=_bar(case),
        variants=case.variants,
        sets=sets,
        no_offer=None if offers else NoOffer.WITHHELD if is_withheld else _reason(gates, judged, policy),
        dropped=dropped(judged.verdict, policy),
        warnings=tuple(dict.fromkeys(warnings)),
        trace=explain.trace(knowledge, chosen, judged.verdict, policy) if with_trace else None,
        topic=pressure.topic_of(knowledge, chosen.found.items[chosen.places].tolist(), placement.name),
        reserves=bool(offers) and pressure.reserves(ground.purpose, offers, sets, case.attention),
    )
    return decision, _read(case, gates, judged, decision, every, merchants)


def _bar(case: Case) -> BarState | None:
    gap = case.context.gap
    if gap is None:
        return None
    return BarState(gap.bar.bar_id, gap.bar.titles, gap.bar.amount, gap.bar.currency, gap.missing)


def _reason(gates: Gates, judged: Judged, policy: Policy) -> str:
    """Say why nothing is offered."""
    return gates.last.reason(judged.verdict) or no_offer(judged.verdict, policy)


def _gathered(case: Case) -> Candidates:
    """Ask the sources; placements of a page that ask the same of the same share what is found."""
    names, context, live = asked_sources(case), case.context, case.live

    def gather() -> Candidates:
        return candidates.gather(case.knowledge, context, names, case.marks, live.price_of, live.can_offer)

    if not OF_SIGHT.issuperset(names):
        return gather()
    rests_on = *names, *case.beside, context.market, context.month
    return case.page.alike("found", (case.knowledge, case.marks), rests_on, gather)


def sources_here(case: Case) -> list[str]:
    """Name the sources of the placement, in order, whether or not they have something to speak of here."""
    names = case.rules.sources(case.placement, case.request.kinds, is_linked=True)
    if len(case.context.page) and "stand_in" in names and not case.live.can_offer(int(case.context.page[0])):
        return [name for name in names if name in INSTEAD]  # nothing goes with what cannot be had
    return names


def asked_sources(case: Case) -> list[str]:
    """Name the sources this decision asks, in order: those of `sources_here` that have something to speak of."""
    marks = case.marks
    names = case.rules.sources(case.placement, case.request.kinds, is_linked=bool(marks.linked))
    names = with_cause(names, case.context, marks)
    if "stand_in" not in names:
        return names
    if case.live.can_offer(int(case.context.page[0])):
        return [name for name in names if name != "stand_in"]
    return [name for name in names if name in INSTEAD]  # nothing goes with what cannot be had


def _offers(case: Case, chosen: Chosen, sold: Sold) -> tuple[Offered, ...]:
    if not chosen.places:
        return ()
    knowledge, found, places = case.knowledge, chosen.found, chosen.places
    items, scores, ranks = (column[places].tolist() for column in (found.items, found.scores, found.rank))
    names = [case.live.offered_as(item) for item in items]
    told = zip(items, names, scores, chosen.scored.priority[places].tolist(), chosen.reasons, strict=True)
    every = []
    for i, (item, name, score, priority, reason) in enumerate(told):
        source = found.sources[ranks[i]]
        p = knowledge.p_basket(score) if source in SCORED_BY_BASKETS else None
        labels = evidence.labels_for(knowledge, item, reason, case.context.now, case.policy.near_date_days)
        offer, part = sold.offer_of(item), case.live.part(name)
        price = sold.price_of(item, part.price if part is not None else None)  # what is promised by showing it
        offer_id, version = (None, None) if offer is None else (offer.offer_id, offer.version)
        chance = round(chosen.probabilities[i], 9)
        every.append(
            Offered(
                name, source, p, round(priority, 6), reason, chance, labels, offer_id, version, price, chosen.levers[i]
            )
        )
    return tuple(every)


INSTEAD = frozenset({"stand_in", "pinned", "substitute", "alike"})
"""Sources that have something to say where the page's product cannot be sold now."""


def _unknown(decision: Decision) -> tuple[str, ...]:
    return tuple(said.partition(":")[2] for said in decision.warnings if said.startswith("unknown_product:"))


def _history(case: Case) -> tuple[str, ...]:
    """Name what the person bought and the snapshot knows."""
    return tuple(sorted({name for names in case.bought.values() for name in names}))


def _read(
    case: Case, gates: Gates, judged: Judged, decision: Decision, every: tuple[Offered, ...],
    merchants: tuple[Bundle, ...],
) -> Read:  # fmt: skip
    """Gather what the decision read, for the record."""
    request, person, context, live = case.request, case.person, case.context, case.live
    may_use_history = case.ground.may_use_history
    history = _history(case) if context.uses_history and len(context.history) else ()
    lately = judged.needs.lately
    dues = tuple(due for due in person.dues if context.dues and due in context.dues.values())
    named = chain(
        request.cart, request.holdings, request.exclude, request.on_page, request.viewed, (request.product or "",),
        judged.owned, history, person.holdings, (due.product_id for due in dues),
    )  # fmt: skip
    return Read(
        flags=live.flags,
        owned=judged.owned,
        variants=tuple(offer.product_id for offer in every),
        parents=parents_of(live, named),
        unknown=_unknown(decision) if decision.warnings else (),
        prices=tuple(sorted(live.asked.items())),
        links=case.marks.rows,
        history=history,
        holdings=tuple(sorted(person.holdings)) if may_use_history else (),
        dues=dues,
        can_offer=tuple(sorted(live.sellable.items())),
        bundles=merchants,
        parts=tuple(sorted(live.parts.items())),
        pressure=gates.last.read(),
        all_prices=live.all_prices if case.asks_money else b"",
        masks=tuple(live.masks),
        held=case.answers.held,
        lately=lately,
        returning=judged.needs.returning,
        goals=tuple(sorted(case.goals)) if case.asks_goals else (),
        licences=tuple(sorted(case.licences)),
        withholds=None if case.lot.withholds is None else tuple(sorted(case.lot.withholds)),
    )
