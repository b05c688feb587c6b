"""Who did what, as a chain: each entry carries the hash of the one before it, so that nobody edits the past unseen."""

import json
from collections.abc import Iterable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

GENESIS = "0" * 64
"""What stands before the first entry."""
NOBODY = "python"
_ACTOR: ContextVar[str] = ContextVar("actor", default=NOBODY)


def acting() -> str:
    """Name who acts in this context: `user:` or `key:` and an id over HTTP, `cli:` and the account on the command line."""
    return _ACTOR.get()


def act_as(actor: str) -> None:
    """Name who acts from here on, in this context and in those made of it."""
    _ACTOR.set(actor)


@dataclass(frozen=True, slots=True)
class Entry:
    """What is to be written down.

    Attributes
    ----------
    at : int
        Microseconds UTC.
    action : str
        What was done, such as `policy.publish`.
    object : str
        What it was done to: the name of a policy, the id of a key.
    details : mapping
        Plain values; nothing about a customer.
    person : str or None
        The identity of the customer it is about. It is not kept: a keyed hash stands for it.
    """

    at: int
    action: str
    object: str
    details: Mapping[str, Any] = field(default_factory=dict)
    person: str | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """An entry as it is kept: `details` is JSON text, `subject` the keyed hash of a person."""

    seq: int
    at: int
    actor: str
    action: str
    object: str
    subject: str | None
    details: str
    hash: str


@dataclass(frozen=True, slots=True)
class Head:
    """The newest entry as it stood at some time; written down elsewhere, it shows a chain that was cut or made anew."""

    seq: int
    hash: str

    def __str__(self) -> str:
        """Write it as `12:ab34…`."""
        return f"{self.seq}:{self.hash}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a chain is whole.

    Attributes
    ----------
    n_entries : int
        How many were read.
    faults : tuple of str
        What is wrong, in order; empty if nothing is.
    """

    n_entries: int
    faults: tuple[str, ...]

    @property
    def is_whole(self) -> bool:
        """Whether nothing is wrong."""
        return not self.faults


def hash_of(
    before: str, seq: int, at: int, actor: str, action: str, about: str, subject: str | None, details: str
) -> str:
    """Hash an entry with the one before it: SHA-256 of a JSON list, so that any tool can do it again.

    Examples
    --------
    >>> hash_of(GENESIS, 1, 0, "python", "policy.publish", "helpful", None, "{}")[:8]
    '5f436761'
    """
    listed = [before, seq, at, actor, action, about, subject, details]
    return sha256(json.dumps(listed, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()


def verify(links: Iterable[Link], head: Head | None, noted: Sequence[Head] = (), most: int = 20) -> Verdict:
    """Walk a chain from its first entry.

    An edited entry does not fit its hash, a deleted or moved one leaves a gap or a wrong order, and a tail that was cut off
    leaves the heads that were noted pointing at nothing.

    Parameters
    ----------
    links : iterable of Link
        All entries in the order they are kept.
    head : Head or None
        The newest entry as it is kept beside the chain; None for a chain that was never begun.
    noted : sequence of Head
        Heads written down elsewhere at some time.
    most : int
        So many faults are told.
    """
    faults: list[str] = []
    wanted = {one.seq: one.hash for one in noted}
    before, n, last = GENESIS, 0, 0
    for link in links:
        n += 1
        if link.seq != last + 1:
            faults.append(_gap(last, link.seq))
        own = hash_of(before, link.seq, link.at, link.actor, link.action, link.object, link.subject, link.details)
        if own != link.hash and link.seq == last + 1:
            faults.append(f"entry {link.seq} was altered: it does not fit its hash and the entry before it")
        if wanted.pop(link.seq, link.hash) != link.hash:
            faults.append(f"entry {link.seq} is another one than when its hash was noted: the chain was made anew")
        before, last = link.hash, link.seq
    if head is None and n:
        faults.append("the head of the chain is missing: it was deleted")
    if head is not None and (head.seq, head.hash) != (last, before):
        faults.append(f"the chain ends with entry {last}, but its head is entry {head.seq}: the end was cut or altered")
    faults += [f"entry {seq} was noted and is gone: the end was cut" for seq in sorted(wanted) if seq > last]
    return Verdict(n, tuple(faults[:most]))


def _gap(last: int, found: int) -> str:
    if found > last + 1:
        missing = f"entry {last + 1} is" if found == last + 2 else f"entries {last + 1} to {found - 1} are"
        return f"{missing} missing before entry {found}"
    return f"entry {found} stands after entry {last}: the order was changed"
