"""Reading ahead: what a kernel says here becomes one instruction of the processor in machine code."""

from typing import Any

from crosslift.stats.arrays import IntArray

PREFETCH_AHEAD = 12
"""Occurrences: the distance STACK 1 was measured with."""


def prefetch(array: IntArray, index: Any) -> None:
    """Ask the processor for an element that will be read soon; nothing outside machine code."""
