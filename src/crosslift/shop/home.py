"""A home folder opened: records, history, settings, and who is behind the identities in it."""

import os
import secrets
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Self
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc

from crosslift.decide.knowledge import Knowledge
from crosslift.domain.trait import sensitive_names
from crosslift.errors import BadInput
from crosslift.settings import Settings
from crosslift.shop.agents import Agents
from crosslift.shop.asking import Asking
from crosslift.shop.audit import Audit
from crosslift.shop.brand import Brands
from crosslift.shop.cards import Cards
from crosslift.shop.consents import Consents
from crosslift.shop.contributions import Contributions
from crosslift.shop.credited import Credited
from crosslift.shop.customers import Customers
from crosslift.shop.decided import Decided
from crosslift.shop.earned import Earned
from crosslift.shop.experiments import Experiments
from crosslift.shop.figures import Figures
from crosslift.shop.goals import Goals
from crosslift.shop.guard import Guard
from crosslift.shop.guarded import Guardeds
from crosslift.shop.guardrails import Guardrails
from crosslift.shop.in_force import InForce
from crosslift.shop.journeys import Journeys
from crosslift.shop.known import Known
from crosslift.shop.missed import Sources
from crosslift.shop.off_policy import OffPolicy
from crosslift.shop.offers import Offers
from crosslift.shop.opportunities import Opportunities
from crosslift.shop.plugins import Plugins
from crosslift.shop.policies import Policies
from crosslift.shop.privacy import Privacy
from crosslift.shop.profiles import Profiles
from crosslift.shop.promotions import Promotions
from crosslift.shop.sales import Sales
from crosslift.shop.satisfaction import Satisfaction
from crosslift.shop.segments import Segments
from crosslift.shop.trials import Trials
from crosslift.shop.voices import Voices
from crosslift.shop.watching import Watching
from crosslift.store.duckdb import DuckdbFrames
from crosslift.store.opening import open_records
from crosslift.wording import ethics

Progress = Callable[[str, int, int], None]
PRODUCT_COLUMNS = (
    "product_id", "title", "titles", "category", "attributes", "kind", "kind_source", "kind_reason", "price_micros",
    "cost_micros", "currency", "stock", "image", "brand", "parent_id", "is_derived", "is_active", "url",
)  # fmt: skip


def quiet(_step: str, _done: int, _total: int) -> None:
    """Report progress to nobody."""


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Home:
    """What every room of a shop shares.

    Parameters
    ----------
    home : path
        The shop's folder: `shop.toml`, `records.db`, `parts/`, `snapshots/`, `cache/`. Made when missing.
    settings : mapping, optional
        Overrides by dotted name.
    clock : callable, optional
        Gives the present instant; tests and the demo bring their own.
    """

    def __init__(
        self,
        home: str | Path,
        settings: Mapping[str, Any] | None = None,
        clock: Callable[[], datetime] = _utc_now,
    ) -> None:
        self.home = Path(home)
        self.clock = clock
        try:
            self.home.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise BadInput(f"cannot be used as a shop's folder: {error.strerror}", where=str(self.home)) from error
        self.settings = Settings.load(settings, file=self.home / "shop.toml")
        os.environ.setdefault("NUMBA_CACHE_DIR", str(self.cache))
        self.records = open_records(self.home, self.settings["records.address"], self.settings["records.schema"])
        self.frames = DuckdbFrames(self.records, self.home / "parts")
        self.known = Known(self.snapshot_folder, self.records, self.settings["shop.currency"])

    @property
    def cache(self) -> Path:
        """Where compiled kernels live."""
        return Path(os.environ.get("CROSSLIFT_CACHE") or self.home / "cache")

    @property
    def snapshot_folder(self) -> Path:
        """Where published snapshots live."""
        return self.home / "snapshots"

    @cached_property
    def key(self) -> bytes:
        """The shop's own secret, made once: it keys hashes of people and signs what customers are handed."""
        return bytes.fromhex(self.records.meta("secret", lambda: secrets.token_hex(32)))

    @cached_property
    def audit(self) -> Audit:
        """Who did what: a chain nobody edits unseen."""
        return Audit(self.records, self.home, self.clock, self.key)

    @cached_property
    def customers(self) -> Customers:
        """Who the customers are: identified, merged and parted, shown whole."""
        return Customers(self.records, self.settings, self.clock, self.profiles.rewrite)

    @cached_property
    def profiles(self) -> Profiles:
        """What is known of each person, as last learned."""
        return Profiles(self.records, self.frames, self.products, self.settings, self.clock)

    @cached_property
    def consents(self) -> Consents:
        """What people allowed: asked, confirmed, withdrawn, due for renewal."""
        return Consents(self.records, self.settings, self.clock, self.key)

    @cached_property
    def agents(self) -> Agents:
        """Who sells with the customer before them, and what they may advise on."""
        return Agents(self.records, self.settings)

    @cached_property
    def asking(self) -> Asking:
        """What rules and offers ask of the person in front of us."""
        return Asking(self.records, self.frames, self.settings)

    @cached_property
    def guard(self) -> Guard:
        """Assisted sales watched: alarms that ask a question, and the look-back with its proof."""
        return Guard(self.records, self.products, self.settings, self.clock, self.local, self.key)

    @cached_property
    def earned(self) -> Earned:
        """What trials and the standing holdout show."""
        return Earned(self.records, self.sales, self.credited, self.trials)

    @cached_property
    def trials(self) -> Trials:
        """Who is in which arm, and what became of them."""
        return Trials(self.records, self.frames, self.sales, self.known.rulings, self.clock)

    @cached_property
    def credited(self) -> Credited:
        """What was served, and the order lines credited to it."""
        return Credited(self.records, self.frames, self.decided, self.sales, self.settings, self.clock)

    @cached_property
    def journeys(self) -> Journeys:
        """The journey people walked, touchpoint by touchpoint."""
        return Journeys(self.records, self.frames, self.credited, self.clock)

    @cached_property
    def satisfaction(self) -> Satisfaction:
        """How people feel with offers and without."""
        return Satisfaction(self.records, self.frames, self.clock)

    @cached_property
    def voices(self) -> Voices:
        """What people speak of, and how it sounds."""
        return Voices(self.records, self.frames, self.credited, self.clock)

    @cached_property
    def cards(self) -> Cards:
        """What value cards rest on: reviews, and a list of what they lack."""
        return Cards(self.records, self.settings, self.clock)

    @cached_property
    def goals(self) -> Goals:
        """What the shop wants to reach together, and what each team contributes."""
        told = Contributions(
            self.records, self.frames, self.sales, self.credited, self.earned, self.figures, self.satisfaction,
            self.settings, self.clock,
        )  # fmt: skip
        return Goals(self.records, told, self.agents, self.clock, self.local)

    @cached_property
    def opportunities(self) -> Opportunities:
        """What could be earned and is not."""
        sources = Sources(
            self.records, self.frames, self.sales, self.credited, self.known, self.products, self.settings
        )
        return Opportunities(sources, self.clock)

    @cached_property
    def decided(self) -> Decided:
        """The log of decisions in columns."""
        return Decided(self.records, self.frames, self.sales.people, self.settings)

    @cached_property
    def watching(self) -> Watching:
        """What is unlike before."""
        return Watching(self.records, self.frames, self.decided, self.sales, self.settings, self.clock)

    @cached_property
    def off_policy(self) -> OffPolicy:
        """What other ways of choosing would have earned."""
        return OffPolicy(self.records, sensitive_names(self.settings["profile.sensitive_traits"]))

    @cached_property
    def figures(self) -> Figures:
        """The figures of people, offers and contracts."""
        return Figures(self.records, self.frames, self.decided, self.sales, self.products, self.settings)

    @cached_property
    def sales(self) -> Sales:
        """What was sold to whom, as measuring counts it."""
        return Sales(self.records, self.frames, self.products, self.settings)

    @cached_property
    def privacy(self) -> Privacy:
        """A person's rights: a copy of everything, erasure with a certificate, and retention."""
        return Privacy(self.records, self.frames, self.home, self.settings, self.clock)

    @cached_property
    def segments(self) -> Segments:
        """Groups of customers by the merchant's rules, and who is in them at this moment."""
        return Segments(self.records, self.frames, self.home, self.settings, self.clock)

    @cached_property
    def policies(self) -> Policies:
        """How the shop decides, and the switch that stops it: drafted, published, rolled back."""
        return Policies(self.records, self.known.rulings, self.clock, (ethics.of_policy, self.brands.of_policy))

    @cached_property
    def experiments(self) -> Experiments:
        """Trials and the standing holdout."""
        return Experiments(self.records, self.known.rulings, self.clock)

    @cached_property
    def guardrails(self) -> Guardrails:
        """Limits of bad signs, and what rests because it was over one."""
        return Guardrails(
            self.records, self.known.rulings, self.experiments,
            Guardeds(self.records, self.frames, self.figures, self.credited), self.in_force, self.clock,
        )  # fmt: skip

    @cached_property
    def promotions(self) -> Promotions:
        """Arms of trials that won, and became what everybody gets."""
        return Promotions(self.records, self.known.rulings, self.in_force, self.experiments, self.trials, self.clock)

    @cached_property
    def in_force(self) -> InForce:
        """How versions of policies come in force."""
        return InForce(self.records, self.known.rulings, self.clock)

    @cached_property
    def offers(self) -> Offers:
        """What the merchant proposes beyond products, in versions."""
        return Offers(self.records, self.settings, self.clock, (self.brands.of_offer,))

    @cached_property
    def brands(self) -> Brands:
        """How the shop wants to look and to sound, and what is not like that."""
        return Brands(self.settings, self.home, self.records)

    @cached_property
    def plugins(self) -> Plugins:
        """What was added to the shop from outside, as far as it is switched on."""
        return Plugins(self.settings, self.records, self.clock)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Finish pending writes and release the home folder."""
        self.records.close()

    def products(self) -> pa.Table:
        """Give the catalog, derived products included, one row a product or variant, live values in place."""
        table = self.records.table("products", PRODUCT_COLUMNS)
        _, live = self.records.live_since(-1)
        if not live:
            return table
        ids = pa.array([row[0] for row in live], pa.string())
        place = pc.index_in(table.column("product_id"), value_set=ids)
        live_columns = (("price_micros", 1, pa.int64()), ("currency", 2, pa.string()), ("stock", 3, pa.int64()))
        for name, position, kind in live_columns:
            values = pc.take(pa.array([row[position] for row in live], kind), place)
            column = pc.if_else(pc.is_valid(place), values, table.column(name))
            table = table.set_column(table.schema.get_field_index(name), name, column)
        return table.sort_by("product_id")

    @property
    def knowledge(self) -> Knowledge:
        """The snapshot in force; a newer publication is picked up at once. NotReady before the first."""
        return self.known.knowledge()

    def _forget(self) -> None:
        """Delete inputs of decisions past their days; called wherever a shop works anyway, until jobs have a clock."""
        self.records.expire(self._micros(self.clock()))

    def local(self, moment: datetime) -> datetime:
        """Give an instant that comes without a zone the shop's own: its first of November begins at its midnight."""
        if moment.tzinfo is not None:
            return moment
        name = self.settings["shop.time_zone"]
        try:
            return moment.replace(tzinfo=ZoneInfo(name))
        except (KeyError, ValueError, OSError) as error:
            raise BadInput(f"shop.time_zone = {name!r} is no time zone such as 'Asia/Seoul'") from error

    @staticmethod
    def _micros(moment: datetime) -> int:
        return int(moment.timestamp() * 1_000_000)
