"""Of each kind of relation that is true in the demo shop: how much is found, and how much of what is found is true.

The truth is counted over fifty sister shops (`testing.demo.truth`); what one shop can show of it is *findable*. Shop 7, the
demo that everybody sees, was looked at while it was settled what counts as true. So the floors stand where another shop
(seed 19) holds them with a margin, and a third one, which nobody had looked at then, is asked as well (`long`).

Read beside the numbers:

- `apart`: what serves one need is told as a substitute, not as a pair to keep apart; a pair that never meets counts as
  found where a substitute, a wrong fit or a proposal, of the pair or of groups it belongs to, says so. Precision is that of
  the proposals of pairs alone. What a proposal alone could say (`check_apart`) are the few pairs that nothing else tells.
- `upgrade`: climbing two rungs at once is a step up as well; the first link of each product should be the next rung. By
  design only products with a tier stand on a ladder; of steps between others (a larger server) nothing is said.
- `refill`: true is what is used up and bought again in the sister shops; sought is what runs out by design.
- `content`: what readers bought, also where the merchant or the page's product names it first; a page needs no link to the
  product that it is about.
- Seasons: the demo plants products that sell in some months; how strongly two of them belong together does not change
  with the month. Planted seasons of relations are measured in `simulation/test_learn_conditions.py`.
"""

from collections.abc import Callable, Iterator, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from crosslift.learn.baskets import from_lines
from crosslift.learn.products.complements import count
from crosslift.shop import Shop
from crosslift.stats.chance import StrataCounts, poisson_tail
from crosslift.store import snapshot
from crosslift.testing.demo.catalog import CATALOG, PLACE
from crosslift.testing.demo.item import Item
from crosslift.testing.demo.relations import PATHS
from crosslift.testing.demo.truth import Truth, load_truth

SEED, OTHER_SEEDS = 7, (19, 31)
FLOORS = {
    "complement": (0.95, 0.95), "sequence": (0.85, 0.65), "substitute": (0.95, 0.90), "upgrade": (0.95, 0.95),
    "refill": (0.90, 0.90), "required": (0.95, 0.95), "apart": (0.95, 0.95), "held": (0.85, 0.85),
    "searched": (0.95, 0.88), "content": (0.90, 0.80),
}  # fmt: skip
"""Least precision and recall by kind. Where few are found or sought (six sequences, seven pairs held) one more mistake than in
shop 19 must fit in; of the few pairs to keep apart none is false in any shop."""

COVERED = 0.75
"""Least share of intervals that hold the true median: 95 % are meant to, of only six to fourteen."""


@dataclass(frozen=True, slots=True)
class Learned:
    """The links of a published snapshot by the ids of their ends, and what it was learned from."""

    name: str
    links: dict[str, dict[tuple[str, str], dict[str, Any]]]
    complements: frozenset[frozenset[str]]
    months: tuple[int, ...]
    shop: Shop

    def ends(self, kind: str, **texts: Any) -> set[tuple[str, str]]:
        """Give (source, target) of a kind, of those with some texts only."""
        rows = self.links[kind].items()
        return {ends for ends, row in rows if all(row[key] == value for key, value in texts.items())}

    def pairs(self, kind: str) -> set[frozenset[str]]:
        """Give the pairs of a kind that holds both ways."""
        return unordered(self.links[kind])


def learned_by(shop: Shop, name: str) -> Learned:
    """Read what a shop has published."""
    known = shop.knowledge
    texts = snapshot.load(shop.snapshot_folder, known.snapshot_id).texts
    links: dict[str, dict[tuple[str, str], dict[str, Any]]] = {}
    for kind, about in texts["link_kinds"].items():
        table, sources = known.links(kind), about["keys"] or known.products
        links[kind] = {
            (source, known.products[int(table.ids[row])]): {**table.evidence(row), "place": place}
            for number, source in enumerate(sources)
            for place, row in enumerate(table.rows_of(number))
        }
    edges = {(known.products[a], known.products[int(b)]) for a in range(known.n_items) for b in known.edges_of(a)[0]}
    return Learned(name, links, frozenset(unordered(edges)), tuple(known.pair_months), shop)


@pytest.fixture(scope="module")
def demo(demo_home) -> Iterator[Learned]:
    with Shop(demo_home) as shop:
        yield learned_by(shop, f"shop {SEED}")


@pytest.fixture(scope="module", params=(SEED, *OTHER_SEEDS))
def each(request, run_crosslift, once) -> Iterator[Learned]:
    """The demo shop and others by the same door: files written, collected, learned."""
    seed = request.param

    def build(home: Path) -> None:
        run_crosslift("--home", home, "demo", "--once", "--json", "--seed", seed, check=0)

    home = request.getfixturevalue("demo_home") if seed == SEED else once(f"demo-{seed}", build)
    with Shop(home) as shop:
        yield learned_by(shop, f"shop {seed}")


@dataclass(frozen=True, slots=True)
class Recovery:
    """How many found links are true, and how many of those sought are found; `n_elsewhere` of these as another kind only."""

    kind: str
    n_found: int
    n_right: int
    n_sought: int
    n_recovered: int
    n_elsewhere: int = 0

    @property
    def precision(self) -> float:
        return self.n_right / self.n_found if self.n_found else float("nan")

    @property
    def recall(self) -> float:
        return self.n_recovered / self.n_sought

    def __str__(self) -> str:
        elsewhere = f", {self.n_elsewhere} of them as another kind" if self.n_elsewhere else ""
        return (
            f"{self.kind}: precision {self.precision:.3f} ({self.n_right}/{self.n_found}), "
            f"recall {self.recall:.3f} ({self.n_recovered}/{self.n_sought}{elsewhere})"
        )


def compare(kind: str, found: Set[Any], true: Set[Any], sought: Set[Any], told: Set[Any] = frozenset()) -> Recovery:
    """Count; what is sought also counts as recovered where it is `told` as something else."""
    recovered = sought & (found | told)
    return Recovery(kind, len(found), len(found & true), len(sought), len(recovered), len(recovered - found))


def complements(learned: Learned, truth: Truth) -> Recovery:
    sought = [pair for pair in truth.pairs if pair.is_findable]
    return compare("complement", learned.complements, unordered(truth.pairs), unordered(sought))


def sequences(learned: Learned, truth: Truth) -> Recovery:
    sought = [row for row in truth.sequences if row.is_findable]
    return compare("sequence", learned.ends("sequence"), ordered(truth.sequences), ordered(sought))


def substitutes(learned: Learned, truth: Truth) -> Recovery:
    sought = [row for row in truth.substitutes if row.is_findable]
    return compare("substitute", learned.pairs("substitute"), unordered(truth.substitutes), unordered(sought))


def upgrades(learned: Learned, truth: Truth) -> Recovery:
    found = {ends for ends in learned.ends("upgrade") if on_ladder(ends)}
    steps, climbed = ordered(truth.upgrades), ordered(truth.upgrades)
    while more := {(low, top) for low, middle in climbed for rung, top in steps if middle == rung} - climbed:
        climbed |= more
    sought = [row for row in truth.upgrades if row.is_findable]
    return compare("upgrade", found, climbed, ordered(sought))


def on_ladder(ends: tuple[str, str]) -> bool:
    return all("tier" in CATALOG[PLACE[end]].attributes for end in ends)


def refills(learned: Learned, truth: Truth) -> Recovery:
    found = {product for product, again in learned.ends("refill", basis="learned") if product == again}
    sought = {row.product for row in truth.refills if row.is_designed and row.is_findable}
    return compare("refill", found, {row.product for row in truth.refills}, sought)


def needs(learned: Learned, truth: Truth) -> Recovery:
    return compare("required", learned.ends("required"), set(truth.needs), set(truth.needs))


def apart(learned: Learned, truth: Truth) -> Recovery:
    sought = [row for row in truth.apart if row.is_findable]
    told = learned.pairs("substitute") | learned.pairs("excludes") | frozenset().union(*grouped(learned))
    return compare("apart", learned.pairs("apart"), unordered(truth.apart), unordered(sought), told)


def grouped(learned: Learned) -> list[set[frozenset[str]]]:
    """Give, of each proposal to keep two groups apart, the pairs of products it speaks of."""
    return [
        {
            frozenset((one.product_id, other.product_id))
            for one in members(said["category"], said["attribute"], said["value"])
            for other in members(said["other_category"], said["attribute"], said["other_value"])
        }
        for said in learned.shop.learning_report()["proposals"]["apart_categories"]
    ]


def members(category: str, attribute: str | None, value: str | None) -> list[Item]:
    inside = [item for item in CATALOG if item.category == category]
    return [item for item in inside if attribute is None or str(item.attributes.get(attribute)) == value]


def held(learned: Learned, truth: Truth) -> Recovery:
    sought = [row for row in truth.held if row.is_findable]
    return compare("held", learned.pairs("held"), unordered(truth.held), unordered(sought))


def searched(learned: Learned, truth: Truth) -> Recovery:
    true, sought = answers(truth.searched)
    return compare("searched", learned.ends("searched"), true, sought)


def content(learned: Learned, truth: Truth) -> Recovery:
    true, sought = answers(truth.content)
    rows = learned.links["content"].items()
    about = {(page, row["product"]) for (page, _), row in rows}
    return compare("content", {ends for ends, row in rows if row["n_bought"] is not None}, true, sought - about)


def answers(rows: tuple[Any, ...]) -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
    """Give what follows a search or a page, and what of it can be found."""
    return {(row.key, row.product) for row in rows}, {(row.key, row.product) for row in rows if row.is_findable}


def unordered(rows: Any) -> set[frozenset[str]]:
    return {frozenset(row if isinstance(row, tuple) else (row.first, row.second)) for row in rows}


def ordered(rows: Any) -> set[tuple[str, str]]:
    return {(row.first, row.then) for row in rows}


KINDS: dict[str, Callable[[Learned, Truth], Recovery]] = {
    "complement": complements, "sequence": sequences, "substitute": substitutes, "upgrade": upgrades,
    "refill": refills, "required": needs, "apart": apart, "held": held, "searched": searched, "content": content,
}  # fmt: skip


def check_kind(learned: Learned, kind: str) -> None:
    recovery = KINDS[kind](learned, load_truth())
    print(f"{learned.name} {recovery}")
    least_precision, least_recall = FLOORS[kind]
    assert recovery.precision >= least_precision, str(recovery)
    assert recovery.recall >= least_recall, str(recovery)


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_found_of_a_kind_is_true_and_what_can_be_found_is_found(demo, kind):
    check_kind(demo, kind)


@pytest.mark.long
@pytest.mark.parametrize("kind", KINDS)
def test_so_it_is_in_each_shop(each, kind):
    check_kind(each, kind)


def check_first_steps(learned: Learned) -> None:
    steps = ordered(load_truth().upgrades)
    links = learned.links["upgrade"]
    first = {ends for ends, row in links.items() if row["place"] == 0 and on_ladder(ends)}
    right, climbers = len(first & steps), {low for low, _ in steps}
    told = (
        f"{learned.name} upgrade: first link is the next step {right}/{len(first)}, "
        f"links without tiers {sum(not on_ladder(ends) for ends in links)}/{len(links)}"
    )
    print(told)
    assert right >= 0.9 * len(first), told
    assert {low for low, _ in first} >= climbers, f"no step up from {sorted(climbers - {low for low, _ in first})}"


def check_lags(learned: Learned) -> None:
    """One lag is that of all who come back, as the sentence says; the other of the excess: those whom the path sends."""
    planted = {(path.first, path.then): path.median_days for path in PATHS}
    counted = {(row.first, row.then): row.lag_median for row in load_truth().sequences if row.kind == "planted"}
    found = {ends: row for ends, row in learned.links["sequence"].items() if ends in counted}
    right = sum(row["median_low"] <= counted[ends] <= row["median_high"] for ends, row in found.items())
    paths = [ends for ends in found if ends in planted]
    mixed = sum(found[ends]["median_low"] <= planted[ends] <= found[ends]["median_high"] for ends in paths)
    by_design = sum(found[ends]["excess_low"] <= planted[ends] <= found[ends]["excess_high"] for ends in paths)
    told = (
        f"{learned.name} lags: interval holds the median of all who come back {right}/{len(found)}; that of the excess holds "
        f"the planted one {by_design}/{len(paths)} (that of all {mixed}/{len(paths)})"
    )
    print(told)
    assert right >= COVERED * len(found), told
    assert by_design >= COVERED * len(paths), told


def check_intervals(learned: Learned) -> None:
    rows = [row for row in load_truth().refills if row.is_designed]
    known = learned.links["refill"]
    right = {
        row.product
        for row in rows
        if (found := known.get((row.product, row.product)))
        and found["median_low"] <= row.designed_days <= found["median_high"]
    }
    regular = {row.product for row in rows if row.is_regular}
    told = (
        f"{learned.name} refill: interval holds the designed days, of regular products "
        f"{len(right & regular)}/{len(regular)}, of all {len(right)}/{len(rows)}"
    )
    print(told)
    assert len(right & regular) >= COVERED * len(regular), told


def check_apart(learned: Learned) -> None:
    """Proposals of pairs and of groups, against the pairs that nothing else tells; right is who shares a need or misfits."""
    truth = load_truth()
    never = unordered(truth.apart) | {
        frozenset((one.product_id, other.product_id))
        for one in CATALOG
        for other in CATALOG
        if one.need and one.need == other.need and one != other
    }
    proposed, groups = learned.pairs("apart"), grouped(learned)
    told = learned.pairs("substitute") | learned.pairs("excludes")
    left = unordered([row for row in truth.apart if row.is_findable]) - told
    right = [pairs for pairs in groups if pairs <= never]
    said = (
        f"{learned.name} apart: proposals of pairs right {len(proposed & never)}/{len(proposed)}, of groups "
        f"{len(right)}/{len(groups)}; of the pairs that nothing else tells {len(left & proposed)}/{len(left)} are proposed, "
        f"{len(left & proposed.union(*groups))}/{len(left)} with those in proposed groups"
    )
    print(said)
    assert proposed <= never, said
    assert len(right) == len(groups), said
    assert left <= proposed.union(*groups), said


def check_seasons(learned: Learned) -> None:
    rows = [row for row in load_truth().seasons if row.is_findable]
    baskets = from_lines(learned.shop.cleaned().lines)
    place = {name: number for number, name in enumerate(baskets.products)}
    month = baskets.at.astype("datetime64[us]").astype("datetime64[M]").astype(np.int64) % 12 + 1
    counted = {
        months: count(baskets.take(~np.isin(month, months)), learned.shop.settings)
        for months in {row.months for row in rows}
    }
    holds = []
    for row in rows:
        outside, pairs = counted[row.months]
        ends = np.array([[place[row.first]], [place[row.second]]], np.int32)
        first, second = ends.min(axis=0), ends.max(axis=0)
        one = StrataCounts.of(outside.items, outside.offsets, outside.n_items, np.zeros(outside.n_baskets, np.int64))
        met = pairs.n_both[(pairs.first == first) & (pairs.second == second)].sum()
        expected = one.expected(first, second)
        holds.append(met >= 1.2 * expected[0] and poisson_tail(np.array([met]), expected)[0] <= 0.05)
    found = sum(pair in learned.complements for pair in unordered(rows))
    claimed = sum(mask >= 0 for mask in learned.months)
    told = (
        f"{learned.name} seasons: pairs that sell in season found {found}/{len(rows)}, related out of season as well "
        f"{sum(holds)}/{len(rows)}, relations called seasonal {claimed}/{len(learned.months)}"
    )
    print(told)
    assert found >= 0.9 * len(rows), told
    assert claimed <= len(rows) - sum(holds) + 0.01 * len(learned.months), told


CHECKS = (check_first_steps, check_lags, check_intervals, check_apart, check_seasons)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__.removeprefix("check_"))
def test_what_links_say_is_true(demo, check):
    check(demo)


@pytest.mark.long
@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__.removeprefix("check_"))
def test_what_links_say_is_true_in_each_shop(each, check):
    check(each)
