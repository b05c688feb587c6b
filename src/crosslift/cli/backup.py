"""`crosslift backup` and `crosslift restore`: a home in one file, and a home made from it again."""

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from crosslift.cli.output import Context, as_json, say

if TYPE_CHECKING:
    from crosslift.store.backup import Backup

Json = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")]


def add(app: typer.Typer) -> None:
    """Register the verbs."""
    app.command("backup")(backup)
    app.command("restore")(restore)


def backup(
    context: typer.Context,
    file: Annotated[
        Path | None,
        typer.Argument(
            help="The file to write, outside the shop's folder; by default named after shop and time, here."
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Copy the shop into one file while it is served; the file holds its secrets and everybody's data."""
    from crosslift.store.backup import write_backup

    given: Context = context.obj
    now = datetime.now(UTC)
    target = file or Path(f"{given.home.resolve().name}-{now:%Y%m%dT%H%M%SZ}.tar.zst")
    _print("backup", write_backup(given.home, target, now), json=json)


def restore(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="A file that `crosslift backup` wrote.")],
    json: Json = False,
) -> None:
    """Make the shop's folder from a backup; it must be empty or not there yet."""
    from crosslift.store.backup import restore_backup

    given: Context = context.obj
    _print("restored", restore_backup(file, given.home), json=json)


def _print(what: str, done: "Backup", *, json: bool) -> None:
    if json:
        as_json({**asdict(done), "path": str(done.path)})
        return
    say(f"{what:<12} {done.path}   {done.n_files:,} files, {done.n_bytes:,} bytes, as of {done.taken_at}")
    say(f"{'fingerprint':<12} {done.fingerprint}   (the same for the same content)")
    if what == "backup":
        say("it holds the shop's secrets and its customers' data: keep it as you keep the shop")
