"""Words that set a number of sales for the people who sell: what is sold to meet it is not sold to help (articles, S4-13)."""

import re

_WORDS = {
    "en": (
        r"(?<!storage )(?<!usage )(?<!disk )(?<!data )(?<!traffic )(?<!api )(?<!mail )(?<!download )(?<![a-z])quotas?(?![a-z])",
        r"\b(?:your|individual|agents?|sellers?) (?:sales |selling )?targets?\b",
        r"\b\d+ [a-z]+ (?:per|for each|for every|a|each) (?:agent|advis[eo]r|seller|sales ?person|employee|shift|head)\b",
    ),
    "ko": (
        r"(?<!용량)(?<!용량 )할당(?:량|\s*건수|\s*목표)?", r"개인\s*(?:판매|실적|영업)?\s*목표", r"목표\s*건수",
        r"(?:인당|1인당|한 명당)\s*\d+\s*[건개]",
    ),
    "ja": (
        r"ノルマ", r"個人(?:の)?(?:販売|売上|営業)?目標", r"割り?当て(?:件数|目標)",
        r"(?:一人|1人|ひとり)[あ当]たり\s*\d+\s*[件個本]",
    ),
}  # fmt: skip
_PATTERNS = tuple((tongue, re.compile("|".join(words), re.IGNORECASE)) for tongue, words in _WORDS.items())


def quota_words(text: str) -> list[tuple[str, str]]:
    """Find words that set somebody a number of sales, in any of the three languages; staff write in theirs.

    Returns
    -------
    list of (str, str)
        Language and words. A quota of storage, data or mails is none.

    Examples
    --------
    >>> quota_words("Mention it to every visitor: the quota is 8 accounts per agent.")
    [('en', 'quota'), ('en', '8 accounts per agent')]
    >>> quota_words("Fits whoever fills 80 % of the storage quota."), quota_words("今月のノルマ")
    ([], [('ja', 'ノルマ')])
    """
    return [(tongue, match.group()) for tongue, pattern in _PATTERNS for match in pattern.finditer(text)]
