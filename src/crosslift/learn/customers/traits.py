"""What people said of themselves, and what is noted of them: traits, goals, locale; the newest word on each counts.

Customer records come first, in the order they were made; what an `identify` call says counts as newer. A trait marked
sensitive stays with the person and is marked so; `for_scoring` is the door through which everything that scores reads
profiles, and it lets none of them pass (which ones they are, `domain.trait` says).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from crosslift.domain.trait import is_sensitive, usable
from crosslift.learn.customers import written
from crosslift.learn.customers.exchange import known
from crosslift.learn.customers.people import Numbers, encoded, ranked
from crosslift.learn.customers.seen import Texts

Ints = npt.NDArray[np.int64]

GOALS = frozenset({"goal", "goals", "need", "needs", "pain_point", "pain_points"})
"""Traits that say what somebody wants: a list, or one text with commas or semicolons."""
CAME_FROM = ("utm_source", "traffic_source")
"""Traits that say where somebody came from, where no visit does."""
WITHHELD = frozenset(
    {"email", "phone", "name", "first_name", "last_name", "firstName", "lastName", "address", "avatar"}
)
"""Contact details that `identify` calls bring along: people are joined by them elsewhere, a profile needs none."""
SOURCES = ("customers", "events")
AT_ONCE = 50_000
"""Texts that are Python objects at a time."""


@dataclass(frozen=True, slots=True)
class Traits:
    """What is known of each person; arrays of string, shape (people,).

    Attributes
    ----------
    traits, goals : pa.Array
        JSON objects of name to text, and JSON lists; names and goals in sorted order.
    provenance : pa.Array
        Entries of a JSON object, trait to where it comes from; null for none.
    locale, market : pa.Array
        As the newest customer record has them, null for none.
    came_from : pa.Array
        The trait that says where somebody came from, null for none.
    names : tuple of str
        Every trait found.
    """

    traits: pa.Array
    goals: pa.Array
    provenance: pa.Array
    locale: pa.Array
    market: pa.Array
    came_from: pa.Array
    names: tuple[str, ...]

    @classmethod
    def of(
        cls, customers: pa.Table, person: Numbers, told: Texts, sensitive: frozenset[str], n_people: int
    ) -> "Traits":
        """Read customer records (`person` is whose each is) and what `identify` calls told."""
        made = known(customers.column("created_at"))[1]
        by_age = np.lexsort((ranked(customers.column("customer_id"))[0], made))
        calls = pa.chunked_array([told.properties])
        by_time = np.lexsort((ranked(calls)[0], told.at))
        said = _Said.newest([
            _Said.read(customers.column("traits"), by_age, person, 0, is_call=False),
            _Said.read(calls, by_time, told.person, 1, is_call=True),
        ])  # fmt: skip
        name, names = ranked(pa.chunked_array([said.name]))
        is_goal = np.array([*(text in GOALS for text in names.to_pylist()), False])[name]
        traits, goals = said.where(~is_goal), said.where(is_goal)
        quoted = written.quoted(names)
        keys = quoted.take(pa.array(name[~is_goal]))
        marks = [", sensitive" if is_sensitive(text, sensitive) else "" for text in names.to_pylist()]
        origins = pc.binary_join_element_wise(
            '"', pa.array(SOURCES).take(pa.array(traits.source)), pa.array(marks, pa.string()).take(pa.array(name[~is_goal])),
            '"', "",
        )  # fmt: skip
        return cls(
            written.objects(traits.person, keys, traits.value, n_people),
            _goals(goals, n_people),
            written.entries(traits.person, keys, origins, n_people),
            _newest_text(customers.column("locale"), by_age, person, n_people),
            _newest_text(customers.column("market"), by_age, person, n_people),
            _came_from(said, name, names, n_people),
            tuple(text for text in names.to_pylist() if text not in GOALS),
        )


def told_by(records: Iterable[tuple[int | None, str, str]]) -> tuple[dict[str, str], tuple[str, ...]]:
    """Read the customer records of one person as `Traits.of` reads those of everybody, in a fraction of the time.

    Parameters
    ----------
    records : iterable of (created_at, customer_id, traits)
        The last is a JSON object.

    Returns
    -------
    traits, goals : dict of str to str, tuple of str
    """
    said: dict[str, str] = {}
    for _, _, text in sorted(records, key=lambda record: (record[0] or 0, record[1])):
        said.update(_pairs(text, is_call=False))
    wishes = {wish for name in GOALS & said.keys() for wish in msgspec.json.decode(said[name])}
    return {name: msgspec.json.decode(said[name]) for name in sorted(said.keys() - GOALS)}, tuple(sorted(wishes))


def for_scoring(profiles: pa.Table, sensitive: frozenset[str]) -> pa.Table:
    """Give profiles as scores, clusters, propensities and prices may read them: without any sensitive trait."""
    index, texts = encoded(profiles.column("traits"))
    kept = [
        msgspec.json.encode(usable(msgspec.json.decode(text), sensitive)).decode() for text in texts.to_pylist()
    ]  # fmt: skip
    column = pa.array(kept, pa.string()).take(pa.array(index, mask=index < 0))
    return profiles.set_column(profiles.schema.get_field_index("traits"), "traits", column)


@dataclass(frozen=True, slots=True)
class _Said:
    """Single traits; values are JSON texts. Arrays of shape (traits,)."""

    person: Numbers
    name: pa.Array
    value: pa.Array
    source: npt.NDArray[np.int8]

    @classmethod
    def read(cls, column: pa.ChunkedArray, order: Ints, person: Numbers, source: int, *, is_call: bool) -> "_Said":
        """Take JSON objects apart, each different one once, in the order of the rows given."""
        index, texts = encoded(column)
        parts = [_taken_apart(texts.slice(begin, AT_ONCE), is_call=is_call) for begin in range(0, len(texts), AT_ONCE)]
        n_of_text = np.concatenate([*(n for n, _, _ in parts), [0]]).astype(np.int64)
        begin = np.cumsum(n_of_text) - n_of_text
        rows = order[(person[order] >= 0) & (index[order] >= 0)]
        n = n_of_text[index[rows]]
        entry = np.repeat(begin[index[rows]] - (np.cumsum(n) - n), n) + np.arange(n.sum())
        nothing = pa.array([], pa.string())
        name, value = (
            pa.concat_arrays([nothing, *(part[of] for part in parts)]).take(pa.array(entry)) for of in (1, 2)
        )
        return cls(np.repeat(person[rows], n), name, value, np.full(len(entry), source, np.int8))

    @classmethod
    def newest(cls, several: "list[_Said]") -> "_Said":
        """Keep the last word on each trait of a person, by person and name; later ones stand later."""
        person, source = (np.concatenate([getattr(one, name) for one in several]) for name in ("person", "source"))
        names = pa.concat_arrays([one.name for one in several])
        key = person.astype(np.int64) << 32 | ranked(pa.chunked_array([names]))[0]
        _, from_behind = np.unique(key[::-1], return_index=True)
        rows = len(key) - 1 - from_behind
        values = pa.concat_arrays([one.value for one in several])
        return cls(person[rows], names.take(pa.array(rows)), values.take(pa.array(rows)), source[rows])

    def where(self, chosen: npt.NDArray[np.bool_]) -> "_Said":
        mask = pa.array(chosen)
        return _Said(self.person[chosen], self.name.filter(mask), self.value.filter(mask), self.source[chosen])


def _taken_apart(texts: pa.Array, *, is_call: bool) -> tuple[Ints, pa.Array, pa.Array]:
    """Give how many traits each text holds, their names, and their values."""
    found = [list(_pairs(text, is_call=is_call)) for text in texts.to_pylist()]
    columns = (pa.array([pair[of] for pairs in found for pair in pairs], pa.string()) for of in (0, 1))
    return np.array([len(pairs) for pairs in found], np.int64), *columns


def _pairs(text: str, *, is_call: bool) -> Iterator[tuple[str, str]]:
    """Give the traits of a JSON object as name and JSON text; what is inside one is named after both."""
    try:
        given: Any = msgspec.json.decode(text)
    except msgspec.DecodeError:
        return
    if is_call:
        given = given.get("traits") if isinstance(given, dict) else None
    if not isinstance(given, dict):
        return
    for name, value in given.items():
        if name in WITHHELD:
            continue
        if name in GOALS:
            yield name, msgspec.json.encode(sorted(set(_wishes(value)))).decode()
        elif isinstance(value, dict):
            yield from ((f"{name}.{part}", _written(inner)) for part, inner in value.items() if inner not in (None, ""))
        elif value not in (None, "", []):
            yield name, _written(value)


def _written(value: object) -> str:
    """Write a value as a JSON text: lists with commas, truths as true and false."""
    if isinstance(value, list):
        plain = ", ".join(one if isinstance(one, str) else msgspec.json.encode(one).decode() for one in value)
    else:
        plain = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return msgspec.json.encode(plain).decode()


def _wishes(value: object) -> Iterator[str]:
    texts = value if isinstance(value, list) else str(value or "").replace(";", ",").split(",")
    yield from (text.strip() for text in map(str, texts) if text.strip())


def _goals(goals: _Said, n_people: int) -> pa.Array:
    """Put the goals of each person together, each once."""
    index, texts = encoded(pa.chunked_array([goals.value]))
    wishes: list[list[str]] = [msgspec.json.decode(text) for text in texts.to_pylist()]
    n_of_text = np.append([len(some) for some in wishes], 0).astype(np.int64)
    n = n_of_text[index]
    begin = (np.cumsum(n_of_text) - n_of_text)[index]
    entry = np.repeat(begin - (np.cumsum(n) - n), n) + np.arange(n.sum())
    flat = pa.array([wish for some in wishes for wish in some], pa.string()).take(pa.array(entry))
    wish, names = ranked(pa.chunked_array([flat]))
    key = np.unique(np.repeat(goals.person, n).astype(np.int64) << 32 | wish)
    return written.lists(key >> 32, written.quoted(names).take(pa.array(key & 0xFFFFFFFF)), n_people)


def _came_from(said: _Said, name: Numbers, names: pa.Array, n_people: int) -> pa.Array:
    """Give the value of the first of `CAME_FROM` that is said of each person."""
    place, found = np.full(n_people, -1, np.int64), names.to_pylist()
    for trait in reversed(CAME_FROM):
        rows = np.flatnonzero(name == found.index(trait)) if trait in found else np.zeros(0, np.int64)
        place[said.person[rows]] = rows
    index, texts = encoded(pa.chunked_array([said.value.take(pa.array(place, mask=place < 0))]))
    plain = pa.array([msgspec.json.decode(text) for text in texts.to_pylist()], pa.string())
    return plain.take(pa.array(index, mask=index < 0))


def _newest_text(column: pa.ChunkedArray, order: Ints, person: Numbers, n_people: int) -> pa.Array:
    """Give the last text of each person, rows in the order given."""
    code, names = ranked(column)
    rows = order[(code[order] >= 0) & (person[order] >= 0)]
    place = np.full(n_people, -1, np.int32)
    place[person[rows]] = code[rows]
    return names.take(pa.array(place, mask=place < 0))
