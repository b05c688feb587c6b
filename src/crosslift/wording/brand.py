"""The lint of a shop's own voice and look, beside that of selling ethics: the same findings, with rule ids of their own.

Words the brand forbids or asks for, the form of address by language, pictures by market, what was approved, and the contrast of
its theme.
"""

import re
from collections.abc import Collection, Mapping
from enum import StrEnum

from crosslift.domain.brand import PAIRS, Address, Brand, contrast
from crosslift.domain.offer import Offer
from crosslift.domain.policy import Policy
from crosslift.wording.ethics import Finding
from crosslift.wording.messages import language_of

FLAGS = "image_flags"
"""The attribute of a product that says what its picture shows."""


class BrandRule(StrEnum):
    """What is looked for."""

    FORBIDDEN = "brand_word"
    REQUIRED = "brand_missing"
    ADDRESS = "brand_address"
    IMAGE_FLAG = "image_flag"
    NOT_APPROVED = "not_approved"
    CONTRAST = "theme_contrast"


_ENDINGS: Mapping[str, Mapping[Address, re.Pattern[str]]] = {
    "ko": {Address.FORMAL: re.compile(r"(?:니다|니까|시오)$"), Address.POLITE: re.compile(r"(?:요|죠|니다|니까|시오)$")},
    "ja": {
        form: re.compile(r"(?:です|ます|ません|ましょう|ください|でした|ました|でしょう|でしょうか|ですか|ますか|ませんか)$")
        for form in (Address.FORMAL, Address.POLITE)
    },
}  # fmt: skip
_SENTENCE = re.compile(r"[^.!?。！？\n]+(?=[.!?。！？])")
_WANTED = {
    ("ko", Address.FORMAL): "end it in 니다", ("ko", Address.POLITE): "end it in 요 or 니다",
    ("ja", Address.FORMAL): "end it in です or ます", ("ja", Address.POLITE): "end it in です or ます",
}  # fmt: skip


def of_text(text: str, language: str, where: str, brand: Brand) -> list[Finding]:
    """Find in a text what the brand does not say, or not like that.

    Examples
    --------
    >>> brand = Brand(forbidden={"en": ("cheap",)}, address={"ko": Address.FORMAL})
    >>> [str(one) for one in of_text("Cheaper, not cheap", "en", "offer care.title.en", brand)]
    ["brand_word.en at offer care.title.en: 'cheap'; the brand does not use this word; say it otherwise"]
    >>> [one.rule_id for one in of_text("함께 쓰시면 좋아요.", "ko", "offer care.benefit.ko", brand)]
    ['brand_address.ko']
    """
    tongue = language_of(language)
    found = [
        Finding(
            f"{BrandRule.FORBIDDEN}.{tongue}",
            where,
            match.group(),
            "the brand does not use this word; say it otherwise",
        )
        for word in brand.forbidden.get(tongue, ())
        for match in _word(word).finditer(text)
    ]
    form = brand.address.get(tongue, Address.PLAIN)
    ending = _ENDINGS.get(tongue, {}).get(form)
    if ending is not None:
        found += [
            Finding(
                f"{BrandRule.ADDRESS}.{tongue}",
                where,
                said.strip(),
                f"the brand speaks {form} here; {_WANTED[tongue, form]}",
            )
            for said in _SENTENCE.findall(text)
            if said.strip() and not ending.search(said.strip(" \u3000」』)）\"'"))
        ]
    if brand.approved is not None and text.strip() and text.strip() not in brand.approved:
        found.append(Finding(BrandRule.NOT_APPROVED, where, text.strip(), "have it approved, or use a text that is"))
    return found


def of_offer(offer: Offer, brand: Brand, shown: Mapping[str, Collection[str]] | None = None) -> list[Finding]:
    """Find what an offer must not say, leaves out, or shows.

    Parameters
    ----------
    shown : mapping, optional
        What its pictures show, flags by address.
    """
    name = f"offer {offer.offer_id}"
    spoken = [
        *(("title", *said) for said in offer.titles.items()), *(("terms", *said) for said in offer.terms.items()),
        *(("cancellation", *said) for said in offer.cancellation.items()),
        *(("guarantee", *said) for said in offer.guarantee.items()),
        *(("benefit", language, text) for language, texts in offer.benefits.items() for text in texts),
        *(("label", *said) for line in offer.prices for said in line.labels.items()),
        *(("proofs", *said) for proof in offer.proofs for said in proof.texts.items()),
    ]  # fmt: skip
    found = [
        one for field, language, text in spoken for one in of_text(text, language, f"{name}.{field}.{language}", brand)
    ]
    for tongue, words in brand.required.items():
        whole = "\n".join(text for _, language, text in spoken if language_of(language) == tongue)
        found += [
            Finding(f"{BrandRule.REQUIRED}.{tongue}", f"{name}.title.{tongue}", word, "say it in one of its texts")
            for word in words
            if whole and not _word(word).search(whole)
        ]
    for address, flags in (shown or {}).items():
        found += of_image(address, flags, offer.markets, f"{name}.product_id", brand)
    return found


def of_image(address: str, flags: Collection[str], markets: Collection[str], where: str, brand: Brand) -> list[Finding]:
    """Find what a picture must not show in the markets it is for; without markets it is for all of them.

    Examples
    --------
    >>> brand = Brand(image_flags={"JP": frozenset({"alcohol"})})
    >>> [str(one) for one in of_image("bar.png", ["alcohol"], ["JP"], "offer bar.product_id", brand)]
    ["image_flag.JP at offer bar.product_id: 'alcohol'; choose another picture, or leave this market out"]
    >>> of_image("bar.png", ["alcohol"], ["KR"], "offer bar.product_id", brand)
    []
    """
    found = [
        Finding(f"{BrandRule.IMAGE_FLAG}.{market}", where, flag, "choose another picture, or leave this market out")
        for market, refused in brand.image_flags.items()
        if market == "*" or not markets or market in markets
        for flag in sorted(refused.intersection(flags))
    ]
    if brand.approved is not None and address and address not in brand.approved:
        found.append(Finding(BrandRule.NOT_APPROVED, where, address, "have this picture approved, or use one that is"))
    return found


def of_policy(policy: Policy, brand: Brand) -> list[Finding]:
    """Find in the goals and bars of a policy, which shoppers read, what the brand does not say."""
    name = f"policy {policy.name}"
    return [
        one
        for thing, titles in (
            *((f"goal {goal.goal_id}", goal.titles) for goal in policy.goals),
            *((f"bar {bar.bar_id}", bar.titles) for bar in policy.value.bars),
        )
        for language, text in titles.items()
        for one in of_text(text, language, f"{name}.{thing}.{language}", brand)
    ]


def of_theme(brand: Brand) -> list[Finding]:
    """Find colors of the theme that cannot be told apart well enough.

    Examples
    --------
    >>> from crosslift.domain.brand import LIGHT
    >>> [str(one) for one in of_theme(Brand(light={**LIGHT, "muted": "#999999"}))]  # doctest: +NORMALIZE_WHITESPACE
    ["theme_contrast at brand.theme.muted: '#999999 on #ffffff is 2.8:1'; make it 4.5:1: a darker muted or a lighter surface",
     "theme_contrast at brand.theme.muted: '#999999 on #f5f6f8 is 2.6:1'; make it 4.5:1: a darker muted or a lighter surface-2"]
    """
    found = []
    for name, theme, way in (
        ("brand.theme", brand.light, ("darker", "lighter")),
        ("brand.theme_dark", brand.dark, ("lighter", "darker")),
    ):
        for front, back, least in PAIRS:
            ratio = contrast(theme[front], theme[back])
            if ratio < least:
                said = f"{theme[front]} on {theme[back]} is {ratio:.1f}:1"
                mend = f"make it {least:g}:1: a {way[0]} {front} or a {way[1]} {back}"
                found.append(Finding(BrandRule.CONTRAST, f"{name}.{front}", said, mend))
    return found


def _word(word: str) -> re.Pattern[str]:
    """Find a word: whole where it is of Latin letters, anywhere else."""
    return re.compile(rf"\b{re.escape(word)}\b" if word.isascii() else re.escape(word), re.IGNORECASE)
