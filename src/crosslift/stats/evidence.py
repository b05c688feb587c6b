"""What each level of each column, and of each cross of two strong ones, says for or against a hit: weights of evidence.

The evidence of a level is log(P(level | hit) / P(level | miss)), the level's counts first joined by some pseudo-observations
at the base rate. Taken together as they are, columns that say the same thing would count twice (naive Bayes); a logistic
regression with ridge weighs them against each other, learned on evidence counted without the rows it is applied to.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from crosslift.stats.arrays import FloatArray, IntArray
from crosslift.stats.folds import deal
from crosslift.stats.levels import Codes
from crosslift.stats.logistic import fit_logistic

PARTS = 10  # evidence for a tenth of the rows is counted on the other nine


@dataclass(frozen=True, slots=True)
class Evidence:
    """Log odds of a hit as a sum over columns and crosses.

    Attributes
    ----------
    base : float
        Log odds of a row nothing is known of.
    terms : int64 array, shape (terms, 2)
        The columns whose levels a term is about; twice the same column is the column alone.
    said : tuple of float64 array
        What each term adds, by level: of a cross by ``level of the first · levels of the second + level of the second``.
    sizes : tuple of int
        Levels of each column.
    """

    base: float
    terms: IntArray
    said: tuple[FloatArray, ...]
    sizes: tuple[int, ...]

    def log_odds(self, codes: Codes) -> FloatArray:
        """Add up the evidence for rows of levels, shape (rows, columns); gives shape (rows,)."""
        total = np.full(len(codes), self.base)
        for (first, second), said in zip(self.terms.tolist(), self.said, strict=True):
            total += said[_levels(codes, first, second, self.sizes)]
        return total


def mix_evidence(shares: Sequence[float], members: Sequence[Evidence]) -> Evidence:
    """Average log odds into one sum: what members say of the same term is added up, weighed by their shares."""
    said: dict[tuple[int, int], FloatArray] = {}
    for share, member in zip(shares, members, strict=True):
        for (first, second), told in zip(member.terms.tolist(), member.said, strict=True):
            said[first, second] = said.get((first, second), 0.0) + share * told
    base = sum(share * member.base for share, member in zip(shares, members, strict=True))
    return Evidence(base, np.array(list(said)).reshape(-1, 2), tuple(said.values()), members[0].sizes)


def fit_evidence(
    codes: Codes,
    sizes: tuple[int, ...],
    hits: npt.ArrayLike,
    *,
    pseudo: float,
    strongest: int,
    ridges: tuple[float, ...],
    seed: int,
) -> tuple[Evidence, ...]:
    """Count and weigh the evidence.

    Parameters
    ----------
    codes : uint8 array, shape (rows, columns)
        Levels, as `levels.Table` gives them.
    sizes : tuple of int
        Levels of each column.
    hits : array of bool or 0/1, shape (rows,)
        What happened.
    pseudo : float
        Pseudo-observations at the base rate that each level starts with.
    strongest : int
        So many columns, those that tell most alone, are crossed with each other.
    ridges : tuple of float
        How strongly weights are drawn to 0 (see `fit_logistic`), largest first.
    seed : int
        Which rows are counted together.

    Returns
    -------
    tuple of Evidence
        One for each ridge.

    References
    ----------
    Good (1950), Probability and the Weighing of Evidence; Elkan (2001), Magical thinking in data mining: lessons from CoIL
    challenge 2000 (naive Bayes with crosses); Micci-Barreca (2001), on smoothing the rate of a level toward the base rate.
    """
    hit = np.asarray(hits, np.float64)
    part = deal(hit, PARTS, seed=seed)
    alone = [_count(codes, hit, part, column, column, sizes, pseudo) for column in range(len(sizes))]
    terms = [(column, column) for column in range(len(sizes))]
    told = np.array([_told(hit, within) for within, _ in alone])
    first = np.argsort(-told, kind="stable")[:strongest].tolist()
    crosses = [(one, other) for place, one in enumerate(first) for other in first[:place]]
    counted = alone + [_count(codes, hit, part, *cross, sizes, pseudo) for cross in crosses]
    terms += crosses
    speaks = [place for place, (within, _) in enumerate(counted) if within.std() > 1e-9]
    features = np.column_stack([counted[place][0] for place in speaks] or [np.zeros(len(hit))])
    fitted, weights = [], None
    for ridge in ridges:
        weights = fit_logistic(features, hit, ridge=ridge, start=weights)
        said = tuple(weight * counted[place][1] for weight, place in zip(weights[1:].tolist(), speaks, strict=False))
        fitted.append(
            Evidence(float(weights[0]), np.array([terms[place] for place in speaks]).reshape(-1, 2), said, sizes)
        )
    return tuple(fitted)


def _count(
    codes: Codes, hit: FloatArray, part: IntArray, first: int, second: int, sizes: tuple[int, ...], pseudo: float
) -> tuple[FloatArray, FloatArray]:
    """Give the evidence for each row counted without its part, and that of each level counted on all rows."""
    level = _levels(codes, first, second, sizes)
    size = sizes[first] if first == second else sizes[first] * sizes[second]
    n_hits = np.bincount(part * size + level, hit, PARTS * size).reshape(PARTS, size)
    n_misses = np.bincount(part * size + level, 1 - hit, PARTS * size).reshape(PARTS, size)
    without = _evidence(n_hits.sum(axis=0) - n_hits, n_misses.sum(axis=0) - n_misses, pseudo)
    return without[part, level], _evidence(n_hits.sum(axis=0), n_misses.sum(axis=0), pseudo)


def _evidence(n_hits: FloatArray, n_misses: FloatArray, pseudo: float) -> FloatArray:
    hits, misses = n_hits.sum(axis=-1, keepdims=True), n_misses.sum(axis=-1, keepdims=True)
    rate = hits / (hits + misses)
    said = np.log((n_hits + pseudo * rate) / (n_misses + pseudo * (1 - rate))) - np.log(hits / misses)
    return np.asarray(said, np.float64)


def _told(hit: FloatArray, evidence: FloatArray) -> float:
    """Give the mean log likelihood of the hits if nothing but this evidence were known."""
    score = np.log(hit.mean() / (1 - hit.mean())) + evidence
    return float((hit * score - np.logaddexp(0, score)).mean())


def _levels(codes: Codes, first: int, second: int, sizes: tuple[int, ...]) -> IntArray:
    level = codes[:, first].astype(np.int64)
    return level if first == second else level * sizes[second] + codes[:, second]
