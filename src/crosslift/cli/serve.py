"""`crosslift serve`: the HTTP API and the pages of one shop."""

from contextlib import nullcontext
from typing import Annotated

import typer

from crosslift.cli.output import Context, log_to_stderr, say


def add(app: typer.Typer) -> None:
    """Register the verb."""
    app.command("serve")(serve)


def serve(
    context: typer.Context,
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port; 0 picks a free one.")] = None,
    jobs: Annotated[bool, typer.Option(help="Run the jobs of the timetable in a process beside it.")] = True,
) -> None:
    """Serve the shop, or every shop directly beneath the folder: API, its reference, a preview of the storefront."""
    from crosslift.jobs.child import jobs_beside
    from crosslift.settings import Settings
    from crosslift.shop import Shop
    from crosslift.shop.homes import homes_in
    from crosslift.web import app

    given: Context = context.obj
    settings = Settings.load(file=given.home / "shop.toml")
    log_to_stderr(is_wordy=True, is_json=settings["serve.log_json"])
    homes = homes_in(given.home)
    beside = jobs_beside(given.home) if jobs else nullcontext()
    if given.home not in homes.values():
        shown = ", ".join(homes)
        with beside:
            app.serve_street(
                given.home,
                host if host is not None else settings["serve.host"],
                port if port is not None else settings["serve.port"],
                on_ready=lambda url: say(f"serving {len(homes)} shops at {url}: {shown}   (Ctrl-C stops)"),
            )
        return
    with Shop(given.home) as shop:
        if not shop.records.api_keys():
            say(f"secret key       {shop.create_key('secret', 'made by the first serve')}   (shown once)")
            say(f"publishable key  {shop.create_key('publishable', 'made by the first serve')}")
        first = shop.users.first_admin()

        def ready(url: str) -> None:
            say(f"serving {given.home} at {url}   API reference {url}/docs   (Ctrl-C stops)")
            say(f"back office      {back_office(url, first)}")

        with beside:
            app.serve(
                shop,
                host if host is not None else shop.settings["serve.host"],
                port if port is not None else shop.settings["serve.port"],
                on_ready=ready,
            )


def back_office(url: str, first: str | None) -> str:
    """Say where the back office is; with the token of the first admin, by which link they get in.

    Examples
    --------
    >>> back_office("http://127.0.0.1:8000", None)
    'http://127.0.0.1:8000/app'
    """
    if first is None:
        return f"{url}/app"
    return f"{url}/app/password?token={first}   (shown once: choose the password of `admin`, within 72 hours)"
