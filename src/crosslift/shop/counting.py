"""Attention is counted before it is given: which decisions count, under whom, and how often one is tried again."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace

from crosslift.decide.pressure import Attention, sells
from crosslift.domain.customer import Purpose
from crosslift.domain.decision import Decision, Request
from crosslift.domain.pressure import PressureLimits
from crosslift.store.ports import PersonRow, Records, Row
from crosslift.store.pressure_records import Counted, Peers
from crosslift.store.trial_records import FirstArm

TRIES = 3
"""So often a decision is made whose reservation meets another one; then the answer is `no_offer: busy`."""


def new_id(at: int) -> str:
    """Name a decision: 48 bits say when it is made, 80 are chance, as 32 hexadecimal digits.

    Decisions of one moment then lie side by side in every index: a commit writes a few pages of it instead of one for each.

    Parameters
    ----------
    at : int
        Microseconds UTC.

    Examples
    --------
    >>> new_id(1_764_000_000_000_000)[:12], len(new_id(0))
    ('019ab697e800', 32)
    """
    return f"{at // 1_000 & (1 << 48) - 1:012x}{secrets.token_hex(10)}"


@dataclass(frozen=True, slots=True)
class Made:
    """A decision that is not recorded yet, with the rows to record.

    Attributes
    ----------
    counted : Counted or None
        Under whom it counts; None where there is nobody to count, or nothing.
    tries : int
        How often it was made before and met another reservation.
    arms : tuple of FirstArm
        What it is the first decision of in an experiment.
    """

    request: Request
    with_trace: bool
    decision: Decision
    slim: Row
    inputs: Row
    counted: Counted | None
    tries: int = 0
    arms: tuple[FirstArm, ...] = ()


def peers_of(
    records: Records, row: PersonRow, limits: PressureLimits, now: int, account_id: str | None = None
) -> Peers | None:
    """Read what was asked of everybody of the person's accounts, where a cap counts whole accounts; None where none does.

    Parameters
    ----------
    now : int
        Microseconds UTC.
    account_id : str, optional
        The account a request names itself.
    """
    if not (row.accounts or account_id) or not limits.counts_accounts:
        return None
    return records.peers(sorted({*row.accounts, *([account_id] if account_id else ())}), now)


def counted_of(decision: Decision, asked: Attention, row: PersonRow, peers: Peers | None = None) -> Counted | None:
    """Say under whom a decision counts, and what it takes of their attention.

    Whatever offers something is counted under somebody, so that their answer to it can be; a contact is only what
    interrupts, writes or is said by an agent, and only what interrupts or writes is reserved.
    """
    is_shown = (decision.offers or decision.sets) and not decision.is_withheld
    if asked.counted_as is None or decision.purpose is Purpose.EVALUATION or not is_shown:
        return None
    is_contact = sells(decision.offers, decision.sets) and (asked.is_taken or asked.is_spoken)
    return Counted(
        index=0,
        identity=asked.counted_as,
        at=asked.now,
        channel=asked.channel,
        topic=decision.topic,
        expires_at=asked.expires_at,
        identities=row.identities,
        version=row.pressure.row_version if decision.reserves else None,
        is_contact=is_contact,
        peers=peers,
    )


def rows_of(batch: Sequence[Made]) -> tuple[list[Row], list[Row], list[Counted], list[FirstArm]]:
    """Give the rows of several decisions as `Records.record_decisions` takes them."""
    counted = [replace(one.counted, index=place) for place, one in enumerate(batch) if one.counted is not None]
    arms = [replace(arm, index=place) for place, one in enumerate(batch) for arm in one.arms]
    return [one.slim for one in batch], [one.inputs for one in batch], counted, arms
