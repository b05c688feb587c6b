"""`crosslift customers propensity` and `uplift`: who would want a product, and what an action changed."""

from typing import Annotated, Any

import typer

from crosslift.cli.output import Context, as_json, say, table
from crosslift.errors import BadUsage

Json = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")]
SUSPICIOUS = 0.001
"""Below this p of the sample ratio nothing is to be trusted."""


def add(customers: typer.Typer) -> None:
    """Register the commands under `customers`."""
    for command in (propensity, uplift):
        customers.command(command.__name__)(command)


def propensity(
    context: typer.Context,
    product: Annotated[str, typer.Argument(help="A product id.")],
    most: Annotated[int, typer.Option(min=0, help="People listed, the likeliest first.")] = 20,
    rate: Annotated[
        float | None,
        typer.Option(help="Believed share of people, 0..1, until enough have it; by default the category's."),
    ] = None,
    worth: Annotated[float | None, typer.Option(help="How many people that belief is worth.")] = None,
    json: Json = False,
) -> None:
    """Say how likely people are to want a product, and who of those without it the most."""
    from crosslift.learn.customers.propensity import Start
    from crosslift.shop import Shop

    if (rate is None) != (worth is None):
        raise BadUsage("a belief is a rate and what it is worth; give --rate and --worth, or neither")
    start = None if rate is None or worth is None else Start(rate, worth, "the command line")
    given: Context = context.obj
    with Shop(given.home) as shop:
        found = shop.propensities.of_product(product, most, start)
    if json:
        as_json(found)
        return
    say(f"{product}: {found['basis'].replace('_', ' ')}, {found['why']}")
    say(f"{found['n_positive']:,} of {found['n_people']:,} people who have anything else have it")
    if found["calibration_error"] is not None:
        say(f"calibration error {found['calibration_error']:.4f} on people held out, by decile")
    if found["people"] is not None:
        table(("person", "p"), [(row["person_id"], row["p"]) for row in found["people"]], right=(1,))
    elif found["rate"] is not None:
        say(f"everybody has {found['rate']:.2%}; people are not told apart")


def uplift(
    context: typer.Context,
    action: Annotated[str, typer.Argument(help="An action of logged choices.")],
    against: Annotated[str | None, typer.Option(help="The action to compare with; every other by default.")] = None,
    json: Json = False,
) -> None:
    """Say what an action changed, against others that were chosen by chance, with a 95 % interval."""
    from crosslift.shop import Shop

    given: Context = context.obj
    with Shop(given.home) as shop:
        found = shop.propensities.uplift(action, against)
    if json:
        as_json(found)
        return
    say(f"{action}: {found['basis'].replace('_', ' ')}, {found['why']}")
    for row in found["compared"]:
        _print_compared(row)


def _print_compared(row: dict[str, Any]) -> None:
    if row["why"]:
        say(f"against {row['against']}: not estimable, {row['why']}")
        return
    say(f"against {row['against']}: {row['n_action']:,} choices and {row['n_against']:,}")
    figures = [(name, row[name]) for name in ("difference", "weighted", "doubly_robust")]
    table(
        ("figure", "value", "95 % interval"),
        [
            (name.replace("_", " "), "not estimable", figure["not_estimable"])
            if "not_estimable" in figure
            else (name.replace("_", " "), figure["value"], f"{figure['low']:+.4f} – {figure['high']:+.4f}")
            for name, figure in figures
        ],
    )
    if row["sample_ratio_p"] is not None and row["sample_ratio_p"] < SUSPICIOUS:
        say(
            f"actions were not chosen as often as their probabilities say (p = {row['sample_ratio_p']:.2g}): trust nothing above"
        )
    told = row["individual"]
    if "not_estimable" in told:
        say(f"whom it moves: not estimable, {told['not_estimable']}")
    elif told["is_better_than_random"]:
        say(f"whom it moves: the top {told['share']:.0%} by {told['uplift_at_share']:+.4f}")
    else:
        say("whom it moves: not surely anybody more than others")
