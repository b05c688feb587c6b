"""`crosslift measure off-policy`: what another way of choosing would have earned, from the log alone."""

from typing import Annotated, Any

import typer

from crosslift.cli.figures import number
from crosslift.cli.output import Context, as_json, say, table
from crosslift.errors import BadUsage

NAMES = {
    "ips": "inverse propensity", "snips": "self-normalized", "doubly_robust": "doubly robust",
    "on_policy": "as it was chosen",
}  # fmt: skip


def off_policy(
    context: typer.Context,
    shares: Annotated[list[str], typer.Argument(help="action=share each, 1 in all: letter=0.7 nothing=0.3")],
    clip: Annotated[float | None, typer.Option(help="Weights above it count as it: less noise, more bias.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")] = False,
) -> None:
    """Say what choosing with other shares would have earned a choice; nothing is said where the log is too thin."""
    from crosslift.shop import Shop

    given: Context = context.obj
    asked = dict(_share(text) for text in shares)
    with Shop(given.home) as shop:
        found = shop.off_policy.value(asked, clip)
    if json:
        as_json(found)
        return
    say(f"{found['n_choices']:,} choices, worth {number(found['effective'])} of equal weight to this policy; "
        f"largest weight {number(found['max_weight'])}, mean {number(found['mean_weight'])}")  # fmt: skip
    if found["share_clipped"]:
        say(f"{found['share_clipped']:.1%} of the weights were clipped: the figures lean towards what was logged")
    if found["why"]:
        say(f"not estimable: {found['why']}")
    table(
        ("a choice", "value", "95 % interval"),
        [_row(name, found[name]) for name in NAMES if found[name] is not None],
        right=(1,),
    )
    for warning in found["warnings"]:
        say(f"! {warning}")


def _row(name: str, figure: dict[str, Any]) -> tuple[str, str, str]:
    return NAMES[name], number(figure["value"]), f"{number(figure['low'])} – {number(figure['high'])}"


def _share(text: str) -> tuple[str, float]:
    name, _, share = text.rpartition("=")
    try:
        return name, float(share)
    except ValueError:
        raise BadUsage(f"{text!r}: write action=share, such as letter=0.7") from None
