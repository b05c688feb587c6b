"""What decisions amount to, added up: people reached, contacts taken, what it is worth, what was stopped and why."""

from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from crosslift.decide.knowledge import Knowledge
from crosslift.domain.decision import Decision, Offered
from crosslift.domain.estimate import NotEstimable
from crosslift.domain.money import Money
from crosslift.domain.policy import Policy
from crosslift.domain.value import Objective

Row = dict[str, Any]
NO_MONEY = (Objective.RELEVANCE, Objective.CONVERSION)


def has_offer(decision: Decision) -> bool:
    """Tell whether a decision shows somebody something."""
    return bool(decision.offers or decision.sets) and not decision.is_withheld


@dataclass(slots=True)
class Tally:
    """Sums over the decisions of one side.

    Attributes
    ----------
    people : set of str
        Who was offered something, as far as anybody can be told apart.
    contacts : Counter
        Contacts by channel: what interrupts, writes or is said by an agent.
    """

    n_decisions: int = 0
    n_with_offer: int = 0
    people: set[str] = field(default_factory=set)
    contacts: Counter[str] = field(default_factory=Counter)
    blocked: Counter[str] = field(default_factory=Counter)
    no_offer: Counter[str] = field(default_factory=Counter)
    _priorities: list[Decimal] = field(default_factory=list)
    _margins: dict[str, Decimal] = field(default_factory=dict)
    _expected: dict[str, Decimal] = field(default_factory=dict)
    _n_offers: int = 0
    _n_margins: int = 0
    _n_expected: int = 0

    def add(
        self, decision: Decision, who: str | None, policy: Policy, knowledge: Knowledge, market: str | None,
        contact: str | None,
    ) -> None:  # fmt: skip
        """Add one decision, made with its trace.

        Parameters
        ----------
        who : str or None
            The person; None where nobody can be told apart.
        market : str or None
            Whose tax prices hold.
        contact : str or None
            The channel on which it takes attention; None where it takes none.
        """
        self.n_decisions += 1
        self.blocked.update({str(code): n for code, n in decision.dropped.items()})
        if decision.no_offer:
            self.no_offer[str(decision.no_offer)] += 1
        if not has_offer(decision):
            return
        self.n_with_offer += 1
        if who is not None:
            self.people.add(who)
        if contact is not None:
            self.contacts[contact] += 1
        self._value(decision, policy, knowledge, market)

    def _value(self, decision: Decision, policy: Policy, knowledge: Knowledge, market: str | None) -> None:
        objective = policy.value.objective(decision.placement)
        tax_rate = Decimal(str(policy.value.tax_rate(market)))
        traced = {one.place: one for one in decision.trace.candidates} if decision.trace else {}
        for place, offer in enumerate(decision.offers):
            self._n_offers += 1
            if objective not in NO_MONEY:
                self._priorities.append(Decimal(str(offer.priority)))
            of = traced.get(place)
            margin = None if of is None else _margin(offer, knowledge, of.product_id, tax_rate)
            if of is None or margin is None:
                continue
            self._n_margins += 1
            self._margins[margin.currency] = self._margins.get(margin.currency, Decimal(0)) + margin.amount
            if objective is not Objective.RELEVANCE:
                p = Decimal(str(of.factors["p"]))
                self._n_expected += 1
                self._expected[margin.currency] = self._expected.get(margin.currency, Decimal(0)) + p * margin.amount

    def told(self, currency: str) -> Row:
        """Give the sums as plain values; what cannot be estimated says why."""
        return {
            "n_decisions": self.n_decisions,
            "n_with_offer": self.n_with_offer,
            "n_people": len(self.people),
            "n_contacts": sum(self.contacts.values()),
            "contacts": dict(sorted(self.contacts.items())),
            "n_offers": self._n_offers,
            "value": {
                "priority": self._priority(currency),
                "expected_margin": self._sums(
                    self._expected, self._n_expected, "no shown offer has both a known cost and a p_accept"
                ),
                "margin_if_all_accepted": self._sums(
                    self._margins, self._n_margins, "nobody knows the cost of any shown offer"
                ),
            },
        }

    def _priority(self, currency: str) -> Row:
        if self._priorities:
            return _plain({currency: sum(self._priorities, Decimal(0))}, len(self._priorities), self._n_offers)
        return _not(NotEstimable("no offer was shown where the objective is in money"))

    def _sums(self, sums: dict[str, Decimal], n: int, why: str) -> Row:
        return _plain(sums, n, self._n_offers) if sums else _not(NotEstimable(why))


def _plain(sums: dict[str, Decimal], n: int, n_offers: int) -> Row:
    amounts = [
        {"amount": str(rounded.amount), "currency": rounded.currency}
        for rounded in (Money(amount, currency).rounded() for currency, amount in sorted(sums.items()))
    ]
    return {"amounts": amounts, "n": n, "n_unknown": n_offers - n}


def _not(why: NotEstimable) -> Row:
    return {"amounts": [], "not_estimable": why.why}


def _margin(offer: Offered, knowledge: Knowledge, product_id: str, tax_rate: Decimal) -> Money | None:
    """Give what is left of the price without tax after the cost of a piece; None where one of them is unknown."""
    item = knowledge.index.get(product_id)
    cost = None if item is None else knowledge.cost_of(item)
    if cost is None or offer.price is None or offer.price.currency != cost.currency:
        return None
    return Money(offer.price.amount / (1 + tax_rate), cost.currency) - cost


def compared(recorded: Counter[str], drafted: Counter[str]) -> list[Row]:
    """Put the counts of both sides beside each other, the largest change first."""
    rows = [
        {"code": code, "recorded": recorded[code], "draft": drafted[code], "change": drafted[code] - recorded[code]}
        for code in recorded.keys() | drafted.keys()
    ]
    return sorted(rows, key=lambda row: (-abs(row["change"]), row["code"]))
