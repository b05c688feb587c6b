"""One merchant's shop: its home folder opened, the rooms wired. What a notebook holds, and the only door to `decide`.

with crosslift.open("shop") as shop:
    shop.collect("orders.csv")
    shop.learn()
    shop.decide(placement="cart", cart=["85123A"])
"""

from collections.abc import Sequence
from datetime import datetime
from functools import cached_property
from typing import Any

from crosslift.decide import record
from crosslift.deliver import exposures
from crosslift.domain.decision import Response
from crosslift.domain.estimate import NotEstimable
from crosslift.domain.plugin import Kind
from crosslift.domain.policy import Policy
from crosslift.measure import metrics
from crosslift.shop import thresholds, variants
from crosslift.shop.audiences import Audiences
from crosslift.shop.chat import Chats
from crosslift.shop.confirmations import Confirmations
from crosslift.shop.contact_times import ContactTimes
from crosslift.shop.coupons import Coupons
from crosslift.shop.deciding import Deciding
from crosslift.shop.keys import Keys
from crosslift.shop.levers import Levers
from crosslift.shop.one_reading import one_reading
from crosslift.shop.peace import Peace
from crosslift.shop.promises import Promises
from crosslift.shop.propensities import Propensities
from crosslift.shop.sales import LINES
from crosslift.shop.simulating import MOST, Simulation
from crosslift.shop.slots import Slots
from crosslift.shop.users import Users
from crosslift.shop.webhooks import Webhooks


class Shop(Deciding):
    """One merchant's data.

    Parameters
    ----------
    home : path
        The shop's folder: `shop.toml`, `records.db`, `parts/`, `snapshots/`, `cache/`. Made when missing.
    settings : mapping, optional
        Overrides by dotted name.
    clock : callable, optional
        Gives the present instant; tests and the demo bring their own.
    """

    @cached_property
    def audiences(self) -> Audiences:
        """Customers as groups: clusters with names, persona cards, patterns by market."""
        return Audiences(self.records, self.segments, self.cleaned, self.products, self.settings, self.clock)

    @cached_property
    def propensities(self) -> Propensities:
        """Who would want a product, and what an action changes."""
        return Propensities(self.records, self.profiles, self.settings)

    @cached_property
    def peace(self) -> Peace:
        """Who is left alone, and how much attention was taken of whom."""
        return Peace(self.records, self.clock)

    @cached_property
    def contact_times(self) -> ContactTimes:
        """By which channel and when people are written to."""
        return ContactTimes(self.records, self.frames, self.known, self.settings, self.clock)

    @cached_property
    def promises(self) -> Promises:
        """What was shown, honored at the same price and terms anywhere, until its end."""
        return Promises(
            self.records, self.offers, self.settings, self.clock, self.key, self.decision,
            lambda decision_id: self.replay(decision_id).decision,
        )  # fmt: skip

    @cached_property
    def chats(self) -> Chats:
        """Questions of customers, answered from what the shop knows or handed to people."""
        return Chats(self)

    @cached_property
    def coupons(self) -> Coupons:
        """Coupon campaigns with a capped budget: codes given to people, and what they take off orders."""
        return Coupons(self.records, self.frames, self.settings, self.clock, self.key)

    @cached_property
    def confirmations(self) -> Confirmations:
        """What customers answered when they were asked whether they want what somebody sold to them."""
        return Confirmations(self.records, self.offers, self.promises, self.settings, self.clock, self.key)

    @cached_property
    def levers(self) -> Levers:
        """What the merchant's levers won, and what that cost."""
        return Levers(self.records, self.known, self.settings, self.clock, self._simulation)

    @cached_property
    def keys(self) -> Keys:
        """API keys, and tokens that name a customer."""
        return Keys(self.records, self.clock, self.key)

    @cached_property
    def users(self) -> Users:
        """People of the back office: invited, signed in, with roles."""
        return Users(self.records, self.clock, self.key)

    @cached_property
    def webhooks(self) -> Webhooks:
        """Who may post answers by a signature instead of a key."""
        return Webhooks(self.records, self.home, self.clock)

    def licences_of(self, agent_id: str | None) -> frozenset[str]:
        """Give the licences that an agent and the firm both hold; who is unknown or not active holds none."""
        return self.agents.licences_of(agent_id)

    def respond(self, responses: Sequence[Response]) -> dict[str, int]:
        """Record what was really shown and what people did with it, by decision."""
        return exposures.record(self.records, responses, record.offered, self.clock())

    def simulate(
        self, draft: str | Policy, days: int = 30, instead_of: str | None = None, most: int = MOST
    ) -> dict[str, Any]:
        """Say what a policy would have changed, had it decided in the last days; nothing is recorded or shown.

        Parameters
        ----------
        draft : str or Policy
            The text, or the policy itself.
        days : int
            How far back recorded decisions are taken; their inputs are kept `decide.blob_days`.
        instead_of : str, optional
            The policy whose decisions are tried; by default that of the draft's name, or all where it decided nothing yet.
        most : int
            So many are tried, the newest; `share` says what part that is. No chance is in it: the draws of each decision
            are its own.

        Returns
        -------
        dict
            `recorded` and `draft` (people, decisions with an offer, contacts by channel, value), what was gained and lost,
            `blocked` and `no_offer` by code, `by_placement`; how many decisions could not be made again and why, how many
            read something as it is today because the record does not hold it; `caveats`.

        Raises
        ------
        BadInput
            Naming every fault of the text with its line.
        BadUsage
            For days or decisions below 1, or a policy that decided nothing in that time.
        """
        return self._simulation().run(draft, days, instead_of, most)

    def value_slots(
        self, draft: str | Policy, days: int = 30, most: int = MOST, clip: float | None = None
    ) -> dict[str, Any]:
        """Say what share of slots would have been accepted under a draft, from what exploration showed; see `Slots.value`.

        Raises
        ------
        BadInput
            Naming every fault of the text with its line.
        BadUsage
            For days or decisions below 1.
        """
        policy = self.policies.read(draft)[1] if isinstance(draft, str) else draft
        return Slots(self.records, self.clock, self._simulation().changed).value(policy, days, most, clip)

    def _simulation(self) -> Simulation:
        self._forget()
        return Simulation(
            self.records, self.frames, self.known, self.policies, self.asking, self.settings, self.clock, self.key
        )

    def variants(self) -> list[dict[str, Any]]:
        """Tell of each small set of the policies in force what was shown and accepted, and how its options are drawn now.

        Returns
        -------
        list of dict
            As `crosslift.shop.variants.told` has it; counts and P(best) are those of the snapshot in force.

        Raises
        ------
        NotReady
            If nothing has been learned yet.
        """
        return variants.told(self.knowledge, self.known.rulings.in_force())

    def suggest_threshold(
        self, worth: float, currency: str | None = None, margin: float | None = None, since: datetime | None = None,
        until: datetime | None = None,
    ) -> dict[str, Any] | NotEstimable:  # fmt: skip
        """Name the bar "free delivery from this cart value on" that pays for itself by the shop's own orders, if one does.

        Parameters
        ----------
        worth : float
            What reaching it costs us an order, such as the postage, in `currency`.
        currency : str, optional
            Of the orders that are looked at; the shop's own by default.
        margin : float, optional
            0..1, margin of what is added to an order; by default that of what was sold.
        since, until : datetime, optional
            Orders of this time, `until` not included; all of them by default.

        Returns
        -------
        dict or NotEstimable
            As `crosslift.shop.thresholds.suggestion` has it; why not, where orders or costs are too few.

        Raises
        ------
        BadUsage
            For a worth below 0 or a margin outside 0..1.
        """
        asked = thresholds.Asked(currency or self.settings["shop.currency"], worth, margin)
        begin, end = (None if moment is None else self._micros(self.local(moment)) for moment in (since, until))
        lines = thresholds.within(self.cleaned().lines, begin, end)
        has_tax = self.settings["shop.prices_include_tax"]
        return thresholds.suggestion(lines, self.products(), self.frames.lazy, asked, has_tax=has_tax)

    def measure(
        self, since: datetime | None = None, until: datetime | None = None, anchor: str | None = None,
        attached: str | None = None, by: str | None = None,
    ) -> list[metrics.Measured]:  # fmt: skip
        """Give the figures of a period, each with its interval, and those of plugins.

        Parameters
        ----------
        since, until : datetime, optional
            The period, the second not included; everything up to now by default. What is held against the period before
            needs `since`.
        anchor, attached : str, optional
            Products of the attach rate.
        by : str, optional
            One of `measure.metrics.BY`: a figure for each part, of those whose rows say it; plugins are not asked then.

        Raises
        ------
        BadInput
            If the period ends before it begins, an attached product is named without its anchor, or figures cannot be split
            like that.
        """
        begin, end = (self.local(moment) if moment is not None else None for moment in (since, until))
        with one_reading():
            asks_plugins = by is None and bool(self.plugins.of(Kind.METRIC))  # who knows what they look at
            lines = self.cleaned(None if asks_plugins else LINES).lines
            of_orders = lines if by is None else self.figures.sliced(lines, by)
            told = [] if of_orders is None else metrics.measure(
                of_orders, self.frames.lazy, self.settings, begin, end, anchor, attached
            )  # fmt: skip
            told += self.figures.of(begin, end or self.clock(), by)
        return told + self.plugins.measure(metrics.within(lines, begin, end)) if asks_plugins else told

    def create_key(self, kind: str, label: str) -> str:
        """Make an API key; it is shown once and kept as a hash."""
        return self.keys.create(kind, label)

    def revoke_key(self, key_id: str) -> None:
        """Revoke a key, or a webhook's secret; it stops working with the next request. NotFound if there is none."""
        if any(row["key_id"] == key_id for row in self.records.api_keys()):
            self.keys.revoke(key_id)
        else:
            self.webhooks.revoke(key_id)

    def kind_of_key(self, key: str) -> str:
        """Tell what a presented key may do.

        Raises
        ------
        Refused
            If nobody issued it, it was revoked or has expired.
        """
        return self.keys.find(key).kind
