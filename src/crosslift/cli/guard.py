"""`crosslift measure guard`: agents unlike their team, the look-back over their sales, and its export with proof."""

from pathlib import Path
from typing import Annotated, Any

import typer

from crosslift.cli.output import Context, as_json, say, table
from crosslift.cli.times import instant
from crosslift.errors import BadUsage, Refused

MOST_SHOWN = 20


def guard(
    context: typer.Context,
    agent: Annotated[str | None, typer.Option(help="Look back over the sales of this agent, by id or name.")] = None,
    review: Annotated[bool, typer.Option("--review", help="Look back over the sales of all agents.")] = False,
    since: Annotated[
        str | None, typer.Option("--from", "--since", help="First day or instant, in the shop's time zone.")
    ] = None,
    until: Annotated[str | None, typer.Option("--to", help="Day or instant after the last.")] = None,
    export: Annotated[
        Path | None, typer.Option(help="Write the look-back to this .csv or .json, its manifest beside it.")
    ] = None,
    verify: Annotated[
        Path | None, typer.Option(help="Check an exported look-back: nothing changed, dropped or moved.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")] = False,
) -> None:
    """Ask about agents whose sales are unlike their team's; look back over sales nobody confirmed.

    Without an option: alarms over all agents. An alarm is a question, not a verdict.
    """
    from crosslift.shop import Shop

    if verify is not None and (agent or review or export or since or until):
        raise BadUsage("--verify checks a file as it is; leave the other options out")
    given: Context = context.obj
    with Shop(given.home) as shop:
        if verify is not None:
            found = shop.guard.verify(verify)
            _tell_verified(verify, found.n_rows, [*found.problems, *_unsealed(found.is_sealed_by_us)], json=json)
            return
        begin, end = instant(since), instant(until)
        if export is not None:
            told = shop.guard.export(export, agent, begin, end)
        elif agent is not None or review:
            told = shop.guard.review(agent, begin, end)
        else:
            told = shop.guard.alarms(begin, end)
    if json:
        as_json(told)
    elif "alarms" in told:
        _tell_alarms(told)
    else:
        _tell_review(told)


def _unsealed(is_ours: bool) -> list[str]:
    return [] if is_ours else ["the manifest does not carry this shop's seal: it was changed, or written elsewhere"]


def _tell_verified(file: Path, n_rows: int, problems: list[str], *, json: bool) -> None:
    if problems:
        raise Refused(f"{file} is not the list this shop exported: {'; '.join(problems)}")
    if json:
        as_json({"file": str(file), "n_rows": n_rows, "is_whole": True})
    else:
        say(f"{file}: {n_rows} rows, whole and in order, sealed by this shop")


def _tell_alarms(told: dict[str, Any]) -> None:
    say(f"{told['n_sales']} assisted sales of {told['n_agents']} agents, {told['since']} to {told['until']}")
    for alarm in told["alarms"]:
        say(f"  {alarm['says']}")
    if not told["figures"]:
        say("  nobody could be judged: too few agents sold in this time to know how much they differ")
    elif not told["alarms"]:
        say("  nobody's sales are unlike those of their team, as far as can be told")
    for one in told["not_estimable"]:
        say(f"  {one['figure']} of {one['team']}: not estimable, {one['why']}")


def _tell_review(told: dict[str, Any]) -> None:
    who = told["agent"] or "all agents"
    n_listed = told.get("n_rows", len(told.get("sales", ())))
    say(f"{told['n_sales']} sales of {who}, {told['since']} to {told['until']}; {n_listed} call for something")
    if "sales" in told:
        rows = [
            (row["sold_at"][:10], row["agent_id"], row["order_id"] or row["subscription_id"], row["product_id"],
             row["customer_id"] or row["account_id"] or None, row["findings"], f"{row['to_refund']} {row['currency']}".strip())
            for row in told["sales"][:MOST_SHOWN]
        ]  # fmt: skip
        table(("sold", "agent", "order or contract", "product", "customer", "findings", "to refund"), rows, right=(6,))
        if n_listed > MOST_SHOWN:
            say(f"  … and {n_listed - MOST_SHOWN} more; --export writes all of them")
    refunds = ", ".join(f"{one['amount']} {one['currency']}" for one in told["refunds"]) or "nothing"
    say(f"{len(told['customers'])} customers to be told; to be refunded: {refunds}")
    if "file" in told:
        say(f"written to {told['file']}, manifest {told['manifest_file']}; --verify checks them")
