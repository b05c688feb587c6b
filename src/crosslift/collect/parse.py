"""Text columns to typed columns, vectorized: whole numbers, numbers, amounts, instants, dates, flags."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from crosslift.collect.schemas import Field, Type
from crosslift.errors import BadInput

Bad = npt.NDArray[np.bool_]
MAX_AMOUNT = 9e12
"""Millionths of more do not fit into 64 bits."""
_EXACT = 1e9
"""Amounts below a billion major units are exact in millionths when read through a 64-bit float."""

_WHOLE = r"^[+-]?\d{1,15}(\.0*)?$"
_DECIMAL = r"^[+-]?(\d{1,12}(\.\d*)?|\.\d+)([eE][+-]?\d{1,2})?$"
_ZONED = r"([zZ]|[+-]\d\d:?\d\d)$"
_INSTANT = r"^[1-9]\d{3}-\d\d-\d\d([ tT]\d\d:\d\d(:\d\d(\.\d{1,9})?)?)?([zZ]|[+-]\d\d:?\d\d)?$"
_DATE = r"^[1-9]\d{3}-\d\d-\d\d([ tT]00:00(:00(\.0+)?)?)?$"
_SLASHED = r"^\d{1,2}/\d{1,2}/[1-9]\d{3} \d{1,2}:\d\d(:\d\d)?$"


def parse(field: Field, column: pa.Array, time_zone: str) -> tuple[pa.Array, Bad]:
    """Read one text column as its field says.

    Parameters
    ----------
    field : Field
        What to expect.
    column : pa.Array of string
        Cells as in the file; empty means missing.
    time_zone : str
        IANA zone of instants without one.

    Returns
    -------
    values : pa.Array
        Typed and as stored (instants in microseconds, amounts in millionths); null where missing or bad.
    bad : array of bool, shape (rows,)
        Cells that are there but cannot be read.
    """
    text = pc.utf8_trim_whitespace(column)
    present = pc.fill_null(pc.not_equal(text, ""), False)
    text = pc.if_else(present, text, pa.scalar(None, pa.string()))
    if field.type in (Type.TEXT, Type.JSON):
        values, ok = _choice(field, normalized(text))
    else:
        values, ok = _READERS[field.type](text, time_zone)
    for compare, bound in ((pc.greater_equal, field.low), (pc.less_equal, field.high)):
        if bound is not None:
            ok = pc.and_(ok, pc.fill_null(compare(values, bound), True))
    bad = np.asarray(pc.and_(present, pc.invert(pc.fill_null(ok, False))))
    return values, bad


def normalized(text: pa.Array) -> pa.Array:
    """Bring text into Unicode's composed form (NFC), so that the same word is the same key everywhere."""
    if pc.all(pc.string_is_ascii(text)).as_py() is not False:
        return text
    return pc.utf8_normalize(text, form="NFC")


def _choice(field: Field, text: pa.Array) -> tuple[pa.Array, pa.Array]:
    if field.choices:
        lowered = pc.utf8_lower(text)
        return lowered, pc.is_in(lowered, pa.array([str(c) for c in field.choices]))
    return text, pc.is_valid(text)


def _matching(text: pa.Array, pattern: str) -> tuple[pa.Array, pa.Array]:
    ok = pc.fill_null(pc.match_substring_regex(text, pattern), False)
    return pc.if_else(ok, text, pa.scalar(None, pa.string())), ok


def _integers(text: pa.Array, _zone: str) -> tuple[pa.Array, pa.Array]:
    kept, ok = _matching(text, _WHOLE)
    return pc.cast(pc.cast(kept, pa.float64()), pa.int64()), ok


def _numbers(text: pa.Array, _zone: str) -> tuple[pa.Array, pa.Array]:
    kept, ok = _matching(text, _DECIMAL)
    return pc.cast(kept, pa.float64()), ok


def _amounts(text: pa.Array, _zone: str) -> tuple[pa.Array, pa.Array]:
    kept, ok = _matching(text, _DECIMAL)
    values = pc.cast(kept, pa.float64())
    ok = pc.and_(ok, pc.fill_null(pc.less(pc.abs(values), MAX_AMOUNT), False))
    values = pc.if_else(ok, values, pa.scalar(None, pa.float64()))
    micros = pc.cast(pc.round(pc.multiply(values, 1e6), round_mode="half_to_even"), pa.int64())
    large = pc.fill_null(pc.greater_equal(pc.abs(values), _EXACT), False)
    if pc.any(large).as_py():
        micros = pc.replace_with_mask(micros, large, pa.array(map(_exact, kept.filter(large)), pa.int64()))
    return micros, ok


def _exact(amount: pa.Scalar) -> int:
    return int((Decimal(amount.as_py()) * 1_000_000).to_integral_value(ROUND_HALF_EVEN))


def _currencies(text: pa.Array, _zone: str) -> tuple[pa.Array, pa.Array]:
    return _matching(pc.utf8_upper(text), r"^[A-Z]{3}$")


def _flags(text: pa.Array, _zone: str) -> tuple[pa.Array, pa.Array]:
    lowered = pc.utf8_lower(text)
    yes = pc.is_in(lowered, pa.array(["true", "1", "yes", "y", "t"]))
    no = pc.is_in(lowered, pa.array(["false", "0", "no", "n", "f"]))
    ok = pc.or_(yes, no)
    return pc.if_else(ok, yes, pa.scalar(None, pa.bool_())), ok


def _instants(text: pa.Array, zone: str) -> tuple[pa.Array, pa.Array]:
    kept, _ = _matching(text, _INSTANT)
    zoned = pc.fill_null(pc.match_substring_regex(kept, _ZONED), False)
    absolute = _cast(pc.if_else(zoned, kept, None), pa.timestamp("us", "UTC"))
    local = _cast(pc.if_else(zoned, None, kept), pa.timestamp("us"))
    slashed = pc.fill_null(pc.match_substring_regex(text, _SLASHED), False)
    if pc.any(slashed).as_py():
        local = pc.coalesce(local, _from_slashes(pc.if_else(slashed, text, None)))
    values = pc.coalesce(pc.cast(absolute, pa.int64()), to_utc(pc.cast(local, pa.int64()), zone))
    return values, pc.is_valid(values)


def _dates(text: pa.Array, _zone: str) -> tuple[pa.Array, pa.Array]:
    kept, _ = _matching(text, _DATE)
    days = pc.cast(_cast(pc.utf8_slice_codeunits(kept, 0, 10), pa.date32()), pa.int32())
    return pc.cast(days, pa.int64()), pc.is_valid(days)


def _cast(text: pa.Array, kind: pa.DataType) -> pa.Array:
    """Cast whole columns at once; cell by cell only where some cell is no real date (a 31 February)."""
    try:
        return pc.cast(text, kind)
    except pa.ArrowInvalid:
        text = pc.utf8_upper(pc.replace_substring_regex(text, r"(\.\d{6})\d+", r"\1"))
        return pa.array([_one(cell, kind) for cell in text], kind)


def _one(cell: pa.Scalar, kind: pa.DataType) -> date | None:
    try:
        value: date | None = cell.cast(kind).as_py()
    except pa.ArrowInvalid:
        return None
    return value


def _from_slashes(text: pa.Array) -> pa.Array:
    """Read month/day/year, as UCI's spreadsheet exports have it; null for a 31 February."""
    seconds = pc.strptime(text, "%m/%d/%Y %H:%M", "us", error_is_null=True)
    values = pc.coalesce(seconds, pc.strptime(text, "%m/%d/%Y %H:%M:%S", "us", error_is_null=True))
    day = pc.cast(pc.struct_field(pc.extract_regex(text, r"^\d+/(?P<day>\d+)/"), "day"), pa.int64())
    return pc.if_else(pc.equal(pc.day(values), day), values, pa.scalar(None, values.type))


def to_utc(local: pa.Array, zone: str) -> pa.Array:
    """Shift local microseconds to UTC by the zone's own history; one look-up a quarter of an hour."""
    if zone == "UTC":
        return local
    info = _zone(zone)
    micros = np.asarray(pc.fill_null(local, 0), dtype=np.int64)
    quarters, place = np.unique(micros // 900_000_000, return_inverse=True)
    offsets = np.array([_offset(int(quarter), info) for quarter in quarters], dtype=np.int64)
    shifted = pa.array(micros - offsets[place])
    return pc.if_else(pc.is_valid(local), shifted, pa.scalar(None, pa.int64()))


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise BadInput(f"shop.time_zone = {name!r} is no time zone such as 'Asia/Seoul' or 'Europe/London'") from error


def _offset(quarter: int, info: ZoneInfo) -> int:
    naive = datetime.fromtimestamp(quarter * 900, UTC).replace(tzinfo=info)
    delta = naive.utcoffset()
    return int(delta.total_seconds() * 1_000_000) if delta else 0


_READERS: dict[Type, Callable[[pa.Array, str], tuple[pa.Array, pa.Array]]] = {
    Type.INTEGER: _integers,
    Type.NUMBER: _numbers,
    Type.MONEY: _amounts,
    Type.INSTANT: _instants,
    Type.DATE: _dates,
    Type.FLAG: _flags,
    Type.CURRENCY: _currencies,
}
