"""Attention over the wire: reserved within the shared commit, made again where two meet, answered with a no that holds."""

import asyncio

from crosslift.domain.decision import NoOffer, Request


def interruption(door, customer):
    return Request("popup", door.shop.clock(), customer, cart=("DRIP",), dwell_seconds=30.0)


def at_once(door, *customers):
    async def ask():
        return await asyncio.gather(*(door.served.decide(interruption(door, one)) for one in customers))

    return door.run(ask())


def test_of_many_at_once_one_interrupts_a_person_and_neighbors_in_the_commit_are_untouched(door, monkeypatch):
    keep, batches = door.shop.records.record_decisions, []

    def noted(slim, inputs, counted, arms):
        met = keep(slim, inputs, counted, arms)
        batches.append((len(slim), len(met)))
        return met

    monkeypatch.setattr(door.shop.records, "record_decisions", noted)
    made = at_once(door, *["c1"] * 12, "c2", "c3")
    assert [bool(one.offers) for one in made].count(True) == 3
    assert all(one.offers for one in made[12:])
    assert {one.no_offer for one in made[:12] if not one.offers} <= {NoOffer.CAPPED, NoOffer.BUSY}
    assert sum(met for _, met in batches) > 0
    assert all(door.shop.decision(one.decision_id) for one in made)


def test_the_reservation_is_on_disk_before_the_answer(door):
    [made] = at_once(door, "c5")
    [contact] = door.shop.records.person("customer:c5").pressure.contacts
    assert (made.reserves, contact.state, contact.channel) == (True, "reserved", "web")


def test_a_decline_holds_on_the_next_request_and_a_mute_can_be_taken_back(door):
    def offered(customer):
        return [offer["product"] for offer in door.decide(customer=customer, k=9)["offers"]]

    def say(action, customer):
        made = door.decide(customer=customer, k=1)
        said = {"decision_id": made["decision_id"], "product": made["offers"][0]["product"], "action": action}
        assert door.ask("POST", "/v1/respond", said).json()["new"] == 1
        return said

    assert say("decline", "c7")["product"] not in offered("c7")
    muted = say("mute", "c5")
    assert muted["product"] not in offered("c5")
    assert door.ask("POST", "/v1/respond", {**muted, "action": "unmute"}).status_code == 200
    assert muted["product"] in offered("c5")
