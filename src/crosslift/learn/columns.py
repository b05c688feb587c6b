"""Links as columns of a snapshot: the reverse of `decide.links`, held together by a round-trip test."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from crosslift.learn.products.links import Links

Array = npt.NDArray[Any]


def columns_of(found: Iterable[Links], n_items: int) -> tuple[dict[str, Array], dict[str, Any]]:
    """Write links of several kinds as arrays and texts.

    Parameters
    ----------
    found : iterable of Links
        One a kind.
    n_items : int
        Items of the catalog; the sources of links without keys.

    Returns
    -------
    arrays : dict
        ``link_<kind>_offsets`` (int64, sources + 1), ``_ids`` (int32), ``_scores`` and each column of evidence.
    texts : dict
        ``link_kinds`` (columns and keys of each kind) and ``link_<kind>_texts`` where a kind has any.
    """
    arrays: dict[str, Array] = {}
    texts: dict[str, Any] = {}
    kinds: dict[str, Mapping[str, Any]] = {}
    for links in found:
        ordered = links.in_order()
        n_sources = n_items if links.keys is None else len(links.keys)
        prefix = f"link_{links.kind}_"
        arrays[f"{prefix}offsets"] = np.searchsorted(ordered.sources, np.arange(n_sources + 1)).astype(np.int64)
        arrays[f"{prefix}ids"] = ordered.targets.astype(np.int32)
        arrays[f"{prefix}scores"] = np.asarray(ordered.scores, dtype=np.float64)
        for name, column in ordered.columns.items():
            arrays[prefix + name] = np.asarray(column)
        if ordered.texts is not None:
            texts[f"{prefix}texts"] = list(ordered.texts)
        kinds[links.kind] = {
            "columns": sorted(ordered.columns),
            "keys": None if links.keys is None else list(links.keys),
        }
    return arrays, {**texts, "link_kinds": kinds}
