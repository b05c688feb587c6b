"""`crosslift measure experiment`, `holdout`, `campaign` and `funnel`: what trials show, and what offers earned."""

from pathlib import Path
from typing import Annotated, Any

import typer

from crosslift.cli.closer import print_closer
from crosslift.cli.figures import number
from crosslift.cli.output import Context, as_json, say, table
from crosslift.cli.times import instant

NAMES = {
    "visited": "came back", "bought": "bought", "orders": "orders a unit", "revenue": "revenue a unit",
    "margin": "margin a unit", "profit": "profit a unit",
}  # fmt: skip
VERDICTS = {"better": "better", "worse": "worse", "not_proven": "not yet proven"}
JUDGED = {
    "fixed_horizon": "one look at a size fixed beforehand",
    "any_time": "looked at at any time; intervals hold for all looks together",
}


def experiment(
    context: typer.Context,
    experiment_id: Annotated[str, typer.Argument(help="Of this shop, or of `assignments` that were collected.")],
    control: Annotated[str | None, typer.Option(help="The arm the others are compared with.")] = None,
    fixed: Annotated[
        bool, typer.Option("--fixed", help="Run elsewhere: its size was fixed beforehand, and this is the only look.")
    ] = False,
    closer: Annotated[
        bool,
        typer.Option("--closer", help="Ratios, quantiles, rare shares, strata, and which arm is probably the best."),
    ] = False,
    by: Annotated[str | None, typer.Option(help="With --closer: every outcome by `market` or `before`.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")] = False,
) -> None:
    """Compare the arms of a trial: every unit by its first arm, whatever it saw."""
    from crosslift.shop import Shop

    given: Context = context.obj
    with Shop(given.home) as shop:
        found = shop.earned.experiment(experiment_id, control, is_fixed=fixed)
        if closer or by:
            found["details"] = shop.earned.details(experiment_id, control, is_fixed=fixed, by=by)
    if json:
        as_json(found)
        return
    _print_trial(found)
    if "details" in found and "not_estimable" not in found["details"]:
        print_closer(found["details"])


def holdout(
    context: typer.Context,
    experiment_id: Annotated[str, typer.Argument(help="Which holdout.")] = "standing-holdout",
    with_: Annotated[
        list[Path] | None, typer.Option("--with", help="Home of another shop to pool with; may be said several times.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")] = False,
) -> None:
    """Say what offers earned: against the people from whom all are kept back, and beside it what is credited to them."""
    from crosslift.shop import Shop

    given: Context = context.obj
    if with_:
        _pool([given.home, *with_], experiment_id, json=json)
        return
    with Shop(given.home) as shop:
        found = shop.earned.holdout(experiment_id)
    if json:
        as_json(found)
        return
    print_verdict(found)
    say()
    _print_trial(found)


def _pool(homes: list[Path], experiment_id: str, *, json: bool) -> None:
    """Print what offers earned over several shops, and in each drawn to the others."""
    from crosslift.shop import Shop
    from crosslift.shop.pooling import pooled

    results = {}
    for home in homes:
        with Shop(home) as shop:
            results[home.name] = shop.earned.holdout(experiment_id)
    found = pooled(results)
    if json:
        as_json(found)
        return
    if "not_estimable" in found:
        say(f"not estimable: {found['not_estimable']}")
    else:
        say(f"{found['outcome']} with offers against without, over all shops: {_relative(found)}; "
            f"true effects differ by about {found['spread']:.1%}")  # fmt: skip
    rows = [(one["shop"], f"{one['n']:,}", _relative(one["alone"]), _relative(one["drawn"])) for one in found["shops"]]
    table(("shop", "people", "alone", "drawn to all"), rows, right=(1,))
    for name, why in found["left_out"].items():
        say(f"{name} is left out: {why}")


def _relative(bounds: dict[str, Any]) -> str:
    return f"{bounds['value']:+.1%} ({bounds['low']:+.1%} … {bounds['high']:+.1%})"


def print_verdict(found: dict[str, Any]) -> None:
    """Print what offers earned, as far as it can be said, and beside it what is credited to them."""
    credited = found["credited"]
    if "incremental" in found:
        _print_earned(found)
    else:
        say(f"What offers earned is not known: {found['not_estimable']}")
    say(f"credited to offers, bought anyway or not: {_money(credited['revenue'], found)} of revenue in "
        f"{credited['lines']:,} order lines ({credited['by']['stated']:,} named by the order, {credited['by']['clicked']:,} "
        f"clicked within {number(credited['click_days'])} days)")  # fmt: skip


def print_shortly(found: dict[str, Any], outcome: str) -> None:
    """Print one outcome of a trial in a line an arm, or why the trial is refused."""
    if "not_estimable" in found:
        say(f"{found['experiment_id']}: refused, {found['not_estimable']}")
        return
    for one in (row for row in found["compared"] if row["outcome"] == outcome):
        is_relative = "not_estimable" not in one["relative"]
        change, written = (one["relative"], "+.1%") if is_relative else (one["absolute"], "+.5g")
        value, low, high = (format(change[bound], written) for bound in ("value", "low", "high"))
        say(f"{found['experiment_id']}: {NAMES[outcome]} {value} ({low} to {high}) in {one['arm']}, {one['n']:,} against "
            f"{one['n_control']:,}: {VERDICTS[one['verdict']]}")  # fmt: skip


def _print_earned(found: dict[str, Any]) -> None:
    """Print the headline: the sentence, its interval, and how long it still takes where nothing is proven."""
    total, each = found["incremental"]["total"], found["incremental"]["per_thousand"]
    headline = found["headline"]
    [one] = [row for row in found["compared"] if row["outcome"] == headline and row["arm"] == "treated"]
    relative = one["relative"]
    if found["verdict"] == "not_proven":
        between = (
            f"between {relative['low']:+.0%} and {relative['high']:+.0%} of the {headline} without them"
            if "not_estimable" not in relative
            else f"between {_money(total['low'], found)} and {_money(total['high'], found)}"
        )
        say(f"What offers earned: {between}: not yet proven")
    else:
        word = "earned" if total["value"] > 0 else "cost"
        say(f"Offers {word} {_money(abs(total['value']), found)} of {headline} that would not have been without them")
    say(f"  95 %: {_money(total['low'], found)} to {_money(total['high'], found)} in all, "
        f"{_money(each['low'], found)} to {_money(each['high'], found)} a thousand people")  # fmt: skip
    people = one["n"] + one["n_control"]
    say(f"  the {people:,} people in it would show {_money(found['least_effect'], found)} each four times of five")
    if found["verdict"] == "not_proven" and found["people_needed"] and found["people_needed"] > people:
        say(
            f"  a tenth more or less a person takes about {found['people_needed']:,}: wait, or pool more months or shops"
        )


def campaign(
    context: typer.Context,
    campaign_id: Annotated[str, typer.Argument(help="Of the `campaign_costs` that were collected.")],
    experiment: Annotated[str, typer.Option(help="The trial it was run as.")],
    arm: Annotated[str | None, typer.Option(help="The arm that got it.")] = None,
    control: Annotated[str | None, typer.Option(help="The arm that did not.")] = None,
    fixed: Annotated[
        bool, typer.Option("--fixed", help="Run elsewhere: its size was fixed beforehand, and this is the only look.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")] = False,
) -> None:
    """Say what came back of what a campaign cost, and when it had paid for itself."""
    from crosslift.shop import Shop

    given: Context = context.obj
    with Shop(given.home) as shop:
        found = shop.earned.campaign(campaign_id, experiment, arm, control, is_fixed=fixed)
    if json:
        as_json(found)
        return
    say(f"{campaign_id} cost {_money(found['spent'], found)}")
    if "not_estimable" in found:
        say(f"what came back is not known: {found['not_estimable']}")
        return
    earned = found["earned"]
    say(f"{found['arm']} brought {_money(earned['value'], found)} of {found['headline']} that would not have been without it, "
        f"{_money(earned['low'], found)} to {_money(earned['high'], found)}, in {number(found['days'])} days")  # fmt: skip
    rows = [
        (name, *(_paid(found[key], part) for part in ("ratio", "net", "days")))
        for name, key in (("earned", "returned"), ("credited to offers", "returned_credited"))
        if "not_estimable" not in found[key]
    ]
    table(("by what is", "back for 1 spent", "less what was spent", "days until paid"), rows)


def _paid(found: dict[str, Any], part: str) -> str:
    """Write a figure with its interval; what is never reached as never."""
    value, low, high = ("never" if x is None else number(x) for x in (found[part][k] for k in ("value", "low", "high")))
    return value if value == low == high else f"{value} ({low} – {high})"


def funnel(
    context: typer.Context,
    since: Annotated[str | None, typer.Option("--from", help="First day or instant; 30 days ago by default.")] = None,
    until: Annotated[str | None, typer.Option("--to", help="Day or instant after the last; now by default.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")] = False,
) -> None:
    """Count offers by placement and strategy: served, seen, clicked, added, bought, kept."""
    from crosslift.measure.funnel import STEPS
    from crosslift.shop import Shop

    given: Context = context.obj
    with Shop(given.home) as shop:
        rows = shop.credited.funnel_of(instant(since), instant(until))
    if json:
        as_json(rows)
        return
    if not rows:
        say("No offer was served in this period.")
        return
    table(
        ("placement", "strategy", *STEPS),
        [(row["placement"], row["source"], *(f"{row[step]:,}" for step in STEPS)) for row in rows],
        right=tuple(range(2, 2 + len(STEPS))),
    )


def _money(value: float, found: dict[str, Any]) -> str:
    return f"{number(value)} {found['currency']}"


def _print_trial(found: dict[str, Any]) -> None:
    say(f"{found['experiment_id']} against {found['control']}: {JUDGED[found['judgement']]}")
    table(("arm", "units"), [(arm, f"{n:,}") for arm, n in found["units"].items()], right=(1,))
    if found["sample_ratio_p"] is not None:
        say(f"sizes as planned: p = {number(found['sample_ratio_p'])}")
    if found["n_crossed"]:
        say(f"{found['n_crossed']:,} met more than one arm and count in their first")
    if "not_estimable" in found:
        say(f"not estimable: {found['not_estimable']}")
        return
    table(
        ("outcome", "arm", "control", "arm's", "difference", "95 % interval", "relative", "verdict"),
        [_row(one) for one in found["compared"]],
        right=(2, 3, 4, 6),
    )
    known = f"; the cost is known of {number(100 * found['costed'])}% of what was sold"
    say(f"amounts in {found['currency']}, net of what came back{known}")
    if any(one["is_approximate"] for one in found["compared"]):
        say("~ too few units for so few buyers, or for so large single values: the interval is approximate")


def _row(one: dict[str, Any]) -> tuple[str, ...]:
    found, relative = one["absolute"], one["relative"]
    return (
        NAMES[one["outcome"]], one["arm"], number(one["mean_control"]), number(one["mean"]), f"{found['value']:+.5g}",
        f"{found['low']:+.5g} – {found['high']:+.5g}{' ~' if one['is_approximate'] else ''}",
        "-" if "not_estimable" in relative else f"{relative['value']:+.1%}", VERDICTS[one["verdict"]],
    )  # fmt: skip
