"""The market and sector packs that crosslift brings: TOML files of the package, read when a policy holds to one."""

from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from crosslift.domain.policy_changes import changes
from crosslift.domain.policy_packs import Pack, read_pack
from crosslift.domain.policy_text import PLAIN, with_values
from crosslift.domain.rule import Rule
from crosslift.errors import BadInput, NotFound

FOLDER = "packs"
"""Within the package: `packs/market/us.toml` is the pack `market/us`, `packs/market/us.offers.toml` its sample offers."""
_SUFFIX = ".toml"
_OFFERS = ".offers"

Row = dict[str, Any]


class Packs(Mapping[str, Pack]):
    """Every pack by its name, each read once.

    Raises
    ------
    BadInput
        From `packs[name]`, if the file cannot be read, naming it.
    """

    def __getitem__(self, name: str) -> Pack:
        if name not in _names():
            raise KeyError(name)
        return _pack(name)

    def __iter__(self) -> Iterator[str]:
        return iter(_names())

    def __len__(self) -> int:
        return len(_names())

    def told(self, name: str) -> Row:
        """Tell what a pack holds, in plain words.

        Returns
        -------
        dict
            name, titles, about; `says`, all that is no rule; `rules` with id, gate, code, law and reason; `offers`, the text
            of its sample offers as `crosslift offers put` reads it, prices and ids to be put in.

        Raises
        ------
        NotFound
            If there is no such pack.
        """
        if name not in self:
            raise NotFound(f"no pack {name!r}; there are {', '.join(self)}")
        pack = self[name]
        rules: tuple[Rule, ...] = pack.entries("rules")
        others = {attribute: value for attribute, value in pack.values.items() if attribute != "rules"}
        return {
            "name": name, "titles": dict(pack.titles), "about": pack.about.strip(),
            "says": changes(PLAIN, with_values(PLAIN, others)),
            "rules": [
                {"id": one.rule_id, "gate": one.gate.value, "code": one.code, "law": one.law, "reason": one.reason}
                for one in rules
            ],
            "offers": _text(f"{name}{_OFFERS}"),
        }  # fmt: skip


@cache
def _names() -> tuple[str, ...]:
    folders = sorted(
        (one for one in files("crosslift").joinpath(FOLDER).iterdir() if one.is_dir()), key=lambda one: one.name
    )
    return tuple(
        f"{folder.name}/{name.removesuffix(_SUFFIX)}"
        for folder in folders
        for name in sorted(file.name for file in folder.iterdir())
        if name.endswith(_SUFFIX) and not name.endswith(f"{_OFFERS}{_SUFFIX}")
    )


@cache
def _pack(name: str) -> Pack:
    pack = read_pack(_text(name))
    if pack.name != name:
        raise BadInput(f"the file of pack {name} calls itself {pack.name}", where=f"{name}{_SUFFIX}")
    return pack


def _text(name: str) -> str:
    return files("crosslift").joinpath(FOLDER, *f"{name}{_SUFFIX}".split("/")).read_text(encoding="utf-8")
