"""What the chat may look up, and in which shape it gets it. The shop brings the answers; nothing here opens anything."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Protocol

from crosslift.deliver.answering.naming import Mention
from crosslift.domain.money import Money


@dataclass(frozen=True, slots=True)
class Card:
    """A product as it stands now: `stock` None is unknown and counts as in stock; `price` None where nobody gave one."""

    product_id: str
    title: str
    price: Money | None
    includes_tax: bool
    stock: int | None
    is_sold: bool
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Fit:
    """Whether two products fit each other, and by what: a fact of each, in words, empty where it was written down without."""

    fits: bool
    basis: str
    facts: str = ""


@dataclass(frozen=True, slots=True)
class Written:
    """A page of the shop: a guide, or a question with the answer the shop wrote to it."""

    page_id: str
    title: str
    url: str | None = None
    answer: str | None = None
    sureness: float = 1.0


class DuesState(StrEnum):
    """Whether somebody's own refills may be looked up."""

    KNOWN = "known"
    SIGN_IN = "sign_in"
    """Nobody says who they are."""
    CONSENT = "consent"
    """They did not allow their purchases to be used."""


@dataclass(frozen=True, slots=True)
class DueOn:
    """What of somebody's is used up on which day, by their own clock; `is_over` where that day has passed."""

    product_id: str
    on: date
    is_over: bool


@dataclass(frozen=True, slots=True)
class Dues:
    """Somebody's refills, soonest first."""

    state: DuesState
    due: tuple[DueOn, ...] = ()


@dataclass(frozen=True, slots=True)
class Given:
    """One offer of a decision as the chat shows it."""

    product_id: str
    title: str
    reason: str
    price: Money | None
    includes_tax: bool
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Offering:
    """A recorded decision; without offers where it decided to say nothing."""

    decision_id: str
    offers: tuple[Given, ...] = ()


class Shelf(Protocol):
    """What is known, for one question of one person in one language."""

    def mentions(self, text: str) -> Sequence[Mention]:
        """Find the products a text names."""

    def card(self, product_id: str) -> Card | None:
        """Look a product up."""

    def fit(self, one: str, other: str) -> Fit | None:
        """Tell whether two products fit; None where nobody knows."""

    def needs(self, product_id: str) -> Sequence[str]:
        """Name what serves the need of a product that cannot be used without."""

    def included(self, product_id: str) -> Sequence[str]:
        """Name what is in its box."""

    def dues(self) -> Dues:
        """Give the refills of whoever asks, if they may be looked up."""

    def usual_days(self, product_id: str) -> float | None:
        """Tell after how many days it is usually bought again."""

    def pages_about(self, product_id: str) -> Sequence[Written]:
        """Find the guides of a product, best first."""

    def pages_named(self, text: str, topic: str | None = None) -> Sequence[Written]:
        """Find pages whose title or words a text has, or that are about a topic; best first."""

    def why(self, decision_id: str) -> Sequence[Given] | None:
        """Give the offers of a decision with their reasons; None where these are no longer kept.

        An empty list where it is nobody's of whoever asks.
        """

    def offers(self, product_id: str | None, kinds: Sequence[str]) -> Offering:
        """Decide by the ordinary gates, and record it."""

    def decline(self, decision_id: str) -> bool:
        """Take a no to the offers of a decision; False where there were none."""

    def stop(self) -> bool:
        """Leave the person alone everywhere; False where nobody knows who they are."""

    def resume(self) -> bool:
        """Take that back; False where nothing was stopped."""
