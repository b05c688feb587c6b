"""Which product somebody means: titles in every language and product numbers, found in what they wrote."""

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from crosslift.deliver.answering.folding import compact, folded, words

MOST = 3
"""Products a question may be about; and those that are named when it is not clear which."""
LEAST, ENOUGH = 0.25, 0.5
"""Share of a title's words, weighed by how rare they are, that has to be there; and from which on one product is meant."""
SUREST = 1.0
_LONGEST_WORD, _UNIT = 24, 2
_NO_NAMES = frozenset({
    "a", "an", "and", "any", "are", "at", "by", "can", "do", "does", "for", "from", "have", "how", "i", "in", "is", "it", "its",
    "me", "my", "of", "on", "or", "our", "that", "the", "their", "them", "there", "these", "they", "this", "to", "was", "we",
    "what", "when", "where", "which", "who", "why", "will", "with", "you", "your",
})  # fmt: skip
"""English words that name nothing."""
_BETWEEN_SCRIPTS = re.compile(r"(?<=[a-z0-9])(?=[^\x00-\x7f])|(?<=[^\x00-\x7f])(?=[a-z0-9])")
"""Where a particle hangs on a product number."""
_BESIDE = 1e-9
_OF_A_SIZE = 0.25
"""Weight of a number or unit beside a word: people leave them out."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A product that was named; `sureness` 0..1, and `others` that fit the words as well."""

    product_id: str
    sureness: float
    others: tuple[str, ...] = ()


@dataclass(slots=True)
class _Form:
    """One title of a product: its words, and how it is written without spaces."""

    words: frozenset[str]
    written: str


@dataclass(slots=True)
class Titles:
    """The titles of a catalog, by their words; kept up to date product by product."""

    _forms: dict[str, tuple[_Form, ...]] = field(default_factory=dict)
    _by_word: dict[str, set[str]] = field(default_factory=dict)
    _by_id: dict[str, str] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self._forms)

    def put(self, product_id: str, titles: Iterable[str], *, by_number: bool = True) -> None:
        """Enter a product with its titles, in place of those it had; its number names it too where people see it."""
        self.drop(product_id)
        forms = []
        for title in dict.fromkeys(title for title in (*titles, *([product_id] if by_number else ())) if title):
            named = frozenset(words(title)) - _NO_NAMES
            if named:
                forms.append(_Form(named, compact(title)))
        self._forms[product_id] = tuple(forms)
        if by_number:
            self._by_id[compact(product_id)] = product_id
        for form in forms:
            for word in form.words:
                self._by_word.setdefault(word, set()).add(product_id)

    def drop(self, product_id: str) -> None:
        """Forget a product."""
        self._by_id.pop(compact(product_id), None)
        for form in self._forms.pop(product_id, ()):
            for word in form.words:
                named = self._by_word.get(word)
                if named is not None:
                    named.discard(product_id)
                    if not named:
                        del self._by_word[word]

    def mentions(self, text: str) -> list[Mention]:
        """Find the products a text names, in the order of sureness; at most three.

        A product number is surest, then a whole title, then most of its words. Where several products fit the same words,
        the mention names them all.

        Examples
        --------
        >>> shelf = Titles()
        >>> shelf.put("FLT-02", ["Paper filters, size 02", "종이 필터 02", "ペーパーフィルター02"])
        >>> shelf.put("DRP-02", ["Cone dripper 02", "원추형 드리퍼 02", "円すいドリッパー02"])
        >>> [one.product_id for one in shelf.mentions("Does FLT-02 fit the cone dripper?")]
        ['FLT-02', 'DRP-02']
        >>> [one.product_id for one in shelf.mentions("원추형드리퍼에 종이필터가 맞나요?")]
        ['DRP-02', 'FLT-02']
        """
        said, left = _Said.of(text, self._by_word), list[Mention]()
        for product_id in self._numbers(said):
            left.append(Mention(product_id, SUREST))
            said.use(words(product_id))
        while len(left) < MOST:
            found = self._best(said, {one.product_id for one in left})
            if found is None:
                break
            mention, used = found
            left.append(mention)
            said.use(used)
        return left

    def _numbers(self, said: "_Said") -> list[str]:
        """Find product numbers: whole runs of what was written, with a digit or as long as four letters."""
        found: list[str] = []
        for run in said.runs:
            product_id = self._by_id.get(run)
            if (
                product_id is not None
                and product_id not in found
                and (len(run) >= 4 or any(c.isdecimal() for c in run))
            ):
                found.append(product_id)
        return found[:MOST]

    def _best(self, said: "_Said", taken: set[str]) -> tuple[Mention, frozenset[str]] | None:
        """Find the product whose title is there most wholly; ties by how much of it is there, then by id."""
        scored: dict[str, tuple[float, float, frozenset[str]]] = {}
        for word in said.left:
            for product_id in self._by_word.get(word, ()):
                if product_id not in taken and product_id not in scored:
                    scored[product_id] = max(self._score(form, said) for form in self._forms[product_id])
        ranked = sorted(
            (
                (-share, -weight, product_id, used)
                for product_id, (share, weight, used) in scored.items()
                if share >= LEAST
            ),
            key=lambda one: one[:3],
        )
        if not ranked:
            return None
        share, _, first, used = ranked[0]
        others = [one for one in ranked[1:] if one[3] == used or _is_beside(one[0], share)]
        sureness = min(-share, SUREST) / (1 + len(others))
        return Mention(first, round(sureness, 3), tuple(one[2] for one in others[:MOST])), used

    def _score(self, form: _Form, said: "_Said") -> tuple[float, float, frozenset[str]]:
        there = form.words & said.left
        weight = sum(self._weight(word) for word in there)
        share = SUREST if form.written in said.written else weight / sum(self._weight(word) for word in form.words)
        return share if there else 0.0, weight, there

    def _weight(self, word: str) -> float:
        """Weigh a word: the fewer titles have it, the more it tells."""
        weight = math.log(1 + len(self._forms) / max(len(self._by_word.get(word, ())), 1))
        return weight * _OF_A_SIZE if word.isascii() and (len(word) <= _UNIT or word[0].isdecimal()) else weight


def _is_beside(share: float, best: float) -> bool:
    """Tell whether a title is there as wholly as the best one; where that is not enough of it, nearly as wholly will do."""
    return abs(share - best) < _BESIDE or (-best < ENOUGH and -share >= LEAST)


@dataclass(slots=True)
class _Said:
    """What somebody wrote: its words that titles know, and its runs of letters."""

    written: str
    runs: tuple[str, ...]
    left: set[str]

    @classmethod
    def of(cls, text: str, known: Mapping[str, object]) -> "_Said":
        whole = folded(text)
        parts = _BETWEEN_SCRIPTS.sub(" ", whole).split()
        own = {word for word in words(text) if word in known}
        within = {
            run[begin:end]
            for run in parts
            if not run.isascii()
            for begin in range(len(run))
            for end in range(begin + 2, min(begin + _LONGEST_WORD, len(run)) + 1)
            if run[begin:end] in known
        }
        runs = ["".join(parts[at : at + n]) for n in (4, 3, 2, 1) for at in range(len(parts) - n + 1)]
        return cls(whole.replace(" ", ""), tuple(runs), own | within)

    def use(self, used: Iterable[str]) -> None:
        """Take words out: another product is named by other words."""
        self.left -= set(used)
