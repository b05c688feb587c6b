"""P(yes | columns) for tables of numbers and words with gaps: evidence and trees, mixed as cross-validation says.

The library of members: `evidence` at several strengths of smoothing, numbers of crossed columns and ridges, and `trees`
at several numbers. Each is judged on rows it was not fitted on; the mix is the average of log odds that predicts these
best, picked greedily with repetition (Caruana et al. 2004). Nothing is set for a data set: the same library everywhere.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.special import expit

from crosslift.errors import BadInput
from crosslift.stats.arrays import FloatArray, IntArray
from crosslift.stats.calibrate import Beta, expected_calibration_error, fit_beta
from crosslift.stats.evidence import Evidence, fit_evidence, mix_evidence
from crosslift.stats.folds import deal
from crosslift.stats.levels import Codes, Column, Table
from crosslift.stats.trees import Trees, fit_trees

PSEUDO, STRONGEST, RIDGES = (10.0, 25.0), (0, 10, 20), (200.0, 100.0, 50.0, 25.0)
TREES, STAGE = 200, 25
FOLDS, PICKS = 5, 20
MIN_HITS = 50
"""Hits, and misses, below which nothing is learned."""
MOST_ROWS = 20_000
"""Larger tables are learned from a sample that keeps up to half of it for hits; the odds are set right afterwards."""


class Recipe(NamedTuple):
    """How one member is fitted: evidence where `n_trees` is 0, else trees."""

    pseudo: float = 0.0
    strongest: int = 0
    ridge: float = 0.0
    n_trees: int = 0


@dataclass(frozen=True, slots=True)
class Classifier:
    """A fitted mix.

    Attributes
    ----------
    table : Table
        The levels of each column.
    members : tuple of (float, Evidence or Trees)
        Share in the mix, and the member: all evidence that was picked in one sum, all trees in another.
    calibration : Beta
        From log odds of the mix to those that came true on rows held out.
    shift : float
        Log odds to add because hits were sampled more than misses; 0 without sampling.
    base_rate : float
        Share of hits among all rows; what is said of a row nothing is known of.
    """

    table: Table
    members: tuple[tuple[float, Evidence | Trees], ...]
    calibration: Beta
    shift: float
    base_rate: float

    def predict(self, columns: Sequence[Column]) -> FloatArray:
        """Give the probability of each row, shape (rows,); the base rate where every column is missing.

        Raises
        ------
        BadInput
            If the columns are not those that were learned from.
        """
        codes = self.table.codes(columns)
        ordered, score = self.table.ordered(codes), np.zeros(len(codes))
        for share, member in self.members:
            score += share * (member.log_odds(codes) if isinstance(member, Evidence) else member.scores(ordered))
        p = expit(self.calibration.log_odds(score) + self.shift)
        return np.where(self.table.is_known(codes), p, self.base_rate)


@dataclass(frozen=True, slots=True)
class Fitted:
    """A classifier and how far to trust it, all on rows its members did not see.

    Which recipes are in the mix was picked on these rows too, so the figures flatter a little: on CoIL 2000 they say a log
    loss of .194, while rows that nothing had seen had .196 (learned from four fifths).

    Attributes
    ----------
    classifier : Classifier
        To be used.
    p_held_out : float64 array, shape (rows,)
        Calibrated probabilities of the fitted rows, each by members and calibration learned without it; nan for rows
        that a sample of a large table left out.
    calibration_error : float
        Expected calibration error of these, by decile.
    log_loss, base_log_loss : float
        −mean log P(what happened), by these and by the base rate alone.
    better : float
        The lower 95 % bound of `base_log_loss − log_loss`; at or below 0 the columns tell nothing surely.
    recipes : tuple of (int, Recipe)
        What was picked, and how many of the `PICKS` times.
    """

    classifier: Classifier
    p_held_out: FloatArray
    calibration_error: float
    log_loss: float
    base_log_loss: float
    better: float
    recipes: tuple[tuple[int, Recipe], ...]


def fit_classifier(columns: Sequence[Column], hits: npt.ArrayLike, *, seed: int, most_rows: int = MOST_ROWS) -> Fitted:
    """Learn P(hit | columns), every constant chosen by cross-validation on these rows.

    Parameters
    ----------
    columns : sequence of arrays, each of shape (rows,)
        Numbers with nan where missing, or words with None or "" where missing.
    hits : array of bool or 0/1, shape (rows,)
        What happened; at least `MIN_HITS` hits and as many misses.
    seed : int
        How rows are dealt into folds, and what each tree sees.
    most_rows : int
        Larger tables are sampled.

    Raises
    ------
    BadInput
        If there are too few hits or misses, no column, or shapes differ.

    References
    ----------
    Caruana, Niculescu-Mizil, Crew & Ksikes (2004), Ensemble selection from libraries of models; King & Zeng (2001), Logistic
    regression in rare events data (prior correction of the sampled odds).
    """
    hit = np.asarray(hits, np.float64)
    if not columns or any(len(values) != hit.size for values in columns):
        raise BadInput(f"{len(columns)} columns for {hit.size} hits; give at least one column with a value per hit")
    if not np.isin(hit, (0.0, 1.0)).all():
        raise BadInput("hits must be 0 or 1; leave out rows whose outcome is unknown")
    n_hits = int(hit.sum())
    if min(n_hits, hit.size - n_hits) < MIN_HITS:
        raise BadInput(
            f"{n_hits} hits among {hit.size} rows; at least {MIN_HITS} hits and {MIN_HITS} misses are needed"
        )
    rows = _sample(hit, most_rows, np.random.default_rng(seed))
    used, known = hit[rows], [values[rows] for values in columns]
    fold = deal(used, FOLDS, seed=seed)
    recipes, held_out = _library(known, used, fold, seed)
    picked = _pick(held_out, used)
    mixed = np.asarray(sum(n * held_out[place] for place, n in picked.items()), np.float64) / PICKS
    chosen = tuple((n, recipes[place]) for place, n in picked.items())
    table, base_rate = Table.of(known), float(hit.mean())
    shift = float(np.log(base_rate / (1 - base_rate)) - np.log(used.mean() / (1 - used.mean())))
    members = _refit(table, known, used, chosen, seed)
    classifier = Classifier(table, members, _calibration(mixed, used), shift, base_rate)
    p = np.empty(used.size)
    for number in range(FOLDS):
        outside = fold == number
        curve = _calibration(mixed[~outside], used[~outside])
        p[outside] = expit(curve.log_odds(mixed[outside]) + shift)
    return _judged(classifier, p, rows, hit, chosen)


def _sample(hit: FloatArray, most_rows: int, chance: np.random.Generator) -> IntArray:
    if hit.size <= most_rows:
        return np.arange(hit.size)
    yes, no = np.flatnonzero(hit == 1), np.flatnonzero(hit == 0)
    fewer, other = sorted((yes, no), key=len)
    kept = chance.choice(fewer, min(fewer.size, most_rows // 2), replace=False)
    return np.sort(np.concatenate([kept, chance.choice(other, most_rows - kept.size, replace=False)]))


def _library(known: list[Column], hit: FloatArray, fold: IntArray, seed: int) -> tuple[list[Recipe], FloatArray]:
    """Give every recipe and its log odds on rows it did not see, shape (recipes, rows)."""
    recipes, parts = [], []
    for number in range(FOLDS):
        inside, outside = fold != number, fold == number
        table = Table.of([values[inside] for values in known])
        within, without = (table.codes([values[rows] for values in known]) for rows in (inside, outside))
        told = list(_members(table, within, without, hit[inside], seed * FOLDS + number))
        recipes = [recipe for recipe, _ in told]
        parts.append((outside, np.array([score for _, score in told])))
    held_out = np.empty((len(recipes), hit.size))
    for outside, scores in parts:
        held_out[:, outside] = scores
    return recipes, held_out


def _members(
    table: Table, within: Codes, without: Codes, hit: FloatArray, seed: int
) -> Iterator[tuple[Recipe, FloatArray]]:
    for pseudo in PSEUDO:
        for strongest in sorted({min(number, len(table.sizes)) for number in STRONGEST}):
            fitted = fit_evidence(
                within, table.sizes, hit, pseudo=pseudo, strongest=strongest, ridges=RIDGES, seed=seed
            )
            for ridge, member in zip(RIDGES, fitted, strict=True):
                yield Recipe(pseudo, strongest, ridge), member.log_odds(without)
    grown = fit_trees(table.ordered(within), hit, n_trees=TREES, seed=seed)
    for stage, scores in enumerate(grown.staged(table.ordered(without), STAGE), 1):
        yield Recipe(n_trees=stage * STAGE), scores


def _pick(held_out: FloatArray, hit: FloatArray) -> dict[int, int]:
    """Add the member that helps the average of those picked most, again and again; give how often each was picked."""
    total, picked = np.zeros(hit.size), []
    for number in range(1, PICKS + 1):
        score = (total + held_out) / number
        losses = np.logaddexp(0, score).sum(axis=1) - score @ hit
        picked.append(int(losses.argmin()))
        total += held_out[picked[-1]]
    return dict(sorted(Counter(picked).items()))


def _refit(
    table: Table, known: list[Column], hit: FloatArray, chosen: tuple[tuple[int, Recipe], ...], seed: int
) -> tuple[tuple[float, Evidence | Trees], ...]:
    codes, members = table.codes(known), list[tuple[float, Evidence | Trees]]()
    weighed = [(n / PICKS, recipe) for n, recipe in chosen if not recipe.n_trees]
    if weighed:
        total = sum(share for share, _ in weighed)
        fitted = [
            fit_evidence(
                codes, table.sizes, hit,
                pseudo=recipe.pseudo, strongest=recipe.strongest, ridges=(recipe.ridge,), seed=seed,
            )[0]
            for _, recipe in weighed
        ]  # fmt: skip
        members.append((total, mix_evidence([share / total for share, _ in weighed], fitted)))
    stages = {recipe.n_trees: n for n, recipe in chosen if recipe.n_trees}
    if stages:
        votes = np.array([sum(n for last, n in stages.items() if last > number) for number in range(max(stages))])
        grown = fit_trees(table.ordered(codes), hit, n_trees=max(stages), seed=seed)
        members.append((votes[0] / PICKS, grown.weighed((votes / votes[0]).tolist())))
    return tuple(members)


def _calibration(score: FloatArray, hit: FloatArray) -> Beta:
    return fit_beta(score, hit, min_positive=1) or Beta(1.0, 1.0, 0.0)


def _judged(
    classifier: Classifier, p: FloatArray, rows: IntArray, hit: FloatArray, chosen: tuple[tuple[int, Recipe], ...]
) -> Fitted:
    """Compare what was said of held-out rows with what happened, each row standing for those it was sampled from."""
    used, everyone = hit[rows], np.full(hit.size, np.nan)
    everyone[rows] = p
    weight = np.where(used == 1, hit.sum() / used.sum(), (1 - hit).sum() / (1 - used).sum())
    loss, base = _losses(p, used), _losses(np.full(used.size, hit.mean()), used)
    gain = weight @ (base - loss) / weight.sum()
    error = np.sqrt(np.square(weight * (base - loss - gain)).sum()) / weight.sum()
    return Fitted(
        classifier=classifier,
        p_held_out=everyone,
        calibration_error=expected_calibration_error(p, used, weights=weight),
        log_loss=float(weight @ loss / weight.sum()),
        base_log_loss=float(weight @ base / weight.sum()),
        better=float(gain - 1.96 * error),
        recipes=chosen,
    )


def _losses(p: FloatArray, hit: FloatArray) -> FloatArray:
    return -np.log(np.where(hit == 1, p, 1 - p))
