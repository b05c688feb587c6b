"""What was noticed in the data, in the language of whoever looks: by code where we have words for it, else as it was written."""

from collections.abc import Iterable
from dataclasses import dataclass

from crosslift.collect.findings import Finding
from crosslift.wording.formats import number
from crosslift.wording.messages import language_of
from crosslift.wording.office import KEYS, teller


@dataclass(frozen=True, slots=True)
class Told:
    """One finding as a page shows it; `is_ours` tells whether it speaks the reader's language."""

    code: str
    severity: str
    count: str
    message: str
    effect: str
    remedy: str
    samples: tuple[str, ...]
    is_ours: bool


def told(findings: Iterable[Finding], language: str) -> list[Told]:
    """Say each finding in a language."""
    return [_told(one, language) for one in findings]


def _told(one: Finding, language: str) -> Told:
    count, key, tell = number(one.count, language), f"finding.{one.code}", teller(language)
    if language_of(language) == "en" or f"{key}.what" not in KEYS:
        return Told(
            one.code, one.severity, count, one.message, one.effect, one.remedy, tuple(one.samples),
            is_ours=language_of(language) == "en",
        )  # fmt: skip
    said = (tell(f"{key}.what", n=count), tell(f"{key}.effect"), tell(f"{key}.remedy"))
    return Told(one.code, one.severity, count, *said, tuple(one.samples), is_ours=True)
