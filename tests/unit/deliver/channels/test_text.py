"""A decision as plain text: the price in all, the true reason, the code, and a no that costs nothing."""

from datetime import date
from decimal import Decimal

import pytest

from crosslift.deliver.channels.columns import columns
from crosslift.deliver.channels.text import PAPERS, PriceRow, Slip, SlipBar, SlipOffer, SlipSet, paper_of, rendered
from crosslift.domain.money import Money
from crosslift.domain.placement import PLACEMENTS
from crosslift.errors import BadInput
from crosslift.wording import slip
from crosslift.wording.messages import LANGUAGES


def won(amount):
    return Money(Decimal(amount), "KRW")


FILTERS = SlipOffer(
    "Paper filters", "Cone dripper needs this.", won(6500), True, code="K7QM3XPA", until=date(2026, 3, 12),
    notes=("Cancel until the day before.",),
)  # fmt: skip
PLAN = SlipOffer(
    "Care plan",
    "Offered beside it.",
    won(129_800),
    True,
    (PriceRow(won(9900), "Setup"), PriceRow(won(9990), None, "month")),
)


def test_papers_answer_for_placements_that_are_there_and_are_named_where_one_is_not():
    assert {one.placement for one in PAPERS.values()} <= PLACEMENTS.keys()
    assert tuple(PAPERS) == slip.PAPERS
    with pytest.raises(BadInput, match="'fax' is none of chat, kiosk, till, receipt"):
        paper_of("fax")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("paper", PAPERS.values(), ids=lambda one: one.name)
def test_every_paper_says_price_tax_reason_code_and_how_to_say_no(paper, language):
    text = rendered(Slip(language, (FILTERS,)), paper)
    flat = "".join(text.split())
    for told in (
        FILTERS.title, FILTERS.reason, FILTERS.notes[0], slip.price(FILTERS.total, language),
        slip.tax(language, is_included=True), slip.code(FILTERS.code, FILTERS.until, language),
        slip.say(f"no.{paper.name}", language), slip.say(f"heading.{paper.name}", language),
    ):  # fmt: skip
        assert "".join(told.split()) in flat
    assert all(columns(line) <= paper.width for line in text.splitlines())


def test_an_offer_of_several_prices_shows_each_with_its_period_and_the_total():
    text = rendered(Slip("en", (PLAN,)), PAPERS["till"])
    assert "Setup" in text
    assert "₩9,990 a month" in text
    assert "₩129,800 tax included" in text


def test_a_set_says_that_its_parts_are_sold_alone_and_what_it_saves_only_where_it_does():
    saving, none = SlipSet("Morning set", won(28_000), won(30_500)), SlipSet("Morning look", won(30_500), won(30_500))
    assert "₩28,000 instead of ₩30,500" in rendered(Slip("en", (), (saving,)), PAPERS["till"])
    plain = rendered(Slip("en", (), (none,)), PAPERS["till"])
    assert "instead of" not in plain
    assert "Each part is also sold alone." in plain


def test_nothing_to_offer_is_said_and_nothing_is_declined():
    text = rendered(Slip("ko", bar=SlipBar("무료 배송", won(3000))), PAPERS["receipt"])
    assert "안내드릴 상품이 없어요." in text
    assert "3,000원" in text
    assert "그대로 두시면" not in text


def test_a_bar_that_is_reached_says_nothing():
    assert "무료" not in rendered(Slip("ko", (FILTERS,), bar=SlipBar("무료 배송", won(0))), PAPERS["receipt"])


def test_a_kiosk_numbers_its_offers_and_zero_is_no():
    text = rendered(Slip("en", (FILTERS, PLAN)), PAPERS["kiosk"])
    assert "1: Paper filters" in text
    assert "2: Care plan" in text
    assert text.endswith("0: No, thank you\n")


@pytest.mark.parametrize("width", [19, 121])
def test_a_width_that_cannot_be_set_is_refused(width):
    with pytest.raises(BadInput, match="from 20 to 120"):
        rendered(Slip("en"), PAPERS["till"], width)


def test_a_hostile_title_cannot_reach_the_printer():
    text = rendered(Slip("en", (SlipOffer("Mug\x1b@\x1dV0\r\n", "r", won(1), True),)), PAPERS["receipt"])
    assert "\x1b" not in text
    assert "\x1d" not in text
    assert "\r" not in text
