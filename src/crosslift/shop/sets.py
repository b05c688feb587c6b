"""The merchant's sets as a decision reads them; one that cannot be a set is left out and named in the learning report."""

import pyarrow as pa

from crosslift.domain.bundle import Bundle
from crosslift.learn.products.bundles import read_merchants


def read_bundles(parts: pa.Table) -> list[Bundle]:
    """Read the sets in force.

    Parameters
    ----------
    parts : pa.Table
        Rows of `Records.bundles`, one a part.
    """
    return read_merchants(parts)[0]
