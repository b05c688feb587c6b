"""Products for a season, from a list of our own, and the sentence that goes with them."""

from collections.abc import Mapping, Sequence

from crosslift.domain.plugin import Proposal, Question

BY_MONTH = {11: ("P07", "P03"), 12: ("P07",)}
"""Product ids of the shop, the dearest to it first."""
MONTHS = {"en": {11: "November", 12: "December"}}


class Season:
    """Names what suits the month."""

    api_version = 1
    reason = "season-words"

    def propose(self, question: Question) -> Sequence[Proposal]:
        """Name the products of the month, less what is in the cart."""
        month = question.at.month
        names = [name for name in BY_MONTH.get(month, ()) if name not in question.cart]
        return [Proposal(name, 1 / rank, {"month": month}) for rank, name in enumerate(names, 1)]


class SeasonWords:
    """Says that a product suits the month."""

    api_version = 1

    def tell(self, proposal: Proposal) -> Mapping[str, str]:
        """Give one sentence a language; nothing where the facts hold no month."""
        month = proposal.facts.get("month")
        if month not in MONTHS["en"]:
            return {}
        return {
            "en": f"The shop’s choice for {MONTHS['en'][month]}.",
            "ko": f"상점이 고른 {month}월 상품이에요.",
            "ja": f"当店が選んだ{month}月の商品です。",
        }
