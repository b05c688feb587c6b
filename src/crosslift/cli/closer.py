"""What `crosslift measure experiment --closer` prints: more ways to read the same units, each with how it is judged."""

from collections.abc import Mapping, Sequence
from typing import Any

from crosslift.cli.output import say, table

Row = Mapping[str, Any]
TITLES = (
    ("quantiles", "quantiles, by bootstrap, for one look"), ("shares", "shares, by Newcombe, for one look"),
    ("stratified", "by who had bought before (post-stratified)"),
)  # fmt: skip


def print_closer(found: Row) -> None:
    """Print the details of a trial."""
    if found["best"]:
        say()
        rows = [(one["arm"], f"{one['p_best']:.1%}", f"{one['loss']:.4g}") for one in found["best"]]
        table(("arm", f"P(best {found['headline']})", "loss expected"), rows, right=(1, 2))
    if found["ratios"]:
        say()
        ratios = [
            (one["ratio"].replace("_", " "), one["arm"], f"{one['value_control']:.4g}", f"{one['value']:.4g}",
             _span(one["absolute"])) for one in found["ratios"]
        ]  # fmt: skip
        table(("ratio, by the delta method", "arm", "control", "its", "difference"), ratios, right=(2, 3))
    for name, title in TITLES:
        if found[name]:
            say()
            table((title, "arm", "", "difference"), [_row(one) for one in found[name]])
    if found["exact"]:
        say()
        exact = [
            (one["of"], one["arm"], f"{one['value']:.2%}", f"{one['low']:.2%} … {one['high']:.2%}")
            for one in found["exact"]
        ]
        table(("share, by Clopper and Pearson", "arm", "", "95 %"), exact, right=(2,))
    if found["left_out"]:
        say(f"too few to compare among: {', '.join(found['left_out'])}")
    if found["slices"]:
        _print_slices(found["slices"])


def _print_slices(slices: Sequence[Row]) -> None:
    say()
    rows = [
        (one["slice"], one["outcome"], one["arm"], f"{one['n'] + one['n_control']:,}", _span(one["absolute"]),
         f"{one['p_adjusted']:.3f}") for one in slices
    ]  # fmt: skip
    table(("part", "outcome", "arm", "units", "difference", "p, all of these together"), rows, right=(3, 5))


def _row(one: Row) -> tuple[str, str, str, str]:
    return one["of"], one["arm"], "" if one["share"] is None else f"{one['share']:.0%}", _span(one)


def _span(bounds: Row) -> str:
    return f"{bounds['value']:+.4g} ({bounds['low']:+.4g} … {bounds['high']:+.4g})"
