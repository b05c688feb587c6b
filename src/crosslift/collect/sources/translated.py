"""Interactions of recommenders as events: rows of their data sets, told in our own vocabulary."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import msgspec
import pyarrow as pa

from crosslift.collect.sources import gorse, personalize, retail
from crosslift.collect.sources.interactions import Interaction, event_name, messages_of
from crosslift.collect.sources.reading import TextTable
from crosslift.collect.sources.segment import Message
from crosslift.domain.event import ORDER_COMPLETED

Row = Mapping[str, str | None]
AT_ONCE = 10_000


@dataclass(frozen=True, slots=True)
class Translation:
    """Whose events they are, which columns give them away, and how a row is read."""

    name: str
    needed: frozenset[str]
    read: Callable[[Row, str], Interaction | Message]


TRANSLATIONS = (
    Translation(f"{personalize.NAME} interactions", personalize.NEEDED, personalize.interaction_of),
    Translation(
        f"{retail.NAME} user events",
        retail.NEEDED,
        lambda row, where: retail.message_of(retail.object_of(row), where),
    ),
    Translation(
        f"{gorse.NAME} feedback",
        gorse.NEEDED,
        lambda row, where: gorse.interaction_of(retail.object_of(row), where),
    ),
)


def find(columns: Sequence[str]) -> Translation | None:
    """Give the translation of rows with these columns; None where they are no interactions."""
    return next((one for one in TRANSLATIONS if one.needed <= set(columns)), None)


class Translated:
    """A table of interactions, read as lines of events.

    Purchases wait for the end of the file: those of one person at one instant are one order, wherever they stand.
    """

    delimiter = None
    columns: ClassVar[list[str]] = ["line"]

    def __init__(self, table: TextTable, translation: Translation) -> None:
        self._table, self._translation = table, translation
        self.path, self.kind, self.first_row = table.path, table.kind, table.first_row

    @property
    def notes(self) -> list[str]:
        """How the file was read where that is not plain."""
        return self._table.notes

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield lines of events and their numbers.

        Raises
        ------
        BadInput
            Naming the row that cannot be read.
        """
        number, bought = self.first_row - 1, list[Interaction]()
        for batch in self._table.batches():
            done: list[Message] = []
            names = batch.schema.names
            for cells in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                number += 1
                one = self._translation.read(dict(zip(names, cells, strict=True)), f"{self.path}, row {number}")
                if isinstance(one, Message):
                    done.append(one)
                elif event_name(one.kind) == ORDER_COMPLETED:
                    bought.append(one)
                else:
                    done += messages_of([one])
            yield from _lines(done)
        yield from _lines(messages_of(bought))


def _lines(messages: Sequence[Message]) -> Iterator[pa.RecordBatch]:
    for first in range(0, len(messages), AT_ONCE):
        some = messages[first : first + AT_ONCE]
        lines = pa.array([msgspec.json.encode(one).decode() for one in some], pa.string())
        yield pa.RecordBatch.from_arrays([lines, pa.array(range(first + 1, first + 1 + len(some)))], ["line", "number"])
