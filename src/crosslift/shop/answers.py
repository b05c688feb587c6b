"""What plugins answer, asked behind their walls and looked at before anybody rests on it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar

import msgspec
import pyarrow as pa

from crosslift.collect.findings import Finding
from crosslift.collect.sources.source import Renamed, Renamer, Source
from crosslift.domain.estimate import Estimate, Figure, NotEstimable
from crosslift.domain.plugin import Notice, Proposal, Proposed, Question
from crosslift.errors import BadInput, TryAgain
from crosslift.measure.metrics import Measured
from crosslift.settings import Settings
from crosslift.shop.installed import Loaded, is_share
from crosslift.shop.isolation import NoAnswer, Wall
from crosslift.wording import ethics
from crosslift.wording.messages import LANGUAGES

T = TypeVar("T")
MOST, MOST_FACTS, LONGEST = 200, 2_000, 300
"""Products a source may name, bytes of what it says of one, letters of a sentence."""


def proposed(
    one: Loaded, wall: Wall, question: Question, seconds: float, voice: tuple[Loaded, Wall] | None
) -> list[Proposed]:
    """Ask a source for products, and for the sentences that go with them.

    A source that does not answer names nothing. Where the sentences are missing, cannot be or press, the shop only recommends.
    """
    try:
        found = wall.ask(lambda: one.made.propose(question), seconds, _wrong_proposals)
    except NoAnswer:
        return []
    first: dict[str, Proposal] = {}
    for proposal in found:
        first.setdefault(proposal.product_id, proposal)
    kept = list(first.values())
    said = _told(*voice, kept, seconds) if voice and kept else [{}] * len(kept)
    return [
        Proposed(
            one.name, one.version, proposal.product_id, round(float(proposal.score), 6), dict(proposal.facts), told
        )
        for proposal, told in zip(kept, said, strict=True)
    ]


def _wrong_proposals(found: Sequence[Proposal]) -> str:
    """Say what is wrong with what a source named; "" for nothing."""
    if not isinstance(found, Sequence) or not all(isinstance(one, Proposal) for one in found):
        return f"it named {type(found).__name__}, not a sequence of Proposal"
    if len(found) > MOST:
        return f"it named {len(found)} products; at most {MOST} are taken"
    return next((wrong for one in found if (wrong := _wrong_proposal(one))), "")


def _wrong_proposal(one: Proposal) -> str:
    if not isinstance(one.product_id, str) or not one.product_id:
        return f"it named {one.product_id!r}, which is no product id"
    if not is_share(one.score):
        return f"its score of {one.product_id!r} is {one.score!r}, not above 0 and at most 1"
    plain = isinstance(one.facts, Mapping) and all(
        isinstance(name, str) and isinstance(value, str | int | float | bool) for name, value in one.facts.items()
    )
    if not plain or len(msgspec.json.encode(dict(one.facts))) > MOST_FACTS:
        return f"its facts of {one.product_id!r} are no plain values of at most {MOST_FACTS} bytes"
    return ""


def _told(one: Loaded, wall: Wall, proposals: Sequence[Proposal], seconds: float) -> list[dict[str, str]]:
    """Ask for the sentences of some proposals; none where it does not answer or one of them presses."""
    try:
        said = wall.ask(lambda: [one.made.tell(proposal) for proposal in proposals], seconds, _wrong_sentences)
    except NoAnswer:
        return [{}] * len(proposals)
    return [{language: one.strip() for language, one in told.items()} for told in said]


def _wrong_sentences(said: Sequence[Mapping[str, str]]) -> str:
    """Say what is wrong with sentences: not one of ours, too long, or words that the selling ethics refuse."""
    for told in said:
        if not isinstance(told, Mapping) or not told.keys() <= set(LANGUAGES):
            return f"it said {told!r:.100}, not a sentence by language ({', '.join(LANGUAGES)})"
        for language, sentence in told.items():
            if not isinstance(sentence, str) or not 0 < len(sentence.strip()) <= LONGEST:
                return f"its sentence in {language} is no text of 1 to {LONGEST} letters"
            if pressing := _pressing(sentence, language):
                return f"its sentence in {language} presses: {pressing}"
    return ""


@lru_cache(4_096)
def _pressing(sentence: str, language: str) -> str:
    """Say how a sentence presses; "" for one that does not. Plugins say the same again and again."""
    found = ethics.of_text(sentence, language, "sentence")
    return found[0].told if found else ""


@dataclass(frozen=True, slots=True)
class Gatekeeper:
    """A gate as decisions ask it; without a wall it was given up and does not answer."""

    name: str
    loaded: Loaded
    wall: Wall | None
    seconds: float

    def judge(self, question: Question, product_ids: Sequence[str]) -> frozenset[str] | None:
        """Name what it stops; None where it did not answer."""
        if self.wall is None:
            return None
        names = tuple(product_ids)
        try:
            return self.wall.ask(
                lambda: frozenset(self.loaded.made.judge(question, names)),
                self.seconds,
                lambda found: _wrong_ids(found, names),
            )
        except NoAnswer:
            return None


def _wrong_ids(found: frozenset[str], asked: Sequence[str]) -> str:
    odd = found.difference(asked)
    return f"it stopped {next(iter(odd))!r}, which it was not asked about" if odd else ""


def sources_of(one: Loaded, wall: Wall, seconds: float) -> list[Source]:
    """Give the sources of a plugin; what they raise refuses the file and names the plugin."""
    return [_walled(source, one, wall, seconds) for source in one.made.sources]


def _walled(source: Source, one: Loaded, wall: Wall, seconds: float) -> Source:
    def opened(_: Source, names: Mapping[str, str], settings: Settings) -> Renamer:
        return _Walled(one, wall, seconds, lambda: source.renamer(source, names, settings))

    values = {name: getattr(source, name) for name in Source.__dataclass_fields__}
    return Source(**{**values, "renamer": opened})


class _Walled:
    """Renames with a plugin."""

    def __init__(self, one: Loaded, wall: Wall, seconds: float, opened: Callable[[], Renamer]) -> None:
        self._one, self._wall, self._seconds = one, wall, seconds
        self._renamer = self._ask(opened)

    def rename(self, batch: pa.RecordBatch) -> Renamed:
        """Give a batch its canonical columns."""
        return self._ask(lambda: self._renamer.rename(batch), _wrong_columns)

    def findings(self) -> list[Finding]:
        """Say what was noticed."""
        return self._ask(self._renamer.findings)

    def _ask(self, call: Callable[[], T], check: Callable[[T], str] = lambda _answer: "") -> T:
        """Ask; a BadInput is the plugin's word on the file, anything else a failure of its own."""
        try:
            return self._wall.ask(call, self._seconds, check, (BadInput,))
        except NoAnswer as error:
            raise BadInput(
                f"the plugin {self._one.name} {self._one.version} could not read it ({error}); nothing of it is kept; mend the "
                f"plugin, or `crosslift plugins off {self._one.name}`"
            ) from error


def _wrong_columns(renamed: object) -> str:
    if not isinstance(renamed, Renamed) or not all(isinstance(one, pa.Array) for one in renamed.columns.values()):
        return f"it gave {type(renamed).__name__}, not Renamed with Arrow columns"
    return "" if len({len(one) for one in renamed.columns.values()}) <= 1 else "its columns are not of one length"


def figure_of(one: Loaded, wall: Wall, seconds: float, lines: pa.Table) -> Measured:
    """Work out a figure; one that does not come is not estimable, and says why."""
    try:
        figure: Figure = wall.ask(lambda: one.made.measure(lines), seconds, _wrong_figure)
    except NoAnswer as error:
        figure = NotEstimable(f"the plugin {one.name} {one.version} did not answer: {error}")
    return Measured(one.made.metric, None, figure)


def _wrong_figure(figure: object) -> str:
    if not isinstance(figure, Estimate | NotEstimable):
        return f"it gave {type(figure).__name__}, not Estimate or NotEstimable"
    if isinstance(figure, Estimate) and not figure.low <= figure.value <= figure.high:
        return f"its value {figure.value!r} is not within {figure.low!r} and {figure.high!r}"
    return ""


def sent(one: Loaded, wall: Wall, seconds: float, notice: Notice) -> None:
    """Hand a notice on.

    Raises
    ------
    TryAgain
        If it did not arrive, whatever the plugin raised.
    """
    try:
        wall.ask(lambda: one.made.send(notice), seconds)
    except NoAnswer as error:
        raise TryAgain(f"the channel {one.name} did not take it: {error}") from error
