"""The selling-ethics lint: what must not be published, each finding with a rule id, the place, and what to write instead.

It reads texts in Korean, Japanese and English, and the shape of offers, bundles and policies. A rule id is
`<rule>.<language>` for what is said in words, else the bare rule.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from crosslift.domain.bundle import Bundle
from crosslift.domain.offer import Offer
from crosslift.domain.policy import Policy
from crosslift.domain.pressure import Reaction
from crosslift.wording.messages import LANGUAGES, language_of
from crosslift.wording.pressure import pressure_words
from crosslift.wording.quotas import quota_words

LEAST_MUTE_DAYS = 7.0
"""Asking again sooner than this after a no is nagging (Korea's E-Commerce Act, article 21-2 since 2025-02-14: a choice of
seven days or more exempts)."""


class EthicsRule(StrEnum):
    """What is looked for."""

    FAKE_URGENCY = "fake_urgency"
    FAKE_SCARCITY = "fake_scarcity"
    CONFIRM_SHAMING = "confirm_shaming"
    PRE_TICKED = "pre_ticked"
    HIDDEN_COST = "hidden_cost"
    FORCED_BUNDLE = "forced_bundle"
    MISSING_FULL_PRICE = "missing_full_price"
    HIDDEN_RENEWAL = "hidden_renewal"
    NAGGING = "nagging"
    INDIVIDUAL_QUOTA = "individual_quota"


_OF_PRESSURE = {
    "urgency": EthicsRule.FAKE_URGENCY, "scarcity": EthicsRule.FAKE_SCARCITY, "shaming": EthicsRule.CONFIRM_SHAMING,
}  # fmt: skip
_INSTEAD = {
    EthicsRule.FAKE_URGENCY: "say the true end date of the offer, or leave it out",
    EthicsRule.FAKE_SCARCITY: "leave it out; the page shows the true stock",
    EthicsRule.CONFIRM_SHAMING: "say no in as few neutral words as yes",
    EthicsRule.PRE_TICKED: "let the customer choose it",
    EthicsRule.HIDDEN_COST: "put every cost into the price lines and the total",
    EthicsRule.FORCED_BUNDLE: "let every part be bought alone",
    EthicsRule.MISSING_FULL_PRICE: "give what is paid in all, tax included",
    EthicsRule.HIDDEN_RENEWAL: "say that it renews and how one gets out, in every language it is titled in",
    EthicsRule.NAGGING: f"leave a no alone for {LEAST_MUTE_DAYS:.0f} days or more",
    EthicsRule.INDIVIDUAL_QUOTA: "say whom it helps and how; nobody who sells is set a number",
}
_WORDS: Mapping[str, Mapping[EthicsRule, tuple[str, ...]]] = {
    "en": {
        EthicsRule.PRE_TICKED: (
            r"\bpre[- ]?(?:selected|ticked|checked)\b",
            r"\b(?:added|included) (?:for you )?(?:automatically|by default)\b",
            r"\bun(?:tick|check) (?:the box |this )?(?:to|if)\b",
        ),
        EthicsRule.HIDDEN_COST: (
            r"\b(?:plus|excl(?:uding|\.)?|before) (?:taxes|tax|vat|fees?|shipping|handling)\b",
            r"\b(?:fees?|charges?|surcharges?) (?:may )?appl(?:y|ies)\b",
            r"\+\s*(?:tax|vat|fees?)\b",
        ),
        EthicsRule.FORCED_BUNDLE: (
            r"\b(?:only|solely) (?:sold|available) (?:together|as a (?:set|bundle))\b",
            r"\bcannot be (?:bought|purchased) (?:separately|alone)\b",
        ),
    },
    "ko": {
        EthicsRule.PRE_TICKED: (r"(?:자동|기본)(?:으로)?\s*(?:선택|추가|체크)", r"미리\s*(?:선택|체크)"),
        EthicsRule.HIDDEN_COST: (
            r"(?:부가세|세금|수수료|배송비|설치비)\s*(?:는|은)?\s*(?:별도|제외|미포함)",
            r"추가\s*(?:요금|비용)이?\s*(?:발생|있)",
        ),
        EthicsRule.FORCED_BUNDLE: (
            r"(?:세트|묶음)로만\s*(?:판매|구매)",
            r"(?:단품|개별)\s*(?:구매|판매)\s*(?:불가|안)",
        ),
    },
    "ja": {
        EthicsRule.PRE_TICKED: (
            r"(?:自動|初期)(?:的に|で)?(?:選択|追加|チェック)",
            r"(?:あらかじめ|予め)(?:選択|チェック)",
        ),
        EthicsRule.HIDDEN_COST: (
            r"(?:税|消費税|手数料|送料|設置費)(?:は)?(?:別途|別|抜き)",
            r"別途(?:費用|料金|手数料)",
        ),
        EthicsRule.FORCED_BUNDLE: (
            r"セット(?:で|販売)のみ",
            r"単品(?:で)?の?(?:購入|販売)(?:は)?(?:不可|できません|いたしません)",
        ),
    },
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that must be mended before it is published.

    `where` names the record and field, `words` what stands there; `is_severe` ones refuse the publishing, the others are
    told.
    """

    rule_id: str
    where: str
    words: str
    instead: str
    is_severe: bool = True

    def __str__(self) -> str:
        """Say it on one line."""
        return f"{self.rule_id} at {self.where}: {self.words!r}; {self.instead}"

    @property
    def told(self) -> str:
        """Say it where the place stands before it: the rule, the words, what to write instead."""
        words = f": {self.words!r}" if self.words else ""
        return f"{self.rule_id}{words}; {self.instead}"

    def column(self, record: str) -> str:
        """Name the column of a record's row it was found in.

        Examples
        --------
        >>> of_text("Hurry", "en", "offer care.title.en")[0].column("offer care")
        'title_en'
        """
        return self.where.removeprefix(f"{record}.").replace(".", "_")


def of_text(text: str, language: str, where: str, *, has_true_end: bool = False) -> list[Finding]:
    """Find in a text what presses, shames or hides.

    Parameters
    ----------
    has_true_end : bool
        Whether a stored end date stands behind words of hurry: then they are true, and pass.

    Examples
    --------
    >>> [str(f) for f in of_text("No thanks, I prefer to pay full price", "en", "popup.decline")][0]
    "confirm_shaming.en at popup.decline: 'No thanks, I'; say no in as few neutral words as yes"
    """
    tongue = language_of(language)
    found = [
        _finding(rule, where, one.words, tongue)
        for one in pressure_words(text, language)
        if (rule := _OF_PRESSURE[one.plays_on]) is not EthicsRule.FAKE_URGENCY or not has_true_end
    ]
    for each in dict.fromkeys((tongue, "en")):
        for rule, pattern in _patterns(each):
            found += [_finding(rule, where, match.group(), tongue) for match in pattern.finditer(text)]
    return found


@cache
def _patterns(tongue: str) -> tuple[tuple[EthicsRule, re.Pattern[str]], ...]:
    return tuple((rule, re.compile("|".join(words), re.IGNORECASE)) for rule, words in _WORDS[tongue].items())


def of_words(text: str, where: str, *, has_true_end: bool = False) -> list[Finding]:
    """Find the same in a text whose language nobody named: asked in every language we read."""
    found: dict[tuple[str, str], Finding] = {}
    for tongue in LANGUAGES:
        for one in of_text(text, tongue, where, has_true_end=has_true_end):
            found.setdefault((one.rule_id.partition(".")[0], one.words), one)
    return list(found.values())


def _finding(rule: EthicsRule, where: str, words: str, tongue: str | None = None, *, is_severe: bool = True) -> Finding:
    return Finding(f"{rule}.{tongue}" if tongue else rule.value, where, words, _INSTEAD[rule], is_severe)


def of_staff_text(text: str, where: str) -> list[Finding]:
    """Find in what only staff read, and in reasons of policies, what sets somebody a number of sales."""
    return [_finding(EthicsRule.INDIVIDUAL_QUOTA, where, words, tongue) for tongue, words in quota_words(text)]


def of_offer(offer: Offer, *, has_price: bool = True) -> list[Finding]:
    """Find what an offer must not say or hide; a total that is missing or too low is refused before, with the record.

    Parameters
    ----------
    has_price : bool
        Whether the catalog knows the price of the product it sells, where it names none of its own.
    """
    name, has_end = f"offer {offer.offer_id}", offer.ends_at is not None
    spoken = [
        *(("title", *said) for said in offer.titles.items()),
        *(("terms", *said) for said in offer.terms.items()),
        *(("cancellation", *said) for said in offer.cancellation.items()),
        *(("guarantee", *said) for said in offer.guarantee.items()),
        *(("benefit", language, text) for language, texts in offer.benefits.items() for text in texts),
        *(("label", *said) for line in offer.prices for said in line.labels.items()),
    ]
    found = [
        finding
        for field, language, text in spoken
        for finding in of_text(text, language, f"{name}.{field}.{language}", has_true_end=has_end)
    ]
    for language, text in (said for proof in offer.proofs for said in proof.texts.items()):
        found += of_text(text, language, f"{name}.proofs", has_true_end=has_end)
    found += of_staff_text(offer.staff_brief, f"{name}.staff_brief")
    if offer.product_id is not None and not offer.prices and not offer.is_free and not has_price:
        found.append(_finding(EthicsRule.MISSING_FULL_PRICE, f"{name}.price", ""))
    if any(line.period is not None for line in offer.prices):
        found += [
            _finding(EthicsRule.HIDDEN_RENEWAL, f"{name}.cancellation.{language}", f"nothing in {language}")
            for language in offer.titles
            if not offer.cancellation.get(language, "").strip()
        ]
    return found


def of_titles(titles: Mapping[str, str], name: str, *, has_true_end: bool = False) -> list[Finding]:
    """Find what presses in the titles of a thing; the plain one stands under ``""``, in whatever language."""
    found: list[Finding] = []
    for language, text in titles.items():
        if language:
            found += of_text(text, language, f"{name}.title.{language}", has_true_end=has_true_end)
        else:
            found += of_words(text, f"{name}.title", has_true_end=has_true_end)
    return found


def of_bundle(bundle: Bundle, can_be_bought_alone: Callable[[str], bool]) -> list[Finding]:
    """Find what a set must not do: words that press, and parts that nobody can buy alone."""
    name = f"bundle {bundle.bundle_id}"
    found = of_titles(bundle.titles, name)
    return found + [of_part(part, name) for part in bundle.product_ids if not can_be_bought_alone(part)]


def of_part(part: str, name: str = "bundle") -> Finding:
    """Tell of a part of a set that nobody can buy alone."""
    return _finding(EthicsRule.FORCED_BUNDLE, f"{name}.parts", part)


def of_policy(policy: Policy) -> list[Finding]:
    """Find in a policy what would nag, and texts of its goals, bars and rules that press: shoppers read them."""
    name = f"policy {policy.name}"
    found = []
    for thing, titles in (
        *((f"goal {goal.goal_id}", goal.titles) for goal in policy.goals),
        *((f"bar {bar.bar_id}", bar.titles) for bar in policy.value.bars),
    ):
        for language, text in titles.items():
            found += of_text(text, language, f"{name}.{thing}.{language}")
    for rule in policy.rules:
        found += of_words(rule.reason, f"{name}.rule {rule.rule_id}.reason")
    for thing, text in (
        *((f"goal {goal.goal_id}", " / ".join((goal.goal_id, *goal.titles.values()))) for goal in policy.goals),
        *((f"rule {rule.rule_id}", rule.reason) for rule in policy.rules),
        *((f"lever {lever.lever_id}", f"{lever.lever_id} / {lever.reason}") for lever in policy.value.levers),
    ):
        found += of_staff_text(text, f"{name}.{thing}")
    cooldowns = policy.pressure.cooldowns
    for reaction in (Reaction.DECLINED, Reaction.MUTED):
        longest = max((c.days for c in cooldowns if c.after is reaction and c.n_times == 1), default=0.0)
        if longest < LEAST_MUTE_DAYS and not policy.is_holdout_exempt:
            found.append(
                _finding(EthicsRule.NAGGING, f"{name}.pressure", f"after {reaction} it asks again in {longest:g} days")
            )
    return found
