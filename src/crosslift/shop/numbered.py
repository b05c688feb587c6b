"""Texts that tables are joined over, as whole numbers: the same text has the same number in all of them."""

from collections.abc import Mapping
from itertools import accumulate

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc


def numbered(tables: Mapping[str, pa.Table], *columns: str) -> dict[str, pa.Table]:
    """Give tables with some columns of texts as numbers; a table without one of them stays as it is.

    Engines join and group numbers several times faster than texts, and what many rows share is looked up once where it is a
    dictionary. Null stays null.
    """
    found = dict(tables)
    for column in columns:
        having = [name for name, table in tables.items() if column in table.column_names]
        wholes = [tables[name][column].combine_chunks() for name in having]
        numbers = iter(_numbers([_words(one) for one in wholes]))
        for name, one in zip(having, wholes, strict=True):
            number = next(numbers)
            if pa.types.is_dictionary(one.type):
                number = number.take(one.indices)
            found[name] = found[name].set_column(found[name].schema.get_field_index(column), column, number)
    return found


class Places:
    """Where a text stands among others that are distinct, as ids are.

    Ids of one length are compared as words of four bytes: sorted by a hash, found by bisection and held against each other
    byte for byte. Where lengths differ or two have one hash, a table of texts is asked, which takes ten times as long.

    Parameters
    ----------
    among : pa.ChunkedArray
        Distinct texts.
    """

    def __init__(self, among: pa.ChunkedArray) -> None:
        self._texts = among.combine_chunks()
        self._words = _words_of(self._texts)
        if self._words is not None:
            hashes = _hashed(self._words)
            self._order = np.argsort(hashes)
            self._hashes = hashes[self._order]
            if (self._hashes[1:] == self._hashes[:-1]).any():
                self._words = None

    def __len__(self) -> int:
        return len(self._texts)

    def of(self, texts: pa.ChunkedArray) -> pa.Array:
        """Give the place of each text, null where it is not among them."""
        whole = texts.combine_chunks()
        if not len(whole) or not len(self._texts):
            return pa.nulls(len(whole), pa.int32())
        words = None if self._words is None else _words_of(whole)
        if words is None or self._words is None or words.shape[1] != self._words.shape[1]:
            return pc.index_in(whole, value_set=self._texts)
        hashes = _hashed(words)
        order = np.argsort(hashes)
        at = np.empty(len(order), np.int64)
        at[order] = np.minimum(np.searchsorted(self._hashes, hashes[order]), len(self._hashes) - 1)
        place = self._order[at]
        is_there = np.ones(len(place), np.bool_)
        for column in range(words.shape[1]):
            is_there &= self._words[place, column] == words[:, column]
        return pa.array(place.astype(np.int32), mask=~is_there)


_Words = npt.NDArray[np.uint32]


def _words_of(texts: pa.Array) -> _Words | None:
    """Give texts as rows of words of four bytes, None where they are not all of one length that these fill."""
    if texts.null_count or not len(texts) or texts.offset:
        return None
    ends = np.frombuffer(texts.buffers()[1], np.int32 if pa.types.is_string(texts.type) else np.int64, len(texts) + 1)
    each, rest = divmod(int(ends[-1] - ends[0]), len(texts))
    if rest or each == 0 or each % 4 or ends[0] % 4 or (np.diff(ends) != each).any():
        return None
    return np.frombuffer(texts.buffers()[2], np.uint32, len(texts) * each // 4, int(ends[0])).reshape(
        len(texts), each // 4
    )


def _hashed(words: _Words) -> npt.NDArray[np.uint64]:
    found = np.zeros(len(words), np.uint64)
    for column in range(words.shape[1]):
        found ^= words[:, column]
        found *= _ODD
        found ^= found >> np.uint64(29)
    return found


_ODD = np.uint64(0x9E3779B97F4A7C15)


def _words(column: pa.Array) -> pa.Array:
    return (column.dictionary if pa.types.is_dictionary(column.type) else column).cast(pa.large_string())


def _numbers(texts: list[pa.Array]) -> list[pa.Array]:
    """Give the place of each text among the distinct ones of all."""
    coded = pa.chunked_array(texts, pa.large_string()).dictionary_encode()
    numbers = pa.chunked_array([chunk.indices for chunk in coded.chunks], pa.int32()).combine_chunks()
    ends = list(accumulate(map(len, texts)))
    return [numbers.slice(end - len(text), len(text)) for end, text in zip(ends, texts, strict=True)]
