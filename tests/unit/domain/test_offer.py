"""Offers: what is refused before anybody sees it, and what a promise still is."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from crosslift.domain.money import Money
from crosslift.domain.offer import Offer, OfferKind, Period, PriceLine, Promise, PromiseState, Proof
from crosslift.errors import BadInput

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)


def won(amount):
    return Money(Decimal(amount), "KRW")


def offer(**given):
    given = {"prices": (PriceLine(won(30_000)),), **given}
    return Offer(
        "setup-visit", 1, OfferKind.SERVICE, {"en": "Setup visit", "ko": "설치 방문"}, "mina", "asked for", NOW, **given
    )


MONTHLY = PriceLine(won(9_900), Period.MONTH, 12)
ENDLESS = PriceLine(won(9_900), Period.MONTH)


@pytest.mark.parametrize(
    ("given", "place", "why"),
    [
        ({"offer_id": "no spaces"}, "offer_id", "use letters, digits"),
        ({"titles": {"en": " "}}, "title", "it has no title"),
        ({"author": " "}, "author", "its author is missing; say who wrote this version and why"),
        ({"reason": ""}, "reason", "its reason is missing"),
        ({"prices": ()}, "price", "it has no price; give price lines, or is_free = true"),
        ({"is_free": True}, "is_free", "it is free and has a price"),
        ({"prices": (), "total": won(1)}, "price", "it has a total and no price line"),
        ({"prices": (PriceLine(won(1)), MONTHLY)}, "total", "its total is missing; say what is paid in all"),
        ({"prices": (ENDLESS,)}, "total", "its total is missing"),
        (
            {"prices": (PriceLine(won(1)), ENDLESS), "total": won(9_000)},
            "total",
            "is less than its price lines come to, 9901",
        ),
        (
            {"prices": (PriceLine(won(100)), MONTHLY), "total": won(200_000)},
            "total",
            "is more than its price lines come to",
        ),
        ({"prices": (PriceLine(won(100), includes_tax=False),)}, "total", "without tax and nobody says how much"),
        ({"prices": (PriceLine(won(-1)),)}, "price", "below 0; a discount is a coupon"),
        ({"cost": Money(Decimal(1), "USD")}, "currency", "in several currencies; make one offer for each"),
        ({"prices": (PriceLine(won(1), None, 3),), "total": won(3)}, "n_periods", "give its period too"),
        ({"prices": (PriceLine(won(1), tax_rate=Decimal(10)),)}, "tax_rate", "ten percent is 0.1"),
        ({"titles": {"english!": "x"}}, "title", "is no language tag"),
        ({"proofs": (Proof({"en": "great"}, " "),)}, "proofs", "a proof needs its words and its source"),
        ({"starts_at": datetime(2026, 1, 1)}, "starts_at", "give its time with a zone"),  # noqa: DTZ001 - that is the point
        ({"starts_at": NOW, "ends_at": NOW}, "ends_at", "it ends before it starts"),
        ({"months": (0,)}, "months", "numbers from 1 to 12"),
        ({"min_age": 200}, "min_age", "from 0 to 150"),
        ({"step_of": "setup-visit"}, "step_of", "a step up from itself"),
        ({"audience": "ordrs >= 1"}, "audience", "cannot be read: .*did you mean orders"),
        ({"avoid": "and"}, "avoid", "cannot be read"),
    ],
)
def test_what_must_never_be_shown_is_refused_by_its_column(given, place, why):
    with pytest.raises(BadInput, match=why) as refused:
        replace(offer(), **given)
    assert refused.value.where.endswith(f", {place}")


def test_a_price_that_hides_nothing_is_taken():
    assert offer().pays == won(30_000)
    assert offer(prices=(PriceLine(won(30_000)), MONTHLY), total=won(148_800)).pays == won(148_800)
    assert offer(prices=(ENDLESS,), total=won(118_800)).pays == won(118_800)  # a first year of what goes on
    net = PriceLine(won(100), tax_rate=Decimal("0.1"), includes_tax=False)
    assert (net.gross, offer(prices=(net,)).pays) == (won(110), won(110))
    assert offer(prices=(), is_free=True).pays is None
    assert offer(prices=(), product_id="T-40").pays is None


def test_a_total_may_differ_by_what_rounding_each_line_takes():
    third = PriceLine(Money(Decimal("3.333333"), "USD"), Period.MONTH, 3)
    assert offer(prices=(third,), total=Money(Decimal(10), "USD")).pays == Money(Decimal(10), "USD")


def test_it_is_sold_as_its_product_else_under_its_own_id():
    assert (offer().sold_as, offer(product_id="T-40").sold_as) == ("setup-visit", "T-40")


def test_two_versions_that_say_the_same_have_the_same_content():
    later = replace(offer(), version=2, author="jun", reason="typo", created_at=NOW + timedelta(days=1))
    assert later.content == offer().content
    assert replace(later, category="visits").content != offer().content


def test_the_title_is_the_readers_else_english_else_any():
    assert [offer().title(tag) for tag in ("ko-KR", "ko", "fr")] == ["설치 방문", "설치 방문", "Setup visit"]
    assert replace(offer(), titles={"ja": "設置"}).title("en") == "設置"


def test_an_offer_runs_from_its_start_until_the_instant_it_ends():
    timed = offer(starts_at=NOW, ends_at=NOW + timedelta(hours=1))
    at = [timed.runs_at(NOW + timedelta(seconds=s)) for s in (-1, 0, 3599, 3600)]
    assert at == [False, True, True, False]


def test_a_promise_is_open_until_its_end_and_redeemed_for_good():
    promise = Promise("K7QM3XPA", "d" * 32, None, None, "T-40", won(1), NOW, NOW + timedelta(days=7))
    assert promise.state(NOW) is PromiseState.OPEN
    assert promise.state(promise.ends_at) is PromiseState.EXPIRED
    assert replace(promise, redeemed_at=NOW).state(promise.ends_at) is PromiseState.REDEEMED
