"""One merchant's shop: its home folder opened, the rooms wired. What a notebook holds, and the only door to `decide`.

with crosslift.open("shop") as shop:
    shop.collect("orders.csv")
    shop.learn()
    shop.decide(placement="cart", cart=["85123A"])
"""

import os
import secrets
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from functools import cached_property
from hashlib import blake2b
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc
import structlog

from crosslift.collect import cleaning, derive, from_json, intake, quality
from crosslift.collect.evidence import identity_evidence
from crosslift.collect.findings import ImportReport
from crosslift.collect.recognition import Options
from crosslift.collect.sources import segment
from crosslift.decide import record
from crosslift.decide.curation import PRECEDENCE
from crosslift.decide.decider import Read, decide
from crosslift.decide.knowledge import Knowledge
from crosslift.decide.overlay import Overlay
from crosslift.decide.replay import Replayed, replay
from crosslift.deliver import exposures
from crosslift.domain.customer import Person, Purpose
from crosslift.domain.decision import Decision, Request, Response
from crosslift.domain.estimate import NotEstimable
from crosslift.domain.offer import PLACEMENTS
from crosslift.domain.policy import BUILT_IN
from crosslift.errors import BadInput, BadUsage, NotFound, NotReplayable, Refused
from crosslift.learn import evaluate
from crosslift.learn import run as learning
from crosslift.learn.baskets import from_lines
from crosslift.learn.material import Material
from crosslift.measure import metrics
from crosslift.settings import VERSION, Settings
from crosslift.shop import affected, comparing, curation, facts, importing, material, pair, publish, relating, requests
from crosslift.shop.consents import Consents
from crosslift.shop.customers import Customers, as_identity
from crosslift.shop.known import LINK_COLUMNS, Known
from crosslift.shop.locks import alone, learning_alone
from crosslift.shop.privacy import Privacy
from crosslift.shop.profiles import Profiles
from crosslift.shop.segments import Segments
from crosslift.stats import kernels
from crosslift.store import snapshot as snapshots
from crosslift.store.duckdb import DuckdbFrames
from crosslift.store.ports import PersonRow
from crosslift.store.sqlite import SqliteRecords

log = structlog.get_logger()
Progress = Callable[[str, int, int], None]
PRODUCT_COLUMNS = (
    "product_id", "title", "titles", "category", "attributes", "kind", "kind_source", "kind_reason", "price_micros",
    "cost_micros", "currency", "stock", "image", "brand", "parent_id", "is_derived", "is_active", "url",
)  # fmt: skip
RECORD_BATCH = 500


def _quiet(_step: str, _done: int, _total: int) -> None:
    """Report progress to nobody."""


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Shop:
    """One merchant's data.

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
        self.records = SqliteRecords(self.home / "records.db")
        self.frames = DuckdbFrames(self.records, self.home / "parts")
        self.known = Known(self.snapshot_folder, self.records)

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
    def privacy(self) -> Privacy:
        """A person's rights: a copy of everything, erasure with a certificate, and retention."""
        return Privacy(self.records, self.frames, self.home, self.settings, self.clock)

    @cached_property
    def segments(self) -> Segments:
        """Groups of customers by the merchant's rules, and who is in them at this moment."""
        return Segments(self.records, self.frames, self.home, self.settings, self.clock)

    def __enter__(self) -> "Shop":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Finish pending writes and release the home folder."""
        self.records.close()

    # collect -----------------------------------------------------------------------------------------------------

    def collect(
        self,
        *paths: str | Path,
        mapping: Mapping[str, str] | None = None,
        source: str | None = None,
        dry_run: bool = False,
        skip_bad_rows: bool = False,
        encoding: str | None = None,
        accept: importing.Accept = False,
        progress: Progress = _quiet,
    ) -> list[ImportReport]:
        """Import files; each becomes visible as a whole or not at all.

        Parameters
        ----------
        paths : path
            CSV, TSV, JSON lines, Parquet, XLSX or product feeds in XML, in any order; text may be gz.
        mapping : mapping, optional
            Canonical column to the file's column, to `total/quantity` of two columns, or to `:value` for the same value in
            every row.
        source : str, optional
            Names the system the orders come from; by default the format's name.
        encoding : str, optional
            Of text, where it cannot be told.
        accept : bool or collection of path
            Collect what is only proposed: all files, none, or those named.

        Returns
        -------
        list of ImportReport
            One a file.

        Raises
        ------
        Unconfirmed
            With its proposal, for a file whose format is not certain; nothing is collected then.
        BadInput
            For a file that cannot be read; it leaves nothing behind.
        """
        if not paths:
            raise BadUsage("no file named; give the path of an orders, products, customers or events file")
        options = Options(dict(mapping or {}), source, dry_run, skip_bad_rows, encoding=encoding)
        known = importing.look_at(paths, self.settings, options, accept)
        with self._importing():
            self._forget()
            self.records.recover_imports(self._micros(self.clock()))
            was_stale = self.frames_are_stale()
            reports = [
                intake.collect_file(one.table.path, self.records, self.settings, self.clock(), options, progress, one)
                for one in known
            ]
            fresh = [r.import_id for r in reports if r.state == "committed" and r.import_id is not None]
            if fresh or self.frames_are_stale():
                self._derive(None if was_stale else fresh, progress)
        return reports

    def undo_import(self, import_id: int | None = None) -> dict[str, Any]:
        """Take the last file collected back, or the import named: all is as it was before it.

        Returns
        -------
        dict
            import_id, dataset, source, format; `n_gone` rows that stopped counting, `n_back` that it had replaced,
            `n_derived` products that vanished with its order lines.

        Raises
        ------
        NotFound
            If there is nothing to take back.
        Conflict
            If later imports build on it; the message names them.
        """
        with self._importing():
            self.records.recover_imports(self._micros(self.clock()))
            undone = importing.undo(self.records, self.frames, import_id)
            self._derive(None, _quiet)
            self.records.forget_unseen(undone.identities)
        told = asdict(undone)
        return {name: value for name, value in told.items() if name != "identities"}

    def frames_are_stale(self) -> bool:
        """Tell whether an earlier import was committed but not yet worked up (a crash in between)."""
        is_dirty = self.records.dirty_days("order_lines") or self.records.dirty_days("returns")
        return bool(is_dirty) or self.records.meta("is_working_up") == "yes"

    def _importing(self) -> AbstractContextManager[None]:
        return alone(self.home / "collect.lock", f"another import into {self.home} is running; wait for it to end")

    def _derive(self, imports: Sequence[int] | None, progress: Progress) -> None:
        """Work up what follows from committed imports: products of unknown codes, person states, columnar copies."""
        self.records.set_meta("is_working_up", "yes")
        progress("products from orders", 0, 3)
        self.records.refresh_person_states(imports)
        self.customers.remap(None if imports is None else self.records.touched_identities(imports))
        progress("columnar copy", 1, 3)
        self.frames.refresh()
        self.frames.seal()
        progress("products", 2, 3)
        known = self.records.table("products", ["product_id", "is_derived", "kind", "kind_source"])
        derived = derive.derive(self.frames.order_lines(), known, self.settings)
        if derived:
            self.records.put_rows("products", derive.COLUMNS, derived, self._micros(self.clock()))
        self.records.set_meta("is_working_up", "")
        progress("worked up", 3, 3)

    def _work_up(self, progress: Progress) -> None:
        """Work up what came by API since the last import."""
        if self.frames_are_stale():
            with self._importing():
                self._derive(None, progress)

    def quality(self) -> quality.QualityReport:
        """Look at everything collected so far: findings, worst first, and what can be learned."""
        lines, products = self.frames.order_lines(), self.products()
        cleaned = cleaning.clean(lines, self.frames.returns(), products, self.settings)
        reports = [r.report or "{}" for r in self.records.imports() if r.state == "committed"]
        events = self.frames.events().select(["at", "identity"])
        named = curation.references(self.records, self.frames, self.clock())
        return quality.examine(lines, cleaned, products, events, reports, self.settings, self.clock(), named)

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

    def put_products(self, products: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """Insert or replace products: the code of the file door, effective on the very next decision.

        Parameters
        ----------
        products : sequence of mapping
            Canonical columns of a products file; values as JSON has them.

        Raises
        ------
        BadInput
            Naming the product and the field; nothing is kept then.
        """
        columns, built = from_json.product_rows(products, self.settings)
        outcome = self.records.put_rows("products", columns, built, self._micros(self.clock()))
        return {"new": outcome.n_new, "replaced": outcome.n_replaced, "same": outcome.n_same}

    def patch_products(self, changes: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """Change price, stock or active alone; the next decision sees it, nothing is learned again."""
        fields = from_json.live_changes(changes)
        unknown = self.records.patch_live(fields, self._micros(self.clock()))
        return {"changed": len(fields) - len(unknown), "unknown": unknown}

    def put_links(self, links: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """Insert, replace or take back curated links: the code of the file door, effective on the very next decision.

        Raises
        ------
        BadInput
            Naming the link and the field; nothing is kept then.
        """
        return curation.put_links(self.records, self.settings, self.clock(), links)

    def links(self, after: int = 0, limit: int | None = None) -> dict[str, Any]:
        """List the curated links in force, as they can be put again; `next` leads to the following page."""
        return curation.list_links(self.records, self.clock(), after, limit)

    def remove_link(self, from_id: str, to_id: str, kind: str) -> None:
        """Take a curated link back. NotFound if none stands."""
        curation.remove_link(self.records, self.settings, self.clock(), from_id, to_id, kind)

    def put_bundles(self, parts: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """Insert or replace bundles, one item a part: the code of the file door.

        Raises
        ------
        BadInput
            Naming the part and the field; nothing is kept then.
        """
        return curation.put_bundles(self.records, self.settings, self.clock(), parts)

    def bundles(self, after: int = 0, limit: int | None = None) -> dict[str, Any]:
        """List the bundles part by part, as they can be put again; `next` leads to the following page."""
        return curation.list_bundles(self.records, after, limit)

    def put_facts(self, dataset: str, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """Take in rows of a dataset, all or none, by the code of the file door; `facts.DATASETS` are known.

        Raises
        ------
        BadInput
            Naming the row and the field; nothing is kept then.
        """
        done = facts.put_facts(self.records, self.settings, self.clock(), dataset, rows)
        if dataset == "customers":
            self.customers.remap([as_identity(str(row["customer_id"])) for row in rows])
        return done

    def collect_events(self, messages: Sequence[segment.Message], *, tells_orders: bool = True) -> dict[str, Any]:
        """Take in a batch of events, and the orders they tell of where the sender is believed; replaying changes nothing."""
        counted = facts.collect_events(self.records, self.settings, self.clock(), messages, tells_orders=tells_orders)
        self.customers.take(identity_evidence(messages, self._micros(self.clock())) if tells_orders else [])
        return counted

    # learn -------------------------------------------------------------------------------------------------------

    def learn(self, *, force: bool = False, progress: Progress = _quiet) -> dict[str, Any]:
        """Learn from everything collected and publish a snapshot.

        A snapshot that completes later baskets worse than the published one (paired 95 % interval below 0 on the same
        slice) is refused unless forced; the first is always published.

        Returns
        -------
        dict
            Figures, the offline table, and what your orders say; plain values.

        Raises
        ------
        QualityGate
            If there is nothing to learn from yet, or the snapshot was refused.
        """
        with learning_alone(self.home):
            return self._learn(force=force, progress=progress)

    def _learn(self, *, force: bool, progress: Progress) -> dict[str, Any]:
        self._forget()
        progress("warming the kernels", 0, 1)
        kernels.warm(self.cache)
        self._work_up(progress)
        customers = self.profiles.learn(progress)
        self.segments.evaluate(is_alone=True)
        read = self.material()
        facts = {
            "has_consents": self.records.table("consents", ["id"]).num_rows > 0,
            "has_views": read.views.num_rows > 0,
        }
        learned = learning.learn(read, self.settings, facts, progress, self.home / "cache" / "pairs")
        report = publish.publish(learned, self.records, self.snapshot_folder, self.settings, self.clock(), force=force)
        self.records.save_dues([(*row.values(),) for row in _with_last(learned.dues).to_pylist()])
        return {**report, "customers": customers}

    def material(self) -> Material:
        """Give everything a learning run reads."""
        products, returns = self.products(), self.frames.returns()
        lines = cleaning.clean(self.frames.order_lines(), returns, products, self.settings).lines
        return material.gather(lines, products, returns, self.records, self.frames, self._micros(self.clock()))

    def snapshots(self) -> list[dict[str, Any]]:
        """List learned snapshots, newest first, with what became of them."""
        current = snapshots.current_id(self.snapshot_folder)
        return [
            {name: row[name] for name in ("snapshot_id", "created_at", "as_of", "state", "ndcg")}
            | {"is_current": row["snapshot_id"] == current}
            for row in self.records.snapshots()
        ]

    def rollback(self, snapshot_id: str) -> None:
        """Make an earlier snapshot the current one again; it holds with the next decision.

        Raises
        ------
        NotFound
            If there is no snapshot of that id, or it was swept or refused.
        """
        if snapshot_id not in snapshots.listed(self.snapshot_folder):
            raise NotFound(f"no snapshot {snapshot_id} to go back to; there are {self._listed()}")
        snapshots.load(self.snapshot_folder, snapshot_id)
        snapshots.point_at(self.snapshot_folder, snapshot_id)

    def _listed(self) -> str:
        return ", ".join(snapshots.listed(self.snapshot_folder)) or "none yet"

    def measure_offline(self, *, progress: Progress = _quiet) -> evaluate.Table | NotEstimable:
        """Replay the newest slice against popularity, confidence, lift, cosine, Jaccard and EASE."""
        part = evaluate.cut_slice(from_lines(self.cleaned().lines), self.settings)
        return part if isinstance(part, NotEstimable) else evaluate.compare(part, self.settings, progress)[0]

    # how products relate, for people -------------------------------------------------------------------------------

    def relations(self, product: str, kinds: Sequence[str] = (), *, raw: bool = False) -> pa.Table:
        """Give every relation of a product with all its evidence, by kind, best first.

        Parameters
        ----------
        kinds : sequence of str, optional
            Only these, such as `("complement", "sequence")`.
        raw : bool
            Order complements by the textbook lift, not by the one corrected for basket sizes; both are columns.

        Raises
        ------
        NotFound
            If the snapshot does not know the product.
        """
        return relating.as_table(self.relations_of(product, kinds, raw=raw))

    def relations_of(self, product: str, kinds: Sequence[str] = (), *, raw: bool = False) -> list[dict[str, Any]]:
        """Give the rows of `relations` as plain values; a variant has those of its product."""
        knowledge, overlay = self._live()
        return relating.relations_of(knowledge, overlay.parent_of(product), kinds, raw=raw)

    def why_not_related(self, a: str, b: str) -> dict[str, Any]:
        """Tell why `b` is not among the companions of `a`, or that it is: the first reason in words, all of them, figures."""
        knowledge, overlay = self._live()
        a, b = overlay.parent_of(a), overlay.parent_of(b)
        if a == b:
            raise BadUsage(f"{a} and {b} are one product; name two")
        links = self.records.table("links", LINK_COLUMNS, "action <> 'remove'").to_pylist()
        baskets = from_lines(self.cleaned().lines)
        threshold = self.learning_report().get("p_threshold")
        now = self._micros(self.clock())
        return pair.explain_pair(knowledge, overlay, baskets, links, a, b, self.settings, threshold, now)

    def groups(self) -> pa.Table:
        """Give the groups of the catalog that go together, largest first."""
        return relating.as_table(relating.groups(self.knowledge))

    def without_companions(self) -> pa.Table:
        """Give the products nothing goes with yet, the most bought first, and why."""
        return relating.as_table(relating.without_companions(self.knowledge, self.settings["learn.min_baskets"]))

    def review_queue(self, since: str | None = None) -> pa.Table:
        """Give the strong complements that are new and that no curated link speaks of, surest first."""
        return relating.as_table(comparing.review_queue(self.earlier(since), self.knowledge, self.judged_pairs()))

    def changes(self, since: str | None = None) -> pa.Table:
        """Give the relations that came and went since an earlier snapshot, by default the one before; empty without one."""
        old = self.earlier(since)
        return relating.as_table([] if old is None else comparing.changes(old, self.knowledge))

    def stability(self, since: str | None = None) -> pa.Table:
        """Tell how much of each kind stayed since an earlier snapshot: counts, overlap, how alike strengths rank."""
        old = self.earlier(since)
        return relating.as_table([] if old is None else comparing.stability(old, self.knowledge))

    def offers_affected(self, since: str | None = None, *, most: int = affected.MOST) -> pa.Table:
        """Give the products that, alone in a cart, are answered otherwise than under an earlier snapshot.

        Decided under both snapshots with the live values of now; nothing is recorded. The `most` bought are asked about.
        """
        old = self.earlier(since)
        if old is None:
            return relating.as_table([])
        now, language = self.clock(), self.settings["shop.language"]
        return relating.as_table(affected.offers_affected(old, self.knowledge, self.records, now, language, most)[0])

    def gaps(self, a: str, b: str) -> pa.Table:
        """List who holds `a` and lacks `b` that is held with it, longest holders first.

        Raises
        ------
        BadInput
            If the two are not known to be held together.
        """
        knowledge, overlay = self._live()
        given = self.material()
        return pair.gaps(knowledge, given.subscriptions, given.products, overlay.parent_of(a), overlay.parent_of(b))

    def learning_report(self) -> dict[str, Any]:
        """Give the report of the snapshot in force: counts by kind, chance, precedence, proposals for a person to judge."""
        loaded = snapshots.load(self.snapshot_folder)
        more = {"precedence": list(PRECEDENCE), "proposals": loaded.texts["proposals"]}
        return {"snapshot_id": loaded.snapshot_id, **loaded.texts["report"], **more}

    def earlier(self, since: str | None = None) -> Knowledge | None:
        """Load an earlier snapshot to compare with: the one named, else the one before that in force, None if that is the first.

        Raises
        ------
        NotFound
            If there is none of that id.
        """
        listed = snapshots.listed(self.snapshot_folder)
        if since is None:
            before = [name for name in listed if name < self.knowledge.snapshot_id]
            return self.known.of(before[-1]) if before else None
        if since not in listed:
            raise NotFound(f"no snapshot {since} to compare with; there are {self._listed()}")
        return self.known.of(since)

    def judged_pairs(self) -> list[tuple[str, str]]:
        """Name the pairs that curated links in force speak of."""
        links = self.records.links(self._micros(self.clock()))[1]
        return list(zip(links.column("from_id").to_pylist(), links.column("to_id").to_pylist(), strict=True))

    def _live(self) -> tuple[Knowledge, Overlay]:
        """Give the snapshot in force with the live values of this moment."""
        return self.known.at(self.records.person(None).change_number)

    def cleaned(self) -> cleaning.Cleaned:
        """Give the order lines that count."""
        return cleaning.clean(self.frames.order_lines(), self.frames.returns(), self.products(), self.settings)

    # decide ------------------------------------------------------------------------------------------------------

    @property
    def knowledge(self) -> Knowledge:
        """The snapshot in force; a newer publication is picked up at once. NotReady before the first."""
        return self.known.knowledge()

    def decide(
        self,
        placement: str,
        cart: Sequence[str] = (),
        *,
        customer: str | None = None,
        holdings: Sequence[str] = (),
        k: int | None = None,
        at: datetime | None = None,
        exclude: Sequence[str] = (),
        policy: str = "helpful",
        purpose: str | None = None,
        language: str | None = None,
        market: str | None = None,
        product: str | None = None,
        query: str | None = None,
        content: str | None = None,
        kinds: Sequence[str] = (),
        with_trace: bool = False,
    ) -> Decision:
        """Decide what, if anything, to offer, and record it.

        Parameters
        ----------
        placement : str
            Where it will appear: product, cart, checkout, home, e-mail ... see `domain.offer.PLACEMENTS`.
        cart, holdings : sequence of str
            Products in the basket; owned already, as the caller knows it.
        product, query, content : str, optional
            What the page is about; what was searched for; which guide, FAQ or set-up step is read.
        kinds : sequence of str, optional
            Only these kinds of offer, as a slot of a page wants them.
        k : int, optional
            At most this many offers.
        purpose : str, optional
            contextual, personalization or marketing; by default what consent allows. `evaluation` is offline only.

        Raises
        ------
        BadUsage
            For k below 1, an unknown placement, policy or purpose.
        NotReady
            If nothing has been learned yet.
        """
        request = requests.build(
            placement, cart, customer, holdings, k, self.local(at) if at else self.clock(), exclude, policy, purpose,
            language or self.settings["shop.language"], market, product=product, query=query, content=content,
            kinds=kinds,
        )  # fmt: skip
        return self.decide_requests([request], with_trace=with_trace)[0]

    def decide_requests(self, asked: Sequence[Request], *, with_trace: bool = False) -> list[Decision]:
        """Decide several requests and record them in one durable write."""
        made = [self._decide(request, with_trace) for request in asked]
        self.records.record_decisions([m[1] for m in made], [m[2] for m in made])
        return [m[0] for m in made]

    def decide_unrecorded(
        self, request: Request, with_trace: bool = False
    ) -> tuple[Decision, tuple[Any, ...], tuple[Any, ...]]:
        """Decide and give the rows to record; the server commits many of them at once before it answers."""
        return self._decide(request, with_trace)

    def _decide(self, request: Request, with_trace: bool) -> tuple[Decision, tuple[Any, ...], tuple[Any, ...]]:
        identity = f"customer:{request.customer_id}" if request.customer_id else None
        row = self.records.person(identity, self._micros(request.at))
        if self.settings["privacy.contextual_only"]:
            row = PersonRow(row.change_number, row.is_known, frozenset(), {}, {}, row.mapping_version)
        knowledge, overlay = self.known.at(row.change_number)
        person = Person(
            identity, row.is_known, row.owned, row.consents, row.entries, row.mapping_version,
            holdings=row.holdings, dues=row.dues,
        )  # fmt: skip
        decision_id = secrets.token_hex(16)
        placement = PLACEMENTS[request.placement]
        decision, read = decide(
            request,
            decision_id,
            knowledge,
            overlay,
            person,
            BUILT_IN[request.policy],
            placement,
            with_trace=with_trace,
        )
        return decision, *self._rows_of(decision, request, person, read, placement.channel)

    def _rows_of(
        self, decision: Decision, request: Request, person: Person, read: Read, channel: str
    ) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
        at = self._micros(decision.at)
        identity = person.identity if decision.purpose is not Purpose.CONTEXTUAL else None
        slim = (
            decision.decision_id, at, decision.placement, channel, decision.purpose.value, decision.policy, decision.arm,
            decision.is_withheld, identity, decision.mapping_version, decision.consent_id, decision.snapshot_id,
            record.slim(decision, request, VERSION, self.key),
        )  # fmt: skip
        keep = self._micros(self.clock() + timedelta(days=self.settings["decide.blob_days"]))
        return slim, (decision.decision_id, keep, record.inputs(request, person, read))

    def decision(self, decision_id: str) -> Mapping[str, Any]:
        """Read a recorded decision.

        Raises
        ------
        NotFound
            If there is no decision of that id.
        """
        self._forget()
        found = self.records.decision(decision_id)
        if found is None:
            raise NotFound(f"no decision {decision_id}; ids are given with every answer")
        row = dict(found[0])
        return {**row, **record.read_slim(row.pop("body")), "is_replayable": found[1] is not None}

    def replay(self, decision_id: str) -> Replayed:
        """Make a recorded decision again, with its full trace.

        Raises
        ------
        NotFound
            If there is no decision of that id.
        NotReplayable
            If its inputs or its snapshot are gone.
        """
        self._forget()
        found = self.records.decision(decision_id)
        if found is None:
            raise NotFound(f"no decision {decision_id}; ids are given with every answer")
        row, blob = found
        if blob is None:
            raise NotReplayable(
                f"decision {decision_id}: its inputs were kept {self.settings['decide.blob_days']} days"
            )
        return replay(decision_id, row["body"], blob, self.known.of(row["snapshot_id"]), self.key)

    def _forget(self) -> None:
        """Delete inputs of decisions past their days; called wherever a shop works anyway, until jobs have a clock."""
        self.records.expire(self._micros(self.clock()))

    # deliver and measure -----------------------------------------------------------------------------------------

    def respond(self, responses: Sequence[Response]) -> dict[str, int]:
        """Record what was really shown and what people did with it, by decision."""
        return exposures.record(self.records, responses, record.offered)

    def measure(
        self, since: datetime | None = None, until: datetime | None = None, anchor: str | None = None,
        attached: str | None = None,
    ) -> list[metrics.Measured]:  # fmt: skip
        """Give attach rate, AOV and units per order of a period, each with its interval."""
        begin, end = (self.local(moment) if moment is not None else None for moment in (since, until))
        return metrics.measure(self.cleaned().lines, self.frames.lazy, self.settings, begin, end, anchor, attached)

    # keys --------------------------------------------------------------------------------------------------------

    def create_key(self, kind: str, label: str) -> str:
        """Make an API key; it is shown once and kept as a hash."""
        if kind not in ("secret", "publishable"):
            raise BadUsage(f"{kind!r} is no kind of key; choose secret or publishable")
        key = f"{'sk' if kind == 'secret' else 'pk'}_{secrets.token_urlsafe(32)}"
        self.records.add_key({
            "key_id": secrets.token_hex(8), "kind": kind, "key_hash": _key_hash(key), "label": label,
            "created_at": self._micros(self.clock()), "revoked_at": None,
        })  # fmt: skip
        return key

    def revoke_key(self, key_id: str) -> None:
        """Revoke a key; it stops working with the next request."""
        row = next((r for r in self.records.api_keys() if r["key_id"] == key_id), None)
        if row is None:
            raise NotFound(f"no key {key_id}; `crosslift keys list` shows them")
        self.records.add_key({**row, "revoked_at": self._micros(self.clock())})

    def kind_of_key(self, key: str) -> str:
        """Tell what a presented key may do.

        Raises
        ------
        Refused
            If nobody issued it or it was revoked.
        """
        presented = _key_hash(key)
        for row in self.records.api_keys():
            if secrets.compare_digest(row["key_hash"], presented) and row["revoked_at"] is None:
                return str(row["kind"])
        raise Refused("this key is unknown or revoked; `crosslift keys create` makes one")

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


def _with_last(dues: pa.Table) -> pa.Table:
    """Write 0 where no last purchase is known: a meter runs for what was bought elsewhere."""
    place = dues.schema.get_field_index("last_at")
    return dues.set_column(place, "last_at", pc.fill_null(dues.column("last_at"), 0))


def _key_hash(key: str) -> str:
    return blake2b(key.encode(), digest_size=32).hexdigest()
