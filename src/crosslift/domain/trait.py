"""Traits of people, and those that must never be used to score, group or price anybody.

This is the one place where that is decided: whatever learns from people or decides about them reads their traits through
`usable`. The others stay with the person, for export, for the desk, and for the report that shows who is reached.
"""

from collections.abc import Iterable, Mapping
from datetime import date

AGE, BIRTH_YEAR = "age", "birth_year"
BIRTH_DATES = ("birth_date", "date_of_birth", "birthday", "birthdate")
AGE_TRAITS = frozenset({AGE, BIRTH_YEAR, *BIRTH_DATES})
"""Traits an age is read from."""
OLDEST = 130


def sensitive_names(setting: str) -> frozenset[str]:
    """Read the names of a setting, separated by commas.

    The default of `profile.sensitive_traits` is what the law of most markets sets apart (GDPR article 9, PIPA article 23,
    APPI article 2); a shop adds its own.

    Examples
    --------
    >>> sorted(sensitive_names("Religion, sexual orientation"))
    ['religion', 'sexual_orientation']
    """
    return frozenset(filter(None, map(_plain, setting.split(","))))


def is_sensitive(name: str, sensitive: Iterable[str]) -> bool:
    """Tell whether a trait is sensitive, or a part of one that is.

    Examples
    --------
    >>> [is_sensitive(name, {"health"}) for name in ("Health", "health.allergies", "health_status", "wealth")]
    [True, True, True, False]
    """
    plain = _plain(name)
    return any(plain == one or plain.startswith((f"{one}.", f"{one}_")) for one in sensitive)


def usable(traits: Mapping[str, str], sensitive: Iterable[str]) -> dict[str, str]:
    """Give the traits that may be learned from and decided by; the sensitive ones are left out."""
    names = frozenset(sensitive)
    return {name: value for name, value in traits.items() if not is_sensitive(name, names)}


def age_of(traits: Mapping[str, str], on: date) -> int | None:
    """Read how many years somebody has lived on a day; None where no trait says so, or none that can be.

    Of a birth year alone the birthday is taken to be still to come.

    Examples
    --------
    >>> age_of({"birth_date": "2007-03-05"}, date(2026, 3, 4)), age_of({"birth_year": "2007"}, date(2026, 12, 31))
    (18, 18)
    >>> age_of({"age": "about 30"}, date(2026, 3, 4)) is None
    True
    """
    for name in BIRTH_DATES:
        try:
            born = date.fromisoformat(traits.get(name, "").strip()[:10])
        except ValueError:
            continue
        return _sane(on.year - born.year - ((on.month, on.day) < (born.month, born.day)))
    if (year := _whole(traits.get(BIRTH_YEAR, ""))) is not None:
        return _sane(on.year - year - 1)
    told = _whole(traits.get(AGE, ""))
    return None if told is None else _sane(told)


def _whole(text: str) -> int | None:
    bare = text.strip()
    return int(bare) if bare.isascii() and bare.isdigit() and len(bare) <= 4 else None


def _sane(years: int) -> int | None:
    return years if 0 <= years <= OLDEST else None


def _plain(name: str) -> str:
    return "_".join(name.casefold().replace("-", " ").replace("_", " ").split())
