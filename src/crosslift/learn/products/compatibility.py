"""What fits what, what it cannot do without, and what is in the box already: written down, or learned as rules.

Sources, the first that speaks wins:

1. **curated** rows of the links table, kinds `required`, `fits`, `excludes`, `included`. Either end may be a product,
   ``*`` (all) or ``category:<path>`` (that path and all below). Action ``ban`` takes a pair out of a kind instead;
   expired rows do not count.
2. **rules of the catalog**, in attributes of a product:

   * ``requires``: ``{"category": "pour-over/filters", "match": "filter_size"}``, a product id, or a list of these. Every
     product under the category whose `match` attribute agrees is one that serves; those that differ are excluded.
     ``match`` may be left out (any product of the category serves) or name two keys, ``{"model": "for_model"}``: the own
     and the other's.
   * ``fits``: product ids this one fits. The list is complete for the leaf categories it names: other products of
     these are excluded.
   * ``includes``: product ids in the box.
3. **learned** rules (`fitting`): two leaf categories and an attribute that must agree. They speak for all products of
   both, also those never sold. `required` is mined only where a rule holds *and* nearly every buyer of a product holds
   something that fits it.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from scipy import sparse
from scipy.special import betaincinv

from crosslift.errors import BadInput
from crosslift.learn.baskets import Baskets
from crosslift.learn.catalog import Catalog
from crosslift.learn.products import likeness
from crosslift.learn.products.covisits import met
from crosslift.learn.products.fitting import FitRule, Judge, learn_rules
from crosslift.learn.products.links import Links
from crosslift.settings import Settings
from crosslift.stats.pairs import PairCounts

Items = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]
ExpectedOf = Callable[[Items, Items], Floats]
Pair = tuple[int, int]

KINDS = ("required", "fits", "excludes", "included")
BASES = ("curated", "rule", "mined")
_HEARD = ("excludes", "included", "required", "fits")  # the careful ones first
_AGAINST = {
    "fits": ("excludes",), "excludes": ("fits",), "required": ("excludes", "included"), "included": ("required",),
}  # fmt: skip

REQUIRED_SHARE = 0.8
"""A product is mined as needing another where at least this share of its buyers hold a fitting one; a lower bound."""

MIN_BUYERS = 20
"""Fewer buyers prove no need."""

MOST_LISTED = 1_500
"""Products of a category, most bought first, whose pairs a learned rule spells out; for others ask `fitting.Judge`."""

MOST_PAIRS = 50_000
"""Pairs of each kind that one learned rule spells out, most bought first."""

MOST_EXPANDED = 2_000_000
"""A curated row may stand for this many pairs."""


@dataclass(frozen=True, slots=True)
class Compatibility:
    """What is known of fitting; no pair is in both `fits` and `excludes`, which hold in both directions.

    Attributes
    ----------
    required : Links
        From a product to each that serves its need; columns n_both (its buyers who hold one that serves), n_a (its
        buyers), nan where nobody known bought it. Texts {basis, attribute, value, reason}.
    fits, excludes, included : Links
        Columns n_both, expected (baskets with both, and by chance); texts {basis, attribute, value, other_value, reason}.
        `included` leads from a product to what is in its box.
    rules : tuple of FitRule
        Learned; they also speak for pairs that are not listed.
    """

    required: Links
    fits: Links
    excludes: Links
    included: Links
    rules: tuple[FitRule, ...]


@dataclass(slots=True)
class _Said:
    """Pairs by kind with their reasons; the first that speaks of a pair stays."""

    pairs: dict[str, dict[Pair, dict[str, Any]]] = field(default_factory=lambda: {kind: {} for kind in KINDS})
    banned: set[tuple[str, Pair]] = field(default_factory=set)

    def say(self, kind: str, a: int, b: int, **why: Any) -> None:
        """Note a pair (`fits` and `excludes` both ways) unless somebody before said otherwise."""
        if a == b:
            return
        text = {"basis": None, "attribute": None, "value": None, "other_value": None, "reason": None, **why}
        for pair in ((a, b), (b, a)) if kind in ("fits", "excludes") else ((a, b),):
            if (kind, pair) not in self.banned and not any(
                pair in self.pairs[other] for other in _AGAINST.get(kind, ())
            ):
                self.pairs[kind].setdefault(pair, text)
        if kind == "required" and (a, b) in self.pairs[kind]:  # what serves a need fits
            self.say("fits", a, b, **why)


def find_compatibility(
    catalog: Catalog,
    counted: Baskets,
    pairs: PairCounts,
    expected_of: ExpectedOf,
    links: pa.Table,
    settings: Settings,
) -> Compatibility:
    """Gather what fits, what is needed and what is included, from what was written and what the baskets say.

    Parameters
    ----------
    counted, pairs, expected_of
        As `substitutes.find_substitutes` takes them.
    links : pa.Table
        from_id, to_id, kind, action, reason, expires_at; may be empty. Ids the catalog does not know are passed over.

    Raises
    ------
    BadInput
        If a curated row stands for more than `MOST_EXPANDED` pairs.
    """
    said = _Said()
    now = int(counted.at.max()) if counted.n_baskets else 0
    _hear_curated(said, catalog, links, now)
    _hear_catalog(said, catalog)
    rules = learn_rules(catalog, counted, pairs, expected_of, settings)
    judge = Judge.of(catalog, rules)
    for rule in rules:
        _hear_rule(said, catalog, counted, rule, judge)
    holders = _Holders.of(counted)
    _mine_required(said, catalog, holders, rules)
    fits, excludes, included = (
        _with_counts(kind, said.pairs[kind], pairs, expected_of, catalog.n_items) for kind in KINDS[1:]
    )
    return Compatibility(_required(said.pairs["required"], holders), fits, excludes, included, rules)


def _hear_curated(said: _Said, catalog: Catalog, links: pa.Table, now: int) -> None:
    """Take the merchant's rows, bans first: they also hold against what is learned."""
    rows = [
        row
        for row in links.to_pylist()
        if row["kind"] in KINDS and not (row.get("expires_at") is not None and row["expires_at"] <= now)
    ]
    index = catalog.index
    for row in sorted(rows, key=lambda one: (one.get("action") != "ban", _HEARD.index(one["kind"]))):
        for a, b in _expand(catalog, index, row):
            if row.get("action") == "ban":
                both = ((a, b), (b, a)) if row["kind"] in ("fits", "excludes") else ((a, b),)
                said.banned |= {(row["kind"], pair) for pair in both}
            else:
                said.say(row["kind"], a, b, basis="curated", value=row.get("value"), reason=row.get("reason"))


def _expand(catalog: Catalog, index: Mapping[str, int], row: Mapping[str, Any]) -> Iterator[Pair]:
    """Give the pairs a curated row stands for."""
    one, other = (_named(catalog, index, row[end]) for end in ("from_id", "to_id"))
    if len(one) * len(other) > MOST_EXPANDED:
        raise BadInput(
            f"the {row['kind']} link from {row['from_id']!r} to {row['to_id']!r} stands for {len(one) * len(other):,} pairs, "
            f"at most {MOST_EXPANDED:,} are possible; name a narrower category, or write the rule as an attribute"
        )
    return ((a, b) for a in one for b in other)


def _named(catalog: Catalog, index: Mapping[str, int], name: str) -> list[int]:
    """Give the products an end of a link names."""
    if name == "*":
        return list(range(catalog.n_items))
    if name.startswith("category:"):
        return _under(catalog, name.removeprefix("category:"))
    return [index[name]] if name in index else []


def _under(catalog: Catalog, path: str) -> list[int]:
    """Give the products of a category and of all below it."""
    wanted = [step.strip() for step in path.split("/") if step.strip()]
    return [
        item
        for item, category in enumerate(catalog.categories)
        if category and wanted and [step.strip() for step in category.split("/")][: len(wanted)] == wanted
    ]


def _hear_catalog(said: _Said, catalog: Catalog) -> None:
    """Take the rules that products carry in their attributes."""
    index = catalog.index
    leaf, _ = likeness.leaf_numbers(catalog)
    for item, facts in enumerate(catalog.attributes):
        for one in _listed(facts.get("includes")):
            if one in index:
                said.say("included", item, index[one], basis="rule", attribute="includes")
        fitting = [index[one] for one in _listed(facts.get("fits")) if one in index]
        for other in fitting:
            said.say("fits", item, other, basis="rule", attribute="fits")
        rivals = np.isin(leaf, [leaf[other] for other in fitting if leaf[other] >= 0])
        for other in sorted({*np.flatnonzero(rivals).tolist()} - {*fitting, item}):
            if leaf[other] != leaf[item]:
                said.say("excludes", item, other, basis="rule", attribute="fits")
        for need in _listed(facts.get("requires")):
            _hear_need(said, catalog, index, item, need)


def _hear_need(said: _Said, catalog: Catalog, index: Mapping[str, int], item: int, need: Any) -> None:
    """Take one entry of `requires`."""
    if not isinstance(need, Mapping):
        if need in index:
            said.say("required", item, index[need], basis="rule", attribute="requires")
        return
    match = need.get("match")
    own, other_key = next(iter(match.items())) if isinstance(match, Mapping) and match else (match, match)
    mine = catalog.attributes[item].get(own) if own else None
    for other in _under(catalog, str(need.get("category") or "")):
        theirs = catalog.attributes[other].get(other_key) if other_key else None
        why = {"basis": "rule", "attribute": own, "value": mine, "other_value": theirs, "reason": need.get("reason")}
        if own is None or likeness.values_of(mine) & likeness.values_of(theirs):
            said.say("required", item, other, **why)
        elif likeness.values_of(mine) and likeness.values_of(theirs):
            said.say("excludes", item, other, **why)


def _listed(value: Any) -> list[Any]:
    """Read one entry or several, also written as JSON text (as CSV columns come)."""
    if isinstance(value, str) and value.strip()[:1] in ("[", "{"):
        try:
            value = json.loads(value)
        except ValueError:
            return []
    if value is None or value == "":
        return []
    return list(value) if isinstance(value, list | tuple) else [value]


def _hear_rule(said: _Said, catalog: Catalog, counted: Baskets, rule: FitRule, judge: Judge) -> None:
    """Spell a learned rule out for all pairs of its categories."""
    leaf, names = likeness.leaf_numbers(catalog)
    n_sold = counted.item_counts()
    sides = []
    for name in (rule.category, rule.other_category):
        items = [
            i for i in np.flatnonzero(leaf == names.index(name)).tolist() if rule.attribute in catalog.attributes[i]
        ]
        sides.append(np.array(sorted(items, key=lambda item: (-n_sold[item], item))[:MOST_LISTED], dtype=np.int32))
    row, column = (grid.ravel() for grid in np.meshgrid(*sides, indexing="ij"))
    apart = row < column if rule.category == rule.other_category else row != column
    row, column = row[apart], column[apart]
    told = judge.ask(row, column)
    order = np.argsort(-np.minimum(n_sold[row], n_sold[column]), kind="stable")
    for kind, is_so in (("fits", told > 0), ("excludes", told < 0)):
        places = order[is_so[order]][:MOST_PAIRS]
        for a, b in zip(row[places].tolist(), column[places].tolist(), strict=True):
            mine, theirs = (catalog.attributes[item][rule.attribute] for item in (a, b))
            said.say(kind, a, b, basis="mined", attribute=rule.attribute, value=mine, other_value=theirs)


@dataclass(frozen=True, slots=True)
class _Holders:
    """Which known customers ever bought what: customers × items, 0 or 1, by column."""

    held: sparse.csc_array

    @classmethod
    def of(cls, counted: Baskets) -> "_Holders":
        """Gather purchases over time; orders without a customer tell nothing of who holds what."""
        who = np.repeat(np.where(counted.known, counted.customers, -1), counted.sizes)
        known = who >= 0
        numbers, row = np.unique(who[known], return_inverse=True)
        cells = (np.ones(int(known.sum()), dtype=np.int8), (row, counted.items[known]))
        held = sparse.coo_array(cells, shape=(len(numbers), counted.n_items)).tocsc()
        held.data[:] = 1
        return cls(held)

    def buyers(self, item: int) -> npt.NDArray[np.int32]:
        """Give the customers who bought a product."""
        return self.held.indices[self.held.indptr[item] : self.held.indptr[item + 1]]

    def share(self, item: int, serving: list[int]) -> tuple[int, int]:
        """Give how many buyers of a product hold something that serves, and all its buyers."""
        buyers = self.buyers(item)
        have = np.zeros(self.held.shape[0], dtype=bool)
        for other in serving:
            have[self.buyers(other)] = True
        return int(have[buyers].sum()), len(buyers)


def _mine_required(said: _Said, catalog: Catalog, holders: _Holders, rules: tuple[FitRule, ...]) -> None:
    """Call the dependent side of a rule needed where nearly all buyers hold something of it that fits."""
    leaf, names = likeness.leaf_numbers(catalog)
    for rule in rules:
        one, other = names.index(rule.category), names.index(rule.other_category)
        if one == other:
            continue
        serving: dict[int, list[int]] = {}
        for (a, b), why in said.pairs["fits"].items():
            if leaf[a] == one and leaf[b] == other and why["attribute"] == rule.attribute:
                serving.setdefault(a, []).append(b)
        for item, those in sorted(serving.items()):
            n_have, n_buyers = holders.share(item, those)
            if n_buyers >= MIN_BUYERS and betaincinv(max(n_have, 0.5), n_buyers - n_have + 1, 0.025) >= REQUIRED_SHARE:
                value = catalog.attributes[item].get(rule.attribute)
                for product in those:
                    said.say("required", item, product, basis="mined", attribute=rule.attribute, value=value)


def _required(told: dict[Pair, dict[str, Any]], holders: _Holders) -> Links:
    """Give the needs with the share of buyers who hold what serves; the one most of them hold goes first."""
    groups: dict[tuple[int, str, str | None], list[int]] = {}
    for (a, b), why in told.items():
        groups.setdefault((a, why["basis"], why["attribute"] if why["basis"] != "curated" else str(b)), []).append(b)
    rows = []
    for (a, basis, _), those in sorted(groups.items(), key=lambda one: (one[0][0], BASES.index(one[0][1]), one[1])):
        n_have, n_buyers = holders.share(a, those)
        for b in those:
            n_own, _ = holders.share(a, [b])
            score = {"curated": 0.75, "rule": 0.5, "mined": 0.25}[basis] + 0.25 * n_own / max(n_buyers, 1)
            rows.append((a, b, score, n_have if n_buyers else np.nan, n_buyers if n_buyers else np.nan))
    table = np.array(rows, dtype=np.float64).reshape(-1, 5)
    sources, targets = table[:, 0].astype(np.int32), table[:, 1].astype(np.int32)
    told_of = zip(sources.tolist(), targets.tolist(), strict=True)
    texts = [{key: told[pair][key] for key in ("basis", "attribute", "value", "reason")} for pair in told_of]
    columns = {"n_both": table[:, 3], "n_a": table[:, 4]}
    return Links("required", sources, targets, table[:, 2], columns, texts).in_order()


def _with_counts(
    kind: str, told: dict[Pair, dict[str, Any]], pairs: PairCounts, expected_of: ExpectedOf, n_items: int
) -> Links:
    """Give links with the baskets behind them; what was bought together most, for its popularity, goes first."""
    ends = np.array(sorted(told), dtype=np.int32).reshape(-1, 2)
    first, second = ends[:, 0], ends[:, 1]
    texts = [told[a, b] for a, b in zip(first.tolist(), second.tolist(), strict=True)]
    if not len(first):
        return Links(kind, first, second, np.zeros(0), {"n_both": np.zeros(0), "expected": np.zeros(0)}, texts)
    n_both, _ = met(pairs, first, second, n_items)
    expected = expected_of(np.minimum(first, second), np.maximum(first, second))
    score = np.ones(len(first)) if kind != "fits" else (1.0 + n_both) / (2.0 + n_both + expected)
    return Links(
        kind, first, second, score, {"n_both": n_both.astype(np.float64), "expected": expected}, texts
    ).in_order()
