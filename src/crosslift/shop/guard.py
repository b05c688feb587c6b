"""The assisted-sales guard: alarms that ask a question, and the look-back with its proof."""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from hmac import compare_digest
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa

from crosslift.errors import BadInput, NotFound
from crosslift.measure import guard as watching
from crosslift.measure import guard_chain, guard_review
from crosslift.measure.guard_sale import Sale
from crosslift.measure.guard_sales import Roster, Told, assisted_sales, contacts_of, time_worked
from crosslift.measure.guard_terms import DAY, GuardTerms
from crosslift.settings import VERSION, Settings
from crosslift.shop.requests import EARLIEST, LATEST
from crosslift.shop.sold import amount
from crosslift.store.ports import Records

Row = dict[str, Any]
MANIFEST = ".manifest.json"
"""What the name of an exported list's manifest ends with, beside it."""
_LINES = (
    "source", "order_id", "line_id", "ordered_at", "customer_id", "product_id", "quantity", "unit_price_micros",
    "currency", "discount_micros", "tax_micros", "status", "decision_id", "attributes", "updated_at",
)  # fmt: skip
_SUBSCRIPTIONS = (
    "subscription_id", "customer_id", "account_id", "product_id", "status", "started_at", "ended_at", "quantity",
    "recurring_price_micros", "currency", "period", "attributes", "updated_at",
)  # fmt: skip
_RETURNS = ("source", "order_id", "line_id", "product_id", "returned_at", "refund_micros", "currency")
_CONFIRMATIONS = (
    "confirmation_id", "customer_id", "answer", "source", "order_id", "line_id", "subscription_id", "decision_id",
    "product_id", "content", "at",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Verified:
    """What checking an exported list found.

    Attributes
    ----------
    problems : tuple of str
        Where it is not the list its manifest speaks of; empty where nothing was touched.
    is_sealed_by_us : bool
        Whether this shop's secret sealed the manifest: nobody else can write another one for another list.
    """

    n_rows: int
    problems: tuple[str, ...]
    is_sealed_by_us: bool

    @property
    def is_whole(self) -> bool:
        """Tell whether it is the list this shop exported, to the last letter."""
        return self.is_sealed_by_us and not self.problems


class Guard:
    """The guard of one shop.

    Parameters
    ----------
    records : Records
        Sales, agents and confirmations.
    products : callable
        Gives the catalog.
    settings : Settings
        Those under `guard`.
    clock, local : callable
        Give the present instant, and the shop's zone to one that comes without.
    key : bytes
        The shop's own secret, which seals what is exported.
    """

    def __init__(
        self, records: Records, products: Callable[[], pa.Table], settings: Settings, clock: Callable[[], datetime],
        local: Callable[[datetime], datetime], key: bytes,
    ) -> None:  # fmt: skip
        self._records = records
        self._products = products
        self._settings = settings
        self._clock = clock
        self._local = local
        self._key = key

    def alarms(self, since: datetime | None = None, until: datetime | None = None, agent: str | None = None) -> Row:
        """Compare the agents with one another, and give those who are unlike the others.

        Parameters
        ----------
        since, until : datetime, optional
            The sales of this time, `until` not included; by default the last `guard.window_days`.
        agent : str, optional
            Give this agent's alarms and figures alone; everybody is compared all the same.

        Returns
        -------
        dict
            since, until, n_sales, n_agents; `alarms`, the most unusual first, each with agent, figure, value, the others',
            adjusted p and a sentence; `figures` of everybody; `not_estimable`: team, figure and why.
        """
        begin, end, now = self._time(since, until)
        told, terms = self._told(begin, end), GuardTerms.of(self._settings)
        roster = Roster(told.agents)
        sales = assisted_sales(told, terms, now)
        watched = watching.watch(sales, self._exposures(told, roster, sales, terms), roster.teams, terms, now)
        figures = sorted(watched.figures, key=lambda one: (one.p, one.agent_id, one.figure))
        mine = [one for one in figures if agent is None or one.agent_id == roster.id_of(agent)]
        return {
            "since": _iso(begin), "until": _iso(end),
            "n_sales": sum(sale.is_guarded for sale in sales), "n_agents": len({one.agent_id for one in figures}),
            "alarms": [_figure(one, roster, terms) for one in mine if one.is_alarm],
            "figures": [_figure(one, roster, terms) for one in mine],
            "not_estimable": [
                {"team": team, "figure": figure.value, "why": why} for team, figure, why in watched.not_estimable
            ],
        }  # fmt: skip

    def review(self, agent: str | None = None, since: datetime | None = None, until: datetime | None = None) -> Row:
        """List the sales that call for something: unconfirmed, denied, charged more than agreed, ended early.

        Returns
        -------
        dict
            agent, since, until, n_sales; `sales`, oldest first, each with its hash; `customers` to be told with what goes
            back to each; `charged` and `refunds` by currency; `manifest`, which holds the list together.

        Raises
        ------
        NotFound
            If nobody of that id sells anything.
        """
        found, head = self._reviewed(agent, since, until)
        rows, manifest = guard_chain.chained(found.rows(), head)
        return {
            **head, "n_sales": found.n_sales, "sales": rows,
            "customers": [
                {
                    "customer_id": one.customer_id, "account_id": one.account_id, "n_sales": one.n_sales,
                    "to_refund": [amount(money) for money in one.amounts], "n_unknown": one.n_unknown,
                }
                for one in found.customers
            ],
            "charged": [amount(money) for money in found.charged], "refunds": [amount(money) for money in found.refunds],
            "manifest": self._sealed(manifest),
        }  # fmt: skip

    def export(
        self, file: str | Path, agent: str | None = None, since: datetime | None = None, until: datetime | None = None
    ) -> Row:
        """Write the list of a look-back as CSV or JSON, and its manifest beside it.

        Returns
        -------
        dict
            As `review` has it, without the sales; `file`, `manifest_file`, `n_rows`.

        Raises
        ------
        BadInput
            If the name ends neither with .csv nor with .json, or cannot be written.
        """
        path = Path(file)
        form = _form(path)
        found = self.review(agent, since, until)
        manifest_file = path.with_name(path.name + MANIFEST)
        columns = [*found["manifest"]["columns"], guard_chain.HASH]
        try:
            path.write_bytes(_as_csv(found["sales"], columns) if form == "csv" else msgspec.json.encode(found["sales"]))
            manifest_file.write_bytes(msgspec.json.format(msgspec.json.encode(found["manifest"]), indent=2))
        except OSError as error:
            raise BadInput(f"cannot be written: {error.strerror}", where=str(path)) from error
        rest = {name: value for name, value in found.items() if name not in ("sales", "manifest")}
        return {**rest, "file": str(path), "manifest_file": str(manifest_file), "n_rows": len(found["sales"])}

    def verify(self, file: str | Path) -> Verified:
        """Check an exported list against the manifest beside it: nothing changed, dropped, moved or added.

        Raises
        ------
        BadInput
            If one of the two cannot be read.
        """
        path = Path(file)
        form = _form(path)
        try:
            content, sealed = path.read_bytes(), path.with_name(path.name + MANIFEST).read_bytes()
            rows = _of_csv(content) if form == "csv" else msgspec.json.decode(content, type=list[dict[str, str]])
            manifest = msgspec.json.decode(sealed, type=dict[str, Any])
        except OSError as error:
            raise BadInput(f"cannot be read: {error.strerror}", where=str(error.filename or path)) from error
        except (msgspec.DecodeError, UnicodeDecodeError, csv.Error, RecursionError) as error:
            raise BadInput(f"is no list or manifest of a look-back: {error}", where=str(path)) from error
        seal = str(manifest.pop("seal", ""))
        is_ours = compare_digest(seal.encode(), self._seal(manifest).encode())
        return Verified(len(rows), tuple(guard_chain.broken(rows, manifest)), is_ours)

    def _reviewed(
        self, agent: str | None, since: datetime | None, until: datetime | None
    ) -> tuple[guard_review.Review, Row]:
        begin, end, now = self._time(since, until)
        told, terms = self._told(begin, end), GuardTerms.of(self._settings)
        sales, roster = assisted_sales(told, terms, now), Roster(told.agents)
        who = None if agent is None else roster.id_of(agent)
        chosen = [sale for sale in sales if who in (None, sale.agent_id)]
        if who is not None and not chosen and who not in roster.teams:
            raise NotFound(f"no agent {agent!r}, and no sale of that time names one")
        return guard_review.review(chosen), {
            "agent": who, "since": _iso(begin), "until": _iso(end), "as_of": _iso(now), "shop": self._settings["shop.name"],
            "made_by": f"crosslift {VERSION}",
            "asked_for": {name: value for name, value in self._settings.as_dict().items() if name.startswith("guard.")},
        }  # fmt: skip

    def _time(self, since: datetime | None, until: datetime | None) -> tuple[int, int, int]:
        now = self._clock()
        end = self._named(until) or now
        begin = self._named(since) or end - timedelta(days=self._settings["guard.window_days"])
        if end <= begin:
            raise BadInput(f"the time ends ({_iso(_micros(end))}) before it begins ({_iso(_micros(begin))})")
        return _micros(begin), _micros(end), _micros(now)

    def _named(self, moment: datetime | None) -> datetime | None:
        if moment is None:
            return None
        moment = self._local(moment)
        if not EARLIEST <= moment <= LATEST:
            raise BadInput(f"{moment:%Y-%m-%d}: only sales from 1970 to 2199 can be looked at")
        return moment

    def _told(self, begin: int, end: int) -> Told:
        """Read what the guard needs: the sales of a time, and whatever was said or came of them since."""
        table = self._records.table
        days = (begin // DAY, end // DAY)
        return Told(
            table("order_lines", _LINES, "ordered_on between ? and ? and ordered_at >= ? and ordered_at < ? "
                  "and attributes is not null", (*days, begin, end)),
            table("subscriptions", _SUBSCRIPTIONS, "started_on between ? and ? and started_at >= ? and started_at < ? "
                  "and attributes is not null", (*days, begin, end)),
            table("returns", _RETURNS, "returned_on >= ?", days[:1]),
            self._products().select(["product_id", "kind", "category"]),
            table("confirmations", _CONFIRMATIONS),
            table("agents", ("agent_id", "name", "team")),
            table("activities", ("staff", "at"), "at >= ? and at < ? and staff is not null", (begin, end)),
            self._records.people(),
        )  # fmt: skip

    @staticmethod
    def _exposures(told: Told, roster: Roster, sales: Sequence[Sale], terms: GuardTerms) -> Mapping[str, int]:
        """Give what the sales of each agent are counted against: time worked, or contacts, one at least."""
        contacts = contacts_of(told.activities, roster)
        if terms.per != "contact":
            return time_worked(sales, contacts, terms)
        counted = dict.fromkeys((sale.agent_id for sale in sales), 0)
        for agent, _ in contacts:
            counted[agent] = counted.get(agent, 0) + 1
        return {agent: max(n, 1) for agent, n in counted.items()}

    def _sealed(self, manifest: Row) -> Row:
        return {**manifest, "seal": self._seal(manifest)}

    def _seal(self, manifest: Mapping[str, Any]) -> str:
        body = guard_chain.written(dict(manifest))
        return blake2b(body, digest_size=32, key=self._key, person=b"guard review").hexdigest()


def _figure(one: watching.AgentFigure, roster: Roster, terms: GuardTerms) -> Row:
    name = roster.names.get(one.agent_id, one.agent_id)
    said = {"name": name, "says": one.said(name, terms)} if one.is_alarm else {"name": name}
    return {**asdict(one), "figure": one.figure.value, **said}


def _form(path: Path) -> str:
    form = path.suffix.lower().removeprefix(".")
    if form not in ("csv", "json"):
        raise BadInput("a look-back is a .csv or a .json; name the file so", where=str(path))
    return form


def _as_csv(rows: Sequence[Mapping[str, str]], columns: Sequence[str]) -> bytes:
    stream = io.StringIO(newline="")
    out = csv.DictWriter(stream, columns, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    out.writeheader()
    out.writerows(rows)
    return stream.getvalue().encode()


def _of_csv(content: bytes) -> list[dict[str, str]]:
    return [
        {name or "": value or "" for name, value in row.items()}
        for row in csv.DictReader(io.StringIO(content.decode(), newline=""), restkey="")
    ]


def _micros(moment: datetime) -> int:
    return int(moment.timestamp() * 1_000_000)


def _iso(at: int) -> str:
    return datetime.fromtimestamp(at / 1e6, UTC).isoformat()
