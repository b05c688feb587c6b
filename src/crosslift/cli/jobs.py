"""`crosslift jobs`: what runs by itself, when it ran, and what became of it."""

import getpass
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from crosslift.cli.output import Context, as_json, say, shorten, table

Name = Annotated[str, typer.Argument(help="The job, as `crosslift jobs list` names it.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")]
WIDE = 70


def add(app: typer.Typer) -> None:
    """Register the verb."""
    verb = typer.Typer(
        help="What runs by itself: the timetable, its history, one job now, a pause.",
        no_args_is_help=True, rich_markup_mode=None,
    )  # fmt: skip
    verb.command("list")(list_)
    verb.command("run")(run)
    verb.command("history")(history)
    verb.command("pause")(pause)
    verb.command("resume")(resume)
    verb.command("secret")(secret)
    verb.command("work")(work)
    app.add_typer(verb, name="jobs")


def list_(context: typer.Context, json: Json = False) -> None:
    """Read the timetable: each job, when it is due, how it went last."""
    from crosslift.jobs.office import Office
    from crosslift.shop import Shop

    given: Context = context.obj
    with Shop(given.home) as shop:
        rows = Office(shop).jobs()
    if json:
        as_json(rows)
        return
    for row in rows:
        say(f"  {row['name']:<10} {row['aloud']}")
    say()
    table(
        ("job", "state", "last run", "next"),
        [(row["name"], row["state"], _when(row["last_run_at"]), _when(row["next_at"])) for row in rows],
    )


def run(context: typer.Context, name: Name, json: Json = False) -> None:
    """Run a job now and wait for it, paused or not."""
    from crosslift.jobs.office import Office
    from crosslift.shop import Shop

    given: Context = context.obj
    with Shop(given.home) as shop:
        row = Office(shop).run(name)
    if json:
        as_json(row)
    else:
        _print_run(row)
    if row["state"] != "done":
        raise typer.Exit(1)


def history(
    context: typer.Context,
    name: Annotated[str | None, typer.Argument(help="One job; all without.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="So many runs, the newest.")] = 20,
    json: Json = False,
) -> None:
    """Show what became of the last runs."""
    from crosslift.jobs.office import Office
    from crosslift.shop import Shop

    given: Context = context.obj
    with Shop(given.home) as shop:
        rows = Office(shop).history(name, limit=limit)
    if json:
        as_json(rows)
        return
    table(
        ("run", "job", "why", "began", "seconds", "state", "said"),
        [
            (r["run_id"], r["job"], r["cause"], _when(r["started_at"]), r["seconds"], r["state"], shorten(_said(r), WIDE))
            for r in rows
        ],
    )  # fmt: skip


def pause(context: typer.Context, name: Name) -> None:
    """Let a job not run by itself until it is resumed."""
    _pause(context, name, is_paused=True)
    say(f"{name} is paused; `crosslift jobs resume {name}` ends that")


def resume(context: typer.Context, name: Name) -> None:
    """Let a paused job run by itself again."""
    _pause(context, name, is_paused=False)
    say(f"{name} runs by itself again")


def secret(context: typer.Context) -> None:
    """Show the secret that webhooks with news of jobs are signed with, as Standard Webhooks has it."""
    from crosslift.jobs.news import secret_of
    from crosslift.shop import Shop

    given: Context = context.obj
    with Shop(given.home) as shop:
        say(secret_of(shop))


def work(
    context: typer.Context,
    watched: Annotated[bool, typer.Option("--watched", help="End when standard input does; how `serve` starts it.")] = False,
) -> None:  # fmt: skip
    """Run what is due until stopped: of the shop, or of every shop directly beneath the folder. `serve` does it itself."""
    import signal

    from crosslift.cli.output import log_to_stderr
    from crosslift.jobs.worker import Worker, confine, end_with_parent
    from crosslift.settings import Settings

    given: Context = context.obj
    log_to_stderr(is_wordy=True, is_json=Settings.load(file=given.home / "shop.toml")["serve.log_json"])
    confine(given.home)
    worker = Worker(given.home)
    for one in (signal.SIGTERM, signal.SIGINT):
        signal.signal(one, worker.stop)
    if watched:
        end_with_parent()
    worker.run()


def _pause(context: typer.Context, name: str, *, is_paused: bool) -> None:
    from crosslift.jobs.office import Office
    from crosslift.shop import Shop

    given: Context = context.obj
    with Shop(given.home) as shop:
        Office(shop).pause(name, getpass.getuser(), is_paused=is_paused)


def _print_run(row: dict[str, Any]) -> None:
    say(f"{row['job']}: {row['state']} in {row['seconds']} s")
    for name, value in row["said"].items():
        say(f"  {name}: {value}")


def _said(row: dict[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in row["said"].items())


def _when(instant: str | None) -> str | None:
    return None if instant is None else f"{datetime.fromisoformat(instant).astimezone(UTC):%Y-%m-%d %H:%M}"
