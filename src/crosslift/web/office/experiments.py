"""Experiments: every trial of this shop and those run elsewhere, what each shows, and how one is ended."""

from typing import Any

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from crosslift.domain.access import Permission
from crosslift.domain.experiment import EVERYWHERE
from crosslift.errors import BadInput, NotFound
from crosslift.web.office.decisions import placements_in
from crosslift.web.office.figures import BOUNDS, Figures, least_units, why_not
from crosslift.web.office.frame import ROOT, Caller, Frame
from crosslift.web.office.kept import Kept
from crosslift.web.office.relations import quoted

PATH = f"{ROOT}/experiments"
Row = dict[str, Any]
Arms = dict[str, dict[str, int]]


def mount(app: FastAPI, frame: Frame) -> None:
    """Serve the pages."""
    pages = Experiments(frame)
    frame.add(app, PATH, Permission.LOOK, pages.newest)
    frame.add(app, f"{PATH}/stop", Permission.CAMPAIGN, pages.stop, changes=True)
    frame.add(app, f"{PATH}/promote", Permission.PUBLISH, pages.promote, changes=True)
    frame.add(app, f"{PATH}/roll-back", Permission.PUBLISH, pages.roll_back, changes=True)
    frame.add(app, f"{PATH}/lift", Permission.PUBLISH, pages.lift, changes=True)
    frame.add(app, f"{PATH}/{{experiment_id:path}}", Permission.LOOK, pages.show)


class Experiments:
    """The pages.

    Parameters
    ----------
    frame : Frame
        Renders them.
    """

    def __init__(self, frame: Frame) -> None:
        self._frame, self._shop, self._served = frame, frame.served.shop, frame.served
        self._judged = Kept[Row | None](self._shop)
        self._elsewhere = Kept[Arms](self._shop)
        self._markets = Kept[Row](self._shop)

    async def newest(self, request: Request, caller: Caller) -> Response:
        """List the trials of this shop, then those run elsewhere."""
        trials, rests = await self._served.in_thread(lambda: (self._trials(), self._shop.guardrails.resting()))
        elsewhere, _ = await self._served.in_thread(lambda: self._elsewhere.get("arms", self._count))
        ours = {one["experiment_id"] for one in trials}
        return self._frame.page(
            "experiments.html", request, caller.language, caller, trials=trials, rests=rests,
            elsewhere={name: arms for name, arms in elsewhere.items() if name not in ours},
        )  # fmt: skip

    async def show(self, request: Request, caller: Caller) -> Response:
        """Show one trial: its health, what it shows, and who wrote it."""
        asked, name = request.query_params, request.path_params["experiment_id"]
        trial = await self._served.in_thread(lambda: self._trial(name))
        control, is_fixed = asked.get("control", "").strip()[:80], "fixed" in asked and trial is None
        elsewhere, _ = await self._served.in_thread(lambda: self._elsewhere.get("arms", self._count))
        units = trial["units"] if trial else elsewhere.get(name)
        if units is None:
            raise NotFound(f"no experiment {name[:200]!r}; the list shows those of this shop and those collected")
        if control and control not in units:
            raise BadInput(f"{control!r} is no arm of it; there are {', '.join(sorted(units))}")
        found, at = await self._served.in_thread(
            lambda: self._judged.get(
                (name, control, is_fixed), lambda: self._judge(name, control, trial, is_fixed=is_fixed)
            )
        )
        markets = await self._served.in_thread(
            lambda: self._in_markets(name, control, found, caller.language, is_fixed=is_fixed)
        )
        won = await self._served.in_thread(lambda: self._won(name, trial, caller.language))
        is_empty = not any(units.values())
        figures = Figures(caller.language, found["currency"]) if found else None
        has_none = found is not None and "not_estimable" in found
        return self._frame.page(
            "experiment.html", request, caller.language, caller, name=name, trial=trial, found=found, at=at,
            units=found["units"] if found else units, is_empty=is_empty, control=control, is_fixed=is_fixed,
            why=why_not(found, trial, self._shop.clock()) if found and has_none else None,
            rows=figures.rows(found) if found and figures and not has_none else [], least=least_units(caller.language),
            markets=markets,
            place=placements_in(caller.language), won=won, crossed=found["n_crossed"] if found else 0,
        )  # fmt: skip

    async def stop(self, request: Request, caller: Caller) -> Response:
        """End a trial at once."""
        sent = caller.form.fields
        name, reason = sent.get("experiment_id", ""), sent.get("reason", "").strip()
        await self._served.in_thread(lambda: self._shop.experiments.stop(name, caller.login, reason))
        return self._frame.to(f"{PATH}/{quoted(name)}", "trial_stopped")

    async def promote(self, request: Request, caller: Caller) -> Response:
        """Let everybody get what an arm got."""
        sent = caller.form.fields
        name, arm, reason, approved_by, market = (
            sent.get(field, "").strip() for field in ("experiment_id", "arm", "reason", "approved_by", "market")
        )
        await self._served.in_thread(
            lambda: self._shop.promotions.promote(
                name, arm, caller.login, reason, approved_by or None, market or None, is_forced="forced" in sent
            )
        )
        return self._frame.to(f"{PATH}/{quoted(name)}", "promoted")

    async def roll_back(self, request: Request, caller: Caller) -> Response:
        """Take the newest promotion back."""
        sent = caller.form.fields
        name, reason, approved_by = (
            sent.get(field, "").strip() for field in ("experiment_id", "reason", "approved_by")
        )
        await self._served.in_thread(
            lambda: self._shop.promotions.rollback(name, caller.login, reason, approved_by or None)
        )
        return self._frame.to(f"{PATH}/{quoted(name)}", "promotion_back")

    async def lift(self, request: Request, caller: Caller) -> Response:
        """Let something that a guardrail paused work again."""
        sent = caller.form.fields
        policy, of, target, reason, approved_by = (
            sent.get(field, "").strip() for field in ("policy", "of", "target", "reason", "approved_by")
        )
        await self._served.in_thread(
            lambda: self._shop.guardrails.lift(policy, of, target, caller.login, reason, approved_by or None)
        )
        return self._frame.to(PATH, "lifted")

    def _won(self, name: str, trial: Row | None, language: str) -> Row | None:
        """Say which arm was promoted and by which numbers."""
        if trial is None or not trial["promoted"]:
            return None
        last = next((one for one in self._shop.promotions.of(name) if not one["is_rollback"]), None)
        if last is None:
            return None
        numbers = last["evidence"].get("drawn", last["evidence"])
        why = last["reason"]
        if "low" in numbers:
            low, value, high = (Figures(language, self._shop.sales.currency).gained(numbers[one]) for one in BOUNDS)
            why = f"{value}: {low} – {high}"
        arms = ", ".join(
            arm if market == EVERYWHERE else f"{market} {arm}" for market, arm in trial["promoted"].items()
        )
        return {"name": arms, "why": why}

    def _in_markets(self, name: str, control: str, found: Row | None, language: str, *, is_fixed: bool) -> list[Row]:
        """Say what a trial shows in each market; nothing where it shows nothing at all, or in too few."""
        if found is None or "not_estimable" in found:
            return []
        told, _ = self._markets.get(
            (name, control, is_fixed),
            lambda: self._shop.promotions.markets(name, control or None, is_fixed=is_fixed),
        )
        figures = Figures(language, found["currency"])
        return [
            {**one, **{how: [figures.gained(one[how][bound]) for bound in BOUNDS] for how in ("alone", "drawn")}}
            for one in told.get("markets", ())
        ]

    def _trials(self) -> list[Row]:
        counted = self._shop.records.count_arms
        return [{**one, "n": sum(counted(one["experiment_id"]).values())} for one in self._shop.experiments.list()]

    def _trial(self, name: str) -> Row | None:
        try:
            return self._shop.experiments.show(name)
        except NotFound:  # run elsewhere, or nowhere
            return None

    def _count(self) -> Arms:
        """Count who was assigned by trials run elsewhere, by arm."""
        rows = self._shop.records.table("assignments", ("experiment_id", "arm"))
        counted = rows.group_by(["experiment_id", "arm"], use_threads=False).aggregate([([], "count_all")])
        found: Arms = {}
        for row in counted.sort_by([("experiment_id", "ascending"), ("arm", "ascending")]).to_pylist():
            found.setdefault(row["experiment_id"], {})[row["arm"]] = row["count_all"]
        return found

    def _judge(self, name: str, control: str, trial: Row | None, *, is_fixed: bool) -> Row | None:
        """Say what a trial shows; None while nobody is in it, or nobody said which arm is the control."""
        try:
            found = self._shop.earned.experiment(name, control or None, is_fixed=is_fixed)
        except BadInput:
            if control or trial is not None:
                raise
            return None
        return found if any(found["units"].values()) else None
