"""What is unlike before, as people read it: a figure in its unit, a change with its sign, alarms and trends in sentences."""

from datetime import date
from typing import Any

from crosslift.web.office.figures import Figures
from crosslift.wording import formats
from crosslift.wording.office import teller

Row = dict[str, Any]
LEAST_CHANGE = 5e-5


class Watched:
    """Writes what is watched in a language and, of amounts, a currency."""

    def __init__(self, language: str, currency: str) -> None:
        self._language = language
        self._figures = Figures(language, currency)
        self._tell = teller(language)

    def of(self, found: Row) -> Row:
        """Give `odd` and `trends` in sentences, and `days`, a row a figure of the last day: name, value, low, high."""
        rows = [(row, day) for row in found["figures"] for day in row.get("days", ())[-1:]]
        days = [
            {"name": row["name"], **{key: self.value(row["kind"], day[key]) for key in ("value", "low", "high")}}
            for row, day in rows
        ]
        return {"odd": self.odd(found), "trends": self.trends(found), "days": days, "last": self.day(found["last"])}

    def value(self, kind: str, value: float | None) -> str:
        """Write a figure in its own unit."""
        if value is None:
            return "–"
        if kind == "amount":
            return self._figures.amount(value)
        return formats.percent(value, self._language, 1) if kind == "share" else formats.number(value, self._language)

    def change(self, kind: str, value: float) -> str:
        """Write a change with its sign: of shares in points, else in percent."""
        shown = formats.percent(value, self._language, 1)
        if kind == "share":
            shown = self._tell("trial.points", n=formats.number(value * 100, self._language, 1))
        return f"+{shown}" if value > LEAST_CHANGE else shown

    def day(self, on: str) -> str:
        """Write a day."""
        return formats.day(date.fromisoformat(on[:10]), self._language)

    def odd(self, found: Row) -> list[str]:
        """Say every alarm in a sentence."""
        rows = [(row, day) for row in found["figures"] for day in row.get("days", ()) if day["is_alarm"]]
        said = [
            self._tell("review.day_odd", figure=self._tell(f"watch.{row['name']}"), day=self.day(day["day"]),
                       **{key: self.value(row["kind"], day[key]) for key in ("value", "low", "high")})
            for row, day in rows
        ]  # fmt: skip
        said += [
            self._tell("review.moved", of=self._tell(f"watch.of.{row['of']}"), psi=formats.number(row["psi"], self._language, 2))
            for row in found["drift"] if row.get("has_moved")
        ]  # fmt: skip
        if found["calibration"].get("is_off"):
            error, chance = (
                formats.percent(found["calibration"][name], self._language, 1) for name in ("error", "by_chance")
            )
            said.append(self._tell("review.off", error=error, chance=chance))
        if found["learned"] and found["learned"][0]["state"] == "refused":
            said.append(self._tell("review.refused"))
        return said

    def trends(self, found: Row) -> list[str]:
        """Say every trend whose interval is on one side of nothing."""
        rows = [(row["name"], row["trend"]) for row in found["figures"] if row.get("trend")]
        return [
            self._tell(
                "review.trend", figure=self._tell(f"watch.{name}"), change=self.change("count", one["per_week"]),
                low=self.change("count", one["low"]), high=self.change("count", one["high"]),
            )
            for name, one in rows if one["low"] > 0 or one["high"] < 0
        ]  # fmt: skip
