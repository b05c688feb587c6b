"""Decide in bulk: one context a line in, one answer a line out, in the same order."""

from codecs import BOM_UTF8
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import IO, Any

import msgspec

from crosslift.domain.bundle import SetOffer, SetPart
from crosslift.domain.decision import Decision, Reason, ReasonCode, Request
from crosslift.domain.variant import Drawn
from crosslift.errors import BadInput, BadUsage
from crosslift.shop import requests
from crosslift.shop.shop import Shop
from crosslift.shop.sold import amount
from crosslift.wording import reasons

CHUNK = 500
Progress = Callable[[str, int, int], None]


class Context(msgspec.Struct, forbid_unknown_fields=True):
    """One line of a batch."""

    id: str | int
    placement: str
    customer: str | None = None
    cart: list[str] = []
    holdings: list[str] = []
    k: int | None = None
    at: str | None = None
    exclude: list[str] = []
    policy: str = "helpful"
    purpose: str | None = None
    language: str | None = None
    market: str | None = None
    product: str | None = None
    query: str | None = None
    content: str | None = None
    kinds: list[str] = []


_decoder = msgspec.json.Decoder(Context)
_encoder = msgspec.json.Encoder()


def decide_file(shop: Shop, contexts: Path, out: Path, progress: Progress) -> tuple[int, int]:
    """Answer every context of a file.

    A bad line gives `{"id", "error"}` in its place and the others are decided. The output appears under its name only
    when it is whole.

    Returns
    -------
    n_decided, n_bad : int

    Raises
    ------
    BadInput
        If the contexts cannot be read or the output cannot be written.
    """
    if out.is_dir() or not out.name:
        raise BadInput("is a folder; name the file the answers go to", where=str(out))
    try:
        source = contexts.open("rb")
    except OSError as error:
        raise BadInput(f"cannot be read: {error.strerror}; check the path", where=str(contexts)) from error
    hidden = out.with_name(f".{out.name}.part")
    n_decided = n_bad = 0
    with source:
        try:
            with hidden.open("wb") as sink:
                for decided, bad in _answers(shop, source, sink):
                    n_decided, n_bad = n_decided + decided, n_bad + bad
                    progress("decide", n_decided + n_bad, 0)
            if n_decided + n_bad == 0:
                raise BadInput("is empty; give one JSON object a line", where=str(contexts))
            hidden.rename(out)
        except OSError as error:
            raise BadInput(
                f"cannot be written: {error.strerror}; free space or choose another place", where=str(out)
            ) from error
        finally:
            hidden.unlink(missing_ok=True)
    return n_decided, n_bad


def _answers(shop: Shop, source: IO[bytes], sink: IO[bytes]) -> Iterator[tuple[int, int]]:
    now = shop.clock()
    pending: list[tuple[Any, Request | None, str | None]] = []
    sayer = _remembering()
    for number, line in enumerate(source, 1):
        text = line.removeprefix(BOM_UTF8) if number == 1 else line
        if text.strip():
            pending.append(_read(shop, text, number, now))
        if len(pending) == CHUNK:
            yield _flush(shop, pending, sink, sayer)
            pending = []
    if pending:
        yield _flush(shop, pending, sink, sayer)


def _read(shop: Shop, line: bytes, number: int, now: datetime) -> tuple[Any, Request | None, str | None]:
    try:
        context = _decoder.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return _id_of(line), None, f"line {number}: {error}"
    try:
        at = datetime.fromisoformat(context.at) if context.at else now
        request = requests.build(
            context.placement, context.cart, context.customer, context.holdings, context.k,
            shop.local(at), context.exclude, context.policy, context.purpose,
            context.language or shop.settings["shop.language"], context.market, product=context.product,
            query=context.query, content=context.content, kinds=context.kinds, policies=shop.known.rulings,
        )  # fmt: skip
    except BadUsage as error:
        return context.id, None, f"line {number}: {error}"
    except ValueError:
        return context.id, None, f"line {number}: at = {context.at!r} is no ISO 8601 instant"
    return context.id, request, None


def _id_of(line: bytes) -> Any:
    """The id of a line that is otherwise wrong, where it can be read."""
    try:
        found = msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return found.get("id") if isinstance(found, dict) and isinstance(found.get("id"), str | int) else None


def _flush(
    shop: Shop,
    pending: list[tuple[Any, Request | None, str | None]],
    sink: IO[bytes],
    sayer: Callable[[Reason, str], str],
) -> tuple[int, int]:
    decided = iter(shop.decide_requests([request for _, request, _ in pending if request is not None]))
    n_bad = 0
    for key, request, problem in pending:
        if request is None:
            n_bad += 1
            answer: dict[str, Any] = {"id": key, "error": problem}
        else:
            answer = {"id": key, **plain(next(decided), request.language, sayer)}
        sink.write(_encoder.encode(answer) + b"\n")
    return len(pending) - n_bad, n_bad


def _remembering() -> Callable[[Reason, str], str]:
    """Make sentences, each pair's once a batch: the same evidence says the same."""
    said: dict[tuple[Any, ...], str] = {}

    def say(reason: Reason, language: str) -> str:
        evidence = reason.evidence
        key = (
            reason.code,
            evidence.get("anchor"),
            evidence.get("pair"),
            evidence.get("n_both"),
            evidence.get("n_orders"),
            evidence.get("link"),
            evidence.get("from_id"),
            evidence.get("query"),
            evidence.get("bundle"),
            evidence.get("offer"),
            evidence.get("offer_version"),
            evidence.get("goal"),
            evidence.get("begun_by"),
            evidence.get("price"),
            evidence.get("due_on"),
            evidence.get("last_on"),
            evidence.get("best_before"),
            evidence.get("price_to"),
            evidence.get("to_on"),  # a newer snapshot may come into force between two chunks
            language,
        )
        if key not in said:
            said[key] = reasons.sentence(reason, language)
        return said[key]

    return say


def plain(decision: Decision, language: str, say: Callable[[Reason, str], str] | None = None) -> dict[str, Any]:
    """Give the answer as plain values: what batch, CLI and API print."""
    say = say or reasons.sentence
    answer: dict[str, Any] = {
        "decision_id": decision.decision_id,
        "offers": [
            {
                "product": offer.product_id,
                "kind": offer.kind,
                "p": offer.p,
                "priority": offer.priority,
                "reason": say(offer.reason, language),
                "labels": [say(label, language) for label in offer.labels],
                "offer": offer.offer_id,
                "total": None if offer.price is None else amount(offer.price),
            }
            for offer in decision.offers
        ],
        "no_offer": decision.no_offer,
        "purpose": decision.purpose,
    }
    if decision.sets:
        answer["sets"] = [set_row(one, language, say) for one in decision.sets]
    if decision.variants:
        answer["variants"] = [variant_row(one) for one in decision.variants]
    if decision.warnings:
        answer["warnings"] = decision.warnings
    return answer


def variant_row(drawn: Drawn) -> dict[str, Any]:
    """Give what was drawn of a small set as plain values."""
    return {"set": drawn.set_id, "option": drawn.option, "probability": drawn.probability}


def set_row(offer: SetOffer, language: str, say: Callable[[Reason, str], str] | None = None) -> dict[str, Any]:
    """Give an offered set as plain values: every part with its own price, the price of all, the saving, and why."""
    title = offer.titles.get(language.partition("-")[0]) or offer.titles.get("") or offer.bundle_id
    reason = Reason(ReasonCode.SET_SAVING, {
        "price": float(offer.price.amount), "sum": float(offer.single.amount), "saving": float(offer.saving.amount),
        "currency": offer.currency, "n_parts": len(offer.parts), "title": title, "bundle": offer.bundle_id,
        "begun_by": offer.evidence.get("begun_by", "cart"),
    })  # fmt: skip
    return {
        "bundle": offer.bundle_id,
        "kind": offer.kind,
        "title": title,
        "parts": [_part_row(part) for part in offer.parts],
        "alternatives": [_part_row(part) for part in offer.alternatives],
        "price": str(offer.price.amount),
        "single": str(offer.single.amount),
        "saving": str(offer.saving.amount),
        "currency": offer.currency,
        "reason": (say or reasons.sentence)(reason, language) if offer.saving.amount > 0 else None,
    }  # fmt: skip


def _part_row(part: SetPart) -> dict[str, Any]:
    return {
        "product": part.offered_as, "role": part.role, "quantity": part.quantity, "missing": part.n_missing,
        "price": str(part.price.amount),
    }  # fmt: skip
