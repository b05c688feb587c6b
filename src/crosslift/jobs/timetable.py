"""The timetable of a shop: which job, when, as the settings say it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from crosslift.domain.schedule import Schedule, read_schedule
from crosslift.errors import BadInput, NotFound
from crosslift.settings import Settings

NAMES: Mapping[str, str] = {
    "collect": "collect from folders and addresses",
    "sealing": "work up what came by API, seal old events",
    "retention": "delete what is past its days",
    "learn": "learn and publish a snapshot",
    "quality": "look at the data for what is odd",
    "guardrails": "look at bad signs of offers, pause what is over its limit",
    "watch": "look for days and spreads unlike before",
    "week": "write the review of the last week",
    "renewals": "look for consents to be confirmed again",
    "review": "tell what waits for a person's eye",
}
"""Every job, in the order in which they run where several are due."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One job: what it does and when."""

    name: str
    about: str
    schedule: Schedule

    def aloud(self) -> str:
        """Say it as one would read it to somebody."""
        when = self.schedule.said.partition(",")[0].strip()
        missed = "skipped" if self.schedule.skips_missed else "made up for once"
        return f"{self.about}: {when}" + ("" if self.schedule.is_never else f"; what was missed is {missed}")


@dataclass(frozen=True, slots=True)
class Timetable:
    """All jobs of a shop, in the order in which they run."""

    entries: tuple[Entry, ...]
    zone: tzinfo

    def __getitem__(self, name: str) -> Entry:
        """Give the job of a name; `NotFound` if there is none."""
        found = next((entry for entry in self.entries if entry.name == name), None)
        if found is None:
            raise NotFound(f"no job {name!r}; there are {', '.join(entry.name for entry in self.entries)}")
        return found

    def next(self, name: str, now: datetime) -> datetime | None:
        """Give when a job is due next by the timetable, in UTC."""
        return self[name].schedule.next(now, self.zone)


def read_timetable(settings: Settings) -> Timetable:
    """Read the sentences under `jobs`.

    Raises
    ------
    BadInput
        Naming the setting and what can be written.
    """
    entries = tuple(
        Entry(name, about, read_schedule(settings[f"jobs.{name}"], f"jobs.{name}")) for name, about in NAMES.items()
    )
    return Timetable(entries, _zone(settings["shop.time_zone"]))


def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise BadInput(f"shop.time_zone = {name!r} is no time zone such as 'Asia/Seoul'") from error


def plain(moment: datetime | None) -> Any:
    """Write an instant as JSON has it."""
    return None if moment is None else moment.isoformat().replace("+00:00", "Z")
