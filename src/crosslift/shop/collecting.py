"""The first room: files, batches and single rows in; what follows from them worked up."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from crosslift.collect import cleaning, derive, from_json, intake, quality
from crosslift.collect.evidence import identity_evidence
from crosslift.collect.findings import ImportReport
from crosslift.collect.recognition import Options
from crosslift.collect.sources import segment
from crosslift.errors import BadUsage
from crosslift.shop import curation, facts, importing
from crosslift.shop.customers import as_identity
from crosslift.shop.home import Home, Progress, quiet


class Collecting(Home):
    """Everything that brings facts in."""

    def collect(
        self,
        *paths: str | Path,
        mapping: Mapping[str, str] | None = None,
        source: str | None = None,
        dry_run: bool = False,
        skip_bad_rows: bool = False,
        encoding: str | None = None,
        accept: importing.Accept = False,
        progress: Progress = quiet,
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
        options = Options(
            dict(mapping or {}), source, dry_run, skip_bad_rows, encoding=encoding, sources=self.plugins.sources()
        )
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
            now = self._micros(self.clock())
            self.records.recover_imports(now)
            undone = importing.undo(self.records, self.frames, import_id, now)
            self._derive(None, quiet)
            self.records.forget_unseen(undone.identities)
        told = asdict(undone)
        return {name: value for name, value in told.items() if name != "identities"}

    def frames_are_stale(self) -> bool:
        """Tell whether an earlier import was committed but not yet worked up (a crash in between)."""
        is_dirty = self.records.dirty_days("order_lines") or self.records.dirty_days("returns")
        return bool(is_dirty) or self.records.meta("is_working_up") == "yes"

    def _importing(self) -> AbstractContextManager[None]:
        return self.records.alone("collect", f"another import into {self.home} is running; wait for it to end")

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

    def seal(self) -> dict[str, int]:
        """Work up what came by API since the last import, move old events into parts, and copy decisions; gives how many.

        Raises
        ------
        Busy
            While files are collected.
        """
        self._work_up(quiet)
        with self._importing():
            days, events = self.frames.refresh(), self.frames.seal()
        return {"days": days, "events": events, "days_decided": self.decided.refresh()}

    def quality(self) -> quality.QualityReport:
        """Look at everything collected so far: findings, worst first, and what can be learned."""
        lines, products = self.frames.order_lines(), self.products()
        cleaned = cleaning.clean(lines, self.frames.returns(), products, self.settings)
        reports = [r.report or "{}" for r in self.records.imports() if r.state == "committed"]
        events = self.frames.events().select(["at", "identity"])
        named = curation.references(self.records, self.frames, self.clock())
        return quality.examine(lines, cleaned, products, events, reports, self.settings, self.clock(), named)

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

    def hear(self, answers: Sequence[Mapping[str, Any]], *, is_response: bool = False) -> dict[str, Any]:
        """Take in rows of feedback that a webhook brought, by the code of the file door.

        A customer named by an e-mail address is whoever has that address, as the rules of identity allow.

        Parameters
        ----------
        answers : sequence of mapping
            Canonical columns, `customer_id` among them, as the files of `collect.answers` make them.
        is_response : bool
            Whether they are what one person said at one moment: they open one case at most.

        Raises
        ------
        BadInput
            Naming the row and the field; nothing is kept then.
        """
        now = self.clock()
        done = facts.put_facts(self.records, self.settings, now, "feedback", answers, is_response=is_response)
        self.customers.take(facts.address_evidence(self.records, answers, now))
        return done

    def collect_events(
        self, messages: Sequence[segment.Message], *, tells_orders: bool = True, names_people: bool | None = None
    ) -> dict[str, Any]:
        """Take in a batch of events; replaying it changes nothing.

        Parameters
        ----------
        tells_orders : bool
            Whether the sender is believed about orders.
        names_people : bool, optional
            Whether it is believed about who is who; as about orders by default.
        """
        counted = facts.collect_events(self.records, self.settings, self.clock(), messages, tells_orders=tells_orders)
        is_believed = tells_orders if names_people is None else names_people
        told = [one for one in messages if not segment.is_test(one)] if is_believed else []
        self.customers.take(identity_evidence(told, self._micros(self.clock())))
        return counted
