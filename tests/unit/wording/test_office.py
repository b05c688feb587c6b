import re
from pathlib import Path

import pytest

import crosslift.web
from crosslift.wording.messages import LANGUAGES
from crosslift.wording.office import KEYS, NOTICES, ago, teller

PAGES = Path(crosslift.web.__file__).parent


@pytest.mark.parametrize(
    ("seconds", "language", "said"),
    [
        (0, "en", "just now"), (-5, "ko", "방금"), (60, "en", "1 minute ago"), (3599, "ja", "59分前"), (3600, "ko", "1시간 전"),
        (86_400, "en", "1 day ago"), (40 * 86_400, "ja", "40日前"),
    ],
)  # fmt: skip
def test_how_long_ago_is_said_in_the_largest_unit(seconds, language, said):
    assert ago(seconds, language) == said


def test_names_from_outside_stay_as_they_are():
    assert teller("en")("loop.collected", file="{n} <b>", n="3") == "{n} <b>, 3 rows"


def test_templates_say_only_what_has_a_message():
    said = {
        key
        for path in (PAGES / "templates" / "office").glob("*.html")
        for key in re.findall(r"\bt\('([a-z_.]+[a-z_])'", path.read_text(encoding="utf-8"))
    }
    assert said <= {*KEYS}
    assert {f"done.{one}" for one in NOTICES} <= {*KEYS}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_can_be_said(language):
    tell = teller(language)
    names = {
        "n", "file", "day", "who", "why", "job", "id", "all", "value", "baskets", "share", "first", "last", "when", "product",
        "heads", "name", "before", "chance", "change", "error", "figure", "gone", "high", "low", "made", "of", "psi", "week",
    }  # fmt: skip
    assert all(tell(key, **dict.fromkeys(names, "x")) for key in KEYS if not key.startswith("ago."))
