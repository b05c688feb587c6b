"""Texts in a haystack: any number of them looked for in one pass over the bytes."""

from collections import Counter
from collections.abc import Iterable, Iterator

import numpy as np
import numpy.typing as npt

Places = npt.NDArray[np.int64]
WIDTH = 6
"""Bytes of a text by which it is looked for; shorter texts cannot be."""
FEW = 32
"""So many texts are looked for one after the other, which is faster than once for all."""
_BITS = 22
_SPREAD = np.uint64(0x9E3779B97F4A7C15)
_MASK = np.uint64((1 << 8 * WIDTH) - 1)
_SLICE = 1 << 22


class Needles:
    """Texts to be found in bytes.

    Parameters
    ----------
    texts : iterable of str
        Each of at least `WIDTH` bytes as UTF-8.

    Examples
    --------
    >>> sorted(Needles(["jane@x.org", "010-4711", "nobody"]).found_in(b"from jane@x.org, 010-4711"))
    ['010-4711', 'jane@x.org']
    """

    def __init__(self, texts: Iterable[str]) -> None:
        self._texts = {text.encode(): text for text in texts}
        self.longest = max(map(len, self._texts), default=0)
        self._marks: dict[int, list[tuple[int, bytes]]] = {}
        if len(self._texts) > FEW:
            self._mark()

    def _mark(self) -> None:
        """Choose the place of each text that fewest others share: ids that begin alike end differently, addresses begin so."""
        places = {raw: [raw[at : at + WIDTH] for at in range(len(raw) - WIDTH + 1)] for raw in self._texts}
        shared = Counter(part for parts in places.values() for part in set(parts))
        for raw, parts in places.items():
            at = min(range(len(parts)), key=lambda place: shared[parts[place]])
            self._marks.setdefault(int.from_bytes(parts[at], "little"), []).append((at, raw))
        self._sorted = np.array(sorted(self._marks), np.uint64)
        self._may_be = np.zeros(1 << _BITS, np.bool_)
        self._may_be[_hashed(self._sorted)] = True

    def found_in(self, content: bytes) -> set[str]:
        """Give the texts that are somewhere in some bytes."""
        if not self._marks:
            return {text for raw, text in self._texts.items() if raw in content}
        data = np.frombuffer(content, np.uint8)
        found: set[bytes] = set()
        for start in range(0, len(content), _SLICE):
            for mark, places in self._marked(content[start : start + _SLICE + WIDTH - 1]):
                found.update(raw for back, raw in self._marks[mark] if _is_at(data, places + (start - back), raw))
        return {self._texts[raw] for raw in found}

    def _marked(self, content: bytes) -> Iterator[tuple[int, Places]]:
        """Give the marks in some bytes, and where each is."""
        n = len(content) - WIDTH + 1
        if n <= 0:
            return
        marks = np.ndarray((n,), "<u8", content + bytes(8 - WIDTH), 0, (1,)) & _MASK  # one a byte: they overlap
        places = np.flatnonzero(self._may_be[_hashed(marks)])
        places = places[np.isin(marks[places], self._sorted)]
        places = places[np.argsort(marks[places], kind="stable")]
        each, begins = np.unique(marks[places], return_index=True)
        yield from zip(each.tolist(), np.split(places, begins[1:]), strict=True) if len(each) else ()


def _is_at(data: npt.NDArray[np.uint8], places: Places, raw: bytes) -> bool:
    """Tell whether a text stands at any of some places."""
    inside = places[(places >= 0) & (places <= len(data) - len(raw))]
    for at, byte in enumerate(raw):
        inside = inside[data[inside + at] == byte]
    return len(inside) > 0


def _hashed(marks: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    return (marks * _SPREAD) >> np.uint64(64 - _BITS)
