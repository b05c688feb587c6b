"""The relations of one product as a page shows them: the other product, the sentence for shoppers, and the numbers behind it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from crosslift.decide.evidence import LINKED
from crosslift.domain.decision import DropCode, Reason, ReasonCode
from crosslift.domain.link import LinkKind
from crosslift.errors import BadInput, NotReady
from crosslift.wording import formats, reasons
from crosslift.wording.messages import language_of
from crosslift.wording.office import KEYS, teller

if TYPE_CHECKING:
    from crosslift.shop import Shop

Namer = Callable[[str], str]
LINK_KINDS = tuple(kind.value for kind in LinkKind if kind is not LinkKind.CONTENT)
COUNTS = (
    "n_both", "n_a", "n_b", "n_customers", "n_viewed_both", "n_switched", "n_returned_together", "n_gap", "n_gaps", "n_back",
)  # fmt: skip
"""Evidence that is a count, in the order it is told."""
FIGURES = ("expected", "expected_viewed", "raw_expected", "raw_lift", "similarity", "delta_price")
FIRST, FIRST_RAW = ("n_both", "expected", "lift"), ("n_both", "raw_expected", "raw_lift")
"""What stands beside a relation before all figures are asked for."""
INTERVALS = (("lift", "lift_low", "lift_high"),)
DAYS = (("lag_median", "median_low", "median_high"), ("excess_median", "excess_low", "excess_high"),
        ("interval_median", "median_low", "median_high"))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Relation:
    """One relation; `share` is its strength for a meter, 0..1 of the strongest of its kind."""

    product_id: str
    title: str
    sentence: str | None
    strength: str | None
    facts: tuple[tuple[str, str], ...]
    share: float


@dataclass(frozen=True, slots=True)
class WhyNot:
    """Why one product is, or is not, among the companions of another."""

    product_id: str
    is_related: bool
    reasons: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    is_ours: bool


def told(shop: "Shop", name: str, title: Namer, language: str, *, raw: bool = False) -> dict[str, list[Relation]]:
    """Give the relations of a product by kind, best first; nothing before anything was learned."""
    try:
        knowledge = shop.knowledge
    except NotReady:
        return {}
    if name not in knowledge.index:
        return {}
    anchor = {**knowledge.named(knowledge.index[name]), "anchor": name}
    found: dict[str, list[Mapping[str, Any]]] = {}
    for row in shop.relations_of(name, raw=raw):
        found.setdefault(row["kind"], []).append(row)
    return {
        kind: [_relation(row, anchor, title, language, _weight(rows[0], raw=raw), raw=raw) for row in rows]
        for kind, rows in found.items()
    }


def why_not(shop: "Shop", name: str, other: str, language: str) -> WhyNot:
    """Tell why a product is not among the companions of another: every reason, and what the orders say."""
    found = shop.why_not_related(name, other)
    tell, is_english = teller(language), language_of(language) == "en"
    said = []
    for one in found["reasons"] or [{"code": found["code"], "words": found["why"]}]:
        if one["code"] in tuple(DropCode) and f"pair.{one['code']}" not in KEYS:
            said.append(reasons.drop_sentence(one["code"], language))
        elif is_english or f"pair.{one['code']}" not in KEYS:
            said.append(one["words"])
        else:
            said.append(tell(f"pair.{one['code']}"))
    return WhyNot(
        found["b"], found["is_related"], tuple(said), tuple(facts_of(found["figures"] or {}, language)), is_english
    )


def quoted(name: str) -> str:
    """Write an id as part of a path."""
    return quote(name, safe="")


def facts_of(row: Mapping[str, Any], language: str, first: Sequence[str] = FIRST) -> list[tuple[str, str]]:
    """Give the numbers of a relation, labelled, in one order, those named `first` before; what is not known is left out."""
    tell, found = teller(language), dict[str, str]()
    for key in COUNTS:
        if row.get(key) is not None:
            found[key] = formats.number(int(row[key]), language)
    for key, low, high in (*INTERVALS, *DAYS):
        if row.get(key) is not None:
            digits = 1 if (key, low, high) in INTERVALS else 0
            found[key] = _with_bounds([row.get(one) for one in (key, low, high)], language, digits)
    for key in FIGURES:
        if row.get(key) is not None:
            found[key] = formats.number(float(row[key]), language, 1 if abs(row[key]) >= 1 else 2)
    found |= {key: str(row[key]) for key in ("months", "markets") if row.get(key) not in (None, "all")}
    order = [*(key for key in first if key in found), *(key for key in found if key not in first)]
    return [(tell(f"fact.{key}"), found[key]) for key in order]


def _with_bounds(given: Sequence[Any], language: str, digits: int) -> str:
    value, *bounds = (None if one is None else formats.number(float(one), language, digits) for one in given)
    return f"{value}" if None in bounds else f"{value} [{bounds[0]}; {bounds[1]}]"


def _relation(
    row: Mapping[str, Any], anchor: Mapping[str, Any], title: Namer, language: str, best: float, *, raw: bool
) -> Relation:
    name = str(row["product"])
    strength = row.get("strength")
    return Relation(
        name, title(name), _sentence(row, anchor, language),
        reasons.strength_word(str(strength), language) if strength in reasons.STRENGTHS else None,
        tuple(facts_of(row, language, FIRST_RAW if raw else FIRST)),
        max(0.0, min(1.0, _weight(row, raw=raw) / best)) if best > 0 else 0.0,
    )  # fmt: skip


def _weight(row: Mapping[str, Any], *, raw: bool) -> float:
    key = "score" if "score" in row else "raw_lift" if raw else "lift_low"
    return float(row.get(key) or 0.0)


def _sentence(row: Mapping[str, Any], anchor: Mapping[str, Any], language: str) -> str | None:
    """Say what a shopper would read, where the relation alone says it."""
    code = ReasonCode.BOUGHT_TOGETHER if row["kind"] == "complement" else LINKED.get(str(row["kind"]))
    if code is None:
        return None
    try:
        return reasons.sentence(Reason(code, {**row, **anchor}), language)
    except BadInput:
        return None  # it holds, and nothing true can be said of it in one sentence
