"""What a policy's text becomes: worked together with the policy it extends and the packs it holds to.

Precedence, the later wins: the policy it extends, its packs in the order they are named, its own text.

- A single value, and each name in a table of names, is as the last of them says.
- Rules, goals, levers, bars and variants have ids: another of the same id takes the place of the earlier; `without` leaves
  one out.
- Caps, cool-downs and quiet hours have none: those of the own text take the place of inherited ones, those of packs stay.
- What a law asks for (`law` is said) stays, whoever says otherwise: it goes only with its pack.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from crosslift.domain.policy import Policy
from crosslift.domain.policy_fields import PACK, POLICY
from crosslift.domain.policy_forms import Vocabulary
from crosslift.domain.policy_tables import Rows
from crosslift.domain.policy_text import ANYTHING, PLAIN, Sheet, made, read_sheet, with_values
from crosslift.domain.segment_tokens import nearest
from crosslift.domain.toml_lines import Path
from crosslift.domain.value import Lever
from crosslift.domain.variant import VariantSet

_LISTS = {one.attribute: (one.key, one.form.identity) for one in POLICY.fields if isinstance(one.form, Rows)}
"""Lists of tables by attribute: their key in the text, and the attribute that tells their entries apart."""
_PACK_ONLY = ("pack", "title", "about")


@dataclass(frozen=True, slots=True)
class Pack:
    """What a market or a sector adds to the policies that hold to it.

    Attributes
    ----------
    values : mapping
        By attribute of a policy.
    """

    name: str
    titles: Mapping[str, str]
    about: str
    values: Mapping[str, Any]

    def entries(self, attribute: str) -> tuple[Any, ...]:
        """Give what it adds to a list."""
        found: tuple[Any, ...] = self.values.get(attribute, ())
        return found


def read_pack(text: str, vocabulary: Vocabulary = ANYTHING) -> Pack:
    """Read a pack, which is written as a policy is but for its head: `pack`, `title`, `about`.

    Raises
    ------
    BadInput
        Naming every fault with its line.
    """
    values = dict(read_sheet(text, PACK, vocabulary).values)
    name, titles, about = (values.pop(one) for one in _PACK_ONLY)
    return Pack(name, titles, about, values)


def resolved(sheet: Sheet, bases: Mapping[str, Policy], packs: Mapping[str, Pack]) -> Policy:
    """Make the policy that a text means; the result stands by itself.

    Parameters
    ----------
    sheet : Sheet
        The text, read by the outline `POLICY`.
    bases, packs : mapping
        Policies that may be extended, packs that may be held to, by name.

    Raises
    ------
    BadInput
        If it extends or holds to something unknown, leaves out or replaces what a law asks for, or leaves out what nobody
        wrote; all of it at once.
    """
    faults = _unknown(sheet, bases, packs)
    if faults:
        raise sheet.refuse(faults)
    base = bases[sheet.values["extends"]] if sheet.values.get("extends") else None
    held = tuple(dict.fromkeys((*(base.packs if base else ()), *sheet.values.get("packs", ()))))
    added = [packs[name] for name in held if base is None or name not in base.packs]
    start = base or PLAIN
    values = _scalars(start, [*(pack.values for pack in added), sheet.values])
    values["packs"] = held
    every = [packs[name] for name in held if name in packs]
    without = set(sheet.values.get("without", ()))
    faults = _unheard(sheet, start, added)
    for attribute, (key, identity) in _LISTS.items():
        before = attrgetter(attribute)(start)
        own = sheet.values.get(attribute)
        if identity:
            values[attribute], wrong = _named(before, added, own or (), attribute, (key, identity), without)
            faults += wrong
        else:
            values[attribute] = _unnamed(before, added, own, attribute, every)
    faults += _lifted(sheet, start, added)
    faults += _misled(sheet, values["variants"], values["value.levers"])
    if faults:
        raise sheet.refuse(list(dict.fromkeys(faults)))
    return made(Sheet(values, sheet.lines)) if base is None else with_values(base, values)


def _unknown(sheet: Sheet, bases: Collection[str], packs: Collection[str]) -> list[tuple[Path, str]]:
    """Find what a text names and nobody has; a policy is no base of itself."""
    faults: list[tuple[Path, str]] = []
    extends = sheet.values.get("extends")
    if extends == sheet.values["name"] and extends not in bases:
        faults.append((("extends",), "a policy does not extend itself; name what it was made from"))
    elif extends and extends not in bases:
        faults.append((("extends",), f"no policy {extends!r}"))
    named = enumerate(sheet.values.get("packs", ()))
    return faults + [(("packs", place), f"no pack {name!r}") for place, name in named if name not in packs]


def _scalars(start: Policy, layers: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Lay single values and tables of names over each other."""
    values: dict[str, Any] = {"version": 1}
    for layer in layers:
        for attribute, given in layer.items():
            if attribute in _LISTS or attribute == "packs":
                continue
            if isinstance(given, Mapping):
                before: Mapping[str, Any] = values.get(attribute, attrgetter(attribute)(start))
                values[attribute] = {**before, **given}
            else:
                values[attribute] = given
    return values


def _unheard(sheet: Sheet, start: Policy, added: Sequence[Pack]) -> list[tuple[Path, str]]:
    """Find what is to be left out and is not there."""
    known = [
        getattr(entry, identity)
        for attribute, (_, identity) in _LISTS.items() if identity
        for entry in (*attrgetter(attribute)(start), *(one for pack in added for one in pack.entries(attribute)))
    ]  # fmt: skip
    return [
        (("without", place), f"nothing inherited has the id {name!r}{nearest(name, known)}")
        for place, name in enumerate(sheet.values.get("without", ()))
        if name not in known
    ]


def _named(
    before: Sequence[Any], added: Sequence[Pack], own: Sequence[Any], attribute: str, named: tuple[str, str],
    without: set[str],
) -> tuple[tuple[Any, ...], list[tuple[Path, str]]]:  # fmt: skip
    """Put entries with ids together; law stands."""
    key, identity = named
    of = attrgetter(identity)
    inherited = {of(one): one for one in before}
    from_pack: dict[str, str] = {}
    for pack in added:
        for one in pack.entries(attribute):
            inherited[of(one)] = one
            from_pack[of(one)] = pack.name
    faults: list[tuple[Path, str]] = []
    kept = {name: one for name, one in inherited.items() if name not in without or _law(one)}
    for place, one in enumerate(own):
        standing = inherited.get(of(one))
        if standing is not None and standing != one and _law(standing):
            source = f" of {from_pack[of(one)]}" if of(one) in from_pack else ""
            what = f"{of(one)!r} is what a law asks for{source} ({_law(standing)}): give yours another id"
            faults.append(((key, place, "id"), what))
        kept[of(one)] = one
    return tuple(kept.values()), faults


def _unnamed(
    before: Sequence[Any], added: Sequence[Pack], own: Sequence[Any] | None, attribute: str, every: Sequence[Pack]
) -> tuple[Any, ...]:
    """Put entries without ids together: the own ones in place of inherited ones, but for those of packs and of law."""
    of_packs = [one for pack in every for one in pack.entries(attribute)]
    kept = before if own is None else [*own, *(one for one in before if one in of_packs or _law(one))]
    new = [one for pack in added for one in pack.entries(attribute)]
    found: list[Any] = []
    for one in (*kept, *new):
        if one not in found:
            found.append(one)
    return tuple(found)


def _lifted(sheet: Sheet, start: Policy, added: Sequence[Pack]) -> list[tuple[Path, str]]:
    """Find law that is to be left out."""
    law = {one.rule_id: _law(one) for one in (*start.rules, *(one for pack in added for one in pack.entries("rules")))}
    return [
        (("without", place), f"{name!r} is what a law asks for ({law[name]}): it goes only with its pack")
        for place, name in enumerate(sheet.values.get("without", ()))
        if law.get(name)
    ]


def _misled(sheet: Sheet, sets: Sequence[VariantSet], levers: Sequence[Lever]) -> list[tuple[Path, str]]:
    """Find sets of variants whose levers are nowhere, or stand under another set too: then nobody could say what is on."""
    own = {one.set_id: place for place, one in enumerate(sheet.values.get("variants", ()))}
    known, faults, set_of = [one.lever_id for one in levers], list[tuple[Path, str]](), dict[str, str]()
    for one in sets:
        path: Path = ("variants", own[one.set_id], "levers") if one.set_id in own else ("variants",)
        for name in sorted(one.lever_ids):
            if name not in known:
                faults.append(
                    (path, f"{one.set_id!r} needs the lever {name!r}, which is not here{nearest(name, known)}")
                )
            elif name in set_of:
                faults.append((path, f"the lever {name!r} stands under {set_of[name]!r} too; give each set its own"))
            set_of.setdefault(name, one.set_id)
    return faults


def _law(entry: Any) -> str:
    found: str = getattr(entry, "law", "")
    return found
