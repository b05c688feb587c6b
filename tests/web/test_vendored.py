"""What others wrote and we hand on: unchanged, with its licence, one version."""

from hashlib import sha256
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
VENDORED = {
    "src/crosslift/web/static/vendor/htmx-2.0.11": (
        "d6fdc75f204e6bdefa99b69bf1e6d4ac69b8a364f77929f45c13476b4000f717", 'version:"2.0.11"', "Zero-Clause BSD",
    ),
    "tests/browser/vendor/axe-4.14.1": (
        "29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c", "axe v4.14.1", "Mozilla Public License",
    ),
}  # fmt: skip
"""File to the SHA-256 of the minified file in its npm package (htmx.org, axe-core), what names its version, its licence."""


@pytest.mark.parametrize("name", VENDORED)
def test_a_vendored_file_is_the_one_its_package_holds(name):
    expected, version, licence = VENDORED[name]
    content = (ROOT / f"{name}.min.js").read_bytes()
    assert sha256(content).hexdigest() == expected
    assert version in content.decode()
    assert licence in (ROOT / f"{name}.LICENSE.txt").read_text(encoding="utf-8")


def test_no_script_is_handed_on_that_is_not_named_here():
    found = {
        path.relative_to(ROOT).as_posix().removesuffix(".min.js")
        for path in (ROOT / "src").rglob("*.min.js")
    }  # fmt: skip
    assert found == {name for name in VENDORED if name.startswith("src/")}
