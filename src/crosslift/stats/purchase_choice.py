"""Which model of purchases fits a shop: asked of the histories, answered with the reason.

All candidates give a density of the same purchase times, so their AIC can be compared. Where gaps are more regular than
chance the models with a rhythm take part. Among those within 2 of the best the first of this order is taken: MBG/NBD,
Pareto/NBD, BG/NBD. BG/NBD stands last because it calls everybody who bought once alive for ever.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from crosslift.stats.beta_geometric import BetaGeometric, fit_beta_geometric
from crosslift.stats.btyd import Histories, PurchaseModel
from crosslift.stats.maximum_likelihood import Fit
from crosslift.stats.pareto_nbd import fit_pareto_nbd
from crosslift.stats.regularity import Regularity, gap_shape

ROWS = 10_000  # the candidates compete on so many rows; the winner is fitted to all
ALIKE = 2.0  # AIC
MOST_REGULAR = 12


@dataclass(frozen=True, slots=True)
class Choice:
    """The model chosen, and why.

    Attributes
    ----------
    fitted : Fit
        To all histories.
    aic : mapping of str to float
        Of each candidate that converged, above the best one; read from at most about `ROWS` rows.
    regularity : Regularity
        Shape of the gaps.
    why : tuple of (str, float or str)
        Codes with their value: ``regular_purchases`` or ``bursty_purchases`` (shape of the gaps), ``random_loses_aic``
        (how far the best model of purchases at random times is behind one with a rhythm), ``next_loses_aic`` (how far
        the next candidate is behind), ``alike`` (a better candidate passed over), ``not_converged`` (one left out).
    """

    fitted: Fit[PurchaseModel]
    aic: Mapping[str, float]
    regularity: Regularity
    why: tuple[tuple[str, float | str], ...]

    @property
    def model(self) -> PurchaseModel:
        """The chosen model with its parameters."""
        return self.fitted.model


def choose_purchase_model(histories: Histories) -> Choice | None:
    """Fit the candidates, take the one that explains the histories best, and say why.

    Parameters
    ----------
    histories : Histories
        With sums of log gaps; without them no rhythm can be seen.

    Returns
    -------
    Choice or None
        None where no candidate converged: then nothing can be said.
    """
    regularity = gap_shape(histories)
    trial = histories.smooth().sample(ROWS)
    candidates = [*_candidates(trial, regularity)]
    ordered = sorted((one for one in candidates if one.is_converged), key=lambda one: one.aic)
    while ordered:
        chosen = min((one for one in ordered if one.aic <= ordered[0].aic + ALIKE), key=candidates.index)
        fitted = _refit(chosen.model, histories)
        if fitted.is_converged:
            break
        ordered.remove(chosen)
    else:
        return None
    best = ordered[0].aic
    why = [*_reasons(chosen, ordered, regularity)]
    why += [("not_converged", one.model.name) for one in candidates if one not in ordered]
    return Choice(fitted, {one.model.name: one.aic - best for one in ordered}, regularity, tuple(why))


def _candidates(trial: Histories, regularity: Regularity) -> Iterator[Fit[PurchaseModel]]:
    """Fit each candidate, in the order in which equals are preferred."""
    if regularity.is_regular:
        yield from _with_rhythm(trial, regularity.shape, leaves_at_once=True)
        yield from _with_rhythm(trial, regularity.shape, leaves_at_once=False)
    yield fit_beta_geometric(trial)
    yield fit_pareto_nbd(trial)
    yield fit_beta_geometric(trial, leaves_at_once=False)


def _with_rhythm(trial: Histories, shape: float, *, leaves_at_once: bool) -> list[Fit[BetaGeometric]]:
    """Climb over k from the shape of the gaps on, and give the best (k of 2 or more)."""
    k = min(max(round(shape), 2), MOST_REGULAR)
    known = {k: fit_beta_geometric(trial, k, leaves_at_once=leaves_at_once)}
    for step in (-1, 1):
        while 2 <= k + step <= MOST_REGULAR and k + step not in known:
            known[k + step] = fit_beta_geometric(trial, k + step, leaves_at_once=leaves_at_once)
            if known[k + step].aic >= known[k].aic:
                break
            k += step
    return [known[k]]


def _refit(model: PurchaseModel, histories: Histories) -> Fit[PurchaseModel]:
    if isinstance(model, BetaGeometric):
        return fit_beta_geometric(histories, model.k, leaves_at_once=model.leaves_at_once)
    return fit_pareto_nbd(histories)


def _reasons(
    chosen: Fit[PurchaseModel], ordered: list[Fit[PurchaseModel]], regularity: Regularity
) -> Iterator[tuple[str, float | str]]:
    if regularity.is_regular:
        yield "regular_purchases", regularity.shape
    if regularity.is_bursty:
        yield "bursty_purchases", regularity.shape
    if _has_rhythm(chosen.model):
        at_random = [one.aic for one in ordered if not _has_rhythm(one.model)]
        yield from (("random_loses_aic", aic - chosen.aic) for aic in at_random[:1])
    behind = [one.aic - chosen.aic for one in ordered if one.aic > chosen.aic]
    yield from (("next_loses_aic", aic) for aic in behind[:1])
    yield from (("alike", one.model.name) for one in ordered if one.aic < chosen.aic)


def _has_rhythm(model: PurchaseModel) -> bool:
    return isinstance(model, BetaGeometric) and model.k > 1
