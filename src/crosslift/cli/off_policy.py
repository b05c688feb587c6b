"""`crosslift measure off-policy`: what another way of choosing would have earned, from the log alone."""

from typing import Annotated, Any

import typer

from crosslift.cli.figures import number
from crosslift.cli.output import Context, as_json, say, table
from crosslift.cli.policies import text_of
from crosslift.errors import BadUsage

NAMES = {
    "ips": "inverse propensity", "snips": "self-normalized", "doubly_robust": "doubly robust",
    "on_policy": "as it was chosen",
}  # fmt: skip


def off_policy(
    context: typer.Context,
    shares: Annotated[
        list[str] | None, typer.Argument(help="action=share each, 1 in all: letter=0.7 nothing=0.3")
    ] = None,
    draft: Annotated[
        str | None, typer.Option(help="The text of a policy: what its slots would have earned, by the shop's own log.")
    ] = None,
    days: Annotated[int, typer.Option(help="With a draft: how far back.")] = 30,
    clip: Annotated[float | None, typer.Option(help="Weights above it count as it: less noise, more bias.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")] = False,
) -> None:
    """Say what choosing with other shares would have earned a choice; nothing is said where the log is too thin."""
    from crosslift.shop import Shop

    given: Context = context.obj
    if bool(shares) == (draft is not None):
        raise BadUsage("name shares of logged choices, or a --draft for the shop's own decisions; one of them")
    asked = dict(_share(text) for text in shares or ())
    with Shop(given.home) as shop:
        found = (
            shop.off_policy.value(asked, clip) if draft is None else shop.value_slots(text_of(draft), days, clip=clip)
        )
    if json:
        as_json(found)
        return
    if draft is not None:
        _print_slots(found)
    if "effective" not in found:
        return
    n = found["n_choices"] if draft is None else found["n_slots"]
    say(f"{n:,} choices, worth {number(found['effective'])} of equal weight to this policy; "
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


def _print_slots(found: dict[str, Any]) -> None:
    say(f"{found['n_decisions']:,} decisions, {found['n_slots']:,} slots that exploration could fill otherwise; "
        f"{found['n_fixed']:,} it could not, {found['n_empty']:,} the draft leaves empty")  # fmt: skip
    if found["not_replayed"]:
        say(
            "not made again: " + ", ".join(f"{why.replace('_', ' ')} {n:,}" for why, n in found["not_replayed"].items())
        )
    if "effective" not in found:
        say(f"not estimable: {found['why']}")


def _row(name: str, figure: dict[str, Any]) -> tuple[str, str, str]:
    return NAMES[name], number(figure["value"]), f"{number(figure['low'])} – {number(figure['high'])}"


def _share(text: str) -> tuple[str, float]:
    name, _, share = text.rpartition("=")
    try:
        return name, float(share)
    except ValueError:
        raise BadUsage(f"{text!r}: write action=share, such as letter=0.7") from None
