"""Identities as numbers while facts are read, and the person behind each once all are known."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from crosslift.learn.customers.material import CUSTOMER

Numbers = npt.NDArray[np.int32]
Ints = npt.NDArray[np.int64]

NOBODY = -1


@dataclass(frozen=True, slots=True)
class People:
    """Everybody the facts speak of.

    Attributes
    ----------
    ids : pa.Array of string, shape (people,)
        Person ids in sorted order; person i of every array is `ids[i]`.
    of_identity : int32 array, shape (identities,)
        The person of each numbered identity.
    """

    ids: pa.Array
    of_identity: Numbers

    def __len__(self) -> int:
        return len(self.ids)

    def of(self, identities: Numbers) -> Numbers:
        """Give the person of each identity number; nobody stays nobody."""
        return np.append(self.of_identity, np.int32(NOBODY))[identities]


class Identities:
    """Numbers the identities of one table after the other, in the order they are met."""

    def __init__(self) -> None:
        self._texts = pa.array([], pa.string())

    def __len__(self) -> int:
        return len(self._texts)

    def customers(self, column: pa.ChunkedArray) -> Numbers:
        """Number customer ids; null is nobody."""
        indices, words = encoded(column)
        return np.append(self._numbers(pc.binary_join_element_wise(CUSTOMER, words, "")), np.int32(NOBODY))[indices]

    def seen(self, column: pa.ChunkedArray) -> Numbers:
        """Number identities, `kind:value`, none of them null; quickest where the same stand side by side."""
        indices, words = runs(column)
        return self._numbers(words)[indices]

    def people(self, mapping: pa.Table) -> People:
        """Find the person of every identity met.

        Parameters
        ----------
        mapping : pa.Table
            identity, person_id of identities that belong to another's person.
        """
        place = pc.index_in(self._texts, value_set=mapping.column("identity").combine_chunks())
        owner = pc.take(mapping.column("person_id").combine_chunks(), place)
        encoded = pc.coalesce(owner, self._texts).dictionary_encode()
        order = pc.sort_indices(encoded.dictionary)
        rank = np.empty(len(order), np.int32)
        rank[np.asarray(order)] = np.arange(len(order), dtype=np.int32)
        return People(encoded.dictionary.take(order), rank[np.asarray(encoded.indices)])

    def _numbers(self, words: pa.Array) -> Numbers:
        place = pc.index_in(words, value_set=self._texts)
        is_new = np.asarray(pc.is_null(place))
        new = words.filter(pa.array(is_new)).dictionary_encode()
        number = np.array(pc.fill_null(place, 0), np.int32)
        number[is_new] = len(self._texts) + np.asarray(new.indices)
        self._texts = pa.concat_arrays([self._texts, new.dictionary])
        return number


def runs(column: pa.ChunkedArray) -> tuple[Numbers, pa.Array]:
    """Give a text column without nulls as places in its runs, rows side by side with one text, and the text of each run."""
    whole = column.cast(pa.string()).combine_chunks()
    begins = np.ones(len(whole), np.bool_)
    begins[1:] = np.asarray(pc.not_equal(whole.slice(1), whole.slice(0, max(len(whole) - 1, 0))))
    return np.cumsum(begins, dtype=np.int32) - np.int32(1), whole.filter(pa.array(begins))


def encoded(column: pa.ChunkedArray) -> tuple[Numbers, pa.Array]:
    """Give a text column as places in its distinct texts, −1 for null, and these texts; each of them is in the column."""
    whole = column.combine_chunks()
    if not pa.types.is_dictionary(whole.type):
        whole = whole.dictionary_encode()
        return np.asarray(pc.fill_null(whole.indices, NOBODY)), whole.dictionary
    indices = np.asarray(pc.fill_null(whole.indices.cast(pa.int32()), NOBODY))
    is_used = np.zeros(len(whole.dictionary), np.bool_)
    is_used[indices[indices >= 0]] = True
    place = np.append(np.cumsum(is_used) - 1, NOBODY).astype(np.int32)
    return place[indices], whole.dictionary.filter(pa.array(is_used)).cast(pa.string())


def ranked(column: pa.ChunkedArray) -> tuple[Numbers, pa.Array]:
    """Give a text column as places in its distinct texts in sorted order, −1 for null, and these texts.

    Unlike those of `encoded` these places do not depend on the order of the rows.
    """
    indices, words = encoded(column)
    order = pc.sort_indices(words)
    rank = np.full(len(order) + 1, NOBODY, np.int32)
    rank[np.asarray(order)] = np.arange(len(order), dtype=np.int32)
    return rank[indices], words.take(order)
