"""A page as PDF, made in a process of its own: rendering takes memory, and nothing of the page may be fetched."""

import subprocess
import sys
from importlib.util import find_spec
from typing import Any

from crosslift.errors import BadUsage, WillNotWork

WAIT_SECONDS = 120


def pdf_of(page: str) -> bytes:
    """Render a page that needs nothing else.

    Raises
    ------
    BadUsage
        If what renders it is not installed.
    WillNotWork
        If it cannot be rendered, or not in time.
    """
    if find_spec("weasyprint") is None:
        raise BadUsage("a PDF needs WeasyPrint: pip install 'crosslift[pdf]'; an .html file needs nothing")
    try:
        done = subprocess.run(
            [sys.executable, "-m", "crosslift.web.pdf"],
            input=page.encode(),
            capture_output=True,
            timeout=WAIT_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise WillNotWork(
            f"the PDF was not made within {WAIT_SECONDS} seconds; write an .html file and print that"
        ) from error
    if done.returncode or not done.stdout.startswith(b"%PDF"):
        said = done.stderr.decode(errors="replace").strip().splitlines()
        raise WillNotWork(
            f"the PDF could not be made: {said[-1] if said else 'its process ended'}; WeasyPrint sets text with Pango "
            "(apt-get install libpangoft2-1.0-0); an .html file needs nothing"
        )
    return done.stdout


def _refuse(url: str, *_: Any, **__: Any) -> Any:
    raise ValueError(f"the page asks for {url[:80]!r}; it holds everything itself")


def main() -> None:
    """Read a page, write its PDF."""
    from weasyprint import HTML  # an extra

    page = sys.stdin.buffer.read().decode()
    sys.stdout.buffer.write(HTML(string=page, url_fetcher=_refuse).write_pdf())


if __name__ == "__main__":
    main()
