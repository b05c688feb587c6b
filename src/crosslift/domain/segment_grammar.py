"""Rules of segments, read from one line a merchant can write.

    orders >= 3 and recency_days < 90 and not consent("marketing")
    count("Product Viewed", category = "Grinders", last = 1 hour) >= 3
    share(category = "Coffee") > 0.5 and last_order_at > "2026-01-01"
    holds("plan-pro") and lacks("backup") or stage in ("consider", "buy")
    trait("skin") is "dry" and clv is known and goals has "more traffic"

`not` binds closest, then `and`, then `or`. An error says what is wrong, shows where, and names what is known instead.
"""

import re
from datetime import date

from crosslift.domain.condition import (
    CALLED,
    FIGURES,
    LISTS,
    MOMENTS,
    UNITS,
    WORDS,
    Ago,
    Compares,
    Condition,
    Figure,
    Has,
    Is,
    Known,
    Moment,
    Not,
    Sign,
    Trait,
    Value,
    When,
    Word,
    every,
    some,
)
from crosslift.domain.segment_calls import FORMS, Argument
from crosslift.domain.segment_tokens import Token, as_line, nearest, tokens, wrong
from crosslift.errors import BadInput

DEEPEST = 40
"""Parentheses and `not` within each other at most."""
FURTHEST = 3_650 * UNITS["day"]
"""Seconds a rule may look back."""

_COLUMN = {name: column for column, name in CALLED.items()}
_NAMES = [CALLED.get(name, name) for name in (*FIGURES, *WORDS, *MOMENTS, *LISTS)]
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_NUMBER = re.compile(r"-?\d{1,15}(\.\d{1,9})?", re.ASCII)


def parse(rule: str) -> Condition:
    """Read a rule.

    Raises
    ------
    BadInput
        If it cannot be read; `where` names the character, `problems` hold the line, a mark under the place, and hints.

    Examples
    --------
    >>> parse('orders >= 3 and not consent("marketing")').parts[0]
    Compares(value=Figure(column='n_orders'), sign=<Sign.AT_LEAST: '>='>, limit=3.0)
    >>> parse("ordrs >= 3")
    Traceback (most recent call last):
    crosslift.errors.BadInput: character 1: 'ordrs' is not known; did you mean orders?
    """
    return _Reader(as_line(rule)).whole()


class _Reader:
    """One pass over the tokens of a line, from left to right."""

    def __init__(self, line: str) -> None:
        self._line, self._tokens, self._place, self._depth = line, tokens(line), 0, 0

    # the grammar, loosest first
    def whole(self) -> Condition:
        if self._next.kind == "end":
            raise self.wrong(self._next, "the rule is empty", 'for example: orders >= 3 and not consent("marketing")')
        rule = self._any()
        if self._next.kind != "end":
            hint = "conditions are joined by and, or" if self._next.kind in ("name", "sign") else ""
            raise self.wrong(self._next, f"the rule could end here, but {self._next.shown} follows", hint)
        return rule

    def _any(self) -> Condition:
        parts = [self._all()]
        while self._took_word("or"):
            parts.append(self._all())
        return some(parts)

    def _all(self) -> Condition:
        parts = [self._one()]
        while self._took_word("and"):
            parts.append(self._one())
        return every(parts)

    def _one(self) -> Condition:
        token = self._take()
        if not (token.is_word("not") or token.is_sign("(")):
            return self._condition(token)
        self._depth += 1
        if self._depth > DEEPEST:
            raise self.wrong(
                token, f"more than {DEEPEST} parentheses and nots within each other; make two segments of it"
            )
        if token.is_word("not"):
            rule: Condition = Not(self._one())
        else:
            rule = self._any()
            if not self._next.is_sign(")"):
                raise self.wrong(token, f"this ( is not closed before {self._next.shown}")
            self._take()
        self._depth -= 1
        return rule

    def _condition(self, token: Token) -> Condition:
        if token.kind != "name" or token.is_word("and", "or", "is", "in", "has", "ago", "known", "unknown"):
            raise self.wrong(token, f"a condition is needed, not {token.shown}", *_begins_with())
        if self._next.is_sign("("):
            told = self._call(token)
        elif (column := _COLUMN.get(token.text, token.text)) in LISTS:
            return self._has(token, column)
        else:
            told = self._column(token, column)
        return told if isinstance(told, Condition) else self._test(told, token)

    # what a condition begins with
    def _column(self, token: Token, column: str) -> Value:
        for kind, known in ((Figure, FIGURES), (Word, WORDS), (Moment, MOMENTS)):
            if column in known:
                return kind(column)
        if token.text in FORMS:
            raise self.wrong(token, f"{token.text} needs parentheses: {FORMS[token.text].example}")
        near = nearest(token.text, [*_NAMES, *FORMS])
        raise self.wrong(token, f"{token.shown} is not known{near}", *_begins_with())

    def _call(self, token: Token) -> Value | Condition:
        form = FORMS.get(token.text)
        if form is None:
            if _COLUMN.get(token.text, token.text) in {*FIGURES, *WORDS, *MOMENTS, *LISTS}:
                raise self.wrong(token, f"{token.text} is written without parentheses")
            known = f"known are {', '.join(FORMS)}"
            raise self.wrong(token, f"{token.shown} is not known{nearest(token.text, FORMS)}", known)
        opening = self._take()
        given = [self._argument()]
        while self._next.is_sign(","):
            self._take()
            given.append(self._argument())
        if not self._next.is_sign(")"):
            raise self.wrong(opening, f"this ( is not closed before {self._next.shown}", f"for example: {form.example}")
        self._take()
        return form.read(given, token, self.wrong)

    def _argument(self) -> Argument:
        token = self._take()
        if token.kind == "text":
            return Argument(None, token.text, 0, token)
        if token.kind != "name":
            raise self.wrong(token, f"a text in quotes is needed, not {token.shown}")
        if not (self._next.is_sign("=") or self._next.is_word("is")):
            raise self.wrong(token, f"after {token.text} comes = and its value; a text stands in quotes")
        self._take()
        if token.text == "last":
            return Argument("last", None, self._duration(), token)
        return Argument(token.text, self._text(f"{token.text} is compared with a text in quotes"), 0, token)

    # what follows a value
    def _test(self, value: Value, token: Token) -> Condition:
        sign = self._take()
        if sign.is_word("is"):
            return self._is(value, token)
        if sign.is_word("in"):
            return self._is_in(value, token, is_negated=False)
        if sign.is_word("not") and self._next.is_word("in"):
            self._take()
            return self._is_in(value, token, is_negated=True)
        if sign.kind != "sign" or sign.text in "(),":
            raise self.wrong(
                sign, f"after {token.text} comes a comparison, not {sign.shown}", _compared_by(value, token)
            )
        if isinstance(value, Moment):
            return self._when(value, Sign(sign.text), sign)
        if isinstance(value, Word | Trait) and self._next.kind == "text" and sign.text in ("=", "!="):
            return Is(value, (self._word_of(value),), sign.text == "!=")
        if isinstance(value, Word):
            raise self.wrong(sign, f"{token.text} is a text", _compared_by(value, token))
        return Compares(value, Sign(sign.text), self._number(token))

    def _is(self, value: Value, token: Token) -> Condition:
        is_negated = self._took_word("not")
        if self._next.is_word("known", "unknown"):
            return Known(value, self._take().is_word("known") != is_negated)
        if isinstance(value, Word | Trait) and self._next.kind == "text":
            return Is(value, (self._word_of(value),), is_negated)
        if not isinstance(value, Word | Moment) and self._next.kind == "number":
            return Compares(value, Sign.OTHER if is_negated else Sign.EQUAL, self._number(token))
        raise self.wrong(
            self._next, f"{token.text} is not compared with {self._next.shown}", _compared_by(value, token)
        )

    def _is_in(self, value: Value, token: Token, *, is_negated: bool) -> Condition:
        if not isinstance(value, Word | Trait):
            raise self.wrong(token, f"{token.text} is not a text", _compared_by(value, token))
        opening = self._take()
        if not opening.is_sign("("):
            raise self.wrong(opening, f'after in come texts in parentheses: {token.text} in ("…", "…")')
        texts = [self._word_of(value)]
        while self._next.is_sign(","):
            self._take()
            texts.append(self._word_of(value))
        if not self._take().is_sign(")"):
            raise self.wrong(opening, "this ( is not closed after the last text")
        return Is(value, tuple(dict.fromkeys(texts)), is_negated)

    def _when(self, value: Moment, sign: Sign, token: Token) -> Condition:
        if sign in (Sign.EQUAL, Sign.OTHER):
            raise self.wrong(token, f"{value.column} is an instant: compare it by <, <=, > or >=")
        if self._next.kind == "text":
            day = self._take()
            try:
                return When(value, sign, date.fromisoformat(day.text if _DATE.fullmatch(day.text) else ""))
            except ValueError:
                raise self.wrong(day, f'"{day.text}" is no day; write it as "2026-01-31"') from None
        seconds = self._duration()
        if not self._took_word("ago"):
            raise self.wrong(self._next, "after this time comes the word ago", f"{value.column} {sign} 30 days ago")
        return When(value, sign, Ago(seconds))

    def _has(self, token: Token, column: str) -> Condition:
        if not self._took_word("has"):
            raise self.wrong(self._next, f"{token.text} is a list; ask what it has", f'{token.text} has "…"')
        return Has(column, self._text(f"{token.text} has a text in quotes"))

    # the smallest parts
    def _word_of(self, value: Word | Trait) -> str:
        text, token = self._text(f"a text in quotes is needed, not {self._next.shown}"), self._last
        choices = WORDS[value.column].choices if isinstance(value, Word) else ()
        if choices and text not in choices:
            near = nearest(text, choices)
            raise self.wrong(token, f'"{text}" is not known{near}', f"known are {', '.join(choices)}")
        return text

    def _text(self, what: str) -> str:
        token = self._take()
        if token.kind != "text":
            raise self.wrong(token, what)
        return token.text

    def _number(self, compared: Token) -> float:
        token = self._take()
        if token.kind != "number":
            raise self.wrong(token, f"{compared.text} is compared with a number, not {token.shown}")
        if not _NUMBER.fullmatch(token.text):
            raise self.wrong(token, "a number has at most 15 digits before the point and 9 after it")
        return float(token.text) + 0.0  # no −0

    def _duration(self) -> int:
        number, unit = self._take(), self._next
        if number.kind != "number" or not number.text.isdecimal() or int(number.text) < 1:
            raise self.wrong(number, f"a time such as 30 days is needed, not {number.shown}")
        name = self._take().text.lower().removesuffix("s")
        if name not in UNITS:
            hint = "there is 1 minute, 2 hours, 30 days, 4 weeks"
            raise self.wrong(unit, f"{unit.shown} is no unit of time{nearest(name, UNITS)}", hint)
        seconds = int(number.text) * UNITS[name]
        if seconds > FURTHEST:
            raise self.wrong(number, f"a rule looks back at most {FURTHEST // UNITS['day']:,} days")
        return seconds

    @property
    def _next(self) -> Token:
        return self._tokens[self._place]

    @property
    def _last(self) -> Token:
        return self._tokens[self._place - 1]

    def _take(self) -> Token:
        token = self._next
        self._place = min(self._place + 1, len(self._tokens) - 1)
        return token

    def _took_word(self, word: str) -> bool:
        is_there = self._next.is_word(word)
        if is_there:
            self._take()
        return is_there

    def wrong(self, token: Token, what: str, *hints: str) -> BadInput:
        return wrong(self._line, token.start, token.end, what, *filter(None, hints))


def _compared_by(value: Value, token: Token) -> str:
    match value:
        case Word(column):
            first, *others = WORDS[column].choices or ("…",)
            named = f" (or {', '.join(others)})" if others else ""
            return f'{token.text} is "{first}"{named}, is not, in (…), is unknown'
        case Moment():
            return f'{token.text} > 30 days ago, >= "2026-01-31", is unknown'
        case Trait():
            return 'trait(…) is "…", is not, in (…), >= 18, is unknown'
    return f"{token.text} >= 3, by >, >=, <, <=, =, !=, or is unknown"


def _begins_with() -> tuple[str, str]:
    return f"known are {', '.join(_NAMES)}", f"and {', '.join(form.example for form in FORMS.values())}"
