"""How products relate: typed, directed, with the evidence a merchant can check."""

from dataclasses import dataclass
from enum import StrEnum


class RelationKind(StrEnum):
    """The five kinds of DESIGN 4; they are never mixed in one slot."""

    COMPLEMENT = "complement"
    REQUIRED = "required"
    UPGRADE = "upgrade"
    SUBSTITUTE = "substitute"
    REFILL = "refill"


@dataclass(frozen=True, slots=True)
class PairEvidence:
    """What the orders say about two products in one basket.

    Attributes
    ----------
    n_both, n_a, n_b, n_baskets : int
        Baskets with both, with the first, with the second, and all that were tested.
    n_customers : int
        Distinct customers who bought both in one basket; a basket without a customer id counts as one.
    expected : float
        Baskets with both that size-aware chance alone would give (DESIGN 4).
    lift, lift_low, lift_high : float
        Observed over expected, with its exact 95 % Poisson interval.
    q_value : float
        Benjamini-Hochberg adjusted upper-tail probability.
    npmi, llr : float
        Normalized pointwise mutual information and signed log-likelihood ratio (textbook definitions).
    """

    n_both: int
    n_a: int
    n_b: int
    n_baskets: int
    n_customers: int
    expected: float
    lift: float
    lift_low: float
    lift_high: float
    q_value: float
    npmi: float
    llr: float

    @property
    def confidence(self) -> float:
        """P(second | first)."""
        return self.n_both / self.n_a if self.n_a else 0.0


@dataclass(frozen=True, slots=True)
class Relation:
    """Product `from_id` goes with, needs, ... product `to_id`."""

    from_id: str
    to_id: str
    kind: RelationKind
    evidence: PairEvidence
    strength: str
