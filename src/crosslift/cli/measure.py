"""`crosslift measure`: the figures of a period; later baskets replayed, assisted sales watched, small sets, a bar weighed."""

from typing import Annotated, Any

import typer

from crosslift.cli.feelings import feedback, satisfaction
from crosslift.cli.goals import drop_goal, goals, set_goal
from crosslift.cli.guard import guard
from crosslift.cli.journey import journey
from crosslift.cli.learn import print_offline
from crosslift.cli.off_policy import off_policy
from crosslift.cli.opportunities import opportunities
from crosslift.cli.output import Context, as_json, progress, say, table
from crosslift.cli.review import review
from crosslift.cli.threshold import threshold
from crosslift.cli.times import instant
from crosslift.cli.trial import campaign, experiment, funnel, holdout
from crosslift.cli.variants import variants
from crosslift.cli.watch import watch


def add(app: typer.Typer) -> None:
    """Register the verb."""
    verb = typer.Typer(invoke_without_command=True, rich_markup_mode=None)
    verb.callback()(measure)
    verb.command("offline")(offline)
    for command in (experiment, holdout, campaign, funnel, opportunities, journey, satisfaction, feedback, goals):
        verb.command(command.__name__)(command)
    verb.command("set-goal")(set_goal)
    verb.command("drop-goal")(drop_goal)
    verb.command("off-policy")(off_policy)
    verb.command("watch")(watch)
    verb.command("review")(review)
    verb.command("guard")(guard)
    verb.command("variants")(variants)
    verb.command("threshold")(threshold)
    app.add_typer(verb, name="measure")


def measure(
    context: typer.Context,
    since: Annotated[str | None, typer.Option("--from", help="First day or instant, in the shop's time zone.")] = None,
    until: Annotated[str | None, typer.Option("--to", help="Day or instant after the last.")] = None,
    anchor: Annotated[str | None, typer.Option(help="Anchor product of the attach rate.")] = None,
    attached: Annotated[str | None, typer.Option(help="Attached product; anything by default.")] = None,
    by: Annotated[
        str | None,
        typer.Option(
            help="Split by channel, market, placement, strategy, category, product, team, traffic_source, segment or month."
        ),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")] = False,
) -> None:
    """Print the figures of a period, each with its 95 % interval."""
    if context.invoked_subcommand is not None:
        return
    from crosslift.domain.estimate import Estimate
    from crosslift.shop import Shop

    given: Context = context.obj
    with Shop(given.home) as shop:
        found = shop.measure(instant(since), instant(until), anchor, attached, by)
    rows: list[dict[str, Any]] = []
    for one in found:
        row: dict[str, Any] = {"metric": one.metric.name, "title": one.metric.title, "of": one.of}
        row |= {"slice": one.slice} if by else {}
        if isinstance(one.figure, Estimate):
            row |= {
                "value": one.figure.value,
                "low": one.figure.low,
                "high": one.figure.high,
                "n": one.figure.n,
                "unit": one.figure.unit,
            }
        else:
            row |= {"not_estimable": one.figure.why}
        rows.append(row)
    if json:
        as_json(rows)
        return
    about = ("of", "slice") if by else ("of",)
    head = ("of", by) if by else ("of",)
    table(
        ("figure", *head, "value", "95 % interval", "n"),
        [
            (
                r["title"],
                *(r[name] for name in about),
                f"{r['value']:,.4g}",
                f"{r['low']:,.4g} – {r['high']:,.4g}",
                r["n"],
            )
            if "value" in r
            else (r["title"], *(r[name] for name in about), "not estimable", r["not_estimable"], None)
            for r in rows
        ],
        right=(len(head) + 1, len(head) + 3),
    )


def offline(
    context: typer.Context,
    json: Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")] = False,
) -> None:
    """Replay the newest slice: popularity, confidence, lift, cosine, Jaccard, EASE and crosslift side by side."""
    from crosslift.domain.estimate import NotEstimable
    from crosslift.shop import Shop

    given: Context = context.obj
    with Shop(given.home) as shop, progress(quiet=json) as bars:
        found = shop.measure_offline(progress=bars)
    if isinstance(found, NotEstimable):
        shown: dict[str, Any] = {"not_estimable": found.why}
    else:
        shown = {"cut": found.cut, "n_train": found.n_train, "n_queries": found.n_queries, "rows": found.rows}
    if json:
        as_json(shown)
        return
    print_offline(shown)
    if not isinstance(found, NotEstimable):
        for other in (row["method"] for row in found.rows if row["method"] != "crosslift"):
            difference = found.versus("crosslift", other)
            if isinstance(difference, NotEstimable):
                say(f"  crosslift − {other}: not estimable, {difference.why}")
                continue
            mean, low, high = difference
            say(f"  crosslift − {other}: {mean:+.4f} [{low:+.4f}; {high:+.4f}] (95 %, paired over customers)")
