"""What speaks of products, customers and accounts that nobody knows: one finding each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from crosslift.collect.findings import Finding, Severity, three
from crosslift.domain.link import LinkKind, is_product


@dataclass(frozen=True, slots=True)
class Contacts:
    """What activities, cases, feedback, failed payments, subscriptions and account members name, each once.

    Attributes
    ----------
    customers, accounts, products : frozenset of str
        Ids they name.
    known_customers, known_accounts : frozenset of str
        Ids known otherwise: who bought, subscribed or is in a customers file; what is in an accounts file.
    """

    customers: frozenset[str] = frozenset()
    accounts: frozenset[str] = frozenset()
    products: frozenset[str] = frozenset()
    known_customers: frozenset[str] = frozenset()
    known_accounts: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class References:
    """What names products from outside the catalog.

    Attributes
    ----------
    live : pa.Table
        product_id, is_active of every product and variant.
    links : pa.Table
        from_id, to_id, kind of the links in force.
    bundles : pa.Table
        bundle_id, product_id, is_active, one row a part.
    held : sequence of str
        Products of subscriptions and readings, each once.
    contacts : Contacts
        What passes between shop and customer besides buying.
    listed : frozenset of str
        Products on the shop's own lists.
    viewed : mapping of str to int
        Products that were looked at, and how often.
    """

    live: pa.Table
    links: pa.Table
    bundles: pa.Table
    held: Sequence[str]
    contacts: Contacts = Contacts()
    listed: frozenset[str] = frozenset()
    viewed: Mapping[str, int] = field(default_factory=dict)


def examine(named: References) -> list[Finding]:
    """Find what leads nowhere."""
    known = frozenset(named.live.column("product_id").to_pylist())
    active = frozenset(named.live.filter(named.live.column("is_active")).column("product_id").to_pylist())
    links = [row for row in named.links.to_pylist() if _leads_nowhere(row["from_id"], row["to_id"], row["kind"], known)]
    parts = named.bundles.filter(pc.fill_null(named.bundles.column("is_active"), True)).to_pylist()
    broken: dict[str, str] = {}
    for part in parts:
        if part["product_id"] not in active:
            broken.setdefault(part["bundle_id"], part["product_id"])
    held, listed = sorted(set(named.held) - known), sorted(named.listed - known)
    return [
        Finding("links_unknown_product", Severity.WARNING, len(links), f"{len(links)} curated links name products nobody knows",
                "they wait until the product is collected", "collect the products, or mend or take back the links",
                three(f"{row['from_id']} → {row['to_id']} ({row['kind']})" for row in links)),
        Finding("bundles_broken", Severity.WARNING, len(broken), f"{len(broken)} bundles have a part that is unknown or inactive",
                "they are not offered", "mend the part, or set the bundle inactive",
                three(f"{bundle}: {part}" for bundle, part in broken.items())),
        Finding("held_unknown_product", Severity.WARNING, len(held),
                f"{len(held)} products of subscriptions or usage are not in the catalog",
                "nothing is offered for them and they are never offered", "collect them with a products file", three(held)),
        Finding("listed_unknown_product", Severity.WARNING, len(listed),
                f"{len(listed)} products on the shop's own lists are not in the catalog",
                "they are passed over, the others of their lists are offered", "collect them, or mend recommended_ids",
                three(listed)),
        *_of_contacts(named.contacts, known),
        _of_views({product: n for product, n in named.viewed.items() if product not in known}),
    ]  # fmt: skip


def _of_views(unknown: Mapping[str, int]) -> Finding:
    """Tell of pages that show what the catalog does not have: a gap of it, and never a product of its own."""
    often = sorted(unknown, key=lambda product: (-unknown[product], product))
    return Finding(
        "viewed_unknown_product", Severity.WARNING, len(often),
        f"{len(often)} products are looked at that the catalog does not have",
        "they are never offered, and nothing is learned of them",
        "collect them with a products file, or mend the ids of the pages",
        three(f"{product}: {unknown[product]} times" for product in often),
    )  # fmt: skip


def _of_contacts(told: Contacts, products: frozenset[str]) -> list[Finding]:
    things = sorted(told.products - products)
    people = sorted(told.customers - told.known_customers)
    accounts = sorted(told.accounts - told.known_accounts)
    return [
        Finding("contacts_unknown_product", Severity.WARNING, len(things),
                f"{len(things)} products of activities, cases or feedback are not in the catalog",
                "what was said of them counts for no product", "collect the products, or mend the ids", three(things)),
        Finding("contacts_unknown_customer", Severity.WARNING, len(people),
                f"{len(people)} customers are known only from activities, cases, feedback, failed payments or accounts",
                "they have no purchase and no traits beside it",
                "check that the other system uses the shop's customer ids, or collect them with a customers file",
                three(people)),
        Finding("unknown_account", Severity.WARNING, len(accounts),
                f"{len(accounts)} accounts are named that are in no accounts file", "they have no name and no market",
                "collect them with an accounts file", three(accounts)),
    ]  # fmt: skip


def _leads_nowhere(start: str, end: str, kind: str, known: frozenset[str]) -> bool:
    ends = (end,) if kind == LinkKind.CONTENT else (start, end)
    return any(is_product(one) and one not in known for one in ends)
