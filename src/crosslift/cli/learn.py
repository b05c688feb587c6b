"""`crosslift learn`: facts become knowledge; ends with what your orders say."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crosslift.cli import report as printed
from crosslift.cli.output import Context, as_json, progress, say, shorten, table
from crosslift.errors import BadUsage

if TYPE_CHECKING:
    from crosslift.shop import Shop


def add(app: typer.Typer) -> None:
    """Register the verb."""
    app.command("learn")(learn)


def learn(
    context: typer.Context,
    force: Annotated[bool, typer.Option("--force", help="Publish even if it is worse than the published one.")] = False,
    list_: Annotated[bool, typer.Option("--list", help="List snapshots instead of learning.")] = False,
    rollback: Annotated[str | None, typer.Option(help="Make an earlier snapshot the current one again.")] = None,
    report: Annotated[
        bool, typer.Option("--report", help="Print what the snapshot in force knows; learn nothing.")
    ] = False,
    product: Annotated[
        str | None, typer.Option(help="All relations of a product with all evidence; learn nothing.")
    ] = None,
    why_not: Annotated[
        str | None, typer.Option(help="Why the second product is no companion of the first: A,B; learn nothing.")
    ] = None,
    since: Annotated[
        str | None, typer.Option(help="Snapshot a report compares with; by default the one before.")
    ] = None,
    raw: Annotated[
        bool, typer.Option("--raw", help="Report by the raw lift, not the one corrected for chance.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")] = False,
) -> None:
    """Learn what goes with what, check it on later orders, publish a snapshot; or report on the one in force."""
    from crosslift.shop import Shop

    given: Context = context.obj
    told = _asked(report, product, why_not, since, raw)
    if told and (force or list_ or rollback):
        raise BadUsage("--report, --product and --why-not only read; leave out --force, --list and --rollback")
    with Shop(given.home) as shop:
        if rollback:
            shop.rollback(rollback)
        if list_ or rollback:
            _print_list(shop.snapshots(), json)
            return
        if told:
            told(shop, json)
            return
        with progress(quiet=json) as bars:
            learned = shop.learn(force=force, progress=bars)
    if json:
        as_json(learned)
        return
    said = (
        f"Snapshot {learned['snapshot_id']}: {learned['n_relations']:,} relations over "
        f"{learned['n_products_with_relation']:,} of {learned['n_products']:,} products, "
        f"from {learned['n_orders']:,} orders"
    )
    say(said)
    say(f"  {learned['n_pairs_tested']:,} pairs tested against size-aware chance (kappa {learned['kappa']:.3f})")
    print_offline(learned["offline"])
    print_orders_say(learned["orders_say"])


def _asked(
    report: bool, product: str | None, why_not: str | None, since: str | None, raw: bool
) -> "Callable[[Shop, bool], None] | None":
    """Choose what is told without learning: one product, one pair, or everything; None where nothing was asked."""
    if product is not None and why_not is not None:
        raise BadUsage("--product and --why-not are two questions; ask them one by one")
    if product is not None:
        return partial(_tell_product, product, raw)
    if why_not is not None:
        return partial(_tell_why, _pair_of(why_not))
    if report:
        return partial(_tell_all, since, raw)
    if raw or since:
        raise BadUsage("--raw and --since belong to --report or --product; `crosslift learn --report --raw`")
    return None


def _tell_all(since: str | None, raw: bool, shop: "Shop", json: bool) -> None:
    said = printed.gather(shop, since, raw=raw)
    as_json(said) if json else printed.print_report(said, raw=raw)


def _tell_product(product: str, raw: bool, shop: "Shop", json: bool) -> None:
    rows = shop.relations_of(product, raw=raw)
    as_json(rows) if json else printed.print_product(rows, product)


def _tell_why(pair: tuple[str, str], shop: "Shop", json: bool) -> None:
    said = shop.why_not_related(*pair)
    as_json(said) if json else printed.print_why(said)


def _pair_of(text: str) -> tuple[str, str]:
    parts = [part.strip() for part in text.split(",")]
    if len(parts) != 2 or not all(parts):
        raise BadUsage(f"--why-not {text!r} names no pair; give two product ids, such as --why-not T-40,H-7")
    return parts[0], parts[1]


def _print_list(rows: list[dict[str, Any]], json: bool) -> None:
    if json:
        as_json(rows)
        return
    table(
        ("snapshot", "state", "NDCG@10", ""),
        [(r["snapshot_id"], r["state"], r["ndcg"], "current" if r["is_current"] else "") for r in rows],
    )


def print_offline(offline: dict[str, Any]) -> None:
    """Print the accuracy table of the offline slice."""
    say()
    if "not_estimable" in offline:
        say(f"Offline check: not estimable, {offline['not_estimable']}")
        return
    say(
        f"Offline check: {offline['n_queries']:,} later baskets completed after learning on {offline['n_train']:,} earlier ones"
    )
    names = ("ndcg10", "se_ndcg", "recall10", "hr10", "coverage10")
    rows = [(row["method"], *(float(row[n]) for n in names)) for row in offline["rows"]]
    table(("method", "NDCG@10", "±se", "recall@10", "hit rate@10", "coverage@10"), rows, right=(1, 2, 3, 4, 5))


def print_orders_say(said: dict[str, Any]) -> None:
    """Print what your orders say."""
    say()
    say("What your orders say")
    say()
    say("Strongest pairs")
    rows = [
        (shorten(r["a_title"], 34), shorten(r["b_title"], 34), r["orders_with_both"], round(r["expected_by_chance"]),
         f"{r['lift']:.1f} [{r['lift_low']:.1f}; {r['lift_high']:.1f}]", r["customers"], r["strength"])
        for r in said["strongest_pairs"]
    ]  # fmt: skip
    table(
        ("product", "goes with", "orders", "by chance", "lift [95 %]", "customers", "strength"), rows, right=(2, 3, 5)
    )
    say()
    say("Sell alone")
    rows2 = [
        (r["product"], shorten(r["title"], 44), r["orders"], f"{r['alone'] / r['orders']:.0%} alone")
        for r in said["sells_alone"]
    ]
    table(("product", "title", "orders", ""), rows2, right=(2,))
    say()
    say("Most missed companion")
    _print_missed(said["most_missed"])
    say()
    say("What cannot be said yet")
    for line in said["cannot_say"]:
        say(f"  · {line}")


def _print_missed(missed: dict[str, Any] | str) -> None:
    if isinstance(missed, str):
        say(f"  {missed}")
        return
    money, margin = missed["yearly_revenue"], missed["yearly_margin"]
    say(f"  {missed['companion_title']} with {missed['anchor_title']}: "
        f"{missed['of_these_with_both']:,} of {missed['orders_with_anchor']:,} orders hold both")  # fmt: skip
    say(
        f"  {money['low']:,.0f} to {money['high']:,.0f} {missed['currency']} of revenue a year, if {missed['assumption']}"
    )
    shown = margin if isinstance(margin, str) else f"{margin['low']:,.0f} to {margin['high']:,.0f} {missed['currency']}"
    say(f"  margin: {shown}")
