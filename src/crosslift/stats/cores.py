"""The processors that work may be spread over."""

import os


def cores() -> int:
    """Count the processors this process may use, which in a container is not what the machine has.

    Examples
    --------
    >>> cores() >= 1
    True
    """
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
