"""Amounts, counts and times as people and shop platforms write them, in the plain form our readers expect."""

import re
from collections.abc import Iterable, Mapping

import pyarrow as pa
import pyarrow.compute as pc

from crosslift.collect.schemas import Schema, Type

_SIGNS = {"₩": "KRW", "￦": "KRW", "원": "KRW", "円": "JPY", "¥": "JPY", "￥": "JPY", "€": "EUR", "£": "GBP"}
_BEFORE = r"^([+\-−△▲(]?)\s*(?:[₩￦¥￥$€£\\]|[A-Z]{2,3}\$?)\s*([+\-−]?[\d.])"
_AFTER = r"([\d.])\s*(?:원|円|圓|元|[₩￦¥￥$€£]|[A-Z]{3})(\)?)$"
_COUNTED = r"(\d)\s*(?:개|건|個|点|件|本|枚|ea|EA|pcs|PCS)$"
_GROUPED = r"^[+-]?\d{1,3}(,\d{3})+(\.\d+)?$"
_STRICT_INSTANT = r"^[1-9]\d{3}-\d\d-\d\d([ tT]\d\d:\d\d(:\d\d(\.\d{1,9})?)?)?([zZ]|[+-]\d\d:?\d\d)?$"
_DIGITS = (
    (r"^([12]\d{3})([01]\d)([0-3]\d)$", r"\1-\2-\3"),
    (r"^([12]\d{3})([01]\d)([0-3]\d)[ T]?([0-2]\d):?([0-5]\d)$", r"\1-\2-\3 \4:\5"),
    (r"^([12]\d{3})([01]\d)([0-3]\d)[ T]?([0-2]\d):?([0-5]\d):?([0-5]\d)$", r"\1-\2-\3 \4:\5:\6"),
)
"""Dates of digits alone, with and without a time."""
_DATE = (
    r"^(?P<year>[12]\d{3})\s*[-./年년]\s*(?P<month>\d{1,2})\s*[-./月월]\s*(?P<day>\d{1,2})\s*[.日일]?"
    r"\s*(?:\([^)]{1,3}\))?[\sT]*(?P<rest>.*)$"
)
_TIME = (
    r"^(?P<half>오전|오후|午前|午後|[AaPp][Mm])?\s*(?P<hour>\d{1,2})\s*[:時시]\s*(?P<minute>\d{1,2})\s*[分분]?"
    r"\s*:?\s*(?P<second>\d{1,2}(?:\.\d{1,9})?)?\s*[秒초]?\s*(?P<late>[AaPp][Mm])?"
    r"\s*(?P<zone>[zZ]|UTC|GMT|[+-]\d\d:?\d\d)?$"
)
_AFTERNOON = r"^(오후|午後|[Pp][Mm])$"
_ANY_HALF = r"^(오전|오후|午前|午後|[AaPp][Mm])$"


def plain(schema: Schema, columns: Mapping[str, pa.Array], *, with_commas: bool = True) -> dict[str, pa.Array]:
    """Write the cells of typed columns plainly; what is not understood stays as it is, for the reader to refuse.

    Parameters
    ----------
    with_commas : bool
        Whether 12,000 is twelve thousand: not in a file that separates its cells by semicolons.
    """
    written = dict(columns)
    for field in schema.fields:
        if field.name not in columns:
            continue
        if field.type in (Type.MONEY, Type.NUMBER, Type.INTEGER):
            written[field.name] = amounts(columns[field.name], with_commas=with_commas)
        elif field.type is Type.INSTANT:
            written[field.name] = instants(columns[field.name])
    return written


def amounts(column: pa.Array, *, with_commas: bool = True) -> pa.Array:
    """Take currencies, counters and thousands off numbers.

    Examples
    --------
    >>> amounts(pa.array(["₩12,000", "12,000원", "¥1,200", "15.00 USD", "2개", "△500", "1,5"])).to_pylist()
    ['12000', '12000', '1200', '15.00', '2', '-500', '1,5']
    """
    text = pc.utf8_trim_whitespace(_composed(column))
    text = pc.replace_substring_regex(text, _BEFORE, r"\1\2")
    text = pc.replace_substring_regex(text, _AFTER, r"\1\2")
    text = pc.replace_substring_regex(text, _COUNTED, r"\1")
    text = pc.replace_substring_regex(text, r"^\((\d[\d,.]*)\)$", r"-\1")
    text = pc.replace_substring_regex(text, r"^[−△▲]\s*", "-")
    if not with_commas:
        return text
    grouped = pc.fill_null(pc.match_substring_regex(text, _GROUPED), False)
    return pc.if_else(grouped, pc.replace_substring(text, ",", ""), text)


def instants(column: pa.Array) -> pa.Array:
    """Write dates and times in ISO 8601.

    Examples
    --------
    >>> instants(pa.array(["2026/11/22 14:03", "2026.11.2", "20261122", "2026年1月2日 午後2時3分"])).to_pylist()
    ['2026-11-22 14:03', '2026-11-02', '2026-11-22', '2026-01-02 14:03']
    """
    strict = pc.fill_null(pc.match_substring_regex(column, _STRICT_INSTANT), True)
    if pc.all(strict).as_py() is not False:
        return column
    text = pc.utf8_trim_whitespace(_composed(column))
    for pattern, template in _DIGITS:
        text = pc.replace_substring_regex(text, pattern, template)
    found = pc.extract_regex(text, _DATE)
    date = _joined([_part(found, "year"), _padded(found, "month"), _padded(found, "day")], "-")
    rest = _part(found, "rest")
    clock = _clock(rest)
    whole = pc.if_else(pc.equal(rest, ""), date, pc.binary_join_element_wise(date, clock, " "))
    return pc.if_else(strict, column, pc.coalesce(whole, text))


def _clock(rest: pa.Array) -> pa.Array:
    """Write times of day with two digits each, in 24 hours; null where it is none."""
    found = pc.extract_regex(rest, _TIME)
    half = pc.binary_join_element_wise(_part(found, "half"), _part(found, "late"), "")
    hour = pc.cast(_part(found, "hour"), pa.int64())
    is_late = pc.fill_null(pc.match_substring_regex(half, _AFTERNOON), False)
    is_halved = pc.fill_null(pc.match_substring_regex(half, _ANY_HALF), False)
    hour = pc.if_else(is_halved, pc.subtract(hour, pc.multiply(12, pc.cast(pc.equal(hour, 12), pa.int64()))), hour)
    hour = pc.add(hour, pc.multiply(12, pc.cast(is_late, pa.int64())))
    minutes = _joined([pc.utf8_lpad(pc.cast(hour, pa.string()), 2, "0"), _padded(found, "minute")], ":")
    second = _part(found, "second")
    padded = pc.if_else(
        pc.match_substring_regex(second, r"^\d($|\.)"), pc.binary_join_element_wise("0", second, ""), second
    )
    time = pc.if_else(pc.equal(second, ""), minutes, _joined([minutes, padded], ":"))
    zone = pc.replace_substring_regex(_part(found, "zone"), "^(UTC|GMT)$", "Z")
    return pc.binary_join_element_wise(time, zone, "")


def _part(found: pa.Array, name: str) -> pa.Array:
    return pc.if_else(pc.is_valid(found), pc.struct_field(found, name), pa.scalar(None, pa.string()))


def _padded(found: pa.Array, name: str) -> pa.Array:
    return pc.utf8_lpad(_part(found, name), 2, "0")


def _joined(parts: list[pa.Array], between: str) -> pa.Array:
    return pc.binary_join_element_wise(*parts, between)


def decimal_commas(column: pa.Array) -> pa.Array:
    """Write 12,50 as 12.50, for exports that use the shop's own decimal sign and no thousands.

    Examples
    --------
    >>> decimal_commas(pa.array(["12,50", "1200", "3.5"])).to_pylist()
    ['12.50', '1200', '3.5']
    """
    return pc.replace_substring_regex(column, r"^(\d+),(\d{1,4})$", r"\1.\2")


def divided(total: pa.Array, count: pa.Array) -> pa.Array:
    """Divide the amount of a line by its count, cell by cell; null where that cannot be done.

    Examples
    --------
    >>> divided(pa.array(["24,000원", "10", "5"]), pa.array(["2", "3", "0"])).to_pylist()
    ['12000', '3.333333', None]
    """
    return pa.array(map(_share, amounts(total).to_pylist(), amounts(count).to_pylist()), pa.string())


def added(first: pa.Array, second: pa.Array) -> pa.Array:
    """Add two amounts, cell by cell; what is no number counts as nothing."""
    return pa.array(map(_sum, amounts(first).to_pylist(), amounts(second).to_pylist()), pa.string())


def _share(total: str | None, count: str | None) -> str | None:
    whole, parts = _number(total), _number(count)
    return None if whole is None or not parts else _shown(whole / parts)


def _sum(first: str | None, second: str | None) -> str | None:
    one = _number(first)
    return first if one is None else _shown(one + (_number(second) or 0.0))


def _number(text: str | None) -> float | None:
    return float(text) if text and re.fullmatch(r"[+-]?\d{1,12}(\.\d+)?", text) else None


def _shown(value: float) -> str:
    text = f"{value:.6f}"
    return text.rstrip("0").rstrip(".")


_CANCELLED = "cancel|refund|void|return|취소|환불|반품|キャンセル|取消|返品|返金"
_NOT_CANCELLED = r"\bnot |\bun|안함|철회|거부|부분|なし|未"


def statuses(column: pa.Array) -> pa.Array:
    """Tell cancelled orders from others, by the words platforms use.

    Examples
    --------
    >>> statuses(pa.array(["배송완료", "취소완료", "キャンセル", "취소안함", None])).to_pylist()
    ['placed', 'cancelled', 'cancelled', 'placed', 'placed']
    """
    return pc.if_else(says(column, _CANCELLED, but_not=_NOT_CANCELLED), "cancelled", "placed")


def currency_of(cells: Iterable[str | None]) -> str | None:
    """Tell the currency by the signs beside amounts, None where they bear none or several."""
    found = {code for cell in cells if cell for sign, code in _SIGNS.items() if sign in cell}
    return found.pop() if len(found) == 1 else None


def says(column: pa.Array, pattern: str, *, but_not: str | None = None) -> pa.Array:
    """Tell which cells hold some words, whatever their case; empty cells do not."""
    has = pc.fill_null(pc.match_substring_regex(column, pattern, ignore_case=True), False)
    if but_not is None:
        return has
    return pc.and_not(has, pc.fill_null(pc.match_substring_regex(column, but_not, ignore_case=True), False))


def _composed(column: pa.Array) -> pa.Array:
    """Bring full-width digits and signs into their plain form (NFKC)."""
    if pc.all(pc.string_is_ascii(column)).as_py() is not False:
        return column
    return pc.utf8_normalize(column, form="NFKC")
