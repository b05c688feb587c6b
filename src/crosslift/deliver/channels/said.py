"""Texts as merchants wrote them, with the language each is in: a page must say it, or it is read aloud wrongly."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Said:
    """A text and its language (BCP 47)."""

    text: str
    language: str


def best(texts: Mapping[str, Any], language: str) -> Said | None:
    """Choose what is said in a language: its own, else that of its first part, else English, else the first there is.

    For what must be told rather than be silent about, such as terms.

    Examples
    --------
    >>> best({"en": "Two years", "ko": "2년"}, "ko-KR")
    Said(text='2년', language='ko')
    """
    for tag in (language, language.partition("-")[0], "en", *sorted(texts)):
        if isinstance(found := texts.get(tag), str) and found.strip():
            return Said(found, tag)
    return None


def several(texts: Mapping[str, Sequence[str]], language: str) -> list[Said]:
    """Give the texts of a language, or of its first part; none in another."""
    for tag in (language, language.partition("-")[0]):
        if texts.get(tag):
            return [Said(one, tag) for one in texts[tag] if one.strip()]
    return []


def exact(told: Mapping[str, Any], name: str, language: str, own_language: str) -> list[Said]:
    """Read texts of a catalog entry: `name_ko`, or `name`, by language or plain in the shop's own; none in another.

    Examples
    --------
    >>> exact({"benefit_ko": "오래 따뜻해요"}, "benefit", "ko", "en")
    [Said(text='오래 따뜻해요', language='ko')]
    """
    tongue = language.partition("-")[0]
    plain = told.get(name)
    by_language = plain if isinstance(plain, Mapping) else {own_language: plain}
    for tag in dict.fromkeys((language, tongue)):
        for found in (told.get(f"{name}_{tag}"), by_language.get(tag)):
            listed = found if isinstance(found, list | tuple) else [found]
            said = [Said(one.strip(), tag) for one in listed if isinstance(one, str) and one.strip()]
            if said:
                return said
    return []
