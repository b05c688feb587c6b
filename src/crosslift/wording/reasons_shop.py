"""Reasons that come from the shop itself: its recommendations, its pages, its sets.

Each reason has its sentence for shoppers and, with `_figures` at the end of its name, the one for operators.
"""

from collections.abc import Mapping
from decimal import Decimal

from crosslift.domain.money import Money, minor_digits
from crosslift.errors import BadInput
from crosslift.wording.evidence import (
    Evidence,
    amount,
    chance,
    count,
    is_known,
    listed,
    part_of,
    plain,
    price,
    title,
    words,
)
from crosslift.wording.figures import also, lift_and_q, named, paid
from crosslift.wording.formats import money, names, number
from crosslift.wording.messages import Noun, text

_BASES = ("curated", "named", "learned")


def recommended(evidence: Evidence, language: str) -> str:
    """Give the merchant's words; somebody must have said something, or it is no recommendation."""
    if is_known(evidence, "reason"):
        return text("reason.recommended", language, reason=words(evidence, "reason", language))
    plain(evidence, "author")
    return text("reason.recommended_plain", language)


def recommended_figures(evidence: Evidence) -> str:
    """Give the author beside the reason."""
    recommended(evidence, "en")
    author = plain(evidence, "author") if is_known(evidence, "author") else "an author not recorded"
    reason = f": {words(evidence, 'reason', 'en')}" if is_known(evidence, "reason") else ", no reason given."
    return f"Recommended by {author}{reason}{also(evidence, set())}"


def own_list(evidence: Evidence, language: str) -> str:
    """Say that it stands on the list the shop brought for the product beside it."""
    _place(evidence)
    return text("reason.own_list", language, anchor=title(evidence, language))


def own_list_figures(evidence: Evidence) -> str:
    """Give its place on the list."""
    place, n_listed = _place(evidence)
    return f"Place {place:,} of {n_listed:,} on the shop's own list for {named(evidence)}.{also(evidence, {'rank', 'n_listed'})}"


def _place(evidence: Evidence) -> tuple[int, int]:
    return part_of(evidence, "rank", "n_listed")


def plugged(evidence: Evidence, language: str) -> str:
    """Give the sentence a plugin made of its facts, else only that the shop recommends it."""
    plain(evidence, "plugin")
    told = evidence.get("told")
    if isinstance(told, Mapping) and told:
        return str(words(evidence, "told", language))
    return text("reason.plugin", language)


def plugged_figures(evidence: Evidence) -> str:
    """Name the plugin, and every fact it gave."""
    said = plugged(evidence, "en")
    facts = evidence.get("facts")
    known = "; ".join(f"{name} {value}" for name, value in facts.items()) if isinstance(facts, Mapping) else ""
    return f"Plugin {plain(evidence, 'plugin')} {plain(evidence, 'version')} named it: {said}" + (
        f" ({known})" if known else ""
    )


def for_readers(evidence: Evidence, language: str) -> str:
    """Say how many readers of a page bought it, that the page names it, or that the merchant links them."""
    page = words(evidence, "title", language)
    basis = _basis(evidence)
    if basis != "learned":
        return text(f"reason.for_readers_{basis}", language, title=page)
    n_bought, n_readers = _readers(evidence)
    figures = {"n_bought": number(n_bought, language), "n_readers": number(n_readers, language)}
    return text("reason.for_readers", language, None, title=page, **figures)


def for_readers_figures(evidence: Evidence) -> str:
    """Give the basis, the product the page is about, and the counts where it was learned."""
    basis, page = _basis(evidence), words(evidence, "title", "en")
    about = f", about {named(evidence)}" if is_known(evidence, "anchor") else ""
    start = f"Page {str(page)!r}{about}, basis {basis}"
    if basis != "learned":
        return f"{start}.{also(evidence, set())}"
    n_bought, n_readers = _readers(evidence)
    said = {"n_bought", "n_readers", "lift", "lift_low", "lift_high", "q_value"}
    return f"{start}: of {n_readers:,} readers {n_bought:,} bought it. {lift_and_q(evidence)}.{also(evidence, said)}"


def _basis(evidence: Evidence) -> str:
    basis = evidence.get("basis")
    if basis not in _BASES:
        raise BadInput(f"basis in the evidence is {basis!r}; a page and a product are linked {', '.join(_BASES)}")
    return str(basis)


def _readers(evidence: Evidence) -> tuple[int, int]:
    """Read who bought among those who read; more than chance where that was tested."""
    n_bought, n_readers = part_of(evidence, "n_bought", "n_readers")
    if is_known(evidence, "expected"):
        chance(evidence, n_bought, "buyers among the readers")
    return n_bought, n_readers


def set_saving(evidence: Evidence, language: str) -> str:
    """Give the price of the set beside that of its parts, naming those in the cart where they are known."""
    whole, parts = _set(evidence)
    values = {"price": money(whole, language, in_text=True), "sum": money(parts, language, in_text=True)}
    if evidence.get("begun_by") == "page":
        return text("reason.set_saving_page", language, None, **values)
    if not evidence.get("held_titles"):
        return text("reason.set_saving", language, None, **values)
    held = [words({"held_titles": one}, "held_titles", language) for one in listed(evidence, "held_titles")]
    return text("reason.set_saving_with", language, None, held=Noun(names(held, language)), **values)


def set_saving_figures(evidence: Evidence) -> str:
    """Give both prices, the saving and the number of parts."""
    whole, parts = _set(evidence)
    saved = paid(amount(evidence, "saving"))
    rest = also(evidence, {"price", "sum", "saving", "n_parts"})
    return (
        f"A set of {count(evidence, 'n_parts'):,} for {paid(whole)} instead of {paid(parts)}, "
        f"a saving of {saved}.{rest}"
    )


def _set(evidence: Evidence) -> tuple[Money, Money]:
    """Read the price of a set and the sum of its parts; the saving must be theirs, and above zero."""
    whole, parts, saved = price(evidence, "price"), price(evidence, "sum"), amount(evidence, "saving")
    count(evidence, "n_parts", least=2)
    if saved.amount <= 0:
        raise BadInput(f"saving in the evidence is {saved.amount}: a set that saves nothing is no reason")
    rounding = Decimal(1).scaleb(-minor_digits(whole.currency))
    if parts.amount <= whole.amount or abs((parts - whole - saved).amount) > rounding:
        raise BadInput(f"saving {saved.amount} in the evidence is not sum {parts.amount} less price {whole.amount}")
    return whole, parts
