"""Customers as groups: clusters with names and persona cards, and how markets differ; plain rows, with their words."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, fields, replace
from datetime import datetime
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from crosslift.collect.cleaning import Cleaned
from crosslift.domain.condition import Has, needs
from crosslift.domain.estimate import NotEstimable
from crosslift.domain.persona import Mention, Middle, Persona
from crosslift.domain.profile import Profile
from crosslift.learn.baskets import from_lines
from crosslift.learn.catalog import catalog_of
from crosslift.learn.customers.clusters import behavior_of, find_clusters
from crosslift.learn.customers.markets import find_market_patterns
from crosslift.learn.customers.material import CUSTOMER
from crosslift.learn.customers.personas import persona_of
from crosslift.learn.customers.segment_tables import PERSON
from crosslift.learn.products.conditions import Markets, markets_of
from crosslift.learn.products.likeness import leaf_numbers
from crosslift.settings import Settings
from crosslift.shop.live.everybody import Everybody
from crosslift.shop.live.person import profile_of
from crosslift.shop.live.profiles import Profiles, stored_profiles
from crosslift.shop.reach import reach
from crosslift.shop.segments import Segments
from crosslift.store.ports import Records
from crosslift.wording import markets as market_words
from crosslift.wording.personas import cluster_names

SEED = 20_110_604
"""Of clusters: the same people fall into the same groups every time."""
GOALS = needs([Has("goals", "")])
COLUMNS = (
    PERSON, "as_of", "n_orders", "n_items", "revenue", "aov", "recency_days", "interval_days", "categories", "discount_share",
    "return_rate", "returning_intent", "market", "traffic_source",
)  # fmt: skip
"""What clusters and cards read of a profile: what people did, and no trait of theirs."""
_JSON = ("categories", "returning_intent")

Row = dict[str, Any]


class Audiences:
    """Groups of people of one shop, from their profiles as last learned; goals as they were declared by now.

    Parameters
    ----------
    records : Records
        Where profiles are.
    segments : Segments
        Groups the merchant named.
    cleaned, products : callable
        Give the order lines that count, and the catalog.
    settings : Settings
        Those of learning.
    clock : callable
        Gives the present instant.
    """

    def __init__(
        self, records: Records, segments: Segments, cleaned: Callable[[], Cleaned], products: Callable[[], pa.Table],
        settings: Settings, clock: Callable[[], datetime],
    ) -> None:  # fmt: skip
        self._records = records
        self._segments = segments
        self._cleaned = cleaned
        self._products = products
        self._settings = settings
        self._clock = clock

    def reach(self, trait: str) -> list[Row]:
        """Count whom offers reached, and what these were worth, by group of a trait; see `shop.reach`."""
        return reach(self._records, trait)

    def clusters(self, language: str | None = None) -> Row:
        """Find groups of people who behave alike, largest first.

        Parameters
        ----------
        language : str, optional
            Of the names; by default the shop's.

        Returns
        -------
        dict
            `n_people` with orders, `clusters`: each with cluster_id, name, n_people, share, marks (what sets it apart, beside
            what is usual), center and persona; `not_estimable`: why no groups are told, else None.
        """
        profiles = self._profiles()
        behavior = behavior_of(profiles.values())
        found = find_clusters(behavior, SEED)
        if isinstance(found, NotEstimable):
            return {"n_people": len(behavior.people), "clusters": [], "not_estimable": found.why}
        groups: dict[str, list[Profile]] = {cluster.cluster_id: [] for cluster in found.clusters}
        for person, cluster_id in found.of_person().items():
            groups[cluster_id].append(profiles[person])
        names, channels = cluster_names(found.clusters, self._language(language)), self._channels()
        rows = [
            {"name": name, **asdict(cluster), "center": dict(cluster.center),
             "persona": self._card(cluster.cluster_id, groups[cluster.cluster_id], len(found.people), channels)}
            for name, cluster in zip(names, found.clusters, strict=True)
        ]  # fmt: skip
        return {"n_people": len(found.people), "clusters": rows, "not_estimable": None}

    def persona(self, segment_id: str) -> Row:
        """Make the card of a segment, of those who are in it at this moment.

        Raises
        ------
        NotFound
            If there is none of that id.
        """
        members = self._segments.members(segment_id)
        profiles = self._profiles(members)
        return self._card(segment_id, (profiles[person] for person in members), len(profiles), self._channels())

    def market_patterns(self, language: str | None = None) -> Row:
        """Tell which categories belong together in one market more, or less, than in the others.

        Returns
        -------
        dict
            `patterns`, surest first: market, category, other_category, kind, support, confidence, n_both, n_customers, lift
            and lift elsewhere with their 95% intervals, q_value, and `text`; `too_early`: market (None for all), why,
            evidence and `text`; `n_tests`, the differences tested.
        """
        lines, tongue = self._cleaned().lines, self._language(language)
        sold = from_lines(lines)
        catalog = catalog_of(sold.products, self._products())
        baskets, markets = sold.among(catalog.products), markets_of(lines)
        is_ordinary = baskets.sizes <= self._settings["learn.max_basket_items"]
        shelf, names = leaf_numbers(catalog)
        found = find_market_patterns(
            baskets.take(is_ordinary),
            shelf,
            names,
            Markets(markets.numbers[is_ordinary], markets.names),
            self._settings,
        )
        patterns = [asdict(one) for one in found.patterns]
        return {
            "patterns": [{**row, "text": market_words.pattern(row, tongue)} for row in patterns],
            "too_early": [
                {**asdict(one), "text": market_words.too_early(one.why, one.market, one.evidence, tongue)}
                for one in found.too_early
            ],
            "n_tests": found.n_tests,
        }

    def _profiles(self, more: Iterable[str] = ()) -> dict[str, Profile]:
        """Read what clusters and cards need of everybody who has a profile, and of some who may have none yet."""
        now, goals = self._now(), self._goals()
        stored = self._records.table("profiles", COLUMNS)
        rows = (
            dict(zip(COLUMNS, row, strict=True)) for row in zip(*(c.to_pylist() for c in stored.columns), strict=True)
        )
        read = (profile_of(_decoded(row), row[PERSON], now) for row in rows)
        found = {one.person_id: one for one in read}
        found |= {person: Profile(person, now) for person in more if person not in found}
        return {person: replace(one, goals=tuple(goals.get(person, ()))) for person, one in found.items()}

    def _goals(self) -> dict[str, list[str]]:
        """Give the goals of everybody as declared by now."""
        now, stored = self._now(), stored_profiles(self._records, GOALS)
        everybody = Everybody.of(self._records, [stored.column(PERSON)], now)
        told = Profiles(self._records, stored, everybody, GOALS, now, frozenset()).lists()
        goals: dict[str, list[str]] = {}
        for person, goal in zip(told.column(PERSON).to_pylist(), told.column("text").to_pylist(), strict=True):
            goals.setdefault(person, []).append(goal)
        return goals

    def _channels(self) -> dict[str, str]:
        """Give the channel that most orders of a person came through; of several the first by name."""
        lines = self._cleaned().lines
        named = lines.filter(pc.and_(pc.is_valid(lines.column("customer_id")), pc.is_valid(lines.column("channel"))))
        orders = named.group_by(["source", "order_id", "customer_id", "channel"]).aggregate([])
        moved = self._records.people()
        identity = pc.binary_join_element_wise(CUSTOMER, orders.column("customer_id"), "")
        owner = pc.take(
            moved.column(PERSON), pc.index_in(identity, value_set=moved.column("identity").combine_chunks())
        )
        whose = pa.table({PERSON: pc.coalesce(owner, identity), "channel": orders.column("channel")})
        counted = whose.group_by([PERSON, "channel"]).aggregate([([], "count_all")])
        ordered = counted.sort_by([("count_all", "ascending"), ("channel", "descending")])
        return dict(zip(ordered.column(PERSON).to_pylist(), ordered.column("channel").to_pylist(), strict=True))

    def _card(self, persona_id: str, members: Iterable[Profile], n_everybody: int, channels: Mapping[str, str]) -> Row:
        card = persona_of(persona_id, members, n_everybody, channels)
        return {"currency": self._settings["shop.currency"], **_plain(card)}

    def _language(self, language: str | None) -> str:
        return str(language or self._settings["shop.language"])

    def _now(self) -> int:
        return int(self._clock().timestamp() * 1_000_000)


def _decoded(row: Row) -> Row:
    """Read the columns of a profile that are JSON."""
    return {name: msgspec.json.decode(value) if name in _JSON and value else value for name, value in row.items()}


def _plain(card: Persona) -> Row:
    """Write a card as plain values; a figure that cannot be told says why."""
    return {one.name: _value(getattr(card, one.name)) for one in fields(card)}


def _value(value: Any) -> Any:
    match value:
        case NotEstimable(why):
            return {"not_estimable": why}
        case Middle() | Mention():
            return asdict(value)
        case tuple():
            return [_value(one) for one in value]
    return value
