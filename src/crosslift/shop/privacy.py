"""A person's rights: a copy of everything, erasure with a certificate, and clocks after which data goes by itself."""

import secrets
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from crosslift.domain.audit import Entry
from crosslift.errors import NotFound
from crosslift.settings import VERSION, Settings
from crosslift.shop.customers import as_identity
from crosslift.shop.idle import Idle, idle_people
from crosslift.shop.locks import learning_alone
from crosslift.store.erase import TOMBSTONE, erase_people
from crosslift.store.export import as_zip
from crosslift.store.frames import Frames
from crosslift.store.ports import Records

DAY = 86_400_000_000
_ALL = 2**31
_KEPT = (
    "sales without a name, totals of decisions and trials under a random tombstone, a keyed hash that keeps a "
    "later file from bringing the customer id back"
)
_KEPT_IDLE = f"{_KEPT} until it tells something newer"


class Privacy:
    """Copies, erasures and retention of one shop.

    Parameters
    ----------
    records, frames : Records, Frames
        Everything kept.
    home : Path
        The shop's folder, all of which is searched after an erasure.
    settings : Settings
        Of it, the clocks under `privacy`.
    clock : callable
        Gives the present instant.
    """

    def __init__(
        self, records: Records, frames: Frames, home: Path, settings: Settings, clock: Callable[[], datetime]
    ) -> None:
        self._records = records
        self._frames = frames
        self._home = home
        self._settings = settings
        self._clock = clock

    def export(self, customer: str) -> bytes:
        """Give everything the shop keeps about a person as a zip of JSON files.

        Raises
        ------
        NotFound
            If nobody is known under that id.
        """
        person, identities = self._known(customer)
        found = self._records.about(identities)
        sealed = self._sealed_events(identities)
        if sealed:
            found["events"] = sorted([*found.get("events", []), *sealed], key=lambda row: -row["at"])
        named = self._records.audit(limit=_ALL, people=identities)
        if named:
            found["audit"] = named
        self._records.append_audit(Entry(self._now(), "person.export", "customer", person=identities[0]))
        about = {
            "person_id": person, "identities": identities, "made_at": self._clock().astimezone(UTC).isoformat(),
            "made_by": f"crosslift {VERSION}",
            "note": "Everything this shop keeps about the person. Instants are UTC, amounts in the currency beside them.",
        }  # fmt: skip
        return as_zip(found, about)

    def erase(self, customer: str) -> dict[str, Any]:
        """Remove a person from everything the shop keeps; the next learning run knows nothing of them either.

        Returns
        -------
        dict
            The certificate: what was removed by table, what was searched afterwards, whether anything was found. It
            names nobody and is kept.

        Raises
        ------
        NotFound
            If nobody is known under that id.
        Busy
            While a learning run goes on.
        """
        _, identities = self._known(customer)
        with learning_alone(self._records, self._home):
            return self._erase([identities])

    def idle(self) -> list[Idle]:
        """List whom `retain` would erase: nothing was heard of them for `privacy.idle_days`. Nobody while that is 0."""
        days = self._settings["privacy.idle_days"]
        now = self._now()
        return idle_people(self._records, self._frames, now - days * DAY, now) if days else []

    def _erase(self, people: Sequence[Sequence[str]], *, is_idle: bool = False) -> dict[str, Any]:
        """Remove people, all identities of each, with one certificate; no learning run may go on."""
        now = self._now()
        mark = f"{TOMBSTONE}:{secrets.token_hex(12)}"
        marked = {mark if len(people) == 1 else f"{mark}.{n}": names for n, names in enumerate(people)}
        done = erase_people(self._records, self._frames, self._home, marked, now, is_idle=is_idle)
        certificate = {
            "certificate_id": secrets.token_hex(16),
            "at": self._clock().astimezone(UTC).isoformat(),
            "people": len(people),
            "identities": sum(map(len, people)),
            "removed": dict(sorted(done.counts.items())),
            "searched": {"files": done.search.n_files, "bytes": done.search.n_bytes},
            "found": [{"file": trace.file, "place": trace.place} for trace in done.search.found],
            "is_complete": done.is_complete,
            "kept": _KEPT_IDLE if is_idle else _KEPT,
        }
        self._records.save_erasure({
            "certificate_id": certificate["certificate_id"], "at": now, "tombstone": mark,
            "report": msgspec.json.encode(certificate).decode(),
        })  # fmt: skip
        return certificate

    def retain(self) -> dict[str, Any]:
        """Delete what is past its days: inputs of decisions, people who are idle, events, message ids.

        Running it twice does nothing more.

        Returns
        -------
        dict
            How many rows went, by kind; with `privacy.idle_days` also how many `people`, and the `certificate` of their
            erasure, None where it was nobody's.

        Raises
        ------
        Busy
            With `privacy.idle_days`, while a learning run goes on; nobody is erased then, and no event deleted.
        """
        now = self._now()
        gone: dict[str, Any] = {"decision_inputs": self._records.expire(now)}
        if self._settings["privacy.idle_days"]:
            with learning_alone(self._records, self._home):
                people = [one.identities for one in self.idle()]
                gone["people"] = len(people)
                gone["certificate"] = self._erase(people, is_idle=True) if people else None
        days = self._settings["privacy.events_days"]
        if days:
            gone["events"] = self._records.forget_events(now - days * DAY)
            gone["sealed events"] = self._frames.forget_events(before=now - days * DAY)
        gone["message_ids"] = self._records.forget_messages((now // DAY) - self._settings["privacy.message_days"])
        return gone

    def _known(self, customer: str) -> tuple[str, list[str]]:
        found = self._records.person(as_identity(customer))
        identities = list(found.identities)
        if not found.is_known and not self._records.count_about(identities) and not self._sealed_events(identities):
            raise NotFound(f"nobody is known as {as_identity(customer)}; a customer id, or kind:value")
        return found.person_id or as_identity(customer), identities

    def _sealed_events(self, identities: list[str]) -> list[dict[str, Any]]:
        rows = self._frames.sealed_events_of(identities).to_pylist()
        return [{name: value for name, value in row.items() if name != "id" and value is not None} for row in rows]

    def _now(self) -> int:
        return int(self._clock().timestamp() * 1_000_000)
