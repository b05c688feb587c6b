"""Directed links of one kind with their evidence: the shape in which every learner hands over what it found."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class Links:
    """Links from a source to a product, all of one kind; arrays of shape (links,).

    Attributes
    ----------
    kind : str
        A `RelationKind`, or the name of the candidate source that reads it.
    sources : int32 array
        Item the link starts from; where `keys` is given, the place in `keys` (a search term, a page) instead.
    targets : int32 array
        Item it leads to.
    scores : float64 array
        0 to 1, higher goes first among the links of one source. For order, never shown as a probability.
    columns : mapping of str to array
        Numeric evidence, one value a link; nan where unknown.
    texts : sequence of mapping, optional
        Evidence that is no number (shared attributes, benefits), one JSON-able mapping a link.
    keys : sequence of str, optional
        What `sources` count, where they are no products.
    """

    kind: str
    sources: npt.NDArray[np.int32]
    targets: npt.NDArray[np.int32]
    scores: npt.NDArray[np.float64]
    columns: Mapping[str, Array] = field(default_factory=dict)
    texts: Sequence[Mapping[str, Any]] | None = None
    keys: Sequence[str] | None = None

    def __len__(self) -> int:
        return len(self.targets)

    @classmethod
    def none(cls, kind: str, columns: Sequence[str] = ()) -> "Links":
        """Give no links of a kind."""
        empty = np.zeros(0)
        return cls(kind, empty.astype(np.int32), empty.astype(np.int32), empty, dict.fromkeys(columns, empty))

    def in_order(self) -> "Links":
        """Sort by source, best score first, ties by target: the order of the snapshot."""
        return self.take(np.lexsort((self.targets, -self.scores, self.sources)))

    def take(self, chosen: Array) -> "Links":
        """Keep some links (a mask or places), in the given order."""
        places = np.flatnonzero(chosen) if chosen.dtype == np.bool_ else chosen
        texts = None if self.texts is None else [self.texts[place] for place in places.tolist()]
        columns = {name: column[places] for name, column in self.columns.items()}
        return Links(
            self.kind, self.sources[places], self.targets[places], self.scores[places], columns, texts, self.keys
        )

    def best(self, n: int) -> "Links":
        """Keep the best n links of each source, in order."""
        ordered = self.in_order()
        _, first, counts = np.unique(ordered.sources, return_index=True, return_counts=True)
        place = np.arange(len(ordered)) - np.repeat(first, counts)
        return ordered.take(place < n)

    def of(self, source: int) -> "Links":
        """Give the links that start from one source."""
        return self.take(self.sources == source)
