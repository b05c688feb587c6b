"""What can be said of a product nobody has bought yet: what it is like, and what its shelf goes with.

Two sources of candidates, each named so that a shopper's sentence does not claim more than is known: products *alike* in
titles, facts, category and price, and companions by *category*: shelves that people buy from in one basket.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from crosslift.learn.baskets import Baskets
from crosslift.learn.catalog import Catalog
from crosslift.learn.products import likeness
from crosslift.learn.products.compatibility import Compatibility
from crosslift.learn.products.fitting import Judge
from crosslift.learn.products.likeness import same_style
from crosslift.learn.products.links import Links
from crosslift.learn.products.shelves import Shelves, count_shelves
from crosslift.settings import Settings
from crosslift.stats import chance, multiplicity, text

__all__ = ["find_alike", "find_category_companions", "same_style"]

Ints = npt.NDArray[np.int64]
Items = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

MOST_ALIKE = 20
"""Products alike that one product keeps."""

MIN_ALIKE = 0.2
"""Below this cosine two products are not alike in a way one could name."""

SHELVES_EACH, FROM_SHELF, NEW_FROM_SHELF = 8, 6, 2
"""Companion categories of a category; products taken from each, and among them, products nobody has bought yet."""

MOST_COMPANIONS = 20
"""Companions by category that one product keeps."""

BASKETS_PER_CUSTOMER = 3
"""In a test, a pair's customers count for at most this many baskets each on average."""

COMPANION_COLUMNS = ("n_both", "n_a", "expected", "lift", "q_value")

_WORDS_SHOWN, _FACTS_SHOWN = 5, 6
_CHUNK = 500
_RULED = 25  # times as many products are tried where a fit rule will turn most down


def find_alike(catalog: Catalog, settings: Settings) -> Links:
    """Find what is like each product, sold or not, by titles in all languages, facts, category and price.

    Returns
    -------
    Links
        Kind "alike", column similarity (cosine, 0..1), texts {shared: [{attribute, value}], words: [shared words of the
        titles]}. The score takes up to a quarter off where prices differ; an unknown price costs half of that.
    """
    del settings  # like every learner; this one has no knob
    rows = likeness.vectors(catalog)
    near = text.nearest(rows, 2 * MOST_ALIKE)
    source = np.repeat(np.arange(catalog.n_items), np.diff(near.offsets)).astype(np.int32)
    target, similarity = near.ids, near.scores.astype(np.float64)
    kept = similarity >= MIN_ALIKE
    source, target, similarity = source[kept], target[kept], similarity[kept]
    score = similarity * (0.75 + 0.25 * _price_nearness(catalog, source, target))
    found = Links("alike", source, target, score, {"similarity": similarity}).best(MOST_ALIKE)
    words = [_words(catalog, item) for item in range(catalog.n_items)]
    facts = [likeness.described(catalog, item) for item in range(catalog.n_items)]
    texts = [
        {
            "shared": likeness.shared_of(facts[a], facts[b])[:_FACTS_SHOWN],
            "words": sorted(words[a] & words[b], key=lambda word: (-len(word), word))[:_WORDS_SHOWN],
        }
        for a, b in zip(found.sources.tolist(), found.targets.tolist(), strict=True)
    ]
    return Links(found.kind, found.sources, found.targets, found.scores, found.columns, texts)


def find_category_companions(
    catalog: Catalog,
    counted: Baskets,
    settings: Settings,
    compatibility: Compatibility | None = None,
    has_own: Mask | None = None,
) -> Links:
    """Find companions by category: complements of leaf categories, spelled out product by product.

    Two categories are companions as two products are complements (Poisson upper tail, Benjamini-Hochberg over all
    pairs of sold categories, `learn.min_lift`, `learn.min_customers`). From each companion category a product gets
    those most bought, and some that nobody has bought yet, so that new products come up beside old ones; what a fit
    rule or an `excludes` link speaks against is left out, and where a rule applies only what fits comes.

    Parameters
    ----------
    compatibility : Compatibility, optional
        What fits what.
    has_own : bool array, shape (items,), optional
        Products with enough relations of their own; they get companions that nobody has bought yet only.

    Returns
    -------
    Links
        Kind "category_companion"; columns n_both, n_a (baskets with both categories, with the first), expected, lift,
        q_value of the category pair; texts {from_category, to_category}. The score orders by lower bound of the
        lift, then by how much of the other category's sales a product has.
    """
    shelves, n_sold = count_shelves(counted, catalog), counted.item_counts()
    judge = Judge.of(catalog, compatibility.rules if compatibility else ())
    barred = _barred(compatibility, catalog.n_items)
    popularity = _popularity(catalog, shelves.leaf, n_sold)
    is_new = n_sold == 0
    own = np.zeros(catalog.n_items, dtype=bool) if has_own is None else has_own
    parts = [Links.none("category_companion", COMPANION_COLUMNS)]
    for one, other, strength, evidence in _companion_shelves(shelves, settings):
        pool = _pool(np.flatnonzero(shelves.leaf == other), popularity, is_new, judge.speaks(one, other))
        sources = np.flatnonzero(shelves.leaf == one)
        for start in range(0, len(sources), _CHUNK):
            source, target = _all_pairs(sources[start : start + _CHUNK], pool)
            told = judge.ask(source, target)
            kept = (told > 0) if judge.speaks(one, other) else (told >= 0)
            kept &= ~np.isin(source.astype(np.int64) * catalog.n_items + target, barred)
            kept &= ~own[source] | is_new[target]
            source, target = source[kept], target[kept]
            score = strength * (0.5 + 0.5 * popularity[target])
            full = {name: np.full(len(source), value) for name, value in evidence.items()}
            parts += _quota(Links("category_companion", source, target, score, full), is_new)
    found = _joined(parts).best(MOST_COMPANIONS)
    texts = [
        {"from_category": shelves.names[shelves.leaf[a]], "to_category": shelves.names[shelves.leaf[b]]}
        for a, b in zip(found.sources.tolist(), found.targets.tolist(), strict=True)
    ]
    return Links(found.kind, found.sources, found.targets, found.scores, found.columns, texts)


def _all_pairs(first: Ints, second: Ints) -> tuple[Items, Items]:
    return np.repeat(first, len(second)).astype(np.int32), np.tile(second, len(first)).astype(np.int32)


def _companion_shelves(shelves: Shelves, settings: Settings) -> Iterator[tuple[int, int, float, dict[str, float]]]:
    """Give companion categories both ways: from, to, strength in 0..1 and evidence; the best of each `from`."""
    n_both, expected = shelves.n_both, shelves.expected
    effective = np.minimum(n_both, BASKETS_PER_CUSTOMER * shelves.n_customers)
    q_value = multiplicity.adjust(chance.poisson_tail(effective, expected), "bh")
    low, _ = chance.lift_interval(n_both, expected)
    with np.errstate(invalid="ignore"):
        holds = (q_value <= settings["learn.max_q_value"]) & (effective >= settings["learn.min_lift"] * expected)
        holds &= (shelves.n_customers >= settings["learn.min_customers"]) & (low > 1)
    places = np.flatnonzero(holds)
    one = np.concatenate([shelves.first[places], shelves.second[places]])
    other = np.concatenate([shelves.second[places], shelves.first[places]])
    ranked = Links("shelves", one, other, np.tile(low[places], 2), {"place": np.tile(places, 2)}).best(SHELVES_EACH)
    for a, b, bound, place in zip(
        ranked.sources.tolist(),
        ranked.targets.tolist(),
        ranked.scores.tolist(),
        ranked.columns["place"].tolist(),
        strict=True,
    ):
        told = (
            n_both[place],
            shelves.n_baskets_with[a],
            expected[place],
            n_both[place] / expected[place],
            q_value[place],
        )
        yield a, b, bound / (1.0 + bound), dict(zip(COMPANION_COLUMNS, map(float, told), strict=True))


def _popularity(catalog: Catalog, leaf: Ints, n_sold: Ints) -> Floats:
    """Give each product's sales relative to the best of its shelf; what nobody bought yet borrows from what it is like."""
    best = np.zeros(int(leaf.max(initial=-1)) + 2)
    np.maximum.at(best, leaf, n_sold.astype(np.float64))
    own = np.divide(n_sold, best[leaf], out=np.zeros(len(n_sold)), where=best[leaf] > 0)
    rows = likeness.vectors(catalog)
    near = text.nearest(rows, MOST_ALIKE)
    source = np.repeat(np.arange(catalog.n_items), np.diff(near.offsets))
    usable = (leaf[source] == leaf[near.ids]) & (n_sold[near.ids] > 0)
    source, target, alike = source[usable], near.ids[usable], near.scores[usable].astype(np.float64)
    weight = np.bincount(source, alike, minlength=catalog.n_items)
    borrowed = np.bincount(source, alike * alike * own[target], minlength=catalog.n_items)
    borrowed = np.divide(borrowed, weight, out=np.zeros(catalog.n_items), where=weight > 0)
    return np.where(n_sold > 0, own, borrowed)


def _pool(shelf: Ints, popularity: Floats, is_new: Mask, is_ruled: bool) -> Ints:
    """Choose what a shelf can give: its best, and the best of what nobody bought yet; more where much will not fit."""
    widely = _RULED if is_ruled else 1
    order = shelf[np.lexsort((shelf, -popularity[shelf]))]
    return np.concatenate(
        [order[~is_new[order]][: FROM_SHELF * widely], order[is_new[order]][: NEW_FROM_SHELF * widely]]
    )


def _quota(links: Links, is_new: Mask) -> list[Links]:
    """Keep each source's best of the sold and of the new."""
    new = is_new[links.targets]
    return [links.take(~new).best(FROM_SHELF), links.take(new).best(NEW_FROM_SHELF)]


def _barred(compatibility: Compatibility | None, n_items: int) -> Ints:
    """Number the pairs never to propose: what does not fit, and what is in the box already."""
    if compatibility is None:
        return np.zeros(0, np.int64)
    links = (compatibility.excludes, compatibility.included)
    return np.concatenate([one.sources.astype(np.int64) * n_items + one.targets for one in links])


def _joined(parts: Sequence[Links]) -> Links:
    first = parts[0]
    columns = {name: np.concatenate([part.columns[name] for part in parts]) for name in first.columns}
    return Links(
        first.kind,
        np.concatenate([part.sources for part in parts]),
        np.concatenate([part.targets for part in parts]),
        np.concatenate([part.scores for part in parts]),
        columns,
    )


def _price_nearness(catalog: Catalog, first: Items, second: Items) -> Floats:
    """Give 1 for equal prices, falling with their ratio; one half where a price or a common currency is missing."""
    currencies = np.array([currency or "" for currency in catalog.currencies])
    one, other = catalog.prices[first], catalog.prices[second]
    known = (one > 0) & (other > 0) & (currencies[first] == currencies[second])
    ratio = np.divide(one, other, out=np.ones(len(first)), where=known)
    return np.where(known, np.exp(-np.abs(np.log(ratio))), 0.5)


def _words(catalog: Catalog, item: int) -> frozenset[str]:
    """Give the words of all titles that have at least two characters and are no number."""
    words = {word for title in catalog.titles[item].values() for word in text.normalize(title).split()}
    return frozenset(word for word in words if len(word) > 1 and not word.isnumeric())
