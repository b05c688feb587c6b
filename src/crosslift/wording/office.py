"""The fixed texts of the back office, and how long ago something was."""

from collections.abc import Callable
from functools import cache

from crosslift.wording.formats import number
from crosslift.wording.messages import Noun, language_of, text
from crosslift.wording.office_keys import KEYS, NOTICES

__all__ = ["KEYS", "NOTICES", "ago", "teller"]

_SPANS = (("days", 86_400), ("hours", 3600), ("minutes", 60))
Teller = Callable[..., str]


@cache
def teller(language: str) -> Teller:
    """Give what says the messages of the back office in one language.

    Returns
    -------
    callable
        Takes a key of `KEYS`, and what the message holds by name; names from outside take their Korean particle.

    Examples
    --------
    >>> t = teller("ko")
    >>> t("page.home"), t("done.password")
    ('홈', '비밀번호를 정했어요. 이제 로그인하세요.')
    """
    tongue = language_of(language)

    def tell(key: str, **values: str) -> str:
        return text(f"office.{key}", tongue, None, **{name: Noun(value) for name, value in values.items()})

    return tell


def ago(seconds: float, language: str) -> str:
    """Say how long ago something was, in the largest unit it fills.

    Examples
    --------
    >>> ago(7300, "en"), ago(7300, "ko"), ago(30, "ja"), ago(3 * 86400, "en")
    ('2 hours ago', '2시간 전', 'たった今', '3 days ago')
    """
    for unit, size in _SPANS:
        n = int(seconds // size)
        if n >= 1:
            return text(f"office.ago.{unit}", language, n, n=number(n, language))
    return text("office.ago.now", language)
