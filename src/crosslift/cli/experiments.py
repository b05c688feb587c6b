"""`crosslift experiments`: trials and the standing holdout, written in versions and counted by first arm."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from crosslift.cli.output import Context, as_json, say, table

Json = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")]
Id = Annotated[str, typer.Argument(help="The id of the experiment.")]
Author = Annotated[str, typer.Option(help="Who says so; kept with the version.")]
Reason = Annotated[str, typer.Option(help="Why; kept with the version.")]
Approver = Annotated[str | None, typer.Option(help="Who approves it, where a policy needs that.")]


def _share(text: str) -> float:
    """Read a share as a policy has it, `5%`, or as the number 0.05."""
    number = text.strip().removesuffix("%")
    try:
        return float(number) if number == text.strip() else float(number) / 100
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no share; write 5% or 0.05") from None


def add(app: typer.Typer) -> None:
    """Register the verb."""
    verb = typer.Typer(
        help="Run trials, and the holdout that proves what offers bring.", no_args_is_help=True, rich_markup_mode=None
    )
    verb.command("list")(list_)
    for command in (put, show, stop, holdout, promote, rollback, markets):
        verb.command(command.__name__)(command)
    app.add_typer(verb, name="experiments")


def put(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="TOML with one [[experiments]] table each.")],
    author: Annotated[str | None, typer.Option(help="Who writes; kept with the version.")] = None,
    reason: Annotated[str | None, typer.Option(help="Why; kept with the version.")] = None,
    json: Json = False,
) -> None:
    """Write the experiments of a file; the same content once more changes nothing."""
    from crosslift.shop import Shop

    given: Context = context.obj
    with Shop(given.home) as shop:
        done = shop.experiments.put_file(file, author, reason)
    if json:
        as_json(done)
        return
    for one in done:
        say(f"{one['experiment_id']}, version {one['version']}: {one['outcome']}")


def holdout(
    context: typer.Context,
    share: Annotated[
        float, typer.Option(parser=_share, metavar="SHARE", help="Share of the people who get no offers: 5% or 0.05.")
    ],
    author: Author,
    reason: Reason = "what offers bring is proven against people who get none",
    agree: Annotated[bool, typer.Option("--agree", help="Agree to what it costs; without, it is only told.")] = False,
    json: Json = False,
) -> None:
    """Agree to the standing holdout, after being told what it costs."""
    from crosslift.shop import Shop

    given: Context = context.obj
    with Shop(given.home) as shop:
        done = shop.experiments.hold_out(share, author, reason, has_agreed=agree)
    if json:
        as_json(done)
        return
    say(done["expected_cost"])
    if done["outcome"] == "told":
        say(f"Nothing is held out yet. To agree: crosslift experiments holdout --share {share} --author NAME --agree")
    else:
        say(f"{done['experiment_id']}, version {done['version']}: {done['outcome']}")


def stop(context: typer.Context, experiment_id: Id, author: Author, reason: Reason, json: Json = False) -> None:
    """End an experiment at once; arms that were given stay on record."""
    from crosslift.shop import Shop

    given: Context = context.obj
    with Shop(given.home) as shop:
        done = shop.experiments.stop(experiment_id, author, reason)
    as_json(done) if json else say(f"{experiment_id}, version {done['version']}, stopped")


def promote(
    context: typer.Context,
    experiment_id: Id,
    arm: Annotated[str, typer.Option(help="The arm that everybody gets from now on.")],
    author: Author,
    reason: Reason,
    approved_by: Approver = None,
    market: Annotated[str | None, typer.Option(help="In this market alone.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Though the trial does not show it to be better.")] = False,
    json: Json = False,
) -> None:
    """End an experiment and let everybody get what one of its arms got; refused where it does not show that."""
    from crosslift.shop import Shop

    given: Context = context.obj
    with Shop(given.home) as shop:
        done = shop.promotions.promote(experiment_id, arm, author, reason, approved_by, market, is_forced=force)
    if json:
        as_json(done)
        return
    say(f"{arm} holds {f'in {market}' if market else 'everywhere'}: {done['evidence']['why']}")
    if "policy" in done:
        say(f"policy {done['policy']}, version {done['policy_version']}, is in force")
    say(f"To take it back: crosslift experiments rollback {experiment_id} --author NAME --reason WHY")


def rollback(
    context: typer.Context,
    experiment_id: Id,
    author: Author,
    reason: Reason,
    approved_by: Approver = None,
    json: Json = False,
) -> None:
    """Take the newest promotion of an experiment back."""
    from crosslift.shop import Shop

    given: Context = context.obj
    with Shop(given.home) as shop:
        done = shop.promotions.rollback(experiment_id, author, reason, approved_by)
    as_json(done) if json else say(f"{experiment_id}, version {done['version']}: what held before holds again")


def markets(
    context: typer.Context,
    experiment_id: Id,
    control: Annotated[str | None, typer.Option(help="The arm the others are compared with.")] = None,
    fixed: Annotated[bool, typer.Option("--fixed", help="Run elsewhere: its size was fixed beforehand.")] = False,
    json: Json = False,
) -> None:
    """Say what an experiment shows in each market, alone and drawn towards all of them."""
    from crosslift.shop import Shop

    given: Context = context.obj
    with Shop(given.home) as shop:
        found = shop.promotions.markets(experiment_id, control, is_fixed=fixed)
    if json or "not_estimable" in found:
        as_json(found) if json else say(f"not estimable, {found['not_estimable']}")
        return
    say(f"{found['outcome']} a unit, with 95 % intervals")
    table(
        ("market", "arm", "units", "alone", "drawn towards all", ""),
        [
            (one["market"], one["arm"], f"{one['n'] + one['n_control']:,}", _bounds(one["alone"]), _bounds(one["drawn"]),
             one["verdict"].replace("_", " "))
            for one in found["markets"]
        ],
        right=(2,),
    )  # fmt: skip


def _bounds(found: Mapping[str, float]) -> str:
    return f"{found['value']:+.4g} ({found['low']:+.4g} … {found['high']:+.4g})"


def list_(context: typer.Context, json: Json = False) -> None:
    """List the experiments and whether they run now."""
    from crosslift.shop import Shop

    given: Context = context.obj
    with Shop(given.home) as shop:
        found = shop.experiments.list()
    if json:
        as_json(found)
        return
    rows = [
        (one["experiment_id"], one["version"], one["kind"], one["unit"], _shares(one["arms"]), one["state"])
        for one in found
    ]
    table(("experiment", "version", "kind", "unit", "arms", ""), rows, right=(1,))


def show(context: typer.Context, experiment_id: Id, json: Json = False) -> None:
    """Show an experiment: units by first arm, people who crossed over, every version with who wrote it and why."""
    from crosslift.shop import Shop

    given: Context = context.obj
    with Shop(given.home) as shop:
        found = shop.experiments.show(experiment_id)
    if json:
        as_json(found)
        return
    say(f"{experiment_id}: {found['kind']} of each {found['unit']}, {found['state']}")
    table(
        ("arm", "share", "units"),
        [(arm, f"{found['arms'].get(arm, 0):.1%}", n) for arm, n in found["units"].items()],
        right=(1, 2),
    )
    say(f"{found['n_crossovers']} people were in two arms before they were known to be one; the first counts")
    for one in found["versions"]:
        stopped = ", stopped" if one["state"] == "stopped" else ""
        say(f"version {one['version']}: {_shares(one['arms'])}{stopped}, by {one['author']}: {one['reason']}")
    if found["expected_cost"]:
        say(found["expected_cost"])


def _shares(arms: Mapping[str, float]) -> str:
    return ", ".join(f"{arm} {share:.1%}" for arm, share in arms.items())
