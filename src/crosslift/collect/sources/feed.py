"""Items of an RSS or Atom feed as rows, streamed: each element directly in an item is a column."""

import io
from collections.abc import Iterator
from xml.parsers import expat

import pyarrow as pa

from crosslift.collect.sources.lines import BATCH_ROWS
from crosslift.collect.sources.streams import too_long
from crosslift.collect.sources.text_file import TextFile
from crosslift.errors import BadInput

_ITEMS = ("item", "entry")
_MERCHANT = "http://base.google.com/ns/1.0"
_PIECE = 1 << 16


class FeedItems:
    """A product feed in XML.

    A document type is refused, so that no entity can be declared. Of an element that comes twice in one item the first
    counts; one in Google's namespace counts before one of RSS or Atom.
    """

    kind = "xml"
    delimiter = None
    first_row = 1

    def __init__(self, file: TextFile) -> None:
        self._file = file
        start = file.head.lstrip()[:2000].lower()
        if b"<html" in start or b"<!doctype html" in start or start.startswith((b"<table", b"<style", b"<meta")):
            raise BadInput(
                "is a web page, as some shops write for .xls; open it in a spreadsheet and save it as XLSX or CSV",
                where=str(file.path),
            )
        names: dict[str, None] = {}
        for item in self._items():
            names.update(dict.fromkeys(item))
        self.columns = list(names)
        if not names:
            raise BadInput("holds no items; a feed in RSS or Atom is expected", where=str(file.path))

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield batches of string columns."""
        rows: list[dict[str, str]] = []
        for item in self._items():
            rows.append(item)
            if len(rows) == BATCH_ROWS:
                yield self._batch(rows)
                rows = []
        if rows:
            yield self._batch(rows)

    def _batch(self, rows: list[dict[str, str]]) -> pa.RecordBatch:
        arrays = [pa.array([row.get(name) for row in rows], pa.string()) for name in self.columns]
        return pa.RecordBatch.from_arrays(arrays, names=self.columns)

    def _items(self) -> Iterator[dict[str, str]]:
        where, limit = str(self._file.path), self._file.limits.line_bytes
        found = _Items()
        parser = expat.ParserCreate("utf-8", namespace_separator=" ")
        parser.buffer_text = True
        parser.StartElementHandler = found.begin
        parser.EndElementHandler = found.end
        parser.CharacterDataHandler = found.text

        def refuse(*_: object) -> None:
            raise BadInput("declares a document type; a feed needs none, take the line out", where=where)

        parser.StartDoctypeDeclHandler = refuse
        n_fed = 0
        try:
            with self._file.text(is_bounded=False) as stream:
                for piece in _pieces(stream):
                    n_fed += len(piece)
                    parser.Parse(piece, not piece)
                    if max(found.size, n_fed - parser.CurrentByteIndex) > limit:
                        raise too_long(self._file.path, parser.CurrentLineNumber, limit)
                    yield from found.take()
        except expat.ExpatError as error:
            raise BadInput(f"is no well-formed XML: {error}; export it again", where=where) from error


def _pieces(stream: io.RawIOBase) -> Iterator[bytes]:
    """Yield what a stream holds, and nothing once at its end."""
    while piece := stream.read(_PIECE):
        yield piece
    yield b""


class _Items:
    """Collects the items met so far."""

    def __init__(self) -> None:
        self.size = 0
        self._done: list[dict[str, str]] = []
        self._item: dict[str, str] | None = None
        self._own: set[str] = set()
        self._depth = 0
        self._open: tuple[str, bool] | None = None
        self._words: list[str] = []

    def begin(self, tag: str, attributes: dict[str, str]) -> None:
        namespace, _, name = tag.rpartition(" ")
        if self._item is None:
            if name in _ITEMS:
                self._item, self._own, self._depth, self.size = {}, set(), 0, 0
            return
        self._depth += 1
        if self._depth == 1:
            self._open, self._words = (name.lower(), namespace == _MERCHANT), []
            if name == "link" and attributes.get("href"):
                self._words = [attributes["href"]]

    def text(self, words: str) -> None:
        self.size += len(words)
        if self._open is not None and self._depth == 1:
            self._words.append(words)

    def end(self, _tag: str) -> None:
        if self._item is None:
            return
        if self._depth == 0:
            self._done.append(self._item)
            self._item, self.size = None, 0
            return
        self._depth -= 1
        if self._depth == 0 and self._open is not None:
            (name, is_own), self._open = self._open, None
            value = "".join(self._words).strip()
            if value and (name not in self._item or (is_own and name not in self._own)):
                self._item[name] = value
                self._own.update({name} if is_own else ())

    def take(self) -> list[dict[str, str]]:
        """Give the finished items once."""
        done, self._done = self._done, []
        return done
