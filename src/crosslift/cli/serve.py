"""`crosslift serve`: the HTTP API and the pages of one shop."""

from typing import Annotated

import typer

from crosslift.cli.output import Context, say


def add(app: typer.Typer) -> None:
    """Register the verb."""
    app.command("serve")(serve)


def serve(
    context: typer.Context,
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port; 0 picks a free one.")] = None,
) -> None:
    """Serve the API, its reference and a preview of the storefront until Ctrl-C."""
    from crosslift.shop import Shop
    from crosslift.web.app import serve as run

    given: Context = context.obj
    with Shop(given.home) as shop:
        if not shop.records.api_keys():
            say(f"secret key       {shop.create_key('secret', 'made by the first serve')}   (shown once)")
            say(f"publishable key  {shop.create_key('publishable', 'made by the first serve')}")
        run(
            shop,
            host if host is not None else shop.settings["serve.host"],
            port if port is not None else shop.settings["serve.port"],
            on_ready=lambda url: say(f"serving {given.home} at {url}   API reference {url}/docs   (Ctrl-C stops)"),
        )
