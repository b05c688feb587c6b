"""What every store of records keeps of curation and holdings: live links and bundles, contracts, readings, refill dues.

    class TestSqlite(CurationContract):
        @pytest.fixture
        def records(self, tmp_path): ...
        @pytest.fixture
        def other(self, records, tmp_path): ...

`other` is a second instance over the same data, as another process has it. A gap is declared in `gaps` as
`{"test_name": "notyet: reason"}`; a gap that closes fails until its entry goes.
"""
# ruff: noqa: D102 - a test's name is its sentence

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

import pytest

from crosslift.collect.curated import BUNDLE_COLUMNS, LINK_COLUMNS
from crosslift.domain.customer import Due
from crosslift.domain.holding import HELD
from crosslift.store.ports import Outcome, Records, Row
from crosslift.testing.records_rows import DAY, MONDAY, begin, bring, order, row, seen

NOW = MONDAY + 10 * DAY
TOLD = {"reason": "season", "author": "mina"}


def link(end: str = "B", **given: Any) -> Row:
    """Build a curated link from A."""
    return row("links", to_id=end, **given)


def bundle(*parts: str, digest: int = 1, **given: Any) -> tuple[Row, ...]:
    """Build the parts of one bundle; the digest stands for its whole content."""
    place = BUNDLE_COLUMNS.index("row_hash")
    rows = (row("bundles", product_id=part, **given) for part in parts)
    return tuple((*one[:place], digest, *one[place + 1 :]) for one in rows)


def ends(records: Records, now: int = NOW) -> list[tuple[str, str]]:
    """Read the links in force: where they lead and what they ask for."""
    table = records.links(now)[1]
    return list(zip(table.column("to_id").to_pylist(), table.column("action").to_pylist(), strict=True))


def parts(records: Records) -> list[tuple[str, str]]:
    """Read the parts of every bundle."""
    table = records.bundles()[1]
    return list(zip(table.column("bundle_id").to_pylist(), table.column("product_id").to_pylist(), strict=True))


def put_links(records: Records, *links: Row) -> Outcome:
    """Put links as the API does."""
    return records.put_rows("links", LINK_COLUMNS, links, NOW)


class CurationContract:
    """The suite; `records` and `other` come from the subclass."""

    gaps: ClassVar[Mapping[str, str]] = {}

    @pytest.fixture
    def records(self) -> Iterator[Records]:
        """Give an empty store."""
        raise NotImplementedError

    @pytest.fixture
    def other(self) -> Iterator[Records]:
        """Give a second instance over the data of `records`, as another process has it."""
        raise NotImplementedError

    @pytest.fixture(autouse=True)
    def _declared_gap(self, request: pytest.FixtureRequest) -> None:
        reason = self.gaps.get(request.function.__name__)
        if reason is not None:
            assert reason.split(":")[0] in ("notimpl", "notyet", "never")
            request.applymarker(pytest.mark.xfail(reason=reason, strict=True))

    # links

    def test_the_last_word_on_a_pair_and_kind_stands(self, records: Records, other: Records) -> None:
        bring(records, "links", (link(action="boost", value="2", **TOLD), link("C"), link(kind="substitute")))
        assert put_links(other, link(action="ban", **TOLD)).n_replaced == 1
        assert sorted(ends(records)) == [("B", "ban"), ("B", "link"), ("C", "link")]
        assert put_links(records, link(action="ban", **TOLD)).n_same == 1

    def test_of_two_rows_for_one_pair_in_a_file_the_later_stands(self, records: Records) -> None:
        bring(records, "links", (link(), link(action="bury", **TOLD)))
        assert ends(records) == [("B", "bury")]

    def test_an_older_version_of_a_link_does_not_return(self, records: Records) -> None:
        put_links(records, link(action="ban", updated_at=NOW, **TOLD))
        assert put_links(records, link(updated_at=NOW - 1)).conflicts == [("A", "B", "complement")]
        assert put_links(records, link(action="pin", updated_at=NOW + 1, **TOLD)).n_replaced == 1
        assert put_links(records, link()).n_replaced == 1
        assert ends(records) == [("B", "link")]

    def test_a_link_taken_back_is_gone_until_it_is_written_again(self, records: Records) -> None:
        put_links(records, link())
        put_links(records, link(action="remove"))
        assert ends(records) == []
        put_links(records, link())
        assert ends(records) == [("B", "link")]

    def test_a_link_counts_until_the_instant_it_expires(self, records: Records) -> None:
        put_links(records, link(expires_at=NOW), link("C"))
        assert ends(records, NOW - 1) == [("B", "link"), ("C", "link")]
        assert ends(records, NOW) == [("C", "link")]

    def test_links_of_a_pending_or_abandoned_file_do_not_count(self, records: Records, other: Records) -> None:
        put_links(records, link())
        import_id, _ = begin(records, "links", (link(action="ban", **TOLD), link("C")))
        number = other.person(None).change_number
        assert ends(other) == [("B", "link")]
        records.abandon_import(import_id, NOW)
        assert ends(other) == [("B", "link")]
        assert other.person(None).change_number == number

    def test_every_value_of_a_link_is_handed_out(self, records: Records) -> None:
        full = {**TOLD, "action": "boost", "value": "1.5", "market": "KR", "expires_at": NOW + 1, "updated_at": NOW,
                "attributes": '{"campaign":"spring"}'}  # fmt: skip
        put_links(records, link("category:tea/pots", **full))
        [found] = records.links(NOW)[1].to_pylist()
        assert {name: found[name] for name in full} == full
        assert (found["from_id"], found["to_id"], found["kind"]) == ("A", "category:tea/pots", "complement")

    # live

    @pytest.mark.parametrize("dataset", ["links", "bundles"])
    def test_each_write_moves_the_change_number_of_its_own_commit(
        self, records: Records, other: Records, dataset: str
    ) -> None:
        changed = {"links": other.links_changed_since, "bundles": other.bundles_changed_since}
        before = other.person(None).change_number
        assert not changed[dataset](before)
        import_id, _ = begin(records, dataset, (row(dataset),))
        assert not changed[dataset](before)
        records.commit_import(import_id, NOW, "{}")
        after = other.person(None).change_number
        assert after > before
        assert changed[dataset](before)
        assert not changed[dataset](after)
        assert (other.links(NOW) if dataset == "links" else other.bundles())[0] == after
        assert not any(has(before) for name, has in changed.items() if name != dataset)

    def test_what_changes_nothing_moves_nothing(self, records: Records) -> None:
        put_links(records, link(updated_at=NOW))
        before = records.person(None).change_number
        put_links(records, link(updated_at=NOW))
        put_links(records, link(action="ban", updated_at=NOW - 1, **TOLD))
        assert records.person(None).change_number == before

    def test_other_live_writes_leave_links_and_bundles_as_they_were(self, records: Records) -> None:
        put_links(records, link())
        before = records.person(None).change_number
        bring(records, "products", (row("products"),))
        assert records.person(None).change_number > before
        assert not records.links_changed_since(before)
        assert not records.bundles_changed_since(before)

    # bundles

    def test_a_bundle_is_replaced_as_a_whole(self, records: Records, other: Records) -> None:
        bring(records, "bundles", (*bundle("A", "B", "C"), *bundle("X", "Y", bundle_id="T")))
        outcome = bring(other, "bundles", bundle("A", "D", digest=2))
        assert (outcome.n_new, outcome.n_replaced) == (0, 2)
        assert parts(records) == [("T", "X"), ("T", "Y"), ("S", "A"), ("S", "D")]

    def test_the_same_bundle_again_changes_nothing(self, records: Records) -> None:
        bring(records, "bundles", bundle("A", "B"))
        before = records.bundles()
        assert bring(records, "bundles", bundle("A", "B")).n_same == 2
        assert records.bundles() == before

    def test_an_older_bundle_is_a_conflict_as_a_whole(self, records: Records) -> None:
        bring(records, "bundles", bundle("A", "B", updated_at=NOW))
        outcome = bring(records, "bundles", bundle("A", "C", "D", digest=2, updated_at=NOW - 1))
        assert (outcome.n_new, outcome.n_replaced, outcome.conflicts) == (0, 0, [("S",)])
        assert parts(records) == [("S", "A"), ("S", "B")]

    def test_a_bundle_put_while_its_file_is_collected_is_there_once(self, records: Records, other: Records) -> None:
        import_id, _ = begin(records, "bundles", bundle("A", "B"))
        other.put_rows("bundles", BUNDLE_COLUMNS, bundle("A", "C", digest=2), NOW)
        records.commit_import(import_id, NOW, "{}")
        assert parts(records) == [("S", "A"), ("S", "B")]

    # subscriptions and usage

    def test_a_subscription_is_as_it_was_last_told(self, records: Records) -> None:
        bring(records, "subscriptions", (row("subscriptions", used=3.0),))
        outcome = bring(records, "subscriptions", (row("subscriptions", used=4.5, updated_at=NOW),))
        assert outcome.n_replaced == 1
        late = bring(records, "subscriptions", (row("subscriptions", used=4.0, updated_at=NOW - 1),))
        assert late.conflicts == [("s1",)]
        assert seen(records, "subscriptions", "used", "started_on") == [(4.5, MONDAY // DAY)]

    @pytest.mark.parametrize("status", ["trial", "active", "past_due", "paused", "cancelled", "ended"])
    def test_what_is_held_follows_from_the_status(self, records: Records, status: str) -> None:
        bring(records, "subscriptions", (row("subscriptions", status=status),))
        held = {"PLAN"} if status in HELD else set()
        assert records.person("customer:c1").holdings == records.person("customer:c1", NOW).holdings == held

    def test_a_contract_is_held_until_its_end(self, records: Records) -> None:
        both = (
            {"subscription_id": "s1", "product_id": "P"},
            {"subscription_id": "s2", "product_id": "Q", "status": "cancelled"},
        )
        bring(records, "subscriptions", tuple(row("subscriptions", ended_at=NOW, **one) for one in both))
        assert records.person("customer:c1", NOW - 1).holdings == {"P", "Q"}
        assert records.person("customer:c1", NOW).holdings == set()

    def test_holdings_are_the_customers_own_and_visible(self, records: Records, other: Records) -> None:
        bring(records, "subscriptions", (
            row("subscriptions"), row("subscriptions", subscription_id="s2", customer_id="c2", product_id="OTHER"),
            row("subscriptions", subscription_id="s3", customer_id=None, account_id="acme", product_id="FLEET"),
        ))  # fmt: skip
        begin(records, "subscriptions", (row("subscriptions", subscription_id="s4", product_id="LATER"),))
        assert other.person("customer:c1").holdings == {"PLAN"}
        for nobody in (None, "anonymous:c1", "customer:", "customer:acme"):
            assert other.person(nobody).holdings == set()
        bring(records, "subscriptions", (row("subscriptions", customer_id="c2"),))
        assert other.person("customer:c1").holdings == set()
        assert other.person("customer:c2").holdings == {"PLAN", "OTHER"}

    def test_whoever_holds_or_uses_something_is_known(self, records: Records) -> None:
        bring(records, "subscriptions", (row("subscriptions", customer_id="s"),))
        bring(records, "usage", (row("usage", customer_id="u"),))
        assert records.known_customers(["s", "u", "c1"]) == {"s", "u"}

    def test_one_reading_with_two_values_is_a_conflict_and_the_first_stays(self, records: Records) -> None:
        bring(records, "usage", (row("usage"), row("usage", at=MONDAY + 1, value=120.0), row("usage", unit="")))
        outcome = bring(records, "usage", (row("usage", value=101.0), row("usage"), row("usage", meter="hours")))
        assert (outcome.n_new, outcome.n_same) == (1, 1)
        assert outcome.conflicts == [("A", "c1", "odometer", "km", str(MONDAY))]
        assert seen(records, "usage", "meter", "unit", "value") == [
            ("odometer", "km", 100.0), ("odometer", "km", 120.0), ("odometer", "", 100.0), ("hours", "km", 100.0),
        ]  # fmt: skip

    # refill dues

    def test_dues_are_read_with_the_person_soonest_first(self, records: Records, other: Records) -> None:
        records.save_dues([
            ("customer:c1", "B", NOW + 2, 30.5, NOW, 4, "own"), ("customer:c1", "A", NOW + 1, 90.0, NOW, 0, "product"),
            ("customer:c2", "A", NOW, 7.0, NOW, 9, "own"),
        ])  # fmt: skip
        assert other.person("customer:c1").dues == (
            Due("A", NOW + 1, 90.0, NOW, 0, "product"), Due("B", NOW + 2, 30.5, NOW, 4, "own"),
        )  # fmt: skip
        assert other.person("customer:c3").dues == other.person(None).dues == ()

    def test_saved_dues_take_the_place_of_all_earlier_ones(self, records: Records, other: Records) -> None:
        records.save_dues(
            [("customer:c1", "A", NOW, 7.0, NOW, 1, "own"), ("customer:c2", "A", NOW, 7.0, NOW, 1, "own")]
        )
        records.save_dues([("customer:c2", "B", NOW, 7.0, NOW, 1, "own")])
        assert other.person("customer:c1").dues == ()
        assert [due.product_id for due in other.person("customer:c2").dues] == ["B"]
        records.save_dues([])
        assert other.person("customer:c2").dues == ()

    def test_dues_that_cannot_be_saved_leave_the_earlier_ones(self, records: Records) -> None:
        records.save_dues([("customer:c1", "A", NOW, 7.0, NOW, 1, "own")])
        with pytest.raises(Exception, match=r"(?i)null"):  # which error a missing value raises is the engine's affair
            records.save_dues(
                [("customer:c1", "B", NOW, 7.0, NOW, 1, "own"), ("customer:c1", "C", None, 7.0, NOW, 1, "own")]
            )
        assert [due.product_id for due in records.person("customer:c1").dues] == ["A"]

    # the catalog

    def test_known_products_are_those_in_the_catalog(self, records: Records) -> None:
        bring(records, "products", (row("products"), row("products", product_id="B", is_derived=True)))
        begin(records, "products", (row("products", product_id="C"),))
        order(records)
        assert records.known_products(["A", "B", "C", "", "x"]) == {"A", "B"}
        assert records.known_products([]) == records.known_products(str(n) for n in range(2_000)) == set()
