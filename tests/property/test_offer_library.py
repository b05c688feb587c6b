"""Any valid offer is the same through every door and every row; a library changes no decision about products alone."""

import csv
import io
import json
import os
import unicodedata
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crosslift.collect.offers import plain, read_file, read_items
from crosslift.decide.decider import decide
from crosslift.decide.library import Library
from crosslift.decide.overlay import Overlay
from crosslift.domain.customer import Person, Purpose
from crosslift.domain.decision import Request
from crosslift.domain.money import Money
from crosslift.domain.offer import Offer, OfferKind, Period, PriceLine, Proof
from crosslift.domain.placement import PLACEMENTS
from crosslift.domain.policy import BUILT_IN
from crosslift.errors import BadInput
from crosslift.settings import Settings
from crosslift.store.offer_rows import offer_of, row_of
from crosslift.wording.pressure import pressure_words

SETTINGS = Settings.load({}, environment={})
EXAMPLES = settings(deadline=None, max_examples=40)
NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
NAMES = tuple(f"P{i:02}" for i in range(24))

ids = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,20}", fullmatch=True)
words = (
    st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp", "Co")), min_size=1, max_size=30)
    .map(lambda text: unicodedata.normalize("NFC", text).strip())
    .filter(lambda text: text and " | " not in f" {text} " and not text.isspace())
    .filter(lambda text: not any(pressure_words(text, language) for language in ("en", "ko", "ja")))
)
"""Text may hold strings of the package itself, which Hypothesis draws from too: those the ethics lint refuses are left out."""
tags = st.sampled_from(("en", "ko", "ja", "pt-BR"))
spoken = st.dictionaries(tags, words, max_size=3)
several = st.lists(words, max_size=3).map(tuple)
audiences = st.sampled_from(("", "orders >= 3", 'not consent("marketing")'))
rates = st.none() | st.integers(0, 1000).map(lambda n: Decimal(n) / 1000)


def amounts(currency):
    return st.integers(0, 10**12).map(lambda micros: Money.from_micros(micros, currency))


@st.composite
def lines(draw, currency):
    period = draw(st.none() | st.sampled_from(Period))
    n_periods = draw(st.none() | st.integers(1, 36)) if period else None
    rate = draw(rates)
    includes = True if rate is None else draw(st.booleans())
    return PriceLine(draw(amounts(currency)), period, n_periods, rate, includes, draw(spoken))


@st.composite
def prices(draw):
    """Draw price lines and the total that they come to, as the merchant has to write it."""
    currency = draw(st.sampled_from(("KRW", "USD", "KWD")))
    found = tuple(draw(st.lists(lines(currency), min_size=1, max_size=3)))
    if len(found) == 1 and found[0].period is None and draw(st.booleans()):
        return found, None, currency
    total = Money(sum((line.least.amount for line in found), Decimal(0)), currency)
    return found, Money.from_micros(total.to_micros(), currency), currency


@st.composite
def offers(draw, offer_id=ids):
    is_free = draw(st.booleans())
    found, total, currency = ((), None, "USD") if is_free else draw(prices())
    starts = draw(
        st.none() | st.integers(0, 10**6).map(lambda hours: datetime(1990, 1, 1, tzinfo=UTC) + timedelta(hours=hours))
    )
    titles = {"en": draw(words), **draw(spoken)}
    is_recurring = any(line.period for line in found)
    way_out = {language: draw(words) for language in titles if is_recurring}
    return Offer(
        draw(offer_id), 0, draw(st.sampled_from(OfferKind)), titles, "mina", "as drawn", NOW,
        category=draw(st.none() | words), benefits=draw(st.dictionaries(tags, several.filter(len), max_size=3)), prices=found,
        total=total, cost=draw(st.none() | amounts(currency)), is_free=is_free, terms=draw(spoken),
        cancellation={**draw(spoken), **way_out}, guarantee=draw(spoken),
        proofs=tuple(draw(st.lists(st.builds(Proof, spoken.filter(len), words, st.none() | words), max_size=2))),
        goals=draw(several), beside=draw(several), audience=draw(audiences),
        avoid=draw(st.sampled_from(("", "open_cases > 0"))), markets=draw(several), licences=draw(several),
        min_age=draw(st.none() | st.integers(0, 99)), is_advice=draw(st.booleans()), starts_at=starts,
        ends_at=draw(st.none() | st.just((starts or NOW) + timedelta(days=9))),
        months=tuple(draw(st.lists(st.integers(1, 12), max_size=3))), staff_brief=draw(st.just("") | words),
        tags=draw(several), is_active=draw(st.booleans()),
    )  # fmt: skip


def cells(row):
    """Write a listed offer as the cells of a table."""
    return {
        name: json.dumps(value) if name in ("lines", "proofs") else " | ".join(map(str, value)) if isinstance(value, list)
        else str(value).lower() if isinstance(value, bool) else value
        for name, value in row.items()
    }  # fmt: skip


def as_toml(row):
    """Write a listed offer as a TOML table."""
    return "[[offers]]\n" + "".join(f"{json.dumps(name)} = {toml(value)}\n" for name, value in row.items())


def toml(value):
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(name)} = {toml(one)}" for name, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    if isinstance(value, str):
        return '"' + "".join(c if c.isprintable() and c not in '"\\' else f"\\U{ord(c):08x}" for c in value) + '"'
    return json.dumps(value)


def contents(read):
    return [draft.offer.content for draft in read.drafts]


@EXAMPLES
@given(st.lists(offers(), min_size=1, max_size=3, unique_by=lambda offer: offer.offer_id))
def test_any_valid_offer_is_the_same_through_every_door(tmp_path_factory, drawn):
    folder = tmp_path_factory.mktemp("doors")
    wanted, rows = [offer.content for offer in drawn], [plain(offer) for offer in drawn]
    assert contents(read_items(json.loads(json.dumps(rows)), SETTINGS)) == wanted
    (folder / "offers.toml").write_text("\n".join(map(as_toml, rows)), encoding="utf-8")
    assert contents(read_file(folder / "offers.toml", SETTINGS)) == wanted
    table = io.StringIO(newline="")
    writer = csv.DictWriter(table, list(dict.fromkeys(name for row in rows for name in row)))
    writer.writeheader()
    writer.writerows(map(cells, rows))
    (folder / "offers.csv").write_text(table.getvalue(), encoding="utf-8", newline="")
    assert contents(read_file(folder / "offers.csv", SETTINGS)) == wanted


@EXAMPLES
@given(offers())
def test_an_offer_comes_back_from_its_row_to_the_last_letter(offer):
    assert offer_of({**row_of(offer), "version": 0}) == offer


@EXAMPLES
@given(prices(), st.integers(1, 10**6))
def test_a_total_below_what_the_lines_come_to_is_never_taken(drawn, micros):
    found, _, currency = drawn
    found = (*found, PriceLine(Money(Decimal(1000), currency)))
    known = sum((line.least.amount for line in found), Decimal(0))
    total = Money.from_micros(Money(known, currency).to_micros(), currency)
    made = Offer("o", 1, OfferKind.SERVICE, {"en": "o"}, "a", "b", NOW, prices=found, total=total)
    with pytest.raises(BadInput, match="is less than its price lines come to"):
        replace(made, total=Money(known - len(found) - Decimal(micros) / 10**6, currency))


@pytest.fixture(scope="module")
def little(load_script):
    return load_script("tests/unit/shop/little.py")


@pytest.fixture(scope="module")
def known(little):
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(os.environ, "CROSSLIFT_NO_JIT", "1")
        pantry = little.pantry(600)
        yield little.knowledge(pantry.orders, little.products(*(
            {"product_id": row["product_id"], "title": row["title"], "category": row["category"], "price_micros": 5_000_000}
            for row in pantry.catalog
        )))  # fmt: skip


@EXAMPLES
@given(
    drawn=st.lists(
        offers(st.sampled_from([f"o{i}" for i in range(9)])), max_size=5, unique_by=lambda offer: offer.offer_id
    ),
    placement=st.sampled_from(sorted(PLACEMENTS)),
    cart=st.lists(st.sampled_from(NAMES), max_size=4),
    product=st.none() | st.sampled_from(NAMES),
    sold_out=st.sets(st.sampled_from(NAMES), max_size=4),
    policy=st.sampled_from(sorted(BUILT_IN)),
    purpose=st.sampled_from((None, Purpose.CONTEXTUAL, Purpose.EVALUATION)),
)
def test_a_library_changes_no_decision_about_products_alone(
    little, known, drawn, placement, cart, product, sold_out, policy, purpose
):
    """Offers that nothing here leads to: the answer is the same in every part, with them and without."""
    apart = [replace(one, beside=("elsewhere",), goals=("nobody's",), category=None, is_active=True) for one in drawn]
    rows = {name: little.live(name, stock=0 if name in sold_out else None) for name in known.products}
    request = Request(placement, little.NOW, cart=tuple(cart), product=product, policy=policy, purpose=purpose, k=6)
    plain_one, extended = known, known.with_library(Library(apart))
    (bare, read), (dressed, again) = (
        decide(request, "d" * 32, one, Overlay(one, 1, rows), Person(), BUILT_IN[policy], PLACEMENTS[placement])
        for one in (plain_one, extended)
    )
    assert dressed == bare
    assert again == read
