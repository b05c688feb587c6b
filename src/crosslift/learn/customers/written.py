"""Lists and mappings of people as JSON text, a whole column at once."""

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from crosslift.learn.customers.people import encoded

Ints = npt.NDArray[np.integer]
Floats = npt.NDArray[np.float64]

PARTS = 10_000
"""Into so many parts is a share of 1 written."""
_SHARES = pa.array([msgspec.json.encode(part / PARTS).decode() for part in range(PARTS + 1)])


def quoted(texts: pa.Array) -> pa.Array:
    """Write each text as JSON."""
    return pa.array([msgspec.json.encode(text).decode() for text in texts.to_pylist()], pa.string())


def numbers(values: Floats, digits: int = 2) -> pa.Array:
    """Write finite numbers as JSON, rounded.

    Examples
    --------
    >>> numbers(np.array([3.0, -0.125]), 1).to_pylist()
    ['3', '-0.1']
    """
    rounded = np.round(values, digits) + 0.0
    as_whole = rounded.astype(np.int64)
    texts = pc.cast(pa.array(rounded), pa.string())
    return pc.if_else(pa.array(rounded == as_whole), pc.cast(pa.array(as_whole), pa.string()), texts)


def shares(values: Floats) -> pa.Array:
    """Write shares of 1 as JSON, to four digits."""
    return _SHARES.take(pa.array(np.clip(np.rint(values * PARTS), 0, PARTS).astype(np.int32)))


def objects(person: Ints, names: pa.Array, values: pa.Array, n_people: int) -> pa.Array:
    """Write one object a person.

    Parameters
    ----------
    person : int array, shape (entries,)
        Whose, ascending; the entries of a person are written in the order given.
    names, values : pa.Array of string, shape (entries,)
        JSON texts.
    n_people : int
        Whoever has no entry gets ``{}``.
    """
    return _joined(person, pc.binary_join_element_wise(names, values, ":"), n_people, "{", "}")


def entries(person: Ints, names: pa.Array, values: pa.Array, n_people: int) -> pa.Array:
    """Write what would stand inside the object of each person, null for nothing; parameters as in `objects`."""
    inside = _joined(person, pc.binary_join_element_wise(names, values, ":"), n_people, "", "")
    return pc.if_else(pc.equal(inside, ""), pa.scalar(None, pa.string()), inside)


def merged(texts: Mapping[str, pa.Array], more: pa.Array) -> pa.DictionaryArray:
    """Write one object a person of some texts by name and further entries (see `entries`); each different one is made once.

    Parameters
    ----------
    texts : mapping of str to pa.Array of string, shape (people,)
        By the name of the entry; null for none.
    more : pa.Array of string, shape (people,)
        Entries as they stand, null for none.
    """
    columns = [encoded(pa.chunked_array([column])) for column in (*texts.values(), more)]
    sizes = [len(words) + 1 for _, words in columns]
    key = np.ravel_multi_index([index.astype(np.int64) + 1 for index, _ in columns], sizes)
    found, index = np.unique(key, return_inverse=True)
    known = [[None, *words.to_pylist()] for _, words in columns]
    objects = []
    for places in zip(*(part.tolist() for part in np.unravel_index(found, sizes)), strict=True):
        said = [words[place] for words, place in zip(known, places, strict=True)]
        pairs = [
            msgspec.json.encode({name: text}).decode()[1:-1] for name, text in zip(texts, said, strict=False) if text
        ]
        objects.append("{" + ",".join([*pairs, *([said[-1]] if said[-1] else [])]) + "}")
    return pa.DictionaryArray.from_arrays(pa.array(index, pa.int32()), pa.array(objects, pa.string()))


def lists(person: Ints, values: pa.Array, n_people: int) -> pa.Array:
    """Write one list a person; parameters as in `objects`."""
    return _joined(person, values, n_people, "[", "]")


def pairs(codes: Sequence[str], columns: Sequence[tuple[Floats, int]]) -> pa.Array:
    """Write each person's evidence: a list of a code with its value for every column known of them.

    Parameters
    ----------
    codes : sequence of str
        One a column.
    columns : sequence of (float64 array of shape (people,), int)
        Values, nan where there is nothing to say, and the digits they are rounded to.
    """
    n_people = len(columns[0][0])
    known = [np.flatnonzero(~np.isnan(values)) for values, _ in columns]
    texts = [
        pc.binary_join_element_wise(f'["{code}",', numbers(values[rows], digits), "]", "")
        for code, (values, digits), rows in zip(codes, columns, known, strict=True)
    ]
    person, column = np.concatenate(known), np.repeat(np.arange(len(known)), [len(rows) for rows in known])
    order = np.lexsort((column, person))
    return lists(person[order], pa.concat_arrays(texts).take(pa.array(order)), n_people)


def _joined(person: Ints, entries: pa.Array, n_people: int, opening: str, closing: str) -> pa.Array:
    ends = np.cumsum(np.bincount(person, minlength=n_people)) if len(person) else np.zeros(n_people, np.int64)
    offsets = pa.array(np.concatenate([[0], ends]), pa.int32())
    text = pc.binary_join(pa.ListArray.from_arrays(offsets, entries), ",")
    return pc.binary_join_element_wise(opening, text, closing, "")
