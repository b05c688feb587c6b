"""Putting versions of policies in force: who must approve, what is written down, and that nobody else was faster."""

import unicodedata
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from hashlib import blake2b

import structlog

from crosslift.domain.pausing import carried
from crosslift.domain.policy import BUILT_IN, Policy
from crosslift.domain.policy_text import write_policy
from crosslift.errors import Conflict, Refused
from crosslift.shop.rulings import Ruling, Rulings
from crosslift.store.ports import Records

log = structlog.get_logger()
FIRST_OWN = 1_000
"""The shop's own versions of a built-in policy count from above this; lower ones are the engine's."""


class InForce:
    """The policies in force of one shop, to be changed.

    Parameters
    ----------
    records, rulings : Records, Rulings
        Where versions are kept, and which are in force.
    clock : callable
        Gives the present instant.
    """

    def __init__(self, records: Records, rulings: Rulings, clock: Callable[[], datetime]) -> None:
        self._records = records
        self._rulings = rulings
        self._clock = clock

    def approve(self, policy: Policy, ruling: Ruling, author: str, approved_by: str | None) -> None:
        """Refuse what needs a second person and has none; so does taking the place of what cannot be read any more."""
        replaced = self._rulings.readable(policy.name, ruling) if policy.name in ruling.published else policy
        if not policy.needs_approval and replaced is not None and not replaced.needs_approval:
            return
        if not approved_by or not approved_by.strip():
            raise Refused(f"policy {policy.name!r} needs an approval; name who approves it: --approved-by")
        if _person(approved_by) == _person(author):
            raise Refused(f"policy {policy.name!r} needs the approval of somebody other than {author!r}")

    def put(
        self, action: str, policy: Policy, ruling: Ruling, author: str, approved_by: str | None, reason: str
    ) -> None:
        """Put a version in force in place of the one that was looked at, and of no other; Conflict if it was replaced."""
        name = policy.name
        change = {
            "at": self._now(), "action": action, "name": name, "version": policy.version, "author": author,
            "approved_by": approved_by, "reason": reason,
        }  # fmt: skip
        if not self._records.publish_policy(change, ruling.published.get(name)):
            raise Conflict(
                f"somebody else changed policy {name!r} meanwhile; look at crosslift policies diff {name} again"
            )
        log.info("policy_in_force", policy=name, version=policy.version, action=action)

    def keep(self, policy: Policy, text: str, author: str, reason: str) -> int:
        """Keep a policy as the next version of its name, a draft; gives its number."""
        whole = write_policy(policy)
        row = {
            "name": policy.name, "text": text, "resolved": whole, "hash": digest(whole), "author": author, "reason": reason,
            "created_at": self._now(),
        }  # fmt: skip
        return self._records.save_policy(row, FIRST_OWN if policy.name in BUILT_IN else 0)

    def amend(
        self, policy: Policy, author: str, reason: str, approved_by: str | None = None, *, is_less: bool = False
    ) -> int:
        """Keep a policy that stands by itself and put it in force at once.

        Parameters
        ----------
        is_less : bool
            Whether it only takes away from what is in force, as a guardrail does: nobody is asked then.

        Returns
        -------
        int
            Its version.

        Raises
        ------
        Refused
            If an approval is missing, or is by the author.
        Conflict
            If somebody published another version meanwhile.
        """
        ruling = self._rulings.now()
        if not is_less:
            self.approve(policy, ruling, author, approved_by)
        version = self.keep(policy, write_policy(policy), author, reason)
        self.put("publish", replace(policy, version=version), ruling, author, approved_by, reason)
        return version

    def take_over(
        self, winner: Policy, name: str, author: str, reason: str, approved_by: str | None = None
    ) -> int:  # fmt: skip
        """Put what a policy says in force under another's name, approved as either asks; gives the version. See `amend`."""
        ruling = self._rulings.now()
        if winner.name in ruling.published:
            self.approve(winner, ruling, author, approved_by)
        standing = self._rulings.readable(name, ruling)
        return self.amend(carried(replace(winner, name=name), standing), author, reason, approved_by)

    def _now(self) -> int:
        return int(self._clock().timestamp() * 1_000_000)


def digest(whole: str) -> str:
    """Tell texts that mean the same policy by the same number."""
    return blake2b(whole.encode(), digest_size=32).hexdigest()


def _person(name: str) -> str:
    """Compare people by name, however they are written."""
    return unicodedata.normalize("NFKC", name).casefold().strip()
