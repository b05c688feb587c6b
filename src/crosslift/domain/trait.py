"""Traits of people, and those that must never be used to score, group or price anybody.

This is the one place where that is decided: whatever learns from people or decides about them reads their traits through
`usable`. The others stay with the person, for export, for the desk, and for the report that shows who is reached.
"""

from collections.abc import Iterable, Mapping


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


def _plain(name: str) -> str:
    return "_".join(name.casefold().replace("-", " ").replace("_", " ").split())
