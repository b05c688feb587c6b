"""`crosslift decide`: the next best offer for a cart, one or many, and why."""

import os
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from crosslift.cli.output import Context, as_json, progress, say, shorten, table
from crosslift.errors import BadUsage

if TYPE_CHECKING:
    from crosslift.domain.decision import Decision
    from crosslift.shop import Shop


def add(app: typer.Typer) -> None:
    """Register the verb."""
    app.command("decide")(decide)


def decide(
    context: typer.Context,
    placement: Annotated[
        str | None, typer.Option(help="product, cart, checkout, home, email ...; cart by default.")
    ] = None,
    cart: Annotated[str, typer.Option(help="Product ids in the cart, separated by commas.")] = "",
    customer: Annotated[str | None, typer.Option(help="Customer id.")] = None,
    holdings: Annotated[str, typer.Option(help="Product ids owned already, separated by commas.")] = "",
    k: Annotated[int | None, typer.Option("-k", help="At most this many offers.")] = None,
    at: Annotated[str | None, typer.Option(help="ISO 8601 instant; now by default.")] = None,
    exclude: Annotated[str, typer.Option(help="Product ids to leave out, separated by commas.")] = "",
    policy: Annotated[str, typer.Option(help="helpful, relevance, or one the shop published.")] = "helpful",
    purpose: Annotated[str | None, typer.Option(help="contextual, personalization, marketing or evaluation.")] = None,
    language: Annotated[str | None, typer.Option(help="en, ko or ja.")] = None,
    market: Annotated[str | None, typer.Option(help="Market of the request.")] = None,
    product: Annotated[str | None, typer.Option(help="The product the page is about.")] = None,
    query: Annotated[str | None, typer.Option(help="What was searched for.")] = None,
    content: Annotated[str | None, typer.Option(help="Id of the guide, FAQ or set-up step being read.")] = None,
    kinds: Annotated[str, typer.Option(help="Only these kinds, separated by commas: complement, upgrade ...")] = "",
    explain: Annotated[
        bool, typer.Option("--explain", help="Show evidence and what happened to each candidate.")
    ] = False,
    replay: Annotated[str | None, typer.Option(help="Make a recorded decision again, by its id.")] = None,
    why_not: Annotated[
        str | None, typer.Option(help="Why this product was not offered; with --replay in that decision.")
    ] = None,
    text: Annotated[str | None, typer.Option(help="Print it as plain text for chat, kiosk, till or receipt.")] = None,
    width: Annotated[int | None, typer.Option(help="Columns of that text; the paper's own by default.")] = None,
    batch: Annotated[Path | None, typer.Option(help="Contexts, one JSON object a line.")] = None,
    out: Annotated[Path | None, typer.Option(help="Where the answers of a batch go.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")] = False,
) -> None:
    """Decide what to offer, or honestly nothing; every decision is recorded and can be replayed."""
    if batch is None and "CROSSLIFT_NO_JIT" not in os.environ:
        os.environ["CROSSLIFT_NO_JIT"] = "1"  # one decision is faster than loading the compiler; same bits either way
    from crosslift.shop import Shop

    given: Context = context.obj
    paper = None if text is None else _paper(text)
    with Shop(given.home) as shop:
        if batch is not None:
            _batch(shop, batch, out, json)
            return
        if replay is not None and why_not is not None:
            _print_why_not(shop, replay, why_not, language, json)
            return
        if replay is not None:
            again = shop.replay(replay)
            verdict = {"is_equal": again.is_equal, "difference": again.difference}
            _print(again.decision, shop, language or "en", explain=True, json=json, replay=verdict)
            if not json:
                say("Replay: equal, byte for byte" if again.is_equal else f"Replay: differs, {again.difference}")
            return
        decision = shop.decide(
            placement or paper or "cart", _ids(cart), customer=customer, holdings=_ids(holdings), k=k, at=_instant(at),
            exclude=_ids(exclude), policy=policy, purpose=purpose, language=language, market=market, product=product, query=query,
            content=content, kinds=_ids(kinds), with_trace=explain,
        )  # fmt: skip
        if why_not is not None:
            _print_why_not(shop, decision.decision_id, why_not, language, json)
            return
        if text is not None:
            _print_text(shop, decision, text, language, width, json)
            return
        _print(decision, shop, language or shop.settings["shop.language"], explain=explain, json=json)


def _paper(name: str) -> str:
    """Give the placement a paper answers for."""
    from crosslift.deliver.channels.text import paper_of

    return paper_of(name).placement


def _print_text(
    shop: "Shop", decision: "Decision", paper: str, language: str | None, width: int | None, json: bool
) -> None:
    from crosslift.shop.slips import printed

    set_ = printed(shop, decision, paper, language, width)
    if json:
        as_json({"decision_id": decision.decision_id, "text": set_})
    else:
        say(set_.removesuffix("\n"))


def _print_why_not(shop: "Shop", decision_id: str, product: str, language: str | None, json: bool) -> None:
    from crosslift.shop.why_not import told, told_to_shopper

    found, spoken = shop.why_not(decision_id, product), language or shop.settings["shop.language"]
    said, sentence = told(shop, found, spoken), told_to_shopper(found, spoken)["sentence"]
    if json:
        as_json({**said, "shopper": sentence})
        return
    for line in said["sentences"]:
        say(line)
    say(f"To the shopper: {sentence}")
    say(f"Decision {decision_id}")


def _batch(shop: "Shop", batch: Path, out: Path | None, json: bool) -> None:
    from crosslift.shop.batch import decide_file

    if out is None:
        raise BadUsage("--batch needs --out: the file the answers go to")
    with progress(quiet=json) as bars:
        n_decided, n_bad = decide_file(shop, batch, out, bars)
    if json:
        as_json({"decided": n_decided, "bad": n_bad, "out": str(out)})
    else:
        say(f"{n_decided:,} decided, {n_bad:,} bad lines, answers in {out}")
    if n_bad:
        raise typer.Exit(1)


def _print(
    decision: "Decision", shop: "Shop", language: str, *, explain: bool, json: bool,
    replay: Mapping[str, object] | None = None,
) -> None:  # fmt: skip
    from crosslift.shop.batch import plain
    from crosslift.wording import reasons

    answer = plain(decision, language)
    if json:
        why = {"trace": trace_rows(decision), "dropped": dict(decision.dropped)} if explain else {}
        as_json(answer | why | ({"replay": replay} if replay else {}))
        return
    titles = {row["product_id"]: row["title"] for row in shop.products().select(["product_id", "title"]).to_pylist()}
    for place, (offer, shown) in enumerate(zip(decision.offers, answer["offers"], strict=True), 1):
        title = titles.get(offer.product_id, "")
        if offer.offer_id is not None:
            title = shop.offers.get(offer.offer_id, offer.offer_version).title(language)
        paid = f"  {shown['total']['amount']} {shown['total']['currency']}" if shown["total"] else ""
        say(f"{place}. {offer.product_id}  {title}{paid}  [{reasons.kind_word(offer.kind, language)}]")
        say(f"   {shown['reason']}")
        for label in shown["labels"]:
            say(f"   {label}")
        if explain:
            p = "p_basket not estimable" if offer.p is None else f"p_basket {offer.p:.4f}"
            say(f"   {p}, priority {offer.priority:.6f}")
            say(f"   {reasons.operator_sentence(offer.reason)}")
    for shown in answer.get("sets", []):
        missing = ", ".join(part["product"] for part in shown["parts"] if part["missing"])
        instead = f" instead of {shown['single']}" if shown["reason"] else ""
        say(f"Set: {shown['title']}, add {missing}: {shown['price']}{instead} {shown['currency']}")
        if shown["reason"]:
            say(f"   {shown['reason']}")
    if decision.no_offer is not None:
        say(f"No offer ({decision.no_offer}): {reasons.no_offer_sentence(decision.no_offer, language)}")
    for warning in decision.warnings:
        say(f"! {warning}")
    if explain:
        for drawn in decision.variants:
            how = (
                f"drawn with probability {drawn.probability:.4f}"
                if drawn.was_drawn
                else "its default, nothing is drawn"
            )
            say(f"Variant of {drawn.set_id}: {drawn.option} ({how})")
        _print_trace(decision, titles)
    say(f"Decision {decision.decision_id}, {decision.purpose}, snapshot {decision.snapshot_id}")


def trace_rows(decision: "Decision") -> list[dict[str, object]]:
    """Give the trace as plain rows."""
    if decision.trace is None:
        return []
    return [
        {"product": t.product_id, "source": t.source, "score": t.score, "dropped": t.dropped, "place": t.place}
        for t in decision.trace.candidates
    ]


def _print_trace(decision: "Decision", titles: dict[str, str]) -> None:
    if decision.trace is None:
        return
    shown = decision.trace.candidates[:20]
    say()
    say(
        f"{len(decision.trace.candidates)} candidates"
        + (f", the first {len(shown)}" if len(shown) < len(decision.trace.candidates) else "")
    )
    rows = [
        (t.product_id, shorten(titles.get(t.product_id, ""), 36), t.source, f"{t.score:.6f}",
         f"offer {t.place + 1}" if t.place is not None else str(t.dropped))
        for t in shown
    ]  # fmt: skip
    table(("product", "title", "source", "score", "what became of it"), rows, right=(3,))


def _ids(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _instant(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise BadUsage(f"--at {text!r} is no ISO 8601 instant, such as 2026-11-22T09:30:00+09:00") from None
