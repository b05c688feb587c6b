"""What somebody has to show and explain is offered at the desk and nowhere else."""

from collections.abc import Collection, Sequence

from crosslift.domain.plugin import GateTerms, Question

EXPLAINED = frozenset({"P01", "P09"})


class ByHand:
    """Stops what is sold by hand wherever no hand is."""

    api_version = 1
    terms = GateTerms("by_hand_only", "Somebody has to show it.", products=tuple(sorted(EXPLAINED)))

    def judge(self, question: Question, product_ids: Sequence[str]) -> Collection[str]:
        """Name those of the products that must not be offered here."""
        return () if question.channel in ("desk", "till") else EXPLAINED.intersection(product_ids)
