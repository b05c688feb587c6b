"""What is known of people, from Arrow columns to the arrays that are learned from."""

import numpy as np
import pyarrow as pa

from crosslift.errors import BadInput
from crosslift.stats.levels import Column


def values_of(name: str, column: pa.ChunkedArray) -> Column:
    """Give numbers with nan, or words with "" where missing.

    Parameters
    ----------
    name : str
        The column's name, for the message.
    column : pa.ChunkedArray
        Numbers and truths become float64; strings, plain or in a dictionary, become words.

    Raises
    ------
    BadInput
        If it holds something else, instants or lists say.

    Examples
    --------
    >>> values_of("newbie", pa.chunked_array([[True, None, False]]))
    array([ 1., nan,  0.])
    """
    kind = column.type
    if pa.types.is_dictionary(kind):
        column, kind = column.cast(kind.value_type), kind.value_type
    if pa.types.is_boolean(kind):
        column, kind = column.cast(pa.int8()), pa.int8()
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return np.asarray(column.cast(pa.float64()), np.float64)
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_null(kind):
        return np.asarray(column.cast(pa.string()).fill_null(""), np.str_)
    raise BadInput(f"column {name!r} holds {kind}; give numbers, truths or words (of an instant, the days since)")
