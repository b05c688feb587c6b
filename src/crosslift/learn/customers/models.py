"""What a run learned of everybody: all that one person's figures need beside the person's own facts, and nobody's name."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np

from crosslift.domain.profile import ClvBasis
from crosslift.errors import BadInput
from crosslift.learn.customers.affinity import Prices
from crosslift.learn.customers.contribution import ReturnHabit
from crosslift.learn.customers.facts import Facts
from crosslift.learn.customers.grouping import Grouping
from crosslift.learn.customers.intent import Revisits, Window, stride_of
from crosslift.learn.customers.rfm import Cuts
from crosslift.learn.customers.rhythm import Rhythm
from crosslift.learn.customers.worth import Learned
from crosslift.settings import Settings


@dataclass(frozen=True, slots=True)
class Models:
    """Everything fitted over all people.

    Attributes
    ----------
    as_of : int
        The newest fact, microseconds UTC: days count from here.
    currency : str
        The reporting currency.
    worth : worth.Learned
        The models of future value, and what monetary value is counted in.
    cuts : Cuts or None
        None where there are hardly any buyers.
    groups : Grouping or None
        None as long as no run has looked for groups.
    """

    as_of: int
    currency: str
    worth: Learned
    cuts: Cuts | None
    rhythm: Rhythm
    prices: Prices
    habit: ReturnHabit
    window: Window
    groups: Grouping | None = None

    @classmethod
    def learn(cls, facts: Facts, worth: Learned, settings: Settings) -> "Models":
        """Fit everything beside the models of future value; groups are found in what follows from it."""
        figures, n = facts.figures, len(facts.people)
        buyers = figures.n_orders > 0
        money = figures.margin if worth.basis is ClvBasis.MARGIN else figures.revenue
        visits = Revisits.of(
            facts.bought, facts.seen, facts.shelf, settings["learn.view_minutes"], stride=stride_of(facts.seen)
        )
        return cls(
            as_of=facts.as_of,
            currency=facts.exchange.currency,
            worth=worth,
            cuts=Cuts.of(
                figures.recency_days[buyers], figures.n_orders[buyers].astype(np.float64), money[buyers], worth.basis
            ),
            rhythm=Rhythm.of(
                facts.orders.days(), facts.bought, facts.shelf, facts.as_of, float(settings["learn.sequence_days"])
            ),
            prices=Prices.of(facts.bought, facts.shelf, n),
            habit=ReturnHabit.of(figures.n_ordered, figures.n_returns),
            window=Window.of(visits, settings["profile.intent_days"]),
        )

    @property
    def plain(self) -> dict[str, Any]:
        """Plain values, as they are stored."""
        written: dict[str, Any] = msgspec.to_builtins(self)
        return written

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> "Models":
        """Read what `plain` gave, also after a way through JSON.

        Raises
        ------
        BadInput
            If a part is missing or of another kind; then the shop has to learn again.
        """
        try:
            return msgspec.convert(dict(stored), cls)
        except msgspec.ValidationError as error:
            raise BadInput(f"stored models of customers cannot be read: {error}; run `crosslift learn`") from error
