"""One question with all that answers it: what it is about, who asks, and what may be looked up."""

from collections.abc import Sequence
from dataclasses import dataclass

from crosslift.deliver.answering.conversation import Conversation
from crosslift.deliver.answering.hearing import Heard
from crosslift.deliver.answering.naming import MOST, Mention
from crosslift.deliver.answering.shelf import Card, Shelf
from crosslift.wording.chat import say

FROM_PAGE, FROM_BEFORE = 0.9, 0.8
"""How sure we are of a product nobody named: the one of the page, the one spoken of before."""


@dataclass(frozen=True, slots=True)
class About:
    """What a question is about: products, the surest first; `which` are those it could be where that is not clear."""

    cards: tuple[Card, ...] = ()
    sureness: float = 0.0
    which: tuple[Card, ...] = ()
    is_named: bool = False
    """Whether the question itself named one that is clear."""

    @property
    def is_open(self) -> bool:
        """Whether it is not clear which product is meant."""
        return bool(self.which) and not self.is_named

    @property
    def first(self) -> Card | None:
        """The product it is about, if one is clear."""
        return self.cards[0] if self.cards else None


@dataclass(frozen=True, slots=True)
class Asked:
    """One question, with all that answers it."""

    text: str
    heard: Heard
    about: About
    shelf: Shelf
    conversation: Conversation
    decision: str | None = None

    @property
    def language(self) -> str:
        """The language it is answered in."""
        return self.heard.language

    def say(self, key: str, **values: str) -> str:
        """Say a message of the chat."""
        return say(key, self.language, **values)

    @property
    def may_offer(self) -> bool:
        """Whether anything may be offered here: never after a complaint, and not to whoever wanted no more."""
        return not (self.conversation.is_upset or self.conversation.is_stopped)


def about(text: str, shelf: Shelf, page: str | None, conversation: Conversation) -> About:
    """Find what a question is about: what it names, else the page's product, else what was spoken of before."""
    implied = [(page, FROM_PAGE)] if page else [(one, FROM_BEFORE) for one in conversation.products[:1]]
    named = list(shelf.mentions(text))
    cards: list[tuple[Card, float]] = []
    which: list[str] = []
    for mention in named:
        settled = _settled(mention, [one for one, _ in implied])
        if settled.others:
            which = which or [settled.product_id, *settled.others]
        elif (card := shelf.card(settled.product_id)) is not None:
            cards.append((card, settled.sureness))
    told = {card.product_id for card, _ in cards}
    cards += [
        (card, sureness) for one, sureness in implied if one not in told and (card := shelf.card(one)) is not None
    ]  # fmt: skip
    could_be = [card for one in which if (card := shelf.card(one)) is not None][:MOST]
    has_named = any(card.product_id in {one.product_id for one in named} for card, _ in cards)
    sureness = cards[0][1] if cards else 0.0
    return About(tuple(card for card, _ in cards), sureness, tuple(could_be), has_named)


def _settled(mention: Mention, implied: Sequence[str]) -> Mention:
    """Settle which of several is meant by what is looked at anyway."""
    for one in implied:
        if one in (mention.product_id, *mention.others):
            return Mention(one, FROM_PAGE)
    return mention
