"""What a decision asks of the person in front of us: read where a rule or an offer asks it, and as far as consent goes."""

from collections.abc import Mapping
from dataclasses import replace

from crosslift.decide import consent
from crosslift.decide.case import situation_of
from crosslift.decide.pressure import attention
from crosslift.decide.rules import RuleSet
from crosslift.domain.customer import Person
from crosslift.domain.decision import Request
from crosslift.domain.identity import customer_of
from crosslift.domain.placement import Placement
from crosslift.domain.policy import Policy
from crosslift.domain.trait import sensitive_names
from crosslift.settings import Settings
from crosslift.shop.live.person import facts_of_person
from crosslift.store.frames import Frames
from crosslift.store.ports import PersonRow, Records

DAY = 86_400_000_000


class Asking:
    """Reads what rules and offers ask of people.

    Parameters
    ----------
    records, frames : Records, Frames
        Where profiles, purchases and events are.
    settings : Settings
        Of it, the traits that must not group anybody: no rule is asked about them.
    """

    def __init__(self, records: Records, frames: Frames, settings: Settings) -> None:
        self._records = records
        self._frames = frames
        self._sensitive = sensitive_names(settings["profile.sensitive_traits"])

    def of(
        self, person: Person, row: PersonRow, request: Request, placement: Placement, policy: Policy, rules: RuleSet
    ) -> Person:
        """Give the person with what is asked of them.

        Without consent nothing is read here: conditions are then asked of somebody nobody knows. What protects a person
        (open cases, refusals, contacts) comes with `row` and counts all the same.
        """
        if row.person_id is None or not consent.evaluate(request, person, placement).may_use_history:
            return person
        here = situation_of(request, placement, attention(request, placement, person, policy.timezones))
        if not rules.asks_person(here):
            return person
        now = int(request.at.timestamp() * 1_000_000)
        facts = facts_of_person(self._records, self._frames, row, rules.needs, now, self._sensitive)
        if facts is None:
            return person
        return replace(
            person, facts=facts, goals=facts.profile.goals, returning=facts.profile.returning_intent,
            lately=self._lately(row, now, policy.closed_days),
        )  # fmt: skip

    def _lately(self, row: PersonRow, now: int, days: float) -> Mapping[str, int]:
        """Read what of the person's things was bought not long ago, and when."""
        customers = [customer for name in row.identities if (customer := customer_of(name)) is not None]
        if days <= 0 or not row.owned or not customers:
            return {}
        marks = ", ".join("?" * len(customers))
        where = f"customer_id in ({marks}) and status = 'placed' and ordered_at between ? and ?"
        values = (*customers, now - int(days * DAY), now)
        found = self._records.table("order_lines", ("product_id", "ordered_at"), where, values)
        lately: dict[str, int] = {}
        for product, at in zip(*(column.to_pylist() for column in found.columns), strict=True):
            if product in row.owned:
                lately[product] = max(at, lately.get(product, 0))
        return lately
