"""The rows of profiles: what is known of each person and what was learned of all, column by column."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from crosslift.domain.profile import PROFILE_COLUMNS, ClvBasis, Kind
from crosslift.domain.profile_codes import Unknown
from crosslift.learn.customers import reasons, written
from crosslift.learn.customers.affinity import Affinity
from crosslift.learn.customers.contribution import CLASSES, Contribution, Ledger, Limits
from crosslift.learn.customers.crowd import COLUMNS, Crowd, Said
from crosslift.learn.customers.exchange import DAY
from crosslift.learn.customers.facts import Facts, markets_of
from crosslift.learn.customers.figures import MICROS, most_orders, text_of
from crosslift.learn.customers.grouping import Grouping
from crosslift.learn.customers.intent import Revisits
from crosslift.learn.customers.models import Models
from crosslift.learn.customers.people import ranked
from crosslift.learn.customers.rfm import NAMES, Rfm
from crosslift.learn.customers.stage import STAGES, Journey, Looking, Signs
from crosslift.learn.customers.worth import FIGURES, Worth
from crosslift.settings import Settings

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

_TYPES = {Kind.NUMBER: pa.float64(), Kind.INSTANT: pa.int64()}
SCHEMA = pa.schema([(name, _TYPES.get(column.kind, pa.string())) for name, column in PROFILE_COLUMNS.items()])
"""Figures as float64, instants as int64, everything else as text: lists and mappings in JSON."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What follows from facts and models together."""

    rfm: Rfm | None
    affinity: Affinity
    ledger: Ledger
    contribution: Contribution
    journey: Journey
    returning: pa.Array
    channel: Said

    @classmethod
    def of(cls, facts: Facts, models: Models, settings: Settings) -> "Judged":
        """Judge everybody by the same models."""
        figures, n = facts.figures, len(facts.people)
        money = figures.margin if models.worth.basis is ClvBasis.MARGIN else figures.revenue
        frequency = np.where(figures.n_orders > 0, figures.n_orders, np.nan)
        minutes, ledger = settings["learn.view_minutes"], _ledger(facts)
        silence = models.rhythm.silence_of(figures.interval_days, figures.n_gaps)
        signs = Signs(
            facts.last_ordered_at, facts.last_seen_at, facts.last_used_at,
            models.rhythm.interval_of(figures.interval_days, figures.category, facts.shelf), silence,
            facts.holdings.n_held, (figures.n_ordered > 0) | (facts.holdings.n_ever > 0),
        )  # fmt: skip
        looking = Looking.of(
            facts.seen, facts.last_ordered_at, facts.as_of - settings["profile.consider_days"] * DAY, minutes
        )
        since = facts.as_of - int(models.window.days * DAY)
        visits = Revisits.of(facts.bought, facts.seen, facts.shelf, minutes, since)
        return cls(
            Rfm.of(models.cuts, figures.recency_days, frequency, np.where(figures.n_orders > 0, money, np.nan))
            if models.cuts
            else None,
            Affinity.of(facts.bought, facts.shelf, models.prices, n),
            ledger,
            Contribution.of(ledger, models.habit, limits_of(settings)),
            Journey.of(signs, looking, facts.as_of),
            visits.written(models.window, facts.shelf.categories, facts.as_of, n),
            _channel(facts),
        )


def limits_of(settings: Settings) -> Limits:
    """Give from where on a figure makes a class in this shop."""
    return Limits(
        settings["profile.min_contribution"], settings["profile.return_cost_share"],
        settings["profile.serial_return_share"], settings["profile.serial_returns"], settings["profile.heavy_contacts"],
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Rows:
    """One row a person in the order of person ids: all columns but `cluster`, `persona` and `unknown`, and why some lack.

    `crowd` is what groups are found in.
    """

    columns: Mapping[str, pa.Array]
    missing: Sequence[reasons.Missing]
    crowd: Crowd

    @classmethod
    def of(cls, facts: Facts, judged: Judged, models: Models, worth: Worth, settings: Settings) -> "Rows":
        """Write down what is known of everybody."""
        columns = {
            **_of_orders(facts, models, judged),
            **_of_value(facts, models, judged, worth, settings),
            **_of_contact(facts, judged),
            **_of_words(facts),
        }
        read = pa.table({name: columns[name] for name in COLUMNS})
        crowd = Crowd.of(facts.people.ids, read, judged.channel)
        return cls(columns, _missing(facts, judged, worth), crowd)

    def table(self, groups: Grouping | None) -> pa.Table:
        """Put everybody in their groups; the columns of `SCHEMA`."""
        n, found = len(self.crowd), groups.of(self.crowd) if groups else {}
        why = groups.unknown if groups else Unknown.NOT_GROUPED
        is_outside = np.full(n, groups is None or groups.found is None)
        missing = [*self.missing, (_GROUPS, why, is_outside)]
        columns = {**self.columns, **found, "unknown": reasons.written(missing, n)}
        return pa.table({
            name: columns[name] if name in columns else pa.nulls(n, SCHEMA.field(name).type) for name in SCHEMA.names
        })  # fmt: skip


def _number(values: Floats | Ints) -> pa.Array:
    return pa.array(values.astype(np.float64), mask=np.isnan(values))


def _class(values: npt.NDArray[np.int8]) -> pa.Array:
    return pa.array(values.astype(np.float64), mask=values == 0)


def _instant(at: Ints) -> pa.Array:
    return pa.array(at, mask=at < 0)


def _code(place: npt.NDArray[np.integer], names: Sequence[str]) -> pa.Array:
    return text_of(place.astype(np.int32), pa.array(names, pa.string()))


def _same(value: str | float | None, is_said: npt.NDArray[np.bool_]) -> pa.Array:
    kind = pa.string() if isinstance(value, str) or value is None else pa.float64()
    return pc.if_else(pa.array(is_said), pa.scalar(value, kind), pa.scalar(None, kind))


def _of_orders(facts: Facts, models: Models, judged: Judged) -> dict[str, pa.Array]:
    """What was bought and when, and what money was spent on."""
    figures, taste, everybody = facts.figures, judged.affinity, np.ones(len(facts.people), np.bool_)
    return {
        "person_id": facts.people.ids,
        "as_of": pa.array(np.full(len(facts.people), models.as_of)),
        "currency": _same(models.currency, everybody),
        "first_order_at": _instant(figures.first_at),
        "last_order_at": _instant(figures.last_at),
        "last_seen_at": _instant(facts.last_seen_at),
        "n_orders": _number(figures.n_orders),
        "n_items": _number(figures.n_items),
        "revenue": _number(figures.revenue),
        "margin": _number(figures.margin),
        "aov": _number(figures.aov),
        "recency_days": _number(figures.recency_days),
        "interval_days": _number(figures.interval_days),
        "categories": taste.categories,
        "brands": taste.brands,
        "price_bands": taste.price_bands,
        "price_sensitivity": _number(taste.sensitivity),
        "discount_share": _number(taste.discount_share),
        "return_rate": _number(figures.return_rate),
        "n_returns": _number(figures.n_returns),
    }


def _of_value(facts: Facts, models: Models, judged: Judged, worth: Worth, settings: Settings) -> dict[str, pa.Array]:
    """What people are worth: classes, the days ahead, and what is left when everything is paid."""
    ledger, contribution, rfm = judged.ledger, judged.contribution, judged.rfm
    has_value, has_forecast = (~np.isnan(worth.figures[name]) for name in ("clv", "p_alive"))
    classes = (
        {
            "rfm_recency": _class(rfm.recency),
            "rfm_frequency": _class(rfm.frequency),
            "rfm_monetary": _class(rfm.monetary),
            "rfm_segment": _code(rfm.segment, NAMES),
        }
        if rfm
        else {}
    )
    return {
        **classes,
        **{name: _number(worth.figures[name]) for name in FIGURES},
        "clv_horizon_days": _same(float(settings["profile.clv_horizon_days"]), has_forecast),
        "clv_basis": _same(models.worth.basis.value, has_value),
        "clv_model": _same(worth.model, has_forecast),
        "service_cost": _number(ledger.service),
        "discount_given": _number(ledger.discounts),
        "default_loss": _number(ledger.defaults),
        "net_contribution": _number(contribution.net),
        "contribution_class": _code(contribution.of_class, CLASSES),
        "contribution_reasons": contribution.reasons,
    }


def _of_contact(facts: Facts, judged: Judged) -> dict[str, pa.Array]:
    """Where people stand, and what passed between them and the shop."""
    service, voice = facts.service, facts.voice
    return {
        "stage": _code(judged.journey.stage, STAGES),
        "stage_evidence": judged.journey.evidence,
        "returning_intent": judged.returning,
        "open_cases": _number(service.open_cases),
        "n_activities": _number(service.n_activities),
        "last_activity_at": _instant(service.last_activity_at),
        "last_rating": _number(voice.rating),
        "last_nps": _number(voice.nps),
        "sentiment": _number(voice.sentiment),
    }


def _of_words(facts: Facts) -> dict[str, pa.Array]:
    """What is noted of people, and where it comes from."""
    traits, sources = facts.traits, facts.sources
    by_orders = text_of(facts.figures.market, markets_of(facts))
    market_said = pc.if_else(pc.is_valid(by_orders), "orders", _same("customers", _is_valid(traits.market)))
    return {
        "market": pc.coalesce(by_orders, traits.market),
        "locale": traits.locale,
        "traffic_source": pc.coalesce(sources.name, traits.came_from),
        "traits": traits.traits,
        "goals": traits.goals,
        "holdings": facts.holdings.products,
        "account_ids": facts.accounts.companies(facts.people),
        "household_id": facts.accounts.households(facts.people),
        "provenance": written.merged({
            "market": market_said,
            "locale": _same("customers", _is_valid(traits.locale)),
            "traffic_source": pc.coalesce(sources.said_by, _same("traits", _is_valid(traits.came_from))),
        }, traits.provenance),
    }  # fmt: skip


def _is_valid(column: pa.Array) -> npt.NDArray[np.bool_]:
    return np.asarray(pc.is_valid(column), np.bool_)


def _channel(facts: Facts) -> Said:
    """Read through which channel most orders of a person came."""
    place, names = ranked(facts.material.lines.column("channel"))
    return Said.of_places(most_orders(facts.bought.person, facts.bought.order, place, len(facts.people)), names)


def _ledger(facts: Facts) -> Ledger:
    figures, service, refunds = facts.figures, facts.service, facts.refunds
    return Ledger(
        margin=figures.margin,
        lost=figures.lost,
        revenue=figures.revenue,
        taken=figures.taken,
        refunded=np.where(refunds.is_known, refunds.beyond / MICROS, np.nan),
        discounts=figures.discounts,
        service=np.where(service.is_known, service.cost / MICROS, np.nan),
        defaults=np.where(facts.has_default_rates, facts.defaults / MICROS, np.nan),
        n_orders=figures.n_ordered,
        n_returns=figures.n_returns,
        n_contacts=service.n_contacts,
    )


def _missing(facts: Facts, judged: Judged, worth: Worth) -> list[reasons.Missing]:
    """Say of whom which figures are missing, and why."""
    figures, voice, rfm, taste = facts.figures, facts.voice, judged.rfm, judged.affinity
    no_orders, never_ordered, some = figures.n_orders == 0, figures.n_ordered == 0, figures.n_orders > 0
    missing: list[reasons.Missing] = [
        (("return_rate", "net_contribution"), Unknown.NO_ORDERS, never_ordered),
        (_NEED_AN_ORDER, Unknown.NO_ORDERS, never_ordered),
        (_NEED_AN_ORDER, Unknown.NOTHING_KEPT, no_orders & ~never_ordered),
        (("revenue", "margin", "discount_given", "net_contribution"), Unknown.NO_EXCHANGE_RATE, ~figures.has_rates),
        (("aov",), Unknown.NO_EXCHANGE_RATE, some & ~figures.has_rates),
        (("revenue",), Unknown.NO_PRICES, ~figures.has_prices),
        (("aov",), Unknown.NO_PRICES, some & ~figures.has_prices),
        (("margin", "net_contribution"), Unknown.COSTS_MISSING, ~figures.has_margins),
        (("service_cost", "net_contribution"), Unknown.NO_EXCHANGE_RATE, ~facts.service.is_known),
        (("default_loss", "net_contribution"), Unknown.NO_EXCHANGE_RATE, ~facts.has_default_rates),
        (("net_contribution",), Unknown.NO_EXCHANGE_RATE, ~facts.refunds.is_known),
        (("interval_days",), Unknown.ONE_ORDER_DAY, some & np.isnan(figures.interval_days)),
        (("discount_share",), Unknown.NOTHING_SPENT, some & ~taste.has_spent),
        (("price_sensitivity",), Unknown.NOTHING_SPENT, some & ~taste.has_spent),
        (("discount_share",), Unknown.NO_DISCOUNTS, some & np.isnan(taste.discount_share)),
        (("price_sensitivity",), Unknown.NOTHING_COMPARED, some & np.isnan(taste.sensitivity)),
        (("stage",), Unknown.NEVER_SEEN, judged.journey.stage < 0),
        (("last_seen_at",), Unknown.NEVER_SEEN, facts.last_seen_at < 0),
        (("last_rating",), Unknown.NO_RATING, np.isnan(voice.rating)),
        (("last_nps",), Unknown.NO_ANSWER, np.isnan(voice.nps)),
        (("sentiment",), Unknown.NO_WORDS, np.isnan(voice.sentiment)),
        (("last_activity_at",), Unknown.NO_ACTIVITIES, facts.service.last_activity_at < 0),
    ]
    if rfm is None:
        missing.append((_CLASSES, Unknown.FEW_BUYERS, some))
    else:
        missing.append((("rfm_monetary", "rfm_segment"), Unknown.MONEY_UNKNOWN, some & (rfm.monetary == 0)))
    for name in FIGURES:
        missing.append(((name,), _code_of(worth.unknown.get(name)), some & np.isnan(worth.figures[name])))
    missing.append((("clv_horizon_days",), Unknown.NO_FORECAST, np.isnan(worth.figures["p_alive"])))
    return missing


_GROUPS = ("cluster", "persona")
_CLASSES = ("rfm_recency", "rfm_frequency", "rfm_monetary", "rfm_segment")
_NEED_AN_ORDER = (
    *_CLASSES, "first_order_at", "last_order_at", "aov", "recency_days", "interval_days", *FIGURES, "clv_horizon_days",
    "price_sensitivity", "discount_share", *_GROUPS,
)  # fmt: skip


def _code_of(why: str | None) -> Unknown:
    """Read the code a reason begins with; without one the figure is missing for this person alone."""
    code = (why or "").partition(":")[0]
    return Unknown(code) if code in set(Unknown) else Unknown.NO_VALUE
