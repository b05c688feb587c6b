"""`crosslift plugins`: what was added to the shop from outside, how it does, and its switch."""

from typing import Annotated

import typer

from crosslift.cli.output import Context, as_json, say, table

Name = Annotated[str, typer.Argument(help="The plugin, as plugins.enabled names it.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")]


def add(app: typer.Typer) -> None:
    """Register the verb."""
    verb = typer.Typer(
        help="Plugins: named in plugins.enabled they run, otherwise never.",
        invoke_without_command=True,
        rich_markup_mode=None,
    )
    verb.callback()(list_)
    verb.command("on")(on)
    verb.command("off")(off)
    app.add_typer(verb, name="plugins")


def list_(context: typer.Context, json: Json = False) -> None:
    """Show every plugin that is installed: its kind, version and package, and whether it runs, failed, is off or refused."""
    if context.invoked_subcommand is not None:
        return
    from crosslift.errors import BadInput
    from crosslift.shop import Shop
    from crosslift.shop.plugins import catalog

    given: Context = context.obj
    with Shop(given.home) as shop:
        try:
            rows = shop.plugins.listed()
        except BadInput:  # one of them cannot be taken: the list says which and why
            rows = catalog(shop.settings)
    if json:
        as_json(rows)
        return
    table(
        ("plugin", "kind", "version", "package", "state", "why"),
        [(row["name"], row["kind"], row["version"], row["package"], row["state"], row["why"]) for row in rows],
    )


def on(context: typer.Context, name: Name, json: Json = False) -> None:
    """Let a plugin run again; every process follows within seconds."""
    _switch(context, name, is_on=True, json=json)


def off(context: typer.Context, name: Name, json: Json = False) -> None:
    """Ask a plugin no more, its gates included; every process follows within seconds."""
    _switch(context, name, is_on=False, json=json)


def _switch(context: typer.Context, name: str, *, is_on: bool, json: bool) -> None:
    from crosslift.shop import Shop

    given: Context = context.obj
    with Shop(given.home) as shop:
        row = shop.plugins.switch(name, is_on=is_on)
    if json:
        as_json(row)
    else:
        say(f"{name} is {row['state']}")
