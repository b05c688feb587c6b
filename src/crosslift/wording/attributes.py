"""What products are like, in the shopper's words: attribute names, their values and their units.

Merchants name attributes as they like. The common ones are known in three languages; any other is shown by the
merchant's own name, underscores as spaces. A unit at the end of a name (`burr_mm`, `warranty_years`) goes behind the
number.
"""

import math
import re
from collections.abc import Mapping
from decimal import Decimal
from numbers import Integral, Real

from crosslift.errors import BadInput
from crosslift.wording.formats import exact
from crosslift.wording.messages import Noun, language_of, text

NAMES = (
    "battery", "brand", "burr", "capacity", "color", "connectivity", "count", "coverage", "cups", "depth", "diameter",
    "energy_class", "filter_size", "flavor", "height", "induction", "length", "load", "material", "memory", "noise",
    "origin", "portafilter", "power", "pressure", "resolution", "roast", "scent", "screen", "size", "speed",
    "storage", "support", "temperature_control", "uses", "voltage", "warranty", "waterproof", "weight", "width",
)  # fmt: skip
"""Attributes with a name in every catalog, without their unit."""

VALUES = {
    "color": (
        "black", "blue", "brown", "gold", "gray", "green", "orange", "pink", "purple", "red", "silver", "white", "yellow",
    ),
    "material": (
        "aluminum", "ceramic", "copper", "cotton", "glass", "leather", "paper", "plastic", "silicone", "stainless_steel",
        "steel", "wood", "wool",
    ),
    "roast": ("dark", "light", "medium"),
}  # fmt: skip
"""Values with a word in every catalog. These attributes need no name beside the value: "ceramic" says it."""

COUNTED = ("cups", "days", "hours", "minutes", "months", "pages", "pieces", "users", "uses", "weeks", "years")
"""Units that are words."""

_SYMBOLS = {
    "bar": "bar", "cl": "cl", "cm": "cm", "db": "dB", "g": "g", "gb": "GB", "hz": "Hz", "inch": "in", "kg": "kg",
    "km": "km", "kw": "kW", "kwh": "kWh", "l": "L", "lb": "lb", "m": "m", "mah": "mAh", "mb": "MB", "mbps": "Mbps",
    "mi": "mi", "ml": "ml", "mm": "mm", "oz": "oz", "rpm": "rpm", "tb": "TB", "v": "V", "w": "W", "wh": "Wh",
}  # fmt: skip
_ALIASES = {
    "aluminium": "aluminum",
    "colour": "color",
    "flavour": "flavor",
    "grams": "weight_g",
    "grey": "gray",
    "liters": "capacity_l",
    "litres": "capacity_l",
    "milliliters": "capacity_ml",
    "millilitres": "capacity_ml",
    "ram": "memory",
}
_NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,12})?")
_YES, _NO = frozenset({"yes", "true"}), frozenset({"no", "false"})


def fact(attribute: str, value: object, language: str) -> str:
    """Say one attribute with its value.

    Raises
    ------
    BadInput
        If the name is blank, or the value is none that can be shown.

    Examples
    --------
    >>> fact("filter_size", "cone-02", "en"), fact("warranty_years", 2, "ko"), fact("material", "ceramic", "ja")
    ('filter size cone-02', '보증 기간 2년', '陶磁器')
    >>> fact("temperature_control", True, "en"), fact("Mahlgrad_Stufen", 40, "en")
    ('temperature control', 'Mahlgrad Stufen 40')
    """
    base, unit = _parts(attribute, value)
    truth = _truth(value)
    if truth is not None:
        label = _label(base, attribute, language)
        return label if truth else text("attribute.without", language, attribute=label)
    written = _written(base, value, unit, language)
    if base in VALUES and isinstance(value, str):
        return written
    return text("attribute.is", language, attribute=_label(base, attribute, language), value=written)


def change(attribute: str, before: object, after: object, language: str) -> str:
    """Say what changes in one attribute; what one has and the other lacks is said as what it has.

    Raises
    ------
    BadInput
        If nothing changes, or something is lost: that is no benefit.

    Examples
    --------
    >>> change("burr_mm", 38, 48, "en"), change("warranty_years", 1, 2, "ja")
    ('burr 38 → 48 mm', '保証期間 1 → 2年')
    >>> change("temperature_control", None, True, "ko")
    '온도 조절'
    """
    had, has = _truth(before), _truth(after)
    if after is None or has is False or before == after or (had is not None and had == has):
        raise BadInput(f"{attribute!r} goes from {before!r} to {after!r}: that is no benefit; leave it out")
    if before is None or had is not None or has is not None:
        return fact(attribute, after, language)
    base, unit = _parts(attribute, after)
    return text(
        "attribute.changed",
        language,
        attribute=_label(base, attribute, language),
        before=_written(base, before, None, language),
        after=_written(base, after, unit, language),
    )


def is_common(attribute: str, value: object) -> bool:
    """Tell whether an attribute is one everybody knows, with a name in every catalog.

    Examples
    --------
    >>> is_common("burr_mm", 48), is_common("price_JPY", 2580)
    (True, False)
    """
    try:
        return _parts(attribute, value)[0] in NAMES
    except BadInput:
        return False


def label(attribute: str, value: object, language: str) -> str:
    """Name an attribute, as the head of a row of a table.

    Examples
    --------
    >>> label("burr_mm", 48, "en"), label("material", "ceramic", "ko")
    ('burr', '소재')
    """
    return _label(_parts(attribute, value)[0], attribute, language)


def value(attribute: str, value: object, language: str) -> str:
    """Write the value of an attribute, with its unit, as a cell of a table.

    Raises
    ------
    BadInput
        If it is none that can be shown.

    Examples
    --------
    >>> value("burr_mm", 48, "en"), value("material", "ceramic", "ja"), value("induction", True, "ko")
    ('48 mm', '陶磁器', '있음')
    """
    base, unit = _parts(attribute, value)
    truth = _truth(value)
    if truth is not None:
        return text("attribute.yes" if truth else "attribute.no", language)
    return _written(base, value, unit, language)


def same(attribute: str, language: str) -> str:
    """Say that two products share an attribute, whatever its value.

    Examples
    --------
    >>> same("filter_size", "en"), same("material", "ko"), same("burr_mm", "ja")
    ('same filter size', '같은 소재', '同じ刃の直径')
    """
    base, _ = _parts(attribute, 0)
    return text("attribute.same", language, attribute=_label(base, attribute, language))


def measured(value: float | Decimal, unit: str, language: str) -> str:
    """Write a figure with its unit: a symbol, a counted word, or the merchant's own.

    Examples
    --------
    >>> measured(29400, "km", "en"), measured(1, "years", "en"), measured(500, "pages", "ja")
    ('29,400 km', '1 year', '500ページ')
    """
    figure = exact(value, language)
    known = _unit(unit.strip().lower())
    if known in COUNTED:
        return text(f"unit.{known}", language, 1 if value == 1 else 2, n=figure)
    between = " " if language_of(language) == "en" else ""
    return f"{figure}{between}{_SYMBOLS.get(known or '') or Noun(unit.strip())}"


def _parts(attribute: str, value: object) -> tuple[str, str | None]:
    """Take a name apart: what is measured, and the unit where the value is a number."""
    key = "_".join(attribute.lower().replace("-", " ").replace("_", " ").split())
    if not key:
        raise BadInput(f"{attribute!r} in the evidence names no attribute")
    key = _ALIASES.get(key, key)
    if key in NAMES or _numeric(value) is None:
        return key, None
    base, _, last = key.rpartition("_")
    unit = _unit(last)
    return (_ALIASES.get(base, base), unit) if base and unit else (key, None)


def _unit(name: str) -> str | None:
    """Find a unit we can write, also in the singular."""
    return next((unit for unit in (name, f"{name}s", f"{name}es") if unit in _SYMBOLS or unit in COUNTED), None)


def _label(base: str, attribute: str, language: str) -> str:
    """Name an attribute: in our words, else in the merchant's."""
    if base in NAMES:
        return text(f"attribute.{base}", language)
    theirs = attribute.replace("_", " ").replace("-", " ").split()
    return f"{Noun(' '.join(theirs[: base.count('_') + 1]))}"


def _written(base: str, value: object, unit: str | None, language: str) -> str:
    """Write a value, with its unit where it has one."""
    figure = _numeric(value) if unit or not isinstance(value, str) else None
    if figure is not None:
        return measured(figure, unit, language) if unit else exact(figure, language)
    if not isinstance(value, str) or not value.strip():
        raise BadInput(f"{base} in the evidence is {value!r}: a text, a number or true is needed")
    key = "_".join(value.lower().split())
    key = _ALIASES.get(key, key)
    return text(f"value.{base}.{key}", language) if key in VALUES.get(base, ()) else f"{Noun(value.strip())}"


def _truth(value: object) -> bool | None:
    """Read yes and no, however the catalog has them."""
    if isinstance(value, bool):
        return value
    said = value.strip().lower() if isinstance(value, str) else ""
    return True if said in _YES else False if said in _NO else None


def _numeric(value: object) -> int | float | Decimal | None:
    """Read a number of Python, of an engine, or one a catalog file holds as text."""
    if isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
        return Decimal(value.strip())
    if isinstance(value, bool) or not isinstance(value, Real | Decimal) or not math.isfinite(value):
        return None
    return value if isinstance(value, Decimal) else int(value) if isinstance(value, Integral) else float(value)


def described(entry: object, language: str) -> str:
    """Say one shared attribute of the evidence: a mapping of attribute and value."""
    if not isinstance(entry, Mapping):
        raise BadInput(f"{entry!r} in the evidence is no attribute with its value")
    return fact(attribute_of(entry), entry.get("value"), language)


def attribute_of(entry: object) -> str:
    """Read the name of an attribute: the entry itself, or under `attribute`."""
    name = entry.get("attribute") if isinstance(entry, Mapping) else entry
    if not isinstance(name, str) or not name.strip():
        raise BadInput(f"{entry!r} in the evidence names no attribute")
    return name
