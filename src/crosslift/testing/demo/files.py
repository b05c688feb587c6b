"""Write the demo shop as the files a merchant would bring: canonical columns, same bytes for the same seed."""

import csv
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from crosslift.testing.demo.catalog import CATALOG
from crosslift.testing.demo.curation import BUNDLE_COLUMNS, LINK_COLUMNS, bundle_rows, link_rows
from crosslift.testing.demo.customers import CONSENT_COLUMNS, CUSTOMER_COLUMNS, consent_rows, customer_rows, signed_up
from crosslift.testing.demo.guides import draw_reads
from crosslift.testing.demo.holdings import (
    SUBSCRIPTION_COLUMNS,
    USAGE_COLUMNS,
    draw_holdings,
    subscription_rows,
    usage_rows,
)
from crosslift.testing.demo.people import People
from crosslift.testing.demo.pictures import svg_of
from crosslift.testing.demo.rows import (
    ORDER_COLUMNS,
    PRODUCT_COLUMNS,
    RETURN_COLUMNS,
    event_lines,
    order_lines,
    product_rows,
    return_lines,
)
from crosslift.testing.demo.sales import draw_sales
from crosslift.testing.demo.searches import draw_searches
from crosslift.testing.demo.stories import FEWEST_ORDERS
from crosslift.testing.demo.till import write_till
from crosslift.testing.demo.trials import (
    ASSIGNMENT_COLUMNS,
    CHOICE_COLUMNS,
    Tried,
    assignment_rows,
    choice_rows,
    draw_trials,
    named_choices,
)
from crosslift.testing.demo.views import draw_views

LINES_AT_ONCE = 50_000

Progress = Callable[[str, float], None]


@dataclass(frozen=True, slots=True)
class DemoFiles:
    """Where everything is, and how many rows were written of it.

    `till` lies apart, in CP949 with Korean headings, and is not part of the shop's ordinary import.
    """

    folder: Path
    products: Path
    customers: Path
    consents: Path
    orders: Path
    returns: Path
    events: Path
    subscriptions: Path
    usage: Path
    links: Path
    bundles: Path
    launched: Path
    assignments: Path
    choices: Path
    pictures: Path
    till: Path
    counts: dict[str, int]

    @property
    def importable(self) -> tuple[Path, ...]:
        """The canonical files in the order a shop collects them."""
        sold = (self.products, self.customers, self.consents, self.orders, self.returns, self.events)
        return sold + self.more

    @property
    def more(self) -> tuple[Path, ...]:
        """What a shop holds, measures and has decided, beyond sales and events; and the trials it ran before."""
        held = (self.subscriptions, self.usage, self.links, self.bundles)
        return (*held, self.launched, self.assignments, self.choices)


def write(folder: Path, seed: int = 7, n_orders: int = 40_000, on_progress: Progress | None = None) -> DemoFiles:
    """Write the demo shop into a folder, which is made where it is missing.

    Parameters
    ----------
    folder : Path
        Existing demo files in it are replaced.
    seed : int
        Same seed, same bytes.
    n_orders : int
        Orders in orders.csv, mess included; at least 500. People and views come in proportion.
    on_progress : callable, optional
        Called with the step's name and the share of all work done so far, 0..1.

    Returns
    -------
    DemoFiles

    Raises
    ------
    ValueError
        If fewer than 500 orders are asked for: the stories need room.
    """
    if n_orders < FEWEST_ORDERS:
        raise ValueError(f"The demo shop needs at least {FEWEST_ORDERS} orders for its stories, not {n_orders}")
    tell = on_progress or (lambda step, done: None)
    rng = np.random.Generator(np.random.PCG64([seed, 3]))
    files = paths(folder)
    for place in (files.pictures, files.till.parent):
        place.mkdir(parents=True, exist_ok=True)
    tell("draw orders", 0.0)
    people, visits, lines, returns = draw_sales(n_orders, seed)
    signed = signed_up(people, visits, rng)
    tell("draw views", 0.1)
    views = draw_views(people, visits, lines, seed)
    searches, reads = draw_searches(people, visits, lines, views, seed), draw_reads(people, visits, lines, seed)
    tell("write products", 0.25)
    files.counts["products"] = _write_csv(files.products, PRODUCT_COLUMNS, product_rows())
    files.counts["pictures"] = _write_pictures(files.pictures)
    tell("write customers", 0.3)
    files.counts["customers"] = _write_csv(files.customers, CUSTOMER_COLUMNS, customer_rows(people, signed, rng))
    files.counts["consents"] = _write_csv(files.consents, CONSENT_COLUMNS, consent_rows(people, signed, rng))
    tell("write orders", 0.4)
    files.counts["orders"] = n_orders
    tried = draw_trials(people, visits, lines, signed, seed)
    named = named_choices(len(lines.order), tried.shown, "S")
    files.counts["lines"] = _write_lines(files.orders, ORDER_COLUMNS, order_lines(people, visits, lines, named, rng))
    files.counts["returns"] = _write_lines(files.returns, RETURN_COLUMNS, return_lines(lines, returns))
    tell("write events", 0.6)
    files.counts["events"] = _write_lines(files.events, None, event_lines(people, views, searches, reads))
    tell("write trials", 0.85)
    _write_trials(files, people, tried, rng)
    tell("write holdings", 0.9)
    held = subscription_rows(people, draw_holdings(people, seed))
    files.counts["subscriptions"] = _write_csv(files.subscriptions, SUBSCRIPTION_COLUMNS, held)
    files.counts["usage"] = _write_csv(files.usage, USAGE_COLUMNS, usage_rows(people, visits, lines, seed))
    files.counts["links"] = _write_csv(files.links, LINK_COLUMNS, link_rows())
    files.counts["bundles"] = _write_csv(files.bundles, BUNDLE_COLUMNS, bundle_rows())
    write_till(files.till)
    tell("done", 1.0)
    return files


def _write_trials(files: DemoFiles, people: People, tried: Tried, rng: np.random.Generator) -> None:
    """Write what was tried elsewhere: arms, what the box showed, and the orders the launch brought."""
    visits, lines = tried.brought
    named = named_choices(len(lines.order), tried.shown_brought, "B")
    files.counts["launched"] = len(visits.at)
    _write_lines(files.launched, ORDER_COLUMNS, order_lines(people, visits, lines, named, rng, "B"))
    files.counts["assignments"] = _write_csv(files.assignments, ASSIGNMENT_COLUMNS, assignment_rows(people, tried))
    files.counts["choices"] = _write_csv(files.choices, CHOICE_COLUMNS, choice_rows(people, tried))


def paths(folder: Path) -> DemoFiles:
    """Name the files of a demo folder, written or not."""
    return DemoFiles(
        folder=folder,
        products=folder / "products.csv",
        customers=folder / "customers.csv",
        consents=folder / "consents.csv",
        orders=folder / "orders.csv",
        returns=folder / "returns.csv",
        events=folder / "events.jsonl",
        subscriptions=folder / "subscriptions.csv",
        usage=folder / "usage.csv",
        links=folder / "links.csv",
        bundles=folder / "bundles.csv",
        launched=folder / "orders_of_the_launch.csv",
        assignments=folder / "assignments.csv",
        choices=folder / "logged_choices.csv",
        pictures=folder / "pictures",
        till=folder / "extra" / "till_cp949.csv",
        counts={},
    )


def _write_csv(path: Path, columns: str, rows: Iterable[Iterable[object]]) -> int:
    """Write quoted rows under their columns; give their number."""
    n = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(columns.split(","))
        for row in rows:
            out.writerow(row)
            n += 1
    return n


def _write_lines(path: Path, header: str | None, lines: list[str]) -> int:
    """Write finished lines in large pieces; give their number."""
    with path.open("w", encoding="utf-8", newline="") as file:
        if header:
            file.write(header + "\n")
        for start in range(0, len(lines), LINES_AT_ONCE):
            file.write("\n".join(lines[start : start + LINES_AT_ONCE]) + "\n")
    return len(lines)


def _write_pictures(folder: Path) -> int:
    """Write a picture for every product that has one."""
    pictured = [item for item in CATALOG if item.has_picture]
    for item in pictured:
        (folder / f"{item.product_id}.svg").write_text(svg_of(item), encoding="utf-8", newline="\n")
    return len(pictured)
