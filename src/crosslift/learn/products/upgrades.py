"""Which product is the next step up: the same need, dearer by a sane ratio, and better in a way one can name.

From A to B there is a step up when all of this holds:

* one family: the same leaf category, or another leaf under the same parent path with the need named equal by the
  merchant or with switch evidence; needs that were named and differ never mix;
* nothing differs that must agree (`fitting.may_replace`): a 220 V kettle is no step up from a 110 V one;
* both prices are known, in one currency, and B is dearer: up to `RATIO_KNOWN` times with tier or switch evidence, else
  `RATIO_BY_PRICE` times. So no chain of steps ever leads back;
* the two are not bought together more than chance: what is bought along does not replace;
* where both carry a numeric `tier`, B's is higher. Where they do not, A and B share the named need or are alike
  (`MIN_SIMILARITY`), and one speaks for B: switch evidence, an attribute that improves (a number that rises, a truth
  that becomes true), or visits that looked at both more than chance, for these without a benefit only where the two
  are so alike (`CLOSE`) that they are the same thing at two prices.

Switch evidence: significantly more customers bought A and on a later day B than by chance, and than the other way.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from scipy.special import betainc

from crosslift.learn.baskets import Baskets
from crosslift.learn.catalog import Catalog
from crosslift.learn.products import likeness
from crosslift.learn.products.covisits import Visits, count_visits, met
from crosslift.learn.products.fitting import FitRule, may_replace
from crosslift.learn.products.links import Links
from crosslift.learn.products.switches import Switches, count_switches
from crosslift.settings import Settings
from crosslift.stats import chance, multiplicity, text
from crosslift.stats.pairs import PairCounts

Ints = npt.NDArray[np.int64]
Items = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
ExpectedOf = Callable[[Items, Items], Floats]

COLUMNS = ("delta_price", "price_from", "price_to", "n_switched", "n_viewed_both", "similarity")

RATIO_BY_PRICE = (1.15, 4.0)
"""Without tier or switch evidence, a step up costs this many times as much: less is the same thing, more another."""

RATIO_KNOWN = (1.0, 10.0)
"""With tier or switch evidence: any dearer price up to this."""

MIN_SIMILARITY = 0.25
"""Products without tiers and named need form a family from this cosine of titles and facts on."""

CLOSE = 0.6
"""What was only looked at together, and is dearer, is a step up from this cosine on."""

MOST_STEPS = 20
"""Steps up kept for one product, the nearest in price first."""


def find_upgrades(
    catalog: Catalog,
    counted: Baskets,
    pairs: PairCounts,
    expected_of: ExpectedOf,
    views: pa.Table,
    settings: Settings,
    rules: Sequence[FitRule] = (),
    histories: Baskets | None = None,
) -> Links:
    """Find the steps up of every product.

    Parameters
    ----------
    counted, pairs, expected_of
        As `substitutes.find_substitutes` takes them.
    views : pa.Table
        identity, product_id, at; may be empty.
    rules : sequence of FitRule
        What `compatibility.find_compatibility` learned.
    histories : Baskets, optional
        Orders that switches are read from; `counted` if not given.

    Returns
    -------
    Links
        Kind "upgrade". A direct step (no other step up lies between) scores above every step of two rungs, and so on;
        among equals, switches, views and likeness decide. Texts {currency, benefits: [{attribute, from, to}],
        tier_from, tier_to, basis: "tier" | "switched" | "benefits" | "viewed"}.
    """
    rows = likeness.vectors(catalog, for_need=True)
    visits = count_visits(views, catalog, settings)
    family = likeness.family_numbers(catalog)
    switches = count_switches(counted if histories is None else histories, family, settings["learn.max_basket_items"])
    source, target = _dearer(catalog, *_candidates(catalog, family, rows, visits, switches))
    source, target, similarity = _of_one_need(catalog, rows, source, target)
    if not len(source):
        return Links("upgrade", source, target, np.zeros(0), dict.fromkeys(COLUMNS, np.zeros(0)), [])
    n_both, _ = met(pairs, source, target, catalog.n_items)
    low, _ = chance.lift_interval(n_both, expected_of(np.minimum(source, target), np.maximum(source, target)))
    free = may_replace(catalog, rules, source, target) & ~(low > 1)
    source, target, similarity = source[free], target[free], similarity[free]
    n_switched, is_switch = _switched(switches, source, target, settings)
    n_viewed, is_viewed = _viewed(visits, source, target, settings)
    basis = [
        _basis(catalog, a, b, float(alike), bool(switched), bool(seen))
        for a, b, alike, switched, seen in zip(
            source.tolist(), target.tolist(), similarity, is_switch, is_viewed, strict=True
        )
    ]
    kept = np.flatnonzero([one is not None for one in basis])
    source, target = source[kept], target[kept]
    columns = {
        "delta_price": catalog.prices[target] - catalog.prices[source],
        "price_from": catalog.prices[source],
        "price_to": catalog.prices[target],
        "n_switched": n_switched[kept].astype(np.float64),
        "n_viewed_both": n_viewed[kept].astype(np.float64),
        "similarity": similarity[kept],
    }
    strength = 0.5 * is_switch[kept] + 0.2 * is_viewed[kept] + 0.3 * similarity[kept]
    rests_on = [{"basis": basis[place]} for place in kept.tolist()]
    near = Links("upgrade", source, target, -catalog.prices[target], {**columns, "strength": strength}, rests_on)
    return _scored(catalog, near.best(MOST_STEPS))


def ladders(catalog: Catalog, links: Links) -> list[list[int]]:
    """Give ordered ladders: from each product that is nobody's step up, along the best direct steps to the top.

    Parameters
    ----------
    links : Links
        From `find_upgrades`.

    Returns
    -------
    list of list of int
        Items, cheapest first, at least two each; in the order of their first item.
    """
    ordered = links.in_order()
    best: dict[int, int] = {}
    for a, b in zip(ordered.sources.tolist(), ordered.targets.tolist(), strict=True):
        best.setdefault(a, b)
    chains = []
    for bottom in sorted(set(best) - set(links.targets.tolist())):
        chain = [bottom]
        while chain[-1] in best:
            chain.append(best[chain[-1]])
        chains.append(chain)
    return chains


def benefits(catalog: Catalog, a: int, b: int) -> list[dict[str, Any]]:
    """Give what changes for the better, or just changes, from a to b: {attribute, from, to}, improvements first.

    Numbers count where they rise, truths where they become true (also where a never had them), other facts where both
    have them and they differ.
    """
    one, other = likeness.facts_of(catalog, a), likeness.facts_of(catalog, b)
    better, changed = [], []
    for key in sorted(other):
        entry = {"attribute": key, "from": one.get(key), "to": other[key]}
        if _improves(one.get(key), other[key]):
            better.append(entry)
        elif key in one and not likeness.values_of(one[key]) & likeness.values_of(other[key]):
            numbers = likeness.as_number(one[key]) is not None and likeness.as_number(other[key]) is not None
            if not numbers and not isinstance(other[key], bool):
                changed.append(entry)
    return better + changed


def _improves(before: Any, after: Any) -> bool:
    """Tell whether a fact gets better as far as one can know: more of a number, or a truth gained."""
    if isinstance(after, bool):
        return after and before in (None, False)
    one, other = likeness.as_number(before), likeness.as_number(after)
    return one is not None and other is not None and other > one


def _candidates(
    catalog: Catalog, family: Ints, rows: text.Rows, visits: Visits, switches: Switches
) -> tuple[Items, Items]:
    """List the pairs of one family that are alike, were looked at in one visit, or were bought one after the other."""
    seen = visits.pairs
    same = (family[seen.first] == family[seen.second]) & (family[seen.first] >= 0)
    alike = likeness.pairs_within(family, rows)
    first = np.concatenate([alike[0], seen.first[same], np.minimum(switches.before, switches.after)])
    second = np.concatenate([alike[1], seen.second[same], np.maximum(switches.before, switches.after)])
    n_items = max(catalog.n_items, 1)
    key = np.unique(first.astype(np.int64) * n_items + second)
    return (key // n_items).astype(np.int32), (key % n_items).astype(np.int32)


def _dearer(catalog: Catalog, first: Items, second: Items) -> tuple[Items, Items]:
    """Point each pair from the cheaper to the dearer; leave out unknown, equal, incomparable and absurd prices."""
    price = catalog.prices
    is_up = price[first] < price[second]
    source, target = np.where(is_up, first, second), np.where(is_up, second, first)
    currencies = np.array([currency or "" for currency in catalog.currencies])
    ratio = np.divide(price[target], price[source], out=np.full(len(source), np.nan), where=price[source] > 0)
    kept = (ratio > RATIO_KNOWN[0]) & (ratio <= RATIO_KNOWN[1]) & (currencies[source] == currencies[target])
    return source[kept], target[kept]


def _of_one_need(catalog: Catalog, rows: text.Rows, source: Items, target: Items) -> tuple[Items, Items, Floats]:
    """Keep the pairs that are alike, have tiers, or have needs by name, and say how alike they are."""
    similarity = text.cosine_of(rows, source, target)
    tiered = np.array([_tier(catalog, item) is not None for item in range(catalog.n_items)], dtype=bool)
    named = np.array([bool(likeness.need_of(catalog, item)) for item in range(catalog.n_items)], dtype=bool)
    kept = (similarity >= MIN_SIMILARITY) | (tiered[source] & tiered[target]) | (named[source] & named[target])
    return source[kept], target[kept], similarity[kept]


def _switched(switches: Switches, source: Items, target: Items, settings: Settings) -> tuple[Ints, Mask]:
    """Count who bought the source and later the target, and test it against chance and against the way back."""
    there, back = switches.count(source, target), switches.count(target, source)
    by_chance = chance.poisson_tail(there, switches.expected(source, target))
    by_direction = np.where(there > 0, betainc(np.maximum(there, 1), back + 1.0, 0.5), 1.0)  # P(X ≥ there | both, ½)
    q_value = multiplicity.adjust(np.maximum(by_chance, by_direction), "bh")
    return there, (q_value <= settings["learn.max_q_value"]) & (there >= settings["learn.min_customers"])


def _viewed(visits: Visits, source: Items, target: Items, settings: Settings) -> tuple[Ints, Mask]:
    """Count the visits that looked at both, and test them against chance."""
    n_viewed, n_people = visits.both(source, target)
    q_value = multiplicity.adjust(visits.p_values(source, target), "bh")
    enough = n_viewed >= settings["learn.min_lift"] * visits.expected(source, target)
    return n_viewed, (
        (q_value <= settings["learn.max_q_value"]) & enough & (n_people >= settings["learn.min_customers"])
    )


def _basis(catalog: Catalog, a: int, b: int, alike: float, switched: bool, seen: bool) -> str | None:
    """Say on what the step from a to b rests; None if it is none."""
    need, other_need = likeness.need_of(catalog, a), likeness.need_of(catalog, b)
    same_need = bool(need & other_need)
    if (need and other_need and not same_need) or not (
        catalog.categories[a] == catalog.categories[b] or same_need or switched
    ):
        return None
    tier, other_tier = _tier(catalog, a), _tier(catalog, b)
    told = tier is not None and other_tier is not None
    if tier is not None and other_tier is not None and other_tier <= tier:
        return None
    ratio = catalog.prices[b] / catalog.prices[a]
    if told:
        return "tier"
    if not (same_need or alike >= MIN_SIMILARITY):
        return None
    if switched:
        return "switched"
    if not RATIO_BY_PRICE[0] <= ratio <= RATIO_BY_PRICE[1]:
        return None
    if any(_improves(entry["from"], entry["to"]) for entry in benefits(catalog, a, b)):
        return "benefits"
    return "viewed" if seen and (same_need or alike >= CLOSE) else None


def _tier(catalog: Catalog, item: int) -> float | None:
    return likeness.as_number(catalog.attributes[item].get("tier"))


def _text(catalog: Catalog, a: int, b: int, basis: str) -> dict[str, Any]:
    return {
        "currency": catalog.currencies[a],
        "benefits": benefits(catalog, a, b),
        "tier_from": _tier(catalog, a),
        "tier_to": _tier(catalog, b),
        "basis": basis,
    }


def _scored(catalog: Catalog, links: Links) -> Links:
    """Score by rung, 1 for a direct step: rung r lies in (1/(r + 1), 1/r], the stronger evidence higher."""
    steps: dict[int, dict[int, int]] = {}
    for a, b in zip(links.sources.tolist(), links.targets.tolist(), strict=True):
        steps.setdefault(a, {})[b] = 1
    for reached in steps.values():  # cheapest target first, as `links` has them: what lies between is done before
        for middle in list(reached):
            for top in steps.get(middle, {}):
                if top in reached:
                    reached[top] = max(reached[top], reached[middle] + 1)
    rung = np.array([steps[a][b] for a, b in zip(links.sources.tolist(), links.targets.tolist(), strict=True)])
    columns = dict(links.columns)
    strength = columns.pop("strength")
    rung = rung.astype(np.float64).reshape(len(links))
    score = 1.0 / (rung + 1.0) + strength * (1.0 / rung - 1.0 / (rung + 1.0))
    rests_on = [told["basis"] for told in links.texts or ()]
    texts = [
        _text(catalog, a, b, basis)
        for a, b, basis in zip(links.sources.tolist(), links.targets.tolist(), rests_on, strict=True)
    ]
    return Links(links.kind, links.sources, links.targets, score, columns, texts).in_order()
