"""All facts of a run as arrays by person: the one place where identities become people."""

from dataclasses import dataclass, fields, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from crosslift.domain.sale import PaymentStatus
from crosslift.domain.trait import sensitive_names
from crosslift.learn.customers.accounts import Accounts
from crosslift.learn.customers.bought import Bought, latest, total
from crosslift.learn.customers.exchange import Exchange
from crosslift.learn.customers.figures import Figures
from crosslift.learn.customers.holdings import Holdings
from crosslift.learn.customers.material import CustomerMaterial, until
from crosslift.learn.customers.orders import Orders
from crosslift.learn.customers.people import Identities, Numbers, People, ranked
from crosslift.learn.customers.returns import Refunds
from crosslift.learn.customers.seen import Seen, Watch
from crosslift.learn.customers.service import Rates, Service
from crosslift.learn.customers.shelf import Shelf
from crosslift.learn.customers.sources import Sources
from crosslift.learn.customers.traits import Traits
from crosslift.learn.customers.voice import Voice
from crosslift.settings import Settings

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

OF_CUSTOMERS = (
    "lines", "customers", "subscriptions", "usage", "activities", "cases", "feedback", "payments_failed",
    "account_members",
)  # fmt: skip
"""Tables that name a customer."""
LATER = ("product_id", "quantity", "market", "channel")
"""What is read of the lines once `bought` holds everything else."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of everybody; arrays of shape (people,) where not said otherwise.

    Attributes
    ----------
    as_of : int
        The newest fact, microseconds UTC.
    material : CustomerMaterial
        The tables, without anything later; of the lines the columns `LATER` alone.
    defaults : int64 array
        Micros of payments given up; `has_default_rates` False where one does not convert.
    last_ordered_at, last_seen_at, last_used_at : int64 array
        Newest order, kept or not; newest sign of life; newest use, reading of a meter, or question; −1 for never.
    """

    as_of: int
    material: CustomerMaterial
    exchange: Exchange
    people: People
    shelf: Shelf
    bought: Bought
    orders: Orders
    figures: Figures
    seen: Seen
    refunds: Refunds
    accounts: Accounts
    holdings: Holdings
    service: Service
    voice: Voice
    traits: Traits
    sources: Sources
    defaults: Ints
    has_default_rates: Bools
    last_ordered_at: Ints
    last_seen_at: Ints
    last_used_at: Ints

    @classmethod
    def read(
        cls, material: CustomerMaterial, settings: Settings, currency: str, as_of: int | None, now: int | None
    ) -> "Facts":
        """Read all tables.

        Parameters
        ----------
        currency : str
            The reporting currency.
        as_of : int or None
            The instant days are counted from; None takes the newest fact.
        now : int or None
            Microseconds; later facts are left out, as are those after `as_of`.
        """
        material = until(material, now if as_of is None else as_of)
        identities, shelf = Identities(), Shelf.of(material.products)
        of_table = {name: identities.customers(getattr(material, name).column("customer_id")) for name in OF_CUSTOMERS}
        watch = Watch(identities, shelf, now if as_of is None else as_of)
        watch.read(material.events)
        as_of = max(material.newest(), watch.newest) if as_of is None else as_of
        people = identities.people(material.people)
        person = {name: people.of(numbers) for name, numbers in of_table.items()}
        sensitive, came_from = sensitive_names(settings["profile.sensitive_traits"]), watch.came_from(people)
        words = (
            Traits.of(material.customers, person["customers"], watch.told(people), sensitive, len(people)),
            Sources.of(came_from.person, came_from.properties, len(people)),
        )
        exchange = Exchange(currency, material.exchange_rates)
        return _put_together(material, settings, exchange, as_of, people, shelf, person, watch.seen(people), words)

    def settled(self) -> "Facts":
        """Give the same without lines and acts, by far the most of it: once judged, they are not needed any more."""
        lines = Bought(*(np.zeros(0, getattr(self.bought, column.name).dtype) for column in fields(self.bought)))
        act = Seen(*(np.zeros(0, getattr(self.seen, column.name).dtype) for column in fields(self.seen)))
        return replace(self, bought=lines, seen=act)


def _put_together(
    material: CustomerMaterial,
    settings: Settings,
    exchange: Exchange,
    as_of: int,
    people: People,
    shelf: Shelf,
    person: dict[str, Numbers],
    seen: Seen,
    words: tuple[Traits, Sources],
) -> Facts:
    n = len(people)
    bought = Bought.of(
        material.lines, person["lines"], shelf, exchange, prices_include_tax=settings["shop.prices_include_tax"]
    )
    orders = Orders.of(bought, n)
    accounts = Accounts.of(material.account_members, material.accounts, person["account_members"], as_of)
    rates = Rates(settings["profile.service_cost_per_hour"], settings["profile.contact_cost"])
    service = Service.of(
        material.cases, material.activities, person["cases"], person["activities"], accounts, exchange, rates, as_of, n
    )
    voice = Voice.of(material.feedback, person["feedback"], n)
    figures = Figures.of(bought, orders, as_of)
    defaults, has_rates = _defaults(material.payments_failed, person["payments_failed"], exchange, n)
    read_at = latest(person["usage"], _at(material.usage, "at"), n)
    used_at = np.maximum.reduce([seen.last_used_at, read_at, service.last_asked_at])
    ordered_at = latest(bought.person, bought.at, n)
    refunds = Refunds.of(material.returns, material.lines, bought, exchange, n)
    return Facts(
        as_of=as_of,
        material=replace(material, lines=material.lines.select(list(LATER))),
        exchange=exchange,
        people=people,
        shelf=shelf,
        bought=bought,
        orders=orders,
        figures=figures,
        seen=seen,
        refunds=refunds,
        accounts=accounts,
        holdings=Holdings.of(material.subscriptions, person["subscriptions"], accounts, as_of, n),
        service=service,
        voice=voice,
        traits=words[0],
        sources=words[1],
        defaults=defaults,
        has_default_rates=has_rates,
        last_ordered_at=ordered_at,
        last_seen_at=np.maximum.reduce([ordered_at, seen.last_at, used_at, voice.last_at]),
        last_used_at=used_at,
    )


def _defaults(payments: pa.Table, person: Numbers, exchange: Exchange, n_people: int) -> tuple[Ints, Bools]:
    given_up = np.asarray(pc.equal(payments.column("status"), PaymentStatus.DEFAULTED.value), np.bool_)
    amount = exchange.amounts(payments.column("amount_micros"), payments.column("currency"), _at(payments, "at"))
    lost = total(person, np.where(given_up, amount.micros, 0), n_people)
    return lost, total(person, given_up & amount.is_foreign, n_people) == 0


def _at(table: pa.Table, name: str) -> Ints:
    return np.asarray(table.column(name), np.int64)


def markets_of(facts: Facts) -> pa.Array:
    """Name the markets in the order `Figures.market` counts them."""
    return ranked(facts.material.lines.column("market"))[1]
