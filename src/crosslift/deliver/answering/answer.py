"""What the chat answers with."""

from dataclasses import dataclass, field
from enum import StrEnum

from crosslift.deliver.answering.shelf import Card, Offering, Written

NO_OFFERING = Offering("")


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an answer is from: a product of the catalog, a relation, a page, a decision, the person's own purchases."""

    kind: str
    id: str
    title: str
    url: str | None = None


class Handover(StrEnum):
    """Why somebody of the shop has to answer."""

    QUESTION = "question"
    COMPLAINT = "complaint"
    HUMAN = "human"


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer: its sentences in order, where they are from, how sure it is (0..1), and what is offered beside it."""

    kind: str
    sentences: tuple[str, ...]
    confidence: float
    origins: tuple[Origin, ...] = ()
    offering: Offering = field(default=NO_OFFERING)
    handover: Handover | None = None
    products: tuple[str, ...] = ()


def of_product(card: Card) -> Origin:
    """Name a product as a source."""
    return Origin("product", card.product_id, card.title, card.url)


def of_page(page: Written) -> Origin:
    """Name a page as a source."""
    return Origin("page", page.page_id, page.title, page.url)
