"""The canonical columns of DESIGN 9, in any order, under their own names or mapped with `--map`."""

from collections.abc import Mapping, Sequence

import pyarrow as pa

from crosslift.collect.schemas import SCHEMAS, Schema
from crosslift.collect.sources import written
from crosslift.errors import BadInput

NAME = "canonical"
CONSTANT = ":"
"""`--map currency=:GBP` gives every row the same value."""
BETWEEN = "/"
"""`--map unit_price=total/quantity` divides one column by another."""


def find_schema(columns: Sequence[str], mapping: Mapping[str, str]) -> Schema | None:
    """Tell which canonical dataset these columns are, after mapping; None where none fits."""
    names = set(columns) | set(mapping)
    return next((s for s in SCHEMAS.values() if s.signature <= names and not s.foreign & names), None)


def check(schema: Schema, columns: Sequence[str], mapping: Mapping[str, str], where: str) -> None:
    """Refuse a mapping that points nowhere and a file that lacks a required column.

    Raises
    ------
    BadInput
        Naming the column, the file and the `--map` that would mend it.
    """
    for target, origin in mapping.items():
        if target not in schema.names:
            raise BadInput(f"--map {target}={origin}: {schema.dataset} has no column {target!r}; it has "
                           f"{', '.join(schema.names)}", where=where)  # fmt: skip
        if not origin.startswith(CONSTANT) and origin not in columns and quotient(origin, columns) is None:
            raise BadInput(f"--map {target}={origin}: the file has no column {origin!r}; it has "
                           f"{shown(columns)}", where=where)  # fmt: skip
    missing = [name for name in schema.required if name not in columns and name not in mapping]
    if missing:
        example = f"--map {missing[0]}=YourColumn, or --map {missing[0]}=:VALUE for the same value in every row"
        raise BadInput(
            f"looks like {schema.dataset}, but {_listed(missing)} missing; found {shown(columns)}; add it or name it: {example}",
            where=where,
        )


def rename(batch: pa.RecordBatch, schema: Schema, mapping: Mapping[str, str]) -> dict[str, pa.Array]:
    """Give a batch its canonical names; unmapped extra columns keep theirs."""
    taken = {origin for origin in mapping.values() if not origin.startswith(CONSTANT)}
    columns = {name: batch.column(name) for name in batch.schema.names if name not in taken}
    for target, origin in mapping.items():
        if origin.startswith(CONSTANT):
            columns[target] = pa.repeat(pa.scalar(origin[1:], pa.string()), batch.num_rows)
        elif origin in batch.schema.names:
            columns[target] = batch.column(origin)
        else:
            columns[target] = written.divided(
                *(batch.column(name) for name in quotient(origin, batch.schema.names) or ())
            )
    return columns


def quotient(origin: str, columns: Sequence[str]) -> tuple[str, str] | None:
    """Read `total/quantity` as one column divided by another; None where it is no two columns of the file.

    Examples
    --------
    >>> quotient("paid/pieces", ["paid", "pieces"]), quotient("paid/each", ["paid"])
    (('paid', 'pieces'), None)
    """
    places = [place for place, letter in enumerate(origin) if letter == BETWEEN]
    parts = ((origin[:place], origin[place + 1 :]) for place in places)
    return next(((whole, count) for whole, count in parts if whole in columns and count in columns), None)


def shown(columns: Sequence[str]) -> str:
    """Write column names for a message, however many and long they are."""
    more = f" and {len(columns) - 30} more" if len(columns) > 30 else ""
    return ", ".join(name[:60] for name in columns[:30]) + more


def _listed(names: Sequence[str]) -> str:
    quoted = [repr(name) for name in names]
    return f"column {quoted[0]} is" if len(quoted) == 1 else f"columns {', '.join(quoted)} are"
