"""What a customer's own words say: how they feel, what they speak of, and how sure that is. By word lists, offline."""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from crosslift.collect.lexicon import LANGUAGES, Found, Lexicon, Role, lexicon, normal
from crosslift.domain.voice import UNDETERMINED, Judged, Topic
from crosslift.errors import BadInput

BAD_SHARE = 0.4
"""A rating up to this share of its scale is bad: 2 of 5."""
GOOD_SHARE = 0.8
"""A rating from this share of its scale on is good: 4 of 5."""

_PRAISE_TURNED = -0.8
_BLAME_TURNED = -0.5
"""'Not bad' praises less than 'not good' blames."""
_EARLIER = 0.5
"""What stands before a 'but' weighs half; so do conceding clauses and questions."""
_WISH = -1.0
_SUREST = 0.95
"""Word lists are never surer than this without a rating."""
_DEGREE_REACH = 12
_HANGUL, _KANA, _LATIN = re.compile("[가-힣]"), re.compile("[ぁ-ヿ]"), re.compile("[a-zß-ɏ]")
_FEW_WORDS = 4
_COMMON_SHARE = 1 / 8


def judge(
    text: str | None, language: str | None = None, rating: float | None = None, scale: float | None = None
) -> Judged:
    """Judge a text by our own word lists in English, Korean and Japanese.

    Negation, degree, contrast ("but", "지만", "けど"), concessions, wishes, questions, emoji and emoticons are
    handled. Sarcasm, comparison with a competitor, and words that mean the opposite in a trade are not: "Great,
    broken again" is judged by its words.

    Parameters
    ----------
    text : str, optional
        As written; read up to `lexicon.MAX_CHARACTERS`.
    language : str, optional
        A BCP 47 tag. Without it the script decides: Hangul, Kana, else Latin. For a language we have no list for, and for
        Latin letters that do not look English, only emoji and emoticons count.
    rating, scale : float, optional
        A rating given with the text, and the highest there is. It never replaces words: it makes the confidence
        larger where both agree and smaller where they do not.

    Returns
    -------
    Judged
        Where no word was recognized, sentiment None and confidence 0, never a made-up neutral.

    Raises
    ------
    BadInput
        If the scale is not above 0, or the rating lies outside 0 to the scale.

    Examples
    --------
    >>> found = judge("The mug is lovely, but delivery took ages.")
    >>> found.sentiment < 0, found.topics, found.language
    (True, (<Topic.DELIVERY: 'delivery'>,), 'en')
    >>> judge("맛이 나쁘지 않아요").evidence, judge("箱の中身を見ました").sentiment
    ((('나쁘지 않', 1.1),), None)
    """
    share = rating_share(rating, scale)
    written = normal(text or "")
    tongue, words = _read_in(written, language)
    reading = _Reading(written)
    for found in words.find(written):
        reading.take(found)
    feelings = reading.feelings()
    praise = sum(one.weight for one in feelings if one.weight > 0)
    blame = -sum(one.weight for one in feelings if one.weight < 0)
    topics = reading.topics(feelings)
    if not feelings:
        return Judged(None, 0.0, topics, (), tongue)
    sentiment = (praise - blame) / (praise + blame + 1)
    confidence = _confidence(praise, blame, _coverage(feelings, written))
    evidence = tuple((one.words, round(one.weight, 2)) for one in feelings)
    return Judged(round(sentiment, 3), round(_with_rating(confidence, sentiment, share), 3), topics, evidence, tongue)


def rating_share(rating: float | None, scale: float | None) -> float | None:
    """Give a rating as a share of its scale; None where either is not known.

    Raises
    ------
    BadInput
        If the scale is not above 0, or the rating lies outside 0 to the scale.
    """
    if rating is None or scale is None:
        return None
    if not 0 < scale < math.inf or not 0 <= rating <= scale:
        raise BadInput(f"a rating of {rating:g} on a scale to {scale:g} cannot be; give both as they were asked")
    return rating / scale


@dataclass(slots=True)
class _Feeling:
    words: str
    start: int
    end: int
    weight: float
    topics: tuple[Topic, ...]
    clause: int
    is_turned: bool = False

    def turn(self, words: str) -> None:
        self.weight *= _PRAISE_TURNED if self.weight > 0 else _BLAME_TURNED
        self.words, self.is_turned = words, True


@dataclass(slots=True)
class _Clause:
    sentence: int
    weight: float = 1.0


@dataclass(slots=True)
class _Reading:
    """One pass over the terms of a text, in order."""

    text: str
    _clauses: list[_Clause] = field(default_factory=lambda: [_Clause(0)])
    _feelings: list[_Feeling] = field(default_factory=list)
    _topics: list[tuple[int, Topic, int]] = field(default_factory=list)
    _pending: dict[Role, Found] = field(default_factory=dict)

    def take(self, found: Found) -> None:
        """Let one term do what its role says."""
        match found.term.role:
            case Role.FEELING:
                self._feel(found)
            case Role.TOPIC:
                self._topics.append((found.start, found.term.topics[0], len(self._clauses) - 1))
            case Role.NOT_NEXT | Role.DEGREE:
                self._pending[found.term.role] = found
            case Role.NOT_LAST:
                self._turn_last(found)
            case Role.WISH_NEXT | Role.WISH_LAST:
                self._wish(found)
            case Role.CONTRAST:
                self._contrast()
            case Role.CONCESSION:
                self._open(weight=_EARLIER)
            case Role.PAUSE:
                self._open()
            case Role.END:
                self._end(found)

    def feelings(self) -> list[_Feeling]:
        """Give the feelings, each weighed by its clause."""
        return [replace(one, weight=one.weight * self._clauses[one.clause].weight) for one in self._feelings]

    def topics(self, feelings: Iterable[_Feeling]) -> tuple[Topic, ...]:
        """Give the topics, the one spoken of worst first, then in order of the text."""
        felt: dict[int, float] = {}
        first: dict[Topic, int] = {}
        weight: dict[Topic, float] = {}
        for one in feelings:
            felt[one.clause] = felt.get(one.clause, 0.0) + one.weight
            for topic in one.topics:
                weight[topic] = weight.get(topic, 0.0) + one.weight
                first[topic] = min(first.get(topic, one.start), one.start)
        for start, topic, clause in self._topics:
            weight[topic] = weight.get(topic, 0.0) + felt.get(clause, 0.0)
            first[topic] = min(first.get(topic, start), start)
        return tuple(sorted(weight, key=lambda topic: (weight[topic], first[topic])))

    @property
    def _clause(self) -> int:
        return len(self._clauses) - 1

    def _feel(self, found: Found) -> None:
        degree, turn = self._pending.pop(Role.DEGREE, None), self._pending.pop(Role.NOT_NEXT, None)
        factor = degree.term.number if degree and found.start - degree.end <= _DEGREE_REACH else 1.0
        words = self.text[found.start : found.end]
        weight = found.term.number * factor
        one = _Feeling(words, found.start, found.end, weight, found.term.topics, self._clause)
        if turn and found.start - turn.end <= turn.term.number:
            one.turn(self.text[turn.start : found.end])
        wish = self._pending.get(Role.WISH_NEXT)
        if not (wish and one.weight > 0 and found.start - wish.end <= wish.term.number):
            self._feelings.append(one)

    def _turn_last(self, found: Found) -> None:
        last = self._feelings[-1] if self._feelings else None
        is_near = last is not None and last.clause == self._clause and found.start - last.end <= found.term.number
        if last is not None and is_near and not last.is_turned:
            last.turn(self.text[last.start : found.end])

    def _wish(self, found: Found) -> None:
        if found.term.role is Role.WISH_NEXT:
            self._pending[Role.WISH_NEXT] = found
        else:
            nearest = found.start - found.term.number
            self._feelings = [
                one for one in self._feelings
                if one.weight < 0 or one.clause != self._clause or one.end < nearest
            ]  # fmt: skip
        words = self.text[found.start : found.end]
        self._feelings.append(_Feeling(words, found.start, found.end, _WISH, (), self._clause, is_turned=True))

    def _contrast(self) -> None:
        """Let the sentence so far weigh half; where nothing was felt in it yet, the one before it."""
        sentence = self._clauses[-1].sentence
        if not any(self._clauses[one.clause].sentence == sentence for one in self._feelings[-1:]):
            sentence -= 1
        self._weigh(sentence)
        self._open()

    def _end(self, found: Found) -> None:
        if self.text[found.start] == "?":
            self._weigh(self._clauses[-1].sentence)
        self._open(sentence=self._clauses[-1].sentence + 1)

    def _weigh(self, sentence: int) -> None:
        for clause in reversed(self._clauses):
            if clause.sentence == sentence:
                clause.weight *= _EARLIER
            elif clause.sentence < sentence:
                break

    def _open(self, sentence: int | None = None, weight: float = 1.0) -> None:
        self._clauses.append(_Clause(self._clauses[-1].sentence if sentence is None else sentence, weight))
        self._pending.clear()


def _read_in(text: str, language: str | None) -> tuple[str, Lexicon]:
    """Name the language of a text, and the lists it is read by."""
    tag = (language or "").replace("_", "-").partition("-")[0].lower()
    tongue = tag or _language_of(text)
    return tongue, lexicon(*LANGUAGES) if tongue in LANGUAGES else lexicon()


def _language_of(text: str) -> str:
    """Tell the language by its script; a syllable of Korean or Japanese says about as much as three Latin letters."""
    n_hangul, n_kana, n_latin = (len(letters.findall(text)) for letters in (_HANGUL, _KANA, _LATIN))
    if 3 * (n_hangul + n_kana) > n_latin:
        return "ko" if n_hangul >= n_kana else "ja"
    return "en" if n_latin and _is_english(text) else UNDETERMINED


def _is_english(text: str) -> bool:
    """Tell English from other languages in Latin letters: by its common words, or by two words of its list."""
    words = [word.strip('.,!?;:"()') for word in text.split()]
    terms = lexicon("en")
    if len(words) < _FEW_WORDS or sum(word in terms.common for word in words) >= _COMMON_SHARE * len(words):
        return True
    return len({text[f.start : f.end] for f in terms.find(text) if f.term.role is Role.FEELING}) > 1


def _coverage(feelings: list[_Feeling], text: str) -> float:
    """Give the share of the letters that the evidence covers."""
    n_letters = sum(c.isalnum() for c in text)
    covered = sum(sum(c.isalnum() for c in one.words) for one in feelings)
    return min(1.0, covered / n_letters) if n_letters else 1.0


def _confidence(praise: float, blame: float, coverage: float) -> float:
    """Say how sure the sign is: by how much was felt, how far it agrees, and how much of the text it is."""
    felt = praise + blame
    agreement = abs(praise - blame) / felt
    return _SUREST * (1 - math.exp(-felt / 3)) * agreement * min(1.0, 0.5 + 2.5 * coverage)


def _with_rating(confidence: float, sentiment: float, share: float | None) -> float:
    """Raise the confidence where a clear rating says the same, lower it where it says the opposite."""
    if share is None or BAD_SHARE < share < GOOD_SHARE or sentiment == 0:
        return confidence
    return 1 - (1 - confidence) / 2 if (share >= GOOD_SHARE) == (sentiment > 0) else confidence * 0.4
