"""`crosslift doctor`: check this machine and this home, and say how to mend what is wrong."""

from typing import Annotated

import typer

from crosslift.cli.output import Context, as_json, say, table


def add(app: typer.Typer) -> None:
    """Register the verb."""
    app.command("doctor")(doctor)


def doctor(
    context: typer.Context,
    settings: Annotated[bool, typer.Option("--settings", help="List every setting with its value and help.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")] = False,
) -> None:
    """Check the home folder, the clock, the compiler and the snapshot, and print what to mend."""
    given: Context = context.obj
    if settings:
        _settings(given, json)
        return
    from crosslift.shop import Shop
    from crosslift.shop.checkup import checkup

    with Shop(given.home) as shop:
        found = checkup(shop)
    if json:
        as_json([{"check": c.name, "ok": c.is_ok, "found": c.found, "remedy": c.remedy} for c in found])
    else:
        for check in found:
            say(f"{'✓' if check.is_ok else '✗'} {check.name}: {check.found}")
            if not check.is_ok:
                say(f"    {check.remedy}")
    if not all(check.is_ok for check in found):
        raise typer.Exit(1)


def _settings(given: Context, json: bool) -> None:
    from crosslift.knobs import KNOBS
    from crosslift.settings import Settings

    values = Settings.load(file=given.home / "shop.toml")
    if json:
        as_json(values.as_dict())
        return
    table(("setting", "value", "what it does"), [(k.name, str(values[k.name]), k.help) for k in KNOBS])
