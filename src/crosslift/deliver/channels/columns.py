"""Text set in columns of a fixed width, as a till's display and a receipt printer have them.

A wide character (Hangul, kana, Han) takes two columns, a combining mark none. What is not text is left out: a title must not
be able to move the cursor, ring the bell or cut the paper.
"""

import re
import unicodedata
from collections.abc import Iterator

_MAY_NOT_BEGIN = frozenset("、。，．・：；？！）］｝」』】〉》ー…,.:;?!)]}%％")
"""They hang on what stands before them."""
_MAY_NOT_END = frozenset("（［｛「『【〈《([{“‘")
_UNIT = re.compile(r"\s+|[^\s\u1100-\u11ff\u2e80-\ua4cf\uac00-\ud7ff\uf900-\ufaff\uff01-\uff60]+|.", re.DOTALL)
"""A run of spaces, a word of letters that are not wide, or one wide letter."""


def plain(text: str) -> str:
    r"""Leave out what is no text: control characters, marks that turn the direction, line ends.

    Examples
    --------
    >>> plain("Mug\x1b[2J \u202egnp\n9 oz")
    'Mug[2J gnp 9 oz'
    """
    spaced = "".join(" " if c in "\t\n\r\v\f\u2028\u2029" else c for c in unicodedata.normalize("NFC", text))
    return "".join(c for c in spaced if unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co", "Cn")).strip()


def columns(text: str) -> int:
    """Count the columns a text takes.

    Examples
    --------
    >>> columns("Kettle"), columns("주전자"), columns("ケトル 1L")
    (6, 6, 9)
    """
    return sum(_width(c) for c in text)


def _width(c: str) -> int:
    if unicodedata.combining(c) or unicodedata.category(c) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(c) in ("W", "F") else 1


def wrapped(text: str, width: int, indent: int = 0) -> list[str]:
    """Break a text into lines no wider than `width` columns; continued lines are indented.

    Words of Latin letters and of Korean stay whole where they fit a line, Japanese breaks between letters but never before a
    closing mark.

    Parameters
    ----------
    width : int
        Columns, at least 8.

    Examples
    --------
    >>> wrapped("Paper filters, size 02", 12)
    ['Paper', 'filters,', 'size 02']
    >>> wrapped("こちらもご入り用ですか。", 10)
    ['こちらもご', '入り用です', 'か。']
    """
    lines: list[str] = []
    line = ""
    for unit in _units(plain(text), width - indent):
        at = width if not lines else width - indent
        if columns(line) + columns(unit.rstrip()) <= at:
            line += unit
            continue
        lines.append(line.rstrip())
        line = unit.lstrip()
    lines.append(line.rstrip())
    return [lines[0], *(" " * indent + one for one in lines[1:])]


def _units(text: str, most: int) -> Iterator[str]:
    """Give what may not be parted: words, and letters with the marks that hang on them."""
    held = ""
    for unit in _joined(_UNIT.findall(text)):
        if held and (unit[0] in _MAY_NOT_BEGIN or held[-1] in _MAY_NOT_END) and columns(held + unit) <= most:
            held += unit
            continue
        yield from _cut(held, most)
        held = unit
    yield from _cut(held, most)


def _joined(units: list[str]) -> Iterator[str]:
    """Join the letters of a Korean word; Japanese and Chinese are broken between letters."""
    held = ""
    for unit in units:
        is_korean = held and (_is_hangul(held[-1]) or _is_hangul(unit[0]))
        if is_korean and held[-1].isalnum() and unit[0].isalnum():
            held += unit
            continue
        if held:
            yield held
        held = unit
    if held:
        yield held


def _is_hangul(c: str) -> bool:
    return "\uac00" <= c <= "\ud7a3"


def _cut(unit: str, most: int) -> Iterator[str]:
    """Cut what is wider than a line."""
    while columns(unit) > most:
        n, taken = 0, 0
        while taken + _width(unit[n]) <= most:
            taken += _width(unit[n])
            n += 1
        yield unit[:n]
        unit = unit[n:]
    if unit:
        yield unit


def row(left: str, right: str, width: int, indent: int = 0) -> list[str]:
    """Set a label and a figure on one line, the figure at the right edge; on two where both do not fit.

    Examples
    --------
    >>> row("합계", "24,000원", 20), row("Yearly maintenance", "₩1,234,567", 20)
    (['합계        24,000원'], ['Yearly maintenance', '          ₩1,234,567'])
    """
    left, right = plain(left), plain(right)
    free = width - indent - columns(left) - columns(right)
    if free >= 1:
        return [" " * indent + left + " " * free + right]
    figures = [" " * max(0, width - columns(one)) + one for one in wrapped(right, width)]
    return [" " * indent + one for one in wrapped(left, width - indent)] + figures
