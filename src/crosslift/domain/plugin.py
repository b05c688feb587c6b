"""What a plugin is, what it is asked, and what it may answer. Six kinds; each is named by an entry point of its group.

A plugin is handed plain values and hands plain values back; it never sees the records, a key, or a person who did not agree.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from crosslift.domain.rule import Gate

API_VERSION = 1
"""What a plugin states as `api_version`; it grows when a plugin written for the one before could not work any more."""
NAME = re.compile(r"[a-z][a-z0-9-]{0,39}", re.ASCII)
"""What a plugin may be called."""


class Kind(StrEnum):
    """The six kinds."""

    SOURCE = "sources"
    """Reads files of a system we do not know: see `collect.sources.source.Source`."""
    CANDIDATES = "candidates"
    """Names products to offer: `CandidateSource`."""
    GATE = "gates"
    """Stops candidates: `GatePlugin`."""
    CHANNEL = "channels"
    """Carries notices of the shop somewhere: `Channel`."""
    METRIC = "metrics"
    """Works out a figure of a period: see `measure.metrics.Measurer`."""
    REASON = "reasons"
    """Says why a product is offered that a plugin named: `Voice`."""

    @property
    def group(self) -> str:
        """The group its entry points stand in."""
        return f"crosslift.{self.value}"


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, as far as a plugin may know it.

    Attributes
    ----------
    at : datetime
        The instant of the decision, never the clock of the machine.
    cart, viewed, goals : tuple of str
        Product ids in the cart and looked at in this visit; goals confirmed in it.
    product, query, content : str or None
        What the page is about; what was searched for; which guide is read.
    customer_id : str or None
        Only where the person agreed to have their history used, else None.
    """

    placement: str
    channel: str
    at: datetime
    language: str
    market: str | None = None
    cart: tuple[str, ...] = ()
    product: str | None = None
    query: str | None = None
    content: str | None = None
    viewed: tuple[str, ...] = ()
    goals: tuple[str, ...] = ()
    device: str | None = None
    store_id: str | None = None
    customer_id: str | None = None


@dataclass(frozen=True, slots=True)
class Proposal:
    """One product a plugin names.

    Attributes
    ----------
    score : float
        Above 0 and at most 1: the order among what this plugin names, never shown as a probability.
    facts : mapping of str to str, int, float or bool
        Why: kept with the decision, and what a reason is made from.
    """

    product_id: str
    score: float
    facts: Mapping[str, str | int | float | bool] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Proposed:
    """A proposal as it is kept with the decision: who made it, and what is said of it in which language."""

    plugin: str
    version: str
    product_id: str
    score: float
    facts: Mapping[str, str | int | float | bool] = field(default_factory=dict)
    told: Mapping[str, str] = field(default_factory=dict)


class CandidateSource(Protocol):
    """Names products to offer.

    Attributes
    ----------
    reason : str
        The plugin of kind reasons that says why; "" where the shop only recommends.
    """

    api_version: int
    reason: str

    def propose(self, question: Question) -> Sequence[Proposal]:
        """Name products, in any order; the same question at the same instant gets the same answer."""


@dataclass(frozen=True, slots=True)
class GateTerms:
    """Which candidates a gate is about, where it stands, and what it says of those it stops.

    Attributes
    ----------
    code : str
        Small letters, digits and _: what records and traces say of a candidate it stopped.
    reason : str
        One sentence for operators: why such candidates are stopped.
    products, categories, kinds : tuple of str
        Products, categories with all below them, and candidate sources; empty asks nothing, all empty is every candidate.
        What it is about is stopped when it fails.
    """

    code: str
    reason: str
    gate: Gate = Gate.ELIGIBLE
    products: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AskedGate:
    """A gate as a decision asked it."""

    plugin: str
    version: str
    terms: GateTerms


class GatePlugin(Protocol):
    """Stops candidates."""

    api_version: int
    terms: GateTerms

    def judge(self, question: Question, product_ids: Sequence[str]) -> Collection[str]:
        """Name those of some products that must not be offered here."""


@dataclass(frozen=True, slots=True)
class Notice:
    """Something the shop tells whoever runs it, such as that a job failed.

    Attributes
    ----------
    notice_id : str
        The same when it is sent once more: a channel that keeps it delivers once.
    kind : str
        Such as `job.failed`.
    facts : mapping
        Plain values: shop, job, run, why.
    """

    notice_id: str
    kind: str
    at: datetime
    facts: Mapping[str, object]


class Channel(Protocol):
    """Carries notices somewhere."""

    api_version: int

    def send(self, notice: Notice) -> None:
        """Hand it on; whatever is raised means that it did not arrive and is sent once more."""


class Voice(Protocol):
    """Says why a product is offered that a plugin named."""

    api_version: int

    def tell(self, proposal: Proposal) -> Mapping[str, str]:
        """Give one true sentence a language (`en`, `ko`, `ja`), from the facts and nothing else; empty where they say nothing."""
