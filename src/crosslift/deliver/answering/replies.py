"""Answers: each intent looks up what the shop knows, and says where it is from. What nobody wrote down is handed over."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from crosslift.deliver.answering.answer import Handover, Origin, Reply, of_page, of_product
from crosslift.deliver.answering.asked import FROM_BEFORE, FROM_PAGE, Asked
from crosslift.deliver.answering.naming import ENOUGH
from crosslift.deliver.answering.shelf import Card, DuesState, Written
from crosslift.deliver.answering.words import Intent
from crosslift.wording.formats import day, duration, money

UNSURE = 0.6
"""Below this an answer says that the question may have been something else."""
PLAIN, GUESSED = 1.0, 0.5
_SHOWN = 3


def answer(asked: Asked) -> Reply:
    """Answer a question; what is not sure says so, and nothing is ever offered on a complaint."""
    reply = _ANSWERS[asked.heard.intent](asked)
    if reply.confidence < UNSURE and reply.handover is None and reply.kind != "which":
        reply = replace(reply, sentences=(asked.say("unsure"), *reply.sentences))
    return reply


def _sureness(asked: Asked, *more: float) -> float:
    return round(min(asked.heard.sureness, *(more or (asked.about.sureness,))), 2)


def _which(asked: Asked) -> Reply:
    """Ask back which product is meant."""
    if asked.about.which:
        lines = _listed(card.title for card in asked.about.which)
        return Reply("which", (asked.say("which"), *lines), GUESSED, tuple(map(of_product, asked.about.which)))
    return Reply("which", (asked.say("which_product"),), GUESSED)


def _listed(titles: Iterable[str]) -> list[str]:
    """Write names one a line: titles have commas of their own."""
    return [f"- {title}" for title in titles]


def _of_one(asked: Asked, told: Callable[[Asked, Card], Reply]) -> Reply:
    card = asked.about.first
    if card is None or asked.about.is_open:
        return _which(asked)
    return replace(told(asked, card), products=(card.product_id,))


def _fits(asked: Asked) -> Reply:
    """Tell whether two products fit; where the second could be several, of each that something is known of."""
    first, *others = asked.about.cards[:2] or (None,)
    if first is None:
        return _which(asked)
    if others:
        return _fit(asked, first, others[0])
    told = [reply for card in asked.about.which if (reply := _fit(asked, first, card)).handover is None]
    if told:
        sentences = tuple(sentence for one in told for sentence in one.sentences)
        origins = tuple(dict.fromkeys(origin for one in told for origin in one.origins))
        return Reply("fits", sentences, _sureness(asked), origins, products=(first.product_id,))
    return _which(asked) if asked.about.which else Reply("which", (asked.say("which_two"),), GUESSED)


def _fit(asked: Asked, a: Card, b: Card) -> Reply:
    found = asked.shelf.fit(a.product_id, b.product_id)
    origins, both = (of_product(a), of_product(b)), (a.product_id, b.product_id)
    if found is None:
        sentences = (asked.say("fits.unknown", a=a.title, b=b.title), asked.say("handover.question"))
        return Reply("fits", sentences, _sureness(asked), origins, handover=Handover.QUESTION, products=both)
    key = "fits.yes" if found.fits else "fits.no"
    why = {"fact": found.facts} if found.facts else {}
    told = asked.say(f"{key}_fact" if why else key, a=a.title, b=b.title, **why)
    by = Origin("relation", "fits" if found.fits else "excludes", found.basis)
    return Reply("fits", (told,), _sureness(asked), (*origins, by), products=both)


def _needs(asked: Asked) -> Reply:
    def told(asked: Asked, card: Card) -> Reply:
        needed, included = (
            [one for name in found if (one := asked.shelf.card(name)) is not None]
            for found in (asked.shelf.needs(card.product_id), asked.shelf.included(card.product_id))
        )
        shown = sorted(needed, key=lambda one: not _can_buy(one))[:_SHOWN]
        sentences = []
        if included:
            sentences += [asked.say("needs.included", a=card.title), *_listed(one.title for one in included[:_SHOWN])]
        if shown:
            sentences += [asked.say("needs.some", a=card.title), *_listed(one.title for one in shown)]
        elif not included:
            sentences.append(asked.say("needs.none", a=card.title))
        origins = (of_product(card), *map(of_product, (*included[:_SHOWN], *shown)))
        reply = Reply("needs", tuple(sentences), _sureness(asked), origins)
        return _with_offers(asked, reply, card, ("required",)) if shown else reply

    return _of_one(asked, told)


def _runs_out(asked: Asked) -> Reply:
    """Tell when something is used up: by whoever asks, where their purchases may be looked up, else as is usual."""
    card, dues = asked.about.first, asked.shelf.dues()
    meant = (
        {one.product_id for one in asked.about.which} if asked.about.is_open else {card.product_id} if card else set()
    )
    own = next((one for one in dues.due if not meant or one.product_id in meant), None)
    if own is None and asked.about.is_open:
        return _which(asked)
    if own is not None:
        shown = asked.shelf.card(own.product_id)
        title = shown.title if shown else own.product_id
        on = day(own.on, asked.language)
        told = (asked.say("runs_out.was" if own.is_over else "runs_out.will", a=title, on=on),)
        bought: tuple[Origin, ...] = (Origin("purchases", own.product_id, title),)
        reply = Reply("runs_out", told, _sureness(asked, PLAIN), bought, products=(own.product_id,))
        return _with_offers(asked, reply, None, ("refill",))
    if dues.state is DuesState.KNOWN and card is None:
        return Reply("runs_out", (asked.say("runs_out.nothing"),), _sureness(asked, PLAIN))
    beside = () if dues.state is DuesState.KNOWN else (asked.say(f"runs_out.{dues.state}"),)
    if card is None:
        return Reply("runs_out", beside, _sureness(asked, PLAIN))
    days = asked.shelf.usual_days(card.product_id)
    if days is None:
        told = (asked.say("runs_out.unknown", a=card.title), *beside)
        return Reply("runs_out", told, _sureness(asked), (of_product(card),), products=(card.product_id,))
    usual = asked.say("runs_out.usual", a=card.title, span=duration(days, asked.language))
    origins = (of_product(card), Origin("relation", "refill", card.title))
    return Reply("runs_out", (usual, *beside), _sureness(asked), origins, products=(card.product_id,))


def _guide(asked: Asked) -> Reply:
    named, card = asked.shelf.pages_named(asked.text), asked.about.first
    found = list(named[:1]) or (list(asked.shelf.pages_about(card.product_id)) if card is not None else [])
    if found:
        sureness = named[0].sureness if named else asked.about.sureness
        return _page("guide", asked, found[:2], sureness, (card.product_id,) if card and not named else ())
    if card is None or asked.about.is_open:
        return _which(asked)
    sentences = (asked.say("guide.none", a=card.title), asked.say("handover.question"))
    origins, products = (of_product(card),), (card.product_id,)
    return Reply("guide", sentences, _sureness(asked), origins, handover=Handover.QUESTION, products=products)


def _page(kind: str, asked: Asked, pages: Sequence[Written], sureness: float, products: tuple[str, ...] = ()) -> Reply:
    """Answer with what the shop wrote, else with where it stands."""
    first = pages[0]
    told = first.answer or asked.say("guide.found", title=first.title)
    return Reply(kind, (told,), _sureness(asked, sureness), tuple(map(of_page, pages)), products=products)


def _written(topic: str) -> Callable[[Asked], Reply]:
    """Answer what shops write down: delivery, returns."""

    def told(asked: Asked) -> Reply:
        found = asked.shelf.pages_named(asked.text, topic)
        return _page(topic, asked, found[:1], found[0].sureness) if found else _unknown(asked)

    return told


def _why(asked: Asked) -> Reply:
    decision = asked.decision or asked.conversation.decision
    given = asked.shelf.why(decision) if decision else ()
    if given is None:
        return Reply(
            "why", (asked.say("why.gone"),), _sureness(asked, PLAIN), (Origin("decision", decision, decision),)
        )
    if not given:
        return Reply("why", (asked.say("why.nothing"),), _sureness(asked, PLAIN))
    named = {card.product_id for card in asked.about.cards}
    chosen = [one for one in given if one.product_id in named] or list(given)
    told = [line for one in chosen for line in (asked.say("why.shown", a=one.title), one.reason)]
    return Reply("why", tuple(told), _sureness(asked, PLAIN), (Origin("decision", decision, decision),))


def _price(asked: Asked) -> Reply:
    def told(asked: Asked, card: Card) -> Reply:
        return Reply("price", (_priced(asked, card),), _sureness(asked), (of_product(card),))

    return _of_one(asked, told)


def _priced(asked: Asked, card: Card) -> str:
    if card.price is None:
        return asked.say("price.unknown", a=card.title)
    key = "price.with_tax" if card.includes_tax else "price.is"
    return asked.say(key, a=card.title, price=money(card.price, asked.language, in_text=True))


def _can_buy(card: Card) -> bool:
    return card.is_sold and (card.stock is None or card.stock > 0)


def _stocked(asked: Asked, card: Card) -> str:
    key = "gone" if not card.is_sold else "orderable" if card.stock is None else "yes" if card.stock > 0 else "no"
    return asked.say(f"stock.{key}", a=card.title)


def _stock(asked: Asked) -> Reply:
    def told(asked: Asked, card: Card) -> Reply:
        reply = Reply("stock", (_stocked(asked, card),), _sureness(asked), (of_product(card),))
        return reply if _can_buy(card) else _with_offers(asked, reply, card, ("stand_in",), "stock.instead")

    return _of_one(asked, told)


def _suggest(asked: Asked) -> Reply:
    if asked.about.is_open:
        return _which(asked)
    card = asked.about.first
    reply = Reply(
        "suggest",
        (),
        _sureness(asked, asked.about.sureness or FROM_BEFORE),
        products=(card.product_id,) if card else (),
    )
    reply = _with_offers(asked, reply, card, (), "suggest.some")
    return reply if reply.offering.offers else replace(reply, sentences=(asked.say("suggest.none"),))


def _with_offers(
    asked: Asked, reply: Reply, card: Card | None, kinds: Sequence[str], before: str | None = None
) -> Reply:
    """Put a decision beside an answer, where anything may be offered."""
    if not asked.may_offer:
        return reply
    made = asked.shelf.offers(card.product_id if card else None, kinds)
    said = (asked.say(before),) if before and made.offers else ()
    return replace(reply, offering=made, sentences=(*reply.sentences, *said))


def _stop(asked: Asked) -> Reply:
    key = "stop.done" if asked.shelf.stop() else "stop.here"
    return Reply("stop", (asked.say(key),), asked.heard.sureness)


def _resume(asked: Asked) -> Reply:
    was_stopped = asked.shelf.resume() or asked.conversation.is_stopped
    return Reply("resume", (asked.say("resume.done" if was_stopped else "resume.nothing"),), asked.heard.sureness)


def _no_thanks(asked: Asked) -> Reply:
    decision = asked.conversation.decision
    key = "no_thanks.done" if decision and asked.shelf.decline(decision) else "no_thanks.plain"
    return Reply("no_thanks", (asked.say(key),), asked.heard.sureness)


def _handed(reason: Handover) -> Callable[[Asked], Reply]:
    def told(asked: Asked) -> Reply:
        sureness = asked.heard.sureness or PLAIN
        return Reply(reason.value, (asked.say(f"handover.{reason}"),), sureness, handover=reason)

    return told


def _said(key: str) -> Callable[[Asked], Reply]:
    return lambda asked: Reply(key, (asked.say(key),), asked.heard.sureness)


def _unknown(asked: Asked) -> Reply:
    """Look for a written answer, then for a product; hand over what is neither."""
    pages = asked.shelf.pages_named(asked.text)
    if pages:
        found = _page("question", asked, pages[:1], pages[0].sureness)
        return replace(found, confidence=round(pages[0].sureness * FROM_PAGE, 2))
    if asked.heard.intent is Intent.UNKNOWN and asked.about.is_open:
        return _which(asked)
    card = asked.about.first if asked.about.sureness >= ENOUGH else None
    if asked.heard.intent is Intent.UNKNOWN and card is not None and asked.about.is_named:
        told, sureness = (_priced(asked, card), _stocked(asked, card)), round(asked.about.sureness * FROM_BEFORE, 2)
        return Reply("product", told, sureness, (of_product(card),), products=(card.product_id,))
    return Reply("unknown", (asked.say("handover.question"),), 0.0, handover=Handover.QUESTION)


_ANSWERS: Mapping[Intent, Callable[[Asked], Reply]] = {
    Intent.STOP: _stop, Intent.RESUME: _resume, Intent.HUMAN: _handed(Handover.HUMAN),
    Intent.COMPLAINT: _handed(Handover.COMPLAINT), Intent.WHY: _why, Intent.RUNS_OUT: _runs_out,
    Intent.RETURNS: _written("returns"), Intent.DELIVERY: _written("delivery"), Intent.FITS: _fits, Intent.NEEDS: _needs,
    Intent.GUIDE: _guide, Intent.STOCK: _stock, Intent.PRICE: _price, Intent.SUGGEST: _suggest,
    Intent.NO_THANKS: _no_thanks, Intent.GREETING: _said("greeting"), Intent.THANKS: _said("thanks"),
    Intent.QUESTION: _unknown, Intent.UNKNOWN: _unknown,
}  # fmt: skip
