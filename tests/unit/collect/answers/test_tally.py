"""Tally's documented example with every type of field (tally.so/help/webhooks), and what differs from it."""

import msgspec
import pytest

RESPONSE = "tally:2wgx4n:"


@pytest.fixture
def example(sample):
    return sample("tally")


def field(example, kind):
    return next(one for one in example["data"]["fields"] if one["type"] == kind)


def test_the_published_example(heard, example):
    rows = heard("tally", example, RATING="5")
    assert {row["customer_id"] for row in rows.values()} == {"alice@example.com"}
    assert {(row["at"], row["form"], row["utm_campaign"]) for row in rows.values()} == {
        ("2023-06-28T15:00:21+00:00", "Webhook payload", "newsletter")
    }
    said = {row["question"]: (row["kind"], row["answer"] or row["rating"]) for row in rows.values()}
    assert said == {
        "Text": ("survey", "Hello"), "Number": ("survey", "10"), "Date": ("survey", "2023-06-28"), "Time": ("survey", "12:00"),
        "Multiple choice": ("survey", "In progress"), "Checkboxes": ("survey", "Swimming, Skiing"),
        "Dropdown": ("survey", "Hard"), "Multi-select": ("survey", "Surf, Golf"), "Rating": ("csat", 4),
        "Ranking": ("survey", "Pear, Apple, Banana"), "Linear scale": ("survey", "7"), "Matrix: Quality": ("survey", "Satisfied"),
        "Matrix: Speed": ("survey", "Neutral"),
    }  # fmt: skip
    stars = rows[f"{RESPONSE}question_m6L8kw"]
    assert (stars["scale"], stars["text"]) == (5, "Hello world")


def test_payments_files_and_telephones_are_not_kept(heard, example):
    kept = str(heard("tally", example))
    for left_out in ("Alice Smith", "stripe", ".png", "+32491223344", "USD", "20"):
        assert left_out not in kept.replace("2023", "")


@pytest.mark.parametrize("name", ["Linear scale", "question_wbq5L3", "LINEAR_SCALE"])
def test_a_scale_is_told_by_words_key_or_kind(heard, example, name):
    row = heard("tally", example, **{name: "nps"})[f"{RESPONSE}question_wbq5L3"]
    assert (row["kind"], row["rating"], row["scale"]) == ("nps", 7, 10)


def test_a_hidden_customer_goes_before_the_address(heard, example):
    field(example, "HIDDEN_FIELDS").update(label="customer_id", value="c9")
    assert {row["customer_id"] for row in heard("tally", example).values()} == {"c9"}


@pytest.mark.parametrize("value", [None, [], {}, True, 3, "unknown", ["unknown", 4], [None]])
def test_a_value_of_another_shape_says_nothing(heard, example, value):
    for kind in ("MULTIPLE_CHOICE", "MATRIX", "TEXTAREA", "RATING"):
        field(example, kind)["value"] = value
    rows = heard("tally", example)
    assert f"{RESPONSE}question_3qL4Gm" not in rows
    assert not [name for name in rows if "question_mBazQn" in name]
    assert (f"{RESPONSE}question_m6L8kw" in rows) == (value == 3 and value is not True)


def test_a_single_option_may_come_without_a_list(heard, example):
    field(example, "DROPDOWN")["value"] = "260c201f-1c52-4f2d-af88-78f21576bc46"
    assert heard("tally", example)[f"{RESPONSE}question_n9BqQm"]["answer"] == "Easy"


@pytest.mark.parametrize(
    ("path", "said"),
    [
        (("eventType",), "required field `eventType`"), (("data",), "required field `data`"),
        (("data", "responseId"), "required field `responseId`"), (("data", "fields"), "required field `fields`"),
    ],
)  # fmt: skip
def test_what_is_missing_is_named(heard, example, path, said):
    inside = example if len(path) == 1 else example[path[0]]
    del inside[path[-1]]
    with pytest.raises(msgspec.ValidationError, match=said):
        heard("tally", example)


def test_another_event_is_refused_by_its_name(heard, example):
    with pytest.raises(msgspec.ValidationError, match=r"'FORM_UPDATED' - at `\$.eventType`"):
        heard("tally", example | {"eventType": "FORM_UPDATED"})
