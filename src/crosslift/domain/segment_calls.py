"""What stands before parentheses in a rule: counts, shares, traits, consents, products; how each is written and read."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from crosslift.domain.condition import (
    SHARES,
    Condition,
    Consents,
    Count,
    Hold,
    Possesses,
    Revisits,
    Share,
    Trait,
    UsageShare,
    Value,
)
from crosslift.domain.customer import Purpose
from crosslift.domain.segment_tokens import Token, nearest
from crosslift.errors import BadInput

PURPOSES = (Purpose.PERSONALIZATION.value, Purpose.MARKETING.value)
"""What consent can be given to."""


class Wrong(Protocol):
    """Makes the error that points at a token."""

    def __call__(self, token: Token, what: str, *hints: str) -> BadInput:
        """Say what is wrong there; each hint is a line below."""


class Argument(NamedTuple):
    """What stands between the parentheses: a text or a time, and its name if it has one."""

    name: str | None
    text: str | None
    seconds: int
    token: Token


@dataclass(frozen=True, slots=True)
class Form:
    """How something with parentheses is written, and what reads its one or more arguments."""

    example: str
    read: Callable[[Sequence[Argument], Token, Wrong], Value | Condition]


def _only_text(given: Sequence[Argument], token: Token, wrong: Wrong) -> str:
    first, *rest = given
    if first.text is None or first.name is not None or rest:
        odd = (rest or [first])[0].token
        raise wrong(odd, f"{token.text} takes one text in quotes: {FORMS[token.text].example}")
    return first.text


def _options(given: Iterable[Argument], token: Token, wrong: Wrong, known: Iterable[str] | None) -> dict[str, Argument]:
    """Sort named arguments; `known` None allows any name."""
    found: dict[str, Argument] = {}
    for argument in given:
        if argument.name is None:
            raise wrong(argument.token, f"only one text without a name: {FORMS[token.text].example}")
        if argument.name in found:
            raise wrong(argument.token, f"{argument.name} is there twice")
        if known is not None and argument.name not in known:
            near = nearest(argument.name, known)
            raise wrong(argument.token, f"{token.text} has no {argument.name}{near}", FORMS[token.text].example)
        found[argument.name] = argument
    return found


def _read_count(given: Sequence[Argument], token: Token, wrong: Wrong) -> Count:
    event = _only_text(given[:1], token, wrong)
    options = _options(given[1:], token, wrong, None)
    if "last" not in options:
        raise wrong(token, "say how far back events count, such as last = 30 days", FORMS["count"].example)
    category, product = (options[name].text if name in options else None for name in ("category", "product"))
    others = [(name, option.text or "") for name, option in options.items() if name not in _OF_EVENTS]
    return Count(event, options["last"].seconds, category, product, tuple(sorted(others)))


def _read_share(given: Sequence[Argument], token: Token, wrong: Wrong) -> Share:
    options = _options(given, token, wrong, SHARES)
    if len(options) != 1:
        raise wrong(given[1].token, f"share is of one thing: {', '.join(SHARES)}", FORMS["share"].example)
    (of, option), *_ = options.items()
    return Share(of, option.text or "")


def _read_consent(given: Sequence[Argument], token: Token, wrong: Wrong) -> Consents:
    purpose = _only_text(given[:1], token, wrong)
    if purpose not in PURPOSES:
        near = nearest(purpose, PURPOSES)
        raise wrong(given[0].token, f'"{purpose}" is no purpose{near}', f"known are {', '.join(PURPOSES)}")
    channel = _options(given[1:], token, wrong, ("channel",)).get("channel")
    return Consents(purpose, channel.text if channel else None)


_OF_EVENTS = ("category", "product", "last")
FORMS = {
    "count": Form('count("Product Viewed", category = "Grinders", last = 1 hour)', _read_count),
    "share": Form('share(category = "Coffee")', _read_share),
    "trait": Form('trait("skin")', lambda *given: Trait(_only_text(*given))),
    "usage_share": Form('usage_share("api calls")', lambda *given: UsageShare(_only_text(*given))),
    "revisits": Form('revisits("Grinders")', lambda *given: Revisits(_only_text(*given))),
    "consent": Form('consent("marketing", channel = "email")', _read_consent),
    "holds": Form('holds("plan-pro")', lambda *given: Possesses(Hold.HOLDS, _only_text(*given))),
    "owns": Form('owns("T-40")', lambda *given: Possesses(Hold.OWNS, _only_text(*given))),
    "lacks": Form('lacks("backup")', lambda *given: Possesses(Hold.LACKS, _only_text(*given))),
}
