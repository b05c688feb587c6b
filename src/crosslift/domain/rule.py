"""A gate's rule, as a merchandiser writes it: where, for whom, which offers it stops, by which code, and who answers for it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from crosslift.domain.condition import Condition
from crosslift.domain.segment_grammar import parse
from crosslift.errors import BadInput

CODE = re.compile(r"[a-z][a-z0-9_]{0,39}", re.ASCII)


class Gate(StrEnum):
    """The gates in their order: may it be offered, now, to this person, and are we allowed to speak at all."""

    ELIGIBLE = "eligible"
    APPLICABLE = "applicable"
    SUITABLE = "suitable"
    ALLOWED = "allowed"


class Daypart(StrEnum):
    """Part of the day, by the person's local time: 05–11, 11–15, 15–18, 18–23, 23–05."""

    MORNING = "morning"
    MIDDAY = "midday"
    AFTERNOON = "afternoon"
    EVENING = "evening"
    NIGHT = "night"


DAYPART_BEGINS = (
    (5, Daypart.MORNING),
    (11, Daypart.MIDDAY),
    (15, Daypart.AFTERNOON),
    (18, Daypart.EVENING),
    (23, Daypart.NIGHT),
)
"""The hour each part of the day begins with; it ends where the next begins."""


@dataclass(frozen=True, slots=True)
class Selector:
    """Which candidates a rule is about; empty fields ask nothing, given ones must all hold. All empty: every candidate.

    Attributes
    ----------
    products : tuple of str
        Product or offer ids.
    categories : tuple of str
        Categories, all below them included.
    kinds : tuple of str
        Candidate sources (`complement`, `upgrade` …).
    offer_kinds : tuple of str
        Kinds of offer (`domain.offer.OfferKind`); a bare product is `goods`.
    tags : tuple of str
        Tags of an offer, or values of the product attribute `tags`.
    goals : tuple of str
        Goals that an offer serves.
    attributes : mapping of str to str
        Product attributes that must have this value.
    min_price_ratio : float or None
        Price at least so many times that of the dearest thing in sight.
    lacks_goal : bool
        Offers that serve no goal the person declared or confirmed.
    lacks_licence : bool
        Offers needing a licence that the agent or the firm does not hold.
    is_paid_incentive : bool or None
        Offers that cost us a discount.
    not_products, not_categories, not_tags : tuple of str
        Exempt from the rule.
    """

    products: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    offer_kinds: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    goals: tuple[str, ...] = ()
    attributes: Mapping[str, str] = field(default_factory=dict)
    min_price_ratio: float | None = None
    lacks_goal: bool = False
    lacks_licence: bool = False
    is_paid_incentive: bool | None = None
    not_products: tuple[str, ...] = ()
    not_categories: tuple[str, ...] = ()
    not_tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Moment:
    """Where and when a rule is asked; empty fields ask nothing, given ones must all hold.

    Attributes
    ----------
    placements, channels, markets, devices : tuple of str
        Of the request.
    dayparts, months, weekdays : tuple
        By the person's local time; months 1..12, weekdays 1 (Monday) .. 7.
    starts_on, ends_on : str
        Calendar days `YYYY-MM-DD` (local), both included; without a year (`MM-DD`) every year.
    below_dwell_seconds : float or None
        Holds while the visitor has been on the page for less than this, or nobody says how long.
    interrupts : bool or None
        Only placements that take the person's attention by themselves, or only those that do not.
    is_assisted : bool or None
        Only where an agent speaks, or only where none does.
    cart_has, cart_lacks : tuple of str
        Products or `category:Name` in the cart or on the page.
    """

    placements: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    markets: tuple[str, ...] = ()
    devices: tuple[str, ...] = ()
    dayparts: tuple[Daypart, ...] = ()
    months: tuple[int, ...] = ()
    weekdays: tuple[int, ...] = ()
    starts_on: str = ""
    ends_on: str = ""
    below_dwell_seconds: float | None = None
    interrupts: bool | None = None
    is_assisted: bool | None = None
    cart_has: tuple[str, ...] = ()
    cart_lacks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of a gate: when moment and person fit, the selected candidates are stopped with its code.

    Attributes
    ----------
    who : str
        A condition on the person (`domain.segment_grammar`); empty for everybody. A nobody-known person meets a
        condition as the blank profile does.
    younger_than : int or None
        Only people who are not known to have so many years; who is nobody known is not.
    law : str
        The provision it stands for, where a law asks for it; such a rule can be switched off by nobody but its pack.
    spares_needs : bool
        Whether disclosures of what is required, stand-ins and service messages pass all the same.
    """

    rule_id: str
    gate: Gate
    code: str
    owner: str
    reason: str
    moment: Moment = field(default_factory=Moment)
    who: str = ""
    younger_than: int | None = None
    stops: Selector = field(default_factory=Selector)
    law: str = ""
    spares_needs: bool = True
    condition: Condition | None = field(init=False, compare=False, repr=False, default=None)

    def __post_init__(self) -> None:
        """Read the condition once.

        Raises
        ------
        BadInput
            If it cannot be read, or code, owner or reason are missing.
        """
        if not CODE.fullmatch(self.code):
            raise BadInput(f"rule {self.rule_id!r}: code {self.code!r}: small letters, digits and _, such as too_early")
        for name, text in (("owner", self.owner), ("reason", self.reason)):
            if not text.strip():
                raise BadInput(
                    f"rule {self.rule_id!r}: its {name} is missing; every rule has somebody who answers for it"
                )
        if self.who:
            try:
                object.__setattr__(self, "condition", parse(self.who))
            except BadInput as error:
                raise BadInput(f"rule {self.rule_id!r}: its `who` cannot be read: {error}") from None
