"""Channel and hour per person, read from the records of a little own_shop."""

import pytest

from crosslift.domain.channel import Bar, Because
from crosslift.domain.decision import Request
from crosslift.errors import BadUsage, NotFound
from crosslift.shop.contact_times import plain

C1 = {"customer_id": "c1", "email": "c1@mail.example", "phone": "+82 10 1234 5678", "market": "KR"}


@pytest.fixture
def allow(own_shop):
    """Say yes, or something else, to a purpose on a channel."""

    def allow(*channels, customer="c1", purpose="marketing", status="granted"):
        own_shop.consents.record([
            {"customer_id": customer, "purpose": purpose, "channel": channel, "status": status, "source": "form",
             "at": own_shop.clock().isoformat()} for channel in channels
        ])  # fmt: skip

    return allow


@pytest.fixture
def told(own_shop, allow):
    """A customer with addresses who allowed messages on every channel."""

    def told(**traits):
        own_shop.put_facts("customers", [{**C1, **traits}])
        allow("*")

    return told


def barred(choice):
    return {one.channel: str(one.code) for one in choice.barred}


def test_channels_need_an_address_on_record_or_the_callers_word(own_shop, told):
    told()
    found = own_shop.contact_times.of("c1")
    assert [one.channel for one in found.times] == ["email", "sms"]
    assert barred(found) == {"push": Bar.NO_ADDRESS}
    assert not barred(own_shop.contact_times.of("c1", reachable=["push"]))
    own_shop.customers.identify("c1", {"device": "d-1"})
    assert not barred(own_shop.contact_times.of("c1"))


def test_an_address_that_joins_nobody_is_an_address_all_the_same(own_shop, allow):
    own_shop.put_facts("customers", [{"customer_id": "c1", "email": "info@firm.example"}])
    allow("email")
    assert own_shop.contact_times.of("c1").best.channel == "email"


def test_what_the_customers_file_declares_is_asked_first_and_a_newer_word_replaces_it(own_shop, told, clock):
    told(preferred_channel="SMS", preferred_hours="18-21", timezone="Asia/Seoul")  # it is 21:00 there
    best = own_shop.contact_times.of("c1").best
    assert (best.channel, best.local.isoformat()) == ("sms", "2026-11-02T18:00:00+09:00")
    assert best.because == (Because.PREFERRED_CHANNEL, Because.PREFERRED_HOURS)
    assert best.not_now == Bar.QUIET_HOURS
    clock.move(hours=1)
    own_shop.put_facts("customers", [{**C1, "preferred_channel": "email"}])
    assert own_shop.contact_times.of("c1").best.channel == "email"


def test_a_declared_preference_the_shop_calls_sensitive_is_not_used(little, own_shop, told):
    told(preferred_channel="sms")
    with little.open_shop(own_shop.home, own_shop.clock, profile_sensitive_traits="preferred_channel") as other:
        assert not other.contact_times.of("c1").wishes.channels


def test_without_personalization_a_declared_wish_counts_and_a_condition_on_the_person_does_not(own_shop, told, allow):
    told(preferred_channel="sms", tier="gold")
    text = (
        'name = "ours"\nextends = "helpful"\n[[rules]]\nid = "gold"\ngate = "allowed"\ncode = "by_phone_only"\nowner = "mina"\n'
        'reason = "they have their adviser"\nwho = \'trait("tier") = "gold"\'\n'
    )
    version = own_shop.policies.draft(text, "mina", "why")["version"]
    own_shop.policies.publish("ours", version, "mina")
    assert own_shop.contact_times.of("c1", policy="ours").best.channel == "sms"
    allow("*", purpose="personalization")
    assert barred(own_shop.contact_times.of("c1", policy="ours")) == {
        "email": "by_phone_only", "push": Bar.NO_ADDRESS, "sms": "by_phone_only",
    }  # fmt: skip
    assert own_shop.contact_times.of("c1").best.channel == "sms"


def test_the_stop_switch_and_privacy_leave_no_channel(little, own_shop, told):
    told()
    with little.open_shop(own_shop.home, own_shop.clock, privacy_contextual_only=True) as careful:
        assert set(barred(careful.contact_times.of("c1")).values()) == {Bar.NO_CONSENT}
    own_shop.policies.stop("mina", "prices are wrong")
    found = own_shop.contact_times.of("c1")
    assert found.best is None
    assert barred(found) == {"email": Bar.STOPPED, "push": Bar.NO_ADDRESS, "sms": Bar.STOPPED}


def test_whoever_is_unknown_is_not_written_to_and_nonsense_is_refused(own_shop, told):
    told()
    with pytest.raises(NotFound, match="nobody is known as customer:c-unknown"):
        own_shop.contact_times.of("c-unknown")
    with pytest.raises(BadUsage, match="no messages go by 'fax'; there are email, push, sms"):
        own_shop.contact_times.of("c1", ["fax"])
    for days in (0, -1, 32, float("nan")):
        with pytest.raises(BadUsage, match="at most 31"):
            own_shop.contact_times.of("c1", days=days)
    with pytest.raises(BadUsage, match="no policy 'none'"):
        own_shop.contact_times.of("c1", policy="none")


def test_before_the_first_learning_there_is_nothing_learned_and_an_answer(empty_shop):
    empty_shop.put_facts("customers", [C1])
    empty_shop.consents.record([{"customer_id": "c1", "purpose": "marketing", "channel": "email", "status": "granted",
                            "source": "form", "at": "2026-10-01"}])  # fmt: skip
    assert empty_shop.contact_times.of("c1").best.channel == "email"


def test_a_choice_is_told_in_plain_values(own_shop, told, allow):
    told(preferred_hours="13-14, lunchtime")
    allow("sms", status="withdrawn")
    assert plain(own_shop.contact_times.of("c1", ["email", "sms"])) == {
        "asked_at": "2026-11-01T12:00:00+00:00",
        "until": "2026-11-08T12:00:00+00:00",
        "time_zone": "UTC",
        "declared": {"channels": [], "hours": ["13:00-14:00"], "unread": ["lunchtime"]},
        "best": {
            "channel": "email", "placement": "email", "send_at": "2026-11-01T13:00:00+00:00",
            "local": "2026-11-01T13:00:00+00:00", "because": ["preferred_hours", "only_channel"],
            "response": {"why_not": "no message by email is old enough to have been answered"}, "pressure": 0.0,
            "not_now": None,
        },
        "others": [],
        "barred": [{"channel": "sms", "placement": "sms", "code": "no_consent"}],
    }  # fmt: skip


def test_a_cap_over_whole_accounts_counts_colleagues(own_shop, told, allow, clock):
    told()
    allow("*", customer="c2")
    own_shop.put_facts("accounts", [{"account_id": "firm", "name": "Firm", "kind": "company"}])
    own_shop.put_facts(
        "account_members", [{"account_id": "firm", "customer_id": who, "role": "buyer"} for who in ("c1", "c2")]
    )
    text = 'name = "firms"\nextends = "helpful"\n[[caps]]\nat_most = 1\nwithin = "7 days"\nof = "account"\n'
    own_shop.policies.publish("firms", own_shop.policies.draft(text, "mina", "why")["version"], "mina")
    made = own_shop.decide_requests([Request("email", clock(), "c2", cart=("P00",), policy="firms")])[0]
    assert made.offers
    assert set(barred(own_shop.contact_times.of("c1", policy="firms", days=2)).values()) == {Bar.CAPPED, Bar.NO_ADDRESS}
    assert own_shop.contact_times.of("c1").best.at == int(clock().timestamp() * 1_000_000)
