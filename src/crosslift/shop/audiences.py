"""Customers as groups: clusters with names and persona cards, and how markets differ; plain rows, with their words."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from crosslift.collect.cleaning import Cleaned
from crosslift.domain.condition import Has, needs
from crosslift.domain.persona import Cluster
from crosslift.learn.baskets import from_lines
from crosslift.learn.catalog import catalog_of
from crosslift.learn.customers.bought import order_numbers
from crosslift.learn.customers.crowd import COLUMNS, Crowd, Said
from crosslift.learn.customers.figures import most_orders
from crosslift.learn.customers.markets import find_market_patterns
from crosslift.learn.customers.material import CUSTOMER
from crosslift.learn.customers.people import NOBODY, Numbers, ranked
from crosslift.learn.customers.personas import persona_of, plain
from crosslift.learn.customers.segment_tables import PERSON
from crosslift.learn.products.conditions import Markets, markets_of
from crosslift.learn.products.likeness import leaf_numbers
from crosslift.settings import Settings
from crosslift.shop.groups import groups_of
from crosslift.shop.live.everybody import Everybody
from crosslift.shop.live.profiles import Profiles, stored_profiles
from crosslift.shop.reach import reach
from crosslift.shop.segments import Segments
from crosslift.store.ports import Records
from crosslift.wording import markets as market_words
from crosslift.wording.personas import cluster_names

GOALS = needs([Has("goals", "")])

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
        """Tell the groups of people who behave alike that the last learning run found, largest first.

        Parameters
        ----------
        language : str, optional
            Of the names; by default the shop's.

        Returns
        -------
        dict
            `n_people` with orders, `clusters`: each with cluster_id, name, n_people, share, marks (what sets it apart, beside
            what is usual), center, persona_id and persona, the card it belongs to; `not_estimable`: why no groups are told,
            else None.
        """
        found = groups_of(self._records)
        names = cluster_names(msgspec.convert(found["clusters"], list[Cluster]), self._language(language))
        rows = [
            {"name": name, **cluster, "persona": found["personas"][cluster["persona_id"]]}
            for name, cluster in zip(names, found["clusters"], strict=True)
        ]
        return {"n_people": found["n_people"], "clusters": rows, "not_estimable": found["why"] or None}

    def persona(self, segment_id: str) -> Row:
        """Make the card of a segment, of those who are in it at this moment; goals are those declared by now.

        Raises
        ------
        NotFound
            If there is none of that id.
        """
        crowd, is_in = self._crowd(self._segments.members(segment_id))
        card = persona_of(segment_id, crowd, is_in, len(crowd))
        return {"currency": self._settings["shop.currency"], **plain(card)}

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

    def _crowd(self, members: Sequence[str]) -> tuple[Crowd, npt.NDArray[np.bool_]]:
        """Read everybody who has a profile, and members who have none yet; beside it, who is a member."""
        stored = self._records.table("profiles", (PERSON, *COLUMNS))
        chosen = pa.array(members, pa.string())
        new = chosen.filter(pc.invert(pc.is_in(chosen, value_set=stored.column(PERSON).combine_chunks())))
        everybody = pa.concat_tables([stored, pa.table({PERSON: new})], promote_options="default").sort_by(PERSON)
        ids = everybody.column(PERSON).combine_chunks()
        is_in = np.asarray(pc.is_in(ids, value_set=chosen), np.bool_)
        return Crowd.of(ids, everybody, self._channels(ids), self._goals(ids)), is_in

    def _goals(self, ids: pa.Array) -> Said:
        """Give goals as declared by now."""
        now, stored = int(self._clock().timestamp() * 1_000_000), stored_profiles(self._records, GOALS)
        everybody = Everybody.of(self._records, [stored.column(PERSON)], now)
        told = Profiles(self._records, stored, everybody, GOALS, now, frozenset()).lists()
        return Said.of_rows(told, ids)

    def _channels(self, ids: pa.Array) -> Said:
        """Give the channel that most orders of a person came through; of several the first by name."""
        lines, moved = self._cleaned().lines, self._records.people()
        identity = pc.binary_join_element_wise(CUSTOMER, lines.column("customer_id"), "")
        place = pc.index_in(identity, value_set=moved.column("identity").combine_chunks())
        owner = pc.coalesce(pc.take(moved.column(PERSON), place), identity)
        person: Numbers = np.asarray(pc.fill_null(pc.index_in(owner, value_set=ids), NOBODY), np.int32)
        channel, names = ranked(lines.column("channel"))
        return Said.of_places(most_orders(person, order_numbers(lines), channel, len(ids)), names)

    def _language(self, language: str | None) -> str:
        return str(language or self._settings["shop.language"])
