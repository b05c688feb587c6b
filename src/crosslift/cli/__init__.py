"""The command line: `crosslift <verb>`, a file a verb. Nothing heavy is imported before a verb needs it."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from crosslift.cli import (
    audit,
    backup,
    chat,
    collect,
    customers,
    decide,
    demo,
    doctor,
    experiments,
    guardrails,
    jobs,
    keys,
    learn,
    measure,
    offers,
    plugins,
    policies,
    serve,
    shops,
    simulate,
    store,
    users,
    wording,
)
from crosslift.cli.output import Context, fail, log_to_stderr
from crosslift.domain.audit import act_as
from crosslift.errors import BadUsage, CrossliftError
from crosslift.settings import VERSION

INTERRUPTED = 130

app = typer.Typer(
    name="crosslift",
    help="Know what goes with what, say it at the right moment, and prove what it earned.",
    epilog="Exit codes: 0 done, 1 refused with a message, 2 usage, 3 data-quality gate, 4 conflict, 5 not ready.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def print_version(wanted: bool) -> None:
    """Print the version and leave."""
    if wanted:
        typer.echo(f"crosslift {VERSION}")
        raise typer.Exit


@app.callback()
def options(
    context: typer.Context,
    home: Annotated[Path, typer.Option(help="The shop's folder.", envvar="CROSSLIFT_HOME")] = Path("shop"),
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
    _version: Annotated[
        bool, typer.Option("--version", help="Print the version and leave.", is_eager=True, callback=print_version)
    ] = False,
) -> None:
    """Know what goes with what, say it at the right moment, and prove what it earned."""
    log_to_stderr(is_wordy=debug or context.invoked_subcommand == "serve")
    act_as(f"cli:{_account()}")
    context.obj = Context(home=home, debug=debug)


for verb in (
    collect,
    customers,
    learn,
    decide,
    chat,
    offers,
    policies,
    simulate,
    experiments,
    guardrails,
    measure,
    serve,
    jobs,
    plugins,
    shops,
    demo,
    keys,
    users,
    audit,
    backup,
    store,
    wording,
    doctor,
):
    verb.add(app)


def _account() -> str:
    """Name the account of the machine that gives commands, for the audit."""
    import getpass

    try:
        return getpass.getuser()
    except (KeyError, OSError):  # an account without a name, as in some containers
        return "nobody"


def main() -> None:
    """Run the command line; every error crosslift raises on purpose becomes a message and an exit code."""
    try:
        sys.exit(app(standalone_mode=False) or 0)
    except CrossliftError as error:
        sys.exit(fail(error, debug="--debug" in sys.argv, as_json="--json" in sys.argv))
    except UnicodeEncodeError as error:
        odd = BadUsage(f"{error.object[:40]!r} is not UTF-8; set the terminal to UTF-8 and type it anew")
        sys.exit(fail(odd, debug="--debug" in sys.argv, as_json="--json" in sys.argv))
    except (KeyboardInterrupt, typer.Abort, SystemExit) as error:
        if isinstance(error, SystemExit) and error.code != INTERRUPTED:
            raise
        typer.echo("stopped; nothing half-done was kept", err=True)
        sys.exit(INTERRUPTED)
    except typer.TyperException as error:
        complain(error)
        sys.exit(2)


def complain(error: typer.TyperException) -> None:
    """Show a usage error as Typer would: the usage line, then what is wrong."""
    show = getattr(error, "show", None)
    if show is not None:
        show()
    else:
        typer.echo(f"crosslift: {error}", err=True)
