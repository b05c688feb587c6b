"""Hand a person everything the shop keeps about them: one zip, machine-readable, with a page that says what is in it."""

import io
import zipfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import msgspec

WHEN = ("at", "since", "until")
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the same content gives the same bytes


def as_zip(found: Mapping[str, Sequence[Mapping[str, Any]]], about: Mapping[str, Any]) -> bytes:
    """Write the rows of a person as a zip: `about.json` and one JSON file a table.

    Parameters
    ----------
    found : mapping
        Table to rows, as `Records.about` gives them; instants in microseconds UTC come out as ISO 8601, amounts in
        millionths as decimals.
    about : mapping
        Who asked for it, when, and under which identities the person is known.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        files = {f"{table}.json": [readable(row) for row in rows] for table, rows in sorted(found.items())}
        first: dict[str, Any] = {**about, "files": {name: len(rows) for name, rows in files.items()}}
        for name, value in [("about.json", first), *files.items()]:
            text = msgspec.json.format(msgspec.json.encode(value), indent=2)
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), text, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def readable(row: Mapping[str, Any]) -> dict[str, Any]:
    """Write a stored row for people and programs outside: instants, days and amounts in common units, JSON as what it is."""
    told: dict[str, Any] = {}
    for name, value in row.items():
        if isinstance(value, int) and (unit := _unit(name)):
            if unit == "at":
                told[name] = _moment(value)
            elif unit == "micros":
                told[name.removesuffix("_micros")] = f"{value / 1_000_000:.6f}".rstrip("0").rstrip(".")
            # else the day of an instant that is there itself
        elif isinstance(value, dict):
            told[name] = readable(value)
        elif name in _JSON and isinstance(value, str) and value[:1] in ("{", "["):
            told[name] = msgspec.json.decode(value)
        else:
            told[name] = value
    return told


@lru_cache(4096)
def _moment(micros: int) -> str:
    return datetime.fromtimestamp(micros / 1_000_000, UTC).isoformat()


@lru_cache(1024)
def _unit(name: str) -> str:
    """Tell what a whole number in a column counts: `at` an instant, `micros` an amount, `on` a day, else nothing known."""
    if name in WHEN:
        return "at"
    unit = name.rpartition("_")[2] if "_" in name else ""
    return unit if unit in ("at", "micros", "on") else ""


_JSON = frozenset({"attributes", "traits", "properties", "context", "topics", "content", "licences"})
