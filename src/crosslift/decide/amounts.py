"""What candidates cost at this moment, and beside what: read once a decision, and only where a gate or a value asks."""

from typing import Any

import numpy as np
import numpy.typing as npt

from crosslift.decide.candidates import Candidates
from crosslift.decide.context import Context
from crosslift.decide.knowledge import Knowledge
from crosslift.decide.once import Once
from crosslift.decide.reading import Live

Array = npt.NDArray[Any]
Mask = npt.NDArray[np.bool_]
MICROS = 1e6
NO_PRICE = -1


class Amounts:
    """Live amounts of some candidates, float64 arrays of shape (candidates,) in units of their own currency.

    Parameters
    ----------
    tax_rate : float
        Share of the net price that prices hold as tax; 0 where they hold none, or nobody said how much.
    """

    def __init__(
        self, knowledge: Knowledge, live: Live, found: Candidates, context: Context, tax_rate: float = 0.0
    ) -> None:
        self._knowledge = knowledge
        self._live = live
        self._found = found
        self._context = context
        self._tax_rate = tax_rate

    @Once
    def _micros(self) -> tuple[Array, Array, Array]:
        """Prices of the candidates, of what is in sight and of the anchors, in millionths; −1 where there is none."""
        sight, anchors = self._context.in_sight, self._context.anchors
        micros = self._live.prices(np.concatenate([self._found.items, sight, anchors]))
        n, m = len(self._found.items), len(sight)
        return micros[:n], micros[n : n + m], micros[n + m :]

    @Once
    def prices(self) -> Array:
        """What a customer pays for each; nan where there is no price."""
        return np.where(self._micros[0] < 0, np.nan, self._micros[0] / MICROS)

    @Once
    def net(self) -> Array:
        """The prices without tax, as far as it is known."""
        return self.prices / (1.0 + self._tax_rate)

    @Once
    def costs(self) -> Array:
        """What a piece costs us; nan where nobody said."""
        return self._knowledge.costs[self._found.items]

    def dearer(self, times: float, *, strictly: bool = False) -> Mask:
        """Mark what costs at least (strictly: more than) so many times the dearest thing in sight.

        Nothing where either has no price.
        """
        prices, of_sight, _ = self._micros
        dearest = max(of_sight.tolist(), default=NO_PRICE)
        if dearest == NO_PRICE:
            return np.zeros(len(prices), dtype=np.bool_)
        limit = times * dearest
        mask: Mask = prices > limit if strictly else prices >= limit  # no price is below every limit
        if self._knowledge.currency_numbers is None:
            return mask
        return self._in_currency_of(mask, self._context.in_sight[int(of_sight.argmax())])

    def steps_over(self, times: float) -> Mask:
        """Mark what costs more than so many times the anchor it starts from; nothing where either has no price."""
        prices, _, of_anchors = self._micros
        anchors, own = self._context.anchors, self._found.anchors
        if len(anchors) == 0:
            return np.zeros(len(prices), dtype=np.bool_)
        at = np.minimum(np.searchsorted(anchors, own), len(anchors) - 1)
        mask: Mask = (anchors[at] == own) & (of_anchors[at] != NO_PRICE) & (prices > times * of_anchors[at])
        return self._in_currency_of(mask, anchors[at])

    def _in_currency_of(self, mask: Mask, others: Array) -> Mask:
        """Keep what is priced in the currency of other items: prices of two currencies are not compared."""
        currencies = self._knowledge.currency_numbers
        return mask if currencies is None else mask & (currencies[self._found.items] == currencies[others])
