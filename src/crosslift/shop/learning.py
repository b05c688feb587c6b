"""The second room: learn, publish, and show people what was found and why something was not."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from crosslift.collect import cleaning
from crosslift.decide.curation import PRECEDENCE
from crosslift.decide.knowledge import Knowledge
from crosslift.decide.overlay import Overlay
from crosslift.domain.estimate import NotEstimable
from crosslift.errors import BadUsage, NotFound
from crosslift.learn import evaluate
from crosslift.learn import run as learning
from crosslift.learn.baskets import from_lines
from crosslift.learn.material import Material
from crosslift.shop import affected, comparing, material, pair, publish, relating
from crosslift.shop.answered import answered
from crosslift.shop.collecting import Collecting
from crosslift.shop.home import Progress, quiet
from crosslift.shop.known import LINK_COLUMNS
from crosslift.shop.locks import learning_alone
from crosslift.shop.logged import logged
from crosslift.shop.sales import lines_read, verdicts_of
from crosslift.stats import kernels
from crosslift.store import snapshot as snapshots


class Learning(Collecting):
    """Everything that is learned, and the evidence for people."""

    def learn(self, *, force: bool = False, progress: Progress = quiet) -> dict[str, Any]:
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
        with learning_alone(self.records, self.home):
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
        now, policies = self._micros(self.clock()), self.known.rulings.in_force()
        said = logged(self.records, now, policies)
        said |= {"answered": answered(self.records, now, policies, self.settings["shop.time_zone"])}
        learned = replace(learned, texts={**learned.texts, "logged": said})
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

    def measure_offline(self, *, progress: Progress = quiet) -> evaluate.Table | NotEstimable:
        """Replay the newest slice against popularity, confidence, lift, cosine, Jaccard and EASE."""
        part = evaluate.cut_slice(from_lines(self.cleaned().lines), self.settings)
        return part if isinstance(part, NotEstimable) else evaluate.compare(part, self.settings, progress)[0]

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

    def cleaned(self, columns: Sequence[str] | None = None) -> cleaning.Cleaned:
        """Give the order lines that count, with every column or some, of which cleaning needs those of `SOLD_FROM`."""
        lines, products = lines_read(self.frames, columns), self.products()
        returns, judged = verdicts_of(self.frames, lines, products, self.settings)
        return cleaning.clean(lines, returns, products, self.settings, judged=judged)


def _with_last(dues: pa.Table) -> pa.Table:
    """Write 0 where no last purchase is known: a meter runs for what was bought elsewhere."""
    place = dues.schema.get_field_index("last_at")
    return dues.set_column(place, "last_at", pc.fill_null(dues.column("last_at"), 0))
