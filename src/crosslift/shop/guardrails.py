"""Guardrails of the policies in force: looked at, what breaches one paused by itself, and lifted by hand alone."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import structlog

from crosslift.domain.audit import Entry
from crosslift.domain.guardrail import Guarded, Guardrail, Sign
from crosslift.domain.pausing import OWNER, is_paused, lifted, paused
from crosslift.domain.policy import Policy
from crosslift.errors import BadInput, NotFound
from crosslift.measure.guardrails import Watched
from crosslift.shop.experiments import Experiments
from crosslift.shop.guarded import Guardeds
from crosslift.shop.in_force import InForce
from crosslift.shop.rulings import Rulings
from crosslift.store.ports import Records

log = structlog.get_logger()
Row = dict[str, Any]
DAY = 86_400_000_000
PAUSE, LIFT = "guardrail.pause", "guardrail.lift"
PAGE = 1000


class Guardrails:
    """The guardrails of one shop.

    Parameters
    ----------
    records, rulings : Records, Rulings
        Where what was paused is written down; which policies are in force.
    experiments : Experiments
        Those that may be ended.
    guarded : Guardeds
        What is looked at.
    in_force : InForce
        Puts the policy in force in which something rests.
    clock : callable
        Gives the present instant.
    """

    def __init__(
        self, records: Records, rulings: Rulings, experiments: Experiments, guarded: Guardeds, in_force: InForce,
        clock: Callable[[], datetime],
    ) -> None:  # fmt: skip
        self._records, self._rulings, self._experiments = records, rulings, experiments
        self._guarded, self._in_force, self._clock = guarded, in_force, clock

    def look(self) -> Row:
        """Look at every guardrail of the policies in force, and pause what breaches one, from the very next decision on.

        Returns
        -------
        dict
            `watched`, a row for each target: policy, guardrail, sign, of, target, at_most, value, low, high, n people, since;
            `paused`, those of them that are now. What rests already is not looked at again.
        """
        rows, new = list[Row](), list[Row]()
        now = self._now()
        pauses = self._noted()
        for policy in self._rulings.in_force():
            for guardrail in policy.guardrails:
                begin, since = self._begins(policy.name, guardrail, pauses, now)
                for found in self._guarded.look(policy.name, guardrail, begin, since, now):
                    if self._rests(policy.name, guardrail.of, found.target):
                        continue
                    row = _told(policy.name, guardrail, found, begin(found.target))
                    rows.append(row)
                    if found.breaches(guardrail.at_most):
                        new.append(self._pause(row))
        return {"watched": rows, "paused": new}

    def resting(self) -> list[Row]:
        """Give what rests now by a guardrail, newest first.

        Returns
        -------
        list of dict
            policy, guardrail, sign, of, target, at_most; the share that paused it: value, low, high, n, since; at, and the
            version in which it rests.
        """
        latest: dict[tuple[str, str, str], Row] = {}
        for one in self._noted():
            latest.setdefault((one["policy"], one["of"], one["target"]), one)
        return [
            {name: value for name, value in one.items() if name != "action"} for one in latest.values()
            if one["action"] == PAUSE and self._rests(one["policy"], Guarded(one["of"]), one["target"])
        ]  # fmt: skip

    def lift(self, policy: str, of: str, target: str, author: str, reason: str, approved_by: str | None = None) -> Row:
        """Let something that a guardrail paused work again, and count it anew from here on; an experiment is put again.

        Raises
        ------
        NotFound
            If it does not rest.
        BadInput
            If author or reason are missing; or it is an arm: an experiment that ended is written anew, or goes on as it was.
        Refused, Conflict
            As publishing a policy has them.
        """
        if not author.strip() or not reason.strip():
            raise BadInput("author or reason is missing; say who lifts it and why")
        asked = (policy, of, target)
        found = next((one for one in self.resting() if (one["policy"], one["of"], one["target"]) == asked), None)
        if found is None:
            raise NotFound(
                f"nothing paused: {of} {target!r} of policy {policy!r}; crosslift guardrails list shows what is"
            )
        kind = Guarded(of)
        if kind is Guarded.ARM:
            name = target.split(":", 1)[0]
            version = self._experiments.resume(name, author, reason)["version"]
        else:
            before = self._rulings.version(policy, found["version_before"])
            standing = self._rulings.named(policy)
            again = lifted(standing, before or standing, kind, target)
            version = self._in_force.amend(again, author, reason, approved_by)
        details = {"policy": policy, "of": of, "target": target, "version": version, "author": author, "reason": reason}
        self._records.append_audit(Entry(self._now(), LIFT, f"{of} {target}", details))
        log.info("guardrail_lifted", policy=policy, of=of, target=target)
        return {"policy": policy, "of": of, "target": target, "version": version}

    # the parts ---------------------------------------------------------------------------------------------------

    def _pause(self, row: Row) -> Row:
        kind, name, target = Guarded(row["of"]), row["policy"], row["target"]
        reason = (
            f"guardrail {row['guardrail']}: {row['sign']} {row['value']:.2%}, between {row['low']:.2%} and {row['high']:.2%} of "
            f"{row['n']} people; at most {row['at_most']:.2%} is accepted"
        )
        standing = self._rulings.named(name)
        if kind is Guarded.ARM:
            version = self._experiments.stop(target.split(":", 1)[0], OWNER, reason)["version"]
        else:
            less = paused(standing, kind, target, Sign(row["sign"]))
            version = self._in_force.amend(less, OWNER, reason, is_less=True)
        whole = {**row, "version": version, "version_before": standing.version}
        self._records.append_audit(Entry(self._now(), PAUSE, f"{kind} {target}", whole))
        log.warning("guardrail_breached", policy=name, guardrail=row["guardrail"], of=row["of"], target=target)
        return {**whole, "reason": reason}

    def _rests(self, name: str, of: Guarded, target: str) -> bool:
        if of is Guarded.ARM:
            try:
                return not self._experiments.get(target.split(":", 1)[0]).is_active
            except NotFound:
                return True
        policy = self._rulings.readable(name)
        return policy is not None and is_paused(policy, of, target)

    def _begins(
        self, name: str, guardrail: Guardrail, noted: list[Row], now: int
    ) -> tuple[Callable[[str], int], int]:  # fmt: skip
        """Say since when each target is counted: its limit holds, or it was lifted, or the counts began anew."""
        since = self._holds_since(name, guardrail)
        lifts: dict[str, int] = {}
        for one in noted:
            if one["action"] == LIFT and (one["policy"], one["of"]) == (name, guardrail.of):
                lifts.setdefault(one["target"], one["at_micros"])
        span = max(int(guardrail.days * DAY), 1)

        def begin(target: str) -> int:
            first = max(since, lifts.get(target, since))
            return first + (now - first) // span * span

        return begin, min([begin(""), *map(begin, lifts)])

    def _holds_since(self, name: str, guardrail: Guardrail) -> int:
        """Find when the limit came into force as it is."""
        since = self._now()
        for step in self._records.policy_changes():
            if step["name"] != name or step["action"] not in ("publish", "rollback"):
                continue
            policy: Policy | None = self._rulings.version(name, step["version"])
            if policy is None or guardrail not in policy.guardrails:
                break
            since = step["at"]
        return since

    def _noted(self) -> list[Row]:
        """Give what was paused and lifted, newest first."""
        found, before = list[Row](), None
        while True:
            page = self._records.audit(before, PAGE, "guardrail.")
            for one in page:
                found.append({**one["details"], "action": one["action"], "at": _iso(one["at"]), "at_micros": one["at"]})
            if len(page) < PAGE:
                return found
            before = page[-1]["seq"]

    def _now(self) -> int:
        return int(self._clock().timestamp() * 1_000_000)


def _told(policy: str, guardrail: Guardrail, found: Watched, since: int) -> Row:
    return {
        "policy": policy, "guardrail": guardrail.guardrail_id, "sign": guardrail.sign.value, "of": guardrail.of.value,
        "target": found.target, "at_most": guardrail.at_most, "value": found.value, "low": found.low, "high": found.high,
        "n": found.n, "since": _iso(since),
    }  # fmt: skip


def _iso(micros: int) -> str:
    return datetime.fromtimestamp(micros / 1e6, UTC).isoformat()
