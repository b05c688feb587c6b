"""What every records engine owes to the peace of people: caps that hold however many decide at once, a no that stays a no.

A subclass gives `records` and `other`, two openings of one empty store.
"""
# ruff: noqa: D102 - a test's name is its sentence

import zlib
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec
import pytest

from crosslift.domain.identity import Split
from crosslift.domain.pressure import (
    CONTACT_DAYS,
    MOST_READ,
    RELEASE_AFTER,
    SIGHTING_DAYS,
    Contact,
    ContactState,
    Reacted,
    Reaction,
)
from crosslift.store.ports import Records, Row
from crosslift.store.pressure_records import Counted
from crosslift.testing import facts_contract
from crosslift.testing.identity_contract import join, mapper
from crosslift.testing.records_rows import DAY, MONDAY, bring, line, order, row, seen, slim

NOW = MONDAY + 12 * 3_600_000_000
INPUTS = zlib.compress(msgspec.msgpack.encode(["inputs"]))


def counted(records: Records, identity: str = "customer:c1", *, at: int = NOW, **changed: Any) -> Counted:
    """Give what a decision to interrupt a person would reserve after it read them now."""
    person = records.person(identity, at)
    fields = {
        "index": 0, "identity": identity, "at": at, "channel": "web", "topic": "table", "expires_at": at + RELEASE_AFTER,
        "identities": person.identities, "version": person.pressure.row_version, "is_contact": True, **changed,
    }  # fmt: skip
    return Counted(**fields)


def reserve(records: Records, decision_id: str, one: Counted) -> bool:
    """Record a decision with its reservation; False if it met another one."""
    return not records.record_decisions([slim(decision_id, None)], [(decision_id, NOW + DAY, INPUTS)], [one])


def contacts(records: Records, identity: str = "customer:c1", now: int | None = NOW) -> list[tuple[str, int]]:
    """Give state and instant of the contacts read of a person, oldest first."""
    return sorted((one.state.value, one.at) for one in records.person(identity, now).pressure.contacts)


def answered(records: Records, decision_id: str, reaction: Reaction | str, product: str = "A", **more: Any) -> int:
    """Record one response with its reaction; `at` is when the caller says it was, `now` when it arrived."""
    at, number = more.pop("at", NOW + 60), more.pop("number", f"{decision_id} {reaction} {product}")
    reactions: list[Row] = [(number, decision_id, product, str(reaction), "web", at)]
    if reaction is Reaction.SEEN:
        return records.record_responses([(number, decision_id, product, at, "web")], [], reactions, more.pop("now", at))
    row = (number, decision_id, product, "said", None, at)
    return records.record_responses([], [row], reactions, more.pop("now", at))


def told(records: Records, identity: str = "customer:c1", now: int | None = NOW + DAY) -> list[tuple[Reaction, str]]:
    """Give the reactions read of a person, with their product."""
    return sorted((one.reaction, one.product_id) for one in records.person(identity, now).pressure.reactions)


class PressureContract:
    """Cases for any engine."""

    # reservations

    def test_of_somebody_never_met_nothing_is_read(self, records: Records) -> None:
        found = records.person("customer:c1", NOW)
        assert (found.pressure.row_version, found.pressure.contacts, found.pressure.reactions) == (0, (), ())
        assert (found.open_cases, found.timezone, found.market, found.is_erased) == (0, None, None, False)

    def test_a_reservation_is_read_until_it_ends(self, records: Records, other: Records) -> None:
        assert reserve(records, "d1", counted(records))
        assert contacts(other) == [("reserved", NOW)]
        assert contacts(other, now=NOW + RELEASE_AFTER - 1) == [("reserved", NOW)]
        assert contacts(other, now=NOW + RELEASE_AFTER) == []
        assert records.person("customer:c1", NOW).pressure.contacts == (
            Contact(NOW, "web", "table", ContactState.RESERVED, NOW + RELEASE_AFTER),
        )

    def test_of_two_that_read_the_same_one_is_reserved_and_of_the_other_nothing_is_kept(
        self, records: Records, other: Records
    ) -> None:
        first, second = counted(records), counted(other)
        assert reserve(records, "d1", first)
        assert not reserve(other, "d2", second)
        assert records.decision("d2") is None
        assert records.expire(NOW + 2 * DAY) == 1
        assert reserve(other, "d2", counted(other))

    def test_in_one_batch_the_first_of_a_person_is_kept_and_others_are_untouched(self, records: Records) -> None:
        rows = [slim(f"d{n}", None) for n in range(4)]
        inputs = [(f"d{n}", NOW, INPUTS) for n in range(4)]
        asked = [
            counted(records, index=0), counted(records, index=1), counted(records, "customer:c2", index=3),
        ]  # fmt: skip
        assert records.record_decisions(rows, inputs, asked) == [1]
        assert [records.decision(f"d{n}") is not None for n in range(4)] == [True, False, True, True]
        assert contacts(records, "customer:c2") == [("reserved", NOW)]

    def test_forty_at_once_reserve_once(self, records: Records, other: Records) -> None:
        asked = counted(records)

        def take(number: int) -> bool:
            return reserve((records, other)[number % 2], f"d{number}", asked)

        with ThreadPoolExecutor(8) as pool:
            done = list(pool.map(take, range(40)))
        assert sum(done) == 1
        assert len(contacts(records)) == 1

    def test_what_does_not_reserve_is_kept_beside_what_does(self, records: Records) -> None:
        asked = counted(records)
        assert reserve(records, "d1", asked)
        assert reserve(records, "d2", counted(records, version=None, is_contact=False))
        assert len(contacts(records)) == 1

    def test_a_reservation_given_back_makes_room_at_once(self, records: Records, other: Records) -> None:
        reserve(records, "d1", counted(records))
        assert other.release("d1")
        assert not other.release("d1")
        assert contacts(records) == []

    # merges

    def test_a_person_is_counted_over_all_their_identities(self, records: Records) -> None:
        reserve(records, "d1", counted(records, "customer:c1"))
        reserve(records, "d2", counted(records, "anonymous:b1"))
        join(records, ("anonymous:b1", "customer:c1", "login", 1))
        assert len(contacts(records, "customer:c1")) == len(contacts(records, "anonymous:b1")) == 2
        assert records.person("customer:c1", NOW).pressure.row_version == 2

    def test_a_merge_in_between_is_met(self, records: Records) -> None:
        reserve(records, "d1", counted(records, "anonymous:b1"))
        reserve(records, "d2", counted(records, "customer:c1"))
        asked = counted(records, "customer:c1")
        join(records, ("anonymous:b1", "customer:c1", "login", 1))
        assert not reserve(records, "d3", asked)
        assert reserve(records, "d3", counted(records, "customer:c1"))

    def test_a_parting_in_between_is_met_and_each_keeps_their_own(self, records: Records) -> None:
        join(records, ("anonymous:b1", "customer:c1", "login", 1))
        reserve(records, "d1", counted(records, "anonymous:b1"))
        asked = counted(records, "customer:c1")
        records.split(Split("anonymous:b1", "customer:c1", "mina", "lent", NOW))
        records.remap(["anonymous:b1", "customer:c1"], mapper, NOW)
        assert not reserve(records, "d2", asked)
        assert contacts(records, "anonymous:b1") == [("reserved", NOW)]
        assert contacts(records, "customer:c1") == []

    def test_a_merge_taken_back_in_between_is_met_only_by_what_was_counted_of_the_same_identity(
        self, records: Records
    ) -> None:
        asked = counted(records, "customer:c1")
        join(records, ("anonymous:b1", "customer:c1", "login", 1))
        reserve(records, "d1", counted(records, "anonymous:b1"))
        records.split(Split("anonymous:b1", "customer:c1", "mina", "lent", NOW))
        records.remap(["anonymous:b1", "customer:c1"], mapper, NOW)
        assert reserve(records, "d2", asked)
        assert not reserve(records, "d3", asked)

    def test_equal_sums_over_other_identities_are_no_excuse(self, records: Records) -> None:
        for number in range(2):
            reserve(records, f"a{number}", counted(records, "customer:c1"))
        reserve(records, "b0", counted(records, "anonymous:b1"))
        join(records, ("anonymous:b1", "customer:c1", "login", 1))
        asked = counted(records, "customer:c1")
        records.split(Split("anonymous:b1", "customer:c1", "mina", "lent", NOW))
        records.remap(["anonymous:b1", "customer:c1"], mapper, NOW)
        reserve(records, "a2", counted(records, "customer:c1"))
        assert records.person("customer:c1", NOW).pressure.row_version == asked.version
        assert not reserve(records, "a3", asked)

    # what came back

    def test_an_exposure_makes_a_contact_of_its_own_time_once(self, records: Records, other: Records) -> None:
        reserve(records, "d1", counted(records))
        assert answered(other, "d1", Reaction.SEEN, at=NOW + 60) == 1
        assert contacts(records, now=NOW + DAY) == [("confirmed", NOW + 60)]
        version = records.person("customer:c1", NOW).pressure.row_version
        assert answered(other, "d1", Reaction.SEEN, at=NOW + 60) == 0
        assert records.person("customer:c1", NOW).pressure.row_version == version
        assert answered(other, "d1", Reaction.SEEN, "B", at=NOW + 90) == 1
        assert contacts(records, now=NOW + DAY) == [("confirmed", NOW + 60)]
        assert not records.release("d1")

    def test_an_exposure_counts_though_its_reservation_had_ended(self, records: Records) -> None:
        reserve(records, "d1", counted(records))
        records.release("d1")
        answered(records, "d1", Reaction.SEEN, at=NOW + DAY)
        assert contacts(records, now=NOW + 2 * DAY) == [("confirmed", NOW + DAY)]

    @pytest.mark.parametrize(("said", "counts_at"), [(0, NOW), (NOW + 9 * DAY, NOW + DAY)])
    def test_a_clock_that_is_wrong_moves_nothing_out_of_sight(
        self, records: Records, said: int, counts_at: int
    ) -> None:
        reserve(records, "d1", counted(records))
        answered(records, "d1", Reaction.DECLINED, at=said, now=NOW + DAY)
        assert contacts(records, now=NOW + DAY) == [("confirmed", counts_at)]
        assert [one.at for one in records.person("customer:c1", NOW + DAY).pressure.reactions] == [counts_at]

    def test_any_answer_tells_that_it_was_shown(self, records: Records) -> None:
        reserve(records, "d1", counted(records))
        answered(records, "d1", Reaction.CLICKED)
        assert contacts(records) == [("confirmed", NOW + 60)]

    def test_what_holds_nothing_is_a_contact_once_it_is_told(self, records: Records) -> None:
        reserve(records, "d1", counted(records, version=None, channel="desk", expires_at=NOW))
        assert contacts(records) == []
        answered(records, "d1", Reaction.SEEN, "")
        assert contacts(records) == [("confirmed", NOW + 60)]
        assert told(records) == []

    def test_reactions_stand_under_the_identity_of_the_decision_also_of_a_contextual_one(
        self, records: Records, other: Records
    ) -> None:
        bring(records, "products", (row("products", category="mugs"),))
        reserve(records, "d1", counted(records, version=None, is_contact=False))
        for reaction in (Reaction.SEEN, Reaction.CLICKED, Reaction.ACCEPTED, Reaction.DECLINED):
            answered(other, "d1", reaction)
        found = records.person("customer:c1", NOW + DAY).pressure.reactions
        assert Reacted(NOW + 60, Reaction.DECLINED, "A", "mugs", "web") in found
        assert {one.reaction for one in found} == {
            Reaction.SEEN, Reaction.CLICKED, Reaction.ACCEPTED, Reaction.DECLINED,
        }  # fmt: skip
        assert told(records, "customer:c2") == []

    def test_one_decision_shown_twice_is_seen_once(self, records: Records) -> None:
        reserve(records, "d1", counted(records, version=None, is_contact=False))
        for number in ("e1", "e2"):
            answered(records, "d1", Reaction.SEEN, number=number)
        assert told(records) == [(Reaction.SEEN, "A")]

    def test_an_answer_to_a_decision_for_nobody_is_kept_and_counts_for_nobody(self, records: Records) -> None:
        records.record_decisions([slim("d1", None)], [])
        assert answered(records, "d1", Reaction.DECLINED) == 1
        assert seen(records, "reactions", "id") == []

    @pytest.mark.parametrize("reaction", [Reaction.DECLINED, Reaction.MUTED, Reaction.SEEN])
    def test_an_answer_in_between_is_met(self, records: Records, other: Records, reaction: Reaction) -> None:
        reserve(records, "d1", counted(records, version=None, is_contact=False))
        asked = counted(records)
        answered(other, "d1", reaction)
        assert not reserve(records, "d2", asked)

    def test_whoever_answered_was_heard_of_also_on_a_decision_that_used_nothing_of_them(self, records: Records) -> None:
        reserve(records, "d1", counted(records, version=None, is_contact=False))
        answered(records, "d1", Reaction.SEEN)
        assert records.last_heard(NOW + DAY).num_rows == 0
        answered(records, "d1", Reaction.CLICKED)
        assert records.last_heard(NOW + DAY).select(["identity", "at"]).to_pylist() == [
            {"identity": "customer:c1", "at": NOW + 60}
        ]

    # mutes

    def test_a_mute_is_read_until_it_is_taken_back_under_any_identity(self, records: Records, other: Records) -> None:
        reserve(records, "d1", counted(records, "anonymous:b1", version=None, is_contact=False))
        answered(records, "d1", Reaction.MUTED)
        join(records, ("anonymous:b1", "customer:c1", "login", 1))
        asked = counted(records, "customer:c1")
        assert told(records, now=NOW + 9_000 * DAY) == [(Reaction.MUTED, "A")]
        assert other.unmute("customer:c1", "A", None, NOW + DAY) == 1
        assert other.unmute("customer:c1", "A", None, NOW + DAY) == 0
        assert told(records) == []
        assert not reserve(records, "d2", asked)

    def test_a_mute_taken_back_through_its_decision_can_be_said_again(self, records: Records) -> None:
        reserve(records, "d1", counted(records, version=None, is_contact=False))
        answered(records, "d1", Reaction.MUTED, number="r1")
        answered(records, "d1", "unmuted", number="r2")
        assert told(records) == []
        assert answered(records, "d1", Reaction.MUTED, number="r1") == 0
        assert told(records) == []
        answered(records, "d1", Reaction.MUTED, number="r3")
        assert told(records) == [(Reaction.MUTED, "A")]

    def test_categories_and_everything_are_muted_and_taken_back_apart(self, records: Records) -> None:
        records.mute("customer:c1", "A", "", "", NOW)
        records.mute("customer:c1", "", "mugs", "", NOW)
        records.mute("customer:c1", "", "", "", NOW)
        assert len(told(records)) == 3
        assert records.unmute("customer:c1", None, "mugs", NOW) == 1
        assert records.unmute("customer:c1", None, "", NOW) == 1
        assert told(records) == [(Reaction.MUTED, "A")]
        assert records.unmute("customer:c1", None, None, NOW) == 1

    # complaints and returns are read where they are

    def test_cases_are_complaints_and_open_ones_are_counted(self, records: Records) -> None:
        case = facts_contract.fact("cases", product_id="A", opened_at=NOW)
        facts_contract.bring(records, "cases", case)
        found = records.person("customer:c1", NOW + DAY)
        assert found.open_cases == 1
        assert found.pressure.reactions == (Reacted(NOW, Reaction.COMPLAINED, "A"),)
        assert records.person("customer:c1", NOW - 1).open_cases == 0

    def test_a_settled_case_counts_from_when_it_was_settled(self, records: Records) -> None:
        case = facts_contract.fact("cases", opened_at=NOW, closed_at=NOW + DAY, status="closed")
        facts_contract.bring(records, "cases", case)
        found = records.person("customer:c1", NOW + DAY)
        assert (found.open_cases, [one.at for one in found.pressure.reactions]) == (0, [NOW + DAY])
        before = records.person("customer:c1", NOW + 1)
        assert (before.open_cases, [one.at for one in before.pressure.reactions]) == (1, [NOW])

    def test_a_companys_case_that_names_nobody_is_each_members(self, records: Records) -> None:
        facts_contract.bring(records, "account_members", facts_contract.fact("account_members"))
        facts_contract.bring(records, "cases", facts_contract.fact("cases", customer_id=None, account_id="acme"))
        assert records.person("customer:c1", NOW).open_cases == 1

    def test_an_import_of_cases_taken_back_opens_again(self, records: Records) -> None:
        import_id, _ = facts_contract.started(records, "cases", facts_contract.fact("cases"))
        assert records.person("customer:c1", NOW).open_cases == 0
        records.commit_import(import_id, NOW, "{}")
        assert records.person("customer:c1", NOW).open_cases == 1
        records.undo_import(import_id, [])
        assert records.person("customer:c1", NOW).open_cases == 0

    def test_what_came_back_is_read_with_its_customer(self, records: Records) -> None:
        order(records, line())
        bring(records, "returns", (row("returns", returned_at=NOW),))
        assert told(records) == [(Reaction.RETURNED, "A")]
        assert told(records, now=NOW - 1) == []

    def test_the_newest_record_says_where_a_person_lives(self, records: Records) -> None:
        bring(records, "customers", (row("customers", market="KR", traits='{"timezone": "Asia/Seoul"}'),))
        found = records.person("customer:c1", NOW)
        assert (found.timezone, found.market) == ("Asia/Seoul", "KR")

    # bounds, and the end

    def test_of_very_many_contacts_the_newest_are_read_and_since_when_they_are_all(self, records: Records) -> None:
        for number in range(MOST_READ + 3):
            reserve(records, f"d{number}", counted(records, at=NOW + number))
        found = records.person("customer:c1", NOW + MOST_READ + 3).pressure
        assert len(found.contacts) == MOST_READ
        assert found.contacts_since == NOW + 2
        assert min(one.at for one in found.contacts) == NOW + 3

    def test_what_no_window_reaches_is_forgotten(self, records: Records) -> None:
        reserve(records, "d1", counted(records))
        answered(records, "d1", Reaction.SEEN)
        answered(records, "d1", Reaction.DECLINED)
        records.expire(NOW + SIGHTING_DAYS * DAY)
        assert told(records, now=None) == [(Reaction.DECLINED, "A"), (Reaction.SEEN, "A")]
        records.expire(NOW + SIGHTING_DAYS * DAY + DAY)
        assert told(records, now=None) == [(Reaction.DECLINED, "A")]
        assert len(contacts(records, now=None)) == 1
        records.expire(NOW + CONTACT_DAYS * DAY + DAY)
        assert contacts(records, now=None) == []

    def test_a_visit_is_forgotten_after_two_days(self, records: Records) -> None:
        reserve(records, "d1", counted(records, "session:s1"))
        answered(records, "d1", Reaction.DECLINED)
        assert contacts(records, "session:s1") == [("confirmed", NOW + 60)]
        records.expire(NOW + 3 * DAY)
        assert contacts(records, "session:s1", None) == []
        assert told(records, "session:s1", None) == []

    def test_an_erased_person_leaves_no_contact_and_none_is_counted_again(self, records: Records) -> None:
        order(records, line())
        reserve(records, "d1", counted(records))
        answered(records, "d1", Reaction.DECLINED)
        assert {"contacts", "reactions", "decision_people"} <= set(records.about(["customer:c1"]))
        asked = counted(records)
        removed, _ = records.erase({"erased:1": ["customer:c1"]}, NOW)
        assert {"contacts", "reactions", "decision_people", "pressure_versions"} <= set(removed)
        assert records.person("customer:c1", NOW).is_erased
        assert not reserve(records, "d2", asked)
        assert reserve(records, "d3", counted(records, version=None, is_contact=True))
        for table in ("contacts", "reactions", "decision_people", "pressure_versions"):
            assert seen(records, table, "identity") == []
