"""Questions of customers, answered by rules from what the shop knows; what nobody knows, and every complaint, goes to people."""

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

import structlog

from crosslift.collect.voice import judge
from crosslift.collect.voice_cases import Answer as Voiced
from crosslift.collect.voice_cases import bad_signs
from crosslift.deliver.answering.answer import Handover, Reply
from crosslift.deliver.answering.asked import Asked, about
from crosslift.deliver.answering.conversation import Conversation, Seal
from crosslift.deliver.answering.hearing import Heard, hear
from crosslift.deliver.answering.replies import answer
from crosslift.deliver.answering.words import Intent
from crosslift.domain.contact import ActivityKind, CaseSeverity, CaseStatus, Direction, FeedbackKind
from crosslift.domain.voice import Judged
from crosslift.errors import BadInput
from crosslift.shop.chat.names import Names
from crosslift.shop.chat.said import Said
from crosslift.shop.chat.shelf import CHANNEL, ShopShelf
from crosslift.shop.sold import amount
from crosslift.wording.chat import say

if TYPE_CHECKING:
    from crosslift.shop import Shop

log = structlog.get_logger()
Row = dict[str, Any]
LONGEST = 500
"""Letters of a question."""
WAITING_DAYS = 30
"""So long what a stranger asked is listed as waiting."""
UNANSWERED = "unanswered"
"""The outcome of an activity that somebody has to answer."""
_HARSHEST = -0.75
_CALM = frozenset({Intent.STOP, Intent.RESUME, Intent.NO_THANKS, Intent.THANKS, Intent.GREETING})
"""Whoever says these in hard words is taken at their word: nothing is offered on any of them."""


class Chats:
    """The chat of one shop.

    Parameters
    ----------
    shop : Shop
        Asked for what it knows, and told what has to be kept.
    """

    def __init__(self, shop: "Shop") -> None:
        self._shop = shop
        self._names = Names(shop.records)
        self._seal = Seal(shop.key)

    def ask(self, said: Said) -> Row:
        """Answer a question. The same question of the same person, page and moment gets the same answer.

        Returns
        -------
        dict
            answer, kind, sources (kind, id, title, url), confidence (0..1), language, decision_id and offers (empty without),
            handover (None, or why and the id of what was opened), conversation to send along with the next question.

        Raises
        ------
        BadInput
            For an empty question, or one of more than 500 letters.
        Refused
            For a conversation that is not ours.
        NotReady
            If nothing has been learned yet.
        """
        text = said.text.strip()
        if not text or len(text) > LONGEST:
            raise BadInput(f"a question has 1 to {LONGEST} letters", where="text")
        shop, now = self._shop, self._shop.clock()
        self._names.refresh(shop.knowledge)
        before = self._seal.opened(said.conversation, said.identity, now) if said.conversation else None
        talk = before or self._seal.begin(said.identity, text, now)
        heard, judged = self._heard(text, said.language or shop.settings["shop.language"])
        if heard.intent is Intent.COMPLAINT:
            talk.is_upset = True
        shelf = ShopShelf(shop, self._names, said, heard.language)
        product = said.product if said.product and shelf.card(said.product) else None
        asked = Asked(text, heard, about(text, shelf, product, talk), shelf, talk, said.decision)
        reply = answer(asked)
        if reply.handover is not None and not said.is_counted:
            reply = replace(reply, handover=None, sentences=(say("greeting", heard.language),))
        told = self._told(reply, heard.language)
        self._note(talk, text, told, reply, heard.intent, now)
        why = reply.handover
        handed = None if why is None else self._hand_over(why, reply, talk, said, judged, now)
        log.info(
            "chat_answered",
            kind=reply.kind,
            confidence=reply.confidence,
            language=heard.language,
            handover=handed is not None,
        )
        return {
            "answer": told, "kind": reply.kind, "language": heard.language, "confidence": reply.confidence,
            "sources": [{"kind": one.kind, "id": one.id, "title": one.title, "url": one.url} for one in reply.origins],
            "decision_id": reply.offering.decision_id or None,
            "offers": [
                {
                    "product": one.product_id, "title": one.title, "reason": one.reason, "url": one.url,
                    "total": one.price and amount(one.price), "total_includes_tax": one.includes_tax,
                }
                for one in reply.offering.offers
            ],
            "handover": handed,
            "conversation": self._seal.sealed(talk),
        }  # fmt: skip

    def waiting(self) -> list[Row]:
        """List what was handed over and waits: cases that are open, and questions nobody answered, newest first."""
        unsettled = "channel = ? and status in (?, ?)"
        cases = self._shop.records.table(
            "cases", ("case_id", "customer_id", "opened_at", "topic", "severity", "product_id", "text"), unsettled,
            (CHANNEL, CaseStatus.OPEN.value, CaseStatus.WAITING.value),
        ).to_pylist()  # fmt: skip
        questions = self._shop.records.table(
            "activities", ("activity_id", "customer_id", "at", "product_id", "text"), "channel = ? and outcome = ?",
            (CHANNEL, UNANSWERED),
        ).to_pylist()  # fmt: skip
        since = int(self._shop.clock().timestamp() * 1_000_000) - WAITING_DAYS * 86_400_000_000
        mentions = self._shop.records.table(
            "feedback", ("feedback_id", "at", "question", "product_id", "text"), "channel = ? and answer = ? and at >= ?",
            (CHANNEL, UNANSWERED, since),
        ).to_pylist()  # fmt: skip
        found = [{"id": one.pop("case_id"), "what": "case", "at": one.pop("opened_at"), **one} for one in cases]
        found += [{"id": one.pop("activity_id"), "what": "question", **one} for one in questions]
        found += [{"id": one.pop("feedback_id"), "what": one.pop("question"), **one} for one in mentions]
        return sorted(found, key=lambda one: (-one["at"], one["id"]))

    def _heard(self, text: str, language: str) -> tuple[Heard, Judged]:
        """Hear what is meant; words of blame that are sure enough are a complaint, whatever else is asked."""
        heard = hear(text, language)
        judged = judge(text, heard.language)
        signs = bad_signs(Voiced("chat", 0, FeedbackKind.SURVEY, text=text), judged, self._shop.settings)
        if signs and heard.intent not in _CALM:
            heard = replace(heard, intent=Intent.COMPLAINT, sureness=max(judged.confidence, heard.sureness))
        return heard, judged

    def _told(self, reply: Reply, language: str) -> str:
        sentences, contact = list(reply.sentences), self._shop.settings["chat.contact"]
        if reply.handover is not None and contact:
            sentences.append(say("handover.contact", language, contact=contact))
        return "\n".join(sentences)

    @staticmethod
    def _note(talk: Conversation, text: str, told: str, reply: Reply, intent: Intent, now: datetime) -> None:
        """Keep in the conversation what the next answer needs."""
        talk.say(text, is_ours=False)
        talk.say(told, is_ours=True)
        for product_id in reversed(reply.products):
            talk.speak_of(product_id)
        if reply.offering.offers:
            talk.decision = reply.offering.decision_id
        if intent is Intent.STOP:
            talk.is_stopped = True
        elif intent is Intent.RESUME:
            talk.is_stopped = False
        talk.last_at = int(now.timestamp())

    def _hand_over(
        self, why: Handover, reply: Reply, talk: Conversation, said: Said, judged: Judged, now: datetime
    ) -> Row:  # fmt: skip
        """Give it to people: a complaint or a wish for a person opens a case, a question stands among the activities.

        An open case stops offers until it is solved; a question that nobody answered yet does not. Of whom nobody knows it
        stands among what strangers said.
        """
        at, product = now.isoformat(), reply.products[0] if reply.products else said.product
        shared = {"customer_id": said.customer, "channel": CHANNEL, "product_id": product, "text": talk.transcript()}
        about_it = {"source": CHANNEL, "conversation": talk.conversation_id}
        if said.customer is None:
            return self._mention(why, talk, shared, about_it, now)
        if why is Handover.QUESTION:
            own = f"{CHANNEL}:{talk.conversation_id}:{talk.n_turns}"
            row = {
                **shared, "activity_id": own, "at": at, "kind": ActivityKind.CHAT.value, "direction": Direction.IN.value,
                "outcome": UNANSWERED, "attributes": about_it,
            }  # fmt: skip
            self._shop.put_facts("activities", [_filled(row)])
            return {"why": why.value, "id": own, "is_case": False}
        severity = CaseSeverity.LOW
        if why is Handover.COMPLAINT:
            severity = CaseSeverity.HIGH if (judged.sentiment or 0.0) <= _HARSHEST else CaseSeverity.NORMAL
        own = f"{CHANNEL}:{talk.conversation_id}"
        row = {
            **shared, "case_id": own, "opened_at": at, "updated_at": at, "status": CaseStatus.OPEN.value,
            "topic": judged.topics[0].value if judged.topics else why.value, "severity": severity.value,
            "attributes": about_it,
        }  # fmt: skip
        self._shop.put_facts("cases", [_filled(row)])
        return {"why": why.value, "id": own, "is_case": True}

    def _mention(self, why: Handover, talk: Conversation, shared: Row, about_it: Row, now: datetime) -> Row:
        own = f"{CHANNEL}:{talk.conversation_id}:{talk.n_turns}"
        row = {
            **shared, "feedback_id": own, "at": now.isoformat(), "kind": FeedbackKind.MENTION.value,
            "question": why.value, "answer": UNANSWERED, "attributes": about_it,
        }  # fmt: skip
        self._shop.put_facts("feedback", [_filled(row)])
        return {"why": why.value, "id": own, "is_case": False}


def _filled(row: Row) -> Row:
    return {name: value for name, value in row.items() if value is not None}
