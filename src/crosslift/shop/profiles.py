"""Profiles of people: learned over everybody in one run, written anew for those whose identities changed."""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from crosslift.collect import cleaning
from crosslift.learn.customers.material import COLUMNS, CustomerMaterial
from crosslift.learn.customers.run import profile_people, profiles_of
from crosslift.settings import Settings
from crosslift.shop.groups import GROUPS
from crosslift.store.frames import Frames
from crosslift.store.ports import Records

MODELS = "profiles"
"""The name under which what a run fitted is kept."""
_LEARNED_AT = "learned_at"
Progress = Callable[[str, int, int], None]
_DIRECT = (
    "customers", "activities", "cases", "feedback", "payments_failed", "accounts", "account_members", "exchange_rates",
)  # fmt: skip
_COPIED = ("subscriptions", "usage")
_LINES = tuple(dict.fromkeys((*cleaning.SOLD_FROM, *(name for name in COLUMNS["lines"] if name != "kept"))))


class Profiles:
    """What is known of each person of one shop.

    Parameters
    ----------
    records, frames : Records, Frames
        Where facts and profiles live.
    products : callable
        Gives the catalog with live values.
    settings : Settings
        Of it, those under `profile`.
    clock : callable
        Gives the present instant.
    """

    def __init__(
        self, records: Records, frames: Frames, products: Callable[[], pa.Table], settings: Settings,
        clock: Callable[[], datetime],
    ) -> None:  # fmt: skip
        self._records = records
        self._frames = frames
        self._products = products
        self._settings = settings
        self._clock = clock

    def learn(self, progress: Progress) -> dict[str, Any]:
        """Learn what is known of everybody, and keep it.

        Returns
        -------
        dict
            Figures for people: how many, stages, classes, the model of value, and what could not be said.
        """
        now = int(self._clock().timestamp() * 1_000_000)
        found = profile_people(self._material(progress), self._settings, progress, now)
        progress("keeping profiles", 0, 1)
        self._records.save_profiles(found.table)
        for name, learned in ((MODELS, {**found.models, _LEARNED_AT: now}), (GROUPS, found.groups)):
            self._records.save_model(name, found.report["as_of"], msgspec.json.encode(learned).decode())
        return found.report

    def rewrite(self, people: Iterable[str]) -> None:
        """Write some people's profiles anew with what was learned last; nothing to do before anything was.

        Who came since has none, as before: the next run writes it. So a split leaves what was there before a merge.
        """
        chosen = sorted(set(people))
        kept = self._records.model(MODELS)
        if kept is None or not chosen:
            return
        models = msgspec.json.decode(kept)
        table = profiles_of(self._material(), chosen, models, self._settings)
        met = pa.array(self._records.people_met(chosen, models[_LEARNED_AT]), pa.string())
        is_known = pc.or_(pc.is_in(table["person_id"], value_set=met), pc.is_valid(table["last_seen_at"]))
        self._records.save_profiles(table.filter(is_known), chosen)

    def without(self, products: Collection[str], progress: Progress = lambda _step, _done, _total: None) -> pa.Table:
        """Give everybody's profile as if some products had never been sold, sent back, used or looked at; nothing is kept.

        Contracts stay: `holdings` still names them. So do contacts and ratings, of which not all say what they are about.
        """
        material, gone = self._material(), pa.array(sorted(products), pa.string())
        left = {name: _others(getattr(material, name), gone) for name in ("lines", "returns", "usage")}
        events = (_others(part, gone) for part in material.events)
        now = int(self._clock().timestamp() * 1_000_000)
        others = replace(material, **left, events=events)
        return profile_people(others, self._settings, progress, now, is_grouped=False).table

    def _material(self, progress: Progress = lambda _step, _done, _total: None) -> CustomerMaterial:
        progress("reading customers", 0, 2)
        products, returns = self._products(), self._frames.returns()
        given: dict[str, Any] = {
            **{name: self._records.table(name, tuple(COLUMNS[name])) for name in _DIRECT},
            **{name: getattr(self._frames, name)().select(list(COLUMNS[name])) for name in _COPIED},
            "people": self._records.people(),
            "events": _Parts(self._frames),
        }
        lines = self._frames.order_lines(_LINES)
        progress("cleaning their orders", 1, 2)
        sold = cleaning.sold(lines, returns, products, self._settings).select(list(COLUMNS["lines"]))
        return CustomerMaterial(lines=sold, products=products, returns=returns, **given)


def _others(table: pa.Table, products: pa.Array) -> pa.Table:
    is_one = pc.is_in(table.column("product_id"), value_set=products)
    if "variant_id" in table.column_names:
        is_one = pc.or_(is_one, pc.is_in(table.column("variant_id"), value_set=products))
    return table.filter(pc.invert(is_one))


class _Parts:
    """Events part by part, each time anew: a run never holds all of them."""

    def __init__(self, frames: Frames) -> None:
        self._frames = frames

    def __iter__(self) -> Iterator[pa.Table]:
        return iter(self._frames.event_parts(tuple(COLUMNS["events"])))
