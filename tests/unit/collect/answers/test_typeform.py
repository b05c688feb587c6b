"""Typeform's documented example (typeform.com/developers/webhooks/example-payload), and what differs from it."""

import msgspec
import pytest

RESPONSE = "typeform:a3a12ec67a1365927098a606107fac15:"
RATED, OPINION, WORDS = f"{RESPONSE}WOTdC00F8A3h", f"{RESPONSE}NRsxU591jIW9", f"{RESPONSE}DlXFaesGBpoF"


@pytest.fixture
def example(sample):
    return sample("typeform")


def test_the_published_example(heard, example):
    rows = heard("typeform", example, rating="5")
    assert {row["customer_id"] for row in rows.values()} == {"abc123456"}
    assert {row["at"] for row in rows.values()} == {"2018-01-18T18:17:02+00:00"}
    assert {(row["form"], row["form_id"]) for row in rows.values()} == {("Webhooks example", "lT4Z3j")}
    said = {name.removeprefix(RESPONSE): (row["kind"], row["answer"] or row["rating"]) for name, row in rows.items()}
    assert said == {
        "JwWggjAKtOkA": ("survey", "Laura"), "KoJxDM3c6x8h": ("survey", "2005-10-15"),
        "PNe8ZKBK8C2Q": ("survey", "London, Sydney"), "Q7M2XAwY04dW": ("survey", "5"),
        "k6TP9oLGgHjl": ("survey", "London"), "RUqkXSeXBXSd": ("survey", "no"), "NRsxU591jIW9": ("survey", "2"),
        "WOTdC00F8A3h": ("csat", 3), "pn48RmPazVdM": ("survey", "4"),
    }  # fmt: skip
    stars = rows[RATED]
    assert (stars["scale"], stars["text"][:19]) == (5, "It's cold right now")
    assert stars["question"].startswith("How would you rate the weather where you currently live?")


def test_addresses_telephones_links_and_consent_are_no_answers(heard, example):
    example["form_response"]["answers"].append(
        {"type": "phone_number", "phone_number": "+4912345678", "field": {"id": "p", "type": "phone_number"}}
    )
    kept = str(heard("typeform", example))
    for left_out in ("laura@example.com", "calendly", "+4912345678", "gFFf3xAkJKsr"):
        assert left_out not in kept


@pytest.mark.parametrize(
    ("hidden", "customer"),
    [
        ({"user_id": "c1"}, "c1"), ({"Customer-ID": "c1", "email": "x@y.example"}, "c1"), ({"customer_id": 17}, "17"),
        ({"email": " Ben@Mail.example "}, "ben@mail.example"), ({"user_id": "null"}, "laura@example.com"),
        ({"user_id": "", "email": "info@shop.example"}, None), ({}, "laura@example.com"), (None, "laura@example.com"),
    ],
)  # fmt: skip
def test_the_customer_is_the_hidden_id_else_an_address(heard, example, hidden, customer):
    example["form_response"]["hidden"] = hidden
    assert {row["customer_id"] for row in heard("typeform", example).values()} == {customer}


def test_hidden_fields_are_columns_or_kept_beside_them(heard, example):
    example["form_response"]["hidden"] = {
        "user_id": "c1", "sku": "T-40", "lang": "ko", "channel": "mail", "utm_source": "spring", "rating": "9", "none": None,
    }  # fmt: skip
    row = heard("typeform", example)[OPINION]
    assert (row["product_id"], row["language"], row["channel"], row["utm_source"]) == ("T-40", "ko", "mail", "spring")
    assert row["rating"] is None
    assert "none" not in row


@pytest.mark.parametrize(
    ("scales", "kind", "rating", "scale"),
    [
        ({"readable_ref_opinion_scale": "nps"}, "nps", 2, 10), ({"NRsxU591jIW9": "7"}, "csat", 2, 7),
        ({"opinion_scale": "11"}, "csat", 2, 11), ({}, "survey", None, None), ({"opinion_scale": "1"}, "survey", None, None),
    ],
)  # fmt: skip
def test_the_merchant_says_how_far_a_scale_goes(heard, example, scales, kind, rating, scale):
    example["form_response"]["answers"][9]["field"]["ref"] = "readable_ref_opinion_scale"
    row = heard("typeform", example, **scales)[OPINION]
    assert (row["kind"], row["rating"], row["scale"]) == (kind, rating, scale)


def test_stars_of_an_unknown_scale_are_kept_without_one(heard, example):
    row = heard("typeform", example)[RATED]
    assert (row["kind"], row["rating"], row["scale"]) == ("csat", 3, None)


def test_a_question_of_kind_nps_goes_to_ten_by_itself(heard, example):
    example["form_response"]["answers"][9]["field"]["type"] = "nps"
    row = heard("typeform", example)[OPINION]
    assert (row["kind"], row["rating"], row["scale"]) == ("nps", 2, 10)


def test_of_two_ratings_none_takes_the_words(heard, example):
    rows = heard("typeform", example, rating="5", opinion_scale="10")
    assert rows[RATED]["text"] is None
    assert rows[WORDS]["text"].startswith("It's cold")


def test_a_written_other_and_a_question_without_words(heard, example):
    field = {"id": "q", "type": "multiple_choice", "ref": "why"}
    chosen = {"type": "choices", "choices": {"labels": ["Price"], "other": "smell"}, "field": field}
    example["form_response"]["answers"] = [chosen]
    (row,) = heard("typeform", example).values()
    assert (row["question"], row["answer"]) == ("why", "Price, smell")


@pytest.mark.parametrize("answers", [None, [], [{"type": "email", "email": "a@b.example", "field": {"id": "e"}}]])
def test_a_response_that_says_nothing_gives_no_rows(heard, example, answers):
    example["form_response"]["answers"] = answers
    assert heard("typeform", example) == {}


def test_somebody_who_is_still_answering_said_nothing_yet(heard, example):
    assert heard("typeform", example | {"event_type": "form_response_partial"}) == {}


@pytest.mark.parametrize(
    ("path", "said"),
    [
        (("event_type",), "required field `event_type`"), (("form_response",), "required field `form_response`"),
        (("form_response", "token"), r"required field `token` - at `\$.form_response`"),
        (("form_response", "submitted_at"), r"required field `submitted_at` - at `\$.form_response`"),
    ],
)  # fmt: skip
def test_what_is_missing_is_named(heard, example, path, said):
    inside = example
    for name in path[:-1]:
        inside = inside[name]
    del inside[path[-1]]
    with pytest.raises(msgspec.ValidationError, match=said):
        heard("typeform", example)
