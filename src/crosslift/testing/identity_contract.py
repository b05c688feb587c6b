"""What every records engine owes to who is who: one person read over all identities, a log, and an exact way back."""

from collections.abc import Sequence

import pytest

from crosslift.collect.identity import evidence_table, map_people
from crosslift.collect.rows import CUSTOMER_COLUMNS
from crosslift.domain.identity import Limits, Split
from crosslift.store.ports import Mapped, Records, Row
from crosslift.testing.records_rows import MONDAY, begin, bring, line, row, seen

LIMITS = Limits(customers_per_identifier=3, devices_per_customer=4)


def mapper(evidence: Sequence[Row], splits: Sequence[Split]) -> Mapped:
    """Map people as the shop does."""
    return map_people(evidence_table(evidence), splits, LIMITS)


def join(records: Records, *evidence: Row) -> None:
    """Add evidence and map whom it touches, as `identify` does."""
    records.add_evidence(evidence, MONDAY)
    records.remap(sorted({name for piece in evidence for name in piece[:2]}), mapper, MONDAY)


def person_of(records: Records, identity: str) -> str | None:
    """Give the person of an identity."""
    return records.person(identity).person_id


def contacts(records: Records) -> list[str]:
    """Give the contacts that count."""
    return sorted(second for (second,) in seen(records, "identity_evidence", "second"))


class IdentityContract:
    """Cases for any engine; `records` is an empty one."""

    def test_an_identity_nobody_spoke_of_is_its_own_person(self, records: Records) -> None:
        """No evidence, no merge."""
        found = records.person("customer:c1")
        assert (found.person_id, found.identities, found.mapping_version) == ("customer:c1", ("customer:c1",), 0)

    def test_a_person_is_read_over_all_its_identities(self, records: Records) -> None:
        """Consents, holdings and what is owned are sums over identities."""
        bring(records, "orders", (line(customer_id="c1", product_id="tea", order_id="1"),))
        bring(records, "orders", (line(customer_id="c2", product_id="cup", order_id="2"),))
        bring(records, "consents", (row("consents", customer_id="c2"),))
        records.refresh_person_states()
        join(records, ("customer:c1", "email:j@x.org", "email", 1), ("customer:c2", "email:j@x.org", "email", 2))
        for identity in ("customer:c1", "customer:c2", "email:j@x.org"):
            found = records.person(identity)
            assert (found.person_id, set(found.owned)) == ("customer:c1", {"tea", "cup"})
            assert found.consents == {("personalization", "web"): True}
            assert found.identities == ("customer:c1", "customer:c2", "email:j@x.org")

    def test_a_no_under_one_identity_is_a_no_under_the_other(self, records: Records) -> None:
        """The newest word of the person counts, whoever it was said as."""
        bring(records, "consents", (row("consents", customer_id="c1", at=MONDAY),))
        bring(records, "consents", (row("consents", customer_id="c2", at=MONDAY + 1, status="withdrawn"),))
        assert records.person("customer:c1").consents[("personalization", "web")]
        join(records, ("customer:c1", "customer:c2", "stated", 1))
        assert not records.person("customer:c1").consents[("personalization", "web")]

    def test_each_change_is_logged_with_its_reason_and_version(self, records: Records) -> None:
        """The merge log names rule, version and both people."""
        join(records, ("anonymous:a", "customer:c1", "login", 1))
        [change] = records.mapping_changes(["anonymous:a", "customer:c1"])
        assert (change.from_person, change.to_person) == ("anonymous:a", "customer:c1")
        assert (change.because, change.version) == ("login customer:c1", 1)
        join(records, ("anonymous:a", "customer:c1", "login", 1))
        assert len(records.mapping_changes(["anonymous:a"])) == 1
        assert records.person("anonymous:a").mapping_version == 1

    def test_a_split_and_its_end_restore_exactly_what_was(self, records: Records) -> None:
        """Reversible: nothing but the version moves on."""
        join(records, ("customer:c1", "email:j@x.org", "email", 1), ("customer:c2", "email:j@x.org", "email", 2))
        before = records.people()
        records.split(Split("customer:c2", "customer:c1", "anna", "sisters", MONDAY))
        records.remap(["customer:c1"], mapper, MONDAY, "anna")
        assert person_of(records, "customer:c2") == "customer:c2"
        assert records.mapping_changes(["customer:c2"])[-1].author == "anna"
        assert records.unsplit("customer:c1", "customer:c2")
        records.remap(["customer:c2"], mapper, MONDAY, "anna")
        assert records.people().equals(before)
        assert not records.unsplit("customer:c1", "customer:c2")

    def test_a_shared_address_lets_go_of_those_it_joined(self, records: Records) -> None:
        """With the fourth customer it is nobody's own."""
        for n in range(3):
            join(records, (f"customer:c{n}", "phone:+8210", "phone", n))
        assert person_of(records, "customer:c2") == "customer:c0"
        join(records, ("customer:c3", "phone:+8210", "phone", 3))
        assert [person_of(records, f"customer:c{n}") for n in range(4)] == [f"customer:c{n}" for n in range(4)]
        assert records.people().num_rows == 0

    def test_too_many_devices_let_go_of_their_customer(self, records: Records) -> None:
        """A shared log-in owns none of its browsers, those it had included."""
        for n in range(4):
            join(records, (f"anonymous:{n}", "customer:till", "login", n))
        assert records.people().num_rows == 4
        join(records, ("anonymous:4", "customer:till", "login", 4))
        assert records.people().num_rows == 0

    def test_one_by_one_and_all_at_once_give_the_same_people(self, records: Records) -> None:
        """What is mapped online is what learning maps."""
        pieces = [
            ("customer:c1", "email:j@x.org", "email", 1), ("anonymous:a", "customer:c2", "login", 2),
            ("customer:c2", "email:j@x.org", "email", 3), ("anonymous:a", "anonymous:b", "alias", 4),
            ("anonymous:b", "customer:c9", "login", 0), ("customer:c9", "phone:+8210", "phone", 5),
        ]  # fmt: skip
        for piece in pieces:
            join(records, piece)
        online = records.people()
        assert records.remap(None, mapper, MONDAY) == []
        assert records.people().equals(online)
        assert online.num_rows > 0

    def test_a_corrected_address_joins_no_more(self, records: Records) -> None:
        """A customer's contacts are those of the newest row."""
        for mail, at in (("j@x.org", 1), ("k@x.org", 2)):
            import_id = records.start_import("customers", "api", "canonical customers", at, None)
            records.import_rows(import_id, "customers", CUSTOMER_COLUMNS, [row("customers", email=mail)])
            records.commit_import(import_id, at, "{}")
            records.remap(records.touched_identities([import_id]), mapper, at)
        assert records.person("customer:c1").identities == ("customer:c1", "email:k@x.org")
        assert person_of(records, "email:j@x.org") == "email:j@x.org"

    def test_an_older_record_that_comes_late_brings_no_contact_back(self, records: Records) -> None:
        """Contacts follow the record that stands, also where it was there first."""
        bring(records, "customers", (row("customers", email="k@x.org", updated_at=MONDAY + 1),))
        late = bring(records, "customers", (row("customers", email="j@x.org", updated_at=MONDAY),))
        assert late.conflicts == [("c1",)]
        assert contacts(records) == ["email:k@x.org"]

    def test_of_several_records_in_one_file_the_newest_gives_the_contacts(self, records: Records) -> None:
        """Whether they come in one batch or two."""
        first, second, third = (
            row("customers", email=mail, updated_at=at)
            for mail, at in (("j@x.org", MONDAY), ("k@x.org", MONDAY + 2), ("l@x.org", MONDAY + 1))
        )
        bring(records, "customers", (first, second), (third,))
        assert contacts(records) == ["email:k@x.org"]
        bring(records, "customers", (row("customers", customer_id="c2", email="m@x.org"), second))
        assert contacts(records) == ["email:k@x.org", "email:m@x.org"]

    @pytest.mark.parametrize(("filed_at", "stands"), [(MONDAY + 1, "p@x.org"), (MONDAY + 5, "f@x.org")])
    def test_a_record_put_while_a_file_is_collected_gives_the_contacts_if_it_is_newer(
        self, records: Records, filed_at: int, stands: str
    ) -> None:
        """Whichever is committed first."""
        filed = row("customers", email="f@x.org", updated_at=filed_at)
        import_id, _ = begin(records, "customers", (row("customers", email="e@x.org", updated_at=MONDAY), filed))
        put = row("customers", email="p@x.org", updated_at=MONDAY + 3)
        records.put_rows("customers", CUSTOMER_COLUMNS, [put], MONDAY)
        records.commit_import(import_id, MONDAY, "{}")
        assert contacts(records) == [f"email:{stands}"]
        assert seen(records, "customers", "email") == [(stands,)]
