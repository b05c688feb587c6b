"""Boosted shallow trees: many small questions, each answering what the ones before left open."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.special import expit

from crosslift.errors import BadInput
from crosslift.stats.arrays import FloatArray, IntArray
from crosslift.stats.levels import Codes

Loss = Literal["log", "square"]


@dataclass(frozen=True, slots=True)
class Shape:
    """How trees are grown.

    Attributes
    ----------
    depth : int
        Questions on the way to a leaf, at most 5: 1 adds columns up, 2 also lets pairs of columns speak together.
    rate : float
        Share of its answer that each tree adds.
    columns, rows : float
        Share of columns and rows each tree sees, drawn anew.
    most_rows : int
        About the most rows a tree sees.
    ridge : float
        Weight of the answer 0 in a leaf, in units of its rows' p(1 − p), or its rows where the loss is square.
    least : float
        Weight a leaf needs, in the same units.
    """

    depth: int = 2
    rate: float = 0.06
    columns: float = 0.5
    rows: float = 0.7
    most_rows: int = 5_000
    ridge: float = 2.0
    least: float = 0.5


@dataclass(frozen=True, slots=True)
class Tree:
    """A complete tree: each inner node asks whether a column's level is above a threshold; nodes breadth first."""

    column: IntArray
    threshold: IntArray
    leaf: FloatArray

    def values(self, codes: Codes) -> FloatArray:
        """Give the leaf of each row."""
        return np.asarray(self.leaf[_walk(codes, self.column, self.threshold)])


@dataclass(frozen=True, slots=True)
class Trees:
    """The sum of a start and many trees: log odds, or the mean where the loss is square."""

    start: float
    grown: tuple[Tree, ...]

    def scores(self, codes: Codes) -> FloatArray:
        """Give the score of rows of ordered levels, shape (rows, columns)."""
        total = np.full(len(codes), self.start)
        for tree in self.grown:
            total += tree.values(codes)
        return total

    def weighed(self, shares: Sequence[float]) -> "Trees":
        """Let each tree add only its share of its answer."""
        told = zip(self.grown, shares, strict=True)
        return Trees(self.start, tuple(Tree(tree.column, tree.threshold, share * tree.leaf) for tree, share in told))

    def staged(self, codes: Codes, every: int) -> FloatArray:
        """Give the scores after each further `every` trees, shape (stages, rows)."""
        total, stages = np.full(len(codes), self.start), []
        for number, tree in enumerate(self.grown, 1):
            total = total + tree.values(codes)
            if number % every == 0:
                stages.append(total)
        return np.array(stages).reshape(-1, len(codes))


def fit_trees(
    codes: Codes, target: npt.ArrayLike, *, n_trees: int, seed: int, shape: Shape | None = None, loss: Loss = "log"
) -> Trees:
    """Grow trees one after another, each on what the sum so far leaves open.

    Parameters
    ----------
    codes : uint8 array, shape (rows, columns)
        Ordered levels, as `levels.Table.ordered` gives them.
    target : array of float, shape (rows,)
        Hits (0 or 1) for the loss "log"; any number for "square".
    n_trees : int
        How many.
    seed : int
        Which rows and columns each tree sees.
    shape : Shape, optional
        How trees are grown.
    loss : {"log", "square"}
        What is made small: minus the log likelihood, or the squared error.

    Raises
    ------
    BadInput
        If shapes differ, or all targets of the loss "log" are equal.

    References
    ----------
    Friedman (2001), Greedy function approximation: a gradient boosting machine; Newton leaves as in Chen & Guestrin (2016).

    Examples
    --------
    Who has level 3 buys in 3 of 4 cases, the others in 1 of 4:

    >>> level = np.repeat(np.array([0, 3], np.uint8), 400)[:, None]
    >>> bought = np.tile([0, 0, 0, 1], 200) ^ (level[:, 0] > 0)
    >>> grown = fit_trees(level, bought, n_trees=300, seed=7, shape=Shape(depth=1, columns=1.0))
    >>> expit(grown.scores(np.array([[0], [3]], np.uint8))).round(2).tolist()
    [0.25, 0.75]
    """
    wanted, how = np.asarray(target, np.float64), shape or Shape()
    if wanted.shape != codes.shape[:1]:
        raise BadInput(
            f"levels of {len(codes)} rows for {wanted.shape} targets; give one row of levels for each target"
        )
    mean = float(wanted.mean())
    if loss == "log" and not 0 < mean < 1:
        raise BadInput("every row is a hit or none is; there is nothing to tell apart")
    start = float(np.log(mean / (1 - mean))) if loss == "log" else mean
    return Trees(start, tuple(_grow(codes, wanted, start, n_trees, np.random.default_rng(seed), how, loss)))


def _grow(
    codes: Codes, wanted: FloatArray, start: float, n_trees: int, chance: np.random.Generator, how: Shape, loss: Loss
) -> Iterator[Tree]:
    score = np.full(len(wanted), start)
    n_columns, share = max(1, round(how.columns * codes.shape[1])), min(how.rows, how.most_rows / len(wanted))
    for _ in range(n_trees):
        rows = np.flatnonzero(chance.random(len(wanted)) < share)
        columns = np.sort(chance.choice(codes.shape[1], n_columns, replace=False))
        p = expit(score[rows]) if loss == "log" else score[rows]
        slope = wanted[rows] - p
        curve = p * (1 - p) if loss == "log" else np.ones(len(rows))
        tree = _tree(codes[np.ix_(rows, columns)], slope, curve, how)
        tree = Tree(columns[tree.column], tree.threshold, tree.leaf)
        score += tree.values(codes)
        yield tree


def _tree(codes: Codes, slope: FloatArray, curve: FloatArray, how: Shape) -> Tree:
    node, column, threshold = np.zeros(len(codes), np.int64), [], []
    of_cells = np.repeat(slope, codes.shape[1]), np.repeat(curve, codes.shape[1])
    for depth in range(how.depth):
        best, bound = _splits(codes, node, 2**depth, of_cells, how)
        column.append(best)
        threshold.append(bound)
        node = 2 * node + (codes[np.arange(len(codes)), best[node]] > bound[node])
    n_leaves = 2**how.depth
    answer = np.bincount(node, slope, n_leaves) / (np.bincount(node, curve, n_leaves) + how.ridge)
    return Tree(np.concatenate(column), np.concatenate(threshold), how.rate * answer)


def _splits(
    codes: Codes, node: IntArray, n_nodes: int, of_cells: tuple[FloatArray, FloatArray], how: Shape
) -> tuple[IntArray, IntArray]:
    """Choose for each node the column and threshold after which the leaves fit best; 255 where none is worth it."""
    n_columns, n_levels = codes.shape[1], int(codes.max(initial=0)) + 1
    cell = ((node[:, None] * n_columns + np.arange(n_columns)) * n_levels + codes).ravel()
    shape = n_nodes, n_columns, n_levels
    g, h = (np.bincount(cell, told, np.prod(shape)).reshape(shape).cumsum(axis=2) for told in of_cells)
    g_above, h_above = g[:, :, -1:] - g, h[:, :, -1:] - h
    together = g[:, :, -1:] ** 2 / (h[:, :, -1:] + how.ridge)
    gain = g**2 / (h + how.ridge) + g_above**2 / (h_above + how.ridge) - together
    gain[(h < how.least) | (h_above < how.least)] = 0.0
    flat = gain.reshape(n_nodes, -1)
    best = flat.argmax(axis=1)
    worth = flat[np.arange(n_nodes), best] > 0
    return best // n_levels, np.where(worth, best % n_levels, 255)


def _walk(codes: Codes, column: IntArray, threshold: IntArray) -> IntArray:
    """Give the leaf each row ends in; node k of the tree has the children 2k + 1 and 2k + 2."""
    node = np.zeros(len(codes), np.intp)
    for level in range(int(len(column) + 1).bit_length() - 1):
        here = range(2**level - 1, 2 ** (level + 1) - 1)
        is_above = [codes[:, column[at]] > threshold[at] for at in here]
        node = 2 * node + (np.choose(node, is_above) if level else is_above[0])
    return node
