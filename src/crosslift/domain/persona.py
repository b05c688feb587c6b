"""Groups of people who behave alike: what sets each apart, how many they are, and what a typical one wants."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from crosslift.domain.estimate import NotEstimable


class MarkCode(StrEnum):
    """What a group does more or less than people usually do; `wording` has a plain name for each."""

    RECENT = "recent"
    LONG_AWAY = "long_away"
    FREQUENT = "frequent"
    SELDOM = "seldom"
    BIG_SPENDER = "big_spender"
    SMALL_SPENDER = "small_spender"
    MANY_CATEGORIES = "many_categories"
    FEW_CATEGORIES = "few_categories"
    DISCOUNT = "discount"
    FULL_PRICE = "full_price"
    RETURNS_MUCH = "returns_much"
    RETURNS_LITTLE = "returns_little"
    CATEGORY = "category"
    """Spends more of its money on one category, named beside."""


@dataclass(frozen=True, slots=True)
class Mark:
    """One thing that sets a group apart: the group's figure beside everybody's, both in `unit`.

    `distance` is how far the group's mean lies from everybody's, in standard deviations of people.
    """

    code: MarkCode
    figure: str
    value: float
    usual: float
    unit: str
    distance: float
    category: str | None = None

    @property
    def key(self) -> str:
        """The code, with the category where it is one: `category:Tea`."""
        return f"{self.code}:{self.category}" if self.category else self.code.value


USUAL = "usual"
"""What stands for a group that nothing sets apart."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """People who behave alike.

    Attributes
    ----------
    cluster_id : str
        The keys of its marks in the order of `MarkCode`, joined by `+`; `usual` where nothing sets it apart.
    marks : tuple of Mark
        Most unlike first; they make the name.
    n_people : int
        How many are in it.
    share : float
        Of all who were grouped, 0..1.
    center : mapping of str to float
        Figure to what is typical of the group: the median of days, orders and spend, the mean of shares.
    """

    cluster_id: str
    marks: tuple[Mark, ...]
    n_people: int
    share: float
    center: Mapping[str, float]

    @property
    def persona_id(self) -> str:
        """The persona card it belongs to: the key of what sets it apart most, which several clusters may share."""
        return self.marks[0].key if self.marks else USUAL


@dataclass(frozen=True, slots=True)
class Middle:
    """The middle half of people: median, lower and upper quarter, how many it rests on, and the unit."""

    median: float
    low: float
    high: float
    n: int
    unit: str


@dataclass(frozen=True, slots=True)
class Mention:
    """Something people of a group said or did, and how many of them."""

    name: str
    n_people: int


@dataclass(frozen=True, slots=True)
class Persona:
    """A card about a group, made of its people's data only; what too few of them tell is left out.

    Attributes
    ----------
    persona_id : str
        What sets its people apart most (`Cluster.persona_id`), or the id of the segment.
    n_people : int
        People in it; `share` of everybody asked, 0..1.
    order_value, items_per_order, interval_days : Middle or NotEstimable
        Of each person's own average order, units an order, and median days between orders.
    categories : tuple of (str, float)
        Where the group's money goes, mean share of spend, the three largest.
    goals, needs : tuple of Mention
        Declared goals; categories people came back to look at after a purchase. Most people first.
    channel, source, market : Mention or None
        Where most of those buy, come from and live of whom it is known.
    """

    persona_id: str
    n_people: int
    share: float
    order_value: Middle | NotEstimable
    items_per_order: Middle | NotEstimable
    interval_days: Middle | NotEstimable
    categories: tuple[tuple[str, float], ...]
    goals: tuple[Mention, ...]
    needs: tuple[Mention, ...]
    channel: Mention | None
    source: Mention | None
    market: Mention | None
