"""Chance as an argument: a number in 0..1 that follows from a secret, an id and what it is for, and from nothing else."""

from collections.abc import Callable
from hashlib import blake2b

Chance = Callable[[str], float]
"""What a draw is for, to a number in [0, 1)."""

_FULL = 2**53


def uniform(secret: bytes, subject: str, purpose: str) -> float:
    """Draw a number in [0, 1) that anybody with the secret can draw again.

    Different purposes of one subject are independent of each other, and so are different subjects of one purpose.

    Parameters
    ----------
    secret : bytes
        The shop's, at most 64 bytes.
    subject : str
        What is drawn for: a decision id, or the unit of an experiment.
    purpose : str
        What the draw decides; part of the hash, so that one draw is never used twice.

    Examples
    --------
    >>> uniform(b"k", "d1", "explore") == uniform(b"k", "d1", "explore") != uniform(b"k", "d1", "slot")
    True
    """
    text = f"{len(subject)}:{subject}{purpose}".encode()
    return (int.from_bytes(blake2b(text, digest_size=8, key=secret).digest()) >> 11) / _FULL


def of(secret: bytes, subject: str) -> Chance:
    """Give the draws of one subject."""
    return lambda purpose: uniform(secret, subject, purpose)
