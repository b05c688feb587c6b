"""What people speak of, by topic, product, channel and offer: reviews, surveys, mentions, and the reasons offers were declined.

Nothing of it names anybody: an example is the words of our own lists that were found in a text, never the text.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from crosslift.collect.voice import judge
from crosslift.domain.decision import Action
from crosslift.errors import BadInput
from crosslift.measure.voices import BAD, SAID, SURE, report
from crosslift.shop.credited import Credited
from crosslift.shop.sales import unit_of
from crosslift.store.frames import Frames
from crosslift.store.ports import Records

Row = dict[str, Any]
DAY = 86_400_000_000
USUAL_DAYS = 90
OFFERED_DAYS = 30
"""What somebody says of a product within so many days after it was offered to them is said of an offer."""
MOST = 50
NO_TOPIC = "other"
_COLUMNS = (
    "feedback_id", "at", "customer_id", "kind", "product_id", "channel", "sentiment",
    "sentiment_confidence", "topics",
)  # fmt: skip


class Voices:
    """The feedback report of one shop.

    Parameters
    ----------
    records, frames : Records, Frames
        Where answers live.
    credited : Credited
        What was offered to whom.
    clock : callable
        Gives the present instant.
    """

    def __init__(self, records: Records, frames: Frames, credited: Credited, clock: Callable[[], datetime]) -> None:
        self._records = records
        self._frames = frames
        self._credited = credited
        self._clock = clock

    def report(self, since: datetime | None = None, until: datetime | None = None, most: int = MOST) -> Row:
        """Report what people speak of.

        Parameters
        ----------
        since, until : datetime, optional
            The period, the second not included; the last `USUAL_DAYS` days by default.
        most : int
            So many rows, the worst first.

        Returns
        -------
        dict
            since, until; n (sayings), n_judged (those in whose text our lists know a word), n_sure (judged surely),
            `n_of` by how they came; `rows`: topic, product, channel (of a declined offer its placement), offer (the strategy
            the product had been offered by, "" for none), n, judged, bad, n_sure, sentiment, confidence, example (words of our
            lists); n_rows in all.

        Raises
        ------
        BadInput
            If the period ends before it begins, or most is below 1.
        """
        end = until or self._clock()
        begin = since or end - timedelta(days=USUAL_DAYS)
        if begin >= end:
            raise BadInput(f"the period ends ({end:%Y-%m-%d}) before it begins ({begin:%Y-%m-%d})")
        if most < 1:
            raise BadInput("ask for at least 1 row")
        first, last = (int(moment.timestamp() * 1_000_000) for moment in (begin, end))
        said = [*self._feedback(first, last), *self._declined(first, last)]
        kinds = {"sentiment": pa.float64(), "confidence": pa.float64(), "n_bad": pa.int64()}
        table = pa.Table.from_pylist(said, pa.schema({name: kinds.get(name, pa.string()) for name in SAID}))
        found = report(table, self._frames.lazies).to_pylist()
        once = {row["said"]: row for row in said}.values()
        n_of: dict[str, int] = {}
        for row in once:
            n_of[row["source"]] = n_of.get(row["source"], 0) + 1
        shown = found[:most]
        words = self._words(row["example"] for row in shown if row["example"])
        return {
            "since": begin.isoformat(), "until": end.isoformat(), "n": len(once),
            "n_judged": sum(row["sentiment"] is not None for row in once),
            "n_sure": sum(row["sentiment"] is not None and row["confidence"] >= SURE for row in once),
            "n_of": dict(sorted(n_of.items())), "n_rows": len(found),
            "rows": [{**row, "example": words.get(row["example"], "")} for row in shown],
        }  # fmt: skip

    def _feedback(self, since: int, until: int) -> Iterator[Row]:
        rows = self._records.table("feedback", _COLUMNS, "at >= ? and at < ?", (since, until))
        offers = self._offers(since - OFFERED_DAYS * DAY, until)
        customer = pc.binary_join_element_wise("customer", rows["customer_id"], ":")
        units = unit_of(customer, self._records.people()).to_pylist()
        for unit, row in zip(units, rows.to_pylist(), strict=True):
            before = [
                one
                for one in offers.get((unit, row["product_id"]), ())
                if 0 <= row["at"] - one[0] <= OFFERED_DAYS * DAY
            ]
            topics = msgspec.json.decode(row["topics"] or "[]") or [NO_TOPIC]
            sentiment = row["sentiment"]
            for topic in topics:
                yield {
                    "said": f"feedback:{row['feedback_id']}", "topic": topic, "product": row["product_id"] or "",
                    "channel": row["channel"] or "", "offer": max(before)[1] if before else "", "source": row["kind"],
                    "sentiment": sentiment, "confidence": None if sentiment is None else row["sentiment_confidence"] or 0.0,
                    "n_bad": int(sentiment is not None and sentiment <= BAD),
                }  # fmt: skip

    def _offers(self, since: int, until: int) -> Mapping[tuple[str, str], list[tuple[int, str]]]:
        """Give when and by which strategy each person was offered each product."""
        served = self._credited.served(since, until)
        found: dict[tuple[str, str], list[tuple[int, str]]] = {}
        for unit, product, at, source in zip(
            *(served[name].to_pylist() for name in ("unit", "product", "at", "source")), strict=True
        ):
            found.setdefault((unit, product), []).append((at, source))
        return found

    def _declined(self, since: int, until: int) -> Iterator[Row]:
        """Give the reasons offers were declined, judged by their words as reviews are."""
        rows = self._records.table(
            "responses", ("response_id", "decision_id", "product_id", "reason"),
            "at >= ? and at < ? and action = ? and reason is not null", (since, until, Action.DECLINE.value),
        ).to_pylist()  # fmt: skip
        if not rows:
            return
        served = self._credited.served(since - OFFERED_DAYS * DAY, until)
        made = {row["decision_id"]: row for row in served.select(["decision_id", "placement"]).to_pylist()}
        sources = {
            (row["decision_id"], row["product"]): row["source"]
            for row in served.select(["decision_id", "product", "source"]).to_pylist()
        }
        for row in rows:
            told = judge(row["reason"])
            for topic in told.topics or (NO_TOPIC,):
                yield {
                    "said": f"response:{row['response_id']}", "topic": str(topic), "product": row["product_id"] or "",
                    "channel": made.get(row["decision_id"], {}).get("placement", ""),
                    "offer": sources.get((row["decision_id"], row["product_id"]), "any"), "source": "decline",
                    "sentiment": told.sentiment, "confidence": None if told.sentiment is None else told.confidence,
                    "n_bad": int(told.sentiment is not None and told.sentiment <= BAD),
                }  # fmt: skip

    def _words(self, said: Iterable[str]) -> dict[str, str]:
        """Give the words our lists found in some sayings: what the lists hold names nobody."""
        found: dict[str, str] = {}
        for name in sorted({*said}):
            table, _, key = name.partition(":")
            columns = ("text", "language") if table == "feedback" else ("reason",)
            kind = ("feedback", "feedback_id") if table == "feedback" else ("responses", "response_id")
            for row in self._records.table(kind[0], columns, f"{kind[1]} = ?", (key,)).to_pylist():
                told = judge(row.get("text") or row.get("reason"), row.get("language"))
                found[name] = ", ".join(dict.fromkeys(words for words, _ in told.evidence))
        return found
