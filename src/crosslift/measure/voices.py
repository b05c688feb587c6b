"""What people speak of: topics by product, channel and offer, with how it sounds and how sure the word lists are of it."""

from collections.abc import Callable, Mapping
from typing import Any

import pyarrow as pa

SAID = ("said", "topic", "product", "channel", "offer", "source", "sentiment", "confidence", "n_bad")
"""Columns of what was said: a row a saying and topic. `said` names the saying, `offer` what had been offered, `source` how it
came (review, nps, csat, survey, mention, decline); `n_bad` is 1 where it sounds bad, surely enough."""
SURE = 0.6
"""From this confidence on a judgement is sure: of the sentences the lists were written against, 19 of 20 such were right."""
BAD = -0.25
"""Below it a text sounds bad."""
KEYS = ("topic", "product", "channel", "offer")


def report(said: pa.Table, lazies: Callable[[Mapping[str, pa.Table]], Mapping[str, Any]]) -> pa.Table:
    """Count what was said by topic, product, channel and offer.

    Parameters
    ----------
    said : pa.Table
        See `SAID`; what is not known is "".

    Returns
    -------
    pa.Table
        topic, product, channel, offer, n (sayings), judged (of them, those whose words could be judged), bad, sentiment (mean
        of the judged, null where none was), confidence (likewise), n_sure, example (the saying judged most surely, "" for
        none); most bad ones first, then most.
    """
    import narwhals as nw

    frame = lazies({"said": said})["said"]
    is_judged = ~nw.col("sentiment").is_null()
    whole = frame.with_columns(
        is_judged.cast(nw.Int64()).alias("judged"),
        (is_judged & (nw.col("confidence") >= SURE)).cast(nw.Int64()).alias("sure"),
    )
    counted = whole.group_by(*KEYS).agg(
        nw.len().alias("n"),
        nw.col("judged").sum().cast(nw.Int64()),
        nw.col("n_bad").sum().cast(nw.Int64()).alias("bad"),
        nw.col("sentiment").mean(),
        nw.col("confidence").mean(),
        nw.col("sure").sum().cast(nw.Int64()).alias("n_sure"),
    )
    surest = whole.filter(is_judged).group_by(*KEYS).agg(nw.col("confidence").max().alias("most"))
    examples = (
        whole.filter(is_judged)
        .join(surest, on=[*KEYS], how="inner")
        .filter(nw.col("confidence") == nw.col("most"))
        .group_by(*KEYS)
        .agg(nw.col("said").min().alias("example"))
    )
    found = (
        counted.join(examples, on=[*KEYS], how="left")
        .sort(["bad", "n", *KEYS], descending=[True, True, *([False] * len(KEYS))])
        .select(*KEYS, "n", "judged", "bad", "sentiment", "confidence", "n_sure", "example")
    )
    table: pa.Table = found.collect("pyarrow").to_native()
    return table
