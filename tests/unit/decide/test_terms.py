"""An offer's own terms: time, market, age and person; in the gates they belong to, and what each candidate is sold under."""

from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pytest

from crosslift.decide.candidates import Candidates
from crosslift.decide.library import Library
from crosslift.decide.terms import BARE, Occasion, Terms
from crosslift.decide.verdicts import CODES
from crosslift.decide.who import NOBODY, Answers
from crosslift.domain.membership import PersonFacts
from crosslift.domain.money import Money
from crosslift.domain.offer import Offer, OfferKind, PriceLine
from crosslift.domain.profile import Profile
from crosslift.domain.rule import Gate


@pytest.fixture
def offer(little):
    def make(offer_id="visit", **given):
        line = PriceLine(Money(Decimal(30), "USD"))
        given = {"prices": (line,), **given}
        return Offer(offer_id, 1, OfferKind.SERVICE, {"en": "Visit"}, "mina", "asked for", little.NOW, **given)

    return make


@pytest.fixture
def ask(little, tea_known):
    """Judge some names found by a source; gives the code that stopped each, and what they are sold under."""

    def asked(offers, names, source="offer", facts=NOBODY, market=None, at=little.NOW, before=None):
        known = tea_known.with_library(Library(offers))
        items = np.array([known.index[name] for name in names], np.int32)
        none = np.zeros(len(items))
        found = Candidates(items, none + 1, np.zeros(len(items), np.int8), none, none - 1, none + 1, (source,))
        verdict = np.zeros(len(items), np.uint16)
        if before is not None:
            verdict[:] = before
        answers = Answers(facts, little.micros(at))
        terms = Terms(known, found, Occasion(at, at.date(), market), answers)
        for gate in Gate:
            terms.judge(gate, verdict)
        sold = terms.sold(verdict)
        codes = [CODES[v - 1].value if v else None for v in verdict.tolist()]
        return (
            codes,
            [(one := sold.offer_of(item)) and one.offer_id for item in items.tolist()],
            sold,
            answers,
            items.tolist(),
        )

    return asked


def person(**traits):
    return PersonFacts(Profile("customer:1", 0, traits=traits))


def test_without_terms_an_offer_passes_and_is_what_it_is_sold_under(ask, offer):
    assert ask([offer()], ["visit", "tea"])[:2] == ([None, None], ["visit", None])


def test_an_offer_that_has_not_begun_has_ended_or_is_out_of_season_is_not_yet(little, ask, offer):
    day = timedelta(days=1)
    offers = [offer("soon", starts_at=little.NOW + day), offer("over", ends_at=little.NOW), offer("may", months=(5,)),
              offer("now", starts_at=little.NOW, ends_at=little.NOW + day, months=(11,))]  # fmt: skip
    assert ask(offers, ["soon", "over", "may", "now"])[0] == ["not_yet", "not_yet", "not_yet", None]


def test_the_season_is_that_of_the_persons_own_day(little, tea_known, offer):
    known = tea_known.with_library(Library([offer(months=(12,))]))
    item, none = np.array([known.index["visit"]], np.int32), np.zeros(1)
    found = Candidates(item, none, np.zeros(1, np.int8), none, none - 1, none + 1, ("offer",))
    for day, code in ((date(2026, 11, 30), "not_yet"), (date(2026, 12, 1), None)):
        verdict = np.zeros(1, np.uint16)
        terms = Terms(known, found, Occasion(little.NOW, day), Answers(NOBODY, 0))
        terms.judge(Gate.APPLICABLE, verdict)
        assert (CODES[int(verdict[0]) - 1].value if verdict[0] else None) == code


def test_a_market_that_is_not_said_is_none(ask, offer):
    korean = [offer(markets=("KR", "JP"))]
    assert [ask(korean, ["visit"], market=one)[0] for one in ("KR", "US", None)] == [
        [None],
        ["wrong_market"],
        ["wrong_market"],
    ]


def test_an_age_that_is_not_known_is_not_reached(ask, offer):
    grown = [offer(min_age=19)]
    told = [ask(grown, ["visit"], facts=facts)[0][0] for facts in (
        NOBODY, person(age="18"), person(age="19"), person(birth_date="2007-11-02"), person(birth_date="2007-11-01"),
        person(birth_year="2007"), person(age="grown up"),
    )]  # fmt: skip
    assert told == ["too_young", "too_young", None, "too_young", None, "too_young", "too_young"]


def test_an_audience_holds_and_what_is_to_be_avoided_does_not(ask, offer):
    offers = [offer("club", audience="orders >= 3"), offer("calm", avoid="open_cases >= 1")]
    keen = PersonFacts(Profile("customer:1", 0, n_orders=3))
    vexed = PersonFacts(Profile("customer:1", 0, n_orders=3, open_cases=1))
    assert [ask(offers, ["club", "calm"], facts=facts)[0] for facts in (NOBODY, keen, vexed)] == [
        ["not_for_person", None], [None, None], [None, "not_for_person"]
    ]  # fmt: skip


def test_the_first_gate_wins_and_nothing_is_asked_of_the_person_in_vain(ask, offer):
    young = [offer(min_age=19, months=(5,), audience="orders >= 1")]
    assert ask(young, ["visit"])[0] == ["too_young"]
    codes, _, _, answers, _ = ask(young, ["visit"], facts=person(age="30"))
    assert (codes, answers.held) == (["not_yet"], ("age:19",))
    stopped = ask([offer(audience="orders >= 0")], ["visit"], before=CODES.index("out_of_stock") + 1)
    assert (stopped[0], stopped[1], stopped[3].held) == (["out_of_stock"], [None], ())


def test_a_product_whose_offer_does_not_hold_is_offered_bare(little, ask, offer):
    deals = [
        offer("deal", product_id="tea", ends_at=little.NOW),
        offer("cups", product_id="cup", audience="orders >= 3"),
    ]
    assert ask(deals, ["tea", "cup"], source="complement")[:2] == ([None, None], [None, None])
    assert ask(deals, ["tea", "cup"], source="offer")[0] == ["not_yet", "not_for_person"]
    assert ask(deals, ["tea", "cup"], source="goal")[0] == ["not_yet", "not_for_person"]


def test_what_protects_people_bars_the_product_too_however_it_was_found(ask, offer):
    wine = [offer("wine-deal", product_id="wine", min_age=19), offer("tea-deal", product_id="tea", avoid="orders = 0")]
    assert ask(wine, ["wine", "tea"], source="complement")[0] == ["too_young", "not_for_person"]
    abroad = [offer("wine-deal", product_id="wine", min_age=19, markets=("KR",))]
    assert ask(abroad, ["wine"], source="complement", market="US")[:2] == ([None], [None])


def test_what_is_no_product_has_no_bare_form(ask, offer):
    assert ask([offer(audience="orders >= 3")], ["visit"], source="upgrade")[0] == ["not_for_person"]


def test_of_several_offers_the_first_whose_terms_all_hold(little, ask, offer):
    offers = [offer("a", product_id="tea", ends_at=little.NOW), offer("b", product_id="tea", markets=("KR",)),
              offer("c", product_id="tea", audience="orders >= 3"), offer("d", product_id="tea")]  # fmt: skip
    assert ask(offers, ["tea"])[1] == ["d"]
    assert ask(offers, ["tea"], market="KR")[1] == ["b"]
    assert ask(offers, ["tea"], facts=PersonFacts(Profile("c", 0, n_orders=3)))[1] == ["c"]


def test_the_price_is_the_offers_where_it_names_one_else_the_catalogs(ask, offer):
    catalog = Money(Decimal(5), "USD")
    offers = [offer("deal", product_id="tea"), offer("told", product_id="cup", prices=())]
    _, _, sold, _, items = ask(offers, ["tea", "cup", "wine"])
    assert [sold.price_of(item, catalog).amount for item in items] == [30, 5, 5]
    assert BARE.price_of(0, catalog) == catalog


def test_a_used_share_is_read_of_an_audience_that_held(ask, offer):
    offers = [
        offer("bigger", audience='orders >= 0 and usage_share("storage") >= 0.8'),
        offer("plain", audience="orders >= 0"),
    ]
    used = PersonFacts(Profile("c", 0), usage={"storage": 0.9})
    _, names, sold, _, items = ask(offers, ["bigger", "plain"], facts=used)
    assert names == ["bigger", "plain"]
    assert [sold.used_share(item) for item in items] == [("storage", 0.8), None]
