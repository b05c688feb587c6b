"""The bytes of a file as they come off the disk: unpacked from gz, counted, in lines of bounded length; never held whole."""

import gzip
import io
import zlib
from dataclasses import dataclass
from pathlib import Path

from crosslift.errors import BadInput
from crosslift.knobs import KNOBS
from crosslift.settings import Settings

BLOCK_BYTES = 1 << 20
RATIO_FROM = 64 << 20
"""Bytes from which on the ratio of a gz file is looked at: little files may be as repetitive as they like."""
_GZIP = b"\x1f\x8b"
_UNREADABLE = (OSError, EOFError, zlib.error)


@dataclass(frozen=True, slots=True)
class Limits:
    """What a file may be at most, as the settings under `collect` say."""

    line_bytes: int
    unpacked_bytes: int
    unpacked_ratio: int
    workbook_bytes: int

    @classmethod
    def of(cls, settings: Settings) -> "Limits":
        """Read them from the settings."""
        names = ("max_line_bytes", "max_unpacked_bytes", "max_unpacked_ratio", "max_workbook_bytes")
        return cls(*(settings[f"collect.{name}"] for name in names))


USUAL = Limits.of(Settings({knob.name: knob.default for knob in KNOBS}))


class Unpacked(io.RawIOBase):
    """A file's bytes, unpacked where it is a gz; refused as soon as they are more than its limits allow.

    `n_given` counts the bytes so far.

    Raises
    ------
    BadInput
        If there is no such file, it is damaged, or a little file unpacks to a huge one.
    """

    def __init__(self, path: Path, limits: Limits) -> None:
        super().__init__()
        self._path = path
        self._limits = limits
        self._file = _open(path)
        self.is_packed = self._file.peek(2)[:2] == _GZIP
        self._stream = gzip.GzipFile(fileobj=self._file) if self.is_packed else self._file
        self.n_given = 0

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def read(self, size: int = -1) -> bytes:
        """Give the next bytes; none at the end."""
        try:
            block = self._stream.read(size)
        except _UNREADABLE as error:
            raise self._unreadable(error) from error
        self.n_given += len(block)
        if self.is_packed:
            self._check()
        return block

    def close(self) -> None:
        """Close the file."""
        self._file.close()
        super().close()

    def _check(self) -> None:
        most = self._limits
        if self.n_given > most.unpacked_bytes:
            raise BadInput(
                f"unpacks to more than {most.unpacked_bytes:,} bytes; split it, or raise collect.max_unpacked_bytes",
                where=str(self._path),
            )
        ratio = self.n_given / max(self._file.tell(), 1)
        if self.n_given > RATIO_FROM and ratio > most.unpacked_ratio:
            raise BadInput(
                f"unpacks to more than {most.unpacked_ratio:,} times its size, as no export does; if it is one of yours, "
                "unpack it first or raise collect.max_unpacked_ratio",
                where=str(self._path),
            )

    def _unreadable(self, error: BaseException) -> BadInput:
        if self.n_given == 0 and self.is_packed and not isinstance(error, EOFError):
            return BadInput(f"is a damaged gz file: {error}; copy or export it again", where=str(self._path))
        return cut_off(self._path, error)


class BoundedLines(io.RawIOBase):
    """Text whose lines are no longer than a limit; a longer one is refused before it is read to its end."""

    def __init__(self, stream: io.RawIOBase, path: Path, limit: int) -> None:
        super().__init__()
        self._stream = stream
        self._path = path
        self._limit = limit
        self._n_lines = 0
        self._n_open = 0

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def read(self, size: int = -1) -> bytes:
        """Give the next bytes, at most a line's worth at a time."""
        block = self._stream.read(min(size, self._limit) if size >= 0 else self._limit) or b""
        first, last = _first_break(block), _last_break(block)
        if last < 0:
            self._n_open += len(block)
            self._check(self._n_open)
        else:
            self._check(self._n_open + first)
            self._n_open = len(block) - last - 1
        self._n_lines += block.count(b"\n")
        return block

    def close(self) -> None:
        """Close what it reads from."""
        self._stream.close()
        super().close()

    def _check(self, n_bytes: int) -> None:
        if n_bytes > self._limit:
            raise too_long(self._path, self._n_lines + 1, self._limit)


def _first_break(block: bytes) -> int:
    places = [place for place in (block.find(b"\n"), block.find(b"\r")) if place >= 0]
    return min(places, default=-1)


def _last_break(block: bytes) -> int:
    return max(block.rfind(b"\n"), block.rfind(b"\r"))


def too_long(path: Path, line: int, limit: int) -> BadInput:
    """Refuse a line or row that is longer than any export writes."""
    return BadInput(
        f"is longer than {limit:,} bytes; is a line break or a quote missing there? Longer ones are allowed with "
        "collect.max_line_bytes",
        where=f"{path}, line {line}",
    )


def cut_off(path: Path, error: BaseException) -> BadInput:
    """Refuse a file that ends too early or is damaged."""
    return BadInput(f"cannot be read to its end: {error}; copy or export it again", where=str(path))


def _open(path: Path) -> io.BufferedReader:
    try:
        return path.open("rb")
    except FileNotFoundError:
        raise BadInput("no such file; check the path", where=str(path)) from None
    except IsADirectoryError:
        raise BadInput("is a folder; name the files in it", where=str(path)) from None
    except PermissionError:
        raise BadInput("may not be read; check its permissions", where=str(path)) from None
