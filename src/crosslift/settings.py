"""The values of all knobs (`crosslift.knobs`), read from `shop.toml`, then the environment, then arguments.

What a merchant changes on a Tuesday (policies, offers, bans) is not a setting but a record with a history.
"""

import os
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from crosslift.errors import BadInput
from crosslift.knobs import KNOBS, Knob

VERSION = "0.1.0"
"""The engine's version; stored with every decision and snapshot."""


@cache
def _by_name() -> dict[str, Knob]:
    return {knob.name: knob for knob in KNOBS}


class Settings:
    """The values in force. Attribute access by dotted name: `settings["learn.min_lift"]`.

    Examples
    --------
    >>> Settings.load({"learn.min_lift": 1.5})["learn.min_lift"]
    1.5
    """

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = dict(values)

    def __getitem__(self, name: str) -> Any:
        return self._values[name]

    def as_dict(self) -> dict[str, Any]:
        """Give all values by dotted name, sorted."""
        return dict(sorted(self._values.items()))

    @classmethod
    def load(
        cls,
        overrides: Mapping[str, Any] | None = None,
        *,
        file: Path | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> "Settings":
        """Read defaults, then the TOML file, then the environment, then the arguments.

        Raises
        ------
        BadInput
            For an unknown key, a wrong type or a value out of range; the message names file and key.
        """
        values: dict[str, Any] = {knob.name: knob.default for knob in KNOBS}
        if file is not None and file.exists():
            values.update(_read_toml(file))
        variables = os.environ if environment is None else environment
        for knob in KNOBS:
            if knob.variable in variables:
                values[knob.name] = _checked(knob, variables[knob.variable], knob.variable, strict=False)
        for name, value in (overrides or {}).items():
            values[name] = _checked(_known(name, "argument"), value, "argument", strict=True)
        return cls(values)


def _read_toml(file: Path) -> dict[str, Any]:
    try:
        tree = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadInput(f"not valid TOML: {error}", where=str(file)) from error
    found: dict[str, Any] = {}
    for section, entries in tree.items():
        if not isinstance(entries, dict):
            raise BadInput(f"unknown setting {section!r}; settings live in sections such as [shop]", where=str(file))
        for key, value in entries.items():
            knob = _known(f"{section}.{key}", str(file))
            found[knob.name] = _checked(knob, value, str(file), strict=True)
    return found


def _known(name: str, where: str) -> Knob:
    knob = _by_name().get(name)
    if knob is None:
        raise BadInput(f"unknown setting {name!r}; `crosslift doctor --settings` lists them all", where=where)
    return knob


def _checked(knob: Knob, value: Any, where: str, *, strict: bool) -> Any:
    try:
        typed: Any = msgspec.convert(value, knob.type, strict=strict)
    except msgspec.ValidationError as error:
        raise BadInput(f"{knob.name} = {value!r} is no {knob.type.__name__}", where=where) from error
    if (knob.low is not None and typed < knob.low) or (knob.high is not None and typed > knob.high):
        bounds = f"between {knob.low} and {knob.high}" if knob.high is not None else f"at least {knob.low}"
        raise BadInput(f"{knob.name} = {typed} must be {bounds}", where=where)
    return typed
