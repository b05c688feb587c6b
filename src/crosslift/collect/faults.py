"""What can be wrong with a row though each of its cells can be read; what a cell says alone is checked by its `Field`."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from crosslift.collect.rows import Columns, Fault

Cells = Mapping[str, Sequence[Any]]
"""Typed columns as lists; those a file does not have are left out."""
Check = Callable[[Cells, int], Iterator[tuple[int, str, str]]]
"""Gives place, column and what is wrong, for cells of so many rows; unreadable cells are empty and named elsewhere."""


def found(checks: Sequence[Check], columns: Columns, first_row: int) -> list[Fault]:
    """Look at the rows of a batch, the first of which has this number, with several checks."""
    n_rows = len(next(iter(columns.values())))
    cells = {name: column.to_pylist() for name, column in columns.items()}
    return [Fault(first_row + place, name, what) for check in checks for place, name, what in check(cells, n_rows)]


def somebody(whose: str) -> Check:
    """Ask for a customer or an account; `whose` ends the sentence "name ..."."""

    def check(cells: Cells, n_rows: int) -> Iterator[tuple[int, str, str]]:
        for place, (customer, account) in enumerate(_rows(cells, n_rows, "customer_id", "account_id")):
            if customer is None and account is None:
                yield place, "customer_id", f"is empty, and account_id too; name {whose}"

    return check


def one_of(names: Sequence[str], wanted: str) -> Check:
    """Ask for one cell of several; `wanted` says what for."""

    def check(cells: Cells, n_rows: int) -> Iterator[tuple[int, str, str]]:
        for place, given in enumerate(_rows(cells, n_rows, *names)):
            if all(cell is None for cell in given):
                yield place, names[0], f"is empty, as are {' and '.join(names[1:])}; {wanted} by one of them"

    return check


def in_order(first: str, last: str) -> Check:
    """Refuse what ends before it begins."""

    def check(cells: Cells, n_rows: int) -> Iterator[tuple[int, str, str]]:
        for place, (begin, end) in enumerate(_rows(cells, n_rows, first, last)):
            if begin is not None and end is not None and end < begin:
                yield place, last, f"lies before {first}"

    return check


def with_currency(amount: str) -> Check:
    """Refuse an amount whose currency nobody said."""

    def check(cells: Cells, n_rows: int) -> Iterator[tuple[int, str, str]]:
        for place, (value, currency) in enumerate(_rows(cells, n_rows, amount, "currency")):
            if value is not None and currency is None and "currency" in cells:
                yield place, "currency", f"is empty beside a {amount}"
            elif value is not None and currency is None:
                yield place, amount, "has no currency; add the column, or --map currency=:EUR"

    return check


def above_zero(name: str) -> Check:
    """Refuse a number of zero."""

    def check(cells: Cells, n_rows: int) -> Iterator[tuple[int, str, str]]:
        for place, (value,) in enumerate(_rows(cells, n_rows, name)):
            if value is not None and value <= 0:
                yield place, name, f"is {value:g}; it has to be above 0"

    return check


def within_scale(cells: Cells, n_rows: int) -> Iterator[tuple[int, str, str]]:
    """Refuse a rating above the highest there is."""
    for place, (rating, scale) in enumerate(_rows(cells, n_rows, "rating", "scale")):
        if rating is not None and scale is not None and rating > scale:
            yield place, "rating", f"is {rating:g} on a scale up to {scale:g}"


def says_something(cells: Cells, n_rows: int) -> Iterator[tuple[int, str, str]]:
    """Refuse feedback that holds neither a rating nor words."""
    for place, said in enumerate(_rows(cells, n_rows, "rating", "answer", "text")):
        if all(cell is None for cell in said):
            yield place, "text", "is empty, as are rating and answer; give at least one of them"


def proven(cells: Cells, n_rows: int) -> Iterator[tuple[int, str, str]]:
    """Refuse a confirmation that nobody could look up: only a link of ours is its own proof."""
    for place, (method, proof) in enumerate(_rows(cells, n_rows, "method", "proof")):
        if method is not None and proof is None:
            yield place, "proof", f"is empty; say where the {method} is kept"


def not_itself(name: str, other: str) -> Check:
    """Refuse what stands below itself."""

    def check(cells: Cells, n_rows: int) -> Iterator[tuple[int, str, str]]:
        for place, (one, above) in enumerate(_rows(cells, n_rows, name, other)):
            if one is not None and one == above:
                yield place, other, f"{above[:60]!r} is the row's own {name}"

    return check


def needs(name: str, other: str) -> Check:
    """Refuse a cell that means nothing without another."""

    def check(cells: Cells, n_rows: int) -> Iterator[tuple[int, str, str]]:
        for place, (value, without) in enumerate(_rows(cells, n_rows, name, other)):
            if value is not None and without is None:
                yield place, name, f"says nothing without {other}"

    return check


def json_object(name: str) -> Check:
    """Refuse text that is no JSON object."""

    def check(cells: Cells, n_rows: int) -> Iterator[tuple[int, str, str]]:
        for place, (text,) in enumerate(_rows(cells, n_rows, name)):
            if text is not None and not _is_object(text):
                yield place, name, f"{text[:60]!r} is no JSON object"

    return check


def _is_object(text: str) -> bool:
    try:
        return isinstance(msgspec.json.decode(text), dict)
    except (msgspec.DecodeError, RecursionError):
        return False


def _rows(cells: Cells, n_rows: int, *names: str) -> Iterator[tuple[Any, ...]]:
    return zip(*(cells.get(name) or [None] * n_rows for name in names), strict=True)
