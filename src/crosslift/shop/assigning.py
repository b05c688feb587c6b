"""Which units a request belongs to, and the arms these are in: what was stored first counts, who has none is drawn one."""

from collections.abc import Mapping
from datetime import datetime

from crosslift.decide.assignment import Arms, assign
from crosslift.domain.customer import Purpose
from crosslift.domain.decision import Decision, NoOffer, Request
from crosslift.domain.experiment import UnitKind
from crosslift.domain.identity import customer_of
from crosslift.domain.policy import RELEVANCE, Policy
from crosslift.shop.rulings import Ruling
from crosslift.store.ports import PersonRow, Records
from crosslift.store.trial_records import FirstArm

NO_ARMS = Arms({})
BY_IDENTITY = frozenset({UnitKind.CUSTOMER, UnitKind.ANONYMOUS})
"""Units whose arms are those of the person: a browser that others use too says nothing of a customer who is named."""
OF_PEOPLE = BY_IDENTITY | {UnitKind.HOUSEHOLD, UnitKind.ACCOUNT}
"""Units that stand for people: without their consent nothing is kept under them."""


def arms_of(
    ruling: Ruling, request: Request, row: PersonRow, policy: Policy, records: Records, key: bytes, now: datetime
) -> Arms:
    """Find the arms of a request.

    Parameters
    ----------
    policy : Policy
        As the request names it; one that is exempt from holdouts is exempt from every experiment, as the past is.
    records : Records
        Asked only where an experiment is on.
    now : datetime
        When it is decided.
    """
    if not ruling.experiments or is_outside(request, policy):
        return NO_ARMS
    units = units_of(request, row)
    if not units:
        return NO_ARMS
    people = {*row.identities, request.identity} if request.identity is not None else set()
    others = {f"{kind}:{name}" for kind, name in units.items() if kind not in BY_IDENTITY}
    stored = records.first_arms(sorted(others | people))
    return assign(ruling.experiments, units, stored, now, request.placement, key)


def is_outside(request: Request, policy: Policy) -> bool:
    """Tell whether no experiment ever meets a request: offline, or ranking behind a merchant's own rules."""
    is_offline = request.purpose is Purpose.EVALUATION
    return is_offline or request.policy == RELEVANCE.name or policy.is_holdout_exempt


def promoted(ruling: Ruling, request: Request, row: PersonRow, policy: Policy) -> str | None:
    """Name the policy that won a trial in the market of a request; None where none did, or no experiment ever meets it."""
    if not ruling.promotions or is_outside(request, policy):
        return None
    return ruling.promoted(policy.name, request.market or row.market, request.placement)


def units_of(request: Request, row: PersonRow) -> Mapping[UnitKind, str]:
    """Name the unit of each kind that a request belongs to; a company is the one asked for, else the person's first."""
    companies = [name for name in row.accounts if name not in row.households]
    found = {
        UnitKind.CUSTOMER: customer_of(request.identity) if request.identity else None,
        UnitKind.ANONYMOUS: request.anonymous_id,
        UnitKind.HOUSEHOLD: next(iter(row.households), None),
        UnitKind.ACCOUNT: request.account_id or next(iter(companies), None),
        UnitKind.SESSION: request.session_id,
        UnitKind.STORE: request.store_id,
    }
    return {kind: name for kind, name in found.items() if name}


def first_arms(arms: Arms, decision: Decision, row: PersonRow) -> tuple[FirstArm, ...]:
    """Give the assignments to store with a decision: of people only those who allow that anything is kept of them."""
    is_known = decision.purpose is not Purpose.CONTEXTUAL and decision.no_offer is not NoOffer.NO_CONSENT
    return tuple(
        FirstArm(0, one, row.identities if one.unit_kind in BY_IDENTITY else ())
        for one in arms.fresh
        if is_known or one.unit_kind not in OF_PEOPLE
    )
