"""By which channel and hour a message reaches a person: what they declared, what is answered, where pressure is least."""

from datetime import timedelta

import pytest

from crosslift.domain.decision import Action, NoOffer, Request, Response

C1 = {"customer_id": "c1", "email": "c1@mail.example", "phone": "+1 212 555 0101", "timezone": "America/New_York"}


@pytest.fixture
def consent(shop, clock):
    """Record what c1 says to a purpose on some channels."""

    def consent(purpose, *channels, status="granted"):
        shop.consents.record([
            {"customer_id": "c1", "purpose": purpose, "channel": channel, "status": status, "source": "form",
             "at": clock().isoformat()} for channel in channels
        ])  # fmt: skip

    return consent


@pytest.fixture
def known(shop, consent):
    """A customer of New York with mail and phone who allowed messages; it is seven in the morning there."""
    shop.put_facts("customers", [C1])
    consent("marketing", "email", "sms")


@pytest.fixture
def write(shop, clock):
    """Decide a message at this moment, report it as sent and, where asked, as clicked; gives the decision."""

    def write(channel, is_answered=False):
        made = shop.decide_requests([Request(channel, clock(), "c1", cart=("P00",))])[0]
        if made.offers:
            actions = [Action.EXPOSURE, *([Action.CLICK] if is_answered else [])]
            shop.respond([
                Response(f"{made.decision_id} {what}", made.decision_id, what, clock(), made.offers[0].product_id)
                for what in actions
            ])  # fmt: skip
        return made

    return write


def best(shop, **given):
    found = shop.contact_times.of("c1", **given).best
    return found and (found.channel, f"{found.local:%a %H:%M}")


def codes(shop):
    return {one.channel: str(one.code) for one in shop.contact_times.of("c1").barred}


@pytest.mark.usefixtures("known")
def test_j03_channel_and_hour_are_what_the_person_declared(shop):
    assert best(shop) == ("email", "Sun 08:00")  # quiet hours end
    shop.put_facts("customers", [{**C1, "preferred_channel": "sms", "preferred_hours": "evening"}])
    found = shop.contact_times.of("c1").best
    assert (found.channel, found.local.isoformat()) == ("sms", "2026-11-01T18:00:00-05:00")
    assert [one.value for one in found.because] == ["preferred_channel", "preferred_hours"]


@pytest.mark.usefixtures("known")
def test_j03_channel_and_hour_are_learned_from_what_was_answered(shop, consent, clock, write):
    consent("personalization", "*")
    clock.move(hours=9)
    for _ in range(10):  # texts in the afternoon are answered, mails are not
        assert write("sms", is_answered=True).offers
        write("email")
        clock.move(days=7)
    shop.learn(force=True)
    told = shop.contact_times.of("c1")
    assert (told.best.channel, told.best.because[0].value) == ("sms", "answered_channel")
    assert told.best.response.value > 0.3 > next(one.response.value for one in told.times if one.channel == "email")
    assert told.best.response.n == 20  # ten that everybody was sent, and they were all to this person
    consent("personalization", "*", status="withdrawn")
    assert shop.contact_times.of("c1").best.response.n == 10


@pytest.mark.usefixtures("known")
def test_j03_channel_and_hour_wait_for_the_hour_that_is_answered(shop, consent, clock, write):
    consent("personalization", "*")
    for _ in range(10):  # mails of nine o'clock lie unread, those of four in the afternoon are clicked
        clock.move(hours=2)
        assert write("email").offers
        clock.move(hours=7)
        assert write("email", is_answered=True).offers
        clock.move(days=7, hours=-9)
    shop.learn(force=True)
    clock.move(hours=3)
    found = shop.contact_times.of("c1", ["email"]).best
    assert (found.local.hour, found.not_now) == (16, None)
    assert "answered_hour" in [one.value for one in found.because]
    shop.put_facts("customers", [{**C1, "preferred_hours": "morning"}])
    assert shop.contact_times.of("c1", ["email"]).best.local.hour == 10


@pytest.mark.usefixtures("known")
def test_j03_channel_and_hour_take_the_least_pressure_where_nothing_else_speaks(shop, clock, write):
    clock.move(hours=2)
    assert best(shop) == ("email", "Sun 09:00")
    write("email")  # one of two mails a week; no text yet
    found = shop.contact_times.of("c1").best
    assert (found.channel, found.because[0].value, found.pressure) == ("sms", "least_pressure", 0.25)
    write("sms")
    assert best(shop) == ("email", "Sun 09:00")
    clock.move(days=1)
    write("email")
    assert best(shop) == ("email", "Sun 09:00")  # the first mail is a week old then, and so is the text
    assert {one.not_now for one in shop.contact_times.of("c1").times} == {"capped"}


@pytest.mark.usefixtures("known")
def test_j03_channel_and_hour_heed_what_was_said_a_moment_ago(little, shop, consent, clock, write):
    clock.move(hours=2)
    with little.open_shop(shop.home, clock) as elsewhere:
        assert best(shop) == best(elsewhere) == ("email", "Sun 09:00")
        consent("marketing", "email", status="withdrawn")
        assert best(elsewhere) == ("sms", "Sun 09:00")
        assert codes(elsewhere) == {"email": "no_consent", "push": "no_consent"}
        shop.peace.mute("c1")
        assert best(elsewhere) is None
        assert codes(elsewhere)["sms"] == "muted"
        elsewhere.peace.unmute("c1")
        case = {"case_id": "k1", "customer_id": "c1", "opened_at": clock().isoformat(), "status": "open"}
        shop.put_facts("cases", [case])
        assert codes(elsewhere)["sms"] == "solve_first"
        shop.put_facts("cases", [{**case, "status": "solved", "updated_at": clock().isoformat()}])


@pytest.mark.usefixtures("known")
def test_d08_the_hour_chosen_is_one_at_which_the_message_is_allowed(shop, clock, write):
    assert write("email").no_offer is NoOffer.QUIET_HOURS
    chosen = shop.contact_times.of("c1").best
    assert chosen.not_now == "quiet_hours"
    clock.now = chosen.local
    assert write(chosen.placement).offers
    clock.now -= timedelta(microseconds=1)
    assert write("sms").no_offer is NoOffer.QUIET_HOURS


@pytest.mark.usefixtures("known")
def test_d10_interruptions_and_words_of_agents_leave_messages_less_room(shop, clock):
    for placement in ("popup", "desk", "popup", "desk"):
        made = shop.decide_requests([Request(placement, clock(), "c1", cart=("P00",), dwell_seconds=30.0)])[0]
        assert made.offers, made.no_offer
        shop.respond([Response(made.decision_id, made.decision_id, Action.CLICK, clock(), made.offers[0].product_id)])
        clock.move(days=1)
    clock.move(hours=2)
    found = shop.contact_times.of("c1").best
    assert (found.not_now, f"{found.local:%a %H:%M}") == ("capped", "Sun 08:00")  # a week after the first of four
    assert shop.contact_times.of("c1", days=2).best is None
