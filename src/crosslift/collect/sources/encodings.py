"""Text in any encoding as UTF-8, block by block: CP949 and Shift_JIS are told from each other by their everyday letters."""

import codecs
import io
import re
from pathlib import Path

from crosslift.errors import BadInput, BadUsage

SAMPLE_BYTES = 1 << 18
"""So much of the first text that is not ASCII decides."""
LEAST_BYTES = 4096
"""So much of it there has to be, where the file goes on."""
NAMES = {"utf-8": "UTF-8", "cp949": "CP949", "cp932": "Shift_JIS", "utf-16": "UTF-16"}
_SUPERSETS = {"euc_kr": "cp949", "shift_jis": "cp932", "utf-8-sig": "utf-8"}
"""What people call an encoding, and the larger one that Korean and Japanese Windows really write."""
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_BEYOND_ASCII = re.compile(rb"[\x80-\xff]")


def forced(name: str) -> str:
    """Give the codec of an encoding as people write it.

    Raises
    ------
    BadUsage
        If nobody knows it.

    Examples
    --------
    >>> forced("EUC-KR"), forced("sjis"), forced("windows-1252")
    ('cp949', 'cp932', 'cp1252')
    """
    try:
        codec = codecs.lookup(name)
        "".encode(codec.name)
    except (LookupError, ValueError):
        known = "utf-8, cp949, shift_jis, utf-16, euc_jp, cp1252"
        raise BadUsage(f"no encoding is called {name!r}; some that are: {known}") from None
    return _SUPERSETS.get(codec.name, codec.name)


def shown(codec: str) -> str:
    """Give the name people know an encoding by."""
    return NAMES.get(codec, codec)


def of_mark(head: bytes) -> str | None:
    """Tell the encoding by the byte order mark, None where there is none of UTF-16."""
    return "utf-16" if head.startswith(_UTF16) else None


class AsUtf8(io.RawIOBase):
    """A stream's text as UTF-8. Without a given encoding the first bytes that are not ASCII decide.

    Raises
    ------
    BadInput
        Naming line and byte, for a byte that the encoding does not have.
    """

    def __init__(self, stream: io.RawIOBase, path: Path, encoding: str | None = None) -> None:
        super().__init__()
        self._stream = stream
        self._path = path
        self._n_lines = 0
        self.encoding = encoding
        self._decoder = _decoder(encoding) if encoding else None

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def read(self, size: int = -1) -> bytes:
        """Give the next text as UTF-8; none at the end."""
        while True:
            block = self._stream.read(size) or b""
            if self._decoder is None:
                if block.isascii():
                    self._n_lines += block.count(b"\n")
                    return block
                beyond = _BEYOND_ASCII.search(block)
                start = beyond.start() if beyond else 0
                if len(block) - start < LEAST_BYTES:
                    block += self._stream.read(LEAST_BYTES) or b""
                self.encoding = decide(block[start : start + SAMPLE_BYTES]) or "utf-8"
                self._decoder = _decoder(self.encoding)
            text = self._decoded(self._decoder, block)
            if text or not block:
                return text

    def close(self) -> None:
        """Close what it reads from."""
        self._stream.close()
        super().close()

    def _decoded(self, decoder: codecs.IncrementalDecoder, block: bytes) -> bytes:
        try:
            text = decoder.decode(block, final=not block)
        except UnicodeDecodeError as error:
            raise self._wrong_byte(error) from error
        self._n_lines += text.count("\n")
        return block if self.encoding == "utf-8" else text.encode()

    def _wrong_byte(self, error: UnicodeDecodeError) -> BadInput:
        raw = error.object
        line = self._n_lines + raw[: error.start].decode(error.encoding, errors="ignore").count("\n") + 1
        where = f"{self._path}, line {line}"
        if self.encoding != "utf-8":
            name = shown(self.encoding or "")
            return BadInput(
                f"byte 0x{raw[error.start]:02x} is not {name}, as the text before it is; mend that line, or name the "
                "encoding with --encoding",
                where=where,
            )
        sample = raw[error.start :]
        return BadInput(
            f"byte 0x{raw[error.start]:02x} is not UTF-8 (it may be {_guess(sample)}); save the file as UTF-8, or name "
            "its encoding with --encoding",
            where=where,
        )


def _decoder(encoding: str) -> codecs.IncrementalDecoder:
    return codecs.getincrementaldecoder(encoding)("strict")


def decide(sample: bytes) -> str | None:
    """Tell the encoding of text that begins with a byte beyond ASCII; None where no candidate is convincing.

    UTF-8 wins where it is valid, or mostly so: a wrong byte in it is a wrong byte. CP949 and Shift_JIS must be valid
    to the end of the sample and consist mostly of everyday letters, two of them side by side.
    """
    if _reads(sample, "utf-8") or _is_mostly_utf8(sample):
        return "utf-8"
    return next((codec for codec, name in _CANDIDATES if _reads(sample, codec) and _is_everyday(sample, name)), None)


_CANDIDATES = (("cp949", "CP949"), ("cp932", "Shift_JIS"))


def _reads(sample: bytes, codec: str) -> bool:
    try:
        _decoder(codec).decode(sample)
    except UnicodeDecodeError:
        return False
    return True


def _is_mostly_utf8(sample: bytes) -> bool:
    text = sample.decode("utf-8", errors="replace")
    n_wrong = text.count("�")
    return sum(not letter.isascii() for letter in text) - n_wrong > n_wrong


def _guess(sample: bytes) -> str:
    """Name what a stretch of bytes may be, for a message."""
    return next((name for _, name in _CANDIDATES if _is_everyday(sample, name)), "Latin-1 or Windows-1252")


def _is_everyday(sample: bytes, name: str) -> bool:
    codec, is_known = ("cp949", _is_korean) if name == "CP949" else ("shift_jis", _is_japanese)
    text = sample.decode(codec, errors="replace")
    marks = "".join("x" if is_known(c) else "." if not c.isascii() else " " for c in text)
    return "xx" in marks and marks.count("x") > marks.count(".")


def _is_korean(letter: str) -> bool:
    """Hangul of the everyday set; what other encodings spell by accident lies mostly outside it."""
    return "가" <= letter <= "힣" and len(letter.encode("euc_kr", errors="ignore")) == 2


def _is_japanese(letter: str) -> bool:
    """Kana and kanji of the first level."""
    raw = letter.encode("shift_jis", errors="ignore")
    return len(raw) == 2 and (raw[0] in (0x81, 0x82, 0x83) or 0x88 <= raw[0] <= 0x97)
