"""Policies as the merchant keeps them: drafted, compared, published, rolled back; and the switch that stops the shop."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache
from typing import Any, Protocol
from zoneinfo import available_timezones

import structlog

from crosslift.decide.sources import SOURCES
from crosslift.domain.pausing import carried
from crosslift.domain.placement import PLACEMENTS
from crosslift.domain.policy import BUILT_IN, RELEVANCE, Policy
from crosslift.domain.policy_changes import changes
from crosslift.domain.policy_fields import POLICY
from crosslift.domain.policy_forms import Vocabulary
from crosslift.domain.policy_packs import resolved
from crosslift.domain.policy_text import PLAIN, Sheet, read_sheet, write_policy
from crosslift.errors import BadInput, BadUsage, NotFound, Refused
from crosslift.shop.in_force import InForce, digest
from crosslift.shop.packs import Packs
from crosslift.shop.rulings import Rulings, policy_of, whole_of
from crosslift.store.export import readable
from crosslift.store.ports import Records

log = structlog.get_logger()
RESERVED = frozenset({RELEVANCE.name, "schema", "check", "stop", "resume"})
"""Names nobody may give: what evaluation is measured by, and words of the API."""

Row = dict[str, Any]
Rows = list[Row]


class Finding(Protocol):
    """What a check of a policy found; its text says where, and what to do."""

    @property
    def rule_id(self) -> str:
        """The rule that is broken."""

    @property
    def is_severe(self) -> bool:
        """Whether nothing may be published with it."""


Check = Callable[[Policy], Sequence[Finding]]


class Policies:
    """The policies of one shop.

    Parameters
    ----------
    records : Records
        Where every version is kept.
    rulings : Rulings
        What is in force.
    clock : callable
        Gives the present instant.
    checks : sequence of callable
        Each looks at a policy before it is published; a severe finding of any refuses it.
    """

    def __init__(
        self, records: Records, rulings: Rulings, clock: Callable[[], datetime], checks: Sequence[Check] = ()
    ) -> None:
        self._records = records
        self._rulings = rulings
        self._clock = clock
        self._checks = checks
        self._packs = Packs()
        self._force = InForce(records, rulings, clock)

    # looking -----------------------------------------------------------------------------------------------------

    def list(self) -> Rows:
        """Give each policy: the version in force, the newest draft above it, who wrote it and why."""
        rows = self._records.policies()
        names = dict.fromkeys((*BUILT_IN, *(row["name"] for row in rows)))
        return [self._summary(name, [row for row in rows if row["name"] == name]) for name in names]

    def show(self, name: str, version: int | None = None) -> Row:
        """Give one version of a policy, by default the one in force, else the newest draft.

        Returns
        -------
        dict
            name, version, state, `text` as its author wrote it, `resolved` as it stands by itself, who and why; the other
            `versions` with theirs, and the `steps` of its history, newest first.

        Raises
        ------
        NotFound
            If there is no such policy or version.
        """
        rows = self._records.policies(name)
        if version is None:
            version = self._standing(name) or (rows[0]["version"] if rows else None)
        steps = [readable(step) for step in self._records.policy_changes() if step["name"] == name]
        versions = [{key: one for key, one in readable(row).items() if key not in ("text", "resolved")} for row in rows]
        row = next((one for one in rows if one["version"] == version), None)
        if row is not None:
            return {**readable(row), "resolved": whole_of(row), "versions": versions, "steps": steps}
        if name in BUILT_IN and version == BUILT_IN[name].version:
            text = write_policy(BUILT_IN[name])
            kept = {"name": name, "version": version, "state": "built_in", "text": text, "resolved": text}
            return {**kept, "versions": versions, "steps": steps}
        raise self._nowhere(name, version)

    def check(self, text: str) -> Row:
        """Read a text as drafting would, and say what it would change; nothing is kept.

        Returns
        -------
        dict
            name; `precedence`, what it is made of, the later wins; `changes` in plain words against what is in force;
            `findings` of the checks.

        Raises
        ------
        BadInput
            Naming every fault of the text with its line.
        """
        sheet, policy = self.read(text)
        layers = [f"{base.name} {base.version}" for base in self._bases(sheet).values()]
        return {
            "name": policy.name, "precedence": [*layers, *policy.packs, "the text itself"],
            "changes": changes(self._before(sheet), policy), "findings": self._findings(policy),
        }  # fmt: skip

    def diff(self, name: str, version: int | None = None) -> Row:
        """Say what a version, by default the newest, changes against the one in force, in plain words.

        Returns
        -------
        dict
            name, `from_version` (None where nothing is in force, then it is compared with what it extends), `to_version`,
            `changes`.

        Raises
        ------
        NotFound
            If there is no such policy or version.
        """
        row = self._row(name, version)
        told = changes(self._before(read_sheet(row["text"], POLICY)), policy_of(row))
        return {"name": name, "from_version": self._standing(name), "to_version": row["version"], "changes": told}

    # changing ----------------------------------------------------------------------------------------------------

    def draft(self, text: str, author: str, reason: str) -> Row:
        """Keep a text as the next version of the policy it names; the same text once more changes nothing.

        Bases and packs are worked in now: what is compared and checked is what will be published. What a guardrail paused
        in the version in force stays paused.

        Raises
        ------
        BadInput
            Naming every fault of the text with its line; or if author or reason are missing.
        """
        _needed(author=author, reason=reason)
        _, read = self.read(text)
        policy = carried(read, self._rulings.readable(read.name) if self._standing(read.name) else None)
        newest = next(iter(self._records.policies(policy.name)), None)
        is_known = newest and (newest["text"], newest["hash"]) == (text, digest(write_policy(policy)))
        if newest and is_known and newest["state"] != "retired":
            return _told(newest)
        version = self._force.keep(policy, text, author, reason)
        return {"name": policy.name, "version": version, "state": "draft"}

    def publish(self, name: str, version: int, author: str, approved_by: str | None = None) -> Row:
        """Put a draft in force, from the very next decision on, in every process.

        Parameters
        ----------
        author : str
            Who publishes it.
        approved_by : str, optional
            Who approves it: somebody other than the author of the draft, where it or the version it replaces needs that.

        Returns
        -------
        dict
            name, version, state; `findings` that did not stop it.

        Raises
        ------
        NotFound
            If there is no such version.
        BadUsage
            If it is no draft any more.
        Refused
            If an approval is missing, or is by the author; or something was paused after it was drafted.
        BadInput
            If a check has a severe finding, naming the rules.
        Conflict
            If somebody published another version meanwhile.
        """
        _needed(author=author)
        row = self._row(name, version)
        if row["state"] == "retired":
            raise BadUsage(
                f"version {version} of policy {name!r} was retired; crosslift policies rollback puts it in force again"
            )
        if row["state"] == "published":
            return {**_told(row), "findings": []}
        policy, ruling = policy_of(row), self._rulings.now()
        self._force.approve(policy, ruling, row["author"], approved_by)
        if name in ruling.published and carried(policy, self._rulings.readable(name, ruling)) != policy:
            raise Refused(
                f"a guardrail paused something of policy {name!r} after version {version} was drafted: draft it once more, or "
                "lift the pause first (crosslift guardrails)"
            )
        findings = self._findings(policy)
        severe = [one for one in findings if one["is_severe"]]
        if severe:
            rules = ", ".join(dict.fromkeys(one["rule_id"] for one in severe))
            raise BadInput(
                f"policy {name!r}, version {version}, is not published: {rules}",
                problems=tuple(one["said"] for one in severe),
            )
        self._force.put("publish", policy, ruling, author, approved_by, row["reason"])
        return {**_told(row), "state": "published", "findings": findings}

    def rollback(self, name: str, to_version: int, author: str, reason: str, approved_by: str | None = None) -> Row:
        """Put an earlier version in force again, from the very next decision on; it was checked when it was published.

        Of a built-in policy the engine's own version may be named too.

        Raises
        ------
        NotFound
            If there is no such version.
        BadUsage
            If it was never in force, or is.
        Refused
            If the version it replaces needs an approval, and that is missing or by who rolls back.
        Conflict
            If somebody published another version meanwhile.
        """
        _needed(author=author, reason=reason)
        ruling = self._rulings.now()
        if to_version == self._standing(name):
            raise BadUsage(f"version {to_version} of policy {name!r} is in force")
        policy = self._rulings.version(name, to_version)
        if policy is None:
            raise self._nowhere(name, to_version)
        is_own = policy is not BUILT_IN.get(name)
        if is_own and self._row(name, to_version)["state"] == "draft":
            raise BadUsage(f"version {to_version} of policy {name!r} was never in force; publish it")
        self._force.approve(policy, ruling, author, approved_by)
        self._force.put("rollback", policy, ruling, author, approved_by, reason)
        return {"name": name, "version": to_version, "state": "published" if is_own else "built_in"}

    def stop(self, author: str, reason: str) -> Row:
        """Stop every offer of the shop from the very next decision on, in every process.

        Decisions are made and recorded with `no_offer: stopped`; all but those of purpose `evaluation` and of the policy
        `relevance`, which nobody is shown by us.
        """
        return self._switch("stop", author, reason)

    def resume(self, author: str, reason: str) -> Row:
        """Let the shop offer again."""
        return self._switch("resume", author, reason)

    def standing(self) -> Row:
        """Tell whether the shop is stopped, since when, by whom and why."""
        stop = self._rulings.now().stop
        told = readable(stop) if stop else {}
        return {"is_stopped": stop is not None, **{key: told.get(key) for key in ("at", "author", "reason")}}

    # the parts ---------------------------------------------------------------------------------------------------

    def read(self, text: str) -> tuple[Sheet, Policy]:
        """Read a text, what it extends and its packs worked in; BadInput names every fault with its line."""
        sheet = read_sheet(text, POLICY, replace(_vocabulary(), policies=self._rulings, packs=self._packs))
        name = sheet.values["name"]
        if name in RESERVED:
            raise sheet.refuse([(("name",), f"{name!r} is taken by crosslift; choose another name")])
        return sheet, resolved(sheet, self._bases(sheet), self._packs)

    def _bases(self, sheet: Sheet) -> Mapping[str, Policy]:
        """Give the policy a text extends: its own name means the engine's version of it, never an earlier one of the shop."""
        name = sheet.values.get("extends")
        if name is None or name == sheet.values["name"]:
            return {name: BUILT_IN[name]} if name in BUILT_IN else {}
        return {name: self._rulings.named(name)}

    def _before(self, sheet: Sheet) -> Policy:
        """Give what a text is compared with: what is in force under its name, else what it extends, else nothing said."""
        name = sheet.values["name"]
        standing = self._rulings.readable(name) if self._standing(name) else None
        return standing or next(iter(self._bases(sheet).values()), PLAIN)

    def _standing(self, name: str) -> int | None:
        """Give the version in force."""
        own = self._rulings.now().published.get(name)
        return own if own is not None or name not in BUILT_IN else BUILT_IN[name].version

    def _row(self, name: str, version: int | None) -> Row:
        """Give a version of the shop's own, by default the newest."""
        rows = self._records.policies(name)
        found = next((row for row in rows if version in (None, row["version"])), None)
        if found is None:
            raise self._nowhere(name, version)
        return found

    def _nowhere(self, name: str, version: int | None) -> NotFound:
        own = [str(row["version"]) for row in reversed(self._records.policies(name))]
        built_in = [str(BUILT_IN[name].version)] if name in BUILT_IN else []
        if not own and not built_in:
            return NotFound(f"no policy {name!r}; crosslift policies list shows them")
        if version is None:
            return NotFound(f"policy {name!r} is crosslift's own; nobody drafted a version of the shop")
        return NotFound(f"policy {name!r} has no version {version}; there are {', '.join(built_in + own)}")

    def _summary(self, name: str, rows: Sequence[Row]) -> Row:
        standing = self._standing(name)
        policy = self._rulings.readable(name) if standing else policy_of(rows[0])
        draft = next(
            (row["version"] for row in rows if row["state"] == "draft" and row["version"] > (standing or 0)), None
        )
        row = next((one for one in rows if one["version"] == standing), rows[0] if rows and not standing else None)
        told = readable(row) if row else {}
        return {
            "name": name, "version": standing, "draft": draft, "is_built_in": standing is not None and row is None,
            "packs": list(policy.packs if policy else ()), "needs_approval": policy is None or policy.needs_approval,
            **{key: told.get(key) for key in ("author", "reason", "approved_by", "published_at")},
        }  # fmt: skip

    def _findings(self, policy: Policy) -> Rows:
        found = [one for check in self._checks for one in check(policy)]
        return [{"rule_id": one.rule_id, "is_severe": one.is_severe, "said": str(one)} for one in found]

    def _switch(self, action: str, author: str, reason: str) -> Row:
        _needed(author=author, reason=reason)
        change = {"at": self._now(), "action": action, "author": author, "reason": reason}
        if self._records.switch_policies(change):
            log.info("shop_switched", action=action)
        return self.standing()

    def _now(self) -> int:
        return int(self._clock().timestamp() * 1_000_000)


def _told(row: Row) -> Row:
    return {key: row[key] for key in ("name", "version", "state")}


def _needed(**texts: str) -> None:
    for name, text in texts.items():
        if not text.strip():
            raise BadInput(f"{name} is missing; say who does it and why")


@cache
def _vocabulary() -> Vocabulary:
    return Vocabulary(tuple(SOURCES), tuple(PLACEMENTS), frozenset(available_timezones()))
