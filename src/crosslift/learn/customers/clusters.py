"""People who behave alike, found in their profiles: how many groups there are, what sets each apart, who is in it.

The number of groups is the largest that passes three tests: groups found in one half of the people say which people of the
other half belong together (prediction strength at least 0.8), they explain more than groups cut out of one normal cloud of
the same covariance would (19 draws, none as good), and none is tiny. Where no number passes, people differ by degrees and
not in kinds, and that is the answer.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from crosslift.domain.estimate import NotEstimable
from crosslift.domain.persona import Cluster, Mark, MarkCode
from crosslift.domain.profile import Profile
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
    """What people do, one row a person who ever ordered.

    Attributes
    ----------
    people : list of str
        Person ids.
    names : list of str
        `recency_days`, `n_orders`, `revenue`, `breadth` (categories a person's spend is spread over: 1 / Σ share²),
        `discount_share`, `return_rate`, and `category:<name>` for the shop's main categories.
    values : float64 array, shape (people, names)
        In the units of the profile; nan where unknown.
    """

    people: list[str]
    names: list[str]
    values: Floats


@dataclass(frozen=True, slots=True)
class Clusters:
    """Groups, largest first.

    Attributes
    ----------
    clusters : tuple of Cluster
        Their marks, sizes and centers.
    people : sequence of str
        Everybody who was grouped.
    labels : int64 array, shape (people,)
        The place of each person's group in `clusters`.
    strengths : mapping of int to float
        Prediction strength of each number of groups that was tried.
    p_one_cloud : float
        Chance that one cloud explains as much.
    """

    clusters: tuple[Cluster, ...]
    people: list[str]
    labels: Ints
    strengths: Mapping[int, float]
    p_one_cloud: float

    def of_person(self) -> dict[str, str]:
        """Give the cluster id of each person."""
        ids = [cluster.cluster_id for cluster in self.clusters]
        return {person: ids[label] for person, label in zip(self.people, self.labels.tolist(), strict=True)}


def behavior_of(profiles: Iterable[Profile]) -> Behavior:
    """Read what people do from their profiles; those who never ordered are left out, the order of profiles means nothing."""
    known = sorted((profile for profile in profiles if profile.n_orders > 0), key=lambda profile: profile.person_id)
    shares = [_of_headings(profile.categories) for profile in known]
    spent: dict[str, float] = {}
    for mine in shares:
        for name, share in mine.items():
            spent[name] = spent.get(name, 0.0) + share
    main = sorted(spent, key=lambda name: (-spent[name], name))[:MAIN_CATEGORIES]
    rows = [
        [
            _number(profile.recency_days), float(profile.n_orders), _number(profile.revenue), _breadth(profile.categories),
            _number(profile.discount_share), _number(profile.return_rate),
            *(mine.get(name, 0.0) if mine else np.nan for name in main),
        ]
        for profile, mine in zip(known, shares, strict=True)
    ]  # fmt: skip
    names = [*_FIGURES, *(CATEGORY + name for name in main)]
    return Behavior(
        [profile.person_id for profile in known], names, np.array(rows, np.float64).reshape(len(known), len(names))
    )


def find_clusters(behavior: Behavior, seed: int) -> Clusters | NotEstimable:
    """Group people by what they do.

    Parameters
    ----------
    behavior : Behavior
        One row a person, in an order that does not depend on chance; see `behavior_of`.
    seed : int
        Of halves, first centers and clouds; same seed, same groups.

    Returns
    -------
    Clusters or NotEstimable
        The latter with its reason: too few people, or no number of groups that holds.
    """
    n_people = len(behavior.people)
    if n_people < MIN_PEOPLE:
        return NotEstimable(f"{n_people} people with orders, at least {MIN_PEOPLE} needed to find groups that hold")
    points = _comparable(behavior)
    chance = np.random.default_rng(seed)
    sample = points if n_people <= SAMPLE else points[np.sort(chance.permutation(n_people)[:SAMPLE])]
    most = min(MOST_GROUPS, len(np.unique(sample, axis=0)) // 2)
    strengths = {k: prediction_strength(sample, k, chance, n_splits=4, n_starts=3) for k in range(2, most + 1)}
    for k in sorted((k for k, strength in strengths.items() if strength >= MIN_STRENGTH), reverse=True):
        found = kmeans(sample, k, chance)
        labels = nearest(points, found.centers)
        sizes = np.bincount(labels, minlength=k)
        if sizes.min() < max(MIN_MEMBERS, MIN_SHARE * n_people):
            continue
        p_one_cloud = one_cloud_p(sample, k, chance, n_starts=3)
        if p_one_cloud <= MAX_P:
            order = np.argsort(-sizes, kind="stable")
            place = np.argsort(order, kind="stable")
            return Clusters(
                _described(behavior, points, place[labels], k), behavior.people, place[labels], strengths, p_one_cloud
            )
    best = max(strengths.values(), default=0.0)
    return NotEstimable(
        f"no 2 to {most} groups of the {n_people} people hold: the best number agrees on {best:.0%} of a group, "
        f"{MIN_STRENGTH:.0%} and more than one cloud of people would give are needed"
    )


def _of_headings(categories: Mapping[str, float]) -> dict[str, float]:
    """Add up shares of spend under the first step of each category path."""
    found: dict[str, float] = {}
    for path, share in categories.items():
        heading = path.partition("/")[0].strip() or path
        found[heading] = found.get(heading, 0.0) + share
    return found


def _breadth(categories: Mapping[str, float]) -> float:
    squares = sum(share**2 for share in categories.values())
    return sum(categories.values()) ** 2 / squares if squares > 0 else np.nan


def _number(value: float | None) -> float:
    return np.nan if value is None else float(value)


def _figure_of(name: str) -> _Figure:
    return _FIGURES.get(name, _OF_CATEGORY)


def _comparable(behavior: Behavior) -> Floats:
    """Put figures on one scale: logs of what is skewed, mean 0 and deviation 1, cut at `FURTHEST`, unknown as the mean.

    All categories together weigh as two figures, or five shares of one whole would decide alone. A figure that is the same
    for everybody is 0.
    """
    points = behavior.values.copy()
    for place, name in enumerate(behavior.names):
        column = points[:, place]
        if _figure_of(name).is_log:
            column = np.log1p(np.maximum(column, 0))
        known = ~np.isnan(column)
        spread = column[known].std() if known.any() else 0.0
        scaled = (column - column[known].mean()) / spread if spread > 1e-9 else np.zeros(len(column))
        points[:, place] = np.where(known, np.clip(scaled, -FURTHEST, FURTHEST), 0)
    is_category = np.array([name.startswith(CATEGORY) for name in behavior.names])
    points[:, is_category] *= np.sqrt(2 / max(is_category.sum(), 2))
    return points


def _described(behavior: Behavior, points: Floats, labels: Ints, k: int) -> tuple[Cluster, ...]:
    marks = _telling([_marks(behavior, points, labels == label) for label in range(k)])
    ids = [_id(mine) for mine in marks]
    ids = [own if ids.index(own) == place else f"{own}+{place + 1}" for place, own in enumerate(ids)]
    sizes = np.bincount(labels, minlength=k)
    return tuple(
        Cluster(ids[label], tuple(marks[label]), int(sizes[label]), float(sizes[label] / len(labels)),
                _center(behavior, labels == label))
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


def _id(marks: list[Mark]) -> str:
    return "+".join(f"{mark.code}:{mark.category}" if mark.category else mark.code for mark in marks) or "usual"


def _marks(behavior: Behavior, points: Floats, is_in: npt.NDArray[np.bool_]) -> list[Mark]:
    """Give everything that can name a group, the most unlike first."""
    found = []
    for place, name in enumerate(behavior.names):
        figure, spread = _figure_of(name), points[:, place].std()
        away = points[is_in, place].mean() / spread if spread > 0 else 0.0
        code = figure.high if away > 0 else figure.low
        if code is None or away == 0:
            continue
        column = behavior.values[:, place]
        category = name.removeprefix(CATEGORY) if name.startswith(CATEGORY) else None
        value, usual = _typical(column[is_in], figure), _typical(column, figure)
        found.append(Mark(code, name, value, usual, figure.unit, abs(float(away)), category))
    return sorted(found, key=lambda mark: (-mark.distance, mark.figure))


def _center(behavior: Behavior, is_in: npt.NDArray[np.bool_]) -> dict[str, float]:
    columns = behavior.values[is_in].T
    found = {
        name: _typical(column, _figure_of(name)) for name, column in zip(behavior.names, columns, strict=True)
    }  # fmt: skip
    return {name: value for name, value in found.items() if not np.isnan(value)}


def _typical(column: Floats, figure: _Figure) -> float:
    known = column[~np.isnan(column)]
    if not known.size:
        return float("nan")
    return float(np.median(known) if figure.is_log else known.mean())
