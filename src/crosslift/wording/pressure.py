"""A lint for words that press people: false hurry, false scarcity, shaming those who say no.

It reads words, not intentions: "last day" is fair where a true end date stands behind it; the caller knows.
"""

import re
from dataclasses import dataclass
from functools import cache

from crosslift.wording.messages import language_of

_WORDS = {
    "en": {
        "urgency": (
            r"\blast chance\b",
            r"\b(?:only today|today only)\b",
            r"\bhurry\b",
            r"\bact (?:now|fast|quickly)\b",
            r"\b(?:don['’]?t|do not) miss\b",
            r"\bends? (?:soon|tonight|in \d+)\b",
            r"\b(?:final|last) (?:hours?|minutes?|call|day)\b",
            r"\b\d+ (?:hours?|minutes?|seconds?) left\b",
            r"\bnow or never\b",
            r"\bbefore (?:it['’]s|it is|they['’]re) (?:too late|gone)\b",
            r"\blimited[- ]time\b",
            r"\btime is running out\b",
        ),
        "scarcity": (
            r"\b(?:only|just) (?:\d+|a few|one|two|three) (?:items? )?(?:left|remaining)\b",
            r"\b(?:almost|nearly) (?:gone|sold out)\b",
            r"\bselling (?:fast|out)\b",
            r"\bwhile (?:stocks?|supplies) lasts?\b",
            r"\b\d+ (?:people|others|shoppers) (?:are )?(?:viewing|looking|watching)\b",
        ),
        "shaming": (
            r"\bno,? thanks?,? i\b",
            r"\bi (?:don['’]?t|do not) (?:want|like|need) (?:to save|saving|(?:a )?discount|deals\b)",
            r"\bi(?:['’]d rather| prefer to) (?:pay (?:more|full price)|miss out)\b",
            r"\byou(?:['’]ll| will) regret\b",
        ),
    },
    "ko": {
        "urgency": (
            r"마감\s*(?:임박|직전)",
            r"지금\s*(?:안|아니)\s*(?:사|구매|담|주문)\S*면",
            r"지금이?\s*아니면",
            r"오늘\s*(?:만\b|하루만|까지만|뿐)",
            r"(?:마지막|라스트)\s*(?:기회|찬스)",
            r"놓치지\s*마",
            r"놓치면",
            r"서두르|서둘러",
            r"곧\s*(?:종료|마감|끝)",
            r"(?:종료|마감)까지\s*(?:단\s*)?\d",
            r"시간이\s*얼마\s*(?:없|안)",
        ),
        "scarcity": (
            r"(?:품절|매진|완판|소진)\s*(?:임박|직전)",
            r"얼마\s*(?:안\s*남|남지\s*않)",
            r"(?:단|딱)\s*\d+\s*(?:개|명|분|자리)(?:만|뿐|\s*남)",
            r"한정\s*수량|수량\s*한정",
            r"\d+\s*명이\s*(?:함께\s*)?보고\s*있",
        ),
        "shaming": (
            r"(?:혜택|할인|기회)[을를은는]?\s*(?:포기|원하지\s*않|필요\s*없|싫)",
            r"후회(?:하|할|해)",
            r"(?:안|못)\s*(?:사|사면|하면)\s*손해|손해\s*(?:볼|보시|봐도)",
            r"비싸게\s*(?:살게|사겠|살래)",
        ),
    },
    "ja": {
        "urgency": (
            r"今だけ",
            r"(?:本日|今日)(?:限り|だけ|限定|まで)",
            r"お?急(?:いで|ぎください|ぎ下さい)",
            r"(?:最後|ラスト)の?(?:チャンス|機会)",
            r"(?:まもなく|間もなく|もうすぐ)(?:終了|締切|締め切)",
            r"お?見逃し(?:なく|厳禁)",
            r"(?:終了|締切)まで(?:あと)?\d",
            r"タイムセール終了",
        ),
        "scarcity": (
            r"残り(?:わずか|僅か|少し|あと|\d+\s*(?:点|個|名|席|枚))",
            r"(?:売り?切れ|完売)(?:間近|必至|寸前|御免)",
            r"早い者勝ち",
            r"在庫(?:わずか|僅か|限り)",
            r"\d+人が(?:閲覧|見て|検討)",
        ),
        "shaming": (
            r"いいえ、?(?:お得|割引|特典|節約)",
            r"(?:買わない|使わない|知らない)と損",
            r"損をし(?:たい|ても)|損しても",
            r"後悔(?:し|する)",
        ),
    },
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One pressing word: the text found, what it plays on, and where it stands (`text[start:end]`)."""

    words: str
    plays_on: str
    start: int
    end: int


def pressure_words(text: str, language: str) -> list[Finding]:
    """Find words of false urgency, false scarcity and shaming.

    Parameters
    ----------
    text : str
        What a person would read. English words are looked for in every language: shops mix them in.
    language : str
        A BCP 47 tag.

    Returns
    -------
    list of Finding
        In order of place; empty where nothing presses. `plays_on` is urgency, scarcity or shaming.

    Examples
    --------
    >>> pressure_words("마감 임박! Last chance", "ko")  # doctest: +NORMALIZE_WHITESPACE
    [Finding(words='마감 임박', plays_on='urgency', start=0, end=5),
     Finding(words='Last chance', plays_on='urgency', start=7, end=18)]
    >>> pressure_words("よろしければご覧ください", "ja")
    []
    """
    tongues = dict.fromkeys((language_of(language), "en"))
    found = {
        (match.start(), match.end(), plays_on, match.group())
        for tongue in tongues
        for plays_on, pattern in _patterns(tongue)
        for match in pattern.finditer(text)
    }
    return [Finding(words, plays_on, start, end) for start, end, plays_on, words in sorted(found)]


@cache
def _patterns(tongue: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Compile one pattern per kind, on first use."""
    kinds = _WORDS[tongue].items()
    return tuple((plays_on, re.compile("|".join(words), re.IGNORECASE)) for plays_on, words in kinds)
