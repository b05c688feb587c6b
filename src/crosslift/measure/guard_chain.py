"""Lists that cannot lose a row unseen: each row's hash holds the one before it, and a manifest the last.

Anybody can recompute it: `hash = sha256(hash before + row)`, the row as JSON with sorted names and without spaces, all values
as text; the first hash before is `sha256(head)` of the manifest, written alike.
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

Row = Mapping[str, str]
HASH = "hash"
"""The column that carries the chain."""
FORMAT = 1


def chained(rows: Sequence[Row], head: Mapping[str, Any]) -> tuple[list[dict[str, str]], dict[str, Any]]:
    """Add its hash to each row, and give the manifest that holds the list together.

    Parameters
    ----------
    rows : sequence of mapping of str to str
        In their order, all with the same columns, none called `hash`.
    head : mapping
        What the list is: of whom, which time, made when and by what; plain values.

    Returns
    -------
    list of dict, dict
        The rows with `hash`; format, head, columns, n_rows, last hash.
    """
    columns = list(rows[0]) if rows else []
    manifest = {"format": FORMAT, "head": dict(head), "columns": columns, "n_rows": len(rows)}
    last, told = _first(manifest), []
    for row in rows:
        last = _next(last, row)
        told.append({**row, HASH: last})
    return told, {**manifest, "last": last}


def broken(rows: Sequence[Row], manifest: Mapping[str, Any]) -> list[str]:
    """Name every place where a list is not the one its manifest speaks of; empty where nothing was touched.

    Examples
    --------
    >>> told, manifest = chained([{"sale": "1"}, {"sale": "2"}, {"sale": "3"}], {"agent": "mina"})
    >>> broken(told, manifest)
    []
    >>> broken([told[0], told[2]], manifest)
    ['row 2 does not follow the one before it: one of them was changed, or rows between were dropped or moved', \
'2 rows, the manifest says 3']
    """
    if manifest.get("format") != FORMAT:
        return [f"the manifest has format {manifest.get('format')!r}, this version knows {FORMAT}"]
    found, last = [], _first(manifest)
    for place, row in enumerate(rows, 1):
        expected = _next(last, {name: value for name, value in row.items() if name != HASH})
        last = row.get(HASH, "")
        if last != expected:
            where = "the head of the manifest" if place == 1 else "the one before it"
            found.append(
                f"row {place} does not follow {where}: one of them was changed, or rows between were dropped or moved"
            )
    if len(rows) != manifest.get("n_rows"):
        found.append(f"{len(rows)} rows, the manifest says {manifest.get('n_rows')}")
    elif last != manifest.get("last"):
        found.append("the last row is not the one the manifest ends with")
    return found


def written(value: object) -> bytes:
    """Write a value in the one form that is hashed."""
    return msgspec.json.encode(value, order="sorted")


def _first(manifest: Mapping[str, Any]) -> str:
    named = {name: manifest.get(name) for name in ("format", "head", "columns", "n_rows")}
    return hashlib.sha256(written(named)).hexdigest()


def _next(last: str, row: Row) -> str:
    return hashlib.sha256(last.encode() + written(row)).hexdigest()
