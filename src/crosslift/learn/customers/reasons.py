"""Why figures are missing: one JSON object a person, made once for all people who lack the same for the same reason."""

from collections.abc import Sequence

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from crosslift.domain.profile_codes import Unknown

Bools = npt.NDArray[np.bool_]
Missing = tuple[tuple[str, ...], Unknown, Bools]
"""Figures, why they are missing, and for whom, shape (people,)."""


def written(missing: Sequence[Missing], n_people: int) -> pa.DictionaryArray:
    """Write the reasons; of several for one figure the first counts.

    Examples
    --------
    >>> written([(("aov", "clv"), Unknown.NO_ORDERS, np.array([True, False]))], 2).to_pylist()
    ['{"aov":"no_orders","clv":"no_orders"}', '{}']
    """
    pattern = np.zeros(n_people, np.int64)
    for place, (_, _, people) in enumerate(missing):
        pattern |= people.astype(np.int64) << place
    found, index = np.unique(pattern, return_inverse=True)
    texts = [msgspec.json.encode(_reasons(missing, int(bits))).decode() for bits in found]
    return pa.DictionaryArray.from_arrays(pa.array(index, pa.int32()), pa.array(texts, pa.string()))


def _reasons(missing: Sequence[Missing], bits: int) -> dict[str, Unknown]:
    why: dict[str, Unknown] = {}
    for place, (figures, reason, _) in enumerate(missing):
        if bits >> place & 1:
            for figure in figures:
                why.setdefault(figure, reason)
    return why
