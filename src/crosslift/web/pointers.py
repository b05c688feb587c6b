"""Where in a body something is wrong: the places that msgspec and the rooms name, as JSON pointers (RFC 6901)."""

import re
from collections.abc import Mapping

import msgspec

from crosslift.errors import BadInput

Fault = Mapping[str, str]

_TOKEN = re.compile(r"\.?([^.\[\]`]+)|\[(\d+)\]")
_WRONG = re.compile(r"^(?P<what>.*?)(?: - at `\$(?P<path>.*)`)?$", re.DOTALL)
_FIELD = re.compile(r"(?:unknown|missing required) field `(?P<name>.*)`$")
_PLACE = re.compile(r"^[^\s.\[\]]*(?:, [^\s,]+|\.[^\s.\[\]]+|\[\d+\])*$")
"""A place in a body: `products[3]`, `.cart[1]`, `facts[0], at`; `line 4` or `character 7` of a text is none."""
_EVENT = re.compile(r"^batch, event (\d+)$")


def fault_of(error: msgspec.ValidationError) -> Fault:
    """Name the place in a body that does not fit, and what is wrong there.

    Examples
    --------
    >>> fault_of(msgspec.ValidationError("Expected `str`, got `int` - at `$.cart[1]`"))
    {'pointer': '/cart/1', 'detail': 'Expected `str`, got `int`'}
    """
    found = _WRONG.match(str(error))
    what, path = (found["what"], found["path"] or "") if found else (str(error), "")
    field = _FIELD.search(what)
    return {"pointer": pointer_of(path) + (f"/{_escaped(field['name'])}" if field else ""), "detail": what}


def faults_of(error: BadInput) -> tuple[Fault, ...]:
    """Name the places an error of a room speaks of."""
    if error.problems:
        places = (problem.partition(": ") for problem in error.problems)
        told = [(where, detail.strip()) for where, _, detail in places]
        if all(detail and _PLACE.match(where) for where, detail in told):
            return tuple({"pointer": pointer_of(where.replace(", ", ".")), "detail": detail} for where, detail in told)
    if error.where is None:
        return ()
    return (
        {
            "pointer": pointer_of(error.where) if _PLACE.match(error.where) or _EVENT.match(error.where) else "",
            "detail": str(error).removeprefix(f"{error.where}: "),
        },
    )


def pointer_of(where: str) -> str:
    """Give the JSON pointer of a place such as `.cart[1]`, `products[3]` or `batch, event 4`.

    Examples
    --------
    >>> pointer_of(".cart[1]"), pointer_of("products[3]"), pointer_of("batch, event 4"), pointer_of("")
    ('/cart/1', '/products/3', '/batch/3', '')
    """
    event = _EVENT.match(where)
    if event:
        return f"/batch/{int(event[1]) - 1}"
    return "".join(f"/{_escaped(name or place)}" for name, place in _TOKEN.findall(where) if name != "...")


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")
