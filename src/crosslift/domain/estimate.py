"""A number with its uncertainty, or the honest absence of one."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its interval.

    `low` and `high` bound it at `level` confidence; `n` counts the units it rests on; `unit` names what it is in.
    """

    value: float
    low: float
    high: float
    n: int
    unit: str
    level: float = 0.95


@dataclass(frozen=True, slots=True)
class NotEstimable:
    """No number, and why. Never p = 1, lift 0 or an empty list instead."""

    why: str


Figure = Estimate | NotEstimable
