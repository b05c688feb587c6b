"""A file that holds text: its beginning, and as often as wanted its whole as a stream of UTF-8."""

import io
from contextlib import closing
from pathlib import Path

from crosslift.collect.sources import encodings
from crosslift.collect.sources.encodings import AsUtf8
from crosslift.collect.sources.streams import BoundedLines, Limits, Unpacked

HEAD_BYTES = 1 << 20
"""How far the header of a CSV file, or the first JSON line, may reach."""
_BOM = b"\xef\xbb\xbf"


class TextFile:
    """A file of text.

    Parameters
    ----------
    encoding : str, optional
        The codec to read it with; by default its byte order mark or its first letters beyond ASCII tell.

    Attributes
    ----------
    raw_head : bytes
        The first bytes as they are, unpacked.
    head : bytes
        The first text as UTF-8, without byte order mark. Only there once `read_head` was called.
    """

    def __init__(self, path: Path, limits: Limits, encoding: str | None = None) -> None:
        self.path = path
        self.limits = limits
        with closing(self.unpacked()) as stream:
            self.is_packed = stream.is_packed
            self.raw_head = _read(stream, HEAD_BYTES)
        self.encoding = encoding or encodings.of_mark(self.raw_head)
        self.head = b""
        self._last: AsUtf8 | None = None

    def read_head(self) -> bytes:
        """Read the first text; the encoding is known from then on, unless all of it was ASCII."""
        with closing(self.text()) as stream:
            self.head = _read(stream, HEAD_BYTES).removeprefix(_BOM)
        self.encoding = self.found_encoding
        return self.head

    @property
    def found_encoding(self) -> str | None:
        """The encoding the text was read with so far; None while all of it was ASCII."""
        return self._last.encoding if self._last else self.encoding

    def unpacked(self) -> Unpacked:
        """Open the bytes of the file."""
        return Unpacked(self.path, self.limits)

    def text(self, *, is_bounded: bool = True) -> io.RawIOBase:
        """Open the text as UTF-8; with a byte order mark where the file has one of UTF-8."""
        self._last = AsUtf8(self.unpacked(), self.path, self.encoding)
        return BoundedLines(self._last, self.path, self.limits.line_bytes) if is_bounded else self._last


def _read(stream: io.RawIOBase, size: int) -> bytes:
    """Read so many bytes, fewer only at the end."""
    found = b""
    while len(found) < size and (block := stream.read(size - len(found))):
        found += block
    return found
