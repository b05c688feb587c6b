"""How alike short texts are, in any script and without a model: TF-IDF vectors of character n-grams.

Characters need no dictionary and no word breaker, so Korean, Japanese and English titles are treated alike.
"""

import unicodedata
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from crosslift.errors import BadUsage
from crosslift.stats.arrays import FloatArray, IntArray
from crosslift.stats.similarity import Neighbors, top_neighbors

Rows = Any  # scipy.sparse.csr_array of float64, shape (texts, features)

QUERY_FEATURES = 12
"""Candidates are found by a row's heaviest features only: the rare ones, which few rows share. Their score is exact."""

MAX_SHARED = 2_000
"""A feature of more rows than this finds no candidates: it would bring half of the catalog."""

_SPACE = ord(" ")
_BITS = 21  # of a code point; three fit in 63 bits
_SPARE = 2  # candidates weighed exactly for each neighbor kept


def normalize(text: str) -> str:
    """Fold a text to what its reader takes it for: NFKC, no case, words apart by one blank, no punctuation.

    Examples
    --------
    >>> normalize("Ｆｉｌｔｅｒ　０２, 100매 (새)")
    'filter 02 100매 새'
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return " ".join("".join(letter if letter.isalnum() else " " for letter in folded).split())


def char_tfidf(texts: Sequence[str], sizes: tuple[int, ...] = (2, 3)) -> Rows:
    """Turn texts into unit vectors of character n-grams, weighted by how rare each n-gram is.

    Parameters
    ----------
    texts : sequence of str
        Normalized here; words are padded with a blank on both sides, and no n-gram spans two words.
    sizes : tuple of int
        Lengths of the n-grams, 1 to 3.

    Returns
    -------
    csr_array of float64, shape (texts, n-grams)
        Rows of length 1; a row of zeros for a text without a letter or digit. Term weight is 1 + ln(count), rarity
        1 + ln((1 + texts) / (1 + texts with it)). Columns are sorted by n-gram: the order of texts does not matter.

    Raises
    ------
    BadUsage
        If a size is not 1, 2 or 3.

    References
    ----------
    Salton & Buckley (1988), Term-weighting approaches in automatic text retrieval.

    Examples
    --------
    >>> rows = char_tfidf(["원추형 종이 필터", "원추형 종이 필터 100매", "전동 그라인더"])
    >>> (rows @ rows.T).toarray()[0].round(2).tolist()
    [1.0, 0.72, 0.0]
    """
    if any(size not in (1, 2, 3) for size in sizes):
        raise BadUsage(f"n-grams of sizes {sizes}; 1, 2 and 3 characters are possible")
    letters, text_of = _letters(texts)
    rows, codes = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    for size in sizes:
        places = _places(letters, text_of, size)
        code = np.full(len(places), size, np.int64) if size < 3 else np.zeros(len(places), np.int64)
        for step in range(size):
            code = (code << _BITS) | letters[places + step]
        rows.append(text_of[places])
        codes.append(code)
    grams, columns = np.unique(np.concatenate(codes), return_inverse=True)
    shape = (len(texts), len(grams))
    cells = (np.ones(len(columns)), (np.concatenate(rows), columns))
    return weigh(sparse.coo_array(cells, shape=shape).tocsr())


def weigh(counts: Rows) -> Rows:
    """Turn counts of features into unit vectors: (1 + ln count) × (1 + ln((1 + rows) / (1 + rows with it)))."""
    counts = sparse.csr_array(counts, dtype=np.float64)
    counts.sum_duplicates()
    n_with = np.bincount(counts.indices, minlength=counts.shape[1])
    rarity = 1.0 + np.log((1.0 + counts.shape[0]) / (1.0 + n_with))
    counts.data = (1.0 + np.log(counts.data)) * rarity[counts.indices]
    return unit(counts)


def unit(rows: Rows) -> Rows:
    """Scale every row to length 1; a row of zeros stays."""
    length = np.sqrt(rows.multiply(rows).sum(axis=1))
    scale = np.divide(1.0, length, out=np.zeros_like(length), where=length > 0)
    return sparse.csr_array(rows.multiply(scale[:, None]))


def cosine_of(rows: Rows, first: IntArray, second: IntArray, block: int = 65_536) -> FloatArray:
    """Give the cosine of pairs of unit rows, in 0..1, shape (pairs,).

    Examples
    --------
    >>> cosine_of(char_tfidf(["kettle", "kettles"]), np.array([0]), np.array([1])).round(2).tolist()
    [0.65]
    """
    parts = [np.zeros(0)]
    for start in range(0, len(first), block):
        one, other = rows[first[start : start + block]], rows[second[start : start + block]]
        parts.append(np.asarray(one.multiply(other).sum(axis=1), np.float64))
    return np.clip(np.concatenate(parts), 0.0, 1.0)


def nearest(rows: Rows, k: int, block: int = 512) -> Neighbors:
    """Find the k rows most alike each row, by cosine, without ever holding all pairs.

    Parameters
    ----------
    rows : csr_array, shape (items, features)
        Unit rows.
    k : int
        Most neighbors a row keeps.
    block : int
        Rows searched at once; memory is at most block × items scores.

    Returns
    -------
    Neighbors
        Exact cosines. Among more than `MAX_SHARED` rows a neighbor is missed that shares none of the row's
        `QUERY_FEATURES` heaviest features, or only features of more than `MAX_SHARED` rows.

    Examples
    --------
    >>> found = nearest(char_tfidf(["tea cup", "tea cups", "kettle"]), 2)
    >>> found.offsets.tolist(), found.ids.tolist()
    ([0, 1, 2, 2], [1, 0])
    """
    n_items = rows.shape[0]
    query, columns = rows if n_items <= MAX_SHARED else _telling(rows), sparse.csr_array(rows.T)
    parts = [sparse.csr_array((0, n_items))]
    for start in range(0, n_items, block):
        first, second = _strongest(query[start : start + block] @ columns, _SPARE * k + 1)
        score = cosine_of(rows, first + start, second)
        kept = first + start != second
        cells = (score[kept], (first[kept], second[kept]))
        parts.append(sparse.coo_array(cells, shape=(min(block, n_items - start), n_items)).tocsr())
    return top_neighbors(sparse.vstack(parts, format="csr"), k)


def _letters(texts: Sequence[str]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Give all code points, each text between blanks, and which text each belongs to."""
    padded = [f" {normalize(text)} " for text in texts]
    letters = np.frombuffer("".join(padded).encode("utf-32-le"), "<u4").astype(np.int64)
    return letters, np.repeat(np.arange(len(padded)), [len(text) for text in padded])


def _places(letters: IntArray, text_of: IntArray, size: int) -> npt.NDArray[np.int64]:
    """Find where n-grams start: inside one text, with no blank but at the ends, and not of blanks alone."""
    n = max(len(letters) - size + 1, 0)
    is_blank = letters == _SPACE
    fits = text_of[:n] == text_of[size - 1 : size - 1 + n]
    for step in range(1, size - 1):
        fits &= ~is_blank[step : step + n]
    fits &= ~(is_blank[:n] & is_blank[size - 1 : size - 1 + n])  # " a " says no more than " a" and "a "
    return np.flatnonzero(fits)


def _telling(rows: Rows) -> Rows:
    """Keep the heaviest features of each row among those that not too many rows share."""
    n_with = np.bincount(rows.indices, minlength=rows.shape[1])
    kept = rows.copy()
    kept.data[n_with[kept.indices] > MAX_SHARED] = 0.0
    kept.eliminate_zeros()
    row, column = _strongest(kept, QUERY_FEATURES)
    weight = np.asarray(rows[row, column], np.float64).ravel()
    return sparse.coo_array((weight, (row, column)), shape=rows.shape).tocsr()


def _strongest(rows: Rows, n: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Give row and column of the n largest values of each row, ties by the lower column."""
    columns = [np.zeros(0, np.int64)]
    for row in range(rows.shape[0]):
        cells = slice(rows.indptr[row], rows.indptr[row + 1])
        column, value = rows.indices[cells], np.round(rows.data[cells], 9)
        if len(value) > n:
            large = value >= np.partition(value, len(value) - n)[len(value) - n]
            column, value = column[large], value[large]
        columns.append(column[np.lexsort((column, -value))[:n]].astype(np.int64))
    return np.repeat(np.arange(rows.shape[0]), [len(one) for one in columns[1:]]), np.concatenate(columns)
