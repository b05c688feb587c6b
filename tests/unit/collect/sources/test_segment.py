"""Events as Segment's clients send them."""

import unicodedata
from datetime import UTC, datetime

import msgspec
import pytest

from crosslift.collect.rows import EVENT_COLUMNS
from crosslift.collect.sources.segment import Message, decode_lines, to_rows
from crosslift.errors import BadInput

NOW = 1_700_000_000_000_000


def rows(*messages, **options):
    return [
        dict(zip(EVENT_COLUMNS, row, strict=True)) for row in to_rows([Message(**m) for m in messages], NOW, "batch")
    ]


def viewed(**given):
    return {"event": "Product Viewed", "user_id": "c1", "message_id": "m1", **given}


def test_an_event_is_read_whole():
    line = (
        '{"type":"track","event":"Product Viewed","messageId":"m1","userId":"c1","timestamp":"2024-01-01T09:00:00.25+09:00",'
        '"properties":{"sku":"A","price":2.5,"decision_id":"d1"},"context":{"channel":"app"},"unknown":[1,{}]}'
    )
    [row] = to_rows(decode_lines([(1, line)], "file"), NOW, "file")
    assert dict(zip(EVENT_COLUMNS, row, strict=True)) == {
        "message_hash": row[0],
        "name": "Product Viewed",
        "at": int(datetime(2024, 1, 1, tzinfo=UTC).timestamp()) * 1_000_000 + 250_000,
        "received_at": NOW,
        "identity": "customer:c1",
        "product_id": "A",
        "channel": "app",
        "decision_id": "d1",
        "properties": '{"decision_id":"d1","price":2.5,"sku":"A"}',
    }
    assert len(row[0]) == 16


def test_a_known_person_goes_before_an_anonymous_one():
    assert [r["identity"] for r in rows(viewed(anonymous_id="x"), viewed(user_id=None, anonymous_id="x"))] == [
        "customer:c1", "anonymous:x",
    ]  # fmt: skip


@pytest.mark.parametrize("nobody", [{}, {"user_id": ""}, {"user_id": "", "anonymous_id": ""}, {"anonymous_id": ""}])
def test_an_event_of_nobody_is_refused(nobody):
    with pytest.raises(BadInput, match="batch, event 2: an event needs userId or anonymousId"):
        rows(viewed(), {"event": "Product Viewed", **nobody})


def test_the_message_id_alone_tells_events_apart():
    first, second, other = rows(viewed(), viewed(event="Product Added"), viewed(message_id="m2"))
    assert first["message_hash"] == second["message_hash"] != other["message_hash"]


def test_without_a_message_id_the_content_tells_events_apart():
    same, again, other = rows(*(viewed(message_id=None, properties={"a": n, "b": 1}) for n in (1, 1, 2)))
    assert same["message_hash"] == again["message_hash"] != other["message_hash"]
    turned = rows(viewed(message_id=None, properties={"b": 1, "a": 1}))[0]
    assert turned["message_hash"] == same["message_hash"]


def test_an_event_without_an_id_is_the_one_that_was_collected_before_calls_had_more_fields():
    [row] = rows({"event": "Product Viewed", "user_id": "c1"})
    assert row["message_hash"].hex() == "774250d25362b6355c86a8a14d5af9ca"
    assert (
        rows({"event": "Product Viewed", "user_id": "c1", "traits": {"a": 1}})[0]["message_hash"] != row["message_hash"]
    )


def test_an_event_without_a_time_has_that_of_its_arrival():
    assert rows(viewed())[0]["at"] == NOW


def test_a_time_without_a_zone_is_utc():
    assert (
        rows(viewed(timestamp="2024-01-01T00:00:00"))[0]["at"]
        == rows(viewed(timestamp="2024-01-01T00:00:00Z"))[0]["at"]
    )


@pytest.mark.parametrize("timestamp", ["yesterday", "1704067200", "2024-02-30T00:00:00Z", "2024-01-01T25:00:00Z"])
def test_a_time_that_is_none_is_refused(timestamp):
    with pytest.raises(BadInput, match=f"batch, event 1: timestamp '{timestamp}' is no ISO 8601 instant"):
        rows(viewed(timestamp=timestamp))


def test_events_without_a_name_are_called_by_their_type():
    assert rows(viewed(event=None, type="page"))[0]["name"] == "page"


@pytest.mark.parametrize("name", [{"event": "x" * 81}, {"event": "", "type": ""}])
def test_an_event_needs_a_name_of_reasonable_length(name):
    with pytest.raises(BadInput, match="an event needs a name of at most 80 characters"):
        rows(viewed(**name))
    assert rows(viewed(event="x" * 80))[0]["name"] == "x" * 80


def test_ids_are_text_in_composed_form():
    decomposed = unicodedata.normalize("NFD", "카페é")
    [row] = rows(viewed(user_id=decomposed, properties={"product_id": decomposed}))
    assert (row["identity"], row["product_id"]) == ("customer:카페é", "카페é")
    assert rows(viewed(properties={"product_id": 85123}))[0]["product_id"] == "85123"
    assert rows(viewed(properties={"product_id": None, "sku": "00123"}))[0]["product_id"] == "00123"


def test_properties_are_kept_in_one_order_with_their_own_letters():
    [row] = rows(viewed(properties={"z": "차", "a": {"c": 1, "b": [None, True]}}))
    assert row["properties"] == '{"a":{"b":[null,true],"c":1},"z":"차"}'
    assert msgspec.json.decode(row["properties"]) == {"z": "차", "a": {"c": 1, "b": [None, True]}}


@pytest.mark.parametrize(
    "line",
    ["{", '{"event":5}', '{"properties":[]}', "[]", '"text"', '{"event":"\\ud800"}', '{"properties":' + "[" * 100_000],
)
def test_a_line_that_is_no_event_is_named(line):
    with pytest.raises(BadInput, match="file, line 7: not an event: "):
        decode_lines([(5, '{"event":"A"}'), (7, line)], "file")


def properties(**message):
    [row] = rows({"user_id": "c1", "message_id": "m1", **message})
    return row["name"], row["identity"], msgspec.json.decode(row["properties"])


def test_each_kind_of_call_keeps_what_it_says():
    traits = {"email": "c1@shop.example", "plan": "gold"}
    assert properties(type="identify", traits=traits) == ("identify", "customer:c1", {"traits": traits})
    assert properties(type="group", group_id="acme", traits={"name": "Acme"}) == (
        "group", "customer:c1", {"group_id": "acme", "traits": {"name": "Acme"}},
    )  # fmt: skip
    assert properties(type="alias", previous_id="a1") == ("alias", "customer:c1", {"previous_id": "a1"})
    assert properties(type="page", name="Guides", category="docs", properties={"path": "/guides"}) == (
        "page", "customer:c1", {"category": "docs", "name": "Guides", "path": "/guides"},
    )  # fmt: skip
    assert properties(type="screen", name="Home") == ("screen", "customer:c1", {"name": "Home"})
    assert properties(event="Product Viewed", properties={"name": "Mug"}) == (
        "Product Viewed",
        "customer:c1",
        {"name": "Mug"},
    )


@pytest.mark.parametrize(
    ("message", "why"),
    [
        ({"type": "alias", "user_id": "c1"}, "an alias call needs previousId and userId"),
        ({"type": "alias", "previous_id": "a1", "anonymous_id": "a1"}, "an alias call needs previousId and userId"),
        ({"type": "group", "user_id": "c1"}, "a group call needs groupId"),
    ],
)
def test_a_call_without_its_other_id_is_refused(message, why):
    with pytest.raises(BadInput, match=f"batch, event 1: {why}"):
        rows(message)


@pytest.mark.parametrize(
    ("message", "channel"),
    [
        ({"context": {"channel": "POS"}}, "till"),
        ({"properties": {"channel": "call center"}}, "phone"),
        ({"channel": "browser"}, "web"),
        ({"channel": "mobile"}, "app"),
        ({"channel": "server"}, None),
        ({"context": {"channel": "kiosk"}, "channel": "server"}, "kiosk"),
        ({"event": None, "type": "page"}, "web"),
        ({"event": None, "type": "screen"}, "app"),
        ({"context": {"library": {"name": "analytics.js", "version": "4"}}}, "web"),
        ({"context": {"library": {"name": "@segment/analytics-react-native"}}}, "app"),
        ({"context": {"library": {"name": "analytics-python"}}}, None),
        ({"context": {"library": "analytics.js", "channel": ""}}, None),
        ({}, None),
    ],
)
def test_the_channel_is_as_said_or_as_the_call_shows(message, channel):
    assert rows(viewed(**message))[0]["channel"] == channel


def test_names_of_the_first_version_are_those_of_the_second():
    assert rows(viewed(event="Added Product"))[0]["name"] == "Product Added"
    assert rows(viewed(event="Quiz Finished"))[0]["name"] == "Quiz Finished"


def test_an_instant_of_1970_is_one():
    assert rows(viewed(timestamp="1970-01-01T00:00:00Z"))[0]["at"] == 0
