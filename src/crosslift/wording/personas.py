"""Groups of people who behave alike in plain words: their names, from what sets each apart, and what is on their cards."""

from collections import Counter
from collections.abc import Mapping, Sequence

from crosslift.domain.persona import Cluster, Mark, MarkCode
from crosslift.errors import BadInput
from crosslift.wording.evidence import Evidence, amount, count, figure, length
from crosslift.wording.formats import duration, exact, listing, money, number, percent
from crosslift.wording.messages import Noun, language_of, text


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


Card = Mapping[str, object]
"""A persona card as plain values: the fields of `domain.persona.Persona`, with its currency."""
TOLD = ("order_value", "items_per_order", "interval_days", "categories", "goals", "needs", "channel")
"""What a card's sentence tells, where it is known."""
_BETWEEN = {"ja": "；"}


def persona_name(cluster: Cluster, language: str) -> str:
    """Name the persona a group belongs to, by what sets it apart most.

    Examples
    --------
    >>> persona_name(Cluster("usual", (), 10, 1.0, {}), "en")
    'like most'
    """
    return mark(cluster.marks[0], language) if cluster.marks else text("persona.usual", language)


def cluster_sentence(cluster: Cluster, clusters: Sequence[Cluster], language: str) -> str:
    """Say of somebody in a group how many behave alike, and how.

    Parameters
    ----------
    clusters : sequence of Cluster
        All groups, this one among them: those of one name are numbered.
    """
    name = cluster_names(clusters, language)[list(clusters).index(cluster)]
    n_people, share = number(cluster.n_people, language), percent(cluster.share, language)
    return text("persona.one_of", language, n_people=n_people, share=share, name=name)


def card_sentence(cluster: Cluster, card: Card, language: str) -> str:
    """Say what is typical of the people of a persona; what too few of them tell is left out.

    Raises
    ------
    BadInput
        If a figure of the card cannot be.
    """
    parts = [part for name in TOLD if (part := _told(name, card, language))]
    named = {"name": persona_name(cluster, language), "n_people": number(count(card, "n_people", least=0), language)}
    if not parts:
        return text("persona.card_only", language, None, **named)
    joined = _BETWEEN.get(language_of(language), "; ").join(parts)
    return text("persona.card", language, None, told=joined, **named)


def _told(name: str, card: Card, language: str) -> str | None:
    """Tell one line of a card, None where it is empty or cannot be told."""
    found, key = card.get(name), f"persona.told.{name}"
    if isinstance(found, Mapping) and "median" in found:
        middle = {"currency": card.get("currency"), **found}
        ends = {end: _figure(end, middle, language) for end in ("median", "low", "high")}
        return text(key, language, None, **ends)
    if isinstance(found, Mapping) and "name" in found:
        return text(key, language, names=_named(found, language))
    if isinstance(found, list | tuple) and found:
        return text(key, language, names=listing([_named(one, language) for one in found], language))
    return None


def _named(one: object, language: str) -> str:
    match one:
        case {"name": str(name)}:
            return f"{Noun(name)}"
        case [str(name), float(share)]:
            return f"{Noun(name)} {percent(share, language)}"
    raise BadInput(f"{one!r} on the card is neither a name nor a category with its share")


def _figure(end: str, middle: Evidence, language: str) -> str:
    match middle.get("unit"):
        case "money":
            return money(amount(middle, end), language, in_text=True)
        case "days":
            return duration(max(length(middle, end), 1.0), language)
    return exact(round(figure(middle, end), 1), language)
