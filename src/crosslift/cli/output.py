"""What people and programs read: progress on stderr where it is a terminal, JSON alone on stdout."""

import json
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crosslift.errors import BadInput, CrossliftError

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Context:
    """What the global options said."""

    home: Path
    debug: bool = False


def log_to_stderr(*, is_wordy: bool, is_json: bool = False) -> None:
    """Send the log where people look for it, never onto stdout; a server and `--debug` log every event."""
    import logging

    import structlog

    level = logging.INFO if is_wordy else logging.WARNING
    structlog.configure(
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        wrapper_class=structlog.make_filtering_bound_logger(level),
    )
    if is_json:
        structlog.configure(
            processors=[
                structlog.contextvars.merge_contextvars,
                structlog.processors.add_log_level,
                structlog.processors.TimeStamper(fmt="iso", utc=True),
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ]
        )


def say(text: str = "") -> None:
    """Print a line for people."""
    sys.stdout.write(text + "\n")


def as_json(value: Any) -> None:
    """Print a value as JSON, and nothing else."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, sort_keys=True, default=str) + "\n")


def fail(error: CrossliftError, *, debug: bool, as_json: bool) -> int:
    """Say what went wrong and give the exit code."""
    if debug:
        traceback.print_exc()
    problems = error.problems if isinstance(error, BadInput) else ()
    if as_json:
        sys.stdout.write(
            json.dumps({"error": {"code": error.code, "message": str(error), "problems": problems}}) + "\n"
        )
    sys.stderr.write(f"crosslift: {error}\n")
    for problem in problems[1:]:
        sys.stderr.write(f"  {problem}\n")
    return error.exit_code


@contextmanager
def progress(*, quiet: bool = False) -> Iterator[Progress]:
    """Show steps with bars and seconds on a terminal; stay silent elsewhere."""
    if quiet or not sys.stderr.isatty():
        yield lambda _step, _done, _total: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

    columns = (TextColumn("{task.description:<28}"), BarColumn(bar_width=28), MofNCompleteColumn(), TimeElapsedColumn())
    with Bars(*columns, console=Console(stderr=True), transient=True) as bars:
        task = bars.add_task("starting", total=None)

        def report(step: str, done: int, total: int) -> None:
            bars.update(task, description=step, completed=done, total=total or None)

        yield report


def table(header: Sequence[str], rows: Sequence[Sequence[Any]], *, right: Sequence[int] = ()) -> None:
    """Print a plain table; columns named in `right` are aligned to the right."""
    cells = [[_cell(value) for value in row] for row in rows]
    widths = [max([width(header[i]), *(width(row[i]) for row in cells)]) for i in range(len(header))]
    for row in (list(header), *cells):
        parts = [
            " " * (widths[i] - width(value)) + value if i in right else value + " " * (widths[i] - width(value))
            for i, value in enumerate(row)
        ]
        say("  " + "  ".join(parts).rstrip())


def width(text: str) -> int:
    """Columns a text takes on a terminal; Korean and Japanese characters take two."""
    from unicodedata import east_asian_width

    return sum(2 if east_asian_width(c) in "WF" else 1 for c in text)


def shorten(text: str, limit: int) -> str:
    """Cut a title to a width."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _cell(value: Any) -> str:
    if value is None:
        return "–"
    return f"{value:,.4f}" if isinstance(value, float) else f"{value:,}" if isinstance(value, int) else str(value)
