"""`crosslift measure variants`: what small sets of wordings or levers taught, and how their options are drawn now."""

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from crosslift.cli.output import Context, as_json, say, table


def variants(
    context: typer.Context,
    json: Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")] = False,
) -> None:
    """Tell of each set of variants what was shown and accepted, which option is probably best, and how each is drawn."""
    from crosslift.shop import Shop

    given: Context = context.obj
    with Shop(given.home) as shop:
        found = shop.variants()
    if json:
        as_json({"variants": found})
        return
    if not found:
        say("No policy in force has a set of variants; a policy names them under [[variants]].")
    for one in found:
        _print(one)


def _print(one: Mapping[str, Any]) -> None:
    where = ", ".join(one["placements"]) or "all placements"
    say(f"{one['policy']} {one['policy_version']}, {one['set']} at {where}, since snapshot {one['snapshot_id']}:")
    rows = [
        (of["option"], of["n_shown"], of["n_accepted"], *_rate(of["rate"]), _share(of["p_best"]), _share(of["probability"]),
         ", ".join(of["levers"]) or None)
        for of in one["options"]
    ]  # fmt: skip
    header = ("option", "shown", "accepted", "rate", "95 % interval", "P(best)", "drawn with", "levers")
    table(header, rows, right=(1, 2, 3, 5, 6))
    if one["note"]:
        say(f"  {one['note']}")


def _rate(rate: Mapping[str, Any]) -> tuple[str, str]:
    if "not_estimable" in rate:
        return "not estimable", rate["not_estimable"]
    return f"{rate['value']:.2%}", f"{rate['low']:.2%} – {rate['high']:.2%}"


def _share(value: float | None) -> str | None:
    return None if value is None else f"{value:.2%}"
