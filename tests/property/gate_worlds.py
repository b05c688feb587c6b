"""Random small shops with everything a gate can ask: plain tables first, then the same as a snapshot, an overlay and people.

The plain tables are what `naive_gates` reads; what `decide` is handed is made from them here. Loaded by `load_script`.
"""

import random
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import numpy as np

from crosslift.decide.curation import CuratedLink
from crosslift.decide.facets import FacetRow, Facets
from crosslift.decide.knowledge import MORE_PAIR_COLUMNS, PAIR_COLUMNS, Knowledge, LiveRow
from crosslift.decide.library import Library
from crosslift.decide.overlay import Overlay
from crosslift.domain.customer import Due, Person
from crosslift.domain.decision import Request
from crosslift.domain.membership import PersonFacts
from crosslift.domain.money import Money
from crosslift.domain.offer import Offer, OfferKind, PriceLine
from crosslift.domain.placement import PLACEMENTS
from crosslift.domain.policy import HELPFUL, Goal, Policy
from crosslift.domain.pressure import (
    Cap,
    Contact,
    ContactState,
    Cooldown,
    PressureLimits,
    PressureState,
    QuietHours,
    Reacted,
    Reaction,
)
from crosslift.domain.profile import Profile, ReturnVisits
from crosslift.domain.rule import Daypart, Gate, Moment, Rule, Selector
from crosslift.domain.value import ValueTerms

DAY = 86_400_000_000
N_PRODUCTS = 28
NAMES = [f"P{i:02}" for i in range(N_PRODUCTS)]
SHELVES = ("food/tea", "food/cakes", "food", "home/cups", "home", None)
MARKETS = ("KR", "JP", "AU")
"""Markets with orders; requests also come from NZ and DE, which have none, and from nowhere."""
ASKED_FROM = (*MARKETS, "NZ", "DE", None)
WINTER, SUMMER = (12, 1, 2), (6, 7, 8)
WHO = (
    'trait("age") < 18', 'not (trait("age") >= 18)', "orders >= 3", 'stage is "lapse"', "open_cases > 0",
    'contribution_class is "unprofitable"', 'owns("P01")', "orders >= 1 and clv is unknown",
)  # fmt: skip
GOALS = ("sleep", "warmth")
LICENCES = ("credit", "travel")
EVIDENCE = {
    "required": ({"n_both": 8, "n_a": 10}, {"basis": "rule", "attribute": "size", "value": "02"}),
    "fits": ({}, None), "excludes": ({}, None), "included": ({}, None),
    "upgrade": ({"n_switched": 3}, {"benefits": [{"attribute": "liters", "from": 1, "to": 2}], "currency": "USD"}),
    "substitute": ({"n_viewed_both": 30}, {"basis": "viewed", "shared": []}),
    "sequence": ({"n_both": 40, "n_a": 90, "expected": 5.0, "lag_median": 30.0, "lag_q1": 20.0, "lag_q3": 50.0,
                  "strength": 1}, None),
    "held": ({"n_both": 40, "n_a": 90, "expected": 5.0, "strength": 1}, None),
    "alike": ({"similarity": 0.5}, {"shared": [{"attribute": "material", "value": "steel"}]}),
    "category_companion": ({"n_both": 40, "n_a": 90}, None),
}  # fmt: skip
MANY = {"upgrade": 40, "alike": 40, "substitute": 25}


@dataclass(slots=True)
class World:
    """One shop: its plain tables, and what `decide` is handed."""

    shelves: dict[str, str | None]
    consumable: set[str]
    costs: dict[str, float]
    dates: dict[str, int]
    pairs: dict[frozenset[str], dict[str, Any]]
    links: dict[str, set[tuple[str, str]]]
    rows: dict[str, LiveRow]
    facets: dict[str, FacetRow]
    curated: list[CuratedLink]
    offers: list[Offer]
    policies: list[Policy]
    people: list[Person]
    known: Knowledge
    live: Overlay
    popularity: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Asked:
    """One context: everything `decide` takes."""

    request: Request
    person: Person
    policy: Policy
    licences: frozenset[str]


def world(seed: int) -> World:
    """Draw a shop."""
    chance = random.Random(seed)
    shelves = {name: chance.choice(SHELVES) for name in NAMES}
    consumable = {name for name in NAMES if chance.random() < 0.2}
    costs = {name: round(chance.uniform(1, 12), 2) for name in NAMES if chance.random() < 0.7}
    dates = {name: chance.choice((-3, 5, 40)) for name in NAMES if chance.random() < 0.15}
    pairs = {frozenset(chance.sample(NAMES, 2)): _condition(chance) for _ in range(60)}
    links = {kind: {tuple(chance.sample(NAMES, 2)) for _ in range(MANY.get(kind, 14))} for kind in EVIDENCE}
    rows = _rows(chance)
    facets = {name: _facet(chance, name, rows, shelves) for name in rows}
    curated = [_link(chance) for _ in range(chance.randrange(6))]
    offers = [_offer(chance, number) for number in range(chance.randrange(6))]
    known = _knowledge(chance, shelves, consumable, costs, dates, pairs, links).with_library(Library(offers))
    live = Overlay(known, 1, rows, curated, (), Facets(known, facets, frozenset({"tags", "size"}), is_live=True))
    policies = [_policy(chance) for _ in range(5)]
    people = [_person(chance, number) for number in range(16)]
    return World(
        shelves, consumable, costs, dates, pairs, links, rows, facets, curated, offers, policies, people, known, live
    )


def contexts(shop: World, seed: int, n: int) -> list[Asked]:
    """Draw contexts in it."""
    chance = random.Random(seed)
    return [_asked(chance, shop) for _ in range(n)]


def _asked(chance: random.Random, shop: World) -> Asked:
    names = [*NAMES, *(name for name in shop.rows if "-" in name), *(one.offer_id for one in shop.offers)]
    person = chance.choice(shop.people) if chance.random() < 0.7 else Person()
    policy = chance.choice(shop.policies)
    customer = person.identity.removeprefix("customer:") if person.identity else None
    some = lambda most: tuple(chance.sample(names, chance.randrange(most)))  # noqa: E731
    request = Request(
        chance.choice(tuple(PLACEMENTS)), now_of(chance), customer, some(4), some(3), chance.choice((None, 3, 8)),
        some(3), policy.name, None, "en", chance.choice(ASKED_FROM),
        chance.choice((None, None, *NAMES[:9])), kinds=(),
        session_id=chance.choice((None, "s1")), device=chance.choice((None, "mobile", "desktop")),
        dwell_seconds=chance.choice((None, 3.0, 10.0, 60.0)), viewed=some(4), agent_id=chance.choice((None, None, "kim")),
        goals=tuple(chance.sample(GOALS, chance.randrange(2))),
    )  # fmt: skip
    return Asked(request, person, policy, frozenset(chance.sample(LICENCES, chance.randrange(3))))


def now_of(chance: random.Random) -> datetime:
    """Draw an instant: of any month, day of the week and hour, more often around the first of July."""
    days = 365 if chance.random() < 0.3 else 60
    return datetime(2026, 7, 1, tzinfo=UTC) + timedelta(hours=chance.randrange(-12 * days, 12 * days))


def _condition(chance: random.Random) -> dict[str, Any]:
    """Give where and when a relation holds: mostly everywhere and always."""
    told: dict[str, Any] = {"mask": -1}
    if chance.random() < 0.2:
        season = chance.choice((WINTER, SUMMER))
        told |= {"seasons": {chance.choice(MARKETS): season}}
        told["mask"] = sum(1 << month - 1 for month in season) if chance.random() < 0.6 else -1
    if chance.random() < 0.15:
        told |= {"markets": tuple(chance.sample(MARKETS, 2))}
    return told


def _rows(chance: random.Random) -> dict[str, LiveRow]:
    rows = {}
    for name in NAMES:
        n_variants = chance.choice((0, 0, 0, 0, 2))
        if n_variants == 0 or chance.random() < 0.5:
            rows[name] = _row(chance, name, "P00" if name != "P00" and chance.random() < 0.06 else None)
        for size in range(n_variants):
            rows[f"{name}-{size}"] = _row(chance, f"{name}-{size}", name)
    return rows


def _row(chance: random.Random, name: str, parent: str | None) -> LiveRow:
    price = None if chance.random() < 0.05 else int(chance.choice((0, 3, 8, 15, 20, 60, 300)) * 1e6)
    return LiveRow(
        name, price, "USD", chance.choice((None, 5, 5, 0)), chance.random() < 0.95, chance.random() < 0.97, parent
    )


def _facet(chance: random.Random, name: str, rows: dict[str, LiveRow], shelves: dict[str, str | None]) -> FacetRow:
    said = [("tags", tag) for tag in ("18", "new") if chance.random() < 0.2]
    said += [("size", chance.choice("SL"))] if chance.random() < 0.5 else []
    shelf = chance.choice(SHELVES) if chance.random() < 0.2 else shelves.get(name)
    return FacetRow(name, rows[name].parent_id, shelf, tuple(said))


def _link(chance: random.Random) -> CuratedLink:
    ends = (*NAMES, "category:food", "category:home/cups")
    return CuratedLink(
        chance.choice((*ends[:8], "*", "category:food")), chance.choice(ends), chance.choice(("complement", "apart")),
        chance.choice(("pin", "boost", "bury", "ban", "link")), "because it is good", "Kim", None,
        chance.choice((None, None, 0)), chance.choice((None, None, "KR")),
    )  # fmt: skip


def _offer(chance: random.Random, number: int) -> Offer:
    kind = chance.choice((OfferKind.SERVICE, OfferKind.COUPON, OfferKind.ADVICE, OfferKind.WARRANTY))
    product = chance.choice((None, None, chance.choice(NAMES)))
    at = datetime(2026, 1, 1, tzinfo=UTC)
    starts = at + timedelta(days=chance.randrange(200))
    return Offer(
        f"O{number}", 1, kind, {"en": f"Offer {number}"}, "mina", "it helps", at, product_id=product,
        category=None if product else chance.choice(SHELVES), benefits={"en": ("It helps.",)},
        prices=(PriceLine(Money(Decimal(chance.choice((3, 40))), "USD")),),
        goals=tuple(chance.sample(GOALS, chance.randrange(2))),
        beside=tuple(chance.sample((*NAMES[:12], "category:food", "category:home"), chance.randrange(1, 4))),
        audience=chance.choice(("", "", *WHO)), avoid=chance.choice(("", "", *WHO)),
        markets=chance.choice(((), (), ("KR",), ("AU", "NZ"))), licences=tuple(chance.sample(LICENCES, chance.randrange(2))),
        min_age=chance.choice((None, None, 18)), starts_at=chance.choice((None, starts)),
        ends_at=chance.choice((None, starts + timedelta(days=120))), months=chance.choice(((), (), SUMMER)),
        tags=tuple(chance.sample(("18", "new"), chance.randrange(2))),
    )  # fmt: skip


def _policy(chance: random.Random) -> Policy:
    rules = tuple(_rule(chance, number) for number in range(chance.randrange(7)))
    limits = PressureLimits(
        caps=chance.choice(((), (Cap(1, 7.0),), (Cap(1, 1.0, ("web",)), Cap(2, 7.0, ("email",))))),
        cooldowns=chance.choice(((), (Cooldown(Reaction.DECLINED, 30.0), Cooldown(Reaction.COMPLAINED, 14.0, "all")))),
        quiet_hours=chance.choice(((), (QuietHours(time(21), time(8), ("email", "web")),))),
        must_solve_first=chance.random() < 0.5,
    )  # fmt: skip
    value = ValueTerms(
        max_cross_ratio=chance.choice((None, 2.0, 10.0)), margin_floor=chance.choice((None, None, 0.2)),
        tax_rates=chance.choice(({}, {"KR": 0.1, "*": 0.2})),
    )  # fmt: skip
    goals = (Goal("sleep", {"en": "sleep"}, ("P02", "O1"), ("food/tea",), ("P03",)),) if chance.random() < 0.5 else ()
    return replace(
        HELPFUL, name="house", rules=rules, pressure=limits, value=value, goals=goals, offers_sets=False,
        max_offers=None, closed_days=chance.choice((0.0, 30.0)), timezones=chance.choice(({}, {"KR": "Asia/Seoul", "*": "UTC"})),
        excludes_owned=chance.random() < 0.9,
    )  # fmt: skip


def _rule(chance: random.Random, number: int) -> Rule:
    def some(values: tuple[Any, ...], p: float = 0.15) -> tuple[Any, ...]:
        return tuple(chance.sample(values, min(chance.randrange(1, 3), len(values)))) if chance.random() < p else ()

    moment = Moment(
        placements=some(tuple(PLACEMENTS), 0.3), channels=some(("web", "email", "desk"), 0.1), markets=some(("KR", "AU")),
        devices=some(("mobile",), 0.1) if chance.random() < 0.5 else (), dayparts=some(tuple(Daypart), 0.1),
        months=some(tuple(range(1, 13)), 0.1), weekdays=some(tuple(range(1, 8)), 0.1),
        starts_on=chance.choice(("", "", "", "11-15", "2026-06-01")), ends_on=chance.choice(("", "", "", "02-15", "2026-09-30")),
        below_dwell_seconds=chance.choice((None, None, None, 10.0)), interrupts=chance.choice((None, None, None, True)),
        is_assisted=chance.choice((None, None, None, True, False)),
        cart_has=some((*NAMES[:6], "category:food"), 0.15), cart_lacks=some((*NAMES[:6], "category:home"), 0.1),
    )  # fmt: skip
    stops = Selector(
        products=some((*NAMES, "P01-0", "O0", "gone"), 0.2), categories=some(("food", "home/cups", "food/cakes"), 0.25),
        kinds=some(("complement", "upgrade", "bestseller", "offer", "sequence"), 0.2),
        offer_kinds=some(("goods", "coupon", "service"), 0.1), tags=some(("18", "new"), 0.15), goals=some(GOALS, 0.05),
        attributes={"size": "S"} if chance.random() < 0.1 else {},
        min_price_ratio=chance.choice((None, None, None, 3.0)), lacks_goal=chance.random() < 0.08,
        lacks_licence=chance.random() < 0.1, is_paid_incentive=chance.choice((None, None, None, True, False)),
        not_products=some(tuple(NAMES[:8]), 0.15), not_categories=some(("food/tea",), 0.1) if chance.random() < 0.5 else (),
        not_tags=some(("new", "18"), 0.1),
    )  # fmt: skip
    return Rule(
        f"r{number}", chance.choice(tuple(Gate)), f"rule_{number}", "mina", "it must not be", moment=moment, stops=stops,
        who=chance.choice(("", "", *WHO)), younger_than=chance.choice((None, None, None, 18)),
        spares_needs=chance.random() < 0.7,
    )  # fmt: skip


def _person(chance: random.Random, number: int) -> Person:
    at = int(datetime(2026, 7, 1, tzinfo=UTC).timestamp()) * 1_000_000
    ago = lambda: at + chance.randrange(-40, 40) * DAY  # noqa: E731
    owned = frozenset(chance.sample(NAMES, chance.randrange(7)))
    age = chance.choice((None, "12", "17", "18", "40"))
    cases = chance.choice((0, 0, 0, 2))
    profile = Profile(
        f"customer:c{number}", 0, n_orders=chance.randrange(5), clv=chance.choice((None, 30.0)),
        stage=chance.choice((None, "lapse", "buy")), traits={"age": age} if age else {}, open_cases=cases,
        contribution_class=chance.choice(("profitable", "unprofitable", "serial_returner", "unknown")),
    )  # fmt: skip
    consents = {
        (purpose, "*"): chance.random() < 0.8 for purpose in ("personalization", "marketing") if chance.random() < 0.8
    }
    contacts = tuple(
        Contact(ago(), chance.choice(("web", "email")), "cart", ContactState.CONFIRMED)
        for _ in range(chance.randrange(8))
    )
    reactions = tuple(
        Reacted(ago(), *chance.choice((
            (Reaction.DECLINED, chance.choice(NAMES)), (Reaction.MUTED, chance.choice(NAMES)), (Reaction.COMPLAINED, ""),
        )))
        for _ in range(chance.randrange(3))
    )  # fmt: skip
    return Person(
        f"customer:c{number}", True, owned, consents, holdings=frozenset(chance.sample(NAMES, chance.randrange(2))),
        dues=tuple(Due(name, ago(), 30.0, at - 30 * DAY, 2, "own") for name in chance.sample(NAMES, 3)),
        facts=PersonFacts(profile, owned=owned), open_cases=cases, timezone=chance.choice((None, "Asia/Seoul", "America/Lima")),
        lately={name: ago() for name in owned}, goals=tuple(chance.sample(GOALS, chance.randrange(2))),
        returning=tuple(
            ReturnVisits(shelf, chance.randrange(1, 4), ago()) for shelf in chance.sample(("food", "home/cups"), 1)
        ),
        pressure=PressureState(1, contacts, reactions),
    )  # fmt: skip


def _knowledge(
    chance: random.Random, shelves: dict[str, str | None], consumable: set[str], costs: dict[str, float],
    dates: dict[str, int], pairs: dict[frozenset[str], dict[str, Any]], links: dict[str, set[tuple[str, str]]],
) -> Knowledge:  # fmt: skip
    """Write the tables as a snapshot."""
    place = {name: i for i, name in enumerate(NAMES)}
    n = len(NAMES)
    ends = np.array([sorted(place[name] for name in pair) for pair in pairs], np.int32)
    first, second = ends[:, 0], ends[:, 1]
    lows = np.array([chance.uniform(1, 5) for _ in pairs])
    anchor, other = np.concatenate([first, second]), np.concatenate([second, first])
    row = np.tile(np.arange(len(pairs)), 2)
    order = np.lexsort((other, -lows[row], anchor))
    near = [(a, b) for a in range(n) for b in sorted(chance.sample(range(n), 6)) if a != b]
    counts = np.array([chance.randrange(20, 90) for _ in NAMES])
    today = int(datetime(2026, 7, 1, tzinfo=UTC).timestamp()) // 86_400
    arrays = {
        "item_counts": counts, "n_baskets": np.array([900]), "as_of": np.array([today * DAY]), "window_days": np.array([90]),
        "edge_offsets": np.searchsorted(anchor[order], np.arange(n + 1)), "edge_ids": other[order],
        "edge_pairs": row[order].astype(np.int32), "pair_months": np.array([told["mask"] for told in pairs.values()], np.int16),
        **{f"pair_{name}": np.full(len(pairs), 2.0) for name in (*PAIR_COLUMNS, *MORE_PAIR_COLUMNS)},
        "pair_first": first, "pair_second": second, "pair_lift_low": lows,
        "neighbor_offsets": np.searchsorted([a for a, _ in near], np.arange(n + 1)),
        "neighbor_ids": np.array([b for _, b in near], np.int32),
        "neighbor_scores": np.array([chance.random() for _ in near], np.float32),
        "neighbor_n_both": np.full(len(near), 9), "bestsellers": np.argsort(-counts)[:12].astype(np.int32),
        "recent_counts": counts // 2, "calibration_x": np.zeros(0), "calibration_y": np.zeros(0),
        "is_slow": np.zeros(n, np.bool_), "group_of": np.zeros(n, np.int32),
        "best_before": np.array([today + dates[name] if name in dates else -1 for name in NAMES], np.int32),
        "costs": np.array([costs.get(name, np.nan) for name in NAMES]),
    }  # fmt: skip
    texts: dict[str, Any] = {
        "products": NAMES, "titles": [{"": name} for name in NAMES], "categories": [shelves[name] for name in NAMES],
        "currencies": ["USD"] * n, "consumable": [place[name] for name in sorted(consumable)],
        "strengths": ["none", "early", "fair", "clear", "strong"], "min_margin": 0.0, "groups": [""], "bundles": [],
        "markets": list(MARKETS),
        "pair_markets": [{key: told[key] for key in ("markets", "seasons") if key in told} for told in pairs.values()],
        "link_kinds": {},
    }  # fmt: skip
    for kind, (columns, text) in EVIDENCE.items():
        found = sorted((place[a], place[b]) for a, b in links[kind])
        arrays[f"link_{kind}_offsets"] = np.searchsorted([a for a, _ in found], np.arange(n + 1))
        arrays[f"link_{kind}_ids"] = np.array([b for _, b in found], np.int32)
        arrays[f"link_{kind}_scores"] = np.array([chance.random() for _ in found])
        arrays |= {f"link_{kind}_{name}": np.full(len(found), float(value)) for name, value in columns.items()}
        texts["link_kinds"][kind] = {"columns": sorted(columns), "keys": None}
        if text is not None:
            texts[f"link_{kind}_texts"] = [text] * len(found)
    return Knowledge("s1", arrays, texts)
