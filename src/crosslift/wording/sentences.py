"""Every sentence a customer may read, in three languages side by side, with its register and where it is shown: for review.

Generated from the catalogs. A message is a customer's unless its kind is declared the staff's, so none can be missing here.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from crosslift.wording.messages import LANGUAGES, templates

STAFF = ("office", "drop", "profile", "persona", "market", "voice", "why_not", "strength")
"""First parts of keys that only staff read."""
SHOPPERS = ("why_not.shopper",)
"""Of these kinds, what customers read all the same."""
PLACES = {
    "reason": "offers", "kind": "offers", "card": "card", "widget": "widget", "slip": "text", "chat": "chat",
    "storefront": "storefront", "how": "how", "price": "figures", "unit": "figures", "attribute": "figures",
    "value": "figures", "no_offer": "nothing", "why_not": "nothing",
}  # fmt: skip
"""Where a kind of message is shown; `other` for kinds that are not named."""
WHERE = (*dict.fromkeys(PLACES.values()), "other")


class Register(StrEnum):
    """How a message speaks."""

    FORMAL = "formal"
    """Korean 하십시오체: 니다, 니까, 시오."""
    POLITE = "polite"
    """Korean 해요체: 요; Japanese です・ます."""
    HONORIFIC = "honorific"
    """Japanese with 敬語: ございます, いただく, お…ください, 申し, 承り, いたし."""
    MIXED = "mixed"
    PLAIN = "plain"
    """English sentences."""
    LABEL = "label"
    """A word or heading, no sentence."""


_SENTENCES = re.compile(r"[^.?!。？！:：\n]+(?=[.?!。？！])")
_FORMAL, _POLITE = re.compile(r"(?:니다|니까|시오)[”\"’')]*$"), re.compile(r"(?:요|죠)[”\"’')]*$")
_HONORIFIC = re.compile(
    "ございま|いただ|いたし|承り|かしこまり|申し訳|恐れ入|くださ|お[ぁ-ん一-龯]{1,6}(?:です|になり|でしょう)|ご[一-龯]{1,4}"
)


@dataclass(frozen=True, slots=True)
class Sentence:
    """One message.

    Attributes
    ----------
    texts, registers : mapping of language to text and to register
        Of a message with a plural the forms stand one a line.
    """

    key: str
    where: str
    texts: dict[str, str]
    registers: dict[str, Register]

    def holds(self, words: str) -> bool:
        """Tell whether key or texts have all of some words, whatever their case."""
        whole = "\n".join((self.key, *self.texts.values())).casefold()
        return all(word in whole for word in words.casefold().split())


def is_customers(key: str) -> bool:
    """Tell whether customers may read a message.

    Examples
    --------
    >>> is_customers("reason.needed"), is_customers("office.name"), is_customers("why_not.shopper.offered")
    (True, False, True)
    """
    return key.partition(".")[0] not in STAFF or any(key == one or key.startswith(f"{one}.") for one in SHOPPERS)


def sentences(where: str = "", register: str = "", words: str = "") -> list[Sentence]:
    """List the messages customers may read, by place and key.

    Parameters
    ----------
    where : str
        One of `WHERE`; empty for all.
    register : str
        Those that speak so in any of the languages; empty for all.
    words : str
        Those that hold all of these words.
    """
    found = [_sentence(key) for key in sorted(templates("en")) if is_customers(key)]
    found = [
        one for one in found
        if where in ("", one.where) and (not register or register in one.registers.values()) and one.holds(words)
    ]  # fmt: skip
    return sorted(found, key=lambda one: (WHERE.index(one.where), one.key))


def rows(found: Iterable[Sentence]) -> list[list[str]]:
    """Write messages as the lines of a table, its heading first: for a spreadsheet."""
    head = ["key", "where", *LANGUAGES, *(f"register_{language}" for language in LANGUAGES), "remark"]
    return [head, *(
        [one.key, one.where, *(one.texts[language] for language in LANGUAGES),
         *(one.registers[language].value for language in LANGUAGES), ""]
        for one in found
    )]  # fmt: skip


def register_of(text: str, language: str) -> Register:
    """Tell how a text speaks, by the endings of its sentences.

    Examples
    --------
    >>> register_of("저장했어요.", "ko"), register_of("알겠습니다.", "ko"), register_of("合計", "ja")
    (<Register.POLITE: 'polite'>, <Register.FORMAL: 'formal'>, <Register.LABEL: 'label'>)
    >>> register_of("在庫がございます。", "ja"), register_of("Yes, it fits.", "en")
    (<Register.HONORIFIC: 'honorific'>, <Register.PLAIN: 'plain'>)
    """
    said = [part.strip() for part in _SENTENCES.findall(text) if part.strip()]
    if not said:
        return Register.LABEL
    if language == "en":
        return Register.PLAIN
    if language == "ja":
        return Register.HONORIFIC if _HONORIFIC.search(text) else Register.POLITE
    forms = {
        Register.FORMAL if _FORMAL.search(one) else Register.POLITE if _POLITE.search(one) else Register.MIXED
        for one in said
    }
    return forms.pop() if len(forms) == 1 else Register.MIXED


def _sentence(key: str) -> Sentence:
    texts = {language: "\n".join(dict.fromkeys(templates(language)[key])) for language in LANGUAGES}
    where = PLACES.get(key.partition(".")[0], "other")
    return Sentence(key, where, texts, {language: register_of(text, language) for language, text in texts.items()})
