"""Why not this product? The recorded decision is made again, and one product is followed through it."""

from collections.abc import Collection
from dataclasses import replace

import numpy as np

from crosslift.decide import candidates, consent, record
from crosslift.decide.candidates import Candidates
from crosslift.decide.case import Case
from crosslift.decide.decider import sources_here
from crosslift.decide.knowledge import Knowledge
from crosslift.decide.page import Page
from crosslift.decide.plugged import with_gates
from crosslift.decide.replay import Remembered, lot_of, replay
from crosslift.decide.sources import SOURCES
from crosslift.decide.verdicts import GATE_OF, NUMBERS, told
from crosslift.domain.decision import Decision, DropCode, Traced
from crosslift.domain.placement import PLACEMENTS
from crosslift.domain.policy import BUILT_IN, Policy
from crosslift.domain.rule import Gate, Rule
from crosslift.domain.why_not import Fate, NoCandidate, NotAsked, WhyNot

RANKS_ALL = frozenset({"completion", "bestseller"})
"""What ranks every product is no way from here to a single one."""


def why_not(
    decision_id: str, product_id: str, names: Collection[str], body: bytes, blob: bytes, knowledge: Knowledge, key: bytes,
    policy: Policy | None = None,
) -> WhyNot:  # fmt: skip
    """Follow one product through a recorded decision.

    Parameters
    ----------
    product_id : str
        As it was asked for.
    names : collection of str
        Ids it may stand under in the snapshot: its own, and its product's where it is a variant.
    body, blob, knowledge, key, policy
        As `replay` takes them.
    """
    again = replay(decision_id, body, blob, knowledge, key, policy)
    found = WhyNot(decision_id, product_id, Fate.NOT_ASKED, difference=again.difference)
    decision = again.decision
    if decision.trace is None:
        return replace(found, code=decision.no_offer or "")
    case = _case(decision_id, body, blob, knowledge, key, policy)
    gathered = _gathered(case, sources_here(case))
    found = replace(found, asked=_counted(gathered))
    rows = [row for row in decision.trace.candidates if row.product_id in names]
    if rows:
        row = min(rows, key=lambda one: (one.place is None, one.product_id != product_id))
        return _traced(found, row, decision, case.policy)
    return _untraced(found, names, case, gathered)


def _case(
    decision_id: str, body: bytes, blob: bytes, knowledge: Knowledge, key: bytes, policy: Policy | None
) -> Case:  # fmt: skip
    """Look up again what the decision was made from."""
    then = record.read_slim(body)
    request, person, read = record.read_inputs(blob)
    placement = PLACEMENTS[request.placement]
    policy = with_gates(policy or BUILT_IN[request.policy], read.gates)
    live = Remembered(then["change_number"], read, knowledge)
    return Case.of(
        request, knowledge, live, person, policy, placement, consent.evaluate(request, person, placement), [],
        frozenset(read.licences), lot_of(decision_id, then, read, key), Page(),
    )  # fmt: skip


def _gathered(case: Case, names: list[str]) -> Candidates:
    return candidates.gather(
        case.knowledge, case.context, names, case.marks, case.live.price_of, case.live.can_offer
    )  # fmt: skip


def _counted(gathered: Candidates) -> dict[str, int]:
    counts = np.bincount(gathered.rank, minlength=len(gathered.sources)).tolist()
    return dict(zip(gathered.sources, counts, strict=True))


def _traced(found: WhyNot, row: Traced, decision: Decision, policy: Policy) -> WhyNot:
    """Tell of a candidate whether it was offered, held back, or what stopped it."""
    found = replace(found, source=row.source)
    if row.dropped is None:
        if row.source in {one.kind for one in decision.withheld}:
            return replace(found, fate=Fate.WITHHELD, place=row.place)
        shown = {one.product_id for one in decision.offers}
        variant = "" if row.product_id in shown or found.product_id in shown else _variant(row, decision)
        return replace(found, fate=Fate.OFFERED, place=row.place, offered_as=variant)
    rule = _rule(row, policy)
    return replace(
        found, fate=Fate.DROPPED, code=row.dropped, rule=rule, gate=rule.gate if rule else _gate(row.dropped)
    )


def _variant(row: Traced, decision: Decision) -> str:
    """Name the variant that stands at the place of a candidate."""
    return decision.offers[row.place].product_id if row.place is not None and row.place < len(decision.offers) else ""


def _rule(row: Traced, policy: Policy) -> Rule | None:
    return next((rule for rule in policy.rules if told(rule) == row.rule), None) if row.rule else None


def _gate(code: str) -> Gate | None:
    """Give the gate of a built-in code; None for what the list itself left out."""
    known = DropCode(code)
    return GATE_OF.get(known, Gate.ELIGIBLE) if known in NUMBERS else None


def _untraced(found: WhyNot, names: Collection[str], case: Case, gathered: Candidates) -> WhyNot:
    """Tell of what was no candidate why not: the first of the reasons that holds."""
    found = replace(found, fate=Fate.NO_CANDIDATE)
    items = {case.knowledge.index[name] for name in names if name in case.knowledge.index}
    if not items:
        return replace(found, code=NoCandidate.NOT_IN_CATALOG)
    among = items & set(gathered.items.tolist())
    if among:
        place = gathered.items.tolist().index(min(among))
        return replace(found, code=NoCandidate.NOTHING_TO_SAY, source=gathered.source_of(place))
    if items & set(case.context.in_sight.tolist()):
        return replace(found, code=NoCandidate.IN_SIGHT)
    if items & case.marks.banned:
        return replace(found, code=NoCandidate.BANNED)
    led_by = _led_by(case, items, gathered.sources)
    return replace(found, code=NoCandidate.NOT_PLACED if led_by else NoCandidate.NO_RELATION, led_by=led_by)


def _led_by(case: Case, items: set[int], asked: tuple[str, ...]) -> dict[str, NotAsked]:
    """Name the sources that were not asked and lead to it, and why they were not."""
    others = [name for name in SOURCES if name not in asked and name not in RANKS_ALL]
    return {
        name: _not_asked(case, name) for name in others if not items.isdisjoint(_gathered(case, [name]).items.tolist())
    }


def _not_asked(case: Case, source: str) -> NotAsked:
    kinds = case.request.kinds
    if source not in case.placement.sources:
        return NotAsked.PLACEMENT
    if source not in case.policy.candidates:
        return NotAsked.POLICY
    return NotAsked.REQUEST if kinds and source not in kinds else NotAsked.PAGE
