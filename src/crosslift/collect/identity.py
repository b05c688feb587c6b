"""Map identities to people: connected parts of the evidence that counts, a function of the facts and of nothing else.

Whatever order facts come in, the same facts give the same people. Evidence that would melt strangers into one person (a
shared mailbox, a kiosk, ten thousand devices) is refused by a rule that can be read (`domain/identity.py`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from crosslift.domain.identity import CONTACT, LIGHT, IdentityKind, Limits, Refusal, Rule, Split
from crosslift.errors import BadInput

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

EVIDENCE = pa.schema([("first", pa.string()), ("second", pa.string()), ("rule", pa.string()), ("at", pa.int64())])
"""Evidence as a table: one reason a row."""
_KINDS = tuple(IdentityKind)
_CUSTOMER = _KINDS.index(IdentityKind.CUSTOMER)
_IS_LIGHT = np.array([kind in LIGHT for kind in _KINDS])
_IS_CONTACT = np.array([kind in CONTACT for kind in _KINDS])
_ORDER = (*(rule.value for rule in Rule),)


@dataclass(frozen=True, slots=True)
class People:
    """Who is who.

    Attributes
    ----------
    person_of : mapping of str to str
        Identity to person, for every identity the evidence names. A person is called by the first of its identities: a
        customer id before anything else, then by spelling.
    because : mapping of str to str
        What joins an identity to its person, the strongest and oldest evidence first: rule and the other identity.
    refused : list of (first, second, rule, refusal)
        Evidence that does not count, and why.
    """

    person_of: Mapping[str, str]
    because: Mapping[str, str]
    refused: list[tuple[str, str, str, str]]


def map_people(evidence: pa.Table, splits: Sequence[Split], limits: Limits) -> People:
    """Give the person of each identity.

    Parameters
    ----------
    evidence : pa.Table
        As `EVIDENCE`, in any order; the same pair may come again.
    splits : sequence of Split
        Who is kept apart.

    Returns
    -------
    People
        The same for the same evidence in any order.
    """
    if evidence.num_rows == 0:
        return People({}, {}, [])
    graph = _graph(evidence)
    refusal = _refusals(graph, limits)
    counts = refusal < 0
    part = _parts(graph, counts)
    crowded = _too_many_customers(graph, part, limits)
    large = counts & crowded[part[graph.first]] & _is_by_contact(graph)
    refusal[large] = _code(Refusal.LARGE)
    if large.any():
        part = _parts(graph, refusal < 0)
    if splits:
        part = _kept_apart(graph, refusal, part, splits)
    named = _names(graph, part)
    refused = [
        (graph.names[graph.first[i]], graph.names[graph.second[i]], _ORDER[graph.rule[i]], _REFUSALS[refusal[i]].value)
        for i in np.flatnonzero(refusal >= 0)
    ]
    return People(dict(zip(graph.names, named, strict=True)), _because(graph, refusal < 0), refused)


_REFUSALS = tuple(Refusal)


def _code(refusal: Refusal) -> int:
    return _REFUSALS.index(refusal)


@dataclass(frozen=True, slots=True)
class _Graph:
    """Evidence with identities as numbers: each pair and rule once, seen first at `at`, in one order."""

    names: list[str]
    kinds: Ints
    first: Ints
    second: Ints
    rule: Ints
    at: Ints

    def degree(self, ends: Ints, others: Ints, of_kind: Flags, counts: Flags) -> Ints:
        """Count for each node the distinct other ends of some kinds, over edges seen from both sides."""
        wanted = of_kind[self.kinds[others]] & counts
        pairs = np.unique(ends[wanted] * len(self.names) + others[wanted])
        return np.bincount(pairs // len(self.names), minlength=len(self.names))


def _graph(evidence: pa.Table) -> _Graph:
    both = pa.concat_arrays([
        evidence.column(name).combine_chunks().cast(pa.string()) for name in ("first", "second")
    ])  # fmt: skip
    coded = both.dictionary_encode()
    spelled = coded.dictionary
    kind_of_name = _kinds_of(spelled)
    ranked = pa.table({"kind": kind_of_name, "name": spelled})
    order = np.asarray(pc.sort_indices(ranked, [("kind", "ascending"), ("name", "ascending")]), dtype=np.int64)
    number = np.empty(len(order), np.int64)
    number[order] = np.arange(len(order))
    ends = number[np.asarray(coded.indices, dtype=np.int64)]
    n = evidence.num_rows
    low, high = np.minimum(ends[:n], ends[n:]), np.maximum(ends[:n], ends[n:])
    rule = np.asarray(pc.index_in(evidence.column("rule"), pa.array(_ORDER)), dtype=np.int64)
    at = np.asarray(evidence.column("at"), dtype=np.int64)
    sorting = np.lexsort((at, rule, high, low))
    low, high, rule, at = (column[sorting] for column in (low, high, rule, at))
    is_first = np.ones(n, np.bool_)
    is_first[1:] = (low[1:] != low[:-1]) | (high[1:] != high[:-1]) | (rule[1:] != rule[:-1])
    is_first &= low != high
    names = spelled.take(pa.array(order)).to_pylist()
    return _Graph(names, kind_of_name[order], low[is_first], high[is_first], rule[is_first], at[is_first])


def _kinds_of(names: pa.Array) -> Ints:
    """Give the place of each identity's kind; customers come first, so that a person is called by a customer id."""
    kinds = np.full(len(names), len(_KINDS), np.int64)
    for place, kind in enumerate(_KINDS):
        kinds[np.asarray(pc.starts_with(names, f"{kind}:"), dtype=np.bool_)] = place
    if len(kinds) and kinds.max() == len(_KINDS):
        raise BadInput(f"{names[int(kinds.argmax())].as_py()!r} is no identity; write kind:value, as identity_of does")
    return kinds


def _refusals(graph: _Graph, limits: Limits) -> Ints:
    """Judge each piece of evidence by how shared its two ends are; −1 where it counts."""
    refusal = np.full(len(graph.first), -1, np.int64)
    free = graph.rule != _ORDER.index(Rule.STATED)
    browser = _browsers(graph)
    ends = browser[np.concatenate([graph.first, graph.second])]
    others = np.concatenate([graph.second, graph.first])
    counts = np.concatenate([free, free])
    n_customers = graph.degree(ends, others, np.arange(len(_KINDS)) == _CUSTOMER, counts)
    n_contacts = graph.degree(ends, others, _IS_CONTACT, counts)
    n_light = graph.degree(ends, others, _IS_LIGHT, counts)
    owner = _named_first(graph, ends, others)
    for here, there in ((graph.first, graph.second), (graph.second, graph.first)):
        own, other = graph.kinds[here], graph.kinds[there]
        many = n_customers[browser[here]] > limits.customers_per_identifier
        shared = free & (other == _CUSTOMER) & (own != _CUSTOMER) & many
        crowded = free & ~_IS_LIGHT[own] & _IS_CONTACT[other] & (n_contacts[here] > limits.contacts_per_customer)
        crowded |= free & ~_IS_LIGHT[own] & _IS_LIGHT[other] & (n_light[here] > limits.devices_per_customer)
        refusal[shared & (refusal < 0)] = _code(Refusal.SHARED)
        refusal[crowded & (refusal < 0)] = _code(Refusal.CROWDED)
        lent = free & _IS_LIGHT[own] & ~_IS_LIGHT[other] & (refusal < 0)
        refusal[lent & (owner[browser[here]] != there)] = _code(Refusal.NOT_FIRST)
    return refusal


def _browsers(graph: _Graph) -> Ints:
    """Give each node a number of its own, but one to all names that a tracker gave the same browser."""
    renamed = _IS_LIGHT[graph.kinds[graph.first]] & _IS_LIGHT[graph.kinds[graph.second]]
    part = _parts(graph, renamed)
    leader = np.full(len(part), -1, np.int64)
    leader[part[::-1]] = np.arange(len(part))[::-1]
    chosen: Ints = leader[part]
    return chosen


def _named_first(graph: _Graph, ends: Ints, others: Ints) -> Ints:
    """Give for each browser whom it named first, −1 for nobody; of one instant a customer, then the first by name."""
    heavy = np.flatnonzero(~_IS_LIGHT[graph.kinds[others]])
    at = np.concatenate([graph.at, graph.at])
    order = heavy[np.lexsort((others[heavy], at[heavy], ends[heavy]))]
    begins = np.ones(len(order), np.bool_)
    begins[1:] = ends[order][1:] != ends[order][:-1]
    chosen = np.full(len(graph.names), -1, np.int64)
    chosen[ends[order[begins]]] = others[order[begins]]
    return chosen


def _parts(graph: _Graph, counts: Flags) -> Ints:
    n = len(graph.names)
    first, second = graph.first[counts], graph.second[counts]
    joined = coo_array((np.ones(len(first), np.int8), (first, second)), shape=(n, n))
    labels: Ints = connected_components(joined, directed=False)[1].astype(np.int64)
    return labels


def _too_many_customers(graph: _Graph, part: Ints, limits: Limits) -> Flags:
    customers = np.bincount(part[graph.kinds == _CUSTOMER], minlength=int(part.max()) + 1)
    return customers > limits.customers_per_person


def _is_by_contact(graph: _Graph) -> Flags:
    """Tell which evidence rests on a contact of a customer: the kind that can chain strangers together."""
    touches: Flags = _IS_CONTACT[graph.kinds[graph.first]] | _IS_CONTACT[graph.kinds[graph.second]]
    free: Flags = graph.rule != _ORDER.index(Rule.STATED)
    return touches & free


def _kept_apart(graph: _Graph, refusal: Ints, part: Ints, splits: Sequence[Split]) -> Ints:
    """Join the parts that hold a split anew, the strongest and oldest evidence first, never across a split."""
    number = {name: i for i, name in enumerate(graph.names)}
    apart = [(number[s.first], number[s.second]) for s in splits if s.first in number and s.second in number]
    mixed = {int(part[a]) for a, b in apart if part[a] == part[b]}
    if not mixed:
        return part
    inside = np.isin(part, list(mixed))
    edges = np.flatnonzero((refusal < 0) & inside[graph.first])
    edges = edges[np.lexsort((graph.second[edges], graph.first[edges], graph.at[edges], graph.rule[edges]))]
    groups = _Groups(np.flatnonzero(inside).tolist(), apart)
    for edge in edges.tolist():
        if not groups.join(int(graph.first[edge]), int(graph.second[edge])):
            refusal[edge] = _code(Refusal.SPLIT)
    fresh = part.copy()
    offset = int(part.max()) + 1
    for member in np.flatnonzero(inside).tolist():
        fresh[member] = offset + groups.find(member)
    return np.unique(fresh, return_inverse=True)[1].astype(np.int64)


class _Groups:
    """Union-find that refuses to join what is kept apart."""

    def __init__(self, members: Iterable[int], apart: Iterable[tuple[int, int]]) -> None:
        self._parent = {member: member for member in members}
        self._enemies: dict[int, set[int]] = {}
        for a, b in apart:
            if a in self._parent and b in self._parent:
                self._enemies.setdefault(a, set()).add(b)
                self._enemies.setdefault(b, set()).add(a)

    def find(self, member: int) -> int:
        while self._parent[member] != member:
            self._parent[member] = self._parent[self._parent[member]]
            member = self._parent[member]
        return member

    def join(self, a: int, b: int) -> bool:
        a, b = self.find(a), self.find(b)
        if a == b:
            return True
        if any(self.find(enemy) == b for enemy in self._enemies.get(a, ())):
            return False
        self._parent[max(a, b)] = min(a, b)
        enemies = self._enemies.pop(max(a, b), set())
        if enemies:
            self._enemies.setdefault(min(a, b), set()).update(enemies)
        return True


def _names(graph: _Graph, part: Ints) -> list[str]:
    """Call each part by its first member; nodes are numbered in the order of names."""
    leader = np.full(part.max() + 1, -1, np.int64)
    leader[part[::-1]] = np.arange(len(part))[::-1]
    named: list[str] = [graph.names[i] for i in leader[part].tolist()]
    return named


def _because(graph: _Graph, counts: Flags) -> dict[str, str]:
    """Name for each identity the strongest and oldest evidence that joins it to another."""
    edges = np.flatnonzero(counts)
    ends = np.concatenate([graph.first[edges], graph.second[edges]])
    others = np.concatenate([graph.second[edges], graph.first[edges]])
    rule, at = (np.concatenate([column[edges], column[edges]]) for column in (graph.rule, graph.at))
    order = np.lexsort((others, at, rule, ends))
    is_best = np.ones(len(order), np.bool_)
    is_best[1:] = ends[order][1:] != ends[order][:-1]
    best = order[is_best]
    told = zip(ends[best].tolist(), rule[best].tolist(), others[best].tolist(), strict=True)
    return {graph.names[end]: f"{_ORDER[number]} {graph.names[other]}" for end, number, other in told}


def evidence_table(rows: Iterable[Sequence[Any]]) -> pa.Table:
    """Build the table of evidence from rows (first, second, rule, at)."""
    columns = list(zip(*rows, strict=True)) or [(), (), (), ()]
    return pa.table([pa.array(c, f.type) for c, f in zip(columns, EVIDENCE, strict=True)], schema=EVIDENCE)
