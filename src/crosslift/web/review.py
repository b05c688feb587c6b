"""The weekly review as one page that needs nothing else: no script, nothing from outside, each chart beside its figures."""

import os
import tempfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from crosslift.measure.trial import SRM_ALARM
from crosslift.web.office.charts import Point, chart
from crosslift.web.office.figures import Figures, Told, least_units
from crosslift.web.office.home import short_day
from crosslift.web.office.intervals import interval
from crosslift.web.office.watched import Watched
from crosslift.web.pages import rendering
from crosslift.wording import formats
from crosslift.wording.messages import language_of
from crosslift.wording.office import KEYS, teller
from crosslift.wording.reasons import no_offer_sentence

Row = dict[str, Any]


def page_of(found: Row, language: str, zone: str) -> str:
    """Render a week, as `Reviewing.of` gives it, in a language and a time zone."""
    told = _Written(found, language_of(language), ZoneInfo(zone))
    return rendering.written(
        "review.html", found=found, language=told.language, t=told.tell, has=KEYS.__contains__, figures=told.figures,
        told=told, chart=chart, interval=interval, number=told.number, percent=told.percent, why=told.why_no_offer,
        headline=told.headline(), watched=told.watched,
    )  # fmt: skip


def keep(text: bytes, path: Path) -> None:
    """Write a file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, hidden = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(text)
        Path(hidden).replace(path)
    finally:
        Path(hidden).unlink(missing_ok=True)


class _Written:
    """A week's figures as people of a language write them."""

    def __init__(self, found: Row, language: str, zone: ZoneInfo) -> None:
        self._found = found
        self._zone = zone
        self.language = language
        self.tell: Callable[..., str] = teller(language)
        self.figures = Figures(language, found["currency"])
        self.watched = Watched(language, found["currency"])

    def number(self, value: float, digits: int = 0) -> str:
        return formats.number(value, self.language, digits)

    def percent(self, value: float, digits: int = 1) -> str:
        return formats.percent(value, self.language, digits)

    def moment(self, micros: int | None) -> str:
        if micros is None:
            return self.tell("review.never")
        return formats.day(datetime.fromtimestamp(micros / 1e6, self._zone).date(), self.language)

    def made(self) -> str:
        return formats.day(datetime.fromisoformat(self._found["made_at"]).astimezone(self._zone).date(), self.language)

    def points(self, name: str) -> list[Point]:
        kind = "amount" if name == "revenue" else "count"
        return [
            Point(short_day(row["day"]), row[name], self.watched.value(kind, row[name])) for row in self._found["days"]
        ]

    def mark(self, value: float) -> str:
        """Write a figure of an axis."""
        return formats.compact(round(value), self.language)

    def week(self, name: str, which: str) -> str:
        [row] = [one for one in self._found["figures"] if one["name"] == name]
        return self.watched.value(row["kind"], row[which])

    def trial(self, trial: Row) -> list[Told] | str:
        """Give the orders of each arm, or why there are none."""
        if "not_estimable" not in trial:
            return [one for one in self.figures.rows(trial) if one.outcome == "orders"]
        if not trial["units"]:
            return self.tell("review.control_unknown")
        if trial["sample_ratio_p"] is not None and trial["sample_ratio_p"] < SRM_ALARM:
            return self.tell("trial.why.ratio")
        return self.tell("trial.why.few", n=least_units(self.language))

    def headline(self) -> Row | None:
        """Give the outcome of the holdout that counts."""
        found = self._found["holdout"]
        if found is None or "incremental" not in found:
            return None
        [told] = [one for one in self.figures.rows(found) if (one.outcome, one.arm) == (found["headline"], "treated")]
        total = self.figures.span(found["incremental"]["total"])
        return {"told": told, "total": total, "per_thousand": self.figures.span(found["incremental"]["per_thousand"])}

    def runs(self) -> list[Point]:
        rows = [row for row in self._found["learned"]["runs"] if row["ndcg"] is not None]
        return [Point(self.moment(row["created_at"]), row["ndcg"], self.number(row["ndcg"], 3)) for row in rows]

    def why_no_offer(self, code: str) -> str:
        return no_offer_sentence(code, self.language)
