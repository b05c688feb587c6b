"""Everybody's facts as they stand now, in columns: contracts, belongings, consents, events."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from crosslift.domain.condition import Hold, Needs, property_text
from crosslift.learn.customers.people import Numbers, encoded, ranked
from crosslift.learn.customers.segment_columns import PROPERTY
from crosslift.learn.customers.shelf import Shelf
from crosslift.shop.live import rows as live_rows
from crosslift.shop.live.everybody import Everybody, Ints
from crosslift.store.ports import Records

_EVERYWHERE = "*"


@dataclass(frozen=True, slots=True)
class Facts:
    """What rows of records and events say of everybody; each method writes one table of `segment_tables.LONG`."""

    records: Records
    events: pa.Table
    everybody: Everybody
    needed: Needs
    now: int

    def usage(self) -> pa.Table:
        """Give the used share of what running contracts include, by product and meter."""
        where = f"{live_rows.RUNS} and {live_rows.HAS_LIMIT}"
        plans = self.records.table("subscriptions", live_rows.PLANS, where, (self.now, self.now))
        rows, person = self.everybody.reached(plans)
        index, said = encoded(plans.column("attributes"))
        meters = pa.array([live_rows.meter_of(text) for text in said.to_pylist()], pa.string())
        meter = meters.take(pa.array(index, mask=index < 0)).take(pa.array(rows))
        product = plans.column("product_id").combine_chunks().take(pa.array(rows))
        share = pc.divide(plans.column("used"), plans.column("usage_limit")).combine_chunks().take(pa.array(rows))
        named = np.flatnonzero(np.asarray(pc.is_valid(meter)))
        both = np.concatenate([np.arange(len(rows)), named])
        return self.everybody.long(
            person[both],
            {"meter": pa.concat_arrays([product, meter.take(pa.array(named))]), "share": share.take(pa.array(both))},
        )

    def possessions(self) -> pa.Table:
        """Give what people hold and own; a variant counts as its product too."""
        tables = []
        if Hold.HOLDS in self.needed.possessions:
            plans = self.records.table("subscriptions", live_rows.HELD_BY, live_rows.RUNS, (self.now, self.now))
            rows, person = self.everybody.reached(plans)
            tables.append(
                self._possessed(Hold.HOLDS, person, plans.column("product_id").combine_chunks().take(pa.array(rows)))
            )
        if Hold.OWNS in self.needed.possessions:
            states = self.records.table("person_states", ["identity", "owned"])
            products, n_of = _unpacked(states.column("owned").to_pylist())
            tables.append(
                self._possessed(Hold.OWNS, np.repeat(self.everybody.seen(states.column("identity")), n_of), products)
            )
        return pa.concat_tables(tables)

    def _possessed(self, how: Hold, person: Numbers, product: pa.Array) -> pa.Table:
        variants = self.records.table("products", ["product_id", "parent_id"], "parent_id is not null")
        place = pc.index_in(product, value_set=variants.column("product_id").combine_chunks())
        parent = variants.column("parent_id").combine_chunks().take(place)
        is_variant = np.flatnonzero(np.asarray(pc.is_valid(parent)))
        every = pa.concat_arrays([product, parent.take(pa.array(is_variant))])
        told = {"how": pa.repeat(pa.scalar(how.value), len(every)), "product_id": every}
        return self.everybody.long(np.concatenate([person, person[is_variant]]), told)

    def consents(self) -> pa.Table:
        """Fold the ledger: the newest word on each purpose and channel; one for all channels speaks for each again."""
        columns = ["customer_id", "purpose", "channel", "status", "at", "id"]
        ledger = self.records.table("consents", columns, f"status <> 'pending' and {live_rows.IS_NEWS}", (self.now,))
        purpose, purposes = ranked(ledger.column("purpose"))
        channel, channels = ranked(ledger.column("channel"))
        at, number = (np.asarray(ledger.column(name), np.int64) for name in ("at", "id"))
        person = self.everybody.customers(ledger.column("customer_id"))
        rank = np.empty(len(at), np.int64)
        rank[np.lexsort((number, at))] = np.arange(len(at))
        on_purpose = person.astype(np.int64) * max(len(purposes), 1) + purpose
        is_for_all = np.asarray(pc.equal(ledger.column("channel"), _EVERYWHERE), np.bool_)
        began = _newest(on_purpose[is_for_all], rank[is_for_all], on_purpose)
        on_channel = on_purpose * max(len(channels), 1) + channel
        rows = np.flatnonzero((rank >= began) & (rank == _newest(on_channel, rank, on_channel)))
        chosen = ledger.take(pa.array(rows))
        told = {"purpose": chosen.column("purpose"), "channel": chosen.column("channel"),
                "is_granted": pc.equal(chosen.column("status"), "granted")}  # fmt: skip
        return self.everybody.long(person[rows], told)

    def seen(self) -> pa.Table:
        """Give the events that are counted, with their category and the properties that are looked at."""
        shelf = Shelf.of(self.records.table("products", live_rows.SHELF))
        place = shelf.category_of(shelf.places(self.events.column("product_id")))
        category = shelf.categories.take(pa.array(place, mask=place < 0))
        category = pc.coalesce(category, self._said(live_rows.category_said, place < 0))
        told = {
            "name": self.events.column("name"), "at": self.events.column("at"),
            "product_id": self.events.column("product_id"), "category": category,
        }  # fmt: skip
        for name in sorted(self.needed.properties):
            told[PROPERTY + name] = self._property(name)
        return self.everybody.long(self.everybody.seen(self.events.column("identity")), told)

    def _property(self, name: str) -> pa.Array:
        said = self._said(lambda properties: property_text(properties.get(name)))
        return pc.coalesce(self.events.column("channel").combine_chunks(), said) if name == "channel" else said

    def _said(self, read: Callable[[dict[str, Any]], str | None], of: npt.NDArray[np.bool_] | None = None) -> pa.Array:
        """Read something of the properties of events, each different text once; null where `of` is False."""
        texts = self.events.column("properties")
        index, different = encoded(
            texts if of is None else pc.if_else(pa.array(of), texts, pa.scalar(None, pa.string()))
        )
        found = [read(live_rows.properties_of(text, None)) for text in different.to_pylist()]
        return pa.array(found, pa.string()).take(pa.array(index, mask=index < 0))


def _unpacked(lists: list[bytes]) -> tuple[pa.Array, Ints]:
    """Decode MessagePack lists of texts as one list of them (array 32 of the format): the texts, how many each holds."""
    packed = b"".join((b"\xdd", len(lists).to_bytes(4, "big"), *lists))
    found = msgspec.msgpack.decode(packed, type=list[list[str]])
    n_of = np.fromiter(map(len, found), np.int64, len(found))
    return pa.array(list(chain.from_iterable(found)), pa.string()), n_of


def _newest(keys: Ints, ranks: Ints, asked: Ints) -> Ints:
    """Give the highest rank of each key asked, −1 for one that is not there."""
    if not len(keys):
        return np.full(len(asked), -1, np.int64)
    different, place = np.unique(keys, return_inverse=True)
    highest = np.full(len(different), -1, np.int64)
    np.maximum.at(highest, place, ranks)
    at = np.minimum(np.searchsorted(different, asked), len(different) - 1)
    return np.where(different[at] == asked, highest[at], -1)
