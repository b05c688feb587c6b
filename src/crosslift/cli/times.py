"""Days and instants as people type them."""

from datetime import datetime

from crosslift.errors import BadUsage


def instant(text: str | None) -> datetime | None:
    """Read a day or an instant; without a zone it is the shop's to give one.

    Raises
    ------
    BadUsage
        If it is neither.
    """
    if text is None:
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise BadUsage(f"{text!r} is no day or instant, such as 2026-11-01") from None
