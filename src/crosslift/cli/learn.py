"""`crosslift learn`: facts become knowledge; ends with what your orders say."""

from typing import Annotated, Any

import typer

from crosslift.cli.output import Context, as_json, progress, say, shorten, table


def add(app: typer.Typer) -> None:
    """Register the verb."""
    app.command("learn")(learn)


def learn(
    context: typer.Context,
    force: Annotated[bool, typer.Option("--force", help="Publish even if it is worse than the published one.")] = False,
    list_: Annotated[bool, typer.Option("--list", help="List snapshots instead of learning.")] = False,
    rollback: Annotated[str | None, typer.Option(help="Make an earlier snapshot the current one again.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")] = False,
) -> None:
    """Learn what goes with what, check it on later orders, publish a snapshot."""
    from crosslift.shop import Shop

    given: Context = context.obj
    with Shop(given.home) as shop:
        if rollback:
            shop.rollback(rollback)
        if list_ or rollback:
            _print_list(shop.snapshots(), json)
            return
        with progress(quiet=json) as bars:
            report = shop.learn(force=force, progress=bars)
    if json:
        as_json(report)
        return
    say(f"Snapshot {report['snapshot_id']}: {report['n_relations']:,} relations over {report['n_products_with_relation']:,} "
        f"of {report['n_products']:,} products, from {report['n_orders']:,} orders")  # fmt: skip
    say(f"  {report['n_pairs_tested']:,} pairs tested against size-aware chance (kappa {report['kappa']:.3f})")
    print_offline(report["offline"])
    print_orders_say(report["orders_say"])


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
