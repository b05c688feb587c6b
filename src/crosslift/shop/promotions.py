"""Winners: the arm of a trial that becomes what everybody gets, in all markets or in one, by its evidence; and back again."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import structlog

from crosslift.domain.audit import Entry
from crosslift.domain.estimate import NotEstimable
from crosslift.domain.experiment import EVERYWHERE, Experiment, TrialKind
from crosslift.errors import BadInput, BadUsage, Conflict, NotFound, Refused
from crosslift.measure.markets import OfMarket, by_market
from crosslift.measure.trial import Verdict, analyze
from crosslift.shop.experiments import Experiments
from crosslift.shop.in_force import InForce
from crosslift.shop.rulings import Rulings
from crosslift.shop.slices import UNKNOWN
from crosslift.shop.trials import Read, Trials
from crosslift.store.ports import Records

log = structlog.get_logger()
Row = dict[str, Any]
PROMOTE, ROLLBACK = "experiment.promote", "experiment.rollback"
PAGE = 1000


class Promotions:
    """The winners of one shop's trials.

    Parameters
    ----------
    records : Records
        Where markets of people are, and the audit.
    rulings, in_force : Rulings, InForce
        Which policies are in force, and how that is changed.
    experiments, trials : Experiments, Trials
        The trials, and what they show.
    clock : callable
        Gives the present instant.
    """

    def __init__(
        self, records: Records, rulings: Rulings, in_force: InForce, experiments: Experiments, trials: Trials,
        clock: Callable[[], datetime],
    ) -> None:  # fmt: skip
        self._records, self._rulings, self._in_force = records, rulings, in_force
        self._experiments, self._trials, self._clock = experiments, trials, clock

    def markets(self, experiment_id: str, control: str | None = None, *, is_fixed: bool = False) -> Row:
        """Say what a trial shows in each market, alone and drawn towards all of them.

        Returns
        -------
        dict
            outcome, the one that counts; `markets`, a row for each market and arm: market, arm, n, n_control, `alone` and
            `drawn` with value, low, high, and the verdict of the drawn one; or `not_estimable`.
        """
        read = self._trials.read(experiment_id, control, is_fixed=is_fixed)
        outcome = _headline(read)
        if read.plan is None or read.table is None:
            return {"outcome": outcome, "not_estimable": read.told["not_estimable"]}
        trial = analyze(read.table, read.plan, read.arms.counts, read.arms.n_crossed)
        if isinstance(trial.compared, NotEstimable):
            return {"outcome": outcome, "not_estimable": trial.compared.why}
        rows = list[Row]()
        column = self._trials.markets(read.table)
        for arm in dict.fromkeys(one.arm for one in trial.compared):
            found = by_market(read.table, column, read.plan, outcome, arm)
            if isinstance(found, NotEstimable):
                return {"outcome": outcome, "not_estimable": found.why}
            rows += [_of_market(one, arm) for one in found]
        return {"outcome": outcome, "markets": rows}

    def promote(
        self, experiment_id: str, arm: str, author: str, reason: str, approved_by: str | None = None,
        market: str | None = None, *, is_forced: bool = False,
    ) -> Row:  # fmt: skip
        """End a trial and let everybody get what one of its arms got, from the very next decision on.

        Of a trial of policies the policy of the arm is published in place of that of the control; in one market alone requests
        for either are decided by it there. Of texts and layouts the answer goes on to name the arm.

        Parameters
        ----------
        approved_by : str, optional
            Somebody other than the author, where a policy concerned asks for an approval; for texts, where any in force does.
        market : str, optional
            In this market alone; it takes an interval drawn to all markets that lies above 0.
        is_forced : bool
            Whether it is promoted though the trial does not show it to be better; the reason says why.

        Returns
        -------
        dict
            experiment_id, version, arm, market (`*` for all), policy and policy_version where one was published, and the
            `evidence` it rests on.

        Raises
        ------
        NotFound
            If there is no such trial or arm.
        BadInput
            If author or reason are missing, or it is a holdout.
        Refused
            If the trial does not show the arm to be better and nobody forces it, or an approval is missing.
        Conflict
            If somebody changed trial or policy meanwhile.
        """
        trial = self._of(experiment_id, arm, author, reason)
        if market is not None and (not market.strip() or market in (EVERYWHERE, UNKNOWN)):
            raise BadInput(f"market {market!r}: name one, such as KR, or none for all")
        evidence = self._evidence(trial, arm, market)
        if evidence["verdict"] != Verdict.BETTER and not is_forced:
            raise Refused(
                f"experiment {experiment_id!r} does not show {arm!r} to be better{f' in {market}' if market else ''}: "
                f"{evidence['why']}; wait, or force it and say why"
            )
        told = self._put_in_force(trial, arm, market, author, reason, approved_by)
        place = market or EVERYWHERE
        promoted = {place: arm} if market is None else {**trial.promoted, place: arm}
        version = self._experiments.set_promoted(trial, promoted, author, reason)["version"]
        done = {
            "experiment_id": experiment_id,
            "version": version,
            "arm": arm,
            "market": place,
            **told,
            "evidence": evidence,
        }
        self._note(PROMOTE, experiment_id, {
            **done, "author": author, "approved_by": approved_by, "reason": reason, "is_forced": is_forced,
            "promoted_before": dict(trial.promoted),
        })  # fmt: skip
        log.info("arm_promoted", experiment_id=experiment_id, arm=arm, market=place, is_forced=is_forced)
        return done

    def rollback(self, experiment_id: str, author: str, reason: str, approved_by: str | None = None) -> Row:
        """Take the newest promotion of a trial back: what held before holds again, from the very next decision on.

        Raises
        ------
        NotFound
            If there is no such trial.
        BadUsage
            If no arm of it is promoted.
        Refused
            If an approval is missing.
        Conflict
            If another version of the policy was published since.
        """
        trial = self._experiments.get(experiment_id)
        last = next(iter(self.of(experiment_id)), None)
        if last is None or not trial.promoted:
            raise BadUsage(f"no arm of experiment {experiment_id!r} is promoted")
        if last["is_rollback"] or last["version"] != trial.version:
            raise Conflict(
                f"experiment {experiment_id!r} was written anew after the promotion; put what you want by hand"
            )
        _needed(author, reason)
        if last.get("policy"):
            self._restore(last["policy"], last["policy_version"], last["version_before"], author, reason, approved_by)
        else:
            self._approve(trial, author, approved_by)
        version = self._experiments.set_promoted(trial, last["promoted_before"], author, reason)["version"]
        done = {"experiment_id": experiment_id, "version": version, "promoted": last["promoted_before"]}
        self._note(ROLLBACK, experiment_id, {**done, "author": author, "approved_by": approved_by, "reason": reason})
        log.info("promotion_rolled_back", experiment_id=experiment_id)
        return done

    def of(self, experiment_id: str) -> list[Row]:
        """Give what was promoted and rolled back of a trial, newest first, with the numbers it rested on."""
        found, before = list[Row](), None
        while True:
            page = self._records.audit(before, PAGE, "experiment.")
            found += [
                {**one["details"], "at": one["at"], "is_rollback": one["action"] == ROLLBACK} for one in page
                if one["object"] == experiment_id and one["action"] in (PROMOTE, ROLLBACK)
            ]  # fmt: skip
            if len(page) < PAGE:
                return found
            before = page[-1]["seq"]

    # the parts ---------------------------------------------------------------------------------------------------

    def _of(self, experiment_id: str, arm: str, author: str, reason: str) -> Experiment:
        trial = self._experiments.get(experiment_id)
        _needed(author, reason)
        if trial.kind is TrialKind.HOLDOUT:
            raise BadInput("a holdout has no winner: end it, or let it run (crosslift experiments stop)")
        if arm not in trial.arms:
            raise NotFound(f"experiment {experiment_id!r} has no arm {arm!r}; it has {', '.join(trial.arms)}")
        return trial

    def _evidence(self, trial: Experiment, arm: str, market: str | None) -> Row:
        """Give the numbers a promotion rests on, and their verdict."""
        read = self._trials.read(trial.experiment_id)
        outcome, named = _headline(read), read.told["control"]
        told = {"outcome": outcome, "control": named, "judgement": read.told["judgement"], "until": read.told["until"]}
        if arm == named:
            return {**told, "verdict": None, "why": f"{arm!r} is its control"}
        if market is not None:
            found = self.markets(trial.experiment_id)
            rows = [one for one in found.get("markets", ()) if (one["market"], one["arm"]) == (market, arm)]
            if not rows:
                why = found.get("not_estimable") or f"too few units in {market}"
                return {**told, "verdict": None, "why": why}
            return {**told, **rows[0], "why": _said(outcome, rows[0]["drawn"])}
        if read.plan is None or read.table is None:
            return {**told, "verdict": None, "why": read.told["not_estimable"]}
        judged = analyze(read.table, read.plan, read.arms.counts, read.arms.n_crossed)
        if isinstance(judged.compared, NotEstimable):
            return {**told, "verdict": None, "why": judged.compared.why}
        found_one = next((one for one in judged.compared if (one.outcome, one.arm) == (outcome, arm)), None)
        if found_one is None:
            return {**told, "verdict": None, "why": f"too few units in {arm}"}
        bounds = {name: getattr(found_one.absolute, name) for name in ("value", "low", "high")}
        return {
            **told, "n": found_one.n, "n_control": found_one.n_control, **bounds, "p_adjusted": found_one.p_adjusted,
            "verdict": found_one.verdict.value, "why": _said(outcome, bounds),
        }  # fmt: skip

    def _put_in_force(
        self, trial: Experiment, arm: str, market: str | None, author: str, reason: str, approved_by: str | None
    ) -> Row:
        """Publish the policy of an arm in place of the control's; for texts and single markets only an approval is asked."""
        if trial.kind is not TrialKind.POLICY or market is not None:
            self._approve(trial, author, approved_by)
            return {}
        control = self._trials.read(trial.experiment_id).told["control"]
        name, winner = trial.policies[control], self._rulings.named(trial.policies[arm])
        if winner.name == name:
            return {}
        standing = self._rulings.named(name)
        version = self._in_force.take_over(winner, name, author, reason, approved_by)
        return {"policy": name, "policy_version": version, "version_before": standing.version}

    def _approve(self, trial: Experiment, author: str, approved_by: str | None) -> None:
        """Ask for a second person where a policy concerned does; for texts, which have none, where any in force does."""
        ruling = self._rulings.now()
        names = set(trial.policies.values()) or set(self._rulings)
        for policy in filter(None, (self._rulings.readable(name) for name in sorted(names))):
            self._in_force.approve(policy, ruling, author, approved_by)

    def _restore(
        self, name: str, version: int, before: int, author: str, reason: str, approved_by: str | None
    ) -> None:  # fmt: skip
        ruling = self._rulings.now()
        policy = self._rulings.version(name, before)
        if ruling.published.get(name) != version or policy is None:
            raise Conflict(
                f"another version of policy {name!r} was published since; crosslift policies rollback {name}"
            )
        self._in_force.approve(policy, ruling, author, approved_by)
        self._in_force.put("rollback", policy, ruling, author, approved_by, reason)

    def _note(self, action: str, experiment_id: str, details: Mapping[str, Any]) -> None:
        self._records.append_audit(Entry(int(self._clock().timestamp() * 1_000_000), action, experiment_id, details))


def _headline(read: Read) -> str:
    """Name the outcome that counts: profit, revenue where no cost is known."""
    return "profit" if read.plan is None or "profit" in read.plan.outcomes else "revenue"


def _said(outcome: str, bounds: Mapping[str, float]) -> str:
    return f"{outcome} a unit {bounds['value']:+.4g}, between {bounds['low']:+.4g} and {bounds['high']:+.4g}"


def _of_market(one: OfMarket, arm: str) -> Row:
    alone = {name: getattr(one.compared.absolute, name) for name in ("value", "low", "high")}
    return {
        "market": one.market, "arm": arm, "n": one.compared.n, "n_control": one.compared.n_control, "alone": alone,
        "drawn": {"value": one.value, "low": one.low, "high": one.high}, "verdict": one.verdict.value,
    }  # fmt: skip


def _needed(author: str, reason: str) -> None:
    if not author.strip() or not reason.strip():
        raise BadInput("author or reason is missing; say who does it and why")
