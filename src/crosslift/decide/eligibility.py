"""The eligible gate: may this be offered at all? Column operations; one code per candidate, the first that fits."""

from typing import Any

import numpy as np
import numpy.typing as npt

from crosslift.decide.knowledge import LIVE_CODES, Knowledge
from crosslift.domain.decision import DropCode

Array = npt.NDArray[Any]

CODES: tuple[DropCode, ...] = (
    DropCode.IN_CART,
    DropCode.EXCLUDED,
    DropCode.NOT_SELLABLE,
    DropCode.INACTIVE,
    DropCode.OUT_OF_STOCK,
    DropCode.PRICE_MISSING,
    DropCode.SAME_PRODUCT,
    DropCode.OWNED,
)
"""In gate order; verdict n means `CODES[n - 1]`, 0 passed."""


def judge(knowledge: Knowledge, items: Array, live: Array, cart: Array, excluded: Array, owned: Array | None) -> Array:
    """Give each candidate its verdict.

    Parameters
    ----------
    items : int32 array, shape (candidates,)
        Places of the candidates.
    live : uint8 array, shape (candidates,)
        Their live flags, see `knowledge.LIVE_CODES`.
    cart, excluded : int32 arrays
        Places in the cart, and asked to be left out.
    owned : int32 array or None
        Places owned already; None where the policy does not ask. Consumables may be bought again.

    Returns
    -------
    uint8 array, shape (candidates,)
    """
    verdict = np.zeros(len(items), dtype=np.uint8)
    if owned is not None and len(owned):
        verdict[knowledge.mask_of(owned)[items] & ~knowledge.is_consumable[items]] = _number(DropCode.OWNED)
    for place, code in reversed(list(enumerate(LIVE_CODES))):
        if code is not None:
            verdict[live == place] = _number(code)
    if len(excluded):
        verdict[knowledge.mask_of(excluded)[items]] = _number(DropCode.EXCLUDED)
    if len(cart):
        verdict[knowledge.mask_of(cart)[items]] = _number(DropCode.IN_CART)
    return verdict


def _number(code: DropCode) -> int:
    return CODES.index(code) + 1
