"""People who behave alike, found in their profiles: how many groups there are, what sets each apart, who is in it.

The number of groups is the largest that passes three tests: groups found in one half of the people say which people of the
other half belong together (prediction strength at least 0.8), they explain more than groups cut out of one normal cloud of
the same covariance would (19 draws, none as good), and none is tiny. Where no number passes, people differ by degrees and
not in kinds, and that is the answer.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from crosslift.domain.estimate import NotEstimable
from crosslift.domain.persona import USUAL, Cluster, Mark, MarkCode
from crosslift.learn.customers.crowd import Crowd, headings_of
from crosslift.stats.kmeans import kmeans, nearest, one_cloud_p, prediction_strength

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

MIN_PEOPLE = 200
"""People with orders below whom halves are too small to agree on anything."""
MIN_MEMBERS = 20
MIN_SHARE = 0.02
"""A smaller group is an oddity, not a kind of customer."""
MOST_GROUPS = 8
MIN_STRENGTH = 0.8
MAX_P = 0.05
SAMPLE = 4_000
"""People the number of groups is chosen on; everybody then joins the nearest center."""
MAIN_CATEGORIES = 5
CATEGORY = "category:"
"""Before the name of a category, its share of spend as a figure."""
FURTHEST = 3.0
"""Standard deviations at which a figure is cut, or a few wholesale buyers make a group of their own."""
SAME = 1e-9
WORTH_NAMING = 0.5
MOST_MARKS = 3


@dataclass(frozen=True, slots=True)
class _Figure:
    """How a figure is compared and what its ends are called; None where an end says nothing about people."""

    unit: str
    is_log: bool
    high: MarkCode
    low: MarkCode | None


_FIGURES: Mapping[str, _Figure] = {
    "recency_days": _Figure("days", True, MarkCode.LONG_AWAY, MarkCode.RECENT),
    "n_orders": _Figure("count", True, MarkCode.FREQUENT, MarkCode.SELDOM),
    "revenue": _Figure("money", True, MarkCode.BIG_SPENDER, MarkCode.SMALL_SPENDER),
    "breadth": _Figure("count", False, MarkCode.MANY_CATEGORIES, MarkCode.FEW_CATEGORIES),
    "discount_share": _Figure("share", False, MarkCode.DISCOUNT, MarkCode.FULL_PRICE),
    "return_rate": _Figure("share", False, MarkCode.RETURNS_MUCH, MarkCode.RETURNS_LITTLE),
}
_OF_CATEGORY = _Figure("share", False, MarkCode.CATEGORY, None)


@dataclass(frozen=True, slots=True)
class Behavior:
    """What people do, one row for each who ever ordered.

    Attributes
    ----------
    person : int64 array, shape (rows,)
        Their places in the crowd, ascending.
    names : tuple of str
        `recency_days`, `n_orders`, `revenue`, `breadth` (categories a person's spend is spread over: 1 / Σ share²),
        `discount_share`, `return_rate`, and `category:<name>` for the shop's main categories.
    values : float64 array, shape (rows, names)
        In the units of the profile; nan where unknown.
    """

    person: Ints
    names: tuple[str, ...]
    values: Floats

    @classmethod
    def of(cls, crowd: Crowd, headings: Sequence[str] | None = None) -> "Behavior":
        """Read what people do from their profiles; those who never ordered are left out.

        Parameters
        ----------
        headings : sequence of str, optional
            The main categories; without, those on which most is spent.
        """
        n, spend = len(crowd), crowd.spend
        person = np.flatnonzero(crowd.figures["n_orders"] > 0)
        known = headings_of(spend.names)
        place = {name: at for at, name in enumerate(sorted(set(known)))}
        heading = np.array([place[name] for name in known], np.int64)[spend.name]
        if headings is None:
            ordered = crowd.figures["n_orders"][spend.person] > 0
            spent = np.bincount(heading[ordered], spend.value[ordered], len(place)).tolist()
            bought = [name for name in place if spent[place[name]] > 0]
            headings = sorted(bought, key=lambda name: (-spent[place[name]], name))[:MAIN_CATEGORIES]
        shares, squares = spend.summed(n), np.bincount(spend.person, spend.value**2, n)
        breadth = np.divide(shares**2, squares, out=np.full(n, np.nan), where=squares > 0)
        columns = [breadth if name == "breadth" else crowd.figures[name] for name in _FIGURES]
        for name in headings:
            mine = heading == place.get(name, -1)
            share = np.bincount(spend.person[mine], spend.value[mine], n)
            columns.append(np.where(squares > 0, share, np.nan))
        names = (*_FIGURES, *(CATEGORY + name for name in headings))
        return cls(person, names, np.stack([column[person] for column in columns], axis=1))


@dataclass(frozen=True, slots=True)
class Scale:
    """How figures of different kinds become distances; one entry a figure.

    `means` and `spreads` are those of all people, of the logs of what is skewed; a figure that is the same for everybody has
    the spread 0 and tells nothing.
    """

    names: tuple[str, ...]
    means: tuple[float, ...]
    spreads: tuple[float, ...]

    @classmethod
    def of(cls, behavior: Behavior) -> "Scale":
        """Measure people."""
        means, spreads = [], []
        for place, name in enumerate(behavior.names):
            column = _straight(behavior.values[:, place], name)
            known = column[~np.isnan(column)]
            spread = float(known.std()) if known.size else 0.0
            means.append(float(known.mean()) if known.size else 0.0)
            spreads.append(spread if spread > SAME else 0.0)
        return cls(behavior.names, tuple(means), tuple(spreads))

    @property
    def headings(self) -> tuple[str, ...]:
        """The main categories."""
        return tuple(name.removeprefix(CATEGORY) for name in self.names if name.startswith(CATEGORY))

    def points(self, behavior: Behavior) -> Floats:
        """Put figures on one scale: mean 0 and deviation 1, cut at `FURTHEST`, unknown as the mean.

        All categories together weigh as two figures, or five shares of one whole would decide alone.
        """
        points = np.zeros(behavior.values.shape)
        weight = np.sqrt(2 / max(len(self.headings), 2))
        for place, (name, mean, spread) in enumerate(zip(self.names, self.means, self.spreads, strict=True)):
            if spread == 0:
                continue
            scaled = np.clip((_straight(behavior.values[:, place], name) - mean) / spread, -FURTHEST, FURTHEST)
            points[:, place] = np.nan_to_num(scaled) * (weight if name.startswith(CATEGORY) else 1)
        return points


@dataclass(frozen=True, slots=True)
class Clusters:
    """Groups, largest first, and what it takes to say of anybody which is theirs.

    Attributes
    ----------
    clusters : tuple of Cluster
        Their marks, sizes and centers.
    scale : Scale
        What people were measured by.
    centers : tuple of tuple of float, shape (clusters, figures)
        On that scale.
    strengths : tuple of (int, float)
        Prediction strength of each number of groups that was tried.
    p_one_cloud : float
        Chance that one cloud explains as much.
    """

    clusters: tuple[Cluster, ...]
    scale: Scale
    centers: tuple[tuple[float, ...], ...]
    strengths: tuple[tuple[int, float], ...]
    p_one_cloud: float

    def places(self, crowd: Crowd) -> Ints:
        """Give the place of each person's group in `clusters`, −1 for those who never ordered; shape (people,)."""
        behavior = Behavior.of(crowd, self.scale.headings)
        found = np.full(len(crowd), -1, np.int64)
        found[behavior.person] = nearest(self.scale.points(behavior), np.array(self.centers))
        return found


def find_clusters(behavior: Behavior, seed: int) -> Clusters | NotEstimable:
    """Group people by what they do.

    Parameters
    ----------
    behavior : Behavior
        One row a person, in an order that does not depend on chance.
    seed : int
        Of halves, first centers and clouds; same seed, same groups.

    Returns
    -------
    Clusters or NotEstimable
        The latter with its reason: too few people, or no number of groups that holds.
    """
    n_people = len(behavior.person)
    if n_people < MIN_PEOPLE:
        return NotEstimable(f"{n_people} people with orders, at least {MIN_PEOPLE} needed to find groups that hold")
    scale = Scale.of(behavior)
    points = scale.points(behavior)
    chance = np.random.default_rng(seed)
    sample = points if n_people <= SAMPLE else points[np.sort(chance.permutation(n_people)[:SAMPLE])]
    most = min(MOST_GROUPS, len(np.unique(sample, axis=0)) // 2)
    strengths = {k: prediction_strength(sample, k, chance, n_splits=4, n_starts=3) for k in range(2, most + 1)}
    for k in sorted((k for k, strength in strengths.items() if strength >= MIN_STRENGTH), reverse=True):
        found = kmeans(sample, k, chance)
        sizes = np.bincount(nearest(points, found.centers), minlength=k)
        if sizes.min() < max(MIN_MEMBERS, MIN_SHARE * n_people):
            continue
        p_one_cloud = one_cloud_p(sample, k, chance, n_starts=3)
        if p_one_cloud <= MAX_P:
            centers = found.centers[np.argsort(-sizes, kind="stable")]
            clusters = _described(behavior, points, np.asarray(nearest(points, centers), np.int64), k)
            tried = tuple(strengths.items())
            return Clusters(clusters, scale, tuple(map(tuple, centers.tolist())), tried, p_one_cloud)
    best = max(strengths.values(), default=0.0)
    return NotEstimable(
        f"no 2 to {most} groups of the {n_people} people hold: the best number agrees on {best:.0%} of a group, "
        f"{MIN_STRENGTH:.0%} and more than one cloud of people would give are needed"
    )


def _figure_of(name: str) -> _Figure:
    return _FIGURES.get(name, _OF_CATEGORY)


def _straight(column: Floats, name: str) -> Floats:
    """Take the log of what is skewed."""
    return np.log1p(np.maximum(column, 0)) if _figure_of(name).is_log else column


def _described(behavior: Behavior, points: Floats, labels: Ints, k: int) -> tuple[Cluster, ...]:
    order, sizes = np.argsort(labels, kind="stable"), np.bincount(labels, minlength=k)
    members = np.split(order, np.cumsum(sizes)[:-1])
    usual, spreads = _center(behavior.names, behavior.values), points.std(axis=0)
    centers = [_center(behavior.names, behavior.values[mine]) for mine in members]
    away = [points[mine].mean(axis=0) / np.where(spreads > 0, spreads, np.inf) for mine in members]
    marks = _telling([_marks(*one, usual) for one in zip(away, centers, strict=True)])
    ids = [_id(mine) for mine in marks]
    ids = [own if ids.index(own) == place else f"{own}+{place + 1}" for place, own in enumerate(ids)]
    return tuple(
        Cluster(ids[label], tuple(marks[label]), int(sizes[label]), float(sizes[label] / len(labels)),
                {name: value for name, value in centers[label].items() if not np.isnan(value)})
        for label in range(k)
    )  # fmt: skip


def _telling(marks: list[list[Mark]]) -> list[list[Mark]]:
    """Take the marks that name each group: those far from the mean, and one more at a time where two groups share a name."""
    taken = [[mark for mark in mine if mark.distance >= WORTH_NAMING][:MOST_MARKS] for mine in marks]
    for _ in range(MOST_MARKS):
        named = Counter(map(_id, taken))
        taken = [
            every[: len(some) + 1] if named[_id(some)] > 1 else some for every, some in zip(marks, taken, strict=True)
        ]
    return taken


def _id(marks: Sequence[Mark]) -> str:
    """Name a group for rules; the order is fixed, or two marks that change places would make another group of it."""
    fixed = sorted(marks, key=lambda mark: (_RANK[mark.code], mark.category or ""))
    return "+".join(mark.key for mark in fixed) or USUAL


_RANK = {code: rank for rank, code in enumerate(MarkCode)}


def _marks(away: Floats, center: Mapping[str, float], usual: Mapping[str, float]) -> list[Mark]:
    """Give everything that can name a group, the most unlike first.

    Parameters
    ----------
    away : float64 array, shape (figures,)
        How far the group's mean lies from everybody's, in standard deviations of people.
    center, usual : mapping of str to float
        What is typical of the group, and of everybody.
    """
    found = []
    for (name, value), distance in zip(center.items(), away.tolist(), strict=True):
        figure = _figure_of(name)
        code = figure.high if distance > 0 else figure.low
        if code is None or distance == 0:
            continue
        category = name.removeprefix(CATEGORY) if name.startswith(CATEGORY) else None
        found.append(Mark(code, name, value, usual[name], figure.unit, abs(distance), category))
    return sorted(found, key=lambda mark: (-mark.distance, mark.figure))


def _center(names: Sequence[str], values: Floats) -> dict[str, float]:
    """Give what is typical, by figure; nan where nothing is known."""
    return {name: _typical(column, _figure_of(name)) for name, column in zip(names, values.T, strict=True)}


def _typical(column: Floats, figure: _Figure) -> float:
    known = column[~np.isnan(column)]
    if not known.size:
        return float("nan")
    return float(np.median(known) if figure.is_log else known.mean())
