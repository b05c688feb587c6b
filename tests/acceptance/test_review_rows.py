"""Row M09: the review of a week is made without a person, in three languages, and holds everything itself."""

import os
import re
import shutil
from ctypes.util import find_library
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser

import pytest

from crosslift.errors import BadInput, BadUsage
from crosslift.jobs import work
from crosslift.shop.reviewing import Reviewing
from crosslift.web import pdf
from crosslift.web.review import page_of

pytestmark = pytest.mark.usefixtures("_no_compiler")
BY = {"author": "mina", "reason": "what do offers bring"}


@pytest.fixture(scope="module")
def found(little, pantry_home, tmp_path_factory):
    """A week in which half of the people were kept from offers and the others clicked them."""
    home = tmp_path_factory.mktemp("week") / "home"
    shutil.copytree(pantry_home, home)
    clock = little.Clock(datetime(2026, 11, 4, 9, tzinfo=UTC))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CROSSLIFT_NO_JIT", "1")
        with little.open_shop(home, clock) as shop:
            vars(shop)["key"] = bytes(32)
            shop.experiments.hold_out(0.5, **BY, has_agreed=True)
            names = [f"h{number}" for number in range(120)]
            now = clock().isoformat()
            shop.put_facts("customers", [{"customer_id": name, "created_at": now} for name in names])
            shop.consents.record([
                {"customer_id": name, "purpose": "personalization", "channel": "*", "status": "granted", "source": "test",
                 "at": now}
                for name in names
            ])  # fmt: skip
            for name in names:
                shop.decide("cart", ["P00"], customer=name)
            shop.decide("cart", [])
            clock.now += timedelta(days=7)
            yield Reviewing(shop).of("2026-W45")


class Asked(HTMLParser):
    """What a page would ask of others."""

    def __init__(self):
        super().__init__()
        self.asked, self.tags = [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.asked += [value for name, value in attrs if name in ("src", "href", "data", "action", "srcset")]


def test_m09_the_week_holds_what_a_person_asks_of_it(found):
    assert (found["week"], found["first"], found["last"]) == ("2026-W45", "2026-11-02", "2026-11-08")
    assert set(found) >= {"loop", "holdout", "figures", "trials", "resting", "watch", "learned", "no_offer"}
    assert found["holdout"]["units"].keys() == {"held", "treated"}
    assert "credited" in found["holdout"]
    assert len(found["days"]) == 28
    assert found["loop"]["holdout"] == 0.5
    names = [row["name"] for row in found["figures"]]
    assert names[:3] == ["orders", "revenue", "aov"]
    assert found["learned"]["runs"][0]["state"] == "published"


@pytest.mark.parametrize(("language", "title"), [
    ("en", "Review of week 2026-W45"), ("ko", "2026-W45 주간 리뷰"), ("ja", "2026-W45の週次レビュー"),
])  # fmt: skip
def test_m09_the_page_is_whole_in_each_language(found, language, title):
    page = page_of(found, language, "Asia/Seoul")
    asked = Asked()
    asked.feed(page)
    assert asked.asked == []
    assert "script" not in asked.tags
    assert "url(" not in page
    assert "@import" not in page
    assert f'<html lang="{language}">' in page
    assert title in page
    assert page.count("<svg") == page.count('role="img"') == page.count("<desc id=") == 3
    assert page.count("<table") >= 4
    assert "@media print" in page
    headings = re.findall(r"<h([123])", page)
    assert headings[0] == "1"
    assert headings.count("1") == 1


def test_m09_the_review_is_written_by_a_job_without_a_person(shop):
    done = work.WORK["week"](shop)
    [file] = (shop.home / "reviews").iterdir()
    assert done.said == {"file": file.name}
    assert done.attention == (f"the review of the week is there: reviews/{file.name}",)
    assert "</html>" in file.read_text(encoding="utf-8")


def test_m09_a_week_that_is_none_or_not_over_is_refused(shop):
    for week, why in (("2026-44", "is no week"), ("2026-W60", "is no week"), ("2026-W44", "not over yet")):
        with pytest.raises(BadInput, match=why):
            Reviewing(shop).of(week)


def test_m09_the_page_becomes_a_pdf_in_a_process_of_its_own(found):
    if not os.environ.get("CI") and find_library("pangoft2-1.0") is None:
        pytest.skip("no Pango on this machine, which WeasyPrint sets text with; apt-get install libpangoft2-1.0-0")
    assert pdf.pdf_of(page_of(found, "ko", "Asia/Seoul")).startswith(b"%PDF")


def test_m09_without_the_extra_a_pdf_says_what_to_install(monkeypatch):
    monkeypatch.setattr(pdf, "find_spec", lambda name: None)
    with pytest.raises(BadUsage, match=r"pip install 'crosslift\[pdf\]'"):
        pdf.pdf_of("<p>x</p>")
