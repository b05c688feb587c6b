"""Plain names for groups of people who behave alike, from what sets each apart."""

from collections import Counter
from collections.abc import Sequence

from crosslift.domain.persona import Cluster, Mark, MarkCode
from crosslift.errors import BadInput
from crosslift.wording.formats import listing
from crosslift.wording.messages import Noun, text


def mark(one: Mark, language: str) -> str:
    """Say one thing that sets a group apart.

    Raises
    ------
    BadInput
        If a mark of a category names none.

    Examples
    --------
    >>> mark(Mark(MarkCode.FREQUENT, "n_orders", 16, 4, "count", 1.2), "en")
    'buy often'
    >>> mark(Mark(MarkCode.CATEGORY, "category:Coffee", 0.9, 0.3, "share", 1.5, "Coffee"), "ko")
    'Coffee 비중 높음'
    """
    if one.code is not MarkCode.CATEGORY:
        return text(f"persona.mark.{one.code}", language)
    if not one.category:
        raise BadInput("a mark of a category names no category")
    return text(f"persona.mark.{one.code}", language, category=Noun(one.category))


def cluster_names(clusters: Sequence[Cluster], language: str) -> list[str]:
    """Name groups, each by its marks, the most telling first; two of one name are numbered.

    Examples
    --------
    >>> cluster_names([Cluster("usual", (), 10, 1.0, {})], "ja")
    ['平均的な顧客']
    """
    named = [listing([mark(one, language) for one in cluster.marks], language) for cluster in clusters]
    named = [name or text("persona.usual", language) for name in named]
    times, seen = Counter(named), Counter[str]()
    for place, name in enumerate(named):
        seen[name] += 1
        if times[name] > 1:
            named[place] = f"{name} ({seen[name]})"
    return named
